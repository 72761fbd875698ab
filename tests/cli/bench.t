# Benchmarks: their figures vary, so only the text around them is tested here.
$ rainbow bench --help
| usage: rainbow bench COMMAND [OPTION...]
|
| Measure the speed of the parts of a training on this machine.
|
| Each benchmark has named scenes, and also measures settings of your choice. `rainbow help bench
| learner` explains one of them. Figures of a busy machine mean little: compare medians of alternating
| runs, as bench/compare.py does.
|
| Commands:
|   learner   measure the time of one update of the learner, on made-up observations
|   env       measure steps per second of environments alone, under random actions
|   replay    measure the time to sample, update and append in replay
|   train     measure steps per second of a whole training once learning has begun
|
| Examples:
|   rainbow bench learner
|       Times one update of the learner in every scene.
|   rainbow bench env cartpole --env.count=8
|       Measures steps per second of eight CartPoles.
= 0
$ rainbow bench learner --scene cartpole --updates 3 --warmup 1 | sed 's/ .*//'
| scene
| preset
| network
| parameters
| kernels
| threads
| updates
| median
| fastest
| slowest
= 0
$ rainbow bench learner --scene minatar --updates 3 --json | grep -o '"[a-z_]*":' | paste -sd ' '
| "bench": "scene": "preset": "network": "parameters": "kernels": "threads": "updates": "median_ms": "min_ms": "max_ms":
= 0
$ rainbow bench learner cartpole --preset cartpole-dqn --agent.batch 8 --updates 3 | grep -E 'preset|network'
| preset      cartpole-dqn
| network     4 x 1 x 1, batch 8, 2 actions, 1 outputs each
= 0
$ rainbow bench learner --updates 1 --warmup 0 | awk 'NR > 2 { print $1 }'
| scene
| rainbow
| dqn
| dqn-adam
| c51
| minatar
| cartpole
= 0
$ rainbow bench learner --updates 1 --warmup 0 --json | grep -c '"median_ms"'
| 6
= 0
# The settings of the group compute count, as in a training; the command's own options come before them.
$ rainbow bench learner cartpole --compute.kernels=plain --compute.threads=1 --updates 1 --warmup 0 | grep -E '^(kernels|threads)'
| kernels     plain
| threads     1
= 0
$ rainbow bench learner cartpole --compute.threads=1 --threads 2 --kernels plain --updates 1 --warmup 0 | grep -E '^(kernels|threads)'
| kernels     plain
| threads     2
= 0
$ rainbow bench learner cartpole --compute.kernels=plain --compute.precision=bf16
! rainbow: compute.kernels = plain: they do not support compute.precision = bf16; use avx512
= 2
$ rainbow bench learner --scene rainbows
! rainbow bench learner: no scene rainbows; `rainbow help bench learner` lists them
! usage: rainbow bench learner [OPTION...]
!        rainbow bench learner ENV [OPTION...]
!        rainbow bench learner --preset PRESET [OPTION...]
= 2
$ rainbow bench learner --scene rainbow --preset dqn
! rainbow bench learner: a scene has its own environment and preset
! usage: rainbow bench learner [OPTION...]
!        rainbow bench learner ENV [OPTION...]
!        rainbow bench learner --preset PRESET [OPTION...]
= 2
$ rainbow bench learner --scene minatar --net.trunk=nature
! rainbow: net.trunk = nature: layer 3 with its window of 3x3 does not fit its input of 1x1 (the observation is 10x10); mlp fits any
= 2
$ rainbow bench learner --agent.gama=1
! rainbow: no option --agent.gama; did you mean --agent.gamma?
= 2
$ rainbow bench env --scene cartpole-8 --seconds 1 --warmup 0 --threads 1 | awk '{ print $1, $2, $3 }'
| scene envs threads
| cartpole-8 8 1
= 0
$ rainbow bench env cartpole --env.count=3 --seconds 1 --warmup 0 --json | grep -o '"[a-z_]*":' | paste -sd ' '
| "bench": "scenes": "env": "environments": "threads": "steps": "frames": "games": "seconds": "steps_per_second": "frames_per_second": "median_steps_per_second": "fastest_steps_per_second": "running_share": "queued_share": "stolen_share": "waiting_share":
= 0
$ rainbow bench env --scene breakout
! rainbow bench env: no scene breakout; `rainbow help bench env` lists them
! usage: rainbow bench env [OPTION...]
!        rainbow bench env ENV [OPTION...]
= 2
$ rainbow bench env cartpole --scene cartpole-8
! rainbow bench env: a scene has its own environment
! usage: rainbow bench env [OPTION...]
!        rainbow bench env ENV [OPTION...]
= 2
$ rainbow bench replay --scene 10k --rounds 3 | awk '{ print $1, $2, $3 }'
| scene capacity lz4
| 10k 10,000 no
= 0
$ rainbow bench replay cartpole --replay.capacity=1000 --rounds 3 --json | grep -o '"[a-z_0-9]*":' | paste -sd ' '
| "bench": "scenes": "env": "compress": "capacity": "planned_bytes": "steps": "batch": "n_step": "prioritized": "rounds": "frame_bytes": "bytes_per_frame": "times": "sample_us": "sample_min_us": "update_us": "update_min_us": "append_us": "append_min_us": "of_10000": "sample_us": "sample_min_us": "update_us": "update_min_us": "append_us": "append_min_us": "ratio": "ratio_low": "ratio_high":
= 0
$ rainbow bench replay --preset rainbow --replay.capacity=1000000000 | grep -c 'skipped: needs 7.08 TB'
| 1
= 0
$ rainbow bench replay --scene 2m
! rainbow bench replay: no scene 2m; `rainbow help bench replay` lists them
! usage: rainbow bench replay [OPTION...]
!        rainbow bench replay ENV [OPTION...]
= 2
$ TMPDIR=. rainbow bench train --scene cartpole-dqn --seconds 1 --warmup 0 | awk 'NR > 2 { print $1 }'; ls
| scene
| cartpole-dqn
= 0
$ TMPDIR=. rainbow bench train cartpole --seconds 1 --warmup 0 --json | grep -o '"[a-z_]*":' | paste -sd ' '; ls
| "bench": "scenes": "env": "preset": "environments": "kernels": "threads": "steps": "updates": "seconds": "steps_per_second": "median_steps_per_second": "fastest_steps_per_second": "updates_per_second": "running_share": "queued_share": "stolen_share": "waiting_share":
= 0
$ rainbow bench train --scene breakout
! rainbow bench train: no scene breakout; `rainbow help bench train` lists them
! usage: rainbow bench train [OPTION...]
!        rainbow bench train ENV [OPTION...]
= 2
$ rainbow bench train --seconds 0
! rainbow bench train: --seconds=0: must be a whole number, 1 or more
! usage: rainbow bench train [OPTION...]
!        rainbow bench train ENV [OPTION...]
= 2
$ rainbow bench train --scene cartpole-dqn --replay.capacity=1
! rainbow: command line: replay.capacity = 1: must be between 100 and 1,000,000,000 steps
= 2
$ rainbow bench learner --profile
! rainbow bench learner: --profile needs one scene: add --scene SCENE
! usage: rainbow bench learner [OPTION...]
!        rainbow bench learner ENV [OPTION...]
!        rainbow bench learner --preset PRESET [OPTION...]
= 2
$ rainbow bench learner --scene minatar --updates 3 --profile | awk '/^at best/ || /^floor/ || /^an update/ { print $1 } /^phase/ { on = 1 } on { print $1, $2 }' | sed 's/ [0-9.]*$//'
| at
| floor
| an
| phase, run
| forward, trunk
| forward, linear
| backward, linear
| backward, trunk
| backward, sums
| update, trunk
| update, linear
| everything else
| together
= 0
$ rainbow bench learner --scene minatar --updates 3 --profile --json | grep -o '"[a-z_]*":' | sort -u | paste -sd ' '
| "arithmetic_ms": "arithmetic_share": "bench": "kernels": "max_ms": "median_ms": "memory_gbytes": "memory_ms": "memory_share": "min_ms": "network": "parameters": "peak_gflops": "phase": "phases": "preset": "scene": "threads": "times_floor": "times_floor_least": "times_floor_most": "updates":
= 0
