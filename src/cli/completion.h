// Shared by the completion scripts of bash and zsh: the kinds of words, read from the tables.
#ifndef RB_CLI_COMPLETION_H
#define RB_CLI_COMPLETION_H

#include "cli/help.h"

typedef enum cli_word_kind {
    CLI_WORD_OTHER, // a number, a text: nothing to offer
    CLI_WORD_ENV,
    CLI_WORD_PRESET,
    CLI_WORD_DIRECTORY, // of a run or a checkpoint
    CLI_WORD_FILE,
    CLI_WORD_COMMAND,
    CLI_WORD_PARAMETER, // a key or a group
    CLI_WORD_CHOICE,    // "a|b"
    CLI_WORD_VALUES     // cli_option.value
} cli_word_kind;

enum { CLI_KINDS_MOST = 8 };

bool cli_names_word(const char *text, const char *word); // "RUN|CHECKPOINT [OPTION...]" names RUN
cli_word_kind cli_kind_of(const cli_option *option);     // of its argument, which is not NULL
void cli_words_of(const cli_command *command, cli_word_kind kinds[CLI_KINDS_MOST],
                  int *count);                                  // of its usage
bool cli_next_choice(const char **at, char *out, size_t bytes); // "a|b": first "a", then "b"
const char *cli_choices_of(const rb_param_info *param);         // "true|false"; NULL: it has no choices

#endif
