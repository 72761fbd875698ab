# Made by rainbow 0.1.0; to draw it again: gnuplot asterix-eval.gp

if (!exists('out')) out = 'asterix-eval.svg'
data = 'asterix-eval.dat'
set terminal svg size 880,518 noenhanced font 'Arial,13' linewidth 1 background '#ffffff'
set output out
set encoding utf8
set datafile missing 'nan'
set border 3 linecolor '#777777' linewidth 1
set tics nomirror textcolor '#444444'
set grid linecolor '#e4e4e4' linewidth 1 linetype 1 dashtype solid

set label 1 'Asterix: noise for acting, s and s prime' at graph 0,screen 0.9575 left font ',17' textcolor '#000000'
set label 2 'Every evaluation, not smoothed; lines: mean of the seeds, bands: its 95 % interval (Student''s t)' at graph 0,screen 0.9189 left font ',12' textcolor '#555555'
set tmargin at screen 0.8880
set bmargin at screen 0.2124
set lmargin at screen 0.0591
set rmargin at screen 0.975
set xlabel 'thousand steps'
set ylabel 'mean return of an evaluation' offset 0.5
unset key
set xrange [0:404.8]
set xtics ('0' 0, '50' 50, '100' 100, '150' 150, '200' 200, '250' 250, '300' 300, '350' 350, '400' 400)
set yrange [0:6]
set ytics ('0' 0, '1' 1, '2' 2, '3' 3, '4' 4, '5' 5, '6' 6)
set arrow 20 from screen 0.0591,screen 0.0763 to screen 0.0886,screen 0.0763 nohead linewidth 2 dashtype 1 linecolor '#0072B2'
set label 20 '' at screen 0.0739,screen 0.0763 point pointtype 7 pointsize 0.5 linecolor '#0072B2'
set label 21 'one draw' at screen 0.0977,screen 0.0763 left font ',13' textcolor '#222222'
set arrow 22 from screen 0.0591,screen 0.0357 to screen 0.0886,screen 0.0357 nohead linewidth 2 dashtype 1 linecolor '#D55E00'
set label 22 '' at screen 0.0739,screen 0.0357 point pointtype 7 pointsize 0.5 linecolor '#D55E00'
set label 23 'a draw each' at screen 0.0977,screen 0.0357 left font ',13' textcolor '#222222'

plot \
  data index 0 using ($1/1000):($3<0?0:$3):($4>6?6:$4) with filledcurves linecolor '#0072B2' fillstyle transparent solid 0.18 noborder notitle, \
  data index 1 using ($1/1000):($3<0?0:$3):($4>6?6:$4) with filledcurves linecolor '#D55E00' fillstyle transparent solid 0.18 noborder notitle, \
  data index 0 using ($1/1000):2 with linespoints linewidth 2 dashtype 1 linecolor '#0072B2' pointtype 7 pointsize 0.5 notitle, \
  data index 1 using ($1/1000):2 with linespoints linewidth 2 dashtype 1 linecolor '#D55E00' pointtype 7 pointsize 0.5 notitle
