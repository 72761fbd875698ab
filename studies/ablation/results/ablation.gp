# Redraw with: gnuplot ablation.gp
set terminal svg size 980,440 font 'Arial,13' linewidth 1 background '#ffffff'
set output 'ablation.svg'
set multiplot layout 1,3
set border 1 linecolor '#777777'
set xtics nomirror textcolor '#444444'
set grid xtics linecolor '#e4e4e4' linetype 1
set yrange [6.7:-0.5]
set tmargin at screen 0.78
set bmargin at screen 0.15
set label 1 'Rainbow, and Rainbow without one of its parts' at screen 0.02,0.955 left font ',17' textcolor '#000000'
set label 2 'Blue: mean of the seeds and its 95 % interval (bootstrap over seeds); orange: the seeds' at screen 0.02,0.91 left font ',12' textcolor '#555555'
unset key
do for [panel = 0:2] {
  set title word('Breakout Space_Invaders Both', panel + 1) noenhanced
  if (panel == 1) { set title 'Space Invaders' }
  if (panel == 2) { set title 'both, Rainbow = 1' }
  set lmargin at screen 0.16 + 0.285 * panel
  set rmargin at screen 0.16 + 0.285 * panel + 0.25
  set xrange [0:*]
  set xtics panel == 0 ? 5 : panel == 1 ? 20 : 0.5
  set xlabel panel == 2 ? 'share of the full score' : 'mean return of an evaluation'
  if (panel > 0) { set format y ''; unset ytics }
  else { set ytics scale 0 textcolor '#222222' }
  if (panel > 0) { unset label }
  plot 'ablation.dat' index panel using 3:1:4:5:ytic(2) with xerrorbars linewidth 2 linecolor '#0072B2' pointtype 7 pointsize 0.8, \
    for [seed = 6:8] '' index panel using seed:($1+0.25) with points pointtype 6 pointsize 0.6 linecolor '#D55E00'
}
