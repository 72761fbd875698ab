# A small run, from its directory to its evaluation. Times and scores vary and are removed.
$ rainbow train cartpole --run.name=small --run.max_steps=1500 --eval.episodes=2 --eval.every_steps=0 --progress.every_seconds=0.001 2>err | sed 's/, [0-9]* games.*//'
| runs/default/small
| 1,500 steps, 500 updates
= 0
$ grep /1,500 err | tail -1 | sed 's/[0-9,]* steps\/s.*/speed/; s/\(return\|eval\|Q\|loss\|replay\) [-0-9.,e+]*/\1 X/g; s/^[0-9,]*/N/'
| N/1,500 steps  return X  eval X  epsilon 0.000  replay X  Q X  loss X  speed
= 0
$ head -2 err | grep -o -e memory -e '[0-9,]* trainable parameters'
| memory
| 106,162 trainable parameters
= 0
$ ls runs/default/small | grep -v tfevents
| checkpoints
| config.ini
| end.json
| eval.csv
| eval.csv.sum
| lock
| plots
| train.csv
| train.csv.sum
= 0
$ head -1 runs/default/small/train.csv runs/default/small/eval.csv
| ==> runs/default/small/train.csv <==
| step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds
|
| ==> runs/default/small/eval.csv <==
| step,frames,episodes,mean,std,min,max,median,seconds,trailing
= 0

$ grep -E '^(env|preset|name|max_steps|count|stack|trunk) =' runs/default/small/config.ini
| env = "cartpole"
| preset = "cartpole"
| max_steps = 1500
| name = "small"
| count = 1
| stack = 1
| trunk = mlp
= 0

# The same name again: nothing is overwritten unless asked.
$ rainbow train cartpole --run.name=small ; ls runs/default
| small
! rainbow: runs/default/small: this run exists already; `rainbow train --resume runs/default/small` resumes it, --run.overwrite=true replaces it, --run.name=OTHER keeps it
= 0
$ rainbow train cartpole --run.name=small --run.overwrite=true --run.max_steps=1100 --eval.episodes=2 --eval.every_steps=0 2>/dev/null | sed 's/, [0-9]* games.*//'
| runs/default/small
| 1,100 steps, 100 updates
= 0

# A run resumes at its newest checkpoint; changes that are allowed on resume are made, others are rejected.
$ rainbow train --resume runs/default/small --run.max_steps=1300 2>/dev/null | sed 's/, [0-9]* games.*//'
| runs/default/small
| 1,300 steps, 300 updates
= 0
$ rainbow train --resume runs/default/small --agent.gamma=0.9
! rainbow: agent.gamma = 0.9: the run was made with 0.99, which cannot change on resume
= 2
$ rainbow train --resume runs/default/small --agent.gama=0.9
! rainbow: no option --agent.gama; did you mean --agent.gamma?
= 2
$ rainbow train --resume runs/default
! rainbow: runs/default: is not a run's directory: it has no config.ini
= 1

# Evaluations: whole games with the trained agent.
$ rainbow eval runs/default/small --episodes 3 | sed 's/[0-9.]* *steps.*/S/; s/std.*//; s/mean [0-9.]*/mean/; s/score .*/score/'
| runs/default/small/checkpoints/step_000000001300, step 1300
| game   1  score
| game   2  score
| game   3  score
| mean  
= 0
$ rainbow eval runs/default/small --episodes 2 --epsilon 0.5 --seed 7 --json | grep -o '"[a-z]*":' | tr -d '\n'
| "checkpoint":"step":"episodes":"epsilon":"seed":"mean":"std":"min":"max":"median":"seconds":"cut":"returns":"lengths":
= 0
$ rainbow eval runs/default/small --episodes 4 --seed 5 --json | grep -v seconds > one; rainbow eval runs/default/small --episodes 4 --seed 5 --threads 2 --json | grep -v seconds | cmp - one && echo same
| same
= 0
$ rainbow eval runs/default/small --episodes 0
! rainbow: --episodes: eval.episodes = 0: must be between 1 and 100,000 episodes
= 2
$ rainbow eval runs/default/small --epsilon 1.5
! rainbow: --epsilon: eval.epsilon = 1.5: must be between 0 and 1
= 2
$ rainbow eval runs/default
! rainbow: runs/default: is not a run's directory or a checkpoint: it has no config.ini
= 1

