# Bad input: one clear sentence, status 2 for mistakes of the user and 1 for external failures, and no run left behind.
$ rainbow train cartpol
! rainbow: unknown environment 'cartpol': did you mean 'cartpole'? (`rainbow envs` lists all)
= 2
$ rainbow train atari/brekout
! rainbow: atari/brekout: no such Atari game; the nearest name is breakout (`rainbow envs` lists them)
= 2
$ rainbow train cartpole --agent.gama=0.9
! rainbow: no option --agent.gama; did you mean --agent.gamma?
= 2
$ rainbow train cartpole --agent.gamma=2
! rainbow: command line: agent.gamma = 2: must be between 0 and 1
= 2
$ rainbow train cartpole --agent.gamma
! rainbow: --agent.gamma needs a value: --agent.gamma=VALUE
= 2
$ rainbow train cartpole --optim.kind=sgd
! rainbow: command line: optim.kind = sgd: must be adam, rmsprop, rmsprop_centered or radam
= 2
$ rainbow train cartpole --preset=ranbow
! rainbow: command line: no preset ranbow; did you mean rainbow?
= 2
$ rainbow train cartpole --duelling
! rainbow: no option --duelling; did you mean --dueling?
= 2
$ rainbow train cartpole acrobot
! rainbow: only one environment may be named, not two: cartpole and acrobot
= 2
$ rainbow train cartpole --replay.capacity=500
! rainbow: agent.start_steps = 1000 is more than replay.capacity = 500 can hold
= 2
$ rainbow train cartpole --agent.v_min=100
! rainbow: agent.v_min = 100 must be below agent.v_max = 100
= 2
$ rainbow train cartpole --net.layers="conv 32 8 4, relu"
! rainbow: net.layers: layer 1, conv 32 8 4: its input is 4 x 1 x 1, smaller than the 8 x 8 kernel
= 2
$ rainbow train cartpole --agent.head=implicit --net.dueling=true --net.mlp=8-8-8-8-8-8-8-8-8-8-8-8 --net.hidden=8
! rainbow: net.mlp: 12 linear layers, and 5 of the head (net.dueling = true, net.hidden = 8, agent.head = implicit): a network has at most 16
= 2
$ rainbow train minatar/breakout --net.layers="conv 16 3 1, relu, conv 16 9 1"
! rainbow: net.layers: layer 3, conv 16 9 1: its input is 16 x 8 x 8, smaller than the 9 x 9 kernel
= 2
$ rainbow train cartpole --net.layers="linear 16, rleu"
! rainbow: net.layers: layer 2, 'rleu': there is no such layer (did you mean relu?); known are conv, residual, spectral_norm, max_pool, adaptive_max_pool, adaptive_average_pool, global_average_pool, linear, append, relu, batch_norm, layer_norm and channel_norm
= 2
$ rainbow train cartpole --net.centre=true
! rainbow: net.centre = true: only bytes can be centred, but this environment's observations are floats; set it to false
= 2
$ rainbow train cartpole --net.norm=batch --agent.batch=1
! rainbow: agent.batch = 1: batch normalisation needs at least 2 samples
= 2

