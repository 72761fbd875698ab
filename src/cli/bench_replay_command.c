// rainbow bench replay: the time to sample, update and append, in named scenes or with settings of your
// choice.
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PRESET "--preset=rainbow", "--agent.start_steps=0"

// The preset is rainbow: prioritised, three steps, batches of 32.
static const cli_scene scenes[] = {
    {"10k", "10,000 steps", {PRESET, "--replay.capacity=10000"}},
    {"100k", "100,000 steps", {PRESET, "--replay.capacity=100000"}},
    {"1m", "1,000,000 steps", {PRESET, "--replay.capacity=1000000"}},
    {"100k-lz4", "100,000 steps, compressed", {PRESET, "--replay.capacity=100000", "--replay.compress=lz4"}},
    {"1m-lz4", "1,000,000 steps, compressed", {PRESET, "--replay.capacity=1000000", "--replay.compress=lz4"}},
};

enum { SCENES = sizeof scenes / sizeof *scenes };

static const char *scene_value(int i, const char **help)
{
    if (i >= SCENES) return NULL;
    *help = scenes[i].help;
    return scenes[i].name;
}

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
                                    .count = SCENES,
                                    .brings = "its own settings",
                                    .measure = measure};

enum { SCENE, ROUNDS, JSON, TRUST };

static const cli_option options[] = {
    [SCENE] = CLI_VALUE("scene", "SCENE", "measure one of these; default: all of them", .value = scene_value),
    [ROUNDS] = CLI_VALUE("rounds", "N",
                         "number of rounds, each one sample, its update and four steps; default: 1000"),
    [JSON] = CLI_FLAG("json",
                      "print one object: bench, scenes (each: scene, env, compress, capacity, planned_bytes, "
                      "and either skipped or steps, batch, n_step, prioritized, rounds, frame_bytes, "
                      "bytes_per_frame, times, of_10000, ratio, ratio_low, ratio_high); times and of_10000: "
                      "sample_us, sample_min_us, update_us, update_min_us, append_us, append_min_us"),
    [TRUST] = CLI_TRUST,
    {0},
};

static int bench_replay(const cli_command *command, cli_words *words)
{
    rb_bench_replay_options how = {.rounds = 1000};
    int status = cli_whole_number(command, "rounds", words->given[ROUNDS], 1, &how.rounds);
    if (status != CLI_DONE) return status;
    return cli_bench_scenes(&kind, &how, words->given[SCENE], words->count, words->rest,
                            words->given[JSON] != NULL);
}

const cli_command cli_bench_replay = {
    .name = "bench replay",
    .usage = "[OPTION...]\nENV [OPTION...]",
    .help = "measure the time to sample, update and append in replay",
    .details =
        "Measures named scenes, or the frames of the environment you name under random actions, with the "
        "settings you give (--replay.capacity). The scenes have a made-up game of 84 x 84 with four frames "
        "per state, prioritised, three steps, batches of 32. A scene that does not fit into memory is "
        "skipped. Times are medians. Each scene alternates with the same replay of 10,000 steps; the ratio "
        "compares both sampling and updating, round by round. The bytes of a frame include its index.",
    .options = options,
    .examples = {{"rainbow bench replay --scene 10k", "Measures a replay of 10,000 steps"},
                 {"rainbow bench replay cartpole --replay.capacity=50000 --rounds 100",
                  "Measures 50,000 steps of CartPole in 100 rounds"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = bench_replay,
};
