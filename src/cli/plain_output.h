// Nothing but text reaches a terminal: names, notes, environment variables and the messages of files and
// workers may hold control characters, with which a terminal can be made to show or do anything. Whatever the
// commands print passes this one place; only terminal.c writes escape sequences.
#ifndef RB_CLI_PLAIN_OUTPUT_H
#define RB_CLI_PLAIN_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

// Once, at the start of the program: from now on, standard error, and standard output if it is a terminal,
// show control characters as \xNN or \uNNNN, except for line ends and tabs. A pipe or file gets standard
// output unchanged, so that paths stay exact.
void cli_plain_output(void);

enum { CLI_PLAIN_MOST = 6 }; // bytes that one byte can become

typedef struct cli_plain { // between two pieces of a text
    unsigned char held[4]; // the beginning of a character whose end is still to come
    int count;
} cli_plain;

// The visible form of a piece of UTF-8; `out` has room for CLI_PLAIN_MOST * (bytes + 4). Returns its length.
size_t cli_plain_text(cli_plain *plain, const char *text, size_t bytes, char *out);

#endif
