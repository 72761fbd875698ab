// Pictures of numbers, drawn by gnuplot, a separate program. Its script and data stay beside the picture, so
// that a user can edit the script and draw it again:
//
//     DIR/curves.svg     gnuplot draws into DIR/curves.part, which is renamed when it is complete
//     DIR/curves.gp      cd DIR && gnuplot curves.gp
//     DIR/curves.dat     blocks of columns
//
// gnuplot runs in parallel to this process: at low priority, in its own session so that Ctrl-C does not reach
// it, and for at most one minute of processor time. It draws this one picture and then ends, even if this
// process ends first.
#ifndef RB_RESULTS_GNUPLOT_H
#define RB_RESULTS_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include "base/file.h"

typedef struct rb_gnuplot {
    char directory[RB_PATH_MAX], name[256]; // the picture's directory, and its name without the suffix
    bool png;                               // otherwise SVG
    pid_t pid;                              // the running gnuplot; 0: none
    int complaints;                         // a file that receives its errors; -1: none
} rb_gnuplot;

// `picture`: a path that ends in .svg or .png, otherwise RB_ERR_USAGE. Creates no files.
rb_status rb_gnuplot_init(rb_gnuplot *plot, const char *picture, rb_error *error);
void rb_gnuplot_path(const rb_gnuplot *plot, const char *end, char *out, size_t bytes); // ".gp" ".dat" ".svg"
const char *rb_gnuplot_end(const rb_gnuplot *plot);                                     // ".svg" or ".png"

void rb_gnuplot_quote(FILE *script, const char *text); // writes 'text', quoted for gnuplot

// Writes the script and the data, each completely or not at all.
rb_status rb_gnuplot_write(const rb_gnuplot *plot, const char *script, size_t script_bytes, const char *data,
                           size_t data_bytes, rb_error *error);
bool rb_gnuplot_available(void); // on this machine
// Starts to draw. RB_ERR_MISSING if gnuplot is not installed.
rb_status rb_gnuplot_start(rb_gnuplot *plot, rb_error *error);
// Checks whether gnuplot has ended (`pid` is 0 then). A failure is reported once, with gnuplot's own message.
rb_status rb_gnuplot_poll(rb_gnuplot *plot, rb_error *error);
rb_status rb_gnuplot_wait(rb_gnuplot *plot, double seconds, rb_error *error); // stopped if it takes longer
void rb_gnuplot_stop(rb_gnuplot *plot);
// For commands: the two writers fill the script and the data, and gnuplot draws before this returns.
// RB_ERR_MISSING if gnuplot is not installed: then the script and the data are still written, and the message
// names them.
typedef void rb_gnuplot_writer(const void *what, FILE *to);
rb_status rb_gnuplot_draw(rb_gnuplot *plot, rb_gnuplot_writer *script, rb_gnuplot_writer *data,
                          const void *what, rb_error *error);

#endif
