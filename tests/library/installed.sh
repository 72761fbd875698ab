#!/bin/sh
# Installs librainbow through DESTDIR into a prefix with spaces, moves the prefix, and builds and runs programs with it: in C and in
# C++, with pkg-config and with CMake, shared and static.
#
#     installed.sh CMAKE BUILD SOURCE CC [CXX]
set -u

cmake=$1 build=$2 source=$3 cc=$4 cxx=${5-}
command -v pkg-config >/dev/null || { echo "not run: there is no pkg-config"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LD_LIBRARY_PATH

fail()
{
    echo "installed.sh: $*"
    exit 1
}

DESTDIR="$work/stage" "$cmake" --install "$build" --prefix "/opt/a prefix" >"$work/log" 2>&1 || { cat "$work/log"; fail "the installation failed"; }
mkdir "$work/moved to"
mv "$work/stage/opt/a prefix" "$work/moved to/rain bow" || fail "nothing is in DESTDIR"
prefix="$work/moved to/rain bow"
libraries=$(dirname "$(find "$prefix" -name librainbow.a)")
export PKG_CONFIG_PATH="$libraries/pkgconfig"
[ -e "$libraries/librainbow.so" ] || fail "librainbow.so is not installed beside librainbow.a"
grep -rIl -e "$build" -e "$source" -e "$work/stage" "$libraries/pkgconfig" "$libraries/cmake" && fail "an installed file names the place where it was made"

cp "$source"/tests/library/consumer/* "$source/examples/train_in_c.c" "$work" || exit 1
cd "$work" || exit 1

runs() # PROGRAM: in an empty directory; prints "fine VERSION" and nothing else
{
    rm -rf here && mkdir here || exit 1
    (cd here && LD_LIBRARY_PATH=$libraries XDG_STATE_HOME=$work/state "$work/$1" >../out 2>&1) || { cat out; fail "$1 does not run"; }
    grep -qx "fine $(pkg-config --modversion rainbow)" out && [ "$(wc -l <out)" -eq 1 ] || { cat out; fail "$1: the library printed something, or is not the version of rainbow.pc"; }
}
links() # PROGRAM yes|no: whether it needs librainbow.so
{
    found=no
    readelf -d "$1" | grep -q 'NEEDED.*librainbow\.so\.[0-9]' && found=yes
    [ $found = "$2" ] || fail "$1: needs librainbow.so: $found, expected: $2"
}

# pkg-config quotes for a shell, which reads the words once more.
by_pkg_config() # PROGRAM COMPILER FILE PACKAGE FLAG...
{
    program=$1 compiler=$2 file=$3 package=$4
    shift 4
    eval "\"$compiler\" \"\$@\" $file -o $program $(pkg-config --cflags --libs "$package") -lm" || fail "$program does not link through pkg-config"
}
for kind in rainbow rainbow-static; do
    by_pkg_config c-$kind "$cc" use.c $kind -std=gnu11 -Wall -Wextra -Werror
    by_pkg_config example-$kind "$cc" train_in_c.c $kind -Wall -Wextra -Werror
    programs="c-$kind"
    if [ -n "$cxx" ]; then
        by_pkg_config cpp-$kind "$cxx" use.cpp $kind -Wall -Wextra -Werror
        programs="$programs cpp-$kind"
    fi
    for program in $programs; do
        [ $kind = rainbow-static ] && links "$program" no || links "$program" yes
        runs "$program"
    done
    (cd here && LD_LIBRARY_PATH=$libraries "$work/example-$kind" cartpole --run.max_steps=300) >out 2>&1 || { cat out; fail "the example fails"; }
    grep -q '^20 games: mean ' out || { cat out; fail "the example evaluates nothing"; }
done
LD_LIBRARY_PATH=$libraries ./c-rainbow needs >out
grep -qF "'$prefix/share/rainbow/scripts/get-atari'" out || { cat out; fail "the library does not name the installed script"; }
# The programs that own their loop: one learns CartPole, another plays with what it saved.
cp "$source"/examples/cartpole.h "$source"/examples/own_loop.c "$source"/examples/act.c "$source"/examples/simulator.cpp . || exit 1
by_pkg_config own_loop "$cc" own_loop.c rainbow -Wall -Wextra -Werror
by_pkg_config act "$cc" act.c rainbow -Wall -Wextra -Werror
[ -z "$cxx" ] || by_pkg_config simulator "$cxx" simulator.cpp rainbow -std=c++17 -Wall -Wextra -Werror
LD_LIBRARY_PATH=$libraries ./own_loop learned.rb 5000 >out 2>&1 # status 1: too few steps to solve it
grep -q '^5000 steps, score' out || { cat out; fail "examples/own_loop.c does not learn"; }
cp learned.rb before.rb && LD_LIBRARY_PATH=$libraries ./own_loop learned.rb 5000 >out 2>&1 # goes on from the file: nothing is left to do
cmp -s learned.rb before.rb || fail "examples/own_loop.c does not go on from its file"
LD_LIBRARY_PATH=$libraries ./act learned.rb >out 2>&1 || { cat out; fail "examples/act.c does not play with the learner's file"; }
[ "$(sed -n 's/^score //p' out)" -ge 50 ] || { cat out; fail "examples/act.c plays badly"; }
if [ -n "$cxx" ]; then # the whole training takes half a minute
    (LD_LIBRARY_PATH=$libraries ./simulator 5120 2>&1 || true) | grep -q '^5120 steps, score [0-9.]*$' || fail "examples/simulator.cpp does not run"
fi
pkg-config --static --libs rainbow | grep -q -- '-lcjson' || fail "rainbow.pc does not name what librainbow.a needs"

# A program that links the library keeps its own exit.
for name in exit _exit err; do
    nm -g --defined-only "$libraries/librainbow.a" | grep -qw "$name" && fail "librainbow.a defines $name"
done

if [ -n "$cxx" ]; then
    generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt") # cmake's own choice may need a make that is not here
    "$cmake" -G "$generator" -S . -B made -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >log 2>&1 &&
        "$cmake" --build made >>log 2>&1 || { cat log; fail "find_package(rainbow) does not work"; }
    for program in c_rainbow cpp_rainbow c_static cpp_static; do
        case $program in *static) links made/$program no ;; *) links made/$program yes ;; esac
        runs made/$program
    done
    sed 's/find_package(rainbow 0.1/find_package(rainbow 99/' CMakeLists.txt >other && mv other CMakeLists.txt
    "$cmake" -G "$generator" -S . -B other -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1 && fail "find_package(rainbow 99) finds this version"
    grep -q 'compatible with requested version "99"' log || { cat log; fail "find_package(rainbow 99) fails for another reason"; }
fi
exit 0
