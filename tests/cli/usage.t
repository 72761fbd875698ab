# Help, version, and the response to unknown words.
$ rainbow --version
| rainbow 0.1.0
= 0
$ rainbow
! Rainbow trains deep Q-learning agents, from DQN to Rainbow, on Atari games and small tasks.
!
! usage: rainbow COMMAND [OPTION...]
!
! Commands:
!   train     train an agent, or resume a run from its newest checkpoint
!   eval      play whole games with a trained agent and print the scores
!   frames    draw what the network sees: the stacked frames side by side, and the screen
!   record    record a video of an agent at play, with what its network sees and expects
!   watch     watch an agent play in a window, with what its network sees and expects
!   play      play an environment yourself in a window, beside the scores of your agents
!   plot      plot the learning curves of runs, in one picture or in the terminal
!   report    summarise runs: scores per game, and figures over games and seeds with 95 % intervals
!   export    export a trained network as ONNX or C, or its weights as safetensors
!   check     play an environment at random and report where it breaks the contract
!   bench     measure the speed of the parts of a training on this machine
!   cluster   train many runs on a cluster, and see what has become of them
!   envs      list the environments, or those with TEXT in their names
!   presets   list the presets, print the settings of one, or estimate their hours and memory here
!   params    list the parameters: all, those of a group, one, or those that contain a word
!   doctor    check what this machine has, what is missing, and how to get it
!   help      explain a command, or print the man page or shell completion
!
! Where to begin:
!   rainbow train cartpole
!       Trains an agent that balances a pole; takes a minute or two.
!   rainbow help train
!       Explains the command, its options and settings, with examples.
!
! Exit status:
!   0      the command is done
!   1      the command failed
!   2      the command line is wrong
!   75     SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 or SIGXCPU stopped a training, which `train --resume`
!          resumes
!   130    Ctrl-C (SIGINT) stopped a training, which `train --resume` resumes
!   128+N  signal N ended the command at once
!
! `rainbow help COMMAND` explains a command, as `rainbow COMMAND --help` does.
! `rainbow --version` prints the version.
= 2
$ rainbow --help | head -3
| Rainbow trains deep Q-learning agents, from DQN to Rainbow, on Atari games and small tasks.
|
| usage: rainbow COMMAND [OPTION...]
= 0
$ rainbow -h | sed '/^Where/,$d' | grep -c '^  [a-z]'
| 17
= 0
$ rainbow trian
! rainbow: no command trian; did you mean train?
= 2
$ rainbow qqqqqq
! rainbow: no command qqqqqq; `rainbow --help` lists them
= 2
$ rainbow --verbose
! rainbow: no option --verbose; `rainbow --help` lists the commands
= 2

# Every command has help.
$ for c in train eval report frames watch play check bench "bench learner" "bench train" envs presets params doctor help; do rainbow $c --help | head -1; done
| usage: rainbow train ENV [OPTION...]
| usage: rainbow eval RUN|CHECKPOINT [OPTION...]
| usage: rainbow report RUN|DIRECTORY... [OPTION...]
| usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
| usage: rainbow watch RUN|CHECKPOINT [OPTION...]
| usage: rainbow play ENV [OPTION...]
| usage: rainbow check ENV [OPTION...]
| usage: rainbow bench COMMAND [OPTION...]
| usage: rainbow bench learner [OPTION...]
| usage: rainbow bench train [OPTION...]
| usage: rainbow envs [TEXT] [OPTION...]
| usage: rainbow presets [--here] [PRESET]
| usage: rainbow params [GROUP|GROUP.KEY|WORD]
| usage: rainbow doctor [OPTION...]
| usage: rainbow help [COMMAND]
= 0
$ rainbow eval --help
| usage: rainbow eval RUN|CHECKPOINT [OPTION...]
|        rainbow eval ENV --init-weights FILE [OPTION...]
|
| Play whole games with a trained agent and print the scores.
|
| Uses the weights of a run's newest checkpoint, or of the checkpoint you name. Prints the score and
| the steps of each game, then the mean, the standard deviation of the N games (with divisor N), the
| largest, the smallest and the median score. Scores are raw rewards.
|
| With --init-weights the weights come from a file, also of Stable-Baselines3 or CleanRL
| (docs/weights.md), and environment, network and evaluation are those of the settings.
|
| Options:
|   --best                 use the weights of the run's highest evaluation, RUN/checkpoints/best
|   --init-weights FILE    play with the weights of a safetensors file, without a run; settings and a
|                          preset may follow, as for `rainbow train`
|   --episodes N           number of games; default: the run's eval.episodes
|   --epsilon E            share of random actions, from 0 to 1; default: the run's eval.epsilon
|   --seed N               seed of the starts and the random actions; default: 1
|   --max-episode-steps N  time limit of a game; default: the run's eval.max_episode_steps, or the
|                          environment's limit, or 27000 steps if there is none
|   --threads N            number of threads; default: 0, one per processor
|   --trace FILE           also write what the agent saw, expected and did at each decision, as
|                          safetensors: observations, q_values, actions, games, and masks if the
|                          environment reports them
|   --trace-steps N        number of decisions in the trace, from the first on; default: 5000
|   --json                 print one object: checkpoint, step, episodes, epsilon, seed, mean, std,
|                          min, max, median, seconds, cut (games cut because nothing limits them),
|                          returns and lengths (one number per game)
|   --python PROGRAM       Python interpreter that has Gymnasium, instead of the run's (gym.python)
|   --trust                run the code that the run's config.ini or --config names (./FILE.so,
|                          gym.python, gym.import, gym.wrappers, the plugin of compute.device); needed
|                          once for code that you have never chosen yourself
|
| Settings (`rainbow help train` lists short forms, such as --double and --n-step N):
|   --preset PRESET        start from a recipe that `rainbow presets` lists; default: the
|                          environment's own
|   --config FILE          read settings from a file of [group] and key = value lines
|   --GROUP.KEY=VALUE      set any parameter; `rainbow params` lists them
|
| Examples:
|   rainbow eval runs/default/cartpole-s1 --episodes 100
|       Plays 100 games with the run's newest weights.
|   rainbow eval runs/default/cartpole-s1 --best --epsilon 0.05 --json
|       Evaluates the run's best weights with 5 % random actions, and prints JSON.
= 0

