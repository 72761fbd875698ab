// rainbow play: an environment to play oneself, in a window.
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int play_it(int count, const char *const *words, const rb_play_options *how)
{
    rb_error error = {0};
    rb_config *config = NULL;
    rb_play_result result;
    rb_status status = rb_config_create(&config, &error);
    if (status == RB_OK) status = rb_config_arguments(config, count, words, &error);
    if (status == RB_OK) status = rb_play(config, how, &result, &error);
    rb_config_destroy(config);
    if (status != RB_OK) return cli_fail(&error);
    printf("%s: %" PRId64 " steps, ", result.env, result.steps);
    if (!result.games)
        printf("no game to its end\n");
    else
        printf("%d game%s to the end, mean return %.10g, best %.10g\n", result.games,
               result.games == 1 ? "" : "s", result.return_mean, result.return_best);
    if (*result.kept) printf("scores are kept in %s\n", result.kept);
    return CLI_DONE;
}

static int play(const cli_command *command, int count, const char *const *words)
{
    const char *seed = NULL;
    int start = 1;
    const cli_option options[] = {{.name = "seed", .value = &seed}, {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_whole_number(command, "seed", seed, 0, &start);
    if (status == CLI_DONE && rb_config_plain_word(count, rest, 0) == count)
        status = cli_usage(command, "which environment? `rainbow envs` lists them");
    const rb_play_options how = {.seed = (uint64_t)start};
    if (status == CLI_DONE) status = play_it(count, rest, &how);
    free(rest);
    return status;
}

const cli_command cli_play = {
    .name = "play",
    .usage = "ENV [--seed S] [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]",
    .help = "play an environment yourself in a window, beside the scores of the agents",
    .details =
        "Under the very rules that an agent learns with: the same frame skip, sticky actions and limits of "
        "the\n"
        "environment's name, the preset and the words. Arrow keys and the space bar are the actions made of\n"
        "directions and FIRE; the list in the window says what else there is. The key H shows the other "
        "keys.\n"
        "Beside it stand the last evaluations of the runs below run.root (runs) that learned the same game, "
        "and\n"
        "your best; your games are kept in play.csv there.\n\n"
        "  --seed S            of the environment's dice; 1 by default\n"
        "  --GROUP.KEY=VALUE   any setting; --atari.frame_skip=1 moves smoothly, at 60 steps a second\n\n"
        "Needs a display.\n",
    .run = play,
};
