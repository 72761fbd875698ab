// rainbow bench env: steps a second of environments alone, under random actions, in scenes that have names,
// or of any environment.
//
// The scenes have the protocol that ALE's own vector environment and EnvPool can play too (bench/peers/).
#include "cli/bench.h"

#include <stdlib.h>

#define ATARI(game) "atari/" game, "--atari.sticky=0", "--atari.noop_min=1", "--atari.noop_max=30"

// The help below says what they are.
static const cli_scene scenes[] = {
    {"breakout-1", {ATARI("breakout"), "--env.count=1"}},
    {"breakout-8", {ATARI("breakout"), "--env.count=8"}},
    {"pong-8", {ATARI("pong"), "--env.count=8"}},
    {"seaquest-8", {ATARI("seaquest"), "--env.count=8"}},
    {"qbert-8", {ATARI("qbert"), "--env.count=8"}},
    {"cartpole-8", {"cartpole", "--env.count=8"}},
};

static void fill(cJSON *object, const rb_bench_env_result *r)
{
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddNumberToObject(object, "environments", r->environments);
    cJSON_AddNumberToObject(object, "threads", r->threads);
    cJSON_AddNumberToObject(object, "steps", (double)r->steps);
    cJSON_AddNumberToObject(object, "frames", (double)r->frames);
    cJSON_AddNumberToObject(object, "games", (double)r->games);
    cJSON_AddNumberToObject(object, "seconds", r->seconds);
    cJSON_AddNumberToObject(object, "steps_per_second", r->steps_per_second);
    cJSON_AddNumberToObject(object, "frames_per_second", r->frames_per_second);
    cJSON_AddNumberToObject(object, "median_steps_per_second", r->median_steps_per_second);
    cJSON_AddNumberToObject(object, "fastest_steps_per_second", r->fastest_steps_per_second);
    cJSON_AddNumberToObject(object, "running_share", r->running_share);
    cJSON_AddNumberToObject(object, "queued_share", r->queued_share);
    cJSON_AddNumberToObject(object, "stolen_share", r->stolen_share);
    cJSON_AddNumberToObject(object, "waiting_share", r->waiting_share);
}

static void print_row(const char *name, const rb_bench_env_result *r, bool first)
{
    if (first)
        printf("%-20s %4s %7s %10s %10s %10s %10s %7s %8s %7s %7s %8s\n", "scene", "envs", "threads",
               "steps/s", "median", "fastest", "frames/s", "games", "running", "queued", "stolen", "waiting");
    printf("%-20s %4d %7d %10.0f %10.0f %10.0f %10.0f %7lld %7.1f%% %6.1f%% %6.1f%% %7.1f%%\n", name,
           r->environments, r->threads, r->steps_per_second, r->median_steps_per_second,
           r->fastest_steps_per_second, r->frames_per_second, (long long)r->games, 100 * r->running_share,
           100 * r->queued_share, 100 * r->stolen_share, 100 * r->waiting_share);
}

static rb_status measure(const rb_config *config, const void *how, const char *scene, bool first,
                         cJSON *object, rb_error *error)
{
    rb_bench_env_result result;
    rb_status status = rb_bench_env(config, how, &result, error);
    if (status != RB_OK) return status;
    if (object)
        fill(object, &result);
    else
        print_row(scene ? scene : result.env, &result, first);
    return RB_OK;
}

static const cli_bench_kind kind = {.command = &cli_bench_env,
                                    .scenes = scenes,
                                    .count = sizeof scenes / sizeof *scenes,
                                    .brings = "its own environment",
                                    .measure = measure};

static int bench_env(const cli_command *command, int count, const char *const *words)
{
    const char *name = NULL, *seconds = NULL, *warmup = NULL, *threads = NULL;
    bool json = false;
    const cli_option options[] = {
        {.name = "scene", .value = &name},    {.name = "seconds", .value = &seconds},
        {.name = "warmup", .value = &warmup}, {.name = "threads", .value = &threads},
        {.name = "json", .flag = &json},      {0}};
    int run_seconds = 5, warmup_seconds = 1, thread_count = 0;
    char thread_word[40];
    const char **rest = malloc((size_t)(count + 2) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_whole_number(command, "seconds", seconds, 1, &run_seconds);
    if (status == CLI_DONE) status = cli_whole_number(command, "warmup", warmup, 0, &warmup_seconds);
    if (status == CLI_DONE) status = cli_whole_number(command, "threads", threads, 0, &thread_count);
    if (threads) {
        snprintf(thread_word, sizeof thread_word, "--compute.threads=%d", thread_count);
        rest[count++] = thread_word;
    }
    rb_bench_env_options how = {.seconds = run_seconds, .warmup_seconds = warmup_seconds};
    if (status == CLI_DONE) status = cli_bench_scenes(&kind, &how, name, count, rest, json);
    free(rest);
    return status;
}

const cli_command cli_bench_env = {
    .name = "bench env",
    .usage = "[--scene NAME] [--threads N] [--seconds N] [--warmup N] [--GROUP.KEY=VALUE ...] [--json]\n"
             "       rainbow bench env ENV   (and the same options)",
    .help =
        "steps a second of environments alone, under random actions: the named scenes, or one of your choice",
    .details =
        "  --scene NAME   one of these; without, all of them:\n"
        "                   breakout-1   one Breakout\n"
        "                   breakout-8   eight\n"
        "                   pong-8       eight of Pong; and so seaquest-8, qbert-8\n"
        "                   cartpole-8   eight of CartPole\n"
        "                 Atari as DQN plays it: skip 4, maximum of two, grey, 84 x 84, 1 to 30 no-ops, no "
        "sticky actions\n"
        "  --threads N    0, the default: one for each processor (as --compute.threads)\n"
        "  --seconds N    measured, 5 by default; --warmup N: before them, 1 by default\n"
        "  --GROUP.KEY=VALUE  changes to the settings, such as --env.count=16\n"
        "  --json         one object: bench, scenes (objects: scene, env, environments, threads, steps, "
        "frames, games,\n"
        "                 seconds, steps_per_second, frames_per_second, median_steps_per_second,\n"
        "                 fastest_steps_per_second, running_share, queued_share, stolen_share, "
        "waiting_share)\n\n"
        "A step is one decision of one environment; of Atari it has four frames. Resets are part of it. "
        "Median "
        "and fastest\n"
        "are of pieces of a quarter of a second; the shares are explained by `rainbow bench train --help`.\n",
    .run = bench_env,
};
