# Redraw with: gnuplot curves.gp
set terminal svg size 980,660 noenhanced font 'Arial,13' linewidth 1 background '#ffffff'
set output 'curves.svg'
set datafile separator ','
set multiplot layout 2,3 margins screen 0.065,0.985,0.09,0.84 spacing screen 0.055,0.16
set label 1 'MinAtar: Rainbow and DQN in the five games' at screen 0.065,0.965 left font ',17' textcolor '#000000'
set label 2 'Returns of the games while training, means of 250,000 frames' at screen 0.065,0.925 left font ',12' textcolor '#555555'
set border 3 linecolor '#777777'
set tics nomirror textcolor '#444444'
set grid linecolor '#e4e4e4' linetype 1
set xrange [0:5]
set yrange [0:*]
set xtics 1
set xlabel 'million frames'
unset key
games = 'breakout asterix space_invaders freeway seaquest'
titles = '"Breakout" "Asterix" "Space Invaders" "Freeway" "Seaquest"'
published = '10 17 44 50 20'
sizes = 'dqn_0.0005 dqn_0.000125 - - -' # the step size that a sweep found, and the others of it
others = 'dqn_0.000125 dqn_0.0000625 - - -'
x(game, agent, seed) = strcol(1) eq game && strcol(2) eq agent && $3 == seed ? $4 / 1e6 : NaN
do for [g = 1:5] {
  game = word(games, g)
  level = real(word(published, g))
  seeds = 3
  set title word(titles, g)
  if (g == 1 || g == 4) { set ylabel 'return of a game while training' offset 0.5 } else { unset ylabel }
  plot level with lines dashtype 3 linewidth 2 linecolor '#333333' notitle, \
    for [seed = 1:seeds] 'returns.csv' every ::1 using (x(game, 'dqn', seed)):5 with lines linewidth 2 dashtype seed linecolor '#0072B2' notitle, \
    for [seed = 1:3] '' every ::1 using (x(game, word(sizes, g), seed)):5 with lines linewidth 2 dashtype seed linecolor '#009E73' notitle, \
    for [seed = 1:2] '' every ::1 using (x(game, 'pytorch', seed)):5 with lines linewidth 2 dashtype seed linecolor '#999999' notitle, \
    '' every ::1 using (x(game, word(others, g), 1)):5 with lines linewidth 1.5 dashtype 4 linecolor '#009E73' notitle, \
    for [seed = 1:3] '' every ::1 using (x(game, 'rainbow', seed)):5 with lines linewidth 2 dashtype seed linecolor '#D55E00' notitle
  unset label
}
unset border
unset tics
unset xlabel
unset ylabel
set title ' '
set key at graph 0.56,0.78 center Left reverse samplen 3 font 'Arial,13'
set yrange [0:1]
plot -1 with lines linewidth 2 linecolor '#D55E00' title 'Rainbow', \
  -1 with lines linewidth 2 linecolor '#0072B2' title 'DQN, step size 0.00025', \
  -1 with lines linewidth 2 linecolor '#999999' title 'the same in PyTorch', \
  -1 with lines linewidth 2 linecolor '#009E73' title 'DQN, 0.0005 or 0.000125', \
  -1 with lines linewidth 1.5 dashtype 4 linecolor '#009E73' title 'DQN, 0.000125 or 0.0000625', \
  -1 with lines linewidth 2 dashtype 2 linecolor '#555555' title 'second, third seed', \
  -1 with lines dashtype 3 linewidth 2 linecolor '#333333' title 'published for DQN, at 5 million'
