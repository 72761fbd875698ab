# Window commands without a window (tests/window opens some): messages, and a machine without a display. The libraries used by SDL
# leak memory, so the sanitizer does not look for leaks in the commands that open it.
$ rainbow train cartpole --run.max_steps=100 --agent.start_steps=50 --replay.capacity=100 --eval.every_steps=0 --eval.episodes=1 --net.hidden=16 --net.mlp=16 --run.name=tiny --run.root=r >/dev/null 2>&1
= 0
$ rainbow watch r/default/tiny
! rainbow: there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set): start it in a desktop's terminal or through ssh -X; `rainbow record` makes a video without one
= 1
$ rainbow play cartpole --run.root=r
! rainbow: there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set): start it in a desktop's terminal or through ssh -X; `rainbow record` makes a video without one
= 1
$ DISPLAY=:4711 ASAN_OPTIONS=detect_leaks=0 rainbow play cartpole --run.root=r
! rainbow: no window can be opened (SDL: x11 not available; DISPLAY is :4711): is the display there, and may this user open windows on it? `rainbow record` makes a video without one
= 1
$ rainbow watch
! rainbow watch: no run or checkpoint is named
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch one two
! rainbow watch: unexpected word two
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch r/default/tiny --epsilon=2
! rainbow watch: --epsilon=2: must be between 0 and 1
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch r/default/tiny --epsilon=half
! rainbow watch: --epsilon=half: must be between 0 and 1
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch r/default/tiny --episodes=0
! rainbow watch: --episodes=0: must be a whole number, 1 or more
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch r/default/tiny --seed=-1
! rainbow watch: --seed=-1: must be a whole number from 0 to 4294967295
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch r/default/tiny --speed=2
! rainbow watch: no option --speed=2; did you mean --seed?
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ rainbow watch r/default/tiny --env.sticky
! rainbow watch: --env.sticky needs a value
! usage: rainbow watch RUN|CHECKPOINT [OPTION...]
= 2
$ SDL_VIDEODRIVER=dummy rainbow watch r/default/nowhere
! rainbow: r/default/nowhere: there is no such run
= 1
$ SDL_VIDEODRIVER=dummy rainbow watch r/default
! rainbow: r/default: is neither a run's directory nor a checkpoint
= 1
$ SDL_VIDEODRIVER=dummy rainbow watch r/default/tiny --net.hidden=8
! rainbow: --net.hidden=8: only a run's settings in the groups env, grid, atari, gym and minatar can be changed to watch it, for example --atari.sticky=0
= 2
$ SDL_VIDEODRIVER=dummy rainbow watch r/default/tiny --env.stickiness 3
! rainbow: command line: no parameter env.stickiness; `rainbow params` lists them
= 2
$ rainbow play
! rainbow play: no environment is named; `rainbow envs` lists them
! usage: rainbow play ENV [OPTION...]
= 2
$ rainbow play --seed=3
! rainbow play: no environment is named; `rainbow envs` lists them
! usage: rainbow play ENV [OPTION...]
= 2
$ rainbow play cartpole --seed=x
! rainbow play: --seed=x: must be a whole number from 0 to 4294967295
! usage: rainbow play ENV [OPTION...]
= 2
$ SDL_VIDEODRIVER=dummy rainbow play cartpoel
! rainbow: unknown environment 'cartpoel': did you mean 'cartpole'? (`rainbow envs` lists all)
= 2
$ SDL_VIDEODRIVER=dummy rainbow play cartpole --env.count=none
! rainbow: command line: env.count = none: must be a whole number between 1 and 256 environments
= 2
# An invisible window: two games, then it closes.
$ SDL_VIDEODRIVER=dummy ASAN_OPTIONS=detect_leaks=0 rainbow watch r/default/tiny --episodes 2 --seed 3 --env.max_episode_steps 6
| cartpole, step 100: 12 steps, 2 games finished, mean return 6
= 0
