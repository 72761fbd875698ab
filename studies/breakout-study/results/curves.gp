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
plot "bf16-s1.train-every-8.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 1 notitle, "bf16-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 1 title "bf16-s1", \
     "bf16-s2.train-every-8.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 2 notitle, "bf16-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 2 title "bf16-s2", \
     "f32-s1.train-every-8.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 3 notitle, "f32-s1.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 3 title "f32-s1", \
     "f32-s2.train-every-8.csv" using 1:5 with points pointtype 7 pointsize 0.3 linecolor 4 notitle, "f32-s2.eval.csv" using 1:4 with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor 4 title "f32-s2"
