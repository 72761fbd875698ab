# Several runs at once: seeds and environments side by side, one process per run.
$ printf '[run]\nmax_steps = 1500\n[replay]\ncapacity = 2000\n[net]\nhidden = 16\nmlp = 16\n[eval]\nevery_steps = 1200\nepisodes = 2\n' > small.ini
= 0

# The directories come first, then the result of each run. (Times and scores are removed.)
$ rainbow train cartpole --config small.ini --seeds 1..3 --jobs 2 2>err | sed 's/  *[0-9]*\.[0-9]*  *[0-9,]*$/ E S/'
| runs/default/cartpole-s1
| runs/default/cartpole-s2
| runs/default/cartpole-s3
| run                             seed            steps  evaluation     steps/s
| runs/default/cartpole-s1           1            1,500 E S
| runs/default/cartpole-s2           2            1,500 E S
| runs/default/cartpole-s3           3            1,500 E S
= 0
$ grep -c -e '^memory: .* for 2 runs at once' err; grep -c 'cartpole-s[123]  1,500/1,500 steps' err; grep -c 'cartpole-s3: step 1,200: evaluation of 2 games: ' err
| 1
| 3
| 1
= 0

# A run among several is bit-identical to the same run alone; only the columns of seconds differ.
$ rainbow train cartpole --config small.ini --seed 2 --run.name=alone --compute.threads=1 >/dev/null 2>&1
= 0
$ W=checkpoints/step_000000001500/weights.safetensors; cmp runs/default/alone/$W runs/default/cartpole-s2/$W && echo same
| same
= 0
$ for t in train eval; do for r in alone cartpole-s2; do cut -d, --complement -f$(head -1 runs/default/$r/$t.csv | tr , '\n' | grep -n seconds | cut -d: -f1) runs/default/$r/$t.csv > $r.$t; done; cmp alone.$t cartpole-s2.$t && echo same $t; done
| same train
| same eval
= 0
$ grep -h -e '^seed' -e '^threads' runs/default/cartpole-s[123]/config.ini
| seed = 1
| threads = 1
| seed = 2
| threads = 1
| seed = 3
| threads = 1
= 0

# The table tells different experiments apart.
$ rainbow train cartpole --config small.ini --seed 2 --run.name=wide --compute.threads=1 --net.hidden=24 >/dev/null 2>&1; rainbow train --resume runs/default/alone runs/default/wide --run.max_steps=1600 2>/dev/null | sed 's/  *[0-9]*\.[0-9]*  *[0-9,]*  / E S  /'
| runs/default/alone
| runs/default/wide
| run                       seed            steps  evaluation     steps/s
| runs/default/alone           2            1,600 E S  net.hidden=16
| runs/default/wide            2            1,600 E S  net.hidden=24
= 0

# Several environments, each with each seed; as many at once as the machine has processors.
$ rainbow train cartpole,CartPole-v0 --preset=cartpole --config small.ini --seeds 5,7..8 --run.group=both --run.max_steps=1100 --eval.every_steps=0 2>err | sed 's/  *[0-9]*\.[0-9]*  *[0-9,]*$/ E S/'
| runs/both/cartpole-s5
| runs/both/cartpole-s7
| runs/both/cartpole-s8
| runs/both/cartpole-v0-cartpole-s5
| runs/both/cartpole-v0-cartpole-s7
| runs/both/cartpole-v0-cartpole-s8
| run                                      seed            steps  evaluation     steps/s
| runs/both/cartpole-s5                       5            1,100 E S
| runs/both/cartpole-s7                       7            1,100 E S
| runs/both/cartpole-s8                       8            1,100 E S
| runs/both/cartpole-v0-cartpole-s5           5            1,100 E S
| runs/both/cartpole-v0-cartpole-s7           7            1,100 E S
| runs/both/cartpole-v0-cartpole-s8           8            1,100 E S
= 0