# Wrong usage: status 2, a sentence, and the usage.
$ rainbow train
! rainbow train: no environment is named; `rainbow envs` lists them
! usage: rainbow train ENV [OPTION...]
!        rainbow train ENV,ENV... --seeds LIST [OPTION...]
!        rainbow train --resume RUN... [OPTION...]
= 2
$ rainbow train --resume
! rainbow train: --resume needs a value
! usage: rainbow train ENV [OPTION...]
!        rainbow train ENV,ENV... --seeds LIST [OPTION...]
!        rainbow train --resume RUN... [OPTION...]
= 2
$ rainbow train cartpole --resume some/run
! rainbow train: --resume takes the environment from the run: unexpected word cartpole
! usage: rainbow train ENV [OPTION...]
!        rainbow train ENV,ENV... --seeds LIST [OPTION...]
!        rainbow train --resume RUN... [OPTION...]
= 2
$ rainbow eval
! rainbow eval: no run or checkpoint is named
! usage: rainbow eval RUN|CHECKPOINT [OPTION...]
!        rainbow eval ENV --init-weights FILE [OPTION...]
= 2
$ rainbow eval one two
! rainbow eval: unexpected word two
! usage: rainbow eval RUN|CHECKPOINT [OPTION...]
!        rainbow eval ENV --init-weights FILE [OPTION...]
= 2
$ rainbow eval one --episode 5
! rainbow eval: no option --episode; did you mean --episodes?
! usage: rainbow eval RUN|CHECKPOINT [OPTION...]
!        rainbow eval ENV --init-weights FILE [OPTION...]
= 2
$ rainbow eval one --episodes
! rainbow eval: --episodes needs a value
! usage: rainbow eval RUN|CHECKPOINT [OPTION...]
!        rainbow eval ENV --init-weights FILE [OPTION...]
= 2
$ rainbow eval one --json=yes
! rainbow eval: --json takes no value
! usage: rainbow eval RUN|CHECKPOINT [OPTION...]
!        rainbow eval ENV --init-weights FILE [OPTION...]
= 2
$ rainbow bench
! rainbow bench: no benchmark is named; there are learner, env, replay, train
! usage: rainbow bench COMMAND [OPTION...]
= 2
$ rainbow bench learners
! rainbow bench: no benchmark learners; there are learner, env, replay, train
! usage: rainbow bench COMMAND [OPTION...]
= 2
$ rainbow bench learner --threads=two
! rainbow bench learner: --threads=two: must be a whole number, 0 or more
! usage: rainbow bench learner [OPTION...]
!        rainbow bench learner ENV [OPTION...]
!        rainbow bench learner --preset PRESET [OPTION...]
= 2
$ rainbow bench learner --updates 0
! rainbow bench learner: --updates=0: must be a whole number, 1 or more
! usage: rainbow bench learner [OPTION...]
!        rainbow bench learner ENV [OPTION...]
!        rainbow bench learner --preset PRESET [OPTION...]
= 2
$ rainbow envs one two
! rainbow envs: unexpected word two
! usage: rainbow envs [TEXT] [OPTION...]
= 2
$ rainbow doctor -x
! rainbow doctor: no option -x
! usage: rainbow doctor [OPTION...]
= 2
$ rainbow doctor now
! rainbow doctor: unexpected word now
! usage: rainbow doctor [OPTION...]
= 2

# Output that can't be written is a failure.
$ rainbow params > /dev/full
! rainbow: standard output can't be written: No space left on device
= 1
