# Arrays of many runs. The programs of Slurm are played by scripts here; tests/cluster/ has a real Slurm.
$ printf '[run]\nmax_steps = 600\n[replay]\ncapacity = 600\n[agent]\nstart_steps = 100\n[net]\nhidden = 16\nmlp = 16\n[eval]\nevery_steps = 0\nepisodes = 1\n[plot]\nenabled = false\n[tensorboard]\nenabled = false\n' > small.ini; mkdir fake none; echo '[ "$1" = --version ] && exit; echo "$@" >> called; while [ -e full ]; do sleep 0.05; done; [ -e refuse ] && { echo "sbatch: error: invalid partition specified: nowhere" >&2; exit 1; }; echo 4242' | sed '1i #!/bin/sh' > fake/sbatch; printf '#!/bin/sh\ncat queue 2>/dev/null\nexit 0\n' > fake/squeue; printf '#!/bin/sh\n[ "$2" = config ] && echo "MaxArraySize            = 1001"\nexit 0\n' > fake/scontrol; cp fake/scontrol fake/sinfo; chmod +x fake/*; ln -s "$(command -v rainbow)" fake/rainbow; ln -s fake/rainbow rainbow
= 0

# The plan: one task per run. Memory comes from the plan of memory; options after -- replace ours.
$ PATH=$PWD/fake:$PATH rainbow cluster slurm cartpole,acrobot --config small.ini --seeds 1..2 --optim.learning_rate=1e-3,1e-4 --run.group=first -- --time=1:00:00 -p long --signal=B:TERM@60 2>&1 | sed 's/[0-9.]* MB/N MB/'
| runs/first
| rainbow: 8 runs in 8 tasks with 1 processor and N MB of memory each
| rainbow: the script is runs/first/slurm/array.sh; the same command with --submit submits it
= 0
$ sed -n '/SBATCH/p' runs/first/slurm/array.sh | sed "s|$PWD|HERE|; s/mem=[0-9]*M/mem=NM/"; tail -1 runs/first/slurm/array.sh | sed 's/.* cluster task/cluster task/'
| #SBATCH --job-name=rainbow-first
| #SBATCH --array=1-8
| #SBATCH --cpus-per-task=1
| #SBATCH --mem=NM
| #SBATCH --requeue
| #SBATCH --open-mode=append
| #SBATCH --output="HERE/runs/first/slurm/logs/%a.log"
| #SBATCH --time=1:00:00
| #SBATCH -p long
| #SBATCH --signal=B:TERM@60
| cluster task 'runs/first/slurm' "$SLURM_ARRAY_TASK_ID"
= 0
$ cut -f1-4 runs/first/slurm/runs.txt
| # rainbow cluster 1: the runs of an array, one per line: its name and its command line, separated by tabs
| # job rainbow-first runs per task 1 at once 1
| cartpole-learning_rate_1e-3-s1	cartpole	--config=small.ini	--optim.learning_rate=1e-3
| cartpole-learning_rate_1e-3-s2	cartpole	--config=small.ini	--optim.learning_rate=1e-3
| cartpole-learning_rate_1e-4-s1	cartpole	--config=small.ini	--optim.learning_rate=1e-4
| cartpole-learning_rate_1e-4-s2	cartpole	--config=small.ini	--optim.learning_rate=1e-4
| acrobot-learning_rate_1e-3-s1	acrobot	--config=small.ini	--optim.learning_rate=1e-3
| acrobot-learning_rate_1e-3-s2	acrobot	--config=small.ini	--optim.learning_rate=1e-3
| acrobot-learning_rate_1e-4-s1	acrobot	--config=small.ini	--optim.learning_rate=1e-4
| acrobot-learning_rate_1e-4-s2	acrobot	--config=small.ini	--optim.learning_rate=1e-4
= 0
$ rainbow cluster status first
| state     run                                       step              of    steps/s  left, or the reason
| waiting   cartpole-learning_rate_1e-3-s1               -               -          -  not submitted
| waiting   cartpole-learning_rate_1e-3-s2               -               -          -  not submitted
| waiting   cartpole-learning_rate_1e-4-s1               -               -          -  not submitted
| waiting   cartpole-learning_rate_1e-4-s2               -               -          -  not submitted
| waiting   acrobot-learning_rate_1e-3-s1                -               -          -  not submitted
| waiting   acrobot-learning_rate_1e-3-s2                -               -          -  not submitted
| waiting   acrobot-learning_rate_1e-4-s1                -               -          -  not submitted
| waiting   acrobot-learning_rate_1e-4-s2                -               -          -  not submitted
| 8 runs: 0 done, 0 running, 8 waiting, 0 failed
= 0

# No Slurm, a partition that does not exist, and an array that was submitted already: nothing is submitted, or not twice.
$ C="cluster slurm cartpole,acrobot --config small.ini --seeds 1..2 --optim.learning_rate=1e-3,1e-4 --run.group=first --submit"; PATH=$PWD/none ./rainbow $C 2>&1 | grep -v ' in 8 tasks'; touch refuse; PATH=$PWD/fake:$PATH rainbow $C 2>&1 | grep -v ' in 8 tasks'; rm refuse; ls runs/first/slurm
| runs/first
| rainbow: sbatch is not in PATH: this machine has no Slurm; on a cluster, log in to a node from which jobs are submitted
| runs/first
| rainbow: nothing was submitted, because sbatch refused runs/first/slurm/array.sh: sbatch: error: invalid partition specified: nowhere
| array.sh
| lock
| logs
| runs.txt
= 0
$ C="cluster slurm cartpole,acrobot --config small.ini --seeds 1..2 --optim.learning_rate=1e-3,1e-4 --run.group=first --submit"; export PATH=$PWD/fake:$PATH; rm called; rainbow $C 2>&1 | grep -v ' in 8 tasks'; rainbow $C; cat called; cut -d' ' -f1,2 runs/first/slurm/jobs.txt
| runs/first
| rainbow: submitted as job 4242; `rainbow cluster status runs/first` shows its runs
| --parsable runs/first/slurm/array.sh
| 4242 all
! rainbow: runs/first: was submitted already, as job 4242, and is not submitted again; `rainbow cluster status runs/first` shows its runs, --retry-failed there submits failed ones, and --run.group=OTHER names another group
= 0

# A job of the group's name that is not noted: it could be this array.
$ export PATH=$PWD/fake:$PATH; echo '77 1 PENDING' > queue; rainbow cluster slurm cartpole --config small.ini --run.group=lost --submit 2>&1 | tail -1; rm queue; ls runs/lost/slurm
| rainbow: job 77 in the queue has the name of this group, rainbow-lost, and runs/lost/slurm/jobs.txt does not know it: it may be this array, submitted by hand or by a command that was killed. End it (scancel 77), or add the line "77 all" to that file
| array.sh
| lock
| logs
| runs.txt
= 0

# A full cluster makes sbatch wait. Meanwhile nothing else submits the group. A signal waits until the job is noted; SIGKILL does not, and then the
# queue tells. The limit of time must leave time to train, and a value with a space is quoted.
$ exec 2>/dev/null; export PATH=$PWD/fake:$PATH C="cluster slurm cartpole --config small.ini --run.group=slow --submit"; touch full; for s in TERM KILL; do rm -f called; rainbow $C > out 2>&1 & p=$!; until [ -e called ]; do sleep 0.05; done; kill -$s $p; [ $s = TERM ] || wait $p; rainbow $C 2>&1 | tail -1; rm full; wait $p; e=$?; [ $s = KILL ] || echo $e; tail -1 out | sed 's/with.*//'; flock runs/slow/slurm/lock cat runs/slow/slurm/jobs.txt | cut -d' ' -f1,2; [ $s = KILL ] || rm runs/slow/slurm/jobs.txt; touch full; done; rm full; echo '4242 1 PENDING' > queue; rainbow $C 2>&1 | tail -1; rm queue
| rainbow: runs/slow/slurm: another command submits this group at this moment, or an sbatch that it left behind; wait for its end
| 143
| rainbow: submitted as job 4242; `rainbow cluster status runs/slow` shows its runs
| 4242 all
| rainbow: runs/slow/slurm: another command submits this group at this moment, or an sbatch that it left behind; wait for its end
| rainbow: 1 run in 1 task 
| rainbow: job 4242 in the queue has the name of this group, rainbow-slow, and runs/slow/slurm/jobs.txt does not know it: it may be this array, submitted by hand or by a command that was killed. End it (scancel 4242), or add the line "4242 all" to that file
= 0

