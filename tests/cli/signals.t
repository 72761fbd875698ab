# The signals that stop a training (src/cli/signals.h): a checkpoint, how to resume, and the exit status.
$ printf '[run]\nmax_steps = 1000M\n[eval]\nevery_steps = 0\nepisodes = 1\n[checkpoint]\nevery_steps = 0\n[compute]\nthreads = 1\n[plot]\nenabled = false\n' > long.ini
= 0
$ for s in INT TERM HUP USR1 USR2 XCPU; do (env --default-signal=INT rainbow train cartpole --config long.ini --run.name=$s >out 2>err & P=$!; while ! [ -s runs/default/$s/train.csv ]; do sleep 0.05; done; kill -$s $P; wait $P; echo $s $? $(ls runs/default/$s/checkpoints | grep -c step) $(sed -n 's/^rainbow: \([a-z ]*\); .rainbow train --resume runs.*/\1/p' err)); done
| INT 130 1 interrupted
| TERM 75 1 stopped by a signal
| HUP 75 1 stopped by a signal
| USR1 75 1 stopped by a signal
| USR2 75 1 stopped by a signal
| XCPU 75 1 stopped by a signal
= 0

# An evaluation is broken off, and made again when the run resumes.
$ (rainbow train acrobot --config long.ini --run.name=evaluating --run.max_steps=500 --eval.episodes=100000 >/dev/null 2>&1 & P=$!; while ! [ -s runs/default/evaluating/train.csv ]; do sleep 0.05; done; sleep 2; kill -USR2 $P; wait $P; echo $?); ls runs/default/evaluating/checkpoints | grep step; wc -l < runs/default/evaluating/eval.csv
| 75
| step_000000000500
| 1
= 0
$ rainbow train --resume runs/default/evaluating --eval.episodes=2 >/dev/null 2>&1; echo $?; wc -l < runs/default/evaluating/eval.csv
| 0
| 2
= 0

# A second signal ends the program at once and says what is lost. Systems repeat SIGHUP and SIGXCPU: these never count as the second.
$ (ulimit -c 0; rainbow train $OWN/faulty.so --config long.ini --run.name=stuck --env.options=hangs >/dev/null 2>err & P=$!; while ! [ -s runs/default/stuck/train.csv ]; do sleep 0.05; done; sleep 0.3; kill -USR1 $P; kill -TERM $P; sleep 1.3; kill -HUP $P; kill -XCPU $P; sleep 0.1; kill -USR2 $P; wait $P; echo $?) 2>/dev/null; cat err | sed -n '/^rainbow: /p' | grep -v -e memory -e network -e kernels
| 140
| rainbow: saving a checkpoint, then stopping; interrupt again to stop at once
| rainbow: ended at once at step 4: no checkpoint was complete, so all of the run is lost
= 0

# Several runs: the first process passes the signal on, and its status follows; so does a signal to one run alone.
$ (rainbow train cartpole --config long.ini --seeds 1..2 --jobs 2 --run.group=many >out 2>err & P=$!; while ! [ -s runs/many/cartpole-s1/train.csv ] || ! [ -s runs/many/cartpole-s2/train.csv ]; do sleep 0.05; done; kill -USR1 $P; wait $P; echo $?); ls runs/many/*/checkpoints | grep -c step; grep -c interrupted out
| 75
| 2
| 2
= 0
$ children() { grep -l "^PPid:.$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3; }; (rainbow train --resume runs/many/cartpole-s1 runs/many/cartpole-s2 --jobs 2 >out 2>err & P=$!; while [ $(children $P | wc -l) -lt 2 ]; do sleep 0.05; done; sleep 0.5; kill -XCPU $(children $P); wait $P; echo $?); grep -c interrupted out
| 75
| 2
= 0

# Descriptors 0 to 2 that the caller closed do not become the run's files.
$ rainbow train cartpole --config long.ini --run.name=closed --run.max_steps=300 --eval.episodes=1 <&- >&- 2>&-; echo $?; head -1 runs/default/closed/train.csv; cat runs/default/closed/*.csv runs/default/closed/lock | grep -c rainbow
| 0
| step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds
| 0
= 1

# An environment in the program's process that calls exit() does not end it silently, or with status 0.
$ rainbow train $OWN/faulty.so --config long.ini --run.name=exits --env.options=exits >/dev/null 2>err; echo $?; tail -1 err
| 1
| rainbow: the environment called exit(), which ended the program at step 4: no checkpoint was complete, so all of the run is lost
= 0
$ rainbow train $OWN/faulty.so --config long.ini --env.options=exits --seeds 1..2 --jobs 2 2>err | grep -c failed; grep -o 'the environment called exit()' err
| 2
| the environment called exit()
| the environment called exit()
= 0