# Weights with the highest evaluation, kept as `best`. A run reports why it ended.
$ rainbow eval runs/default/small --best --episodes 1 | head -1 | sed 's/step .*/step/'
| runs/default/small/checkpoints/best, step
= 0
$ rainbow train cartpole --run.name=short --run.max_episodes=3 --eval.episodes=1 --checkpoint.best=false --run.note='three games' --verbose 2>err | sed 's/^.* games in .* s, /3 games, /; s/;.*//'
| runs/default/short
| 3 games, ended by run.max_episodes
= 0
$ grep -o 'the run has ended.*' err; sed -n 2p runs/default/short/end.json; grep note runs/default/short/config.ini
| the run has ended: 3 games (run.max_episodes)
| 	"ended_by":	"run.max_episodes",
| note = "three games"
= 0
$ for i in "eval" "record -o no.mp4" "watch" "frames" "export --onnx no.onnx"; do rainbow $i runs/default/short --best; echo $?; done
| 1
| 1
| 1
| 1
| 1
! rainbow: runs/default/short: has no best weights: either the run has not evaluated yet, or checkpoint.best is false
! rainbow: runs/default/short: has no best weights: either the run has not evaluated yet, or checkpoint.best is false
! rainbow: runs/default/short: has no best weights: either the run has not evaluated yet, or checkpoint.best is false
! rainbow: runs/default/short: has no best weights: either the run has not evaluated yet, or checkpoint.best is false
! rainbow: runs/default/short: has no best weights: either the run has not evaluated yet, or checkpoint.best is false
= 0

# Every command that uses a run's weights takes --best.
$ rainbow export runs/default/small --best --onnx best.onnx --json | grep checkpoint; rainbow export runs/default/small/checkpoints/best --onnx same.onnx >same.out; cmp best.onnx same.onnx
| 	"checkpoint":	"runs/default/small/checkpoints/best",
= 0
$ rainbow eval runs/default/small/checkpoints/best --best
! rainbow: runs/default/small/checkpoints/best: is a checkpoint, which has only its own weights; --best needs the run's directory
= 2
$ rainbow frames cartpole --best
! rainbow frames: --best needs a run: cartpole is not one
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow export runs/default/nowhere --best --onnx no.onnx
! rainbow: runs/default/nowhere: there is no such run
= 1

# Two runs without a name get separate directories.
$ for i in 1 2; do rainbow train cartpole --preset=cartpole-dqn --run.group=g --run.max_steps=50 --eval.episodes=1 --eval.every_steps=0 2>/dev/null | head -1; done
| runs/g/cartpole-dqn-s1
| runs/g/cartpole-dqn-s1-2
= 0

# Interrupted: a checkpoint, how to resume, and status 130. (The first `timeout` sends its signal twice at once.)
$ timeout --preserve-status -s INT 3 rainbow train cartpole --run.name=long --run.max_steps=1000M --checkpoint.every_steps=0 2>err; echo $?; grep -e stopping -e interrupted err
| runs/default/long
| 130
| rainbow: saving a checkpoint, then stopping; interrupt again to stop at once
| rainbow: interrupted; `rainbow train --resume runs/default/long` resumes it
= 0
$ timeout --foreground --preserve-status -s TERM 3 rainbow train --resume runs/default/long >/dev/null 2>&1; echo $?
| 75
= 0
$ ls runs/default/long/checkpoints | grep -c step
| 2
= 0

# A terminal that closes, and signals it twice.
$ (rainbow train cartpole --run.name=gone --run.max_steps=1000M --checkpoint.every_steps=0 >/dev/null 2>err & P=$!; while ! [ -s runs/default/gone/train.csv ]; do sleep 0.1; done; kill -HUP $P; kill -HUP $P; wait $P); echo $?; grep -c stopping err; ls runs/default/gone/checkpoints | grep -c step
| 75
| 1
| 1
= 0

# A limit on the size of files is reported like a full disk.
$ (ulimit -f 30; rainbow train cartpole --run.name=limited --run.max_steps=3000 --eval.every_steps=0 --tensorboard.enabled=false >/dev/null 2>err); echo $?; grep -e 'File too large' err | sed 's/: runs.*: / ... /'
| 1
| rainbow: the checkpoint at step 3000 could not be written (no step of this run is saved) ... File too large
= 0