# sbatch may exit with any status, and it may be killed itself.
$ mkdir odd; printf '#!/bin/sh\n[ "$1" = --version ] && exit\n[ -e killed ] && kill -KILL $$\necho "sbatch: unrecognized option" >&2; exit 255\n' > odd/sbatch; chmod +x odd/sbatch; export PATH=$PWD/odd:$PWD/fake:$PATH C="cluster slurm cartpole --config small.ini --run.group=odd --submit"; rainbow $C 2>&1 | tail -1; touch killed; rainbow $C 2>&1 | tail -1; rm killed; ls runs/odd/slurm
| rainbow: nothing was submitted, because sbatch refused runs/odd/slurm/array.sh: sbatch: unrecognized option
| rainbow: sbatch was ended by signal 9, maybe after it had submitted the array; the same command again finds out
| array.sh
| lock
| logs
| runs.txt
= 0

$ rainbow cluster slurm cartpole --config small.ini -- --time=2; rainbow cluster slurm cartpole --config small.ini -- -t 0:03:59; rainbow cluster slurm cartpole --config small.ini --run.group=timed -- --time=2 --signal=B:USR1@30 '--comment=a b' 2>/dev/null; sed -n '/SBATCH.*comment/p;/SBATCH.*time=/p;/SBATCH.*signal/p' runs/timed/slurm/array.sh; for t in 4 4:00 1:00:00 0-1 0-0:30 UNLIMITED x; do rainbow cluster slurm cartpole --config small.ini --run.group=timed -- --time=$t 2>/dev/null || echo $t; done; rainbow cluster slurm cartpole -- -J x; rainbow cluster slurm cartpole -- --clusters=x; rainbow cluster slurm cartpole -- --comment='"x"'
| runs/timed
| #SBATCH --time=2
| #SBATCH --signal=B:USR1@30
| #SBATCH "--comment=a b"
| runs/timed
| runs/timed
| runs/timed
| runs/timed
| runs/timed
| runs/timed
| runs/timed
! rainbow: -- --time=2: is 120 seconds, and a task saves its runs 120 seconds before its limit, so it would have no time to train; give it more (--time=30:00 is half an hour), or another warning, such as -- --time=2 --signal=B:USR1@30
! rainbow: -- --time=0:03:59: is 239 seconds, and a task saves its runs 120 seconds before its limit, so it would have no time to train; give it more (--time=30:00 is half an hour), or another warning, such as -- --time=0:03:59 --signal=B:USR1@60
! rainbow: -- --job-name: is not possible here: `rainbow cluster status` finds the tasks by this name; --run.group=NAME changes it
! rainbow: -- --clusters: is not possible here: squeue must ask the same cluster; set SLURM_CLUSTERS in the environment instead
! rainbow: --comment="x": what follows -- must be options of sbatch, such as -- --partition=long
= 2

