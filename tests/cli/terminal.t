# The panel of a training on a terminal. `pty` runs a command on a terminal and reads its screen; the numbers vary.
$ printf '[run]\nenv = %s/faulty.so\nmax_steps = 1000M\n[env]\noptions = slow\n[replay]\ncapacity = 2000\n[net]\nhidden = 16\nmlp = 16\n[eval]\nevery_steps = 0\n[checkpoint]\nevery_steps = 0\n[plot]\nenabled = false\n[compute]\nthreads = 1\n' "$OWN" > long.ini; sed 's/1000M/1500/; s/^every_steps = 0/every_steps = 1000/; s/^\[eval\]/[eval]\nepisodes = 2/' long.ini > short.ini; sed /options/d short.ini > one.ini; sed /options/d long.ini > many.ini; rainbow train $OWN/faulty.so --config short.ini --run.name=first --quiet >/dev/null
= 0

# At 80 x 24: title, bar, curve and every number, nothing wider than the window; the cursor is hidden and keys are not echoed.
$ TERM=xterm pty 80x24 wait='0:00:02' show -- rainbow train --config long.ini > screen; awk 'length($0) > 79 && !/memory: / { print "too wide: " $0 }' screen; grep -c -e '^runs/default/faulty-general-s1  *training$' -e '^[=-]* *0 %  .* left$' screen; sed -n '/training$/,$p' screen | tail -n +3 | grep -o -E '^(return|eval|epsilon|loss|Q|games)|(steps|speed|replay|memory|updates|trained) ' | sort | tr -d '\n'; echo; sed -n '/training$/,$p' screen | wc -l
| 2
| Qepsilonevalgameslossmemory replay returnspeed steps trained updates 
| 15
= 0
$ TERM=xterm pty 80x24 wait='0:00:02' state -- rainbow train --config long.ini
| cursor hidden, keys hidden, colours yes, unknown 0
= 0

# Before the first updates nobody knows how long they take: the panel and the line say so, and the bar has its length already.
$ TERM=xterm pty 80x24 wait='warming up' show -- rainbow train --config long.ini --agent.start_steps=2000 > screen; grep -o -E ' 0 % +(warming up|.* left)$' screen; awk '/ (warming up|left)$/ { print length($0) }' screen
|  0 %     warming up
| 79
= 0
$ (rainbow train --config long.ini --run.name=warm --agent.start_steps=2000 >/dev/null 2>err & P=$!; while ! [ -s runs/default/warm/train.csv ]; do sleep 0.05; done; sleep 0.3; kill -USR1 $P; wait $P); grep -o '  warming up.*' err
|   warming up
= 0

# A run that lives end counts them, in the panel and in the line; there are more of them than games.
$ TERM=xterm pty 200x50 wait='lives' wait='0:00:02' show -- rainbow train $OWN/faulty.so --config long.ini --env.options=lives --atari.life_loss=terminal --run.max_lives=90000 | grep -o -E 'games +[0-9,]+, [0-9,]+ of 90,000 lives' | tr -d ',' | awk '{ print $2 < $3 ? "fewer games" : "games" }'
| fewer games
= 0
$ (rainbow train $OWN/faulty.so --config long.ini --env.options=lives --atari.life_loss=terminal --run.name=lives --run.max_lives=90000 >/dev/null 2>err & P=$!; while ! [ -s runs/default/lives/train.csv ]; do sleep 0.05; done; sleep 1; kill -USR1 $P; wait $P); lives=$(grep -o -E '[0-9]+/90,000 lives  return' err | cut -d/ -f1); games=$(($(wc -l < runs/default/lives/train.csv) - 1)); [ $lives -gt $games ] && echo fewer games
| fewer games
= 0

# Both limits of games and lives fit in a narrow cell.
$ TERM=xterm pty 100x50 wait='lives' wait='0:00:01' show -- rainbow train $OWN/faulty.so --config long.ini --env.options=lives --atari.life_loss=terminal --run.name=limits --run.max_lives=900M --run.max_episodes=800M | grep -c -E 'games +[0-9,.k]+ of 800M, [0-9,.k]+ of 900M lives +trained'
| 1
= 0

