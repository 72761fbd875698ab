# shellcheck shell=bash
# What the studies share. Each study's `run` sources this with its own arguments, queues its trainings, and works them off:
#
#     . "$(dirname "$0")/../common.sh"
#     queue NAME ENVIRONMENT OPTION...      a training of this study; its directory is DIRECTORY/STUDY/NAME
#     work                                  trains what is queued, and brings results/ and its pictures up to date
#
# A training has one thread, and JOBS (2) run side by side. One that has ended then plays the games of `games` (options of `rainbow eval`) with its
# last weights. What has ended is left as it is, and what was stopped goes on, so a study can be stopped at any time and called again.
#
#     studies/STUDY/run [DIRECTORY]         where the runs go; default: runs
#       RAINBOW=FILE                        the program; default: build/release/rainbow
#       JOBS=N                              how many trainings side by side; default: 2
#       SEEDS="1 2"                         only these seeds, of those that the study has
#       ONLY=REGEX                          only trainings whose names match this extended regular expression
#       MISSING=1                           only trainings whose weights results/runs.csv does not have
#       UNTIL=SECONDS                       stop at this time (seconds since 1970), with everything saved
#       LIST=1                              print the trainings, one a line, and train none
#
# Status: 0, 75 if it stopped before all was made, 1 if a training failed.
# results/runs.csv has a row for each training that has ended, with the program that made it; evaluations.csv and training.csv have their curves.
set -euo pipefail
CDPATH= cd -- "$(dirname "${BASH_SOURCE[0]}")/.."
study=$(basename "$(dirname "$0")")
rainbow=$(realpath "${RAINBOW:-build/release/rainbow}")
root=$(realpath -m "${1:-runs}")
games="--episodes 100 --epsilon 0"
queued=()

# seeds 1 2 3: those of them that SEEDS wants
seeds()
{
    local seed
    for seed in "$@"; do
        [[ -n ${SEEDS-} && " $SEEDS " != *" $seed "* ]] || echo "$seed"
    done
}

queue()
{
    [[ $1 =~ ${ONLY:-} ]] || return 0
    if [[ -n ${MISSING-} ]] && awk -F, -v name="$1" '$1 == name && $14 != "" { found = 1 } END { exit !found }' "studies/$study/results/runs.csv" 2>/dev/null; then
        return 0
    fi
    queued+=("$(printf '%q ' "$@")")
}

# One training, then its games, whose scores are in its games.json.
train_one() # NAME ENVIRONMENT OPTION...
{
    local name=$1 run=$root/$study/$1 left=1000000
    shift
    [[ ! -f $run/games.json ]] || return 0
    if [[ -n ${UNTIL-} ]]; then left=$(((UNTIL - $(date +%s)) / 60)); fi
    ((left > 0)) || return 75
    if [[ ! -f $run/end.json ]]; then
        echo "machine: $machine"
        echo "command: rainbow train ${*//"$root"/DIRECTORY}"
        "$rainbow" train "$@" --run.root="$root" --run.group="$study" --run.name="$name" --resume-if-present --compute.threads=1 \
            --run.time_limit_minutes="$left" --checkpoint.keep=1 --plot.enabled=false --tensorboard.enabled=false || return
    fi
    # shellcheck disable=SC2086 # a list of options
    "$rainbow" eval "$run" $games --seed 1000 --json >"$run/games.part" && mv "$run/games.part" "$run/games.json"
}

# What xargs calls: a training that fails does not stop the others.
train_line() # the words of a training, quoted, as one
{
    local status=0
    eval "train_one $1" >>"$root/$study/${1%% *}.log" 2>&1 || status=$?
    case $status in
    0) ;;
    75) touch "$root/$study/stopped" ;;
    *) touch "$root/$study/failed"
        echo "$study: ${1%% *}: failed, status $status (see $root/$study/${1%% *}.log)" >&2 ;;
    esac
}

work()
{
    if [[ -n ${LIST-} ]]; then
        [[ ${#queued[@]} -eq 0 ]] || printf "$study: rainbow train %s\n" "${queued[@]#* }"
        exit 0
    fi
    mkdir -p "$root/$study"
    rm -f "$root/$study"/{stopped,failed}
    machine="$(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo); $("$rainbow" --version); $(sha256sum "$rainbow" | cut -c 1-16)"
    export -f train_one train_line
    export rainbow root study games machine
    [[ ${#queued[@]} -eq 0 ]] || printf '%s\0' "${queued[@]}" | xargs -0 -P "${JOBS:-2}" -I {} bash -c 'train_line "$1"' train {}
    studies/tables "$study" "$root/$study"
    local picture
    for picture in "studies/$study"/results/*.svg; do
        [[ ! -e $picture ]] || docs/pictures/make --rainbow "$rainbow" "$picture" >/dev/null
    done
    [[ ! -f $root/$study/stopped ]] || exit 75
    [[ ! -f $root/$study/failed ]] || exit 1
}