# The tasks train: a run, one that fails, one whose task is lost. What failed is submitted again.
$ export PATH=$PWD/fake:$PATH; printf '4242 4 PENDING\n4242 5 RUNNING\n4242 6 PENDING\n4242 7 PENDING\n4242 8 PENDING\n' > queue; rainbow cluster task runs/first/slurm 1 2>/dev/null; rainbow cluster task runs/first/slurm 1 2>&1 | sed 's/process [0-9]*/process N/'; mkdir -p runs/first/cartpole-learning_rate_1e-3-s2; echo x > runs/first/cartpole-learning_rate_1e-3-s2/config.ini; rainbow cluster task runs/first/slurm 2 >/dev/null 2>&1; echo $?; echo 'slurmstepd: error: Detected 1 oom_kill event' > runs/first/slurm/logs/3.log; rainbow cluster status first | sed 's/[0-9,]* *$/S/; s/600  *[0-9,]*  *S/600 S/'
| runs/first/cartpole-learning_rate_1e-3-s1
| rainbow: task 1 of runs/first/slurm: 1 run, process N
| rainbow: cartpole-learning_rate_1e-3-s1: has ended already
| 1
| state     run                                       step              of    steps/s  left, or the reasonS
| failed    cartpole-learning_rate_1e-3-s2               -               -          -  runs/first/cartpole-learning_rate_1e-3-s2/config.ini:1: 'x' is neither a [group] nor a key = valueS
| failed    cartpole-learning_rate_1e-4-s1               -               -          -  its task left the queue before the run had ended; its log ends with: slurmstepd: error: Detected 1 oom_kill eventS
| waiting   cartpole-learning_rate_1e-4-s2               -               -          -  in the queueS
| waiting   acrobot-learning_rate_1e-3-s1                -               -          -  its task is on a node, and starts it or trains othersS
| waiting   acrobot-learning_rate_1e-3-s2                -               -          -  in the queueS
| waiting   acrobot-learning_rate_1e-4-s1                -               -          -  in the queueS
| waiting   acrobot-learning_rate_1e-4-s2                -               -          -  in the queueS
| done      cartpole-learning_rate_1e-3-s1             600 S
| 8 runs: 1 done, 0 running, 5 waiting, 2 failedS
= 0
$ export PATH=$PWD/fake:$PATH; rm called; rainbow cluster status runs/first --retry-failed; cat called; cut -d' ' -f1,2 runs/first/slurm/jobs.txt; ls runs/first/slurm/failed; printf '4242 2 PENDING\n4242 3 PENDING\n' >> queue; rainbow cluster status first --retry-failed; rainbow cluster status first | tail -1
| submitted again as job 4242: tasks 2-3
| --parsable --array=2-3 runs/first/slurm/array.sh
| 4242 all
| 4242 2-3
| no run has failed
| 8 runs: 1 done, 0 running, 7 waiting, 0 failed
= 0
$ PATH=$PWD/none ./rainbow cluster status first 2>&1 >/dev/null
| rainbow: warning: the queue is unknown, so a run whose task was lost counts as waiting: squeue is not in PATH: this machine has no Slurm; on a cluster, log in to a node from which jobs are submitted
= 0

