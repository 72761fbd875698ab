// Help for a terminal: the list of commands, and one command with its options and examples. Every line is
// made here from the tables and fits in CLI_HELP_COLUMNS.
#include "cli/help.h"

#include <ctype.h>
#include <string.h>

enum {
    LABEL_MOST = 22, // the help of a longer label is on the next line
    ALL = 1000
};

const cli_command *cli_find_command(int count, const char *const *words, int *used)
{
    *used = 0;
    for (int i = 0; count && cli_commands[i]; i++) {
        const cli_command *command = cli_commands[i];
        if (strcmp(command->name, words[0]) != 0) continue;
        *used = 1;
        for (const cli_command *const *part = command->parts; part && *part && count > 1; part++)
            if (!strcmp(strchr((*part)->name, ' ') + 1, words[1])) return *used = 2, *part;
        return command;
    }
    return NULL;
}

void cli_option_label(const cli_option *option, char label[CLI_LABEL_BYTES])
{
    char letter[8] = "";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(label, CLI_LABEL_BYTES, "%s--%s%s%s", letter, option->name,
             !option->argument           ? ""
             : strchr(option->name, '.') ? "="
                                         : " ",
             option->argument ? option->argument : "");
}

const cli_option *cli_settings_of(const cli_command *command)
{
    static const cli_option none[] = {{0}};
    return command->settings == CLI_ALL_SETTINGS   ? cli_setting_options()
           : command->settings == CLI_RUN_SETTINGS ? cli_run_options
                                                   : none;
}

bool cli_has_option(const cli_command *command, const char *name)
{
    for (const cli_option *option = command->options; option->name; option++)
        if (!strcmp(option->name, name)) return true;
    return false;
}

// ---- text in columns

// Writes the words of `text`, wrapped, from `column` on; further lines begin at `indent`. Ends the line.
static void wrap(FILE *to, const char *text, int column, int indent)
{
    bool first = true;
    while (*text) {
        const size_t bytes = strcspn(text, " ");
        const int width = (int)bytes;
        if (!first && column + 1 + width > CLI_HELP_COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            column += fprintf(to, " ");
        }
        column += fprintf(to, "%.*s", width, text);
        text += bytes + strspn(text + bytes, " ");
        first = false;
    }
    fprintf(to, "\n");
}

// A label and its help beside it.
static void print_row(FILE *to, int indent, const char *label, int width, const char *help)
{
    int column = fprintf(to, "%*s%-*s", indent, "", width, label);
    if ((int)strlen(label) > width) {
        fprintf(to, "\n%*s", indent + width, "");
        column = indent + width;
    }
    fprintf(to, "  ");
    wrap(to, help, column + 2, indent + width + 2);
}

static void print_sentence(const char *phrase)
{
    printf("%c%s.\n", toupper((unsigned char)*phrase), phrase + 1);
}

static void print_paragraphs(const char *text)
{
    for (const char *at = text; at && *at;) {
        char paragraph[2048];
        const char *end = strstr(at, "\n\n");
        const int bytes = end ? (int)(end - at) : (int)strlen(at);
        snprintf(paragraph, sizeof paragraph, "%.*s", bytes, at);
        printf("\n");
        wrap(stdout, paragraph, 0, 0);
        at = end ? end + 2 : NULL;
    }
}

// ---- exit statuses

const cli_exit cli_exits[] = {
    {"0", "the command is done"},
    {"1", "the command failed"},
    {"2", "the command line is wrong"},
    {"75", "SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 or SIGXCPU stopped a training, which `train --resume` resumes"},
    {"130", "Ctrl-C (SIGINT) stopped a training, which `train --resume` resumes"},
    {"128+N", "signal N ended the command at once"},
    {NULL, NULL},
};

static void print_exits(FILE *to)
{
    fprintf(to, "\nExit status:\n");
    for (const cli_exit *e = cli_exits; e->text; e++) print_row(to, 2, e->status, 5, e->text);
}

// ---- one command

