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
| rainbow: stopped at once at step 4: no checkpoint was complete, so all of the run is lost
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

# An environment in the program's process that calls exit() fails like any other, whatever the status; the run is saved.
$ for o in exits quits exits_err exits_observe; do rainbow train $OWN/faulty.so --config long.ini --run.name=$o --env.options=$o >/dev/null 2>err; echo $? $(ls runs/default/$o/checkpoints | grep step) $(tail -1 err | sed 's|/[^ ]*/||; s/,.*//'); done
| 1 step_000000000005 rainbow: step 4: environment 0: faulty.so: step: called exit(3)
| 1 step_000000000005 rainbow: step 4: environment 0: faulty.so: step: called exit(0)
| 1 step_000000000005 rainbow: step 4: environment 0: faulty.so: step: called exit(0)
| 1 step_000000000005 rainbow: step 4: environment 0: faulty.so: observe: called exit(0)
= 0
$ rainbow train $OWN/faulty.so --config long.ini --env.options=exits --seeds 1..2 --jobs 2 2>err | grep -c failed; grep -o 'called exit(3)' err
| 2
| called exit(3)
| called exit(3)
= 0
# exit() from inside libc can't be caught, but is reported, and never status 0.
$ rainbow train $OWN/faulty.so --config long.ini --run.name=inside --env.options=exits_in_libc >/dev/null 2>err; echo $?; tail -1 err
| 1
| rainbow: code outside of Rainbow called exit(), which ended the program at step 4: no checkpoint was complete, so all of the run is lost
= 0
# A child of the environment's own ends as usual; and every command that plays reports how its environment ended.
$ rainbow train $OWN/faulty.so --config long.ini --run.name=late --run.max_steps=300 --env.options=exits_in_child --quiet >/dev/null 2>&1; echo $?; for c in eval "record -o a.mp4"; do RB_TEST_END=exit rainbow $c runs/default/late >out 2>&1; echo $? $(tail -1 out | sed 's|/[^ ]*/||g; s/,.*//'); done
| 0
| 1 rainbow: environment 0: faulty.so: step: called exit(0)
| 1 rainbow: environment 0: faulty.so: step: called exit(0)
= 0
$ (ulimit -c 0; for c in eval "record -o a.mp4"; do RB_TEST_END=crash rainbow $c runs/default/late >/dev/null 2>err; echo $? $(grep '^rainbow' err | sed 's|/[^ ]*/||g'); done) 2>/dev/null
| 139 rainbow: faulty.so: the environment crashed in its function step (SIGSEGV: memory that it may not access)
| 139 rainbow: faulty.so: the environment crashed in its function step (SIGSEGV: memory that it may not access)
= 0

# A crash ends the program by its signal; what is lost, and what --resume continues from, is reported first. The checkpoint that is being written is waited for.
$ for o in crashes overflows divides aborts; do (ulimit -c 0; rainbow train $OWN/faulty.so --config long.ini --run.name=$o --env.options=$o >/dev/null 2>err; echo $?) 2>/dev/null; grep '^rainbow' err | tail -1 | sed 's|/[^ ]*/||'; done
| 139
| rainbow: faulty.so: the environment crashed in its function step (SIGSEGV: memory that it may not access) at step 4: no checkpoint was complete, so all of the run is lost
| 139
| rainbow: faulty.so: the environment crashed in its function step (SIGSEGV: memory that it may not access) at step 4: no checkpoint was complete, so all of the run is lost
| 136
| rainbow: faulty.so: the environment crashed in its function step (SIGFPE: arithmetic without a result, such as a division by 0) at step 4: no checkpoint was complete, so all of the run is lost
| 134
| rainbow: faulty.so: the environment crashed in its function step (SIGABRT: abort() or a failed assertion) at step 4: no checkpoint was complete, so all of the run is lost
= 0
$ (ulimit -c 0; rainbow train $OWN/faulty.so --config long.ini --run.name=crashes_late --env.options=crashes_late --checkpoint.every_steps=200 >/dev/null 2>err; echo $?) 2>/dev/null; grep '^rainbow' err | tail -1 | sed 's|/[^ ]*/||'; ls runs/default/crashes_late/checkpoints | tail -1
| 139
| rainbow: faulty.so: the environment crashed in its function step (SIGSEGV: memory that it may not access) at step 3692: 92 steps since the checkpoint of step 3600 are lost; `rainbow train --resume runs/default/crashes_late` continues from runs/default/crashes_late/checkpoints/step_000000003600
| step_000000003600
= 0
$ (ulimit -c 0; rainbow train $OWN/faulty.so --config long.ini --run.name=crashes_evaluation --env.options=crashes_render --run.max_steps=3000 --checkpoint.every_steps=2000 --eval.every_steps=2000 >/dev/null 2>err; echo $?) 2>/dev/null; grep '^rainbow' err | tail -1 | sed 's|/[^ ]*/||'; ls runs/default/crashes_evaluation/checkpoints | grep step
| 139
| rainbow: faulty.so: the environment crashed in its function render (SIGSEGV: memory that it may not access) at step 2000: its checkpoint is complete, nothing is lost; `rainbow train --resume runs/default/crashes_evaluation` continues from runs/default/crashes_evaluation/checkpoints/step_000000002000
| step_000000002000
= 0
$ rainbow train $OWN/faulty.so --config long.ini --env.options=crashes --seeds 1..2 --jobs 2 --run.group=crashing 2>err | grep -c failed; grep -o -e 'crashed in its function step' -e 'ended by signal' err
| 2
| crashed in its function step
| crashed in its function step
= 0
