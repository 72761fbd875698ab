// rainbow presets: the recipes, and the settings of one of them.
#include "cli/cli.h"

static int presets(const cli_command *command, cli_words *words)
{
    (void)command;
    if (!words->count) {
        for (int i = 0; i < rb_preset_count(); i++)
            printf("%-21s  %s\n", rb_preset_get(i)->name, rb_preset_get(i)->help);
        return CLI_DONE;
    }
    rb_config *config = NULL;
    rb_error error = {0};
    rb_status found = rb_config_create(&config, &error);
    if (found == RB_OK) found = rb_config_preset(config, words->rest[0], &error); // knows the near names
    char name[RB_CONFIG_VALUE_MAX];
    if (found == RB_OK) found = rb_config_get(config, "run.preset", name, sizeof name, &error);
    rb_config_destroy(config);
    if (found != RB_OK) return cli_fail(&error);
    for (int i = 0; i < rb_preset_count(); i++) {
        const rb_preset_info *preset = rb_preset_get(i);
        const char *a = preset->name, *b = name;
        while (*a && *a == *b) a++, b++;
        if (*a == *b) printf("# %s: %s\n%s", preset->name, preset->help, preset->values);
    }
    return CLI_DONE;
}

static const cli_option options[] = {{0}};

const cli_command cli_presets = {
    .name = "presets",
    .usage = "[PRESET]",
    .help = "list the presets, or print the settings of one",
    .details =
        "Keep what it prints in a file, change it, and give the file to `rainbow train` with --config.",
    .options = options,
    .examples = {{"rainbow presets der", "Prints the settings of the data-efficient Rainbow"},
                 {"rainbow presets cartpole > mine.ini && rainbow train cartpole --config mine.ini",
                  "Trains with a copy of a preset, which you can change first"}},
    .words = 1,
    .run = presets,
};
