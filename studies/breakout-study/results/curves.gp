# Made by rainbow 0.1.0; to draw it again: gnuplot curves.gp

if (!exists('out')) out = 'curves.svg'
data = 'curves.dat'
set terminal svg size 880,518 noenhanced font 'Arial,13' linewidth 1 background '#ffffff'
set output out
set encoding utf8
set datafile missing 'nan'
set border 3 linecolor '#777777' linewidth 1
set tics nomirror textcolor '#444444'
set grid linecolor '#e4e4e4' linewidth 1 linetype 1 dashtype solid

set label 1 'Breakout in each precision' at graph 0,screen 0.9575 left font ',17' textcolor '#000000'
set label 2 'Means of the evaluations in the last 50,000 steps; lines: mean of the seeds, bands: their range' at graph 0,screen 0.9189 left font ',12' textcolor '#555555'
set tmargin at screen 0.8880
set bmargin at screen 0.2124
set lmargin at screen 0.0682
set rmargin at screen 0.975
set xlabel 'thousand steps'
set ylabel 'mean return of an evaluation' offset 0.5
unset key
set xrange [0:404.8]
set xtics ('0' 0, '50' 50, '100' 100, '150' 150, '200' 200, '250' 250, '300' 300, '350' 350, '400' 400)
set yrange [0:25]
set ytics ('0' 0, '5' 5, '10' 10, '15' 15, '20' 20, '25' 25)
set arrow 20 from screen 0.0682,screen 0.0763 to screen 0.0977,screen 0.0763 nohead linewidth 2 dashtype 1 linecolor '#0072B2'
set label 20 'f32' at screen 0.1068,screen 0.0763 left font ',13' textcolor '#222222'
set arrow 21 from screen 0.0682,screen 0.0357 to screen 0.0977,screen 0.0357 nohead linewidth 2 dashtype 1 linecolor '#D55E00'
set label 21 'bf16' at screen 0.1068,screen 0.0357 left font ',13' textcolor '#222222'

plot \
  data index 0 using ($1/1000):($3<0?0:$3):($4>25?25:$4) with filledcurves linecolor '#0072B2' fillstyle transparent solid 0.18 noborder notitle, \
  data index 1 using ($1/1000):($3<0?0:$3):($4>25?25:$4) with filledcurves linecolor '#D55E00' fillstyle transparent solid 0.18 noborder notitle, \
  data index 0 using ($1/1000):2 with lines linewidth 2 dashtype 1 linecolor '#0072B2' notitle, \
  data index 1 using ($1/1000):2 with lines linewidth 2 dashtype 1 linecolor '#D55E00' notitle
