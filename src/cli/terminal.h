// The terminal on standard error: a block of lines that is drawn again in its place. Every escape sequence
// that Rainbow writes stands in terminal.c.
//
//     $ rainbow train cartpole                what was written before stays and scrolls as usual
//     rainbow: step 5000: 10 games ...
//     +---------------------------+
//     | the block                 |           its lines are overwritten, only where they changed, by one write()
//     +---------------------------+
//     _                                       the (hidden) cursor rests below it
//
// The window is asked for its size at each drawing, ten times a second, which also tells of a resize. Lines
// that a narrower window has wrapped are counted as such. While the block stands, the cursor is hidden and
// typed keys are not shown; both come back with cli_terminal_close, at the program's end, before it is
// suspended, and when a signal ends it (but for SIGKILL, which nobody can answer: `reset` helps then).
//
// There is one terminal, so there is no object to pass around. One thread draws.
#ifndef RB_CLI_TERMINAL_H
#define RB_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

typedef enum cli_style { CLI_PLAIN, CLI_DIM, CLI_BOLD, CLI_ACCENT, CLI_WARN } cli_style;

enum { CLI_LINE_BYTES = 2048, CLI_BLOCK_LINES = 48 };

typedef struct cli_line { // text that fits the window, with its styles
    char text[CLI_LINE_BYTES];
    size_t bytes;
    int columns, most; // taken, and free in all
} cli_line;

// Looks at standard error and the surroundings. False where lines can't be drawn again: no terminal, TERM
// unset or "dumb". NO_COLOR (not empty) takes the colours away.
bool cli_terminal_open(void);
bool cli_terminal_is_ours(void); // open, and not in the background of a shell
bool cli_terminal_utf8(void);    // more than ASCII can be shown
void cli_terminal_size(int *columns, int *rows);

void cli_line_begin(cli_line *line, int most);
// What is beyond the line's end is cut; control characters become '?'. The text is UTF-8.
void cli_line_add(cli_line *line, cli_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void cli_line_to(cli_line *line, int column); // blanks up to there
void cli_line_join(cli_line *line, const cli_line *more);
int cli_columns(const char *text); // that a text takes

// At most rows - 1 lines.
void cli_terminal_draw(const cli_line *lines, int count);
void cli_terminal_erase(void);   // the block goes: standard error may be written to
void cli_terminal_close(void);   // and the terminal is as it was
void cli_terminal_forget(void);  // in a forked child: the terminal is its parent's
void cli_terminal_restore(void); // cursor and keys; for signal handlers before they end the program

#endif
