#!/bin/sh
# Installs a build into an empty prefix and checks every file there. The source tree is not used after the installation.
#
#     install.sh CMAKE BUILD SOURCE COMPILER [EMULATOR]
set -u

cmake=$1 build=$2 source=$3 compiler=$4 emulator=${5-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
unset DESTDIR

fail()
{
    echo "install.sh: $*"
    exit 1
}

"$cmake" --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || { cat "$work/log"; fail "the installation failed"; }

# These files and no other.
{
    printf '%s\n' bin/rainbow share/man/man1/rainbow.1 share/bash-completion/completions/rainbow share/zsh/site-functions/_rainbow
    (cd "$source" && ls include/rainbow/*.h)
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