# Interrupted: the active runs save checkpoints, the others have not begun; all of them can be resumed.
$ (rainbow train cartpole --config small.ini --run.max_steps=1000M --checkpoint.every_steps=0 --seeds 1..3 --jobs 2 --run.group=cut >out 2>err & P=$!; while ! [ -s runs/cut/cartpole-s1/eval.csv ] || ! [ -s runs/cut/cartpole-s2/eval.csv ]; do sleep 0.1; done; sleep 0.3; kill -TERM $P; kill -INT $P; wait $P); echo $?
| 75
= 0
$ grep -o 'interrupted\|not started\|failed' out; grep -e stopping -e interrupted err
| interrupted
| interrupted
| not started
| rainbow: saving checkpoints of 2 runs, then stopping; interrupt again to stop at once
| rainbow: interrupted; `rainbow train --resume runs/cut/cartpole-s1 runs/cut/cartpole-s2 runs/cut/cartpole-s3 --jobs 2` resumes
= 0
$ ls runs/cut/cartpole-s1/checkpoints runs/cut/cartpole-s2/checkpoints | grep -c step; ls runs/cut/cartpole-s3
| 2
| checkpoints
| config.ini
| lock
= 0
$ rainbow train --resume runs/cut/cartpole-s1 runs/cut/missing runs/cut/cartpole-s3 --run.max_steps=1000 2>err | sed 's/  *[0-9,]*  *[0-9.-]*  *[0-9,]*$/ .../' ; grep -c missing err
| runs/cut/cartpole-s1
| runs/cut/cartpole-s3
| run                         seed            steps  evaluation     steps/s
| runs/cut/cartpole-s1           1 ...
| runs/cut/missing               -                -           -           -  failed
| runs/cut/cartpole-s3           3 ...
| 1
= 0
$ rainbow train --resume runs/cut/cartpole-s2 runs/cut/missing --jobs 2 --run.max_steps=1000 >/dev/null 2>err; echo $?; cat err | grep no.such
| 1
| rainbow: runs/cut/missing: there is no such run
= 0