# A misspelt option gets the nearest one, of the command or of the settings.
$ for c in "train cartpole --verbos" "train cartpole --verb" "train cartpole -verbose" "train --jbos=3 cartpole" "bench learner --profil" "bench env cartpole --jsn" "check --epsiodes 3" "play cartpole --epsiodes 3" "train --hepl" "frames cartpole --sclae=2" "eval x --episods=300" "record x --ovrelay" "eval x --max_episode_steps=3" "plot x --goup-seeds" --hlep --verison; do rainbow $c 2>&1 | head -1; done
| rainbow train: no option --verbos; did you mean --verbose?
| rainbow train: no option --verb; did you mean --verbose?
| rainbow train: no option -verbose; did you mean --verbose?
| rainbow train: no option --jbos=3; did you mean --jobs?
| rainbow bench learner: no option --profil; did you mean --profile?
| rainbow bench env: no option --jsn; did you mean --json?
| rainbow: no option --epsiodes; did you mean --eval.episodes?
| rainbow: no option --epsiodes; did you mean --eval.episodes?
| rainbow train: no option --hepl; did you mean --help?
| rainbow frames: no option --sclae=2; did you mean --scale?
| rainbow eval: no option --episods=300; did you mean --episodes?
| rainbow record: no option --ovrelay; did you mean --overlay?
| rainbow eval: no option --max_episode_steps=3; did you mean --max-episode-steps?
| rainbow plot: no option --goup-seeds; did you mean --group-seeds?
| rainbow: no option --hlep; did you mean --help?
| rainbow: no option --verison; did you mean --version?
= 0
$ for c in "train cartpole --thraeds 1" "train cartpole --sed 1" "train cartpole --learning-rate 1" "eval x --verbose" "eval x --agent.gamma 1" --nothing; do rainbow $c 2>&1 | head -1; done
| rainbow: no option --thraeds; did you mean --compute.threads?
| rainbow: no option --sed; did you mean --seed?
| rainbow: no option --learning-rate; learning_rate of vectorised-rainbow is --optim.learning_rate here
| rainbow eval: no option --verbose
| rainbow eval: no option --agent.gamma: it is a setting of `rainbow train`
| rainbow: no option --nothing; `rainbow --help` lists the commands
= 0

$ rainbow train cartpole --agent.target_every_steps=0
! rainbow: agent.target_every_steps, agent.target_every_updates or agent.target_every_episodes must be above 0 (1 update with agent.target_tau = 1: no separate target network)
= 2
$ rainbow train cartpole --explore.share=0.1 --explore.by=updates
! rainbow: explore.share = 0.1 is a share of the run's steps, and explore.by = updates counts updates: give explore.steps and explore.share = 0, or explore.by = steps
= 2

# Settings that do nothing cause a warning, and the run continues.
$ rainbow train cartpole --agent.loss=huber --replay.alpha=0.6 --no-per --minatar.sticky=0.3 --run.max_steps=100 --eval.episodes=1 --plot.enabled=false 2>&1 >/dev/null | grep warning
| rainbow: warning: replay.alpha = 0.6 has no effect: replay.prioritized is false; it takes effect with replay.prioritized = true
| rainbow: warning: agent.loss = huber has no effect: agent.head is categorical (other heads have losses of their own); it takes effect with agent.head = scalar
| rainbow: warning: minatar.sticky = 0.3 has no effect: cartpole is not a MinAtar game
| rainbow: warning: nothing will be learned: the first update comes after agent.start_steps = 1000 steps, but run.max_steps = 100
= 0
$ rainbow train cartpole,acrobot --seeds 1..2 --optim.decay=0.9 --run.max_steps=100 --eval.episodes=1 --plot.enabled=false 2>&1 >/dev/null | grep warning
| rainbow: warning: optim.decay = 0.9 has no effect: optim.kind is adam; it takes effect with optim.kind = rmsprop or rmsprop_centered
| rainbow: warning: nothing will be learned: the first update comes after agent.start_steps = 1000 steps, but run.max_steps = 100
= 0
$ rm -r runs
= 0

$ rainbow train cartpole --config missing.ini
! rainbow: missing.ini: can't be read: No such file or directory
= 1
$ printf '[replay]\n\ncapacity = 5\n' > bad.ini; rainbow train cartpole --config bad.ini
! rainbow: bad.ini:3: replay.capacity = 5: must be between 100 and 1,000,000,000 steps
= 2
$ printf '[replay]\ncapacity 5k\n' > bad.ini; rainbow train cartpole --config bad.ini
! rainbow: bad.ini:2: 'capacity 5k' is neither a [group] nor a key = value
= 1
$ printf '[replya]\n' > bad.ini; rainbow train cartpole --config bad.ini
! rainbow: bad.ini:1: no group [replya]; did you mean [replay]?
= 2
$ rainbow train cartpole --config .
! rainbow: .: can't be read: Is a directory
= 1

