# Redraw with: gnuplot curves.gp
set terminal svg size 900,480 font "sans-serif,13" background "#ffffff"
set output "curves.svg"
set datafile separator ","
set key outside right top
set grid back linecolor "#dddddd"
set border 3 linecolor "#666666"
set tics nomirror
set xlabel "steps"
set ylabel "score"
set title "points: games while training     lines: means of evaluations"
set format x "%.0s %c"
plot "acrobot-s1.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 1 notitle, "acrobot-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 1 title "acrobot-s1", \
     "acrobot-s2.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 2 notitle, "acrobot-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 2 title "acrobot-s2", \
     "acrobot-s3.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 3 notitle, "acrobot-s3.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 3 title "acrobot-s3", \
     "cartpole-pixels-s1.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 4 notitle, "cartpole-pixels-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 4 title "cartpole-pixels-s1", \
     "cartpole-pixels-s2.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 5 notitle, "cartpole-pixels-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 5 title "cartpole-pixels-s2", \
     "cartpole-pixels-s3.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 6 notitle, "cartpole-pixels-s3.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 6 title "cartpole-pixels-s3", \
     "mountaincar-s1.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 7 notitle, "mountaincar-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 7 title "mountaincar-s1", \
     "mountaincar-s2.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 8 notitle, "mountaincar-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 8 title "mountaincar-s2", \
     "mountaincar-s3.train-every-4.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 9 notitle, "mountaincar-s3.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 9 title "mountaincar-s3"
