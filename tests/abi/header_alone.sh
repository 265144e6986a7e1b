#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
#
# header_alone.sh STAGE HEADER COMPILER OPTION...: an installed header compiles as the first and
# only one of a file, without a warning.
set -euo pipefail

stage=$1 header=$2
shift 2
"$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$stage/include" - <<<"#include <$header>"
