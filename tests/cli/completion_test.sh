#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# completion_test.sh COMPLETIONS [XLSNAP]: what bash offers behind the beginning of a command. The
# commands that are asked are fakes; with XLSNAP its help is, which must be understood.
set -uo pipefail

completions=$1
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/xlsnap" <<'FAKE'
#!/bin/bash
case "$*" in
"--help")
    printf '%s\n' 'Domain snapshots' 'Usage: xlsnap [OPTIONS] SUBCOMMAND' '' 'Options:' \
        '  -h,--help                   Print this help message and exit' \
        '  -v,--verbose                say how long each step takes' \
        '  --conf TEXT                 file of settings' '' 'Commands:' \
        '  create                      take a snapshot' '  snapshot-create             the same' \
        '  revert                      take a domain back' 'footer  text' ;;
"revert --help" | "create --help")
    printf '%s\n' 'take a domain back' 'Positionals:' '  DOMAIN TEXT REQUIRED        domain' \
        'Options:' '  -n,--name TEXT              name of the snapshot' \
        '  --paused                    leave it paused' \
        '  --running Excludes: --paused' '  --disk TEXT ...             a disk' ;;
"list --names") printf '%s\n' 'g1' 'two words' ;;
"list g1 --names")
    printf '%s\n' 'before' 'before upgrade' "it's" 'say "hi"' 'a$b' '2024-01-01 10:00' 'x:y:z' \
        'back\slash' ;;
"list two words --names") echo 'other' ;;
"--conf a file list g1 --names") echo 'elsewhere' ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
FAKE
cat >"$folder/xl" <<'FAKE'
#!/bin/bash
printf 'Name                                        ID   Mem VCPUs\tState\tTime(s)\n'
echo 'Domain-0                                     0  1024     2     r-----      12.3'
echo 'g1                                           3   128     1     -b----       0.5'
echo 'a guest 7                                    4   128     1     ------       1.0'
FAKE
chmod +x "$folder/xlsnap" "$folder/xl"
PATH=$folder:$PATH

# shellcheck source=completions/xlsnap.bash
source "$completions"
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'

# ask LINE: sets COMPREPLY for a cursor at the end of the line.
ask() {
    COMP_LINE=$1 COMP_POINT=${#1}
    read -ra COMP_WORDS <<<"$1"
    [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _xlsnap
}

# offers LINE [WORD...]: whether exactly these are offered.
offers() {
    local line=$1 expected
    shift
    ask "$line"
    expected=$(printf '<%s>' "$@")
    [[ $(printf '<%s>' "${COMPREPLY[@]}") == "$expected" ]] && return
    printf 'behind [%s] bash offers %s, not %s\n' "$line" "${COMPREPLY[*]@Q}" "$expected"
    failed=1
}

offers 'xlsnap ' create snapshot-create revert
offers 'xlsnap r' revert
offers 'xlsnap explode'
offers 'xlsnap -' -h --help -v --verbose --conf
offers 'xlsnap --conf '
offers 'xlsnap --conf x re' revert
offers 'xlsnap --conf a\ file revert g1 ' elsewhere
offers 'xlsnap -v re' revert
offers 'xlsnap revert --' --name --paused --running --disk
offers 'xlsnap revert ' 'a\ guest\ 7' g1 'two\ words'
offers 'xlsnap revert --paused g' g1
offers 'xlsnap revert --running g' g1
offers 'xlsnap revert g1 be' before 'before\ upgrade'
offers 'xlsnap revert g1 before\ u' 'before\ upgrade'
offers 'xlsnap revert two\ words ' other
offers 'xlsnap revert "two words" ' other
offers 'xlsnap revert --disk xvda g1 bef' before 'before\ upgrade'
offers 'xlsnap revert g1 -n bef' before 'before\ upgrade'
offers 'xlsnap revert -n '
offers 'xlsnap revert g1 --disk '
offers 'xlsnap revert g1 before '
# Quotes of a name, and quotes that are open.
offers 'xlsnap revert g1 it' "it\\'s"
offers 'xlsnap revert g1 "it' "it's"
offers "xlsnap revert g1 'it" "it'\\''s"
offers 'xlsnap revert g1 say' 'say\ \"hi\"'
offers 'xlsnap revert g1 "say' 'say \"hi\"'
offers "xlsnap revert g1 'say" 'say "hi"'
# shellcheck disable=SC2016 # these are names
offers 'xlsnap revert g1 a' 'a\$b'
# shellcheck disable=SC2016
offers 'xlsnap revert g1 "a\$' 'a\$b'
offers 'xlsnap revert g1 ba' 'back\\slash'
offers 'xlsnap revert g1 "before u' 'before upgrade'
# Readline replaces what stands behind a ':' alone.
offers 'xlsnap revert g1 x:y' y:z
offers 'xlsnap revert g1 x:y:' z
offers 'xlsnap revert g1 2024-01-01\ 10:' 00
offers 'xlsnap revert g1 "2024-01-01 10:' '2024-01-01 10:00'

# The domain may stand behind the cursor.
COMP_LINE='xlsnap revert -n bef g1' COMP_POINT=20
COMP_WORDS=(xlsnap revert -n bef g1) COMP_CWORD=3
_xlsnap
if [[ ${COMPREPLY[*]} != 'before before\ upgrade' ]]; then
    echo "before its domain bash offers ${COMPREPLY[*]@Q}"
    failed=1
fi

# has TEXT WORD: whether the program's help was understood so far.
has() {
    [[ " ${1//$'\n'/ } " == *" $2 "* ]] && return
    printf 'the help of the program gives [%s], without %s\n' "$1" "$2"
    failed=1
}

if [[ $# -gt 1 ]]; then
    ln -sf "$2" "$folder/xlsnap"
    ask 'xlsnap '
    for verb in create revert delete monitor; do
        has "${COMPREPLY[*]}" "$verb"
    done
    ask 'xlsnap revert --'
    for option in --name --paused --disk; do
        has "${COMPREPLY[*]}" "$option"
    done
    has "$(_xlsnap_valued revert)" --name
    has "$(_xlsnap_valued create)" --overlay-directory
    if [[ $(_xlsnap_valued revert) == *--paused* ]]; then
        echo 'the help of the program: --paused has a value'
        failed=1
    fi
fi
exit "$failed"
