// rainbow frames: a picture of what the network sees.
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct wish { // what the words say
    const char *steps, *seed, *epsilon, *scale, *file;
    const char *run; // NULL: the rest of the words are settings
} wish;

static bool is_run(const char *word)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/config.ini", word);
    return !access(path, F_OK);
}

static rb_status settings(rb_config **config, int count, const char *const *words, rb_error *error)
{
    rb_status status = rb_config_create(config, error);
    return status == RB_OK ? rb_config_arguments(*config, count, words, error) : status;
}

static int draw(const wish *w, int count, const char *const *words, const rb_frames_options *how)
{
    rb_error error = {0};
    rb_config *config = NULL;
    rb_frames_result result = {0};
    const char *file = w->file ? w->file : "frames.png";
    rb_status status = w->run ? RB_OK : settings(&config, count, words, &error);
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

static int frames(const cli_command *command, int count, const char *const *words)
{
    wish w = {0};
    const cli_option options[] = {
        {.name = "steps", .value = &w.steps},     {.name = "seed", .value = &w.seed},
        {.name = "epsilon", .value = &w.epsilon}, {.name = "scale", .value = &w.scale},
        {.name = "out", .value = &w.file},        {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest),
               **all = malloc((size_t)(count + 1) * sizeof *all);
    if (!rest || !all) {
        free(rest), free(all);
        return cli_no_memory();
    }
    for (int i = 0; i < count; i++) all[i] = strcmp(words[i], "-o") ? words[i] : "--out";
    int status = cli_take_options(command, options, &count, all, rest), steps = 100, seed = 1, scale = 0;
    rb_frames_options how = {.epsilon = 0.05};
    if (status == CLI_DONE) status = cli_whole_number(command, "steps", w.steps, 0, &steps);
    if (status == CLI_DONE) status = cli_whole_number(command, "seed", w.seed, 0, &seed);
    if (status == CLI_DONE) status = cli_whole_number(command, "scale", w.scale, 1, &scale);
    if (status == CLI_DONE && w.epsilon) {
        char *end;
        how.epsilon = strtod(w.epsilon, &end);
        if (end == w.epsilon || *end || !(how.epsilon >= 0 && how.epsilon <= 1))
            status = cli_usage(command, "--epsilon %s: must be from 0 to 1", w.epsilon);
    }
    if (status == CLI_DONE && scale > 64)
        status = cli_usage(command, "--scale %d: must be at most 64", scale);
    const size_t length = w.file ? strlen(w.file) : 0;
    if (status == CLI_DONE && w.file && (length < 5 || strcmp(w.file + length - 4, ".png")))
        status = cli_usage(command, "-o %s: a picture's name ends in .png", w.file);
    if (status == CLI_DONE && !count) status = cli_usage(command, "which environment, run or checkpoint?");
    if (status == CLI_DONE && is_run(rest[0])) {
        w.run = rest[0];
        if (count > 1) status = cli_usage(command, "%s: a run is shown with its own settings", rest[1]);
    } else if (status == CLI_DONE && w.epsilon) {
        status = cli_usage(command, "--epsilon is for runs: without one, all actions are random");
    }
    how.steps = steps, how.seed = (uint64_t)seed, how.scale = scale;
    if (status == CLI_DONE) status = draw(&w, count, rest, &how);
    free(rest), free(all);
    return status;
}

const cli_command cli_frames = {
    .name = "frames",
    .usage = "ENV|RUN|CHECKPOINT [-o FILE.png] [--steps N] [--seed S] [--epsilon E] [--scale N] "
             "[--GROUP.KEY=VALUE ...]",
    .help = "a picture of what the network sees: the stacked frames side by side, and the screen",
    .details =
        "Plays some steps and writes the frames that the network would act on next, the oldest first, "
        "enlarged, with the\n"
        "rendered screen before them where there is one. Three planes are red, green and blue; of other "
        "numbers of\n"
        "planes each has a colour. Where observations are differences, mid grey is no difference.\n\n"
        "  -o, --out FILE.png  frames.png by default\n"
        "  --steps N           100 by default: random ones, or of a run or checkpoint those of its agent\n"
        "  --seed S            of starts and random actions; 1 by default\n"
        "  --epsilon E         share of random actions of a run's agent; 0.05 by default\n"
        "  --scale N           pixels to one of a frame; by default so many that a frame is some 250 high\n",
    .run = frames,
};
