// rainbow bench: the speed of this machine. A table; each benchmark has its own file (bench_*_command.c) and
// named scenes, so that figures of two days or two machines can be compared.
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>

static const cli_command *const benchmarks[] = {
    &cli_bench_learner, &cli_bench_env, &cli_bench_replay, &cli_bench_train, NULL,
};

enum { NAMES_BYTES = 128 };

static void join_names(char *names)
{
    size_t used = 0;
    for (const cli_command *const *b = benchmarks; *b; b++)
        used += (size_t)snprintf(names + used, NAMES_BYTES - used, "%s%s", used ? ", " : "",
                                 strchr((*b)->name, ' ') + 1);
}

rb_status cli_bench_config(rb_config **out, const char *const *scene, int count, const char *const *words,
                           rb_error *error)
{
    int used = 0;
    while (scene && scene[used]) used++;
    const char **all = malloc((size_t)(used + count + 1) * sizeof *all);
    *out = NULL;
    if (!all) {
        snprintf(error->message, sizeof error->message, "out of memory");
        return error->status = RB_ERR_MEMORY;
    }
    for (int i = 0; i < used; i++) all[i] = scene[i];
    for (int i = 0; i < count; i++) all[used + i] = words[i];
    used += count;

    char env[RB_CONFIG_VALUE_MAX] = "", preset[RB_CONFIG_VALUE_MAX] = "";
    rb_config *look = NULL;
    rb_status status = rb_config_create(&look, error);
    if (status == RB_OK) status = rb_config_arguments(look, used, all, error);
    if (status == RB_OK) status = rb_config_get(look, "run.env", env, sizeof env, error);
    if (status == RB_OK) status = rb_config_get(look, "run.preset", preset, sizeof preset, error);
    rb_config_destroy(look);
    if (!*env && !*preset) all[used++] = "--preset=rainbow";
    if (status == RB_OK) status = rb_config_create(out, error);
    if (status == RB_OK) status = rb_config_arguments(*out, used, all, error);
    free(all);
    if (status != RB_OK) {
        rb_config_destroy(*out);
        *out = NULL;
    }
    return status;
}

bool cli_bench_names_settings(int count, const char *const *words)
{
    static const char *const names[] = {"--preset", "--run.preset", "--run.env", "--config"};
    for (int i = 0; i < count; i++) {
        bool value = i && !strncmp(words[i - 1], "--", 2) && !strchr(words[i - 1], '=');
        if (*words[i] != '-' && !value) return true;
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
            if (!strncmp(words[i], names[n], strlen(names[n]))) return true;
    }
    return false;
}

static int bench(const cli_command *command, cli_words *words)
{
    char names[NAMES_BYTES];
    join_names(names);
    if (words->count) return cli_usage(command, "no benchmark %s; there are %s", words->rest[0], names);
    return cli_usage(command, "no benchmark is named; there are %s", names);
}

static const cli_option options[] = {{0}};

const cli_command cli_bench = {
    .name = "bench",
    .usage = "COMMAND [OPTION...]",
    .help = "measure the speed of the parts of a training on this machine",
    .details = "Each benchmark has named scenes, and also measures settings of your choice. `rainbow help "
               "bench learner` explains one of them. Figures of a busy machine mean little: compare medians "
               "of alternating runs, as bench/compare.py does.",
    .options = options,
    .examples = {{"rainbow bench learner", "Times one update of the learner in every scene"},
                 {"rainbow bench env cartpole --env.count=8",
                  "Measures steps per second of eight CartPoles"}},
    .words = CLI_ANY_WORDS,
    .run = bench,
    .parts = benchmarks,
};
