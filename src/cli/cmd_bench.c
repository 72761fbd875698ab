// rainbow bench learner: how long one update of the learner takes on this machine.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static cJSON *as_json(const rb_bench_learner_result *r, const char *preset)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "bench", "learner");
    cJSON_AddStringToObject(object, "preset", preset);
    cJSON_AddStringToObject(object, "network", r->network);
    cJSON_AddNumberToObject(object, "parameters", (double)r->parameters);
    cJSON_AddStringToObject(object, "kernels", r->kernels);
    cJSON_AddNumberToObject(object, "threads", r->threads);
    cJSON_AddNumberToObject(object, "updates", r->updates);
    cJSON_AddNumberToObject(object, "median_ms", r->median_ms);
    cJSON_AddNumberToObject(object, "min_ms", r->min_ms);
    cJSON_AddNumberToObject(object, "max_ms", r->max_ms);
    return object;
}

static int print_text(const rb_bench_learner_result *r, const char *preset)
{
    char parameters[32];
    cli_count(parameters, sizeof parameters, r->parameters);
    printf("preset      %s\nnetwork     %s\nparameters  %s\nkernels     %s\nthreads     %d\nupdates     %d\n",
           preset, r->network, parameters, r->kernels, r->threads, r->updates);
    printf("median      %.3f ms\nfastest     %.3f ms\nslowest     %.3f ms\n", r->median_ms, r->min_ms,
           r->max_ms);
    return CLI_DONE;
}

// Parameters come as they do for `train`; the environment may be left out, and then the preset is rainbow.
static rb_status read_config(rb_config *config, int count, const char **words, rb_error *error)
{
    char env[600], preset[600];
    rb_config *look = NULL;
    rb_status status = rb_config_copy(&look, config, error);
    if (status == RB_OK) status = rb_config_arguments(look, count, words, error);
    if (status == RB_OK) status = rb_config_get(look, "run.env", env, sizeof env, error);
    if (status == RB_OK) status = rb_config_get(look, "run.preset", preset, sizeof preset, error);
    rb_config_destroy(look);
    if (status != RB_OK) return status;
    if (!*env && !*preset) words[count++] = "--preset=rainbow";
    return rb_config_arguments(config, count, words, error);
}

static bool read_count(const char *text, int least, int *out)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < least || value > 1000000) return false;
    *out = (int)value;
    return true;
}

static int bench(const cli_command *command, int count, const char *const *words)
{
    if (!count || strcmp(words[0], "learner")) {
        if (count) return cli_usage(command, "no benchmark %s; there is: learner", words[0]);
        return cli_usage(command, "which benchmark? There is: learner");
    }
    count--;
    const char *kernels = NULL, *threads = NULL, *updates = NULL, *warmup = NULL;
    bool json = false;
    const cli_option options[] = {
        {.name = "kernels", .value = &kernels}, {.name = "threads", .value = &threads},
        {.name = "updates", .value = &updates}, {.name = "warmup", .value = &warmup},
        {.name = "json", .flag = &json},        {0}};
    rb_bench_learner_options how = {.updates = 100, .warmup = 10, .kernels = NULL};
    const char **rest = malloc((size_t)(count + 2) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words + 1, rest);
    if (status == CLI_DONE && threads && !read_count(threads, 0, &how.threads))
        status = cli_usage(command, "--threads=%s: must be a whole number, 0 or more", threads);
    if (status == CLI_DONE && updates && !read_count(updates, 1, &how.updates))
        status = cli_usage(command, "--updates=%s: must be a whole number, 1 or more", updates);
    if (status == CLI_DONE && warmup && !read_count(warmup, 0, &how.warmup))
        status = cli_usage(command, "--warmup=%s: must be a whole number, 0 or more", warmup);
    how.kernels = kernels;

    rb_error error = {0};
    rb_config *config = NULL;
    rb_bench_learner_result result = {0};
    char preset[600] = "";
    if (status == CLI_DONE) {
        rb_status done = rb_config_create(&config, &error);
        if (done == RB_OK) done = read_config(config, count, rest, &error);
        if (done == RB_OK) done = rb_config_get(config, "run.preset", preset, sizeof preset, &error);
        if (done == RB_OK) done = rb_bench_learner(config, &how, &result, &error);
        status = done != RB_OK ? cli_fail(&error)
                 : json        ? cli_print_json(as_json(&result, preset))
                               : print_text(&result, preset);
    }
    rb_config_destroy(config);
    free(rest);
    return status;
}

const cli_command cli_bench = {
    .name = "bench",
    .usage = "learner [ENV] [--preset NAME] [--threads N] [--kernels NAME] [--updates N] [--warmup N]\n"
             "       [--GROUP.KEY=VALUE ...] [--json]",
    .help = "time one update of the learner on made-up observations",
    .details =
        "  --preset NAME  whose network, losses and optimiser to use; rainbow where no ENV is named either\n"
        "  --threads N    0, the default: one for each processor\n"
        "  --kernels NAME plain, avx2 or avx512; by default the fastest this processor runs\n"
        "  --updates N    timed updates, 100 by default; --warmup N: untimed ones before them, 10 by "
        "default\n"
        "  --json         one object: bench, preset, network, parameters, kernels, threads, updates, "
        "median_ms, min_ms,\n"
        "                 max_ms\n",
    .run = bench,
};
