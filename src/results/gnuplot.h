// Pictures of numbers through gnuplot, a program of its own. Beside the picture stay its script and its data,
// so that whoever wants other colours edits the script and draws it again:
//
//     DIR/curves.svg     gnuplot draws into DIR/curves.part, which is renamed when it is whole
//     DIR/curves.gp      cd DIR && gnuplot curves.gp
//     DIR/curves.dat     blocks of columns
//
// gnuplot runs beside this process: at low priority, in a session of its own so that a Ctrl-C is not its
// affair, and for at most a minute of processor time. It knows this one picture and then ends, whatever
// becomes of us.
#ifndef RB_RESULTS_GNUPLOT_H
#define RB_RESULTS_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include "base/file.h"

typedef struct rb_gnuplot {
    char directory[RB_PATH_MAX], name[256]; // of the picture; the name without its end
    bool png;                               // otherwise SVG
    pid_t pid;                              // of the gnuplot that draws; 0: none does
    int complaints;                         // a file that it writes its errors to; -1: none
} rb_gnuplot;

// `picture`: a path that ends in .svg or .png; RB_ERR_USAGE for another. Makes nothing.
rb_status rb_gnuplot_init(rb_gnuplot *plot, const char *picture, rb_error *error);
void rb_gnuplot_path(const rb_gnuplot *plot, const char *end, char *out, size_t bytes); // ".gp" ".dat" ".svg"
const char *rb_gnuplot_end(const rb_gnuplot *plot);                                     // ".svg" or ".png"

// What every script of ours begins with: where it goes, its size in points, and how all our pictures look.
void rb_gnuplot_head(const rb_gnuplot *plot, FILE *script, int width, int height);
void rb_gnuplot_quote(FILE *script, const char *text); // 'text' as gnuplot takes it
// A colour of the palette of Okabe and Ito, which people with any colour vision tell apart: 0 ..
const char *rb_gnuplot_colour(int i);
enum { RB_GNUPLOT_COLOURS = 7 };

// "thousand steps" and 1e3, for axes that end at `most`.
const char *rb_gnuplot_unit(double most, const char *noun, double *scale);
double rb_gnuplot_step(double range, int most); // 1, 2 or 5 times a power of ten: at most so many fit

// Writes script and data, each whole or not at all.
rb_status rb_gnuplot_write(const rb_gnuplot *plot, const char *script, size_t script_bytes, const char *data,
                           size_t data_bytes, rb_error *error);
bool rb_gnuplot_available(void); // on this machine
// Begins to draw. RB_ERR_MISSING where there is no gnuplot.
rb_status rb_gnuplot_start(rb_gnuplot *plot, rb_error *error);
// Whether it has ended (`pid` is 0 then); a failure is told once, with what gnuplot said.
rb_status rb_gnuplot_poll(rb_gnuplot *plot, rb_error *error);
rb_status rb_gnuplot_wait(rb_gnuplot *plot, double seconds, rb_error *error); // longer: it is stopped
void rb_gnuplot_stop(rb_gnuplot *plot);
// All of it for a command: what the two write goes into script and data, and gnuplot draws before this
// returns. RB_ERR_MISSING where there is no gnuplot: script and data are there then, and the sentence says
// so.
typedef void rb_gnuplot_writer(const void *what, FILE *to);
rb_status rb_gnuplot_draw(rb_gnuplot *plot, rb_gnuplot_writer *script, rb_gnuplot_writer *data,
                          const void *what, rb_error *error);

#endif
