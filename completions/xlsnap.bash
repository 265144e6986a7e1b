# SPDX-License-Identifier: LGPL-2.1-only
# shellcheck shell=bash
#
# Completion of xlsnap for bash: verbs, options, domains, names of snapshots. What there is, xlsnap
# itself says, so that nothing here grows old:
#   xlsnap --help                the verbs, in the section "Commands:"
#   xlsnap VERB --help           the options; one behind which a word in capitals stands has a value
#   xlsnap list --names          the domains that have snapshots, one a line
#   xlsnap list DOMAIN --names   the snapshots of a domain, one a line
#   xl list                      the domains that run
# Needs nothing of the package bash-completion.

# _xlsnap_split LINE: the words of the command line as the shell would take them, in _xlsnap_words, and
# the quote that is open in the last, in _xlsnap_quote. _xlsnap_kept is the part of the last word that
# readline leaves alone: up to a quote that is open, or up to a word break such as the ':' of a time.
# (The shell's own COMP_WORDS are split at these.)
_xlsnap_split() {
    local line=$1 word='' before_quote='' in_word=0 char i
    _xlsnap_words=() _xlsnap_quote='' _xlsnap_kept=''
    for ((i = 0; i < ${#line}; i++)); do
        char=${line:i:1}
        if [[ $_xlsnap_quote == '' && $char == [$' \t'] ]]; then
            ((in_word)) && _xlsnap_words+=("$word")
            word='' _xlsnap_kept='' in_word=0
            continue
        fi
        in_word=1
        if [[ $char == "\\" && $_xlsnap_quote != "'" ]]; then
            i=$((i + 1))
            # Between double quotes a backslash is one before most characters.
            [[ $_xlsnap_quote == '"' && ${line:i:1} != [\"\\\$\`] ]] && word+=$char
            word+=${line:i:1}
        elif [[ $_xlsnap_quote != '' && $char == "$_xlsnap_quote" ]]; then
            _xlsnap_quote=''
        elif [[ $_xlsnap_quote == '' && $char == [\"\'] ]]; then
            _xlsnap_quote=$char before_quote=$word
        else
            word+=$char
            [[ $_xlsnap_quote == '' && $COMP_WORDBREAKS == *"$char"* ]] && _xlsnap_kept=$word
        fi
    done
    _xlsnap_words+=("$word")
    [[ $_xlsnap_quote != '' ]] && _xlsnap_kept=$before_quote
}

# _xlsnap_quoted TEXT: as it must be typed, behind the quote that is open.
_xlsnap_quoted() {
    local text=$1
    case $_xlsnap_quote in
    \') printf '%s' "${text//\'/\'\\\'\'}" ;;
    \") printf '%s' "$text" | sed 's/[\\"$`]/\\&/g' ;;
    *) printf '%q' "$text" ;;
    esac
}

# _xlsnap_offer: each line of the input that begins with what was typed so far.
_xlsnap_offer() {
    local typed=${_xlsnap_words[-1]} line
    while IFS= read -r line; do
        [[ $line != '' && $line == "$typed"* ]] &&
            COMPREPLY+=("$(_xlsnap_quoted "${line#"$_xlsnap_kept"}")")
    done
}

_xlsnap_verbs() {
    xlsnap --help 2>/dev/null | sed -n '/^Commands:/,$ s/^  \([a-z][a-z-]*\) .*/\1/p'
}

# _xlsnap_options VERB: the names alone; _xlsnap_valued VERB: of those that have a value.
_xlsnap_options() {
    xlsnap ${1:+"$1"} --help 2>/dev/null | sed -n 's/^ *\(-[^ ]*\).*/\1/p' | tr ',' '\n'
}
_xlsnap_valued() {
    xlsnap ${1:+"$1"} --help 2>/dev/null | sed -n 's/^ *\(-[^ ]*\) [A-Z][A-Z].*/\1/p' | tr ',' '\n'
}

# _xlsnap_names [DOMAIN]: of its snapshots, or of all domains that have some.
_xlsnap_names() {
    xlsnap "${settings[@]}" list "$@" --names 2>/dev/null
}

_xlsnap_domains() {
    {
        _xlsnap_names
        # A name may have blanks: it ends before the numbers.
        xl list | sed -n '2,$ s/ *[0-9]\{1,\}  *[0-9]\{1,\}  *[0-9]\{1,\}  *[-a-z]\{6\}  *[0-9.]*$//p' |
            grep -vx 'Domain-0'
    } 2>/dev/null | sort -u
}

# _xlsnap_place: looks at the words before the last. In `verb` the verb; in `option` an option whose
# value the last word is; in `arguments` the words that belong to no option; in `settings` the file of
# settings as an option, if one is named.
_xlsnap_place() {
    local word valued=none
    verb='' option='' arguments=() settings=()
    for word in "${_xlsnap_words[@]:1:${#_xlsnap_words[@]}-2}"; do
        if [[ $option != '' ]]; then
            [[ $option == --conf ]] && settings=(--conf "$word")
            option=''
        elif [[ $word == -* ]]; then
            [[ $valued == none ]] && valued=$(_xlsnap_valued "$verb")
            [[ $'\n'$valued$'\n' == *$'\n'"$word"$'\n'* ]] && option=$word
        elif [[ $verb == '' ]]; then
            verb=$word valued=none
        else
            arguments+=("$word")
        fi
    done
}

# Without anything to offer bash completes file names.
_xlsnap() {
    local _xlsnap_words _xlsnap_quote _xlsnap_kept verb option arguments settings
    COMPREPLY=()
    _xlsnap_split "${COMP_LINE:0:COMP_POINT}"
    _xlsnap_place
    if [[ $option == '-n' || $option == '--name' ]]; then
        # The domain often comes behind its snapshot's name.
        local domain=${arguments[0]:-${COMP_WORDS[COMP_CWORD + 1]:-}}
        [[ $domain != '' ]] && _xlsnap_offer < <(_xlsnap_names "$domain")
    elif [[ $option != '' ]]; then
        return
    elif [[ ${_xlsnap_words[-1]} == -* ]]; then
        _xlsnap_offer < <(_xlsnap_options "$verb")
    elif [[ $verb == '' ]]; then
        _xlsnap_offer < <(_xlsnap_verbs)
    elif ((${#arguments[@]} == 0)); then
        _xlsnap_offer < <(_xlsnap_domains)
    elif ((${#arguments[@]} == 1)); then
        _xlsnap_offer < <(_xlsnap_names "${arguments[0]}")
    fi
}

complete -o default -F _xlsnap xlsnap
