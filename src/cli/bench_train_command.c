// rainbow bench train: steps a second of whole trainings after learning began, in scenes that have names, or
// with any environment, preset and settings.
//
// The scenes have the settings that programs in Python are measured with (bench/peers/), so that both sides
// of a comparison do the same work: network, batch, updates a step, size of replay, targets, protocol.
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

// The help below says what they are.
static const cli_scene scenes[] = {
    {"breakout-dqn-1", {BREAKOUT_DQN, "--env.count=1"}},
    {"breakout-dqn-8", {BREAKOUT_DQN, "--env.count=8"}},
    {"breakout-rainbow-1", {BREAKOUT_RAINBOW, "--env.count=1"}},
    {"breakout-rainbow-16", {BREAKOUT_RAINBOW, "--env.count=16"}},
    {"cartpole-dqn",
     {"cartpole", "--preset=cartpole-dqn", "--agent.batch=64", "--agent.updates=128",
      "--agent.update_every_steps=256", "--agent.target_every_updates=0", "--agent.target_every_steps=10",
      "--optim.learning_rate=0.0023", "--optim.anneal=false", "--optim.epsilon=1e-8", "--explore.start=0.04",
      "--explore.end=0.04"}},
};

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
    char preset[600];
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
                                    .count = sizeof scenes / sizeof *scenes,
                                    .brings = "its own environment and preset",
                                    .measure = measure};

static int bench_train(const cli_command *command, int count, const char *const *words)
{
    const char *name = NULL, *seconds = NULL, *warmup = NULL;
    bool json = false;
    const cli_option options[] = {{.name = "scene", .value = &name},
                                  {.name = "seconds", .value = &seconds},
                                  {.name = "warmup", .value = &warmup},
                                  {.name = "json", .flag = &json},
                                  {0}};
    int run_seconds = 10, warmup_seconds = 2;
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_whole_number(command, "seconds", seconds, 1, &run_seconds);
    if (status == CLI_DONE) status = cli_whole_number(command, "warmup", warmup, 0, &warmup_seconds);
    rb_bench_train_options how = {.seconds = run_seconds, .warmup_seconds = warmup_seconds};
    if (status == CLI_DONE) status = cli_bench_scenes(&kind, &how, name, count, rest, json);
    free(rest);
    return status;
}

const cli_command cli_bench_train = {
    .name = "bench train",
    .usage = "[--scene NAME] [--seconds N] [--warmup N] [--GROUP.KEY=VALUE ...] [--json]\n"
             "       rainbow bench train ENV [--preset NAME]   (and the same options)",
    .help = "steps a second of a training after learning began: the named scenes, or one of your choice",
    .details =
        "  --scene NAME   one of these; without, all of them:\n"
        "                   breakout-dqn-1       Breakout, nature network, Adam; one environment\n"
        "                   breakout-dqn-8       the same with eight\n"
        "                   breakout-rainbow-1   Breakout, all of Rainbow; one environment\n"
        "                   breakout-rainbow-16  the same with sixteen\n"
        "                   cartpole-dqn         CartPole, 256-256, 128 updates of 64 every 256 steps\n"
        "  --seconds N    measured, 10 by default; --warmup N: with updates before them, 2 by default\n"
        "  --GROUP.KEY=VALUE  changes to the scene's settings, such as --compute.threads=1\n"
        "  --json         one object: bench, scenes (objects: scene, env, preset, environments, kernels, "
        "threads, steps,\n"
        "                 updates, seconds, steps_per_second, median_steps_per_second, "
        "fastest_steps_per_second,\n"
        "                 updates_per_second, running_share, queued_share, stolen_share, waiting_share)\n\n"
        "The run is the real one, in a temporary directory; evaluations and checkpoints are left out. Median "
        "and "
        "fastest\n"
        "are of pieces of half a second. The shares are of the time of all threads: they ran; they were "
        "ready, "
        "and another\n"
        "program had the core; the host had taken the core; the rest, in which they waited for work. A "
        "thread "
        "that spins\n"
        "counts as running.\n",
    .run = bench_train,
};
