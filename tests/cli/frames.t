# Pictures of what the network sees.
$ rainbow frames minatar/breakout -o a.png --steps 20 && head -c 4 a.png | tail -c 3 && echo
| a.png: minatar/breakout after 20 random steps: 1 frame of 10 x 10 in 4 planes
| PNG
= 0
$ rainbow frames minatar/breakout -o b.png --steps 20 && cmp a.png b.png && echo the same
| b.png: minatar/breakout after 20 random steps: 1 frame of 10 x 10 in 4 planes
| the same
= 0
$ rainbow frames minatar/breakout -o b.png --steps 20 --seed 2 && cmp -s a.png b.png || echo another
| b.png: minatar/breakout after 20 random steps: 1 frame of 10 x 10 in 4 planes
| another
= 0
$ rainbow frames minatar/breakout -o d.png --steps 20 --seed 4294967295 && cmp -s a.png d.png || echo another
| d.png: minatar/breakout after 20 random steps: 1 frame of 10 x 10 in 4 planes
| another
= 0
$ rainbow frames minatar/breakout --seed 4294967296
! rainbow frames: --seed=4294967296: must be a whole number from 0 to 4294967295
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow frames cartpole-pixels --steps 5 --scale 2 --env.stack=2 && test -s frames.png && echo there
| frames.png: cartpole-pixels after 5 random steps: 2 frames of 90 x 40 in 3 planes
| there
= 0
$ rainbow train minatar/breakout --preset minatar-dqn --run.max_steps=200 --agent.start_steps=100 --replay.capacity=300 --eval.episodes=1 --run.name=tiny --run.root=r >/dev/null 2>&1
= 0
$ rainbow frames r/default/tiny --steps 7 -o c.png
| c.png: minatar/breakout after 7 played steps: 1 frame of 10 x 10 in 4 planes
= 0
$ rainbow frames r/default/tiny --steps 7 --env.stack=2
! rainbow frames: --env.stack=2: a run keeps its own settings here
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow frames r/default/nowhere
! rainbow: unknown environment 'r/default/nowhere' (`rainbow envs` lists all)
= 2
$ rainbow frames
! rainbow frames: no environment, run or checkpoint is named
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow frames cartpole
! rainbow: cartpole has observations of 4 numbers, not pictures
= 2
$ rainbow frames minatar/breakout --steps many
! rainbow frames: --steps=many: must be a whole number, 0 or more
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow frames minatar/breakout --epsilon 0.5
! rainbow frames: --epsilon needs a run: in an environment alone all actions are random
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow frames minatar/breakout -o
! rainbow frames: --out needs a value
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow frames minatar/breakout -o /nowhere/a.png
! rainbow: /nowhere/a.png: there is no directory /nowhere; make it first, or name another file
= 1
$ rainbow frames minatar/breakout --env.sticky=0.5
! rainbow: env.sticky = 0.5: MinAtar games have their own setting for this: use minatar.sticky
= 2
$ rainbow frames atari/breakout --env.frame_skip=2
! rainbow: env.frame_skip = 2: Atari games have their own setting for this: use atari.frame_skip
= 2
$ rainbow frames atari/breakout --atari.mode=3
! rainbow: atari.mode = 3: breakout has the modes 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44
= 2
$ rainbow frames minatar/breakout -o a.jpg; [ -e a.jpg ]
! rainbow frames: --out=a.jpg: the name must end in .png
! usage: rainbow frames ENV|RUN|CHECKPOINT [OPTION...]
= 1