# The terminal shows ^C where the cursor is: without a panel, the message begins on the next line. In a file there is no empty line.
$ TERM=dumb pty 80x24 wait='memory:' kill=INT end all -- rainbow train --config long.ini --run.name=line | grep -B 1 '^rainbow: saving' | sed 's/^$/EMPTY/'
| EMPTY
| rainbow: saving a checkpoint, then stopping; interrupt again to stop at once
= 0
$ (env --default-signal=INT rainbow train --config long.ini --run.name=line2 >/dev/null 2>err & P=$!; while ! [ -s runs/default/line2/train.csv ]; do sleep 0.05; done; kill -INT $P; wait $P); grep -c '^$' err; grep '^rainbow: saving' err
| 0
| rainbow: saving a checkpoint, then stopping; interrupt again to stop at once
= 0

# Narrow and low, wide and high, and too low for any panel.
$ TERM=xterm pty 40x10 wait='speed' show -- rainbow train --config long.ini > screen; wc -l < screen; awk 'length($0) > 39' screen; grep -o -E '^(return|eval|epsilon|loss|Q|speed) ' screen | tr -d '\n'; echo
| 9
| return eval epsilon loss Q speed 
= 0
$ TERM=xterm pty 200x50 wait='0:00:02' show -- rainbow train --config long.ini > screen; awk 'length($0) > 124' screen; sed -n '/training$/,$p' screen | wc -l; grep -c -E '^return .*epsilon .*steps ' screen
| 17
| 1
= 0
$ TERM=xterm pty 30x3 wait=' steps  r' show -- rainbow train --config long.ini | tail -1 | sed 's/[0-9,]*\/1,000.*/N/'
| N
= 0

# The window changes its size: there is one panel, as wide as the window, and earlier output is still there.
$ TERM=xterm pty 100x40 wait='trained' size=60x40 wait='speed' size=119x40 wait='trained' size=61x40 wait='loss' size=90x35 wait='trained  0:00:03' all -- rainbow train --config long.ini > screen; grep -c training screen; grep -c '^loss' screen; tr -d '\n' < screen | grep -c -e 'kernels: '; awk '/training$/ { print length($0) }' screen
| 1
| 1
| 1
| 89
= 0

# Block and line characters if the locale has them; no colour with NO_COLOR, and no panel on a dumb terminal.
$ TERM=xterm LANG=C.UTF-8 pty 80x24 wait='0:00:02' show state -- rainbow train --config long.ini > screen; grep -c -e '━' -e '─ *0 %' screen; grep -q '│.*█' screen && echo curve; tail -1 screen
| 1
| curve
| cursor hidden, keys hidden, colours yes, unknown 0
= 0
$ TERM=xterm NO_COLOR=1 pty 80x24 wait='0:00:02' state -- rainbow train --config long.ini
| cursor hidden, keys hidden, colours no, unknown 0
= 0
$ TERM=xterm NO_COLOR= pty 80x24 wait='0:00:02' state -- rainbow train --config long.ini
| cursor hidden, keys hidden, colours yes, unknown 0
= 0
$ TERM=dumb pty 80x24 end state -- rainbow train --config short.ini --run.name=dumb
| status 0
| cursor shown, keys shown, colours no, unknown 0
= 0

# Interrupted: the panel reports it, disappears, and leaves the terminal as it was.
$ TERM=xterm pty 80x24 wait='trained' kill=INT end show state -- rainbow train --config long.ini --run.name=cut > screen; grep -c training screen; grep -e status -e 'rainbow: ' -e cursor screen
| 0
| status 130
| rainbow: interrupted; `rainbow train --resume runs/default/cut` resumes it
| cursor shown, keys shown, colours yes, unknown 0
= 0

