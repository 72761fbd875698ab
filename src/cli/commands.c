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
    CLI_VALUE("preset", "PRESET",
              "start from a recipe that `rainbow presets` lists; default: the environment's own"),
    CLI_VALUE("config", "FILE", "read settings from a file of [group] and key = value lines"),
    CLI_VALUE("GROUP.KEY", "VALUE", "set any parameter; `rainbow params` lists them"),
    // short forms
    CLI_FLAG("double", "learn with double Q-learning (agent.double_q)"),
    CLI_FLAG("no-double", "learn without it"),
    CLI_FLAG("dueling", "use dueling streams (net.dueling)"),
    CLI_FLAG("no-dueling", "use a single stream"),
    CLI_FLAG("per", "sample by priority (replay.prioritized)"),
    CLI_FLAG("no-per", "sample uniformly"),
    CLI_FLAG("categorical", "learn distributions of returns, C51 (agent.categorical)"),
    CLI_FLAG("no-categorical", "learn mean returns"),
    CLI_FLAG("noisy", "explore by noisy layers (net.noisy) instead of random actions"),
    CLI_FLAG("no-noisy", "explore by random actions"),
    CLI_VALUE("n-step", "N", "sum N rewards before the bootstrap (agent.n_step)"),
    CLI_FLAG("no-n-step", "bootstrap after one step"),
    CLI_VALUE("seed", "N", "seed of the run (run.seed)"),
    CLI_VALUE("python", "PROGRAM", "Python interpreter that has Gymnasium (gym.python)"),
    {0},
};

const cli_option cli_run_options[] = {
    CLI_VALUE("GROUP.KEY", "VALUE",
              "override a setting of the environment: of the group env, or of its family, such as "
              "--atari.sticky=0"),
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
