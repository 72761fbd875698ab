#!/bin/sh
# Makes the Debian packages, reads what they say, unpacks them together and runs what is in them.
#
#     package.sh CPACK BUILD CC
set -u

cpack=$1 build=$2 cc=$3
for tool in dpkg-deb dpkg-shlibdeps file gzip; do
    command -v $tool >/dev/null || { echo "not run: there is no $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
    echo "package.sh: $*"
    exit 1
}

(cd "$build" && "$cpack" -G DEB -B "$work") >"$work/log" 2>&1 || { cat "$work/log"; fail "cpack fails"; }
cd "$work" || exit 1
set -- rainbow_*.deb librainbow[0-9]*_*.deb librainbow-dev_*.deb
[ $# -eq 3 ] && [ "$(ls ./*.deb | wc -l)" -eq 3 ] || fail "other packages were made than expected: $(ls ./*.deb)"
program=$1 library=$2 development=$3

says() # PACKAGE FIELD PATTERN
{
    dpkg-deb -f "$1" "$2" | grep -Eq "$3" || fail "$1: $2 is '$(dpkg-deb -f "$1" "$2")', not as '$3'"
}
for package in "$@"; do
    says "$package" Maintainer '^Rainbow developers'
    says "$package" Version '^[0-9]+\.[0-9]+\.[0-9]+-1$'
    dpkg-deb --ctrl-tarfile "$package" | tar -t | grep -q conffiles && fail "$package has configuration files"
    dpkg-deb -x "$package" root || fail "$package can't be unpacked"
done
for package in "$program" "$library"; do
    says "$package" Depends 'libc6 .*libcjson1'
    dpkg-deb -f "$package" Depends | grep -Eq 'libav|sdl' && fail "$package depends on what is opened at run time"
done
says "$program" Section '^science$'
says "$library" Section '^libs$'
says "$development" Section '^libdevel$'
says "$program" Recommends gnuplot
says "$development" Depends "^librainbow[0-9]+ \(= $(dpkg-deb -f "$program" Version)\).*libcjson-dev"
if [ -e /usr/include/SDL2/SDL.h ] && grep -q '^SDL2_FOUND:INTERNAL=1' "$build/CMakeCache.txt" && ! grep -Eq '^RB_WITHOUT:STRING=.*(sdl2|all)' "$build/CMakeCache.txt"; then
    says "$program" Recommends libsdl2
fi
dpkg-deb --ctrl-tarfile "$library" | tar -xO ./shlibs | grep -q '^librainbow ' || fail "$library has no shlibs"

for name in "${program%%_*}" "${library%%_*}" "${development%%_*}"; do
    [ -e "root/usr/share/doc/$name/copyright" ] && gzip -t "root/usr/share/doc/$name/changelog.Debian.gz" || fail "$name has no copyright or changelog"
done
gzip -cd root/usr/share/man/man1/rainbow.1.gz | grep -q '^\.TH ' || fail "there is no man page"
[ -e root/usr/share/bash-completion/completions/rainbow ] || fail "there is no completion"

# The program and the library that were unpacked, each with its own files.
root/usr/bin/rainbow --version | grep -qx "rainbow $(dpkg-deb -f "$program" Version | sed 's/-1$//')" || fail "the program does not run"
(cd root && RAINBOW_ALE_LIB=/none usr/bin/rainbow train atari/breakout 2>&1) | grep -q "$work/root/usr/share/rainbow/scripts/get-atari installs it" ||
    fail "the program does not name the packaged script"
libraries=$(dirname "$(find root -name librainbow.a)")
printf '#include <rainbow/rainbow.h>\n#include <stdio.h>\nint main(void)\n{\n    return puts(rb_rainbow_version()) < 0;\n}\n' >version.c
"$cc" -I root/usr/include version.c -o version -L "$libraries" -lrainbow && LD_LIBRARY_PATH=$libraries ./version || fail "the packaged library does not link"
if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error ./*.deb >log 2>&1 || { cat log; fail "lintian finds errors"; }
fi
exit 0
