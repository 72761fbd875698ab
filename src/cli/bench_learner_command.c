// rainbow bench learner: the time of one update of the learner on this machine, in named scenes, or with any
// preset and settings.
#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SCENE_WORDS = 8 };

typedef struct scene {
    const char *name, *help;
    const char *words[SCENE_WORDS]; // its settings, as `train` would take them; NULL ends them
    rb_bench_shape shape;           // of observations, if the settings name no environment
} scene;

static const scene scenes[] = {
    {.name = "rainbow",
     .help = "Rainbow: nature network, two noisy streams of 512, 51 atoms, Adam",
     .words = {"--preset=rainbow"}},
    {.name = "dqn", .help = "DQN of 2015: nature network, centred RMSProp", .words = {"--preset=dqn"}},
    {.name = "dqn-adam",
     .help = "the same with Adam and a clipped gradient norm",
     .words = {"--preset=dqn", "--optim.kind=adam", "--optim.learning_rate=0.0001", "--optim.epsilon=1e-8",
               "--optim.clip_norm=10"}},
    {.name = "c51", .help = "categorical DQN: nature network, 51 atoms, Adam", .words = {"--preset=c51"}},
    {.name = "minatar",
     .help = "MinAtar's DQN: convolution 16 3x3, hidden 128, on 4 x 10 x 10",
     .words = {"--preset=dqn", "--net.trunk=minatar", "--net.hidden=128"},
     .shape = {.planes = 4, .height = 10, .width = 10, .actions = 6}},
    {.name = "cartpole",
     .help = "CartPole's DQN: 256-256, batch 64, Adam",
     .words = {"cartpole", "--preset=cartpole-dqn", "--agent.batch=64"}},
};

enum { SCENES = sizeof scenes / sizeof scenes[0] };

static const char *scene_value(int i, const char **help)
{
    if (i >= SCENES) return NULL;
    *help = scenes[i].help;
    return scenes[i].name;
}

static const scene *find_scene(const char *name)
{
    for (int i = 0; i < SCENES; i++)
        if (!strcmp(scenes[i].name, name)) return &scenes[i];
    return NULL;
}

static void add_result(cJSON *object, const rb_bench_learner_result *r)
{
    cJSON_AddStringToObject(object, "network", r->network);
    cJSON_AddNumberToObject(object, "parameters", (double)r->parameters);
    cJSON_AddStringToObject(object, "kernels", r->kernels);
    cJSON_AddNumberToObject(object, "threads", r->threads);
    cJSON_AddNumberToObject(object, "updates", r->updates);
    cJSON_AddNumberToObject(object, "median_ms", r->median_ms);
    cJSON_AddNumberToObject(object, "min_ms", r->min_ms);
    cJSON_AddNumberToObject(object, "max_ms", r->max_ms);
}

static void add_profile(cJSON *object, const rb_bench_learner_result *r)
{
    cJSON_AddNumberToObject(object, "peak_gflops", r->peak_gflops);
    cJSON_AddNumberToObject(object, "memory_gbytes", r->memory_gbytes);
    cJSON_AddNumberToObject(object, "arithmetic_ms", r->arithmetic_ms);
    cJSON_AddNumberToObject(object, "memory_ms", r->memory_ms);
    cJSON_AddNumberToObject(object, "times_floor", r->times_floor);
    cJSON_AddNumberToObject(object, "times_floor_least", r->times_floor_least);
    cJSON_AddNumberToObject(object, "times_floor_most", r->times_floor_most);
    cJSON *list = cJSON_AddArrayToObject(object, "phases");
    for (int i = 0; i < r->phases; i++) {
        const rb_bench_phase *phase = &r->phase[i];
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "phase", phase->name);
        cJSON_AddNumberToObject(row, "median_ms", phase->median_ms);
        cJSON_AddNumberToObject(row, "min_ms", phase->min_ms);
        cJSON_AddNumberToObject(row, "arithmetic_share", phase->arithmetic_share);
        cJSON_AddNumberToObject(row, "memory_share", phase->memory_share);
        cJSON_AddItemToArray(list, row);
    }
}

