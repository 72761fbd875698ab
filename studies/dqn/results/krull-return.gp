# Made by rainbow 0.1.0; to draw it again: gnuplot krull-return.gp

if (!exists('out')) out = 'krull-return.svg'
data = 'krull-return.dat'
set terminal svg size 880,497 noenhanced font 'Arial,13' linewidth 1 background '#ffffff'
set output out
set encoding utf8
set datafile missing 'nan'
set border 3 linecolor '#777777' linewidth 1
set tics nomirror textcolor '#444444'
set grid linecolor '#e4e4e4' linewidth 1 linetype 1 dashtype solid

set label 1 'Krull, the preset dqn under Dopamine''s protocol' at graph 0,screen 0.9557 left font ',17' textcolor '#000000'
set label 2 'Mean returns of the games in the last 100,000 frames' at graph 0,screen 0.9155 left font ',12' textcolor '#555555'
set tmargin at screen 0.8833
set bmargin at screen 0.1791
set lmargin at screen 0.0955
set rmargin at screen 0.975
set xlabel 'million frames'
set ylabel 'return of a game while training' offset 0.5
unset key
set xrange [0:2.017556596]
set xtics ('0' 0, '0.5' 0.5, '1' 1, '1.5' 1.5, '2' 2)
set yrange [0:3500]
set ytics ('0' 0, '500' 500, '1,000' 1000, '1,500' 1500, '2,000' 2000, '2,500' 2500, '3,000' 3000, '3,500' 3500)
set arrow 20 from screen 0.0955,screen 0.0372 to screen 0.1250,screen 0.0372 nohead linewidth 2 dashtype 1 linecolor '#0072B2'
set label 20 'DQN, training returns' at screen 0.1341,screen 0.0372 left font ',13' textcolor '#222222'

plot \
  data index 0 using ($1/1e+06):2 with lines linewidth 2 dashtype 1 linecolor '#0072B2' notitle