# Without --run.group, the same command means the same group. Ten thousand runs need more than one run per task.
$ export PATH=$PWD/fake:$PATH; rainbow cluster slurm gridworld --preset general,cartpole --config small.ini --seeds 1..3 2>&1 | head -1; rainbow cluster slurm gridworld,cartpole --seeds 1..1000 --config small.ini --agent.gamma=0.9,0.95,0.97,0.98,0.99 2>&1 | sed 's/[0-9.]* MB/N MB/'; tail -n +3 runs/gridworld-cartpole-gamma/slurm/runs.txt | wc -l
| runs/gridworld-preset
| runs/gridworld-cartpole-gamma
| rainbow: 10,000 runs in 1000 tasks of 10 runs, 1 at once, with 1 processor and N MB of memory each
| rainbow: an array of this cluster has at most 1000 tasks (MaxArraySize), so a task trains 10 runs, one after the other
| rainbow: the script is runs/gridworld-cartpole-gamma/slurm/array.sh; the same command with --submit submits it
| 10000
= 0
$ export PATH=$PWD/fake:$PATH; rainbow cluster slurm gridworld --seeds 1..1000 --config small.ini --agent.gamma=0.9,0.95 --runs-per-task 1; rainbow cluster slurm gridworld --seeds 1..8 --config small.ini --run.group=packed --jobs 2 --runs-per-task 4 2>&1 | sed 's/[0-9.]* MB/N MB/' | head -2; grep -c . runs/packed/slurm/runs.txt; rainbow cluster task runs/packed/slurm 3
| runs/packed
| rainbow: 8 runs in 2 tasks of 4 runs, 2 at once, with 2 processors and N MB of memory each
| 10
! rainbow: --runs-per-task=1: 2000 runs would be 2000 tasks, and an array of this cluster has at most 1000 (MaxArraySize); --runs-per-task=2 or more fits
! rainbow: task 3: runs/packed/slurm/runs.txt has tasks 1 to 2
= 2

# A stopped task asks Slurm to be started again, unless the job is another one, such as that of the terminal it was started in, or a person stopped it.
$ exec 2>/dev/null; export PATH=$PWD/fake:$PATH SLURM_JOB_ID=77; cp fake/scontrol kept; cp fake/squeue kept2; printf '#!/bin/sh\n[ "$1" = requeue ] && echo "$@" >> requeued\n[ "$2" = config ] && echo "MaxArraySize            = 1001"\nexit 0\n' > fake/scontrol; printf '#!/bin/sh\necho RUNNING\n' > fake/squeue; rainbow cluster slurm cartpole --config small.ini --run.max_steps=100M --run.group=long > /dev/null; stop() { : > requeued; rm -rf runs/long/cartpole-s1; env --default-signal=INT rainbow cluster task runs/long/slurm 1 > /dev/null & p=$!; until [ -s runs/long/cartpole-s1/train.csv ] || ! kill -0 $p; do sleep 0.05; done; kill -$1 $p; until [ -s requeued ] || ! kill -0 $p; do sleep 0.05; done; kill -KILL $p; wait $p; echo $1: $(cat requeued); }; stop TERM; export SLURM_ARRAY_JOB_ID=4242 SLURM_ARRAY_TASK_ID=2; stop TERM; export SLURM_ARRAY_TASK_ID=1; stop INT; stop TERM; mv kept fake/scontrol; mv kept2 fake/squeue
| TERM:
| TERM:
| INT:
| TERM: requeue 4242_1
= 0

