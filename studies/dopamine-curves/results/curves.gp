# Redraw with: gnuplot curves.gp
set terminal svg size 880,660 noenhanced font "Arial,13" linewidth 1 background "#ffffff"
set output "curves.svg"
set encoding utf8
set datafile separator ","
set border 3 linecolor "#777777" linewidth 1
set tics nomirror textcolor "#444444"
set grid linecolor "#e4e4e4" linewidth 1 linetype 1 dashtype solid
set ylabel "return of a game while training" offset 0.5
set lmargin at screen 0.1
set rmargin at screen 0.975
unset key
set multiplot
# Bands: what Dopamine's five seeds span in the second million.
set label 1 "Dots: every second game; lines: Bezier curves through them; bands: Dopamine's five seeds in the second million frames" \
  at screen 0.1,0.93 left font ",12" textcolor "#555555"
set label 3 "Krull and Freeway, the preset rainbow-dopamine under Dopamine's protocol" at screen 0.1,0.968 left font ",17"
set object 1 rectangle from 1,4905 to 2,6071 behind fillcolor "#E69F00" fillstyle solid 0.25 noborder
set tmargin at screen 0.87
set bmargin at screen 0.545
set label 2 "Krull" at graph 0,1.07 left
set ytics ("0" 0, "2,000" 2000, "4,000" 4000, "6,000" 6000, "8,000" 8000, "10,000" 10000)
plot [0:2.02][0:10000] "krull.train-every-2.csv" using ($2/1e6):5 with points pointtype 7 pointsize 0.4 linecolor "#56B4E9", \
     "" using ($2/1e6):5 smooth bezier linewidth 2 linecolor "#0072B2"
unset label 1
unset label 3
set ytics ("0" 0, "5" 5, "10" 10, "15" 15, "20" 20, "25" 25, "30" 30)
set object 1 rectangle from 1,4.9 to 2,11.3 behind fillcolor "#E69F00" fillstyle solid 0.25 noborder
set tmargin at screen 0.435
set bmargin at screen 0.11
set xlabel "million frames"
set label 2 "Freeway" at graph 0,1.07 left
plot [0:2.02][0:30] "freeway.train-every-2.csv" using ($2/1e6):5 with points pointtype 7 pointsize 0.4 linecolor "#56B4E9", \
     "" using ($2/1e6):5 smooth bezier linewidth 2 linecolor "#0072B2"
unset multiplot
