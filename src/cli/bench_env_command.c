// rainbow bench env: steps per second of environments alone, under random actions, in named scenes or in any
// environment.
//
// The scenes follow the protocol that ALE's own vector environment and EnvPool can play too (bench/peers/).
#include "cli/bench.h"

#include <stdlib.h>

#define ATARI(game) "atari/" game, "--atari.sticky=0", "--atari.noop_min=1", "--atari.noop_max=30"

static const cli_scene scenes[] = {
    {"breakout-1", "one Breakout", {ATARI("breakout"), "--env.count=1"}},
    {"breakout-8", "eight Breakouts", {ATARI("breakout"), "--env.count=8"}},
    {"pong-8", "eight Pongs", {ATARI("pong"), "--env.count=8"}},
    {"seaquest-8", "eight Seaquests", {ATARI("seaquest"), "--env.count=8"}},
    {"qbert-8", "eight Q*berts", {ATARI("qbert"), "--env.count=8"}},
    {"cartpole-8", "eight CartPoles", {"cartpole", "--env.count=8"}},
};

enum { SCENES = sizeof scenes / sizeof *scenes };

static const char *scene_value(int i, const char **help)
{
    if (i >= SCENES) return NULL;
    *help = scenes[i].help;
    return scenes[i].name;
}

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
                                    .count = SCENES,
                                    .brings = "its own environment",
                                    .measure = measure};

enum { SCENE, THREADS, SECONDS, WARMUP, JSON, TRUST };

static const cli_option options[] = {
    [SCENE] = CLI_VALUE("scene", "SCENE", "measure one of these; default: all of them", .value = scene_value),
    [THREADS] =
        CLI_VALUE("threads", "N", "number of threads, as --compute.threads; default: 0, one per processor"),
    [SECONDS] = CLI_VALUE("seconds", "N", "time to measure, in seconds; default: 5"),
    [WARMUP] = CLI_VALUE("warmup", "N", "time to run before, in seconds; default: 1"),
    [JSON] = CLI_FLAG("json",
                      "print one object: bench, scenes (each: scene, env, environments, threads, steps, "
                      "frames, games, seconds, steps_per_second, frames_per_second, median_steps_per_second, "
                      "fastest_steps_per_second, running_share, queued_share, stolen_share, waiting_share)"),
    [TRUST] = CLI_TRUST,
    {0},
};

static int bench_env(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given;
    int seconds = 5, warmup = 1, threads = 0;
    char thread_word[40];
    int status = cli_whole_number(command, "seconds", given[SECONDS], 1, &seconds);
    if (status == CLI_DONE) status = cli_whole_number(command, "warmup", given[WARMUP], 0, &warmup);
    if (status == CLI_DONE) status = cli_whole_number(command, "threads", given[THREADS], 0, &threads);
    if (status != CLI_DONE) return status;
    if (given[THREADS]) {
        snprintf(thread_word, sizeof thread_word, "--compute.threads=%d", threads);
        words->rest[words->count++] = thread_word;
    }
    const rb_bench_env_options how = {.seconds = seconds, .warmup_seconds = warmup};
    return cli_bench_scenes(&kind, &how, given[SCENE], words->count, words->rest, given[JSON] != NULL);
}

const cli_command cli_bench_env = {
    .name = "bench env",
    .usage = "[OPTION...]\nENV [OPTION...]",
    .help = "measure steps per second of environments alone, under random actions",
    .details =
        "Measures named scenes, or the environment you name. The scenes play Atari as DQN does: skip 4, "
        "maximum of two frames, grey, 84 x 84, 1 to 30 no-ops, no sticky actions. A step is one decision of "
        "one environment; a step of Atari has four frames. Resets are included. Median and fastest are those "
        "of pieces of a quarter of a second; `rainbow help bench train` explains the shares.",
    .options = options,
    .examples = {{"rainbow bench env --scene cartpole-8", "Measures eight CartPoles on all processors"},
                 {"rainbow bench env minatar/breakout --env.count=16 --threads 1",
                  "Measures sixteen of MinAtar's Breakout on one thread"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = bench_env,
};