static void print_profile(const rb_bench_learner_result *r)
{
    double sum = 0;
    for (int i = 0; i < r->phases; i++) sum += r->phase[i].median_ms;
    printf("\nat best     %.0f GFLOP/s on registers, %.1f GB/s read and written in memory\n", r->peak_gflops,
           r->memory_gbytes);
    printf("floor       %.3f ms: arithmetic %.3f, memory %.3f\n", r->arithmetic_ms + r->memory_ms,
           r->arithmetic_ms, r->memory_ms);
    printf("an update   %.2f times its floor, %.2f to %.2f in %d alternating measurements\n\n",
           r->times_floor, r->times_floor_least, r->times_floor_most, r->turns);
    printf("%-26s %9s %9s %6s   %s\n", "phase, run alone", "median ms", "best ms", "share",
           "of what the machine can");
    for (int i = 0; i < r->phases; i++) {
        const rb_bench_phase *phase = &r->phase[i];
        printf("%-26s %9.3f %9.3f %5.1f%%", phase->name, phase->median_ms, phase->min_ms,
               100 * phase->median_ms / sum);
        const char *between = "   ";
        if (phase->arithmetic_share >= 0.005)
            printf("%sarithmetic %.0f%%", between, 100 * phase->arithmetic_share), between = ", ";
        if (phase->memory_share >= 0.005) printf("%smemory %.0f%%", between, 100 * phase->memory_share);
        putchar('\n');
    }
    printf("%-26s %9.3f\n", "together", sum);
}

typedef struct measured {
    rb_bench_learner_result result;
    char preset[RB_CONFIG_VALUE_MAX];
} measured;

static rb_status measure(measured *out, const scene *s, rb_bench_learner_options how, int count,
                         const char *const *words, rb_error *error)
{
    rb_config *config = NULL;
    if (s) how.shape = s->shape;
    rb_status status = cli_bench_config(&config, s ? s->words : NULL, count, words, error);
    if (status == RB_OK) status = rb_config_get(config, "run.preset", out->preset, sizeof out->preset, error);
    if (status == RB_OK) status = rb_bench_learner(config, &how, &out->result, error);
    rb_config_destroy(config);
    return status;
}

static int bench_one(const scene *s, const rb_bench_learner_options *how, int count, const char *const *words,
                     bool json)
{
    rb_error error = {0};
    measured m = {0};
    if (measure(&m, s, *how, count, words, &error) != RB_OK) return cli_fail(&error);
    const rb_bench_learner_result *r = &m.result;
    if (json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "bench", "learner");
        if (s) cJSON_AddStringToObject(object, "scene", s->name);
        cJSON_AddStringToObject(object, "preset", m.preset);
        add_result(object, r);
        if (how->profile) add_profile(object, r);
        return cli_print_json(object);
    }
    char parameters[32];
    rb_text_thousands(parameters, sizeof parameters, r->parameters);
    if (s) printf("scene       %s\n", s->name);
    printf("preset      %s\nnetwork     %s\nparameters  %s\nkernels     %s\nthreads     %d\nupdates     %d\n",
           m.preset, r->network, parameters, r->kernels, r->threads, r->updates);
    printf("median      %.4f ms, %.0f updates/s\nfastest     %.4f ms\nslowest     %.4f ms\n", r->median_ms,
           1e3 / r->median_ms, r->min_ms, r->max_ms);
    if (how->profile) print_profile(r);
    return CLI_DONE;
}

static int bench_all(const rb_bench_learner_options *how, int count, const char *const *words, bool json)
{
    rb_error error = {0};
    cJSON *object = json ? cJSON_CreateObject() : NULL;
    cJSON_AddStringToObject(object, "bench", "learner");
    cJSON *list = cJSON_AddArrayToObject(object, "scenes");
    for (int i = 0; i < SCENES; i++) {
        measured m = {0};
        if (measure(&m, &scenes[i], *how, count, words, &error) != RB_OK) {
            cJSON_Delete(object);
            return cli_fail(&error);
        }
        const rb_bench_learner_result *r = &m.result;
        if (json) {
            cJSON *row = cJSON_CreateObject();
            cJSON_AddStringToObject(row, "scene", scenes[i].name);
            cJSON_AddStringToObject(row, "preset", m.preset);
            add_result(row, r);
            cJSON_AddItemToArray(list, row);
            continue;
        }
        if (i == 0)
            printf("kernels %s, threads %d, updates %d each\n\n%-10s %12s %12s %12s\n", r->kernels,
                   r->threads, r->updates, "scene", "median ms", "fastest ms", "updates/s");
        printf("%-10s %12.4f %12.4f %12.0f\n", scenes[i].name, r->median_ms, r->min_ms, 1e3 / r->median_ms);
        fflush(stdout);
    }
    return json ? cli_print_json(object) : CLI_DONE;
}