# Without a checkpoint, a run that has ended is left as it is, and any other begins again, says so, and keeps what it had.
$ rainbow train cartpole --run.name=bare --run.max_steps=200 --agent.start_steps=64 --eval.episodes=1 --plot.enabled=false --quiet >/dev/null; rm -r runs/default/bare/checkpoints; rainbow train --resume runs/default/bare --run.max_steps=300; rainbow train --resume-if-present cartpole --run.name=bare --run.max_steps=200 --agent.start_steps=64 --eval.episodes=1 --plot.enabled=false; cp runs/default/bare/train.csv before.csv
| runs/default/bare
! rainbow: runs/default/bare: this run has ended, and its checkpoints are gone, so it can't be continued: train under another run.name, or remove its end.json to begin it again at step 0
! rainbow: runs/default/bare: this run has ended already
= 0
$ rm runs/default/bare/end.json; rainbow train --resume runs/default/bare 2>&1 | sed -n 's|^rainbow: warning: [^:]*: ||p'; cmp before.csv runs/default/bare/before-1/train.csv && ls runs/default/bare/before-1 runs/default/bare | sed 's/tfevents.*/tfevents/'; rm -r runs/default/bare/checkpoints; rainbow eval runs/default/bare
| no checkpoint is there to continue from, so the run begins again at step 0; what it had recorded is now in runs/default/bare/before-1
| runs/default/bare:
| before-1
| checkpoints
| config.ini
| end.json
| eval.csv
| eval.csv.sum
| events.out.tfevents
| lock
| train.csv
| train.csv.sum
|
| runs/default/bare/before-1:
| eval.csv
| eval.csv.sum
| events.out.tfevents
| train.csv
| train.csv.sum
! rainbow: runs/default/bare: has no checkpoints: its directory checkpoints/ is missing
= 1

# The benchmark of the learner.
$ rainbow bench learner cartpole --updates 3 --warmup 1 --json | grep -o '"[a-z_]*":' | tr -d '\n'
| "bench":"preset":"network":"parameters":"kernels":"threads":"updates":"median_ms":"min_ms":"max_ms":
= 0
$ rainbow bench learner cartpole --updates 3 --warmup 1 --kernels plain | sed 's/ms$/ms/; s/[0-9.]* ms/T ms/; s/^threads.*/threads/; s/, [0-9.,]* updates.*/, N updates\/s/'
| preset      cartpole
| network     4 x 1 x 1, batch 64, 2 actions, 51 outputs each, dueling, noisy
| parameters  106,162
| kernels     plain
| threads
| updates     3
| median      T ms, N updates/s
| fastest     T ms
| slowest     T ms
= 0
$ rainbow bench learner cartpole --kernels abacus 2>&1 | sed "s/are '.*'/are 'ITS OWN'/"
| rainbow: kernels 'abacus': no kernels of that name run on this processor (its fastest are 'ITS OWN')
= 0

# A run that leaves much behind that only --resume needs names the command that frees it, and all else works after it.
$ printf '[net]\nmlp = 2500-2500\n[run]\nmax_steps = 60\n[agent]\nstart_steps = 50\nbatch = 32\n[eval]\nepisodes = 1\n[plot]\nenabled = false\n[compute]\nthreads = 1\n' > big.ini; rainbow train cartpole --preset=cartpole-dqn --config big.ini --run.name=big 2>&1 >/dev/null | grep freed | sed 's/[0-9.]* MB/N MB/' | tee said; rainbow train cartpole --preset=cartpole-dqn --config big.ini --run.name=big2 --quiet 2>&1 >/dev/null
| rainbow: N MB that only --resume needs can be freed: rm -r runs/default/big/checkpoints/replay runs/default/big/checkpoints/step_*/state.rb
= 0
$ sh -c "$(sed 's/.*freed: //' said)"; ls runs/default/big/checkpoints runs/default/big/checkpoints/step_*; rainbow eval runs/default/big --episodes 1 | tail -1 | grep -c mean; rainbow train --resume runs/default/big --run.max_steps=99
| runs/default/big/checkpoints:
| best
| best_a
| step_000000000060
|
| runs/default/big/checkpoints/step_000000000060:
| config.ini
| replay_files.txt
| weights.safetensors
| 1
! rainbow: runs/default/big: its checkpoints hold only weights and can't be resumed
= 1
$ rainbow train cartpole --preset=cartpole-dqn --config big.ini --seeds 1..2 --jobs 1 --run.group=bigs 2>&1 >/dev/null | grep freed | sed 's/[0-9.]* MB/N MB/'
| rainbow: N MB that only --resume needs can be freed, in each of the 2 runs: rm -r checkpoints/replay checkpoints/step_*/state.rb
= 0

