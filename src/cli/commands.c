// The table of commands, and the options that several of them have: the settings of a training.
#include "base/text.h"
#include "cli/cli.h"

const cli_command *const cli_commands[] = {
    &cli_train,   &cli_eval,   &cli_frames, &cli_record, &cli_watch, &cli_play,
    &cli_plot,    &cli_report, &cli_export, &cli_check,  &cli_bench, &cli_envs,
    &cli_presets, &cli_params, &cli_doctor, &cli_help,   NULL,
};

// src/config/arguments.c reads them; tests/cli/test_help.py compares this table with its own.
const cli_option cli_setting_options[] = {
    {.name = "preset",
     .argument = "PRESET",
     .help = "start from a recipe that `rainbow presets` lists; default: the environment's own"},
    {.name = "config",
     .argument = "FILE",
     .help = "read settings from a file of [group] and key = value lines"},
    {.name = "GROUP.KEY", .argument = "VALUE", .help = "set any parameter; `rainbow params` lists them"},
    // short forms
    {.name = "double", .help = "learn with double Q-learning (agent.double_q)"},
    {.name = "no-double", .help = "learn without it"},
    {.name = "dueling", .help = "use dueling streams (net.dueling)"},
    {.name = "no-dueling", .help = "use a single stream"},
    {.name = "per", .help = "sample by priority (replay.prioritized)"},
    {.name = "no-per", .help = "sample uniformly"},
    {.name = "categorical", .help = "learn distributions of returns, C51 (agent.categorical)"},
    {.name = "no-categorical", .help = "learn mean returns"},
    {.name = "noisy", .help = "explore by noisy layers (net.noisy) instead of random actions"},
    {.name = "no-noisy", .help = "explore by random actions"},
    {.name = "n-step", .argument = "N", .help = "sum N rewards before the bootstrap (agent.n_step)"},
    {.name = "no-n-step", .help = "bootstrap after one step"},
    {.name = "seed", .argument = "N", .help = "seed of the run (run.seed)"},
    {.name = "python", .argument = "PROGRAM", .help = "Python interpreter that has Gymnasium (gym.python)"},
    {0},
};

const cli_option cli_run_options[] = {
    {.name = "GROUP.KEY",
     .argument = "VALUE",
     .help = "override a setting of the run, from the groups env, atari, minatar and gym"},
    {0},
};

int cli_unknown_command(const char *word)
{
    enum { COMMANDS = sizeof cli_commands / sizeof *cli_commands - 1 };
    const char *names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) names[i] = cli_commands[i]->name;
    const char *near = rb_text_nearest(word, names, COMMANDS);
    if (near)
        fprintf(stderr, "rainbow: no command %s; did you mean %s?\n", word, near);
    else
        fprintf(stderr, "rainbow: no command %s; `rainbow --help` lists them\n", word);
    return CLI_USAGE;
}
