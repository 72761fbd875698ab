# Weights that a run begins with, or that eval plays: from Stable-Baselines3 and CleanRL (tests/data/make_other_weights.py), and ours.
$ cp $SOURCE/tests/data/sb3_cartpole.safetensors cartpole.safetensors; cp $SOURCE/tests/data/cleanrl_dqn.safetensors $SOURCE/tests/data/cleanrl_c51.safetensors .
= 0
$ rainbow eval CartPole-v1 --init-weights cartpole.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64 --epsilon 0 --episodes 2
| cartpole.safetensors
| game   1  score        500  steps 500
| game   2  score        500  steps 500
| mean 500.00  std 0.00  max 500  min 500  median 500  games 2
= 0
$ rainbow eval CartPole-v1 --init-weights cartpole.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64 --episodes 1 --json | grep -v seconds
| {
| 	"checkpoint":	"cartpole.safetensors",
| 	"step":	-1,
| 	"episodes":	1,
| 	"epsilon":	0,
| 	"seed":	1,
| 	"mean":	500,
| 	"std":	0,
| 	"min":	500,
| 	"max":	500,
| 	"median":	500,
| 	"cut":	0,
| 	"returns":	[500],
| 	"lengths":	[500]
| }
= 0
$ rainbow train CartPole-v1 --init-weights cartpole.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64 --explore.start=0.04 --run.max_steps=300 --agent.start_steps=100 --eval.episodes=2 --plot.enabled=false --name begun 2>&1 | grep -e begins -e evaluation | sed 's/ in [0-9.]* s//; s/([0-9]* s)/(SECONDS)/'
| rainbow: begins with the weights in cartpole.safetensors, 6 tensors of Stable-Baselines3
| rainbow: step 300: evaluation of 2 games: mean 500.00, std 0.00, from 500 to 500 (SECONDS)
| 300 steps, 160 updates, 0 games, ended by run.max_steps; evaluation mean 500.00
= 0
$ rm cartpole.safetensors; rainbow train --resume runs/default/begun --run.max_steps=350 2>&1 | grep -c -e begins -e cartpole.safetensors
| 0
= 1
$ rainbow train --resume runs/default/begun --init-weights cleanrl_dqn.safetensors --max-steps 400
! rainbow: run.init_weights = cleanrl_dqn.safetensors: the run was made with cartpole.safetensors, which cannot change on resume
= 2
$ rainbow export runs/default/begun --safetensors ours.safetensors && rainbow eval cartpole --init-weights ours.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64 --episodes 1 | grep -v -e game -e mean
| ours.safetensors: CartPole-v1, step 350, 4610 numbers
| ours.safetensors, step 350
= 0
$ rainbow train cartpole --init-weights ours.safetensors --seeds 1,2 --net.mlp=64 --net.hidden=64 --no-dueling --no-categorical --no-noisy --run.max_steps=50 --eval.enabled=false --plot.enabled=false --run.group=two 2>/dev/null | grep -c '^run.* 50 '
| 2
= 0

# Files that do not fit: each tensor, and the settings that the weights need.
$ rainbow eval cartpole --init-weights cleanrl_dqn.safetensors --preset cartpole-dqn
! rainbow: cleanrl_dqn.safetensors: these weights of CleanRL do not fit the network: network.0.weight is 12 x 4 (expected 256 x 4, trunk.0.weight), network.0.bias is 12 (expected 256, trunk.0.bias), network.2.weight is 8 x 12 (expected 256 x 256, head.0.weight), network.2.bias is 8 (expected 256, head.0.bias) and 1 more; give --net.mlp=12 --net.hidden=8 for a network like theirs
= 1
$ rainbow train cartpole --init-weights cleanrl_c51.safetensors --preset cartpole-dqn --net.mlp=12 --net.hidden=8; ls runs
| default
| two
! rainbow: cleanrl_c51.safetensors: these weights of CleanRL do not fit the network: network.4.weight is 14 x 8 (expected 2 x 8, head.1.weight), network.4.bias is 14 (expected 2, head.1.bias); give --agent.categorical=true --agent.atoms=7 --agent.v_min=-100 --agent.v_max=100 for a network like theirs
= 0
$ rainbow train cartpole --init-weights cleanrl_c51.safetensors --preset cartpole-dqn --net.mlp=12 --net.hidden=8 --categorical --agent.atoms=7 --agent.v_min=0 --agent.v_max=200
! rainbow: cleanrl_c51.safetensors: these weights fit, but would mean something else with these settings; they need --agent.v_min=-100 --agent.v_max=100
= 1
$ rainbow eval cartpole --init-weights ours.safetensors
! rainbow: ours.safetensors: these weights of Rainbow do not fit the network: trunk.0.weight is 64 x 4 (expected 128 x 4), trunk.0.bias is 64 (expected 128), advantage.0.weight_mu (128 x 128) is missing, advantage.0.bias_mu (128) is missing and 18 more; give --net.mlp=64 --net.hidden=64 --net.dueling=false --net.noisy=off --agent.categorical=false for a network like theirs
= 1
$ rainbow eval mountaincar --init-weights ours.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64
! rainbow: ours.safetensors: these weights of Rainbow do not fit the network: trunk.0.weight is 64 x 4 (expected 64 x 2), head.1.weight is 2 x 64 (expected 3 x 64), head.1.bias is 2 (expected 3); the settings of the network agree, so they are for other observations or actions than those of mountaincar
= 1
$ rainbow train cartpole,acrobot --init-weights ours.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64 --run.max_steps=50 --eval.enabled=false --plot.enabled=false --run.group=some 2>&1 | grep expected; ls runs/some
| rainbow: ours.safetensors: these weights of Rainbow do not fit the network: trunk.0.weight is 64 x 4 (expected 64 x 6), head.1.weight is 2 x 64 (expected 3 x 64), head.1.bias is 2 (expected 3); the settings of the network agree, so they are for other observations or actions than those of acrobot
| cartpole-dqn-s1
= 0

