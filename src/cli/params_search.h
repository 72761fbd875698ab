// Parts of `rainbow params` beside the table: the search for a word, and the tables of docs/sources/.
#ifndef RB_CLI_PARAMS_SEARCH_H
#define RB_CLI_PARAMS_SEARCH_H

#include "cli/cli.h"

void cli_params_print(const rb_param_info *param); // two lines for a person
// Prints the parameters with `word` in their names, their help or their names elsewhere; returns how many.
int cli_params_search(const char *word);
// Names of a parameter elsewhere, in code (`fc1_out` in vectorised-rainbow), "" for none.
void cli_params_elsewhere(const rb_param_info *param, char *out, size_t bytes);
void cli_params_names(void);                                           // prints the page docs/names.md
int cli_params_source(const cli_command *command, const char *preset); // prints its table; the exit status

#endif