# A run that fails does not affect the others; if the first process dies, the others save and end.
$ children() { grep -l "^PPid:.$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3; }; ulimit -c 0; (rainbow train cartpole --config small.ini --run.max_steps=20000 --seeds 1..2 --jobs 2 --run.group=broken >out 2>err & P=$!; while ! [ -s runs/broken/cartpole-s1/eval.csv ]; do sleep 0.1; done; kill -KILL $(children $P | sort -n | head -1); wait $P); echo $?; grep -c failed out; grep -c '  20,000  .*[0-9]$' out; grep -o 'its process.*' err
| 1
| 1
| 1
| its process was ended by signal 9 (Killed); --resume continues from its newest checkpoint
= 0
$ children() { grep -l "^PPid:.$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3; }; (rainbow train cartpole --config small.ini --run.max_steps=1000M --checkpoint.every_steps=0 --seeds 1..2 --jobs 2 --run.group=orphans >out 2>err & P=$!; while ! [ -s runs/orphans/cartpole-s1/eval.csv ] || ! [ -s runs/orphans/cartpole-s2/eval.csv ]; do sleep 0.1; done; C=$(children $P); sleep 0.3; kill -KILL $P; wait $P; for c in $C; do n=0; while [ -d /proc/$c ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done; [ -d /proc/$c ] || echo gone; done) 2>/dev/null; ls runs/orphans/cartpole-s1/checkpoints runs/orphans/cartpole-s2/checkpoints | grep -c step
| gone
| gone
| 2
= 0

# More runs at once than there are processors is not faster.
$ taskset -c $(taskset -pc $$ | sed 's/.*: //; s/[-,].*//') rainbow train cartpole --config small.ini --seeds 1..2 --jobs 2 --run.group=crowd --run.max_steps=1000 2>&1 >/dev/null | grep jobs=
| rainbow: 2 runs at once share 1 processor; fewer at once end as soon: --jobs=1
= 0

# On a terminal, one line per run is redrawn again and again.
$ TERM=xterm script -qec 'stty cols 60 rows 20; rainbow train cartpole --config small.ini --seeds 1..2 --jobs 2 --run.group=drawn' /dev/null </dev/null | tr '\r' '\n' | grep -a -c -e '2 running, 0 waiting, 0 ended' | sed 's/[1-9][0-9]*/some/'
| some
= 0

# Wrong usage: one sentence, and nothing is created.
$ rainbow train cartpole --seeds 4..1 2>&1 | head -1
| rainbow train: --seeds=4..1: 4..1 decreases; write 1..4
= 0
$ rainbow train cartpole --seeds x 2>&1 | head -1
| rainbow train: --seeds=x: must be numbers or ranges from 0 to 4294967295, such as 1..4 or 1,3,7
= 0
$ rainbow train cartpole --seeds= 2>&1 | head -1
| rainbow train: --seeds=: must be numbers or ranges from 0 to 4294967295, such as 1..4 or 1,3,7
= 0
$ rainbow train cartpole --seeds 1, 2>&1 | head -1
| rainbow train: --seeds=1,: must be numbers or ranges from 0 to 4294967295, such as 1..4 or 1,3,7
= 0
$ rainbow train cartpole --seeds -3 2>&1 | head -1
| rainbow train: --seeds=-3: must be numbers or ranges from 0 to 4294967295, such as 1..4 or 1,3,7
= 0
$ rainbow train cartpole --seeds 1..4294967296 2>&1 | head -1
| rainbow train: --seeds=1..4294967296: must be numbers or ranges from 0 to 4294967295, such as 1..4 or 1,3,7
= 0
$ rainbow train cartpole --seeds 1..1001 2>&1 | head -1
| rainbow train: --seeds=1..1001: more than 1000 seeds are given
= 0
$ rainbow train cartpole --seeds 1..3,2 2>&1 | head -1
| rainbow train: --seeds=1..3,2: 2 is given twice
= 0
$ rainbow train cartpole --seeds 1..2 --jobs 0 2>&1 | head -1
| rainbow train: --jobs=0: must be a whole number from 1 to 1000
= 0
$ rainbow train cartpole --seeds 1..2 --jobs two 2>&1 | head -1
| rainbow train: --jobs=two: must be a whole number from 1 to 1000
= 0
$ rainbow train cartpole --seeds 1..2 --seed=3 2>&1 | head -1
| rainbow train: --seeds gives every seed, so --seed=3 is not allowed
= 0
$ rainbow train cartpole --seeds 1..2 --run.name=mine 2>&1 | head -1
| rainbow train: run.name = mine: 2 runs need a directory each; name their group instead: --run.group=NAME
= 0
$ rainbow train cartpole --jobs 2 2>&1 | head -1
| rainbow train: --jobs needs several runs: --seeds 1..4, or environments with commas
= 0
$ rainbow train cartpole,,atari/pong 2>&1 | head -1
| rainbow train: an environment is missing beside a comma
= 0
$ rainbow train cartpole,cartpole 2>&1 | head -1
| rainbow train: cartpole is given twice
= 0
$ rainbow train cartpole,cartpol
! rainbow: unknown environment 'cartpol': did you mean 'cartpole'? (`rainbow envs` lists all)
= 2
$ rainbow train --seeds 1..2 2>&1 | head -1
| rainbow train: no environment is named; `rainbow envs` lists them
= 0
$ rainbow train --resume runs/a --seeds 1..2 2>&1 | head -1
| rainbow train: --seeds needs new runs: a resumed run keeps its seed
= 0
$ rainbow train --resume runs/a --jobs 2 2>&1 | head -1
| rainbow train: --jobs needs several runs: --resume RUN RUN ...
= 0
$ rainbow train --resume runs/a runs/a 2>&1 | head -1
| rainbow train: runs/a is given twice
= 0
$ rainbow train --resume runs/cut/cartpole-s1 runs/cut/cartpole-s2 --agent.gamma=0.9
! rainbow: agent.gamma = 0.9: the run was made with 0.99, which cannot change on resume
= 2
$ rainbow train cartpole --seeds 1..2 --agent.gama=0.9
! rainbow: no option --agent.gama; did you mean --agent.gamma?
= 2
$ rainbow train cartpole --seeds 1..2 --replay.capacity=1000M --env.stack=16 --agent.n_step=3 2>&1 | sed 's/[0-9.]* [GT]B/X/g; s/=[0-9]* would/=N would/'
| rainbow: this run needs X of memory, X of it for replay.capacity = 1000000000 steps, and the machine has X free; --replay.capacity=N would fit
= 0
$ ls runs/default
| alone
| cartpole-s1
| cartpole-s2
| cartpole-s3
| wide
= 0
