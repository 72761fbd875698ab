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
plot "alien-s1.train.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 1 notitle, "alien-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 1 title "alien-s1", \
     "alien-s2.train.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 2 notitle, "alien-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 2 title "alien-s2", \
     "ms_pacman-s1.train.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 3 notitle, "ms_pacman-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 3 title "ms pacman-s1", \
     "ms_pacman-s2.train.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 4 notitle, "ms_pacman-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 4 title "ms pacman-s2", \
     "qbert-s1.train-every-2.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 5 notitle, "qbert-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 5 title "qbert-s1", \
     "qbert-s2.train.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 6 notitle, "qbert-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 6 title "qbert-s2"