# The same command starts a run, resumes it, or leaves it alone.
$ C="rainbow train cartpole --config small.ini --run.group=again --resume-if-present"; printf '[run]\nmax_steps = 600\n[replay]\ncapacity = 600\n[agent]\nstart_steps = 100\n[net]\nhidden = 16\nmlp = 16\n[eval]\nepisodes = 1\n' > small.ini; $C 2>/dev/null | sed 's/ updates.*//'; $C; $C --run.max_steps=700; $C --run.seed=2 --run.name=cartpole-s1; $C --agent.gamma=0.9; $C --run.note=x; $C --run.overwrite=true; $C --resume runs/again/cartpole-s1
| runs/again/cartpole-s1
| 600 steps, 500
| runs/again/cartpole-s1
| runs/again/cartpole-s1
! rainbow: runs/again/cartpole-s1: this run has ended already
! rainbow: runs/again/cartpole-s1: is a run with other settings: its run.max_steps is 600, not 700; --run.name=OTHER names another run, and `rainbow train --resume runs/again/cartpole-s1 --run.max_steps=700` changes it
! rainbow: runs/again/cartpole-s1: is a run with other settings: its run.seed is 1, not 2; --run.name=OTHER names another run
! rainbow: runs/again/cartpole-s1: is a run with other settings: its agent.gamma is 0.99, not 0.9; --run.name=OTHER names another run
! rainbow: runs/again/cartpole-s1: this run has ended already
! rainbow: run.overwrite = true replaces a run that is there, which can't go together with resuming it
! rainbow train: --resume takes the environment from the run: unexpected word cartpole
! usage: rainbow train ENV [OPTION...]
!        rainbow train ENV,ENV... --seeds LIST [OPTION...]
!        rainbow train --resume RUN... [OPTION...]
= 2
$ C="rainbow train cartpole --config small.ini --run.group=again --resume-if-present --run.name=stopped --run.max_steps=2000000 --eval.every_steps=0 --json-result"; $C --run.time_limit_minutes=0.005 2>&1 >out | grep -c 'stopped by run.time_limit_minutes'; tail -1 out | sed 's/"step".*//'; $C --run.time_limit_minutes=0.004 >out 2>&1; echo $?; grep -c 'resumes at step' out
| 1
| {"directory":"runs/again/stopped","status":"stopped","ended_by":null,"error":null,
| 75
| 1
= 0
$ rainbow train cartpole,acrobot --config small.ini --seeds 1..2 --jobs 2 --run.group=several --resume-if-present >/dev/null 2>&1; rm -r runs/several/acrobot-s2; rainbow train cartpole,acrobot --config small.ini --seeds 1..2 --jobs 2 --run.group=several --resume-if-present 2>/dev/null | sed 's/  *[-0-9.]*  *[-0-9,]*$/ E S/'
| runs/several/cartpole-s1
| runs/several/cartpole-s2
| runs/several/acrobot-s1
| runs/several/acrobot-s2
| run                             seed            steps  evaluation     steps/s
| runs/several/cartpole-s1           1              600 E S
| runs/several/cartpole-s2           2              600 E S
| runs/several/acrobot-s1            1              600 E S
| runs/several/acrobot-s2            2              600 E S
= 0
$ rainbow train cartpole --config small.ini --json-result --seeds 1..2
! rainbow train: --json-result prints the result of one run
! usage: rainbow train ENV [OPTION...]
!        rainbow train ENV,ENV... --seeds LIST [OPTION...]
!        rainbow train --resume RUN... [OPTION...]
= 2
