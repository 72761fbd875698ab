// rainbow record: a video of an agent at play.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct wish { // what the words say
    const char *file, *episodes, *steps, *seed, *epsilon, *threads;
    bool overlay, plain, json;
} wish;

// The run's own evaluation and recording settings where none are given.
static rb_status defaults(const char *path, rb_record_options *out, rb_error *error)
{
    rb_config *config = NULL;
    char file[1100], text[600];
    snprintf(file, sizeof file, "%s/config.ini", path);
    if (access(file, F_OK))
        return rb_error_set(error, RB_ERR_FILE,
                            "%s: is no run's directory and no checkpoint: it has no config.ini", path);
    rb_status status = rb_config_create(&config, error);
    if (status == RB_OK) status = rb_config_read(config, file, error);
    if (status == RB_OK) status = rb_config_get(config, "eval.epsilon", text, sizeof text, error);
    if (status == RB_OK) out->epsilon = strtod(text, NULL);
    if (status == RB_OK) status = rb_config_get(config, "record.steps", text, sizeof text, error);
    if (status == RB_OK) out->most_steps = strtoll(text, NULL, 10);
    if (status == RB_OK) status = rb_config_get(config, "record.view", text, sizeof text, error);
    if (status == RB_OK) out->plain = !strcmp(text, "plain");
    rb_config_destroy(config);
    return status;
}

static int read_wish(const cli_command *command, const wish *w, rb_record_options *out)
{
    int episodes = out->episodes, steps = (int)out->most_steps, seed = (int)out->seed, threads = 0;
    int status = cli_whole_number(command, "episodes", w->episodes, 1, &episodes);
    if (status == CLI_DONE) status = cli_whole_number(command, "steps", w->steps, 1, &steps);
    if (status == CLI_DONE) status = cli_whole_number(command, "seed", w->seed, 0, &seed);
    if (status == CLI_DONE) status = cli_whole_number(command, "threads", w->threads, 0, &threads);
    if (status == CLI_DONE && w->epsilon) {
        char *end;
        out->epsilon = strtod(w->epsilon, &end);
        if (end == w->epsilon || *end || !(out->epsilon >= 0 && out->epsilon <= 1))
            status = cli_usage(command, "--epsilon=%s: must be from 0 to 1", w->epsilon);
    }
    out->episodes = episodes, out->most_steps = steps, out->seed = (uint64_t)seed, out->threads = threads;
    if (w->plain || w->overlay) out->plain = w->plain;
    return status;
}

static cJSON *as_json(const char *file, const rb_record_result *r)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "file", file);
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddStringToObject(object, "checkpoint", r->checkpoint);
    cJSON_AddNumberToObject(object, "checkpoint_step", (double)r->checkpoint_step);
    cJSON_AddNumberToObject(object, "steps", (double)r->steps);
    cJSON_AddNumberToObject(object, "games", r->games);
    cJSON_AddItemToObject(object, "return_mean",
                          isnan(r->return_mean) ? cJSON_CreateNull() : cJSON_CreateNumber(r->return_mean));
    cJSON_AddItemToObject(object, "return_cut",
                          isnan(r->return_cut) ? cJSON_CreateNull() : cJSON_CreateNumber(r->return_cut));
    cJSON_AddNumberToObject(object, "frames", (double)r->frames);
    cJSON_AddNumberToObject(object, "width", r->width);
    cJSON_AddNumberToObject(object, "height", r->height);
    cJSON_AddNumberToObject(object, "seconds", r->seconds);
    return object;
}

static int print_text(const char *file, const rb_record_result *r)
{
    printf("%s: %s, step %" PRId64 "\n", file, r->env, r->checkpoint_step);
    printf("%" PRId64 " steps", r->steps);
    if (r->games)
        printf(", %d game%s to the end, mean return %.10g", r->games, r->games == 1 ? "" : "s",
               r->return_mean);
    if (!isnan(r->return_cut)) printf(", one cut off at return %.10g", r->return_cut);
    printf("\n%" PRId64 " frames of %d x %d, %.1f seconds to watch\n", r->frames, r->width, r->height,
           (double)r->frames / RB_RECORD_FRAMES_PER_SECOND);
    return CLI_DONE;
}

static int record(const cli_command *command, int count, const char *const *words)
{
    wish w = {0};
    const cli_option options[] = {
        {.name = "out", .value = &w.file},        {.name = "episodes", .value = &w.episodes},
        {.name = "steps", .value = &w.steps},     {.name = "seed", .value = &w.seed},
        {.name = "epsilon", .value = &w.epsilon}, {.name = "threads", .value = &w.threads},
        {.name = "overlay", .flag = &w.overlay},  {.name = "plain", .flag = &w.plain},
        {.name = "json", .flag = &w.json},        {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest),
               **all = malloc((size_t)(count + 1) * sizeof *all);
    if (!rest || !all) {
        free(rest), free(all);
        return cli_no_memory();
    }
    for (int i = 0; i < count; i++) all[i] = strcmp(words[i], "-o") ? words[i] : "--out";
    int status = cli_take_options(command, options, &count, all, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, 1);
    if (status == CLI_DONE && !count) status = cli_usage(command, "which run or checkpoint?");
    if (status == CLI_DONE && !w.file) status = cli_usage(command, "into which file? -o FILE.mp4 says so");
    if (status == CLI_DONE && w.overlay && w.plain)
        status = cli_usage(command, "--overlay and --plain: which of them?");
    const char *path = count ? rest[0] : NULL;
    free(rest), free(all);
    if (status != CLI_DONE) return status;

    rb_error error = {0};
    rb_record_options how = {.episodes = 1, .seed = 1};
    rb_record_result result;
    if (defaults(path, &how, &error) != RB_OK) return cli_fail(&error);
    status = read_wish(command, &w, &how);
    if (status != CLI_DONE) return status;
    if (rb_record(path, w.file, &how, &result, &error) != RB_OK) return cli_fail(&error);
    return w.json ? cli_print_json(as_json(w.file, &result)) : print_text(w.file, &result);
}

const cli_command cli_record = {
    .name = "record",
    .usage = "RUN|CHECKPOINT -o FILE.mp4 [--episodes N] [--steps MOST] [--seed S] [--epsilon E] "
             "[--overlay|--plain] "
             "[--threads N] [--json]",
    .help = "a video of an agent at play: the game, what the network sees, what it expects of each action",
    .details = "Plays whole games with the weights of a run's newest checkpoint, or of the one named, and "
               "writes them as "
               "MP4: H.264,\n"
               "30 frames a second, a frame a step; a game's end stands for one second. The file is there as "
               "a whole or "
               "not at all.\n\n"
               "  -o, --out FILE.mp4  where to\n"
               "  --episodes N        games; 1 by default\n"
               "  --steps MOST        what is longer is cut there; by default the run's record.steps (1500)\n"
               "  --seed S            of starts and random actions; 1 by default\n"
               "  --epsilon E         share of random actions; by default the run's eval.epsilon\n"
               "  --overlay           1280 x 720, with what the network sees and expects; the default, "
               "unless the run's\n"
               "                      record.view says otherwise\n"
               "  --plain             the game alone, enlarged\n"
               "  --threads N         0, the default: one for each processor\n"
               "  --json              one object: file, env, checkpoint, checkpoint_step, steps, games, "
               "return_mean, "
               "return_cut,\n"
               "                      frames, width, height, seconds\n",
    .run = record,
};
