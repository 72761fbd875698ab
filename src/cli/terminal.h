// The terminal on standard error: a block of lines that is redrawn in place. Every escape sequence that
// Rainbow writes is in terminal.c.
//
//     $ rainbow train cartpole                earlier output stays and scrolls as usual
//     rainbow: step 5000: 10 games ...
//     +---------------------------+
//     | the block                 |           one write() overwrites the lines that changed
//     +---------------------------+
//     _                                       the (hidden) cursor rests below it
//
// Each drawing, ten times per second, asks the window for its size, and so notices a resize. Lines that a
// narrower window has wrapped count as several rows. While the block is drawn, the cursor is hidden and typed
// keys are not shown; both return with cli_terminal_close, at the program's end, before it is suspended, and
// when a signal ends it (sudden_end.h; except SIGKILL, which no program can handle: `reset` helps then).
//
// There is one terminal, so there is no object to pass around. One thread draws.
#ifndef RB_CLI_TERMINAL_H
#define RB_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

typedef enum cli_style { CLI_PLAIN, CLI_DIM, CLI_BOLD, CLI_ACCENT, CLI_WARN } cli_style;

enum { CLI_LINE_BYTES = 2048, CLI_BLOCK_LINES = 48 };

typedef struct cli_line { // text that fits the window, with styles
    char text[CLI_LINE_BYTES];
    size_t bytes;
    int columns, most; // used, and the limit
} cli_line;

// Examines standard error and the environment variables. False if lines can't be redrawn: no terminal, TERM
// unset or "dumb". NO_COLOR (not empty) removes the colours.
bool cli_terminal_open(void);
bool cli_terminal_is_ours(void); // open, and not in the background of a shell
bool cli_terminal_utf8(void);    // more than ASCII can be shown
bool cli_locale_utf8(void);      // the same of the environment variables alone, whether it is open or not
void cli_terminal_size(int *columns, int *rows);

// What is printed to standard output from now on has this colour (0 .. CLI_COLOURS - 1), -1: its own. Only if
// it is a terminal.
enum { CLI_COLOURS = 6 };
void cli_output_colour(int colour);

void cli_line_begin(cli_line *line, int most);
// Text beyond the line's end is cut; control characters become '?'. The text is UTF-8.
void cli_line_add(cli_line *line, cli_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// As much of the text's end as fits into `room` columns, after ".." if more came before it.
void cli_line_add_end(cli_line *line, cli_style style, const char *text, int room);
void cli_line_to(cli_line *line, int column); // blanks up to there
void cli_line_join(cli_line *line, const cli_line *more);
int cli_columns(const char *text); // width of a text

// At most rows - 1 lines.
void cli_terminal_draw(const cli_line *lines, int count);
void cli_terminal_erase(void);   // removes the block, so that other output can follow
void cli_terminal_close(void);   // restores the terminal
void cli_terminal_forget(void);  // in a forked child: the terminal is its parent's
void cli_terminal_restore(void); // cursor and keys; for signal handlers before they end the program

#endif
