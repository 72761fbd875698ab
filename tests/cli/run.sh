#!/bin/sh
# Plays a transcript of the command line and shows where the program no longer does what stands in it.
#
#     run.sh [--update] RAINBOW TRANSCRIPT.t
#
# A transcript holds:
#     # a comment, and empty lines      kept as they are
#     $ rainbow ...                     a line for sh; `rainbow` is the program, $SOURCE the project's tree,
#                                     $OWN the folder of the environments that tests/own makes
#     | text                            what it wrote to standard output
#     ! text                            what it wrote to standard error
#     = 2                               its exit status
# All commands of a transcript run one after the other in one empty directory. --update writes down what happens now; read the
# difference before keeping it.
set -u

update=no
if [ "$1" = --update ]; then
    update=yes
    shift
fi
program=$(realpath "$1")
transcript=$(realpath "$2")
SOURCE=$(dirname "$(dirname "$(dirname "$transcript")")")
export SOURCE
unset TERM RAINBOW_SEED ALE_ROMS_DIR NO_COLOR LC_ALL LC_CTYPE LANG DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER

work=$(mktemp -d)
export XDG_STATE_HOME="$work/state"
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/here"
ln -s "$program" "$work/bin/rainbow"
pty=$(dirname "$program")/tests/cli/pty # runs a command on a terminal and looks at its screen
[ -x "$pty" ] && ln -s "$pty" "$work/bin/pty"
PATH=$work/bin:$PATH
OWN=$(dirname "$program")/tests/own
export PATH OWN
# Signals reach a sanitized program as they do a user's.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0:handle_sigfpe=0"

while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '#'* | '') printf '%s\n' "$line" ;;
    '$ '*)
        printf '%s\n' "$line"
        (cd "$work/here" && sh -c "${line#\$ }" >"$work/out" 2>"$work/err" </dev/null)
        status=$?
        # A last line without its end would hide in the next one.
        awk '{ print ($0 == "" ? "|" : "| " $0) }' "$work/out"
        awk '{ print ($0 == "" ? "!" : "! " $0) }' "$work/err"
        printf '= %s\n' "$status"
        ;;
    esac
done <"$transcript" >"$work/now"

if [ $update = yes ]; then
    cp "$work/now" "$transcript"
    exit 0
fi
diff -u --label expected --label happened "$transcript" "$work/now"
