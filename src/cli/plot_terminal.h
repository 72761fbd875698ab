// Curves drawn with letters: `rainbow plot --terminal`.
#ifndef RB_CLI_PLOT_TERMINAL_H
#define RB_CLI_PLOT_TERMINAL_H

#include "cli/cli.h"

typedef struct cli_chart_curve {
    const char *label;
    int points;
    const double *x, *y; // [points], x never decreases
} cli_chart_curve;

typedef struct cli_chart {
    const char *caption, *y_title;
    const char *x; // "steps" "frames" "seconds" "updates"
    const cli_chart_curve *curves;
    int count;
} cli_chart;

// To standard output. On a terminal with UTF-8, lines of dots in colours; with NO_COLOR, without UTF-8, or in
// a pipe, one ASCII mark per curve. It is as wide as the terminal, and 80 columns in a pipe.
int cli_chart_print(const cli_chart *chart);

#endif
