// The panel of one run, and the little curve that several runs' lines have too: what stands in the lines, not
// how they reach the terminal.
//
//     runs/default/breakout-s1                                      evaluating, 3 of 10 games
//     ━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────── 41 %   1:12:20 left
//
//       31.4 │                  ▁▃▅
//            │         ▂▃▄▅▆▇█████           mean return of the games in equal pieces of the steps;
//            │  ▁▂▃▅▇█████████████           what is drawn once stays, until half as many steps
//        0.2 │▁▅██████████████████           have to share a column
//            └──────────────────────────── 500,000 steps
//
//     return      31.2, mean of 100 games    steps    412,345 of 1,000,000
//     ...
#ifndef RB_CLI_PANEL_H
#define RB_CLI_PANEL_H

#include "cli/cli.h"
#include "cli/terminal.h"

// Lines for a window of so many columns and rows: as much as finds room, the most important first. The number
// of lines.
int cli_panel_lay(const char *name, const rb_progress *now, bool stopping, int columns, int rows,
                  cli_line *lines);
// The curve of returns in one line of `columns`.
void cli_panel_spark(cli_line *line, const rb_progress *now, int columns);

#endif
