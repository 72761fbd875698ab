// rainbow frames: draws what the network sees.
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct wish { // from the command line
    const char *file;
    const char *run;    // NULL: the other words are settings
    const char *python; // NULL: that of the settings
} wish;

static bool is_run(const char *word)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/config.ini", word);
    return !access(path, F_OK);
}

static rb_status settings(rb_config **config, const char *python, int count, const char *const *words,
                          rb_error *error)
{
    rb_status status = rb_config_create(config, error);
    if (status == RB_OK) status = rb_config_arguments(*config, count, words, error);
    if (status == RB_OK && python)
        status = rb_config_set(*config, "gym.python", python, "command line", error);
    return status;
}

static int draw(const wish *w, int count, const char *const *words, const rb_frames_options *how)
{
    rb_error error = {0};
    rb_config *config = NULL;
    rb_frames_result result = {0};
    const char *file = w->file ? w->file : "frames.png";
    rb_status status = w->run ? RB_OK : settings(&config, w->python, count, words, &error);
    if (status == RB_OK) status = rb_frames(config, w->run, file, how, &result, &error);
    rb_config_destroy(config);
    if (status != RB_OK) return cli_fail(&error);
    printf("%s: %s after %" PRId64 " %s step%s: %d frame%s of %d x %d", file, result.env, result.steps,
           w->run ? "played" : "random", result.steps == 1 ? "" : "s", result.stack,
           result.stack == 1 ? "" : "s", result.width, result.height);
    if (result.channels > 1) printf(" in %d planes", result.channels);
    printf("\n");
    return CLI_DONE;
}

enum { OUT, BEST, STEPS, SEED, EPSILON, SCALE, PYTHON, TRUST };

static const cli_option options[] = {
    [OUT] = CLI_VALUE("out", "FILE.png", "the picture; default: frames.png", .letter = 'o', .writes = true),
    [BEST] = CLI_BEST,
    [STEPS] = CLI_VALUE("steps", "N",
                        "steps before the picture, random ones or those of the run's agent; default: 100"),
    [SEED] = CLI_VALUE("seed", "N", "seed of the starts and the random actions; default: 1"),
    [EPSILON] =
        CLI_VALUE("epsilon", "E", "share of random actions of a run's agent, from 0 to 1; default: 0.05"),
    [SCALE] = CLI_VALUE(
        "scale", "N",
        "enlarge each frame N times, at most 64; default: as often as makes a frame about 250 pixels high"),
    [PYTHON] = CLI_PYTHON,
    [TRUST] = CLI_TRUST,
    {0},
};

static int read_options(const cli_command *command, const cli_words *words, rb_frames_options *out)
{
    const char *file = words->given[OUT];
    const size_t length = file ? strlen(file) : 0;
    int steps = 100, scale = 0;
    int status = cli_whole_number(command, "steps", words->given[STEPS], 0, &steps);
    if (status == CLI_DONE) status = cli_seed(command, words->given[SEED], &out->seed);
    if (status == CLI_DONE) status = cli_whole_number(command, "scale", words->given[SCALE], 1, &scale);
    if (status == CLI_DONE) status = cli_share(command, "epsilon", words->given[EPSILON], &out->epsilon);
    if (status == CLI_DONE && scale > 64)
        status = cli_usage(command, "--scale=%d: must be at most 64", scale);
    if (status == CLI_DONE && file && (length < 5 || strcmp(file + length - 4, ".png")))
        status = cli_usage(command, "--out=%s: the name must end in .png", file);
    out->steps = steps, out->scale = scale;
    return status;
}

static int frames(const cli_command *command, cli_words *words)
{
    wish w = {.file = words->given[OUT], .python = words->given[PYTHON]};
    rb_frames_options how = {.epsilon = 0.05, .seed = 1};
    char kept[1100];
    int status = read_options(command, words, &how);
    if (status != CLI_DONE) return status;
    if (!words->count) return cli_usage(command, "no environment, run or checkpoint is named");
    if (is_run(words->rest[0])) {
        w.run = words->rest[0];
        if (words->count > 1)
            return cli_usage(command, "%s: a run keeps its own settings here", words->rest[1]);
        status = cli_best_weights(&w.run, words->given[BEST], kept, sizeof kept);
        if (status != CLI_DONE) return status;
    } else if (words->given[BEST]) {
        return cli_usage(command, "--best needs a run: %s is not one", words->rest[0]);
    } else if (words->given[EPSILON]) {
        return cli_usage(command, "--epsilon needs a run: in an environment alone all actions are random");
    }
    return draw(&w, words->count, words->rest, &how);
}

const cli_command cli_frames = {
    .name = "frames",
    .usage = "ENV|RUN|CHECKPOINT [OPTION...]",
    .help = "draw what the network sees: the stacked frames side by side, and the screen",
    .details = "Plays some steps, then draws the frames that the network would act on next, enlarged, the "
               "oldest first, after the rendered screen if the environment has one. Three planes are red, "
               "green and blue; with any other number of planes, each has its own colour. If observations "
               "are differences, mid grey means no difference.",
    .options = options,
    .examples = {{"rainbow frames minatar/breakout --steps 20",
                  "Draws MinAtar's Breakout after 20 random steps"},
                 {"rainbow frames cartpole-pixels -o pixels.png --scale 4",
                  "Draws CartPole from pixels, four times as large"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = frames,
};
