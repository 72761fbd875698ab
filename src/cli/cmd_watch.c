// rainbow watch: an agent at play, in a window.
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int read_options(const cli_command *command, const char *episodes, const char *epsilon,
                        const char *seed, rb_watch_options *out)
{
    int start = 1;
    int status = cli_whole_number(command, "episodes", episodes, 1, &out->episodes);
    if (status == CLI_DONE) status = cli_whole_number(command, "seed", seed, 0, &start);
    out->seed = (uint64_t)start;
    if (status != CLI_DONE || !epsilon) return status;
    char *end;
    out->epsilon = strtod(epsilon, &end);
    if (end == epsilon || *end || !(out->epsilon >= 0 && out->epsilon <= 1))
        return cli_usage(command, "--epsilon=%s: must be from 0 to 1", epsilon);
    return CLI_DONE;
}

// Takes the words "--group.key=value" and "--group.key value" out of `rest`; the others stay, *count of them.
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
        printf("no game to its end\n");
    else
        printf("%d game%s to the end, mean return %.10g\n", result.games, result.games == 1 ? "" : "s",
               result.return_mean);
    if (result.games_by_hand) printf("You played in %d of these games.\n", result.games_by_hand);
    return CLI_DONE;
}

static int watch(const cli_command *command, int count, const char *const *words)
{
    const char *episodes = NULL, *epsilon = NULL, *seed = NULL;
    const cli_option options[] = {{.name = "episodes", .value = &episodes},
                                  {.name = "epsilon", .value = &epsilon},
                                  {.name = "seed", .value = &seed},
                                  {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    char **changes = calloc((size_t)(count + 1), sizeof *changes);
    rb_watch_options how = {.epsilon = -1};
    int taken = 0;
    int status = rest && changes ? CLI_DONE : cli_no_memory();
    if (status == CLI_DONE) status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = take_changes(command, &count, rest, changes, &taken);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, 1);
    if (status == CLI_DONE && !count) status = cli_usage(command, "which run or checkpoint?");
    if (status == CLI_DONE) status = read_options(command, episodes, epsilon, seed, &how);
    how.changes = (const char *const *)changes, how.change_count = taken;
    if (status == CLI_DONE) status = watch_it(rest[0], &how);
    for (int i = 0; i < taken; i++) free(changes[i]);
    free(changes), free(rest);
    return status;
}

const cli_command cli_watch = {
    .name = "watch",
    .usage = "RUN|CHECKPOINT [--episodes N] [--epsilon E] [--seed S] [--GROUP.KEY=VALUE ...]",
    .help = "an agent at play in a window: the game, what the network sees, what it expects of each action",
    .details =
        "Plays with the weights of a run's newest checkpoint, or of the one named, at real-time speed, until "
        "the\n"
        "window is closed. The key H shows what the keys do: pause, one step, slower and faster, take over "
        "and\n"
        "hand back, a screenshot, and, while the run trains, its newest checkpoint.\n\n"
        "  --episodes N      closes after so many games\n"
        "  --epsilon E       share of random actions; by default the run's eval.epsilon\n"
        "  --seed S          of starts and random actions; 1 by default\n"
        "  --GROUP.KEY=VALUE of the groups env, atari, minatar and gym, laid over the run's settings\n\n"
        "Needs a display. `rainbow record` makes a video without one.\n",
    .run = watch,
};
