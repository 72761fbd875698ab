// rainbow bench train: steps per second of whole trainings once learning has begun, in named scenes, or with
// any environment, preset and settings.
//
// The scenes have the settings that programs in Python are measured with (bench/peers/), so that both sides
// of a comparison do the same work: network, batch, updates per step, size of replay, targets, protocol.
#include "cli/bench.h"

#include <stdlib.h>

// Stable-Baselines3's DQN on Atari: Adam, the gradient's norm clipped at 10.
#define BREAKOUT_DQN                                                                                         \
    "atari/breakout", "--preset=dqn", "--atari.fire_on_reset=true", "--atari.fire_on_life_loss=true",        \
        "--optim.kind=adam", "--optim.learning_rate=0.0001", "--optim.epsilon=1e-8", "--optim.clip_norm=10", \
        "--agent.target_every_updates=0", "--agent.target_every_steps=10000", "--agent.start_steps=1000",    \
        "--replay.capacity=100000", "--explore.start=0.05", "--explore.end=0.05"
#define BREAKOUT_RAINBOW                                                                                     \
    "atari/breakout", "--preset=rainbow", "--atari.fire_on_reset=true", "--atari.fire_on_life_loss=true",    \
        "--agent.start_steps=1000", "--replay.capacity=100000"

static const cli_scene scenes[] = {
    {"breakout-dqn-1", "Breakout, nature network, Adam; one environment", {BREAKOUT_DQN, "--env.count=1"}},
    {"breakout-dqn-8", "the same with eight", {BREAKOUT_DQN, "--env.count=8"}},
    {"breakout-rainbow-1", "Breakout, all of Rainbow; one environment", {BREAKOUT_RAINBOW, "--env.count=1"}},
    {"breakout-rainbow-16", "the same with sixteen", {BREAKOUT_RAINBOW, "--env.count=16"}},
    {"cartpole-dqn",
     "CartPole, 256-256, 128 updates of 64 every 256 steps",
     {"cartpole", "--preset=cartpole-dqn", "--agent.batch=64", "--agent.updates=128",
      "--agent.update_every_steps=256", "--agent.target_every_updates=0", "--agent.target_every_steps=10",
      "--optim.learning_rate=0.0023", "--optim.anneal=false", "--optim.epsilon=1e-8", "--explore.start=0.04",
      "--explore.end=0.04"}},
};

enum { SCENES = sizeof scenes / sizeof *scenes };

static const char *scene_value(int i, const char **help)
{
    if (i >= SCENES) return NULL;
    *help = scenes[i].help;
    return scenes[i].name;
}

static void fill(cJSON *object, const rb_bench_train_result *r, const char *preset)
{
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddStringToObject(object, "preset", preset);
    cJSON_AddNumberToObject(object, "environments", r->environments);
    cJSON_AddStringToObject(object, "kernels", r->kernels);
    cJSON_AddNumberToObject(object, "threads", r->threads);
    cJSON_AddNumberToObject(object, "steps", (double)r->steps);
    cJSON_AddNumberToObject(object, "updates", (double)r->updates);
    cJSON_AddNumberToObject(object, "seconds", r->seconds);
    cJSON_AddNumberToObject(object, "steps_per_second", r->steps_per_second);
    cJSON_AddNumberToObject(object, "median_steps_per_second", r->median_steps_per_second);
    cJSON_AddNumberToObject(object, "fastest_steps_per_second", r->fastest_steps_per_second);
    cJSON_AddNumberToObject(object, "updates_per_second", r->updates_per_second);
    cJSON_AddNumberToObject(object, "running_share", r->running_share);
    cJSON_AddNumberToObject(object, "queued_share", r->queued_share);
    cJSON_AddNumberToObject(object, "stolen_share", r->stolen_share);
    cJSON_AddNumberToObject(object, "waiting_share", r->waiting_share);
}

static void print_row(const char *name, const rb_bench_train_result *r, bool first)
{
    if (first)
        printf("kernels %s, threads %d\n\n%-20s %9s %9s %9s %10s %8s %8s %8s %8s\n", r->kernels, r->threads,
               "scene", "steps/s", "median", "fastest", "updates/s", "running", "queued", "stolen",
               "waiting");
    printf("%-20s %9.0f %9.0f %9.0f %10.0f %7.1f%% %7.1f%% %7.1f%% %7.1f%%\n", name, r->steps_per_second,
           r->median_steps_per_second, r->fastest_steps_per_second, r->updates_per_second,
           100 * r->running_share, 100 * r->queued_share, 100 * r->stolen_share, 100 * r->waiting_share);
}

static rb_status measure(const rb_config *config, const void *how, const char *scene, bool first,
                         cJSON *object, rb_error *error)
{
    rb_bench_train_result result;
    char preset[RB_CONFIG_VALUE_MAX];
    rb_status status = rb_config_get(config, "run.preset", preset, sizeof preset, error);
    if (status == RB_OK) status = rb_bench_train(config, how, &result, error);
    if (status != RB_OK) return status;
    if (object)
        fill(object, &result, preset);
    else
        print_row(scene ? scene : result.env, &result, first);
    return RB_OK;
}

static const cli_bench_kind kind = {.command = &cli_bench_train,
                                    .scenes = scenes,
                                    .count = SCENES,
                                    .brings = "its own environment and preset",
                                    .measure = measure};

enum { SCENE, SECONDS, WARMUP, JSON, TRUST };

static const cli_option options[] = {
    [SCENE] = CLI_VALUE("scene", "SCENE", "measure one of these; default: all of them", .value = scene_value),
    [SECONDS] = CLI_VALUE("seconds", "N", "time to measure, in seconds; default: 10"),
    [WARMUP] = CLI_VALUE("warmup", "N", "time to train with updates before, in seconds; default: 2"),
    [JSON] = CLI_FLAG(
        "json",
        "print one object: bench, scenes (each: scene, env, preset, environments, kernels, threads, steps, "
        "updates, seconds, steps_per_second, median_steps_per_second, fastest_steps_per_second, "
        "updates_per_second, running_share, queued_share, stolen_share, waiting_share)"),
    [TRUST] = CLI_TRUST,
    {0},
};

static int bench_train(const cli_command *command, cli_words *words)
{
    int seconds = 10, warmup = 2;
    int status = cli_whole_number(command, "seconds", words->given[SECONDS], 1, &seconds);
    if (status == CLI_DONE) status = cli_whole_number(command, "warmup", words->given[WARMUP], 0, &warmup);
    if (status != CLI_DONE) return status;
    const rb_bench_train_options how = {.seconds = seconds, .warmup_seconds = warmup};
    return cli_bench_scenes(&kind, &how, words->given[SCENE], words->count, words->rest,
                            words->given[JSON] != NULL);
}

const cli_command cli_bench_train = {
    .name = "bench train",
    .usage = "[OPTION...]\nENV [OPTION...]",
    .help = "measure steps per second of a whole training once learning has begun",
    .details = "Measures named scenes, or a training of your choice. The run is a real one, in a temporary "
               "directory, without evaluations and checkpoints. Median and fastest are those of pieces of "
               "half a second.\n\nThe shares are parts of the time of all threads. Running: they ran; a "
               "thread that spins counts as running. Queued: they were ready, but another program had the "
               "core. Stolen: the host had taken the core. Waiting: the rest, in which they waited for work.",
    .options = options,
    .examples = {{"rainbow bench train --scene cartpole-dqn", "Measures CartPole with DQN"},
                 {"rainbow bench train cartpole --seconds 5 --compute.threads=1",
                  "Measures CartPole's own preset on one thread"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = bench_train,
};
