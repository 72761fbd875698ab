// What `rainbow params` has beside the table itself: looking for a word, and the tables of docs/sources/.
#ifndef RB_CLI_PARAMS_SEARCH_H
#define RB_CLI_PARAMS_SEARCH_H

#include "cli/cli.h"

void cli_params_print(const rb_param_info *param); // two lines for a person
// Parameters with `word` in their names, their help or what others call them; how many there are.
int cli_params_search(const char *word);
// After a parameter: who calls it what, in code (`fc1_out` in vectorised-rainbow), "" for none.
void cli_params_elsewhere(const rb_param_info *param, char *out, size_t bytes);
int cli_params_source(const cli_command *command, const char *preset); // its table; the exit status

#endif