# Files with one fault each.
$ f="--preset cartpole-dqn --net.mlp=12 --net.hidden=8"; for edit in 's/network.4.bias/network.4.bia5/' 's/network.4/network.6/g' 's/"F32"/"F64"/' 's/network/netw0rk/g' 's/\[8,12\]/[12,8]/' 's/data_offsets/data_0ffsets/'; do LC_ALL=C sed "$edit" cleanrl_dqn.safetensors > bad.safetensors; rainbow eval cartpole --init-weights bad.safetensors $f --episodes 1 2>&1 | sed 's/^game.*/it plays/' | head -2; done
| rainbow: bad.safetensors: these weights of CleanRL do not fit the network: head.1.bias (2) is missing, network.4.bia5 (2) has no place; the settings of the network agree, so the file is incomplete or of another kind
| bad.safetensors
| it plays
| rainbow: bad.safetensors: tensor 'network.0.bias': only dtype F32 can be read; save it as float32: tensor.float() in PyTorch, array.astype('float32') in NumPy
| rainbow: bad.safetensors: its tensors (such as netw0rk.0.bias) are named as in no network known here: Rainbow's, the DQN of Stable-Baselines3, CleanRL's DQN, C51 and Rainbow
| rainbow: bad.safetensors: these weights of CleanRL do not fit the network: network.2.weight is 12 x 8 (expected 8 x 12, head.0.weight); give --net.hidden=12 for a network like theirs
| rainbow: bad.safetensors: tensor 'network.0.bias': its data_offsets are not two whole numbers
= 0
$ cp cleanrl_dqn.safetensors bad.safetensors; printf '\000\000\300\177' | dd of=bad.safetensors bs=1 seek=$(($(wc -c < bad.safetensors) - 4)) conv=notrunc 2>/dev/null; rainbow eval cartpole --init-weights bad.safetensors --preset cartpole-dqn --net.mlp=12 --net.hidden=8
! rainbow: bad.safetensors: network.4.weight[15] is nan, but must be a finite number; these weights can't be used, take another checkpoint
= 1
$ head -c 1000 cleanrl_dqn.safetensors > bad.safetensors; rainbow eval cartpole --init-weights bad.safetensors
! rainbow: bad.safetensors: the file was cut short: its tensors take 728 bytes, but it has 560
= 1
$ LC_ALL=C sed 's/cartpole/CartPole/' ours.safetensors | head -c 5000 > bad.safetensors; rainbow eval cartpole --init-weights bad.safetensors
! rainbow: bad.safetensors: was cut short or changed: its contents do not match its checksum (a program that changes the file on purpose must remove rainbow_checksum from its metadata)
= 1
$ printf 'PK\003\004 a model' > model.zip; rainbow eval cartpole --init-weights model.zip
! rainbow: model.zip: is a file of PyTorch or Stable-Baselines3, which may hold code; scripts/torch-to-safetensors makes a file of weights from it
= 1
$ rainbow eval cartpole --init-weights missing.safetensors
! rainbow: missing.safetensors: can't be read: No such file or directory
= 1
$ mkdir empty; rainbow eval cartpole --init-weights empty
! rainbow: empty: is a directory; name a file of weights
= 1
$ rainbow eval cartpole --init-weights runs/default/begun
! rainbow: runs/default/begun: is a directory; did you mean runs/default/begun/checkpoints/step_000000000350/weights.safetensors?
= 1

# Words that do not go together.
$ rainbow eval --init-weights ours.safetensors 2>&1 | head -1; rainbow eval cartpole --init-weights ours.safetensors --best 2>&1 | head -1; rainbow eval runs/default/begun --init-weights ours.safetensors 2>&1 | head -1
| rainbow eval: no run or checkpoint is named
| rainbow eval: choose one of --best and --init-weights: a file is no run
| rainbow eval: runs/default/begun: is a run, but --init-weights needs an environment
= 0
$ rainbow eval cartpole --init-weights ours.safetensors --episodes 0; rainbow eval cartpole --init-weights= ; rainbow eval cartpol --init-weights ours.safetensors
! rainbow: --episodes: eval.episodes = 0: must be between 1 and 100,000 episodes
! rainbow: no file of weights was named (run.init_weights)
! rainbow: unknown environment 'cartpol': did you mean 'cartpole'? (`rainbow envs` lists all)
= 2
$ rainbow train cartpole --init-weights ours.safetensors --preset cartpole-dqn --net.mlp=64 --net.hidden=64 --net.init=dopamine --max-steps=20 --eval.enabled=false --plot.enabled=false 2>&1 | grep warning
| rainbow: warning: net.init = dopamine has no effect: run.init_weights is "ours.safetensors" (all weights are the file's); it takes effect with run.init_weights = ""
| rainbow: warning: nothing will be learned: the first update comes after agent.start_steps = 1000 steps, but run.max_steps = 20
= 0