$ rainbow train --resume missing
! rainbow: missing: there is no such run
= 1
$ rainbow eval missing
! rainbow: missing: there is no such run
= 1
$ rainbow bench learner --preset=ranbow
! rainbow: command line: no preset ranbow; did you mean rainbow?
= 2
$ rainbow bench learner --agent.gama=1
! rainbow: no option --agent.gama; did you mean --agent.gamma?
= 2
$ ls
| bad.ini
= 0

# Control characters of names and files never reach a terminal, on either output; a pipe gets standard output unchanged.
$ rainbow train "$(printf 'cart\033[31m\233\302\233p\303\266le\342\200\256\303')"
! rainbow: unknown environment 'cart\x1b[31m\x9b\x9bpöle\u202e\xc3' (`rainbow envs` lists all)
= 2
$ rainbow train cartpole --run.name=odd --run.max_steps=20 --eval.episodes=1 --eval.max_episode_steps=5 --plot.enabled=false --compute.threads=1 --quiet > out
! rainbow: warning: nothing will be learned: the first update comes after agent.start_steps = 1000 steps, but run.max_steps = 20
= 0
$ cd runs && mv default "$(printf 'r\033]0;x\007')" && rainbow eval r* --episodes=1 2>&1 | head -c 40; rainbow eval r*/odd --episodes=1 | grep -c "$(printf '^r.]0;x\007/odd/checkpoints')"; TERM=xterm pty 80x10 end show state -- sh -c 'rainbow eval r*/odd --episodes=1' | grep -e '^r' -e unknown
| rainbow: r\x1b]0;x\x07: is not a run's d1
| r\x1b]0;x\x07/odd/checkpoints/step_000000000020, step 20
| cursor shown, keys shown, colours no, unknown 0
= 0

# A named pipe or a device under the name of a file is not read: nothing waits for it.
$ mkdir -p pipes/checkpoints/step_000000000010 && cd pipes && mkfifo config.ini && timeout 20 rainbow eval .; timeout 20 rainbow train --resume .; timeout 20 rainbow train --config config.ini; timeout 20 rainbow report .
! rainbow: ./config.ini: is not a regular file, so it is not read
! rainbow: ./config.ini: is not a regular file, so it is not read
! rainbow: config.ini: is not a regular file, so it is not read
! rainbow: ./config.ini: is not a regular file, so it is not read
= 1
$ cd pipes && rm config.ini && ln -s /dev/zero config.ini && timeout 20 rainbow record . -o x.mp4
! rainbow: ./config.ini: is not a regular file, so it is not read
= 1
$ mv runs/r*/odd odd && cd odd && for file in train.csv checkpoints/step_000000000020/state.rb; do mv $file kept; mkfifo $file; timeout 20 rainbow train --resume . --quiet; rm $file; mv kept $file; done
! rainbow: ./train.csv: is not a regular file, so the run can't continue it
! rainbow: ./checkpoints/step_000000000020/state.rb: is not a regular file, so it is not read
= 0
$ cd odd/checkpoints/step* && rm weights.safetensors && mkfifo weights.safetensors && timeout 20 rainbow eval .
! rainbow: ./weights.safetensors: is not a regular file, so it is not read
= 1
$ echo "env = cartpol" | rainbow train --config /dev/stdin
! rainbow: /dev/stdin:1: no parameter env; did you mean run.env?
= 2

# An emptied parameter is meant to have no effect.
$ rainbow train cartpole --env.options= --run.name=emptied --run.max_steps=50 --eval.enabled=false --plot.enabled=false 2>&1 >/dev/null | grep options
= 1