# What a file names and --trust has allowed is allowed in the tasks too.
$ export XDG_STATE_HOME=$PWD/state; touch dev.so; { cat small.ini; printf '[compute]\ndevice = xla:./dev.so\n'; } > named.ini; C="cluster slurm cartpole --config named.ini --run.group"; rainbow $C=named 2>&1 | cut -c1-70; rainbow $C=named --trust 2>/dev/null; tail -1 runs/named/slurm/array.sh | sed 's/.* cluster task/cluster task/'; sed "s|$PWD|HERE|" state/rainbow/trusted; rainbow $C=later 2>/dev/null
| rainbow: named.ini: compute.device = ./dev.so would load the shared ob
| runs/named
| cluster task --trust 'runs/named/slurm' "$SLURM_ARRAY_TASK_ID"
| device HERE/dev.so
| runs/later
= 0

# Memory that the user asks for in another way takes the place of ours; sbatch refuses both.
$ for m in mem-per-cpu mem-per-gpu; do rainbow cluster slurm cartpole --config small.ini --run.group=$m -- --$m=4G 2>/dev/null; grep -e --mem runs/$m/slurm/array.sh; done
| runs/mem-per-cpu
| #SBATCH --mem-per-cpu=4G
| runs/mem-per-gpu
| #SBATCH --mem-per-gpu=4G
= 0

# Wrong usage.
$ rainbow cluster; rainbow cluster slurm; rainbow cluster slurm cartpole --seeds 1..3 --run.name=x; rainbow cluster slurm cartpole --optim.learning_rate=1e-3,abc; rainbow cluster slurm cartpole --seed 1,2; rainbow cluster slurm cartpole,cartpole; rainbow cluster slurm cartpole -- --array=3; rainbow cluster slurm cartpole -- partition; rainbow cluster slurm cartpole --run.group=a/b; rainbow cluster status nowhere; rainbow cluster status; rainbow cluster task runs/first/slurm 99; rainbow cluster task runs/first/slurm x; rainbow cluster task . 1; mkdir -p bad/slurm; printf '# rainbow cluster 1: the runs of an array, one per line: its name and its command line, separated by tabs\n# job x runs per task 1 at once 1\n../../x\tcartpole\n' > bad/slurm/runs.txt; rainbow cluster status bad; echo > bad/slurm/runs.txt; rainbow cluster status bad
! rainbow cluster: no part is named; there are slurm, status and task
! usage: rainbow cluster COMMAND [OPTION...]
! rainbow cluster slurm: no environment is named; `rainbow envs` lists them
! usage: rainbow cluster slurm ENV,ENV... [--seeds LIST] [--submit] [OPTION...] [-- SBATCH-OPTION...]
! rainbow: --run.name=x: the runs of a group are named after their settings; name the group: --run.group=NAME
! rainbow: command line: optim.learning_rate = abc: must be a number between 0 and 100
! rainbow: --seed=1,2: several seeds are given by --seeds, such as --seeds 1..5
! rainbow: environments: cartpole is given twice
! rainbow: -- --array: is not possible here: the tasks of the array follow from the runs; --runs-per-task changes their number
! rainbow: partition: what follows -- must be options of sbatch, such as -- --partition=long
! rainbow: run.group = a/b: must be the name of one directory: no '/', no '.' at its start, at most 200 bytes
! rainbow: nowhere: there is no such group: neither the directory nowhere nor runs/nowhere
! rainbow cluster status: one GROUP is needed: a directory of runs, or the name of one in runs
! usage: rainbow cluster status GROUP [--watch | --retry-failed | --json]
! rainbow: task 99: runs/first/slurm/runs.txt has tasks 1 to 8
! rainbow cluster task: TASK x: must be a whole number, 1 or more
! usage: rainbow cluster task DIRECTORY TASK
! rainbow: ./runs.txt: can't be read: No such file or directory
! rainbow: bad/slurm/runs.txt: "../../x" is no name of a run
! rainbow: bad/slurm/runs.txt: is no list of runs, or of another version; `rainbow cluster slurm` writes it
= 1

# Runs that would share a name are refused, and sbatch does not replace %j in a path.
$ mkdir a b; cp $OWN/faulty.so a; cp $OWN/faulty.so b; rainbow cluster slurm ./a/faulty.so,./b/faulty.so --run.group=twice; rainbow cluster slurm cartpole --run.group='a%j' >/dev/null 2>&1; grep -o 'runs/a%.*log' 'runs/a%j/slurm/array.sh'
| runs/a%%j/slurm/logs/%a.log
! rainbow: two of these runs would be called faulty-general-s1: a run's name has the file name of its environment, letters and digits of the swept values, and the seed; plan them in two arrays, with another --run.group each
= 0
