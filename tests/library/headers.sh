#!/bin/sh
# Compiles every public header alone, as C and as C++, with each compiler that is here, without a warning.
#
#     headers.sh SOURCE
set -u

cd "$1/include" || exit 1
count=0 faults=0
try() # COMPILER LANGUAGE STANDARD...
{
    compiler=$1 language=$2
    command -v "$compiler" >/dev/null || return
    shift 2
    for standard in "$@"; do
        for header in rainbow/*.h; do
            count=$((count + 1))
            printf '#include <%s>\nextern int one_declaration;\n' "$header" | "$compiler" -x "$language" -std="$standard" -I . -Wall -Wextra -pedantic -Werror -fsyntax-only - && continue
            echo "headers.sh: $header does not compile alone with $compiler -std=$standard"
            faults=$((faults + 1))
        done
    done
}
try gcc c c99 c11 c17
try clang c c99 c11 c17
try g++ c++ c++11 c++17
try clang++ c++ c++11 c++17
[ -e rainbow/rainbow.h ] && [ $count -gt 0 ] || { echo "headers.sh: nothing was compiled"; exit 1; }
echo "headers: $count compiled, $faults faults"
[ $faults -eq 0 ]
