// Shared by the benchmarks. One file per benchmark (bench_*_command.c); cmd_bench.c holds their table, and
// bench_scenes.c runs the scenes that have names.
#ifndef RB_CLI_BENCH_H
#define RB_CLI_BENCH_H

#include <cjson/cJSON.h>

#include "cli/cli.h"

extern const cli_command cli_bench_learner, cli_bench_env, cli_bench_replay, cli_bench_train;

enum { CLI_SCENE_WORDS = 20 };

typedef struct cli_scene {
    const char *name, *help;
    const char *words[CLI_SCENE_WORDS]; // its settings, as `train` would take them; NULL ends them
} cli_scene;

// A benchmark that prints one row per scene.
typedef struct cli_bench_kind {
    const cli_command *command;
    const cli_scene *scenes;
    int count;
    const char *brings; // what a scene sets, so that the user may not: "its own environment"
    // One measurement: prints a row, the `first` after the head of the table; or, if `object` is not NULL,
    // adds everything to that. `scene` is NULL if the settings are the user's own.
    rb_status (*measure)(const rb_config *config, const void *how, const char *scene, bool first,
                         cJSON *object, rb_error *error);
} cli_bench_kind;

// Measures the scene of that name, or all if `name` is NULL; or the user's own training, if `words` choose
// one. Settings in `words` override those of each scene. `how` goes to the measurement. Returns the exit
// status.
int cli_bench_scenes(const cli_bench_kind *kind, const void *how, const char *name, int count,
                     const char *const *words, bool json);

// Settings from a scene's words (ended by NULL; NULL: no scene), then the user's. If neither names an
// environment or a preset, the preset is rainbow.
rb_status cli_bench_config(rb_config **out, const char *const *scene, int count, const char *const *words,
                           rb_error *error);
// Whether the user's words choose a training of their own: an environment, a preset or a file.
bool cli_bench_names_settings(int count, const char *const *words);

#endif
