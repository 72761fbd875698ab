# Custom environments. The example is built by the command at its top, passes the check, and learns.
$ ln -s $SOURCE/include $SOURCE/examples . && sh -c "$(sed -n 's,^// *\(cc .*\),\1,p' examples/snake.c)" && ls *.so && test $(wc -l < examples/snake.c) -lt 100
| snake.so
= 0
$ rainbow check ./snake.so --json | grep -o '"verdict":.*"' | sort | uniq -c | sed 's/^ *//'
| 1 "verdict":	"note"
| 10 "verdict":	"pass"
= 0
$ rainbow check ./snake.so | tail -1
| Nothing breaks the contract (10 checks).
= 0
$ rainbow envs ./snake.so
|   ./snake.so
|
|   observation  3 x 6 x 6 bytes, stacked by 1
|   actions      4
|   time limit   200 steps
|   screen       96 x 96
|   resumes      exactly
= 0
$ rainbow train ./snake.so --env.options=4 --run.name=s --run.max_steps=15000 --explore.steps=5000 --agent.update_every_steps=2 --eval.every_steps=0 --eval.episodes=1 2>/dev/null | head -1
| runs/default/s
= 0
$ grep -E '^(env|options) =|^run.env|preset =' runs/default/s/config.ini
| env = "./snake.so"
| preset = "general"
| options = "4"
= 0
$ rainbow eval runs/default/s --episodes 20 --epsilon 0.05 --json | awk '/"mean"/ {print ($2 + 0 > 2 ? "eats" : "starves at " $2)}'
| eats
= 0
$ rainbow train --resume runs/default/s --run.max_steps=15100 2>/dev/null | head -1
| runs/default/s
= 0
$ rainbow train /$PWD/snake.so --run.max_steps=200 --agent.start_steps=100 --eval.episodes=1 2>/dev/null | head -1
| runs/default/snake-general-s1
= 0
# The path is relative to the current directory.
$ mkdir elsewhere && cd elsewhere && rainbow eval ../runs/default/s
! rainbow: ./snake.so: there is no such file (paths are relative to the directory in which rainbow is started)
= 1
$ mv snake.so moved.so; rainbow train --resume runs/default/s --run.max_steps=15200; mv moved.so snake.so
! rainbow: ./snake.so: there is no such file (paths are relative to the directory in which rainbow is started)
= 0
$ rainbow train snake.so
! rainbow: unknown environment 'snake.so': did you mean './snake.so'? (`rainbow envs` lists all)
= 2
$ rainbow train ./snake.so --env.options=3
! rainbow: ./snake.so: create: a board's side is from 4 to 32
= 1
$ rainbow train cartpole --env.options=3
! rainbow: env.options = 3: cartpole takes no options; only environments in shared objects do
= 2

