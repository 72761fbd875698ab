# Reports of handmade runs: two recipes, two games, three seeds.
$ for p in der dqn; do for s in 1 2 3; do for g in breakout pong; do d=runs/$p/$g-$s; mkdir -p $d; printf '[run]\nenv = atari/%s\npreset = %s\ngroup = study\nseed = %s\n' $g $p $s > $d/config.ini; { echo step,frames,episodes,mean,std,min,max,median,seconds; echo 250000,1000000,10,$s.5,0,0,0,0,1; echo 500000,2000000,10,$((s*${#p}${#g}/10)),0,0,0,0,2; } > $d/eval.csv; echo '{}' > $d/end.json; done; done; done
= 0
$ rm -r runs/dqn/*-3
= 0
$ rainbow report runs --with dopamine
| A run's score is its last evaluation. Intervals: 95 %, 2,000 bootstrap resamples of the runs of each game, seed 1.
|
| study/der: 6 runs of 2 games
| game            runs     frames  sticky  life loss           mean [95 %]  median   best  last  human-normalised [95 %]
| atari/breakout     3  2,000,000       0   terminal  7.00 [3.00 .. 11.00]    7.00  11.00  7.00   0.184 [0.045 .. 0.323]
| atari/pong         3  2,000,000       0   terminal  6.33 [3.00 .. 10.00]    6.00  10.00  6.33   0.766 [0.671 .. 0.870]
|
| study/der beside Dopamine
| game                            ours       Dopamine at                        dqn                        c51                    rainbow
| atari/breakout  7.00 [3.00 .. 11.00]  2,000,000 frames        7.11 [5.56 .. 8.08]        2.27 [2.13 .. 2.37]        4.52 [3.80 .. 4.98]
| atari/pong      6.33 [3.00 .. 10.00]  2,000,000 frames  -18.36 [-19.03 .. -17.07]  -20.88 [-20.95 .. -20.83]  -20.62 [-20.69 .. -20.52]
|
| study/dqn: 4 runs of 2 games
| game            runs     frames  sticky  life loss          mean [95 %]  median  best  last  human-normalised [95 %]
| atari/breakout     2  2,000,000       0   terminal  5.00 [3.00 .. 7.00]    5.00  7.00  5.00   0.115 [0.045 .. 0.184]
| atari/pong         2  2,000,000       0   terminal  4.50 [3.00 .. 6.00]    4.50  6.00  4.50   0.714 [0.671 .. 0.756]
|
| study/dqn beside Dopamine
| game                           ours       Dopamine at                        dqn                        c51                    rainbow
| atari/breakout  5.00 [3.00 .. 7.00]  2,000,000 frames        7.11 [5.56 .. 8.08]        2.27 [2.13 .. 2.37]        4.52 [3.80 .. 4.98]
| atari/pong      4.50 [3.00 .. 6.00]  2,000,000 frames  -18.36 [-19.03 .. -17.07]  -20.88 [-20.95 .. -20.83]  -20.62 [-20.69 .. -20.52]
|
| Over games and seeds, human-normalised (0 random, 1 human)
| group      games  runs      interquartile mean                  median                    mean          optimality gap
| study/der      2     6  0.484 [0.393 .. 0.568]  0.475 [0.396 .. 0.550]  0.475 [0.396 .. 0.550]  0.525 [0.450 .. 0.604]
| study/dqn      2     4  0.428 [0.358 .. 0.470]  0.414 [0.358 .. 0.470]  0.414 [0.358 .. 0.470]  0.586 [0.530 .. 0.642]
|
| Performance profile: share of runs whose human-normalised score is above
| group                  above 0            above 0.1           above 0.25            above 0.5              above 1
| study/der  1.00 [1.00 .. 1.00]  0.83 [0.50 .. 1.00]  0.67 [0.50 .. 1.00]  0.50 [0.50 .. 0.50]  0.00 [0.00 .. 0.00]
| study/dqn  1.00 [1.00 .. 1.00]  0.75 [0.50 .. 1.00]  0.50 [0.50 .. 0.50]  0.50 [0.50 .. 0.50]  0.00 [0.00 .. 0.00]
|
| Probability of improvement: that a run of the one beats a run of the other in a game
| group           over  games      probability [95 %]
| study/der  study/dqn      2  0.667 [0.333 .. 0.917]
|
| Note: Some games have fewer than 3 runs: the interval of two runs means little, and a single run has none.
| Note: Dopamine's figures are training returns of five seeds (lowest .. highest) over the 1st, 2nd, 4th, 10th, 50th or 200th million frames (the one nearest to the runs' end), with sticky actions of 0.25; evaluations explore less.
= 0
$ rainbow report runs/der --runs --score best
| A run's score is its best evaluation. Intervals: 95 %, 2,000 bootstrap resamples of the runs of each game, seed 1.
|
| study/der: 6 runs of 2 games
| game            runs     frames  sticky  life loss           mean [95 %]  median   best  last  human-normalised [95 %]
| atari/breakout     3  2,000,000       0   terminal  7.00 [3.00 .. 11.00]    7.00  11.00  7.00   0.184 [0.045 .. 0.323]
| atari/pong         3  2,000,000       0   terminal  6.33 [3.00 .. 10.00]    6.00  10.00  6.33   0.766 [0.671 .. 0.870]
|
| Runs of study/der
| run                            game  seed  state     frames  sticky  life loss  evaluations  mean  median   best   at frame   last  score  human-normalised
| runs/der/breakout-1  atari/breakout     1  ended  2,000,000       0   terminal            2  2.25    2.25   3.00  2,000,000   3.00   3.00             0.045
| runs/der/breakout-2  atari/breakout     2  ended  2,000,000       0   terminal            2  4.75    4.75   7.00  2,000,000   7.00   7.00             0.184
| runs/der/breakout-3  atari/breakout     3  ended  2,000,000       0   terminal            2  7.25    7.25  11.00  2,000,000  11.00  11.00             0.323
| runs/der/pong-1          atari/pong     1  ended  2,000,000       0   terminal            2  2.25    2.25   3.00  2,000,000   3.00   3.00             0.671
| runs/der/pong-2          atari/pong     2  ended  2,000,000       0   terminal            2  4.25    4.25   6.00  2,000,000   6.00   6.00             0.756
| runs/der/pong-3          atari/pong     3  ended  2,000,000       0   terminal            2  6.75    6.75  10.00  2,000,000  10.00  10.00             0.870
|
| Over games and seeds, human-normalised (0 random, 1 human)
| group      games  runs      interquartile mean                  median                    mean          optimality gap
| study/der      2     6  0.484 [0.393 .. 0.568]  0.475 [0.396 .. 0.550]  0.475 [0.396 .. 0.550]  0.525 [0.450 .. 0.604]
|
| Performance profile: share of runs whose human-normalised score is above
| group                  above 0            above 0.1           above 0.25            above 0.5              above 1
| study/der  1.00 [1.00 .. 1.00]  0.83 [0.50 .. 1.00]  0.67 [0.50 .. 1.00]  0.50 [0.50 .. 0.50]  0.00 [0.00 .. 0.00]
|
= 0
$ rainbow report runs --against study/der --markdown
| ## Report
|
| A run's score is its last evaluation.
| Intervals: 95 %, 2,000 bootstrap resamples of the runs of each game, seed 1.
|
| ### study/der: 6 runs of 2 games
|
| | game | runs | frames | sticky | life loss | mean [95 %] | median | best | last | human-normalised [95 %] |
| |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
| | atari/breakout | 3 | 2,000,000 | 0 | terminal | 7.00 [3.00 .. 11.00] | 7.00 | 11.00 | 7.00 | 0.184 [0.045 .. 0.323] |
| | atari/pong | 3 | 2,000,000 | 0 | terminal | 6.33 [3.00 .. 10.00] | 6.00 | 10.00 | 6.33 | 0.766 [0.671 .. 0.870] |
|
| ### study/dqn: 4 runs of 2 games
|
| | game | runs | frames | sticky | life loss | mean [95 %] | median | best | last | human-normalised [95 %] |
| |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
| | atari/breakout | 2 | 2,000,000 | 0 | terminal | 5.00 [3.00 .. 7.00] | 5.00 | 7.00 | 5.00 | 0.115 [0.045 .. 0.184] |
| | atari/pong | 2 | 2,000,000 | 0 | terminal | 4.50 [3.00 .. 6.00] | 4.50 | 6.00 | 4.50 | 0.714 [0.671 .. 0.756] |
|
| ### Over games and seeds, human-normalised (0 random, 1 human)
|
| | group | games | runs | interquartile mean | median | mean | optimality gap |
| |---|--:|--:|--:|--:|--:|--:|
| | study/der | 2 | 6 | 0.484 [0.393 .. 0.568] | 0.475 [0.396 .. 0.550] | 0.475 [0.396 .. 0.550] | 0.525 [0.450 .. 0.604] |
| | study/dqn | 2 | 4 | 0.428 [0.358 .. 0.470] | 0.414 [0.358 .. 0.470] | 0.414 [0.358 .. 0.470] | 0.586 [0.530 .. 0.642] |
|
| ### Performance profile: share of runs whose human-normalised score is above
|
| | group | above 0 | above 0.1 | above 0.25 | above 0.5 | above 1 |
| |---|--:|--:|--:|--:|--:|
| | study/der | 1.00 [1.00 .. 1.00] | 0.83 [0.50 .. 1.00] | 0.67 [0.50 .. 1.00] | 0.50 [0.50 .. 0.50] | 0.00 [0.00 .. 0.00] |
| | study/dqn | 1.00 [1.00 .. 1.00] | 0.75 [0.50 .. 1.00] | 0.50 [0.50 .. 0.50] | 0.50 [0.50 .. 0.50] | 0.00 [0.00 .. 0.00] |
|
| ### Probability of improvement: that a run of the one beats a run of the other in a game
|
| | group | over | games | probability [95 %] |
| |---|--:|--:|--:|
| | study/dqn | study/der | 2 | 0.333 [0.083 .. 0.667] |
|
| - Some games have fewer than 3 runs: the interval of two runs means little, and a single run has none.
= 0
$ rainbow report runs --csv | grep -v ,profile,
| group,over,game,figure,at,value,low,high
| study/der,,atari/breakout,runs,,3,,
| study/der,,atari/breakout,unfinished,,0,,
| study/der,,atari/breakout,frames,,2000000,,
| study/der,,atari/breakout,sticky,,0,,
| study/der,,atari/breakout,life loss terminal,,1,,
| study/der,,atari/breakout,mean,,7,3,11
| study/der,,atari/breakout,median,,7,,
| study/der,,atari/breakout,best,,11,,
| study/der,,atari/breakout,last,,7,,
| study/der,,atari/breakout,normalised,,0.184027777778,0.0451388888889,0.322916666667
| study/der,,atari/pong,runs,,3,,
| study/der,,atari/pong,unfinished,,0,,
| study/der,,atari/pong,frames,,2000000,,
| study/der,,atari/pong,sticky,,0,,
| study/der,,atari/pong,life loss terminal,,1,,
| study/der,,atari/pong,mean,,6.33333333333,3,10
| study/der,,atari/pong,median,,6,,
| study/der,,atari/pong,best,,10,,
| study/der,,atari/pong,last,,6.33333333333,,
| study/der,,atari/pong,normalised,,0.76581680831,0.671388101983,0.869688385269
| study/dqn,,atari/breakout,runs,,2,,
| study/dqn,,atari/breakout,unfinished,,0,,
| study/dqn,,atari/breakout,frames,,2000000,,
| study/dqn,,atari/breakout,sticky,,0,,
| study/dqn,,atari/breakout,life loss terminal,,1,,
| study/dqn,,atari/breakout,mean,,5,3,7
| study/dqn,,atari/breakout,median,,5,,
| study/dqn,,atari/breakout,best,,7,,
| study/dqn,,atari/breakout,last,,5,,
| study/dqn,,atari/breakout,normalised,,0.114583333333,0.0451388888889,0.184027777778
| study/dqn,,atari/pong,runs,,2,,
| study/dqn,,atari/pong,unfinished,,0,,
| study/dqn,,atari/pong,frames,,2000000,,
| study/dqn,,atari/pong,sticky,,0,,
| study/dqn,,atari/pong,life loss terminal,,1,,
| study/dqn,,atari/pong,mean,,4.5,3,6
| study/dqn,,atari/pong,median,,4.5,,
| study/dqn,,atari/pong,best,,6,,
| study/dqn,,atari/pong,last,,4.5,,
| study/dqn,,atari/pong,normalised,,0.71388101983,0.671388101983,0.756373937677
| study/der,,,iqm,,0.483676621026,0.392985717658,0.56797391407
| study/der,,,median,,0.474922293044,0.395575949533,0.550006229672
| study/der,,,mean,,0.474922293044,0.395575949533,0.550006229672
| study/der,,,optimality gap,,0.525077706956,0.449993770328,0.604424050467
| study/dqn,,,iqm,,0.42770793988,0.358263495436,0.470200857727
| study/dqn,,,median,,0.414232176582,0.358263495436,0.470200857727
| study/dqn,,,mean,,0.414232176582,0.358263495436,0.470200857727
| study/dqn,,,optimality gap,,0.585767823418,0.529799142273,0.641736504564
| study/der,study/dqn,,improvement,,0.666666666667,0.333333333333,0.916666666667
! rainbow: Some games have fewer than 3 runs: the interval of two runs means little, and a single run has none.
= 0
$ rainbow report runs/der --json | head -12
| {
| 	"score":	"its last evaluation",
| 	"resamples":	2000,
| 	"seed":	1,
| 	"groups":	[{
| 			"name":	"study/der",
| 			"games":	[{
| 					"game":	"atari/breakout",
| 					"random":	1.7,
| 					"human":	30.5,
| 					"sticky":	0,
| 					"life_loss":	"terminal",
= 0
$ rainbow report runs > 1; rainbow report runs > 2; cmp 1 2
= 0
$ rainbow report runs --resamples 100 --seed 3 | head -1
| A run's score is its last evaluation. Intervals: 95 %, 100 bootstrap resamples of the runs of each game, seed 3.
= 0

# A task without published scores has only raw scores.
$ mkdir cart; printf '[run]\nenv = cartpole\npreset = cartpole\n' > cart/config.ini; printf 'step,frames,episodes,mean,std,min,max,median,seconds\n1000,1000,10,200,0,0,0,0,1\n' > cart/eval.csv; rainbow report cart
| A run's score is its last evaluation. Intervals: 95 %, 2,000 bootstrap resamples of the runs of each game, seed 1.
|
| default/cartpole: 1 run of 1 game
| game                 runs  frames  sticky  life loss  mean [95 %]  median   best   last  human-normalised [95 %]
| cartpole  1 (1 not ended)   1,000       0          -        200.0   200.0  200.0  200.0                        -
|
| Note: Not ended: cart (unfinished). Their scores count as they are now.
| Note: No scores of random play or humans are published for cartpole: only raw scores are shown.
| Note: Each game has fewer than 3 runs: the interval of two runs means little, and a single run has none.
= 0
$ rainbow report cart --svg cart.svg > /dev/null
! rainbow: cart.svg: none of these runs' games has published scores, so there is no common scale to draw on
= 2

# Runs that differ in what decides a result are never averaged, the longer of two runs counts, and runs that have not ended are marked.
$ for r in a-1 a-2 long-1 life-1 again-1; do mkdir -p mix/$r; printf '[run]\nenv = atari/pong\npreset = dqn\nseed = %s\n' ${r#*-} > mix/$r/config.ini; { echo step,frames,episodes,mean,std,min,max,median,seconds; echo 250000,1000000,10,5,0,0,0,0,1; } > mix/$r/eval.csv; echo '{}' > mix/$r/end.json; done; echo max_steps = 2M >> mix/long-1/config.ini; printf '[atari]\nlife_loss = ignore\nsticky = .25\n' >> mix/life-1/config.ini; echo 500000,2000000,10,7,0,0,0,0,2 >> mix/again-1/eval.csv; rm mix/again-1/end.json
= 0
$ rainbow report mix
| A run's score is its last evaluation. Intervals: 95 %, 2,000 bootstrap resamples of the runs of each game, seed 1.
|
| default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal: 2 runs of 1 game
| game                   runs                  frames  sticky  life loss          mean [95 %]  median  best  last  human-normalised [95 %]
| atari/pong  2 (1 not ended)  1,000,000 .. 2,000,000       0   terminal  6.00 [5.00 .. 7.00]    6.00  7.00  6.00   0.756 [0.728 .. 0.785]
|
| default/dqn life run.max_steps=50M atari.sticky=0.25 ...: 1 run of 1 game
| game        runs     frames  sticky  life loss  mean [95 %]  median  best  last  human-normalised [95 %]
| atari/pong     1  1,000,000    0.25     ignore         5.00    5.00  5.00  5.00                    0.728
|
| default/dqn long run.max_steps=2M atari.sticky=0 ...: 1 run of 1 game
| game        runs     frames  sticky  life loss  mean [95 %]  median  best  last  human-normalised [95 %]
| atari/pong     1  1,000,000       0   terminal         5.00    5.00  5.00  5.00                    0.728
|
| Settings of default/dqn in atari/pong, the best first
| settings                                                              runs          mean [95 %]      
| run.max_steps=50M atari.sticky=0 atari.life_loss=terminal  2 (1 not ended)  6.00 [5.00 .. 7.00]  best
| life run.max_steps=50M atari.sticky=0.25 ...                             1                 5.00      
| long run.max_steps=2M atari.sticky=0 ...                                 1                 5.00      
|
| Over games and seeds, human-normalised (0 random, 1 human)
| group                                                                  games  runs      interquartile mean                  median                    mean          optimality gap
| default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal      1     2  0.756 [0.728 .. 0.785]  0.756 [0.728 .. 0.785]  0.756 [0.728 .. 0.785]  0.244 [0.215 .. 0.272]
| default/dqn life run.max_steps=50M atari.sticky=0.25 ...                   1     1                   0.728                   0.728                   0.728                   0.272
| default/dqn long run.max_steps=2M atari.sticky=0 ...                       1     1                   0.728                   0.728                   0.728                   0.272
|
| Performance profile: share of runs whose human-normalised score is above
| group                                                                              above 0            above 0.1           above 0.25            above 0.5              above 1
| default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal  1.00 [1.00 .. 1.00]  1.00 [1.00 .. 1.00]  1.00 [1.00 .. 1.00]  1.00 [1.00 .. 1.00]  0.00 [0.00 .. 0.00]
| default/dqn life run.max_steps=50M atari.sticky=0.25 ...                              1.00                 1.00                 1.00                 1.00                 0.00
| default/dqn long run.max_steps=2M atari.sticky=0 ...                                  1.00                 1.00                 1.00                 1.00                 0.00
|
| Note: default/dqn life has run.max_steps=50M, atari.sticky=0.25, atari.life_loss=ignore.
| Note: default/dqn long has run.max_steps=2M, atari.sticky=0, atari.life_loss=terminal.
| Note: mix/a-1 (score 5 at frame 1,000,000) has the same settings and seed as mix/again-1 and is not counted again: the other one is longer.
| Note: Not ended: mix/again-1 (unfinished). Their scores count as they are now.
| Note: Each game has fewer than 3 runs: the interval of two runs means little, and a single run has none.
| Note: atari/pong: runs of the same game end at different numbers of frames, so their scores do not reflect equal training.
= 0
$ rainbow report mix --runs | grep -e ^mix -e ^run
| run                game  seed       state     frames  sticky  life loss  evaluations  mean  median  best   at frame  last  score  human-normalised
| mix/again-1  atari/pong     1  unfinished  2,000,000       0   terminal            2  6.00    6.00  7.00  2,000,000  7.00   7.00             0.785
| mix/a-2      atari/pong     2       ended  1,000,000       0   terminal            1  5.00    5.00  5.00  1,000,000  5.00   5.00             0.728
| run               game  seed  state     frames  sticky  life loss  evaluations  mean  median  best   at frame  last  score  human-normalised
| mix/life-1  atari/pong     1  ended  1,000,000    0.25     ignore            1  5.00    5.00  5.00  1,000,000  5.00   5.00             0.728
| run               game  seed  state     frames  sticky  life loss  evaluations  mean  median  best   at frame  last  score  human-normalised
| mix/long-1  atari/pong     1  ended  1,000,000       0   terminal            1  5.00    5.00  5.00  1,000,000  5.00   5.00             0.728
| run.max_steps=50M atari.sticky=0 atari.life_loss=terminal  2 (1 not ended)  6.00 [5.00 .. 7.00]  best
= 0
$ rainbow report mix --csv 2>/dev/null | grep -e ,unfinished, -e ,sticky, -e ',life loss'
| default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal,,atari/pong,unfinished,,1,,
| default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal,,atari/pong,sticky,,0,,
| default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal,,atari/pong,life loss terminal,,1,,
| default/dqn life run.max_steps=50M atari.sticky=0.25 ...,,atari/pong,unfinished,,0,,
| default/dqn life run.max_steps=50M atari.sticky=0.25 ...,,atari/pong,sticky,,0.25,,
| default/dqn life run.max_steps=50M atari.sticky=0.25 ...,,atari/pong,life loss ignore,,1,,
| default/dqn long run.max_steps=2M atari.sticky=0 ...,,atari/pong,unfinished,,0,,
| default/dqn long run.max_steps=2M atari.sticky=0 ...,,atari/pong,sticky,,0,,
| default/dqn long run.max_steps=2M atari.sticky=0 ...,,atari/pong,life loss terminal,,1,,
= 0
$ rainbow report mix --json | grep -e '"state"' -e sticky -e life_loss -e '"unfinished"'
| 			"name":	"default/dqn run.max_steps=50M atari.sticky=0 atari.life_loss=terminal",
| 					"sticky":	0,
| 					"life_loss":	"terminal",
| 					"unfinished":	1,
| 							"state":	"unfinished",
| 							"state":	"ended",
| 			"name":	"default/dqn life run.max_steps=50M atari.sticky=0.25 ...",
| 					"sticky":	0.25,
| 					"life_loss":	"ignore",
| 					"unfinished":	0,
| 							"state":	"ended",
| 			"name":	"default/dqn long run.max_steps=2M atari.sticky=0 ...",
| 					"sticky":	0,
| 					"life_loss":	"terminal",
| 					"unfinished":	0,
| 							"state":	"ended",
| 	"remarks":	["default/dqn life has run.max_steps=50M, atari.sticky=0.25, atari.life_loss=ignore.", "default/dqn long has run.max_steps=2M, atari.sticky=0, atari.life_loss=terminal.", "mix/a-1 (score 5 at frame 1,000,000) has the same settings and seed as mix/again-1 and is not counted again: the other one is longer.", "Not ended: mix/again-1 (unfinished). Their scores count as they are now.", "Each game has fewer than 3 runs: the interval of two runs means little, and a single run has none.", "atari/pong: runs of the same game end at different numbers of frames, so their scores do not reflect equal training."]
= 0
$ rm -r mix
= 0

# Bad input.
$ rainbow report
! rainbow report: no run is named
! usage: rainbow report RUN|DIRECTORY... [OPTION...]
= 2
$ rainbow report missing
! rainbow: missing: there is no such run
= 1
$ mkdir empty; rainbow report empty
! rainbow: empty: is not a run's directory (it has no config.ini), and no runs are below it
= 1
$ rainbow report runs cart --against nobody
! rainbow: --against=nobody: no such group; the groups are: study/der, study/dqn, default/cartpole
= 2
$ rainbow report runs --score=mean:0
! rainbow report: --score=mean:0: must be last, best or mean:K, the mean of the last K evaluations
! usage: rainbow report RUN|DIRECTORY... [OPTION...]
= 2
$ rainbow report runs --with muzero
! rainbow report: --with=muzero: must be dopamine
! usage: rainbow report RUN|DIRECTORY... [OPTION...]
= 2
$ rainbow report runs --csv --json
! rainbow report: choose one of --csv, --markdown and --json
! usage: rainbow report RUN|DIRECTORY... [OPTION...]
= 2
$ rainbow report runs --resamples=0
! rainbow report: --resamples=0: must be a whole number, 1 or more
! usage: rainbow report RUN|DIRECTORY... [OPTION...]
= 2
$ printf 'step,frames,episodes,mean,std,min,max,median,seconds\n1000,1000,10,nan,0,0,0,0,1\n' > cart/eval.csv; rainbow report cart
! rainbow: cart/eval.csv:2: mean is not a finite number
= 1
$ printf 'step,frames,ep' > cart/eval.csv; rainbow report cart
! rainbow: cart/eval.csv: is not a table: it has no header line with column names
= 1
$ rm cart/eval.csv; rainbow report cart
! rainbow: nothing to report: cart has no evaluation yet and is left out.
= 2
# The page: its parts and figures, and nothing that runs or asks a network.
$ rainbow report runs --html page.html --csv > /dev/null 2>&1; grep -c -e '<h2>' -e '<svg viewBox="0 0 720' page.html; grep -i -c -e '<script' -e 'http:' -e 'https:' page.html
| 12
| 0
= 1
