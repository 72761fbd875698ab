// Completion for bash: a script with the words of all tables in it, and one function that chooses among them.
// It needs nothing of the package bash-completion.
#include <string.h>

#include "cli/completion.h"

// Lists stand in single quotes, and no name has a quote in it.
static void put_lists(void)
{
    printf("_rainbow_commands='");
    for (int i = 0; cli_commands[i]; i++) printf("%s%s", i ? " " : "", cli_commands[i]->name);
    printf("'\n_rainbow_presets='");
    for (int i = 0; i < rb_preset_count(); i++) printf("%s%s", i ? " " : "", rb_preset_get(i)->name);
    printf("'\n_rainbow_envs='");
    for (int i = 0; i < rb_env_count(); i++) printf("%s%s", i ? " " : "", rb_env_get(i).name);
    printf("'\n_rainbow_keys='");
    for (int i = 0; i < rb_param_count(); i++) printf("%s%s", i ? " " : "", rb_param_get(i)->key);
    printf("'\n\n");
}

static void put_options(const cli_option *options)
{
    for (; options->name; options++)
        if (!strchr(options->name, '.')) printf(" --%s", options->name);
}

static void put_words(const cli_command *command)
{
    cli_word_kind kinds[CLI_KINDS_MOST];
    int count;
    cli_words_of(command, kinds, &count);
    for (int i = 0; i < count; i++) switch (kinds[i]) {
        case CLI_WORD_ENV:
            printf("            _rainbow_words \"$_rainbow_envs\"; _rainbow_paths\n");
            break;
        case CLI_WORD_PRESET:
            printf("            _rainbow_words \"$_rainbow_presets\"\n");
            break;
        case CLI_WORD_PARAMETER:
            printf("            _rainbow_words \"$_rainbow_keys\"\n");
            break;
        case CLI_WORD_DIRECTORY:
            printf("            _rainbow_paths -d\n");
            break;
        default:
            break;
        }
    if (command->parts || command == &cli_help) {
        printf("            (( COMP_CWORD == 2 )) && _rainbow_words \"");
        if (command == &cli_help) printf("$_rainbow_commands");
        for (const cli_command *const *part = command->parts; part && *part; part++)
            printf(" %s", strchr((*part)->name, ' ') + 1);
        printf("\"\n");
    }
}

static void put_values(const cli_option *option)
{
    const char *name, *help, *at = option->argument;
    char choice[64];
    printf(" _rainbow_words \"");
    for (int i = 0; option->value && (name = option->value(i, &help)); i++)
        printf("%s%s", i ? " " : "", name);
    while (!option->value && cli_next_choice(&at, choice, sizeof choice)) printf("%s ", choice);
    printf("\"");
}

// One case per option that takes a value.
static void put_arguments(const char *command, const cli_option *options)
{
    for (; options->name; options++) {
        if (!options->argument || strchr(options->name, '.')) continue;
        printf("    '%s:--%s'", command, options->name);
        if (options->letter) printf("|'%s:-%c'", command, options->letter);
        printf(")");
        switch (cli_kind_of(options)) {
        case CLI_WORD_PRESET:
            printf(" _rainbow_words \"$_rainbow_presets\"");
            break;
        case CLI_WORD_DIRECTORY:
            printf(" _rainbow_paths -d");
            break;
        case CLI_WORD_FILE:
            printf(" _rainbow_paths");
            break;
        case CLI_WORD_CHOICE:
        case CLI_WORD_VALUES:
            put_values(options);
            break;
        default:
            break;
        }
        printf(" ;;\n");
    }
}

static void put_command(const cli_command *command)
{
    printf("    '%s')\n        if [[ $word == -* ]]; then\n            _rainbow_words \"--help",
           command->name);
    put_options(command->options);
    put_options(cli_settings_of(command));
    printf("\"\n");
    if (command->settings != CLI_NO_SETTINGS) printf("            _rainbow_parameters\n");
    printf("        else\n            :\n");
    put_words(command);
    printf("        fi ;;\n");
    for (const cli_command *const *part = command->parts; part && *part; part++) put_command(*part);
}

static void put_command_arguments(const cli_command *command)
{
    put_arguments(command->name, command->options);
    if (command->settings == CLI_ALL_SETTINGS)
        for (const cli_option *setting = cli_setting_options(); setting->name; setting++) {
            const cli_option one[] = {*setting, {0}};
            if (!cli_has_option(command, setting->name)) put_arguments(command->name, one);
        }
    for (const cli_command *const *part = command->parts; part && *part; part++) put_command_arguments(*part);
}

static void put_parameter_values(void)
{
    for (int i = 0; i < rb_param_count(); i++) {
        const char *at = cli_choices_of(rb_param_get(i));
        if (!at) continue;
        const cli_option option = {.argument = at};
        printf("    *':--%s')", rb_param_get(i)->key);
        put_values(&option);
        printf(" ;;\n");
    }
    printf("    *:--*.*) ;;\n"); // nothing, and no environments, for numbers and texts
}

static const char helpers[] =
    "# Each adds to COMPREPLY what begins with $word.\n"
    "_rainbow_words()\n{\n    local one\n"
    "    while IFS= read -r one; do COMPREPLY+=(\"$one\"); done < <(compgen -W \"$1\" -- \"$word\")\n}\n\n"
    "_rainbow_paths()\n{\n    local one\n    compopt -o filenames 2>/dev/null\n"
    "    while IFS= read -r one; do COMPREPLY+=(\"$one\"); done < <(compgen \"${1:--f}\" -- \"$word\")\n}\n\n"
    "_rainbow_parameters()\n{\n    local one\n    compopt -o nospace 2>/dev/null\n    for one in "
    "$_rainbow_keys; do\n"
    "        [[ --$one == \"$word\"* ]] && COMPREPLY+=(\"--$one=\")\n    done\n"
    "    # The other options keep their space.\n"
    "    (( ${#COMPREPLY[@]} == 1 )) && [[ ${COMPREPLY[0]} != *= ]] && COMPREPLY[0]+=' '\n    return "
    "0\n}\n\n";

static const char head[] =
    "_rainbow()\n{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} "
    "option=\n"
    "    COMPREPLY=()\n"
    "    if (( COMP_CWORD == 1 )); then\n"
    "        _rainbow_words \"$_rainbow_commands --help --version\"\n        return\n    fi\n"
    "    # bash cuts --name=value into three words.\n"
    "    if [[ $word == = ]]; then\n        option=$before word=\n"
    "    elif [[ $before == = ]]; then\n        option=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    elif [[ $before == -* ]]; then\n        option=$before\n    fi\n";

void cli_print_bash_completion(void)
{
    printf("# Completion of rainbow for bash, written by `rainbow help --completion bash`.\n\n");
    put_lists();
    printf("%s%s", helpers, head);
    for (int i = 0; cli_commands[i]; i++)
        for (const cli_command *const *part = cli_commands[i]->parts; part && *part; part++)
            printf(
                "    [[ $command == %s && $COMP_CWORD -gt 2 && ${COMP_WORDS[2]} == %s ]] && command='%s'\n",
                cli_commands[i]->name, strchr((*part)->name, ' ') + 1, (*part)->name);
    printf("    case $command:$option in\n");
    for (int i = 0; cli_commands[i]; i++) put_command_arguments(cli_commands[i]);
    put_parameter_values();
    printf("    *) option= ;;\n    esac\n    [[ -n $option ]] && return\n    case $command in\n");
    for (int i = 0; cli_commands[i]; i++) put_command(cli_commands[i]);
    printf("    esac\n}\n\ncomplete -F _rainbow rainbow\n");
}