# Violations of the contract, and environments that end the checking process.
$ cc -shared -fPIC -I include $SOURCE/tests/own/faulty_env.c -o faulty.so -lm
= 0
$ rainbow check ./faulty.so --steps=500 | sed '/^A step/d; s/[0-9.-]*[0-9]/N/g'
| ./faulty.so
|
|   pass         spec             N x N x N floats, stacked by N; N actions
|   pass         steps            N random steps
|   pass         observation      complete, finite, and the same on a second call
|   pass         same seed        two instances play the same games
|   pass         render           complete, and the same on a second call
|   pass         save and load    N of N restores continued exactly; N bytes
|   pass         bad states       half a state and a full disk are reported as errors
|   pass         independent      alternating instances and instances on N threads play like one alone
|   pass         reset            works after N games and in the middle of others
|   note         starts           N games begin with N different observations
|   pass         memory           does not grow over N games
|
| N random steps: N games, mean return N (N to N), mean length N steps.
| Nothing breaks the contract (N checks).
= 0
$ rainbow check ./faulty.so --env.options=static_state | grep FAIL | cut -c 1-78
|   FAIL         save and load    3 of 10 restores continued exactly; into an in
|   FAIL         independent      an instance plays differently when alternating
= 0
$ rainbow check ./faulty.so --env.options=exits
| ./faulty.so
|
|   pass         spec             4 x 1 x 1 floats, stacked by 1; 2 actions
|   FAIL         steps            step 4, action 1: ./faulty.so: step: called exit(3), which would have ended the program; a function that fails must end with `return rb_env_fail(error, "why")`
| 1 of 2 checks failed.
= 1
$ rainbow check ./faulty.so --env.options=aborts | grep FAIL
|   FAIL         alive            it crashed (Aborted) during step
= 0
$ rainbow check ./faulty.so --env.options=nan_reward --json | grep -A2 '"steps",'
| 			"what":	"steps",
| 			"verdict":	"fail",
| 			"found":	"step 4: the reward is NaN"
= 0
$ rainbow check ./faulty.so --env.options=no_actions
! rainbow: ./faulty.so: spec: it has 0 actions: must be from 1 to 65536
= 1
$ rainbow check ./faulty.so --env.options=fails_silently | grep returned
|   FAIL         steps            step 4, action 1: ./faulty.so: step: returned status 8 without a message; a function that fails must end with `return rb_env_fail(error, "why")`
= 0
$ rainbow train ./faulty.so --run.name=nan --env.options=nan_reward --eval.every_steps=0 2>&1 | tail -1
| rainbow: step 4: environment 0: ./faulty.so returned a reward that is not a finite number
= 0
$ rainbow train ./faulty.so --run.name=nan2 --env.options=nan_observation --eval.every_steps=0 2>&1 | tail -1
| rainbow: step 4: environment 0: ./faulty.so: value 1 of an observation is NaN; all must be finite
= 0
$ cc -shared -fPIC -I include -DFAULT_VERSION $SOURCE/tests/own/faulty_env.c -o old.so -lm && rainbow train ./old.so
! rainbow: ./old.so: was built for version 9 of the environment interface, but this program has version 3: build it with this program's rainbow/env.h and .abi = RB_ENV_ABI
= 1
$ rainbow train ./missing.so
! rainbow: ./missing.so: there is no such file (paths are relative to the directory in which rainbow is started)
= 1
$ rainbow train ./include/rainbow/env.h
! rainbow: ./include/rainbow/env.h: is not a shared object (cc -shared -fPIC makes one from a C file)
= 1
$ rainbow check
! rainbow check: no environment is named; `rainbow envs` lists them
! usage: rainbow check ENV [OPTION...]
= 2
$ rainbow check ./faulty.so --steps=0
! rainbow check: --steps=0: must be a whole number, 1 or more
! usage: rainbow check ENV [OPTION...]
= 2
$ rainbow check cartpol
! rainbow: unknown environment 'cartpol': did you mean 'cartpole'? (`rainbow envs` lists all)
= 2

