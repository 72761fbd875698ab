# Redraw with: gnuplot curves.gp
set terminal svg size 900,640 font "sans-serif,13" background "#ffffff"
set output "curves.svg"
set datafile separator ","
set grid back linecolor "#dddddd"
set border 3 linecolor "#666666"
set tics nomirror
set xlabel "million frames"
set ylabel "return"
set key inside left top
set multiplot layout 2,1
# Bands: what Dopamine's five seeds span in the second million.
set object 1 rectangle from 1,4905 to 2,6071 behind fillcolor "#f0c84a" fillstyle solid 0.4 noborder
set title "Krull: games while training; band: Dopamine's seeds in the second million frames"
plot [0:2][0:*] "krull.train-every-2.csv" using ($2/1e6):5 with points pointtype 7 pointsize 0.5 linecolor "#0072b2" notitle, \
     "" using ($2/1e6):5 smooth bezier linewidth 2 linecolor "#0072b2" title "smoothed (Bezier)"
set object 1 rectangle from 1,4.9 to 2,11.3 behind fillcolor "#f0c84a" fillstyle solid 0.4 noborder
set title "Freeway"
plot [0:2][0:*] "freeway.train-every-2.csv" using ($2/1e6):5 with points pointtype 7 pointsize 0.5 linecolor "#0072b2" notitle, \
     "" using ($2/1e6):5 smooth bezier linewidth 2 linecolor "#0072b2" title "smoothed (Bezier)"
