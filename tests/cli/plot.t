# Curves in the terminal and as pictures: two handmade runs.
$ for s in 1 2; do d=runs/g/a-s$s; mkdir -p $d; printf '[run]\nenv = cartpole\npreset = cartpole\ngroup = g\nseed = %s\n' $s > $d/config.ini; { echo step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds; i=1; while [ $i -le 40 ]; do echo $((i*50)),$((i*50)),$i,0,$((i*i*s/8)),50,0.5,,,0,$i; i=$((i+1)); done; } > $d/train.csv; { echo step,frames,episodes,mean,std,min,max,median,seconds; echo 1000,1000,5,$((90*s)),1,1,1,1,1; echo 2000,2000,5,$((210*s)),1,1,1,1,2; } > $d/eval.csv; echo '{}' > $d/end.json; done
= 0
$ rainbow plot runs/g/a-s1 --terminal
| a-s1: Mean returns of the games in the last 300 steps
|
| return of a game
| 250 |
|     |
|     |                                                                         o
| 200 |                                                                      oooo
|     |                                                                 ooooo
|     |                                                             ooooo       *
|     |                                                        ooooo         ****
| 150 |                                                    ooooo         *****
|     |                                                ooooo           ***
|     |                                           ooooo            *****
| 100 |                                       ooooo             ****
|     |                                     oo              *****
|     |                                                ******
|     |                                            ****
|  50 |                                      *******
|     |                               ********
|     |                        ********
|   0 | ***********************
|     +--------------------------------------------------------------------------
|      0                500               1,000             1,500           2,000
|      steps
|  * games while training      176
|  o means of the evaluations  210
= 0
$ rainbow plot runs --terminal --y eval
| Every evaluation, not smoothed
|
| mean return of an evaluation
| 450 |
|     |                                                                       ooo
| 400 |                                                                   ooooo
|     |                                                               ooooo
| 350 |                                                           ooooo
|     |                                                        oooo
| 300 |                                                    oooo
|     |                                                oooo
| 250 |                                            oooo
| 200 |                                        oooo                           ***
|     |                                     oooo                      ********
| 150 |                                                       ********
|     |                                               *********
| 100 |                                        ********
|     |                                     ***
|  50 |
|     |
|   0 |
|     +--------------------------------------------------------------------------
|      0                500               1,000             1,500           2,000
|      steps
|  * a-s1  210
|  o a-s2  420
= 0
$ rainbow plot Twice=runs/g --terminal --group-seeds --y median
| Every evaluation, not smoothed; mean of the seeds
|
| median return of an evaluation
| 1.6 |
|     |
|     |
| 1.4 |
|     |
|     |
| 1.2 |
|     |
|     |
|   1 |                                     *************************************
|     |
| 0.8 |
|     |
|     |
| 0.6 |
|     |
|     |
| 0.4 |
|     +--------------------------------------------------------------------------
|      0                500               1,000             1,500           2,000
|      steps
|  * Twice  1
= 0
# A narrow terminal, without UTF-8 and with it; the marks stay apart.
$ TERM=xterm NO_COLOR=1 pty 30x14 end all -- rainbow plot runs/g/a-s2 --terminal
| status 0
| a-s2: Mean returns of the
| games in the last 300 steps
|
| return of a game
| 600 |
|     |                       o
| 400 |                  oooooo
| 200 |             oooooo****
|     |            o******
|   0 |**************
|     +------------------------
|      0         1,000    2,000
|      steps
|  * games while training  352.2
|  o means of the evaluations  4
| 20
= 0
$ TERM=xterm NO_COLOR=1 LC_ALL=C.UTF-8 pty 30x14 end all state -- rainbow plot runs/g/a-s2 --terminal --y return
| status 0
| Mean returns of the games in
| the last 300 steps
|
| return of a game while
| training
| 400 ┤                       ⢀
|     │                     ⢀⡴⠋
|     │                  ⢀⡤⠖⠉
| 200 ┤               ⢀⡤⠖⠉
|     │           ⣀⣠⠖⠋⠉
|   0 ┤⢀⣀⣀⣀⣀⡤⠤⠴⠒⠚⠉⠁
|     └────────────────────────
|      0         1,000    2,000
|      steps
|  ⠒⠒⠒ a-s2  352.2
| cursor shown, keys shown, colours no, unknown 0
= 0
# In colours, which end where they began.
$ TERM=xterm LC_ALL=C.UTF-8 pty 60x20 end all state -- rainbow plot runs --terminal
| status 0
| Mean returns of the games in the last 300 steps
|
| return of a game while training
| 400 ┤
|     │                                                     ⢠
|     │                                                   ⡤⠼⠉
| 300 ┤                                                ⠠⠼⠉⠁
|     │                                             ⠠⠤⠍⠁
|     │                                         ⢀⣀⡒⠊⠉
| 200 ┤                                       ⠤⠔⠒          ⢀⣠
|     │                                   ⣀⡒⠚⠉⠁       ⣀⡠⠴⠒⠋⠉
| 100 ┤                               ⣀⡒⠚⠉      ⢀⣀⡤⠔⠚⠉⠁
|     │                         ⢀⣀⠤⠖⠚⠉    ⣀⡤⠴⠒⠒⠊⠉
|     │                  ⢀⣀⡤⠤⠴⠒⠋⠉⣀⠤⠤⠴⠒⠒⠋⠉⠉
|   0 ┤ ⣀⣀⣀⣀⣀⣀⣀⣀⡤⠤⠤⠤⠔⠒⠒⠋⠉⠉⠒⠒⠊⠉⠉⠁
|     └──────────────────────────────────────────────────────
|      0           500          1,000        1,500      2,000
|      steps
|  ⠒⠒⠒ a-s1  176
|  ⠒⠒⠒ a-s2  352.2
| cursor shown, keys shown, colours yes, unknown 0
= 0
$ rainbow plot runs --terminal -o a.svg
! rainbow plot: --terminal draws no file: leave out --out, --title and --json
! usage: rainbow plot [TEXT=]RUN|DIRECTORY... [OPTION...]
= 2
$ rainbow plot runs --y score
! rainbow: y = score: no table of runs/g/a-s1 has this column; there are step, frames, episode, env, return, length, epsilon, loss, q_mean, updates, seconds (train.csv); step, frames, episodes, mean, std, min, max, median, seconds (eval.csv); eval: the mean of an evaluation
= 2
$ rainbow plot Other=nowhere
! rainbow: nowhere: there is no such run
= 1
$ PATH=$(dirname $(command -v rainbow)):/nowhere /bin/sh -c 'rainbow plot runs/g/a-s1 --terminal --y length' | /usr/bin/tail -n 1
|  * a-s1  50
= 0
