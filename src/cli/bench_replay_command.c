// rainbow bench replay: what drawing, updating and appending cost, in scenes that have names, or with
// settings of your choice.
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PRESET "--preset=rainbow", "--agent.start_steps=0"

// The help below says what they are. The preset is rainbow: prioritised, three steps, batches of 32.
static const cli_scene scenes[] = {
    {"10k", {PRESET, "--replay.capacity=10000"}},
    {"100k", {PRESET, "--replay.capacity=100000"}},
    {"1m", {PRESET, "--replay.capacity=1000000"}},
    {"100k-lz4", {PRESET, "--replay.capacity=100000", "--replay.compress=lz4"}},
    {"1m-lz4", {PRESET, "--replay.capacity=1000000", "--replay.compress=lz4"}},
};

static void add_times(cJSON *object, const char *name, const rb_bench_replay_times *t)
{
    cJSON *times = cJSON_AddObjectToObject(object, name);
    cJSON_AddNumberToObject(times, "sample_us", t->sample);
    cJSON_AddNumberToObject(times, "sample_min_us", t->sample_min);
    cJSON_AddNumberToObject(times, "update_us", t->update);
    cJSON_AddNumberToObject(times, "update_min_us", t->update_min);
    cJSON_AddNumberToObject(times, "append_us", t->append);
    cJSON_AddNumberToObject(times, "append_min_us", t->append_min);
}

static void fill(cJSON *object, const rb_bench_replay_result *r)
{
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddStringToObject(object, "compress", r->compress);
    cJSON_AddNumberToObject(object, "capacity", (double)r->capacity);
    cJSON_AddNumberToObject(object, "planned_bytes", r->planned_bytes);
    if (*r->skipped) {
        cJSON_AddStringToObject(object, "skipped", r->skipped);
        return;
    }
    cJSON_AddNumberToObject(object, "steps", (double)r->steps);
    cJSON_AddNumberToObject(object, "batch", r->batch);
    cJSON_AddNumberToObject(object, "n_step", r->n_step);
    cJSON_AddBoolToObject(object, "prioritized", r->prioritized);
    cJSON_AddNumberToObject(object, "rounds", r->rounds);
    cJSON_AddNumberToObject(object, "frame_bytes", r->frame_bytes);
    cJSON_AddNumberToObject(object, "bytes_per_frame", r->bytes_per_frame);
    add_times(object, "times", &r->times);
    add_times(object, "of_10000", &r->of_10000);
    cJSON_AddNumberToObject(object, "ratio", r->ratio);
    cJSON_AddNumberToObject(object, "ratio_low", r->ratio_low);
    cJSON_AddNumberToObject(object, "ratio_high", r->ratio_high);
}

static void print_row(const char *name, const rb_bench_replay_result *r, bool first)
{
    char capacity[32];
    rb_text_thousands(capacity, sizeof capacity, r->capacity);
    if (first)
        printf("%-14s %13s %5s %9s %9s %9s %9s %9s %9s %7s %15s\n", "scene", "capacity", "lz4", "planned",
               "B/frame", "sample", "fastest", "update", "append", "ratio", "(quartiles)");
    printf("%-14s %13s %5s %6.2f GB ", name, capacity, strcmp(r->compress, "none") ? "yes" : "no",
           r->planned_bytes / 1e9);
    if (*r->skipped)
        printf("skipped: %s\n", r->skipped);
    else
        printf("%9.0f %6.1f us %6.1f us %6.2f us %6.2f us %7.2f   (%.2f .. %.2f)\n", r->bytes_per_frame,
               r->times.sample, r->times.sample_min, r->times.update, r->times.append, r->ratio, r->ratio_low,
               r->ratio_high);
}

static rb_status measure(const rb_config *config, const void *how, const char *scene, bool first,
                         cJSON *object, rb_error *error)
{
    rb_bench_replay_result result;
    rb_status status = rb_bench_replay(config, how, &result, error);
    if (status != RB_OK) return status;
    if (object)
        fill(object, &result);
    else
        print_row(scene ? scene : result.env, &result, first);
    return RB_OK;
}

static const cli_bench_kind kind = {.command = &cli_bench_replay,
                                    .scenes = scenes,
                                    .count = sizeof scenes / sizeof *scenes,
                                    .brings = "its own settings",
                                    .measure = measure};

static int bench_replay(const cli_command *command, int count, const char *const *words)
{
    const char *name = NULL, *rounds = NULL;
    bool json = false;
    const cli_option options[] = {{.name = "scene", .value = &name},
                                  {.name = "rounds", .value = &rounds},
                                  {.name = "json", .flag = &json},
                                  {0}};
    rb_bench_replay_options how = {.rounds = 1000};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_whole_number(command, "rounds", rounds, 1, &how.rounds);
    if (status == CLI_DONE) status = cli_bench_scenes(&kind, &how, name, count, rest, json);
    free(rest);
    return status;
}

const cli_command cli_bench_replay = {
    .name = "bench replay",
    .usage = "[--scene NAME] [--rounds N] [--GROUP.KEY=VALUE ...] [--json]\n"
             "       rainbow bench replay ENV [--preset NAME]   (and the same options)",
    .help = "the cost of drawing, updating and appending in replay: the named scenes, or one of your choice",
    .details =
        "  --scene NAME   one of these; without, all of them:\n"
        "                   10k, 100k, 1m       so many steps of a made-up game of 84 x 84, four frames a "
        "state\n"
        "                   100k-lz4, 1m-lz4    the same, compressed\n"
        "                 prioritised, three steps, batches of 32. What the memory is not there for is "
        "skipped.\n"
        "  ENV            its frames under random actions; the settings say the rest (--replay.capacity)\n"
        "  --rounds N     a round is a draw, its update, and four steps; 1,000 by default\n"
        "  --json         one object: bench, scenes (objects: scene, env, compress, capacity, planned_bytes, "
        "and either\n"
        "                 skipped or steps, batch, n_step, prioritized, rounds, frame_bytes, "
        "bytes_per_frame, "
        "times,\n"
        "                 of_10000, ratio, ratio_low, ratio_high); times and of_10000: sample_us, "
        "sample_min_us, "
        "update_us,\n"
        "                 update_min_us, append_us, append_min_us\n\n"
        "Times are medians. Each scene takes turns with the same of 10,000 steps; the ratio is of both "
        "drawing "
        "and updating,\n"
        "round by round. A frame's bytes hold what finds it again.\n",
    .run = bench_replay,
};