enum { SCENE, THREADS, KERNELS, UPDATES, WARMUP, PROFILE, DUMP, JSON, TRUST };

static const cli_option options[] = {
    [SCENE] = CLI_VALUE("scene", "SCENE", "measure one of these; default: all of them", .value = scene_value),
    [THREADS] =
        CLI_VALUE("threads", "N", "number of threads, as --compute.threads; default: 0, one per processor"),
    [KERNELS] = CLI_VALUE("kernels", "plain|avx2|avx512|avx512-bf16",
                          "the kernels; default: those of --compute.kernels and --compute.precision"),
    [UPDATES] = CLI_VALUE("updates", "N", "number of timed updates; default: 100"),
    [WARMUP] = CLI_VALUE("warmup", "N", "number of updates before, not timed; default: 10"),
    [PROFILE] = CLI_FLAG("profile", "print the time of each phase of one scene or preset, beside the best "
                                    "that this machine can do, measured in the same run"),
    [DUMP] = CLI_VALUE("dump", "DIR",
                       "with --compute.device: write the StableHLO text of the device's programs into DIR"),
    [JSON] =
        CLI_FLAG("json", "print one object: bench, scene, preset, network, parameters, kernels, threads, "
                         "updates, median_ms, min_ms, max_ms; for all scenes: bench, scenes (such objects); "
                         "with --profile also peak_gflops, memory_gbytes, arithmetic_ms, memory_ms, "
                         "times_floor, times_floor_least, times_floor_most and phases (each: phase, "
                         "median_ms, min_ms, arithmetic_share, memory_share)"),
    [TRUST] = CLI_TRUST,
    {0},
};

static int bench_learner(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given, *name = given[SCENE];
    rb_bench_learner_options how = {
        .updates = 100, .warmup = 10, .kernels = given[KERNELS], .profile = given[PROFILE] != NULL};
    int status = cli_whole_number(command, "threads", given[THREADS], 0, &how.threads);
    if (status == CLI_DONE) status = cli_whole_number(command, "updates", given[UPDATES], 1, &how.updates);
    if (status == CLI_DONE) status = cli_whole_number(command, "warmup", given[WARMUP], 0, &how.warmup);
    if (status != CLI_DONE) return status;
    if (given[DUMP] && setenv("RAINBOW_XLA_DUMP", given[DUMP], 1))
        return cli_usage(command, "--dump %s: it can't be passed on", given[DUMP]);
    const scene *s = name ? find_scene(name) : NULL;
    const bool own = cli_bench_names_settings(words->count, words->rest), json = given[JSON] != NULL;
    if (name && !s) return cli_usage(command, "no scene %s; `rainbow help bench learner` lists them", name);
    if (s && own) return cli_usage(command, "a scene has its own environment and preset");
    if (how.profile && !s && !own) return cli_usage(command, "--profile needs one scene: add --scene SCENE");
    return s || own ? bench_one(s, &how, words->count, words->rest, json)
                    : bench_all(&how, words->count, words->rest, json);
}

const cli_command cli_bench_learner = {
    .name = "bench learner",
    .usage = "[OPTION...]\nENV [OPTION...]\n--preset PRESET [OPTION...]",
    .help = "measure the time of one update of the learner, on made-up observations",
    .details = "Measures named scenes, or the network, losses and optimiser of a preset of your choice. "
               "Without ENV, observations have the shape of an Atari game's.",
    .options = options,
    .examples = {{"rainbow bench learner --scene rainbow --profile",
                  "Times one update of Rainbow and shows where the time goes"},
                 {"rainbow bench learner cartpole --updates 1000 --threads 1",
                  "Times 1,000 updates of CartPole's own preset on one thread"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = bench_learner,
};
