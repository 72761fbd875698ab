// Completion for zsh: one list of _arguments per command, with the help of each option beside it.
#include <string.h>

#include "cli/completion.h"

// For text in single quotes; _arguments gives brackets and colons a meaning of their own.
static void put_escaped(const char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            printf("'\\''");
        else
            printf(strchr("[]:\\", *text) ? "\\%c" : "%c", *text);
}

static void put_choices(const cli_option *option)
{
    const char *name, *help, *at = option->argument;
    char choice[64];
    printf("(");
    for (int i = 0; option->value && (name = option->value(i, &help)); i++)
        printf("%s%s", i ? " " : "", name);
    while (!option->value && cli_next_choice(&at, choice, sizeof choice)) {
        put_escaped(choice);
        printf(" ");
    }
    printf(")");
}

static void put_action(const cli_option *option)
{
    switch (cli_kind_of(option)) {
    case CLI_WORD_PRESET:
        printf("_rainbow_presets");
        break;
    case CLI_WORD_DIRECTORY:
        printf("_files -/");
        break;
    case CLI_WORD_FILE:
        printf("_files");
        break;
    case CLI_WORD_CHOICE:
    case CLI_WORD_VALUES:
        put_choices(option);
        break;
    default:
        printf(" ");
    }
}

static void put_spec(const char *dashes, const char *name, const cli_option *option)
{
    printf("        '%s%s%s[", dashes, name, option->argument && dashes[1] ? "=" : "");
    put_escaped(option->help);
    printf("]");
    if (option->argument) {
        printf(":");
        put_escaped(option->argument);
        printf(":");
        put_action(option);
    }
    printf("'\n");
}

// `owner` has options of the same names, which are not repeated; NULL: none.
static void put_options(const cli_option *options, const cli_command *owner)
{
    for (; options->name; options++) {
        const char letter[2] = {options->letter, 0};
        if (strchr(options->name, '.')) continue; // the list of parameters stands for it
        if (owner && cli_has_option(owner, options->name)) continue;
        put_spec("--", options->name, options);
        if (options->letter) put_spec("-", letter, options);
    }
}

static void put_parameters(void)
{
    printf("typeset -ga _rainbow_parameters=(\n");
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *p = rb_param_get(i);
        const char *choices = cli_choices_of(p);
        const cli_option option = {.name = p->key, .argument = choices ? choices : "VALUE", .help = p->help};
        put_spec("--", p->key, &option);
    }
    printf(")\n\n");
}

static void put_lists(void)
{
    printf("_rainbow_presets()\n{\n    local -a all=(\n");
    for (int i = 0; i < rb_preset_count(); i++) {
        printf("        '%s:", rb_preset_get(i)->name);
        put_escaped(rb_preset_get(i)->help);
        printf("'\n");
    }
    printf("    )\n    _describe preset all\n}\n\n_rainbow_envs()\n{\n    compadd -a _rainbow_env_names\n    "
           "_files\n}\n\n"
           "_rainbow_keys()\n{\n    compadd -a _rainbow_key_names\n}\n\n_rainbow_commands()\n{\n    local -a "
           "all=(\n");
    for (int i = 0; cli_commands[i]; i++) {
        printf("        '%s:", cli_commands[i]->name);
        put_escaped(cli_commands[i]->help);
        printf("'\n");
    }
    printf("    )\n    _describe command all\n}\n\n");
}

static void put_names(void)
{
    printf("typeset -ga _rainbow_env_names=(");
    for (int i = 0; i < rb_env_count(); i++) printf("%s%s", i ? " " : "", rb_env_get(i).name);
    printf(")\ntypeset -ga _rainbow_key_names=(");
    for (int i = 0; i < rb_param_count(); i++) printf("%s%s", i ? " " : "", rb_param_get(i)->key);
    printf(")\n");
}

static void put_words(const cli_command *command)
{
    cli_word_kind kinds[CLI_KINDS_MOST];
    int count;
    cli_words_of(command, kinds, &count);
    printf("        '*:word:{");
    for (int i = 0; i < count; i++)
        printf("%s", kinds[i] == CLI_WORD_ENV         ? "_rainbow_envs; "
                     : kinds[i] == CLI_WORD_PRESET    ? "_rainbow_presets; "
                     : kinds[i] == CLI_WORD_PARAMETER ? "_rainbow_keys; "
                     : kinds[i] == CLI_WORD_DIRECTORY ? "_files -/; "
                     : command == &cli_help           ? "_rainbow_commands; "
                                                      : "");
    if (command->parts) printf("compadd");
    for (const cli_command *const *part = command->parts; part && *part; part++)
        printf(" %s", strchr((*part)->name, ' ') + 1);
    printf(" }'\n");
}

static void put_command(const cli_command *command)
{
    printf("    '%s')\n        specs=(\n        '(- *)'{-h,--help}'[print the help of this command]'\n",
           command->name);
    put_options(command->options, NULL);
    put_options(cli_settings_of(command), command);
    put_words(command);
    printf("        )\n%s        ;;\n",
           command->settings != CLI_NO_SETTINGS ? "        specs+=(\"${_rainbow_parameters[@]}\")\n" : "");
    for (const cli_command *const *part = command->parts; part && *part; part++) put_command(*part);
}

static const char head[] = "_rainbow()\n{\n    local -a specs\n    local command=$words[2] taken=1\n"
                           "    if (( CURRENT == 2 )); then\n"
                           "        _arguments '--help[list the commands]' '--version[print the version]' "
                           "'1:command:_rainbow_commands'\n"
                           "        return\n    fi\n";

void cli_print_zsh_completion(void)
{
    printf(
        "#compdef rainbow\n# Completion of rainbow for zsh, written by `rainbow help --completion zsh`.\n\n");
    put_names();
    put_parameters();
    put_lists();
    printf("%s", head);
    for (int i = 0; cli_commands[i]; i++)
        for (const cli_command *const *part = cli_commands[i]->parts; part && *part; part++)
            printf("    [[ $command == %s && $CURRENT -gt 3 && $words[3] == %s ]] && command='%s' taken=2\n",
                   cli_commands[i]->name, strchr((*part)->name, ' ') + 1, (*part)->name);
    printf("    words=(rainbow \"${(@)words[taken+2,-1]}\")\n    (( CURRENT -= taken ))\n    case $command "
           "in\n");
    for (int i = 0; cli_commands[i]; i++) put_command(cli_commands[i]);
    printf("    esac\n    _arguments \"${specs[@]}\"\n}\n\n"
           "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n    _rainbow \"$@\"\nelse\n"
           "    compdef _rainbow rainbow\nfi\n");
}
