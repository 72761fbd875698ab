# Redraw with: gnuplot after-rainbow.gp
set terminal svg size 980,440 font 'sans-serif,13' background '#ffffff'
set output 'after-rainbow.svg'
set multiplot layout 1,3
set border 1 linecolor '#777777'
set xtics nomirror textcolor '#444444'
set grid xtics linecolor '#e4e4e4' linetype 1
set yrange [9.7:-0.5]
set tmargin 3
unset key
titles = "'Breakout' 'Space Invaders' 'Asterix'"
do for [panel = 0:2] {
  set title word(titles, panel + 1) noenhanced
  set lmargin at screen 0.205 + 0.27 * panel
  set rmargin at screen 0.205 + 0.27 * panel + 0.235
  set xrange [0:*]
  set xtics auto
  set xlabel 'mean return of an evaluation'
  if (panel > 0) { set format y ''; unset ytics }
  else { set ytics scale 0 textcolor '#222222' }
  plot 'after-rainbow.dat' index panel using 3:1:4:5:ytic(2) with xerrorbars linewidth 2 linecolor '#0072B2' pointtype 7 pointsize 0.8, \
    for [seed = 6:8] '' index panel using seed:($1+0.25) with points pointtype 6 pointsize 0.6 linecolor '#D55E00'
}
