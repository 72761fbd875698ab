# Made by rainbow 0.1.0; to draw it again: gnuplot curves.gp

if (!exists('out')) out = 'curves.svg'
data = 'curves.dat'
set terminal svg size 880,497 noenhanced font 'Arial,13' linewidth 1 background '#ffffff'
set output out
set encoding utf8
set datafile missing 'nan'
set border 3 linecolor '#777777' linewidth 1
set tics nomirror textcolor '#444444'
set grid linecolor '#e4e4e4' linewidth 1 linetype 1 dashtype solid

set label 1 'LunarLander' at graph 0,screen 0.9557 left font ',17' textcolor '#000000'
set label 2 'Every evaluation, not smoothed; lines: mean of the seeds, bands: their range' at graph 0,screen 0.9155 left font ',12' textcolor '#555555'
set tmargin at screen 0.8833
set bmargin at screen 0.1791
set lmargin at screen 0.0864
set rmargin at screen 0.975
set xlabel 'thousand steps'
set ylabel 'mean return of an evaluation' offset 0.5
unset key
set xrange [0:303.6]
set xtics ('0' 0, '50' 50, '100' 100, '150' 150, '200' 200, '250' 250, '300' 300)
set yrange [-100:300]
set ytics ('-100' -100, '0' 0, '100' 100, '200' 200, '300' 300)
set arrow 20 from screen 0.0864,screen 0.0372 to screen 0.1159,screen 0.0372 nohead linewidth 2 dashtype 1 linecolor '#0072B2'
set label 20 '' at screen 0.1011,screen 0.0372 point pointtype 7 pointsize 0.5 linecolor '#0072B2'
set label 21 'lunarlander' at screen 0.1250,screen 0.0372 left font ',13' textcolor '#222222'

plot \
  data index 0 using ($1/1000):($3<-100?-100:$3):($4>300?300:$4) with filledcurves linecolor '#0072B2' fillstyle transparent solid 0.18 noborder notitle, \
  data index 0 using ($1/1000):2 with linespoints linewidth 2 dashtype 1 linecolor '#0072B2' pointtype 7 pointsize 0.5 notitle
