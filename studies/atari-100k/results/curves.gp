# Made by rainbow 0.1.0; to draw it again: gnuplot curves.gp

if (!exists('out')) out = 'curves.svg'
data = 'curves.dat'
set terminal svg size 880,539 noenhanced font 'Arial,13' linewidth 1 background '#ffffff'
set output out
set encoding utf8
set datafile missing 'nan'
set border 3 linecolor '#777777' linewidth 1
set tics nomirror textcolor '#444444'
set grid linecolor '#e4e4e4' linewidth 1 linetype 1 dashtype solid

set label 1 'Atari in 100,000 steps' at graph 0,screen 0.9592 left font ',17' textcolor '#000000'
set label 2 'Every evaluation, not smoothed; lines: mean of the seeds, bands: their range' at graph 0,screen 0.9221 left font ',12' textcolor '#555555'
set tmargin at screen 0.8924
set bmargin at screen 0.2430
set lmargin at screen 0.0955
set rmargin at screen 0.975
set xlabel 'thousand steps'
set ylabel 'mean return of an evaluation' offset 0.5
unset key
set xrange [0:101.2]
set xtics ('0' 0, '20' 20, '40' 40, '60' 60, '80' 80, '100' 100)
set yrange [0:2000]
set ytics ('0' 0, '500' 500, '1,000' 1000, '1,500' 1500, '2,000' 2000)
set arrow 20 from screen 0.0955,screen 0.1122 to screen 0.1250,screen 0.1122 nohead linewidth 2 dashtype 1 linecolor '#0072B2'
set label 20 '' at screen 0.1102,screen 0.1122 point pointtype 7 pointsize 0.5 linecolor '#0072B2'
set label 21 'Ms. Pac-Man' at screen 0.1341,screen 0.1122 left font ',13' textcolor '#222222'
set arrow 22 from screen 0.0955,screen 0.0733 to screen 0.1250,screen 0.0733 nohead linewidth 2 dashtype 1 linecolor '#D55E00'
set label 22 '' at screen 0.1102,screen 0.0733 point pointtype 7 pointsize 0.5 linecolor '#D55E00'
set label 23 'Q*bert' at screen 0.1341,screen 0.0733 left font ',13' textcolor '#222222'
set arrow 24 from screen 0.0955,screen 0.0343 to screen 0.1250,screen 0.0343 nohead linewidth 2 dashtype 1 linecolor '#009E73'
set label 24 '' at screen 0.1102,screen 0.0343 point pointtype 7 pointsize 0.5 linecolor '#009E73'
set label 25 'Alien' at screen 0.1341,screen 0.0343 left font ',13' textcolor '#222222'

plot \
  data index 0 using ($1/1000):($3<0?0:$3):($4>2000?2000:$4) with filledcurves linecolor '#0072B2' fillstyle transparent solid 0.18 noborder notitle, \
  data index 1 using ($1/1000):($3<0?0:$3):($4>2000?2000:$4) with filledcurves linecolor '#D55E00' fillstyle transparent solid 0.18 noborder notitle, \
  data index 2 using ($1/1000):($3<0?0:$3):($4>2000?2000:$4) with filledcurves linecolor '#009E73' fillstyle transparent solid 0.18 noborder notitle, \
  data index 0 using ($1/1000):2 with linespoints linewidth 2 dashtype 1 linecolor '#0072B2' pointtype 7 pointsize 0.5 notitle, \
  data index 1 using ($1/1000):2 with linespoints linewidth 2 dashtype 1 linecolor '#D55E00' pointtype 7 pointsize 0.5 notitle, \
  data index 2 using ($1/1000):2 with linespoints linewidth 2 dashtype 1 linecolor '#009E73' pointtype 7 pointsize 0.5 notitle
