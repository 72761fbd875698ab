# Reports of runs that were made by hand: two recipes, two games, three seeds.
$ for p in der dqn; do for s in 1 2 3; do for g in breakout pong; do d=runs/$p/$g-$s; mkdir -p $d; printf '[run]\nenv = atari/%s\npreset = %s\ngroup = study\nseed = %s\n' $g $p $s > $d/config.ini; { echo step,frames,episodes,mean,std,min,max,median,seconds; echo 250000,1000000,10,$s.5,0,0,0,0,1; echo 500000,2000000,10,$((s*${#p}${#g}/10)),0,0,0,0,2; } > $d/eval.csv; done; done; done
$ rm -r runs/dqn/*-3
$ rainbow report runs --with dopamine
$ rainbow report runs/der --runs --score best
$ rainbow report runs --against study/der --markdown
$ rainbow report runs --csv | grep -v ,profile,
$ rainbow report runs/der --json | head -12
$ rainbow report runs > 1; rainbow report runs > 2; cmp 1 2
$ rainbow report runs --resamples 100 --seed 3 | head -1

# A task without published scores has raw scores alone.
$ mkdir cart; printf '[run]\nenv = cartpole\npreset = cartpole\n' > cart/config.ini; printf 'step,frames,episodes,mean,std,min,max,median,seconds\n1000,1000,10,200,0,0,0,0,1\n' > cart/eval.csv; rainbow report cart
$ rainbow report cart --svg cart.svg > /dev/null

# Bad input.
$ rainbow report
$ rainbow report missing
$ mkdir empty; rainbow report empty
$ rainbow report runs cart --against nobody
$ rainbow report runs --score=mean:0
$ rainbow report runs --with muzero
$ rainbow report runs --csv --json
$ rainbow report runs --resamples=0
$ printf 'step,frames,episodes,mean,std,min,max,median,seconds\n1000,1000,10,nan,0,0,0,0,1\n' > cart/eval.csv; rainbow report cart
$ printf 'step,frames,ep' > cart/eval.csv; rainbow report cart
$ rm cart/eval.csv; rainbow report cart
