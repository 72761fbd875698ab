#!/bin/sh
# Installs a build into an empty prefix and checks every file there. The source tree is not used after the installation.
#
#     install.sh CMAKE BUILD SOURCE COMPILER [EMULATOR]
set -u

cmake=$1 build=$2 source=$3 compiler=$4 emulator=${5-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/the prefix"
unset DESTDIR

version=$(sed -n 's/^#define RAINBOW_VERSION_[MP][A-Z]* \([0-9]*\)$/\1/p' "$source/include/rainbow/version.h" | paste -sd.)

fail()
{
    echo "install.sh: $*"
    exit 1
}

"$cmake" --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || { cat "$work/log"; fail "the installation failed"; }

# These files and no other, whatever directory the libraries are in.
lib=$(cd "$prefix" && find lib* -name 'librainbow.a' -exec dirname {} +)
library=
[ -z "$lib" ] || library="librainbow.a librainbow.so.$version pkgconfig/rainbow.pc pkgconfig/rainbow-static.pc
    cmake/rainbow/rainbow-config.cmake cmake/rainbow/rainbow-config-version.cmake"
{
    printf '%s\n' bin/rainbow share/man/man1/rainbow.1 share/bash-completion/completions/rainbow share/zsh/site-functions/_rainbow
    for file in $library; do echo "$lib/$file"; done
    cd "$source" && ls include/rainbow/*.h
    ls emulator/*.h emulator/*.cpp examples/*.c examples/*.cpp examples/*.h examples/*.py examples/*.md examples/cluster/* $(ls scripts/get-* | grep -v get-peers) scripts/track-wandb scripts/torch-to-safetensors scripts/common.sh | sed 's,^,share/rainbow/,'
    { ls README.md CHANGELOG.md DESIGN.md LICENSE; find docs -name '*.md' -o -name '*.png' -o -name '*.svg'; } | sed 's,^,share/doc/rainbow/,'
} | sort >"$work/expected"
(cd "$prefix" && find . -type f | sed 's,^\./,,') | sort >"$work/installed"
diff -u "$work/expected" "$work/installed" || fail "other files were installed than expected"

# The program runs in any directory.
mkdir "$work/here"
cp "$source/examples/snake.c" "$work/here" || exit 1
cd "$work/here" || exit 1
# shellcheck disable=SC2086 # the emulator is empty or a list of words
rainbow() { env -u RAINBOW_SEED $emulator "$prefix/bin/rainbow" "$@"; }
rainbow --version | grep -Eq '^rainbow [0-9]+\.[0-9]+\.[0-9]+$' || fail "rainbow --version does not print a version"
rainbow presets der >/dev/null || fail "the program does not have its presets"

# Its messages name the installed scripts, which know where their files are.
scripts=$prefix/share/rainbow/scripts
export XDG_CACHE_HOME="$work/no cache" RAINBOW_ALE_LIB= ALE_ROMS_DIR=
rainbow train atari/breakout >train 2>&1 && fail "the program plays Atari without an emulator"
grep -qF "'$scripts/get-atari' installs it" train || { cat train; fail "rainbow train atari/breakout does not name the installed script"; }
rainbow doctor >doctor 2>&1
rainbow envs >envs 2>&1
rainbow envs atari/breakout >>envs 2>&1
rainbow params wandb >params 2>&1
rainbow train cartpole --track >>params 2>&1
grep -qF "$scripts/get-gymnasium" envs || fail "rainbow envs does not name the installed script"
grep -qF "$scripts/track-wandb" params || { cat params; fail "rainbow params does not name the installed script"; }
grep -n '\./scripts/' train doctor envs params && fail "a message names a script of the source tree"
for script in get-atari get-gymnasium get-accelerator get-onnx get-optuna get-trackers track-wandb; do
    "$scripts/$script" --help >help 2>&1 || { cat help; fail "$script --help fails"; }
    grep -qF "$scripts/$script" help || fail "$script --help does not name itself"
done
bash -c '. "$1/common.sh" && [ -e "$rainbow_root/emulator/ale_shim.cpp" ]' bash "$scripts" || fail "the scripts do not find the emulator's shim"
unset XDG_CACHE_HOME RAINBOW_ALE_LIB ALE_ROMS_DIR

# The installed headers include no other header of the tree, and a custom environment needs nothing else.
for header in "$prefix"/include/rainbow/*.h; do
    echo "#include <rainbow/${header##*/}>"
done >all.c
"$compiler" -std=c17 -fsyntax-only -I "$prefix/include" all.c || fail "the installed headers do not compile"
"$compiler" -O2 -shared -fPIC -I "$prefix/include" snake.c -o snake.so || fail "snake.c does not compile with the installed headers"
rainbow check ./snake.so >check 2>&1 || { cat check; fail "the installed program finds a fault in ./snake.so"; }
grep -q '^Nothing breaks the contract' check || { cat check; fail "rainbow check ./snake.so has no verdict"; }

# The man page has a line for every command that the program lists, and the completion knows each of them.
rainbow --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' >commands
[ "$(wc -l <commands)" -ge 15 ] || fail "rainbow --help lists only $(wc -l <commands) commands"
sed 's/\\f[A-Z]//g; s/\\-/-/g' "$prefix/share/man/man1/rainbow.1" >man
grep -q '^\.TH ' man || fail "rainbow.1 is not a man page"
while read -r command; do
    grep -Eq "^(\.[A-Z]+ )?\"?(rainbow )?$command( |\"|\$)" man || fail "the man page does not name the command $command"
    for page in share/bash-completion/completions/rainbow share/zsh/site-functions/_rainbow; do
        grep -qw "$command" "$prefix/$page" || fail "$page does not name the command $command"
    done
done <commands
head -n 1 "$prefix/share/zsh/site-functions/_rainbow" | grep -q '^#compdef rainbow' || fail "_rainbow does not begin with #compdef"
for shell in bash zsh; do
    command -v $shell >/dev/null || continue
    page=share/bash-completion/completions/rainbow
    [ $shell = bash ] || page=share/zsh/site-functions/_rainbow
    $shell -n "$prefix/$page" || fail "$page is not valid in $shell"
done
exit 0
