// The panel of one run, and the small curve that lines of several runs have too: the text of the lines, not
// how they reach the terminal.
//
//     runs/default/breakout-s1                                      evaluating, 3 of 10 games
//     ━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────── 41 %   1:12:20 left
//
//       31.4 │                  ▁▃▅
//            │         ▂▃▄▅▆▇█████           mean return of the games, one column per equal share
//            │  ▁▂▃▅▇█████████████           of the steps; drawn columns stay until the run needs
//        0.2 │▁▅██████████████████           twice as many steps per column
//            └──────────────────────────── 500,000 steps
//
//     return      31.2, mean of 100 games    steps    412,345 of 1,000,000
//     ...
#ifndef RB_CLI_PANEL_H
#define RB_CLI_PANEL_H

#include "cli/cli.h"
#include "cli/terminal.h"

// Fills `lines` for a window of this size, the most important first, as far as they fit. Returns their
// number.
int cli_panel_lay(const char *name, const rb_progress *now, bool stopping, int columns, int rows,
                  cli_line *lines);
// The curve of returns in one line of `columns`.
void cli_panel_spark(cli_line *line, const rb_progress *now, int columns);

#endif
