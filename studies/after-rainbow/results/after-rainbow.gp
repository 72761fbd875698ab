# Redraw with: gnuplot after-rainbow.gp
set terminal svg size 980,530 font 'sans-serif,13' background '#ffffff'
set output 'after-rainbow.svg'
set multiplot layout 1,3
set border 1 linecolor '#777777'
set xtics nomirror textcolor '#444444'
set grid xtics linecolor '#e4e4e4' linetype 1
set yrange [9.7:-0.5]
set tmargin at screen 0.821
set bmargin at screen 0.104
unset key
set label 1 'What came after Rainbow, on three games' noenhanced at screen 0.02,0.962 left font ',17'
set label 2 "Blue: mean of the seeds and its 95 % interval (bootstrap over seeds); orange: the seeds" at screen 0.02,0.921 left font ',12' textcolor '#555555'
array titles[3] = ['Breakout', 'Space Invaders', 'Asterix']
array labels[3] = ['mean return of an evaluation', 'mean return of an evaluation', 'mean return of an evaluation']
array steps[3] = [5, 100, 10]
do for [panel = 1:3] {
  set title titles[panel] noenhanced
  set lmargin at screen 0.205 + 0.795 * (panel - 1) / 3
  set rmargin at screen 0.205 + 0.795 * (panel - 0.1) / 3 - 0.01
  set xrange [0:*]
  set xtics steps[panel]
  set xlabel labels[panel]
  if (panel > 1) { set format y ''; unset ytics }
  else { set ytics scale 0 textcolor '#222222' }
  plot 'after-rainbow.dat' index panel - 1 using 3:1:4:5:ytic(2) with xerrorbars linewidth 2 linecolor '#0072B2' pointtype 7 pointsize 0.8, \
    for [seed = 6:8] '' index panel - 1 using seed:($1+0.25) with points pointtype 6 pointsize 0.6 linecolor '#D55E00'
  unset label 1
  unset label 2
}