# A crash also leaves the terminal as it was (an abort: sanitizers do not catch that signal); while suspended, it belongs to the shell.
$ TERM=xterm pty 80x24 wait='trained' kill=ABRT end state -- rainbow train --config long.ini --run.name=crash
| signal 6
| cursor shown, keys shown, colours yes, unknown 0
= 0
$ TERM=xterm pty 80x24 wait='trained' state kill=TSTP state kill=CONT wait='0:00:03' state -- rainbow train --config long.ini --run.name=stop
| cursor hidden, keys hidden, colours yes, unknown 0
| cursor shown, keys shown, colours yes, unknown 0
| cursor hidden, keys hidden, colours yes, unknown 0
= 0

# Done: messages remain above, then the last line and the results follow.
$ TERM=xterm pty 100x24 end all state -- rainbow train --config short.ini --run.name=done | sed 's/mean .*/M/; s/reward .*/R/; s/[0-9]* games in.*/G/; s/^[a-z]*\/s  left.*/R/; s/^[0-9.]*; evaluation.*/E/' | grep -v -e '^memory' -e '^network' -e free
| status 0
| runs/default/done
| rainbow: step 1,000: evaluation of 2 games: M
| rainbow: step 1,500: evaluation of 2 games: M
| 1,500 steps, 125 updates, G
| E
| cursor shown, keys shown, colours yes, unknown 0
= 0

# Quiet: only results. Verbose: settings that differ from the defaults, checkpoints, and pictures.
$ rainbow train --config short.ini --run.name=quiet --quiet 2>err | sed 's/[0-9]* games in.*/G/'; cat err
| runs/default/quiet
| 1,500 steps, 125 updates, G
= 0
$ TERM=xterm pty 100x24 end all state -- rainbow train --config short.ini --run.name=quiet2 --quiet | sed 's/[0-9]* games in.*/G/; s/^[0-9.]*; evaluation.*/E/'
| status 0
| runs/default/quiet2
| 1,500 steps, 125 updates, G
| E
| cursor shown, keys shown, colours no, unknown 0
= 0
$ rainbow train --config short.ini --run.name=verbose --verbose 2>&1 >/dev/null | grep -v memory: | grep -e hidden -e 'mlp' -e checkpoint | sed 's/[0-9.]* s\b/S/g; s/[0-9.]* kB/N kB/; s/ step 1[05]00: checkpoint/ checkpoint/' | sort
|   checkpoint.every_steps = 1000
|   net.hidden = 16
|   net.mlp = 16
| rainbow: checkpoint runs/default/verbose/checkpoints/step_000000001000: training paused for S; N kB written in S (S of processor time)
| rainbow: checkpoint runs/default/verbose/checkpoints/step_000000001500: training paused for S; N kB written in S (S of processor time)
| rainbow: checkpoints: 2, N kB written, S of processor time, longest pause S
| rainbow: step 1000: the highest mean so far, saved as runs/default/verbose/checkpoints/best
= 0
$ rainbow train cartpole --quiet --verbose 2>&1 | head -1
| rainbow train: choose one of --quiet and --verbose
= 0
$ rainbow train cartpole --config one.ini --seeds 1..2 --run.group=q --quiet 2>err | cut -c 1-30; cat err
| runs/q/cartpole-s1
| runs/q/cartpole-s2
| run                       seed
| runs/q/cartpole-s1           1
| runs/q/cartpole-s2           2
= 0

# Several runs: one line each and a total, cut to the window.
$ TERM=xterm pty 100x12 wait='2 running, 1 waiting' wait='return' wait='steps/s; ' show kill=INT end state -- rainbow train cartpole --config many.ini --seeds 1..3 --jobs 2 --run.group=many > screen; awk '/steps\/s/ && length($0) > 99' screen; grep -q -E '^cartpole-s[12] .*  0 %  return ' screen && echo rows; grep -e status -e cursor screen
| rows
| status 130
| cursor shown, keys shown, colours yes, unknown 0
= 0
