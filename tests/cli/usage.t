# Help, version, and the response to unknown words.
$ rainbow --version
| rainbow 0.1.0
= 0
$ rainbow
! Rainbow: deep Q-learning from DQN to Rainbow, on Atari games and small tasks.
!
! usage: rainbow COMMAND ...
!
!   train     train an agent, or go on with a run where its newest checkpoint stands
!   eval      play whole games with the weights of a run's newest checkpoint, or of the one named
!   frames    a picture of what the network sees: the stacked frames side by side, and the screen
!   record    a video of an agent at play: the game, what the network sees, what it expects of each action
!   watch     an agent at play in a window: the game, what the network sees, what it expects of each action
!   play      play an environment yourself in a window, beside the scores of the agents
!   plot      lay the curves of runs over each other in one picture
!   report    what runs came to: scores of each game, and figures over games and seeds with 95 % intervals
!   export    what was learned, for other programs: ONNX, or the weights alone
!   check     play an environment at random and say what breaks the contract of environments
!   bench     measure the speed of the parts on this machine, in named scenes
!   envs      list the environments there are, or those with TEXT in their names
!   presets   list the presets, or print what one of them sets
!   params    list the parameters, those of a group, one, or those that a word is found in
!   doctor    say what there is on this machine, what is missing, and how to get it
!
! `rainbow COMMAND --help` says more. `rainbow --version` names the version.
= 2
$ rainbow --help | head -3
| Rainbow: deep Q-learning from DQN to Rainbow, on Atari games and small tasks.
|
| usage: rainbow COMMAND ...
= 0
$ rainbow -h | grep -c '^  [a-z]'
| 15
= 0
$ rainbow trian
! rainbow: no command trian; did you mean train?
= 2
$ rainbow qqqqqq
! rainbow: no command qqqqqq; `rainbow --help` lists them
= 2
$ rainbow --verbose
! rainbow: no command --verbose; `rainbow --help` lists them
= 2

# Every command has help.
$ for c in train eval report frames watch play check bench "bench learner" "bench train" envs presets params doctor; do rainbow $c --help | head -1; done
| usage: rainbow train ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]
| usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
| usage: rainbow report RUN|DIRECTORY... [--score last|best|mean:K] [--against GROUP] [--with dopamine]
| usage: rainbow frames ENV|RUN|CHECKPOINT [-o FILE.png] [--steps N] [--seed S] [--epsilon E] [--scale N] [--GROUP.KEY=VALUE ...]
| usage: rainbow watch RUN|CHECKPOINT [--episodes N] [--epsilon E] [--seed S] [--GROUP.KEY=VALUE ...]
| usage: rainbow play ENV [--seed S] [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]
| usage: rainbow check ENV [--steps N] [--seed S] [--GROUP.KEY=VALUE ...] [--json]
| usage: rainbow bench WHAT [OPTIONS] [--json]
| usage: rainbow bench learner [--scene NAME] [--threads N] [--kernels NAME] [--updates N] [--warmup N]
| usage: rainbow bench train [--scene NAME] [--seconds N] [--warmup N] [--GROUP.KEY=VALUE ...] [--json]
| usage: rainbow envs [TEXT] [--all] [--json]
| usage: rainbow presets [NAME]
| usage: rainbow params [GROUP|GROUP.KEY|WORD | --markdown | --source NAME]
| usage: rainbow doctor [--json]
= 0
$ rainbow eval --help
| usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
|
| play whole games with the weights of a run's newest checkpoint, or of the one named.
|
| Prints each game's score and steps, then mean, standard deviation (of the games, divided by N), largest,
| smallest and median. Scores are raw rewards.
|
|   --best        the weights of the run's highest evaluation, RUN/checkpoints/best
|   --episodes N  games; by default the run's eval.episodes
|   --epsilon E   share of random actions; by default the run's eval.epsilon
|   --seed S      of starts and random actions; 1 by default
|   --threads N   0, the default: one for each processor
|   --trace FILE  what the agent saw, expected and did, decision by decision, as safetensors: observations,
|                 q_values, actions, games
|   --trace-steps N  decisions of it, the first ones; 5000 by default
|   --json        one object: checkpoint, step, episodes, epsilon, seed, mean, std, min, max, median, seconds,
|                 returns and lengths (a number for each game)
= 0

# Wrong usage: status 2, a sentence, and the usage.
$ rainbow train
! rainbow train: which environment? `rainbow envs` lists them
! usage: rainbow train ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]
!        rainbow train ENV,ENV... --seeds 1..4 [--jobs N] ...
!        rainbow train --resume RUN... [--jobs N] [--GROUP.KEY=VALUE ...]
= 2
$ rainbow train --resume
! rainbow train: --resume needs a value
! usage: rainbow train ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]
!        rainbow train ENV,ENV... --seeds 1..4 [--jobs N] ...
!        rainbow train --resume RUN... [--jobs N] [--GROUP.KEY=VALUE ...]
= 2
$ rainbow train cartpole --resume some/run
! rainbow train: --resume takes the environment from the run: cartpole is a word too many
! usage: rainbow train ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]
!        rainbow train ENV,ENV... --seeds 1..4 [--jobs N] ...
!        rainbow train --resume RUN... [--jobs N] [--GROUP.KEY=VALUE ...]
= 2
$ rainbow eval
! rainbow eval: which run or checkpoint?
! usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
= 2
$ rainbow eval one two
! rainbow eval: two is a word too many
! usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
= 2
$ rainbow eval one --episode 5
! rainbow eval: no option --episode; did you mean --episodes?
! usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
= 2
$ rainbow eval one --episodes
! rainbow eval: --episodes needs a value
! usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
= 2
$ rainbow eval one --json=yes
! rainbow eval: --json takes no value
! usage: rainbow eval RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] [--json]
= 2
$ rainbow bench
! rainbow bench: which benchmark? There is: learner, env, replay, train
! usage: rainbow bench WHAT [OPTIONS] [--json]
= 2
$ rainbow bench learners
! rainbow bench: no benchmark learners; there is: learner, env, replay, train
! usage: rainbow bench WHAT [OPTIONS] [--json]
= 2
$ rainbow bench learner --threads=two
! rainbow bench learner: --threads=two: must be a whole number, 0 or more
! usage: rainbow bench learner [--scene NAME] [--threads N] [--kernels NAME] [--updates N] [--warmup N]
!                      [--profile]
!        rainbow bench learner ENV [--preset NAME] [--GROUP.KEY=VALUE ...]   (and the same options)
= 2
$ rainbow bench learner --updates 0
! rainbow bench learner: --updates=0: must be a whole number, 1 or more
! usage: rainbow bench learner [--scene NAME] [--threads N] [--kernels NAME] [--updates N] [--warmup N]
!                      [--profile]
!        rainbow bench learner ENV [--preset NAME] [--GROUP.KEY=VALUE ...]   (and the same options)
= 2
$ rainbow envs one two
! rainbow envs: two is a word too many
! usage: rainbow envs [TEXT] [--all] [--json]
= 2
$ rainbow doctor -x
! rainbow doctor: no option -x
! usage: rainbow doctor [--json]
= 2
$ rainbow doctor now
! rainbow doctor: now is a word too many
! usage: rainbow doctor [--json]
= 2

# Output that can't be written is a failure.
$ rainbow params > /dev/full
! rainbow: standard output can't be written: No space left on device
= 1
