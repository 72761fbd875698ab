// The table of commands, and the options that several of them have: the settings of a training.
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

const cli_command *const cli_commands[] = {
    &cli_train, &cli_eval,    &cli_frames, &cli_record, &cli_watch, &cli_play,
    &cli_plot,  &cli_report,  &cli_export, &cli_check,  &cli_bench, &cli_cluster,
    &cli_envs,  &cli_presets, &cli_params, &cli_doctor, &cli_help,  NULL,
};

static const cli_option in_brief[CLI_SETTINGS_IN_BRIEF] = {
    CLI_VALUE("preset", "PRESET",
              "start from a recipe that `rainbow presets` lists; default: the environment's own"),
    CLI_VALUE("config", "FILE", "read settings from a file of [group] and key = value lines"),
    CLI_VALUE("GROUP.KEY", "VALUE", "set any parameter; `rainbow params` lists them"),
};

// After those, the short forms that the configuration knows.
const cli_option *cli_setting_options(void)
{
    enum { MOST = 48, NAME_BYTES = 24 };
    static cli_option options[MOST + 1];
    static char no_names[MOST][NAME_BYTES];
    int count = CLI_SETTINGS_IN_BRIEF;
    if (options[0].name) return options;
    memcpy(options, in_brief, sizeof in_brief);
    for (int i = 0; i < rb_short_form_count() && count + 2 <= MOST; i++) {
        const rb_short_form *form = rb_short_form_get(i);
        options[count++] = (cli_option){
            .name = form->name, .argument = form->value, .help = form->help, .letter = form->letter};
        if (!form->off) continue;
        snprintf(no_names[i], NAME_BYTES, "no-%s", form->name);
        options[count++] = (cli_option){.name = no_names[i], .help = form->no_help};
    }
    return options;
}

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
    static const char *const options[] = {"--help", "--version"};
    const char *near =
        *word == '-' ? rb_text_nearest(word, options, 2) : rb_text_nearest(word, names, COMMANDS);
    if (*word == '-' && near)
        fprintf(stderr, "rainbow: no option %s; did you mean %s?\n", word, near);
    else if (*word == '-')
        fprintf(stderr, "rainbow: no option %s; `rainbow --help` lists the commands\n", word);
    else if (near)
        fprintf(stderr, "rainbow: no command %s; did you mean %s?\n", word, near);
    else
        fprintf(stderr, "rainbow: no command %s; `rainbow --help` lists them\n", word);
    return CLI_USAGE;
}
