// rainbow watch: shows an agent at play, in a window.
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BEST, EPISODES, EPSILON, SEED, PYTHON, TRUST };

static const cli_option options[] = {
    [BEST] = CLI_BEST,
    [EPISODES] = CLI_VALUE("episodes", "N", "close the window after N games"),
    [EPSILON] =
        CLI_VALUE("epsilon", "E", "share of random actions, from 0 to 1; default: the run's eval.epsilon"),
    [SEED] = CLI_VALUE("seed", "N", "seed of the starts and the random actions; default: 1"),
    [PYTHON] = CLI_PYTHON,
    [TRUST] = CLI_TRUST,
    {0},
};

static int read_options(const cli_command *command, const cli_words *words, rb_watch_options *out)
{
    int status = cli_whole_number(command, "episodes", words->given[EPISODES], 1, &out->episodes);
    if (status == CLI_DONE) status = cli_seed(command, words->given[SEED], &out->seed);
    if (status == CLI_DONE) status = cli_share(command, "epsilon", words->given[EPSILON], &out->epsilon);
    return status;
}

// Moves the words "--group.key=value" and "--group.key value" from `rest` to `changes`; the others stay,
// *count of them.
static int take_changes(const cli_command *command, int *count, const char **rest, char **changes, int *taken)
{
    int left = 0;
    *taken = 0;
    for (int i = 0; i < *count; i++) {
        const size_t bytes = strcspn(rest[i], "=");
        if (strncmp(rest[i], "--", 2) || !memchr(rest[i], '.', bytes)) {
            rest[left++] = rest[i];
            continue;
        }
        const bool whole = rest[i][bytes] == '=';
        if (!whole && i + 1 == *count) return cli_usage(command, "%s needs a value", rest[i]);
        const char *value = whole ? "" : rest[i + 1];
        const size_t room = strlen(rest[i]) + strlen(value) + 2;
        char *word = malloc(room);
        if (!word) return cli_no_memory();
        snprintf(word, room, "%s%s%s", rest[i], whole ? "" : "=", value);
        changes[(*taken)++] = word;
        i += !whole;
    }
    *count = left;
    return CLI_DONE;
}

static int watch_it(const char *path, const rb_watch_options *how)
{
    rb_error error = {0};
    rb_watch_result result;
    if (rb_watch(path, how, &result, &error) != RB_OK) return cli_fail(&error);
    printf("%s, step %" PRId64 ": %" PRId64 " steps, ", result.env, result.checkpoint_step, result.steps);
    if (!result.games)
        printf("no game finished\n");
    else
        printf("%d game%s finished, mean return %.10g\n", result.games, result.games == 1 ? "" : "s",
               result.return_mean);
    if (result.games_by_hand) printf("You played in %d of these games.\n", result.games_by_hand);
    return CLI_DONE;
}

static int watch(const cli_command *command, cli_words *words)
{
    char **changes = calloc((size_t)(words->count + 1), sizeof *changes);
    rb_watch_options how = {.epsilon = -1, .seed = 1};
    int taken = 0;
    int status = changes ? CLI_DONE : cli_no_memory();
    if (status == CLI_DONE) status = take_changes(command, &words->count, words->rest, changes, &taken);
    if (status == CLI_DONE) status = cli_no_more(command, words->count, words->rest);
    if (status == CLI_DONE && !words->count) status = cli_usage(command, "no run or checkpoint is named");
    if (status == CLI_DONE) status = read_options(command, words, &how);
    const char *path = words->count ? words->rest[0] : NULL;
    char kept[1100];
    if (status == CLI_DONE) status = cli_best_weights(&path, words->given[BEST], kept, sizeof kept);
    how.changes = (const char *const *)changes, how.change_count = taken;
    if (status == CLI_DONE) status = watch_it(path, &how);
    for (int i = 0; i < taken; i++) free(changes[i]);
    free(changes);
    return status;
}

const cli_command cli_watch = {
    .name = "watch",
    .usage = "RUN|CHECKPOINT [OPTION...]",
    .help = "watch an agent play in a window, with what its network sees and expects",
    .details =
        "The agent plays with the weights of a run's newest checkpoint, or of the checkpoint you name, at "
        "real-time speed until you close the window. The key H shows all keys: pause, single step, slower "
        "and faster, take over and hand back, screenshot, and, while the run trains, load its newest "
        "checkpoint.\n\nThe command needs a display; `rainbow record` makes a video without one.",
    .options = options,
    .examples = {{"rainbow watch runs/default/cartpole-s1", "Shows the agent until you close the window"},
                 {"rainbow watch runs/default/cartpole-s1 --episodes 3 --env.max_episode_steps=100",
                  "Shows three games of at most 100 steps"}},
    .words = 1,
    .settings = CLI_RUN_SETTINGS,
    .run = watch,
};
