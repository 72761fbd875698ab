// What the benchmarks share. One file a benchmark (bench_*_command.c); cmd_bench.c holds the table and these.
#ifndef RB_CLI_BENCH_H
#define RB_CLI_BENCH_H

#include "cli/cli.h"

extern const cli_command cli_bench_learner, cli_bench_env, cli_bench_replay, cli_bench_train;

// Settings from a scene's words (ended by NULL; NULL: no scene), then the user's. Where neither names an
// environment or a preset, the preset is rainbow.
rb_status cli_bench_config(rb_config **out, const char *const *scene, int count, const char *const *words,
                           rb_error *error);
// Whether the user's words choose a training of their own: an environment, a preset or a file.
bool cli_bench_names_settings(int count, const char *const *words);

#endif