static void print_usage(const cli_command *command)
{
    const char *before = "usage:";
    for (const char *form = command->usage; form; before = "      ") {
        const int bytes = (int)strcspn(form, "\n");
        printf("%s rainbow %s%s%.*s\n", before, command->name, bytes ? " " : "", bytes, form);
        form = form[bytes] ? form + bytes + 1 : NULL;
    }
}

static int label_width(const cli_option *options, int width)
{
    for (; options->name; options++) {
        char label[CLI_LABEL_BYTES];
        cli_option_label(options, label);
        const int own = (int)strlen(label);
        if (own <= LABEL_MOST && own > width) width = own;
    }
    return width;
}

static void print_values(const cli_option *option, int indent)
{
    const char *name, *help;
    int width = 0;
    for (int i = 0; (name = option->value(i, &help)); i++)
        if ((int)strlen(name) > width) width = (int)strlen(name);
    for (int i = 0; (name = option->value(i, &help)); i++) print_row(stdout, indent, name, width, help);
}

static void print_options(const cli_option *options, int most, int width)
{
    for (int i = 0; i < most && options[i].name; i++) {
        char label[CLI_LABEL_BYTES];
        cli_option_label(&options[i], label);
        print_row(stdout, 2, label, width, options[i].help);
        if (options[i].value) print_values(&options[i], 2 + width + 4);
    }
}

// In full for `train`; the other commands leave the short forms to it.
static void print_settings(const cli_command *command, int width)
{
    const cli_option *settings = cli_settings_of(command);
    const bool brief = command->settings == CLI_ALL_SETTINGS && command != &cli_train;
    if (!settings->name) return;
    printf(brief ? "\nSettings (`rainbow help train` lists short forms, such as --double and --n-step N):\n"
                 : "\nSettings:\n");
    print_options(settings, brief ? CLI_SETTINGS_IN_BRIEF : ALL, width);
}

static void print_examples(const cli_example *examples)
{
    printf("\nExamples:\n");
    for (int i = 0; i < CLI_EXAMPLES; i++) {
        printf("  %s\n      ", examples[i].line);
        char sentence[256];
        snprintf(sentence, sizeof sentence, "%s.", examples[i].does);
        wrap(stdout, sentence, 6, 6);
    }
}

static void print_parts(const cli_command *const *parts)
{
    printf("\nCommands:\n");
    for (; *parts; parts++) print_row(stdout, 2, strchr((*parts)->name, ' ') + 1, 8, (*parts)->help);
}

void cli_print_command(const cli_command *command)
{
    const int width = label_width(cli_settings_of(command), label_width(command->options, 0));
    print_usage(command);
    printf("\n");
    print_sentence(command->help);
    print_paragraphs(command->details);
    if (command->parts) print_parts(command->parts);
    if (command->options->name) printf("\nOptions:\n");
    print_options(command->options, ALL, width);
    print_settings(command, width);
    if (command == &cli_train) print_exits(stdout);
    print_examples(command->examples);
}

// ---- all commands

void cli_print_commands(FILE *to)
{
    static const cli_example begin[] = {
        {"rainbow train cartpole", "Trains an agent that balances a pole; takes a minute or two."},
        {"rainbow help train", "Explains the command, its options and settings, with examples."},
    };
    fprintf(to,
            "Rainbow trains deep Q-learning agents, from DQN to Rainbow, on Atari games and small tasks.\n\n"
            "usage: rainbow COMMAND [OPTION...]\n\nCommands:\n");
    for (int i = 0; cli_commands[i]; i++) print_row(to, 2, cli_commands[i]->name, 8, cli_commands[i]->help);
    fprintf(to, "\nWhere to begin:\n");
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
        fprintf(to, "  %s\n      %s\n", begin[i].line, begin[i].does);
    print_exits(to);
    fprintf(to, "\n`rainbow help COMMAND` explains a command, as `rainbow COMMAND --help` does.\n"
                "`rainbow --version` prints the version.\n");
}