# What was probably meant: a run by its name, a checkpoint by its weights, a preset by its beginning, an option of another command, a name with two meanings.
$ mkdir -p runs/default/made; : > runs/default/made/config.ini; : > runs/default/made/weights.safetensors; rainbow eval made; rainbow record runs/default/made/weights.safetensors -o x.mp4
! rainbow: made: there is no such run; did you mean runs/default/made?
! rainbow: runs/default/made/weights.safetensors: is not a run's directory or a checkpoint: it has no config.ini; did you mean runs/default/made?
= 1
$ rainbow eval made --eval.epsilon=0 2>&1 | head -1; rainbow eval made --atari.size=42 2>&1 | head -1
| rainbow eval: no option --eval.epsilon=0; did you mean --epsilon?
| rainbow eval: no option --atari.size: it is a setting of `rainbow train`
= 0
$ rainbow presets vectorized; rainbow train cartpole --preset guide-cartpole; rainbow train cartpole --ALPHA=0.1; rainbow train cartpole --agent.group_updates
! rainbow: no preset vectorized; did you mean vectorised-rainbow?
! rainbow: command line: no preset guide-cartpole; did you mean guide-cartpole-pixels?
! rainbow: no option --ALPHA; alpha of vectorised-rainbow is --replay.alpha here; ALPHA of textbook-dqn is --optim.learning_rate here
! rainbow: --agent.group_updates needs a value: --agent.group_updates=true or =false
= 2
$ rainbow train CartPole-v0 --preset guide-cartpole-pixels --run.max_steps=300 --eval.enabled=false --record.every_episodes=0 2>&1 >/dev/null | grep preset
| rainbow: warning: the preset guide-cartpole-pixels is made for the pictures of cartpole-pixels; CartPole-v0 shows 4 numbers, which is another task
= 0

# A file in a directory that does not exist is refused before anything is computed or drawn, with one sentence that names both.
$ for c in "record none -o no/x.mp4" "frames cartpole-pixels -o no/x.png" "plot none -o no/x.svg" "report none --svg=no/x.svg" "report none --html no/x.html" "export none --onnx no/x.onnx" "export none --safetensors no/x.safetensors" "eval none --trace no/deep/x.safetensors" "frames cartpole-pixels -o /dev/null/x.png"; do rainbow $c; echo $?; done; ls -d no 2>/dev/null
| 1
| 1
| 1
| 1
| 1
| 1
| 1
| 1
| 1
! rainbow: no/x.mp4: there is no directory no; make it first, or name another file
! rainbow: no/x.png: there is no directory no; make it first, or name another file
! rainbow: no/x.svg: there is no directory no; make it first, or name another file
! rainbow: no/x.svg: there is no directory no; make it first, or name another file
! rainbow: no/x.html: there is no directory no; make it first, or name another file
! rainbow: no/x.onnx: there is no directory no; make it first, or name another file
! rainbow: no/x.safetensors: there is no directory no; make it first, or name another file
! rainbow: no/deep/x.safetensors: there is no directory no/deep; make it first, or name another file
! rainbow: /dev/null/x.png: there is no directory /dev/null; make it first, or name another file
= 2
$ rainbow train cartpole --agent.group_updates=true --env.count=128 --agent.updates=4096 --agent.batch=4096; rainbow train cartpole --agent.group_updates=true --env.count=64 --agent.updates=32 --agent.update_every_steps=1 --replay.capacity=20000
! rainbow: agent.group_updates = true makes one batch of 524288 updates of agent.batch = 4096, but a batch has at most 1048576 samples: a larger agent.update_every_steps, or a smaller agent.updates, agent.batch or env.count
! rainbow: replay.capacity = 20000 is too small for batches of 131072 samples (agent.group_updates) with env.count = 64 and agent.n_step = 3: at least 131392
= 2
$ mkdir yes; rainbow frames cartpole-pixels -o yes/x.png --steps 1 >/dev/null; ls yes
| x.png
= 0
