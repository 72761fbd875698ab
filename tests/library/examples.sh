#!/bin/sh
# The examples that use the library, built with a sanitizer, run to their ends: what a sanitizer finds fails.
#
#     examples.sh DIRECTORY        of the programs
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_STATE_HOME="$work/state"

# A program's status is 0, or 1 where too few steps were asked for to solve the task; a sanitizer's is another.
runs() # STATUS PATTERN PROGRAM ARGUMENT...
{
    wanted=$1 pattern=$2 program=$3
    shift 3
    ASAN_OPTIONS=exitcode=66:detect_leaks=1 UBSAN_OPTIONS=exitcode=66 TSAN_OPTIONS=exitcode=66 "$directory/example_$program" "$@" >out 2>&1
    status=$?
    [ $status -eq "$wanted" ] && { [ -z "$pattern" ] || grep -q "$pattern" out; } && return
    cat out
    echo "examples.sh: $program: status $status, expected $wanted and a line like $pattern"
    exit 1
}
case $1 in /*) directory=$1 ;; *) echo "examples.sh: $1 is no absolute path"; exit 1 ;; esac
runs 1 '^2500 steps, score' own_loop learned.rb 2500
runs 1 '' own_loop learned.rb 2500 # goes on from the file: nothing is left to do
runs 0 '^score ' act learned.rb
runs 0 '^20 games: mean ' train_in_c cartpole --run.max_steps=300
[ ! -x "$directory/example_simulator" ] || runs 1 '^5120 steps, score' simulator 5120
exit 0
