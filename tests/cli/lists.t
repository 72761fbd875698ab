# The lists: presets, parameters, environments.
$ rainbow presets
| dqn                    DQN of 2015 (Mnih et al. 2015), 200 million frames
| double                 Double DQN, tuned (van Hasselt et al. 2015), 200 million frames
| c51                    categorical DQN (Bellemare et al. 2017), 200 million frames
| rainbow                Rainbow (Hessel et al. 2017), all six switches, 200 million frames
| rainbow-dopamine       Dopamine's Rainbow (Castro et al. 2018): atoms, priorities, n = 3; sticky actions
| qr-dqn                 quantile regression DQN (Dabney et al. 2017), 200 million frames
| iqn                    implicit quantile networks (Dabney et al. 2018), 200 million frames
| m-dqn                  Munchausen DQN (Vieillard et al. 2020); sticky actions, 200 million frames
| m-iqn                  Munchausen IQN (Vieillard et al. 2020); sticky actions, 200 million frames
| der                    data-efficient Rainbow (van Hasselt et al. 2019): 100,000 steps of Atari
| drq-eps                DrQ(ε), DQN with random shifts (Agarwal et al. 2021): 100,000 steps of Atari
| sr-der                 der with two updates per step and resets (after SR-SPR, D'Oro et al. 2023): 100,000 steps of Atari
| btr                    Beyond The Rainbow (Clark et al. 2024): IMPALA, IQN, Munchausen, 64 environments; 200 million frames
| vectorised-rainbow     vectorised, customisable Rainbow (source A): plain DQN, 8 games at once, every switch optional
| breakout-study         study of Breakout in 400,000 steps (source B): dueling, double, priorities, n = 3, independent noise
| textbook-dqn           DQN of 2015 from a textbook chapter (source C): RMSProp, half squared errors, one update per step
| guide-cartpole-pixels  DQN on the pixels of CartPole, from a beginner's guide (source D): two small layers, 1,000 games
| guide-breakout         DQN with the network of 2013 on Breakout, from a beginner's guide (source D): 100,000 games
| pqn                    Atari with PQN (Gallici et al. 2024), without replay and target network, 50 million steps
| minatar-pqn            MinAtar with PQN, without replay and target network, 10 million steps
| cartpole-pqn           CartPole and Acrobot with PQN, without replay and target network, 500,000 steps
| minatar-dqn            MinAtar with its authors' DQN (Young and Tian 2019), 5 million steps
| minatar-rainbow        MinAtar with the full Rainbow agent, all six switches, 2 million steps
| minatar-m-dqn          MinAtar with Munchausen DQN (Vieillard et al. 2020), 5 million steps
| minatar-iqn            MinAtar with implicit quantile networks (Dabney et al. 2018), 5 million steps
| minatar-m-iqn          MinAtar with Munchausen IQN (Vieillard et al. 2020), 5 million steps
| cartpole               CartPole with the full Rainbow agent, all six switches, 50,000 steps
| cartpole-dqn           CartPole with plain DQN, 50,000 steps at most
| acrobot                Acrobot with the full Rainbow agent, all six switches, 50,000 steps
| mountaincar            MountainCar with the full Rainbow agent, all six switches, 60,000 steps
| cartpole-pixels        CartPole from pixels with the full Rainbow agent, all six switches, 60,000 steps
| gridworld              the grid world with plain DQN, whose Q-values are those of the textbook, 20,000 steps
| lunarlander            LunarLander: double dueling DQN, n = 3, 300,000 steps
| general                any other task: double, dueling, priorities and n = 3, without atoms, 200,000 steps
= 0
$ rainbow presets breakout-study
| # breakout-study: study of Breakout in 400,000 steps (source B): dueling, double, priorities, n = 3, independent noise
| # The protocol is that of ALE/Breakout-v5. Score to beat: mean 20.8, 50 games, 5 % random actions.
| # docs/sources/breakout-study.md compares its settings with ours.
| # rainbow train ALE/Breakout-v5 --preset breakout-study
| env.reward = sign
| env.stack = 4
| env.stack_start = repeat
| atari.frame_skip = 4
| atari.sticky = 0.25
| atari.full_actions = false
| atari.noop_min = 1
| atari.noop_max = 30
| atari.life_loss = ignore
| atari.max_frames = 108000
| # the six switches
| agent.double_q = true
| net.dueling = true
| replay.prioritized = true
| agent.categorical = false
| net.noisy = independent
| agent.n_step = 3
| # learning: epsilon falls over a tenth of the run, on top of the noise
| net.trunk = nature
| net.hidden = 512
| net.sigma0 = 0.017
| agent.loss = huber
| replay.alpha = 0.6
| replay.beta_start = 0.4
| replay.beta_end = 1
| replay.beta_steps = 0
| replay.priority_epsilon = 1e-6
| replay.capacity = 150000
| agent.batch = 32
| agent.gamma = 0.99
| agent.start_steps = 75000
| agent.update_every_steps = 4
| agent.updates = 1
| agent.target_every_steps = 1250
| agent.target_every_updates = 0
| optim.kind = adam
| optim.learning_rate = 0.00025
| optim.beta1 = 0.9
| optim.beta2 = 0.999
| optim.epsilon = 1e-8
| optim.clip_norm = 0
| explore.start = 1
| explore.end = 0.1
| explore.share = 0.1
| # length and evaluation
| run.max_steps = 400000
| eval.every_steps = 0
| eval.episodes = 50
| eval.epsilon = 0.05
| checkpoint.every_steps = 50000
= 0
$ rainbow presets ranbow
! rainbow: no preset ranbow; did you mean rainbow?
= 2
$ rainbow presets --here gridworld --seconds 1 | sed '/^gridworld/s/steps .*/steps N/; s/[0-9]* threads*/N threads/; /^Other programs/d'
| preset                 environment                         length  playing/s learning/s       time                   memory
| gridworld              gridworld                     20,000 steps N
|
| Measured for 1 s each, with N threads: steps per second until learning begins (playing/s) and from then on (learning/s).
| The time (h:mm:ss) is for the whole length, or for a million steps where games or lives end the run, without evaluations and
| videos. A run that reaches its score ends sooner.
= 0
# Other programs on the same cores are noticed.
$ others=; for i in $(seq $((2 * $(nproc)))); do (while :; do :; done) & others="$others $!"; done; rainbow presets --here gridworld --seconds 1 | sed -n '/^Other programs/s/[0-9]* %/N %/p'; kill $others
| Other programs had the cores for N % of the time: on an idle machine, training is faster.
= 0
$ rainbow presets --seconds 3
! rainbow presets: --seconds belongs to --here
! usage: rainbow presets [--here] [PRESET]
= 2
$ rainbow presets zzzzzzzz
! rainbow: no preset zzzzzzzz; `rainbow presets` lists them
= 2
$ rainbow params explore
| explore: the schedule of random actions
|   --explore.start=1  [real 0 .. 1]
|       probability of a random action (epsilon) at the first step
|   --explore.end=0.1  [real 0 .. 1]
|       probability of a random action (epsilon) at the end of the schedule
|   --explore.schedule=linear  [choice linear|exponential]
|       how epsilon falls: linear: over explore.steps or explore.share; exponential: end + (start - end) e^(-rate n) after n steps
|   --explore.steps=1000000  [int 0 .. 1,000,000,000,000 steps]
|       linear schedule: number of steps over which epsilon falls
|   --explore.share=0  [real 0 .. 1]
|       linear schedule: share of run.max_steps over which epsilon falls, instead of explore.steps; 0: use explore.steps
|   --explore.after_start=false  [bool]
|       count the schedule's steps from agent.start_steps, so that epsilon falls from the first update on (Mnih et al. 2015), instead of from step 0
|   --explore.rate=0.001  [real 0 .. 1]
|       exponential schedule: decay per step, the fraction of the distance to explore.end that each step removes
|   --explore.by=steps  [choice steps|updates|episodes]
|       what moves the schedule: steps: steps of all environments together; updates: the number of updates; episodes: steps, but each game keeps the epsilon that it began with
= 0
$ rainbow params agent.gamma
|   --agent.gamma=0.99  [real 0 .. 1]
|       discount factor of one step
= 0
$ rainbow params agent.gama
! rainbow: no parameter agent.gama; did you mean agent.gamma?
= 2
$ rainbow params qqqq.zzzzzz
! rainbow: no parameter qqqq.zzzzzz; `rainbow params` lists them
= 2
$ rainbow params --markdown agent
! rainbow params: unexpected word agent
! usage: rainbow params [GROUP|GROUP.KEY|WORD]
!        rainbow params --markdown
!        rainbow params --source PRESET
!        rainbow params --names
= 2

# The page of parameters equals the table.
$ rainbow params --markdown | diff - $SOURCE/docs/parameters.md && echo same
| same
= 0

# The pages about other systems contain all rows of the table.
$ rainbow params --source nobody-knows 2>&1 | head -1
| rainbow params: no source nobody-knows; the sources are vectorised-rainbow, breakout-study, textbook-dqn, guide-cartpole-pixels, guide-breakout
= 0
$ for p in $(rainbow presets | cut -d ' ' -f 1); do rainbow params --source $p 2>/dev/null; done | grep '^|' | sort -u >ours; cat $SOURCE/docs/sources/[!Rr]*.md | grep '^|' | sort -u | diff - ours && echo same
| same
= 0

# So does the page of names.
$ rainbow params --names | diff - $SOURCE/docs/names.md && echo same
| same
= 0
$ rainbow params Learning-Starts
|   --agent.start_steps=50000  [int 0 .. 1,000,000,000,000 steps]
|       number of steps before the first update
|       Stable-Baselines3: learning_starts
|       CleanRL: learning-starts
= 0
$ rainbow params n_memory_size
|   vectorised-rainbow: n_memory_size: n-step returns are computed from the one replay when a batch is sampled
= 0

# Families, long ones as names only; one environment is described in full.
$ rainbow envs | grep -v '^ ' | cut -d ':' -f 1
| Small tasks
|
| MinAtar
|
| Atari 2600
|
| Gymnasium
|
| Custom environments, in C or C++
|
| `rainbow envs TEXT` lists the names that contain TEXT, `rainbow envs --all` lists one name per line.
= 0
$ rainbow envs | grep -c 'atari/'
| 1
= 0
$ rainbow envs --all | grep -c '^  atari/'
| 104
= 0
$ rainbow envs ms_pac | head -1 | cut -d ' ' -f 3
| atari/ms_pacman
= 0
$ rainbow envs acro
|   acrobot  swing up two links by the joint between them: 6 numbers, 3 actions, at most 500 steps
|
|   observation  6 x 1 x 1 floats, stacked by 1
|   actions      3: torque -1, torque 0, torque +1
|   time limit   500 steps
|   screen       500 x 500
|   resumes      exactly
= 0
$ rainbow envs CartPole-v0
|   CartPole-v0  the same with at most 200 steps
|
|   observation  4 x 1 x 1 floats, stacked by 1
|   actions      2: left, right
|   time limit   200 steps
|   screen       600 x 400
|   resumes      exactly
= 0
$ rainbow envs mountain --json
| {
| 	"envs":	[{
| 			"name":	"mountaincar",
| 			"help":	"swing a weak car out of a valley: 2 numbers, 3 actions, at most 200 steps",
| 			"needs":	"",
| 			"kind":	"floats",
| 			"shape":	[2, 1, 1],
| 			"vector":	0,
| 			"stack":	1,
| 			"actions":	3,
| 			"action_names":	"left, none, right",
| 			"max_episode_steps":	200,
| 			"can_save":	true,
| 			"masks":	false
| 		}]
| }
= 0
$ rainbow envs --json | grep -c '"name"' | sed 's/^1[0-9][0-9]$/more than a hundred/'
| more than a hundred
= 0
$ rainbow envs qqqqqq
! rainbow envs: no environment's name contains qqqqqq; `rainbow envs` lists all
= 2
$ rainbow envs ./qqqqqq.so
! rainbow: ./qqqqqq.so: there is no such file (paths are relative to the directory in which rainbow is started)
= 1
$ rainbow doctor --json | grep -o '"[a-z]*":' | sort -u | tr -d '\n'
| "found":"ok":"parts":"remedy":"version":"what":
= 0
$ XDG_CACHE_HOME=$PWD/none RAINBOW_ALE_LIB= rainbow doctor | sed -n '/^Try/,$p' | head -3
| Try:
|   rainbow train cartpole
|   ./scripts/get-atari        # for Atari games, such as rainbow train atari/breakout
= 0