# Code that a run's config.ini or --config names runs only if this user has chosen it: typed before, or confirmed with --trust.
$ rm -r $XDG_STATE_HOME; rainbow eval runs/default/s --episodes 1 2>&1 | sed "s,$PWD,HERE,"
| rainbow: runs/default/s/checkpoints/step_000000015100/config.ini: run.env = ./snake.so would load the shared object HERE/snake.so, which you have never chosen yourself; if you trust it, repeat the command with --trust
= 0
$ rainbow train --resume runs/default/s --run.max_steps=15300 --quiet 2>&1 | sed "s,$PWD,HERE,"; for command in "export --onnx x.onnx" "record -o x.mp4" frames; do rainbow $command runs/default/s; done 2>&1 | grep -c -e --trust; for command in "bench env" "bench learner" train check play frames; do rainbow $command --config runs/default/s/config.ini; done 2>&1 | grep -c -e --trust
| rainbow: runs/default/s/config.ini: run.env = ./snake.so would load the shared object HERE/snake.so, which you have never chosen yourself; if you trust it, repeat the command with --trust
| 3
| 4
= 0
$ rainbow eval runs/default/s --episodes 1 --trust | tail -1 | cut -c 1-5; rainbow eval runs/default/s --episodes 1 | tail -1 | cut -c 1-5; sed "s,$PWD,HERE," $XDG_STATE_HOME/rainbow/trusted
| mean 
| mean 
| env HERE/snake.so
= 0
$ mkdir sent && cp -r runs/default/s sent && cp snake.so sent && sed -i 's,^env = .*,env = sent/snake.so,' sent/s/config.ini sent/s/checkpoints/*/config.ini && rainbow eval sent/s 2>&1 | sed "s,$PWD,HERE,"
| rainbow: sent/s/checkpoints/step_000000015100/config.ini: run.env = sent/snake.so would load the shared object HERE/sent/snake.so, which you have never chosen yourself; if you trust it, repeat the command with --trust
= 0

# Games without an end: evaluations cut them, and say so.
$ cc -shared -fPIC -I $SOURCE/include $SOURCE/tests/own/endless_env.c -o endless.so
= 0
$ rainbow train ./endless.so --run.name=endless --run.max_steps=200 --agent.start_steps=150 --eval.episodes=3 --eval.every_steps=100 --net.mlp=8 --net.hidden=8 --compute.threads=1 2>&1 | grep limit
| rainbow: ./endless.so has no time limit; evaluations cut its games after 27,000 steps (eval.max_episode_steps sets another limit)
| rainbow: warning: evaluation at step 100: 3 of 3 games were cut after 27,000 steps, because ./endless.so has no time limit; eval.max_episode_steps sets one for evaluations, env.max_episode_steps for training, too
= 0
$ tail -2 runs/default/endless/eval.csv | cut -d, -f1,3-6
| 100,3,27000,0,27000
| 200,3,27000,0,27000
= 0
$ rainbow eval runs/default/endless --episodes 2 --json | grep -o '"cut".*'
| "cut":	2,
! rainbow: 2 of 2 games were cut after 27000 steps, because the environment has no time limit; --max-episode-steps sets one
= 0
$ rainbow eval runs/default/endless --episodes 2 --max-episode-steps 50 | grep game
| game   1  score         50  steps 50
| game   2  score         50  steps 50
| mean 50.00  std 0.00  max 50  min 50  median 50  games 2
= 0
$ rainbow train ./endless.so --run.name=limited --run.max_steps=200 --agent.start_steps=150 --eval.episodes=3 --eval.max_episode_steps=40 --net.mlp=8 --net.hidden=8 --compute.threads=1 2>&1 | grep -c 'no time limit'
| 0
= 1
$ rainbow eval runs/default/limited --episodes 2 | grep game
| game   1  score         40  steps 40
| game   2  score         40  steps 40
| mean 40.00  std 0.00  max 40  min 40  median 40  games 2
= 0
# Large returns that are all the same have a picture, too; rewards that the learner's floats can't square are refused.
$ rainbow train ./endless.so --env.options=1e6 --run.name=large --run.max_steps=300 --agent.start_steps=150 --eval.episodes=3 --env.max_episode_steps=20 --net.mlp=8 --net.hidden=8 --compute.threads=1 --quiet >/dev/null 2>&1; grep -m 1 yrange runs/default/large/plots/curves.gp; command -v gnuplot >/dev/null && ! test -s runs/default/large/plots/curves.svg && echo no picture
| set yrange [19980000:20020000]
= 1
$ rainbow train ./endless.so --env.options=1e39 --run.name=huge --run.max_steps=300 --env.max_episode_steps=20 --quiet >/dev/null
! rainbow: warning: nothing will be learned: the first update comes after agent.start_steps = 1000 steps, but run.max_steps = 300
! rainbow: warning: the run is saved at step 1; `rainbow train --resume runs/default/huge` resumes it there
! rainbow: step 0: environment 0: ./endless.so returned the reward 1e+39 in step 1 of a game; the learner's reward must be within +-1e+18, whose square a float holds: a smaller env.reward_scale, or env.reward = sign, makes it so
= 1
$ rainbow eval runs/default/limited --episodes 1 --python /there
! rainbow: --python = /there: ./endless.so needs no Python; only gym/ID does
= 2
$ rainbow eval runs/default/limited --max-episode-steps -1
! rainbow: --max-episode-steps: eval.max_episode_steps = -1: must be between 0 and 1,000,000,000 steps
= 2

# An object may report lost lives, so atari.life_loss acts on it; no other setting of Atari games does.
$ rainbow train $OWN/faulty.so --atari.life_loss=terminal --atari.size=42 --env.options=lives --run.max_steps=100 --run.name=lived --eval.enabled=false --plot.enabled=false 2>&1 >/dev/null | grep -o 'atari.*no effect'
| atari.size = 42 has no effect
= 0

# Action masks: reported by check, envs, the first lines of a training and the export; ignored on request.
$ cc -O2 -shared -fPIC -I include examples/reversi.c -o reversi.so && rainbow check ./reversi.so | grep -E 'masks|contract'
|   pass         masks            5.34 of 36 actions are allowed on average; the same on a second call
| Nothing breaks the contract (11 checks).
= 0
$ rainbow envs ./reversi.so | grep -E 'masks|resumes'
|   masks        the allowed actions are reported in every state (env.masks)
|   resumes      exactly
= 0
$ rainbow train ./reversi.so --run.name=masked --run.max_steps=300 --agent.start_steps=150 --eval.episodes=3 --net.hidden=8 --compute.threads=1 --quiet >/dev/null && rainbow export runs/default/masked --onnx masked.onnx | grep input
| input   "Image Sequence"  uint8 N x 2 x 6 x 6
| input   "Action Mask"     uint8 N x 36
= 0
$ rainbow train ./reversi.so --run.name=more --run.max_steps=300 --agent.start_steps=150 --eval.episodes=3 --net.hidden=8 --compute.threads=1 2>&1 | grep -o 'action masks.*'
| action masks of 36 actions
= 0
$ rainbow train ./reversi.so --run.name=plain --env.masks=false --run.max_steps=300 --agent.start_steps=150 --eval.episodes=3 --net.hidden=8 --compute.threads=1 2>&1 | grep -c 'action masks'
| 0
= 1
$ rainbow train ./snake.so --run.name=none --env.masks=false --run.max_steps=300 --agent.start_steps=150 --eval.enabled=false --net.hidden=8 --compute.threads=1 2>&1 | grep -i masks
| rainbow: warning: env.masks = false has no effect: ./snake.so reports no action masks
= 0
$ cc -shared -fPIC -I include -DWITH_MASK $SOURCE/tests/own/faulty_env.c -o masked_env.so -lm && rainbow train ./masked_env.so --run.name=faulty_mask --env.options=mask_empty --run.max_steps=300 --agent.start_steps=150 --compute.threads=1 --quiet >/dev/null
! rainbow: warning: the run is saved at step 5; `rainbow train --resume runs/default/faulty_mask` resumes it there, with a new game where an environment failed
! rainbow: step 4: environment 0: ./masked_env.so: step 5 of a game: its mask allows none of the 2 actions: must allow at least one until the game has terminated
= 1
$ rainbow check ./masked_env.so --env.options=mask_value | grep -i 'mask has'
|   FAIL         steps            step 4, action 1: its mask has the value 3 for action 1: must be 1 (allowed) or 0 (forbidden)
= 0
$ cc -shared -fPIC -I include $SOURCE/tests/own/faulty_env.c -o changes.so -lm && rainbow train ./changes.so --run.name=changes --run.max_steps=300 --agent.start_steps=150 --eval.enabled=false --compute.threads=1 --quiet >/dev/null; mv masked_env.so changes.so; rainbow train --resume runs/default/changes --run.max_steps=400 --quiet
! rainbow: the checkpoint does not fit this run's settings: runs/default/changes/checkpoints/step_000000000300/state.rb: ./changes.so: it reports action masks now, but reported none when the checkpoint was written; resume with the environment that the run was trained on
= 1
