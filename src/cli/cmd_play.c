// rainbow play: play an environment yourself, in a window.
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
        printf("no game finished\n");
    else
        printf("%d game%s finished, mean return %.10g, best %.10g\n", result.games,
               result.games == 1 ? "" : "s", result.return_mean, result.return_best);
    if (*result.kept) printf("scores are saved in %s\n", result.kept);
    return CLI_DONE;
}

enum { SEED, TRUST };

static const cli_option options[] = {
    [SEED] = CLI_VALUE("seed", "N", "seed of the environment; default: 1"),
    [TRUST] = CLI_TRUST,
    {0},
};

static int play(const cli_command *command, cli_words *words)
{
    rb_play_options how = {.seed = 1};
    const int status = cli_seed(command, words->given[SEED], &how.seed);
    if (status != CLI_DONE) return status;
    if (rb_config_plain_word(words->count, words->rest, 0) == words->count)
        return cli_usage(command, "no environment is named; `rainbow envs` lists them");
    return play_it(words->count, words->rest, &how);
}

const cli_command cli_play = {
    .name = "play",
    .usage = "ENV [OPTION...]",
    .help = "play an environment yourself in a window, beside the scores of your agents",
    .details =
        "You play under the rules that an agent learns with: the frame skip, sticky actions and limits of "
        "the environment's name, the preset and the settings. Arrow keys and the space bar are the actions "
        "made of directions and FIRE; the window lists all actions with their keys, and the key H shows the "
        "other keys. --atari.frame_skip=1 moves smoothly, at 60 steps per second.\n\nThe window also shows "
        "your best score and the last evaluations of the runs below run.root (runs) that learned the same "
        "game. Your games are saved there in play.csv. The command needs a display.",
    .options = options,
    .examples = {{"rainbow play minatar/breakout",
                  "Opens a window with a small Breakout; the arrow keys move"},
                 {"rainbow play atari/breakout --atari.frame_skip=1",
                  "Plays Breakout of the Atari 2600 smoothly"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = play,
};
