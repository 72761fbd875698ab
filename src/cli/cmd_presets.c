// rainbow presets: the recipes there are, and what one of them sets.
#include "cli/cli.h"

static int presets(const cli_command *command, int count, const char *const *words)
{
    static const cli_option none[] = {{0}};
    int status = cli_no_more(command, none, count, words, 1);
    if (status != CLI_DONE) return status;
    if (!count) {
        for (int i = 0; i < rb_preset_count(); i++)
            printf("%-21s  %s\n", rb_preset_get(i)->name, rb_preset_get(i)->help);
        return CLI_DONE;
    }
    rb_config *config = NULL;
    rb_error error = {0};
    rb_status found = rb_config_create(&config, &error);
    if (found == RB_OK) found = rb_config_preset(config, words[0], &error); // knows the near names
    char name[600];
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

const cli_command cli_presets = {
    .name = "presets",
    .usage = "[NAME]",
    .help = "list the presets, or print what one of them sets",
    .details =
        "What is printed can be kept in a file, changed, and given to `rainbow train` with --config.\n",
    .run = presets,
};
