// Three forms of what the tables of commands and options know: help for a terminal, the man page, completion.
#ifndef RB_CLI_HELP_H
#define RB_CLI_HELP_H

#include "cli/cli.h"

enum { CLI_LABEL_BYTES = 64, CLI_HELP_COLUMNS = 100 };

void cli_print_commands(FILE *to);                  // all of them, and where to begin
void cli_print_command(const cli_command *command); // to standard output
void cli_print_man(void);                           // rainbow(1) in roff
void cli_print_bash_completion(void);
void cli_print_zsh_completion(void);

// What the program's exit status means; the last row has a NULL text.
typedef struct cli_exit {
    const char *status, *text; // a sentence without capital letter and full stop
} cli_exit;
extern const cli_exit cli_exits[];

// The command or part of a command that the words name, "bench learner" is two of them; *used: how many words
// it took. NULL: the first word is no command.
const cli_command *cli_find_command(int count, const char *const *words, int *used);

void cli_option_label(const cli_option *option, char label[CLI_LABEL_BYTES]); // "-o, --out FILE.png"

// The settings that the command takes, as an option table; empty if it takes none.
const cli_option *cli_settings_of(const cli_command *command);
bool cli_has_option(const cli_command *command, const char *name); // of its own

#endif
