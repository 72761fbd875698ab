// rainbow record: makes a video of an agent at play.
#include "cli/cli.h"
#include "cli/signals.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUT, BEST, EPISODES, STEPS, SEED, EPSILON, OVERLAY, PLAIN, PIXELS, FPS, THREADS, JSON, PYTHON, TRUST };

enum { FPS_MOST = 240 }; // as for record.fps

static const cli_option options[] = {
    [OUT] = CLI_VALUE("out", "FILE.mp4", "the video; required", .letter = 'o', .writes = true),
    [BEST] = CLI_BEST,
    [EPISODES] = CLI_VALUE("episodes", "N", "number of games; default: 1"),
    [STEPS] = CLI_VALUE("steps", "N", "cut the video after N steps; default: the run's record.steps (1500)"),
    [SEED] = CLI_VALUE("seed", "N", "seed of the starts and the random actions; default: 1"),
    [EPSILON] =
        CLI_VALUE("epsilon", "E", "share of random actions, from 0 to 1; default: the run's eval.epsilon"),
    [OVERLAY] = CLI_FLAG("overlay", "record 1280 x 720 pixels, with what the network sees and expects; the "
                                    "default, unless the run's record.view is another"),
    [PLAIN] = CLI_FLAG("plain", "record the game alone, enlarged"),
    [PIXELS] = CLI_FLAG("pixels", "record the game alone, in its own pixels"),
    [FPS] = CLI_VALUE("fps", "N", "frames per second, from 1 to 240; default: the run's record.fps (30)"),
    [THREADS] = CLI_VALUE("threads", "N", "number of threads; default: 0, one per processor"),
    [JSON] = CLI_FLAG("json", "print one object: file, env, checkpoint, checkpoint_step, steps, games, "
                              "return_mean, return_cut, frames, width, height, seconds"),
    [PYTHON] = CLI_PYTHON,
    [TRUST] = CLI_TRUST,
    {0},
};

// The run's own settings of evaluation and recording, the defaults of the options.
static rb_status defaults(const char *path, rb_record_options *out, rb_error *error)
{
    rb_config *config = NULL;
    char file[1100], text[RB_CONFIG_VALUE_MAX];
    snprintf(file, sizeof file, "%s/config.ini", path);
    rb_status status = rb_run_check(path, error);
    if (status == RB_OK) status = rb_config_create(&config, error);
    if (status == RB_OK) status = rb_config_read(config, file, error);
    if (status == RB_OK) status = rb_config_get(config, "eval.epsilon", text, sizeof text, error);
    if (status == RB_OK) out->epsilon = strtod(text, NULL);
    if (status == RB_OK) status = rb_config_get(config, "record.steps", text, sizeof text, error);
    if (status == RB_OK) out->most_steps = strtoll(text, NULL, 10);
    if (status == RB_OK) status = rb_config_get(config, "record.view", text, sizeof text, error);
    if (status == RB_OK) out->plain = !strcmp(text, "plain"), out->pixels = !strcmp(text, "pixels");
    if (status == RB_OK) status = rb_config_get(config, "record.fps", text, sizeof text, error);
    if (status == RB_OK) out->frames_per_second = (int)strtol(text, NULL, 10);
    rb_config_destroy(config);
    return status;
}

static int read_options(const cli_command *command, const cli_words *words, rb_record_options *out)
{
    const char *const *given = words->given;
    int episodes = out->episodes, steps = (int)out->most_steps, threads = 0;
    int fps = out->frames_per_second;
    int status = cli_whole_number(command, "episodes", given[EPISODES], 1, &episodes);
    if (status == CLI_DONE) status = cli_whole_number(command, "steps", given[STEPS], 1, &steps);
    if (status == CLI_DONE) status = cli_seed(command, given[SEED], &out->seed);
    if (status == CLI_DONE) status = cli_whole_number(command, "threads", given[THREADS], 0, &threads);
    if (status == CLI_DONE) status = cli_whole_number(command, "fps", given[FPS], 1, &fps);
    if (status == CLI_DONE && fps > FPS_MOST) status = cli_usage(command, "--fps must be from 1 to 240");
    if (status == CLI_DONE) status = cli_share(command, "epsilon", given[EPSILON], &out->epsilon);
    out->episodes = episodes, out->most_steps = steps, out->threads = threads;
    out->frames_per_second = fps;
    if (given[PLAIN] || given[OVERLAY] || given[PIXELS])
        out->plain = given[PLAIN] != NULL, out->pixels = given[PIXELS] != NULL;
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

static int print_text(const char *file, const rb_record_result *r, int frames_per_second)
{
    printf("%s: %s, step %" PRId64 "\n", file, r->env, r->checkpoint_step);
    printf("%" PRId64 " steps", r->steps);
    if (r->games)
        printf(", %d game%s finished, mean return %.10g", r->games, r->games == 1 ? "" : "s", r->return_mean);
    if (!isnan(r->return_cut)) printf(", one cut at return %.10g", r->return_cut);
    printf("\n%" PRId64 " frames of %d x %d, %.1f seconds long\n", r->frames, r->width, r->height,
           (double)r->frames / frames_per_second);
    return CLI_DONE;
}

static int record(const cli_command *command, cli_words *words)
{
    const char *file = words->given[OUT];
    if (!words->count) return cli_usage(command, "no run or checkpoint is named");
    if (!file) return cli_usage(command, "no file is named; give -o FILE.mp4");
    if (!!words->given[OVERLAY] + !!words->given[PLAIN] + !!words->given[PIXELS] > 1)
        return cli_usage(command, "choose one of --overlay, --plain and --pixels");

    const char *path = words->rest[0];
    rb_error error = {0};
    rb_record_options how = {.episodes = 1, .seed = 1};
    rb_record_result result;
    char kept[1100];
    int status = cli_best_weights(&path, words->given[BEST], kept, sizeof kept);
    if (status != CLI_DONE) return status;
    if (defaults(path, &how, &error) != RB_OK) return cli_fail(&error);
    status = read_options(command, words, &how);
    if (status != CLI_DONE) return status;
    how.stop = &cli_stop_signal;
    cli_signals_catch(NULL, cli_signals_end);
    const rb_status recorded = rb_record(path, file, &how, &result, &error);
    cli_signals_release();
    if (recorded == RB_INTERRUPTED) return CLI_SIGNAL + (int)cli_stop_signal; // no part of a video is left
    if (recorded != RB_OK) return cli_fail(&error);
    return words->given[JSON] ? cli_print_json(as_json(file, &result))
                              : print_text(file, &result, how.frames_per_second);
}

const cli_command cli_record = {
    .name = "record",
    .usage = "RUN|CHECKPOINT -o FILE.mp4 [OPTION...]",
    .help = "record a video of an agent at play, with what its network sees and expects",
    .details = "Plays whole games with the weights of a run's newest checkpoint, or of the checkpoint you "
               "name, and writes them as MP4: H.264, one frame per step, 30 frames per second unless the run "
               "or --fps says otherwise. The end of a "
               "game is shown for one second. The file appears complete or not at all.",
    .options = options,
    .examples = {{"rainbow record runs/default/cartpole-s1 -o cartpole.mp4", "Records one game"},
                 {"rainbow record runs/default/cartpole-s1 -o games.mp4 --episodes 3 --plain",
                  "Records three games without what the network sees and expects"}},
    .words = 1,
    .run = record,
};
