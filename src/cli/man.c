// The man page rainbow(1) in roff, from the tables of commands, options, settings and parameters.
#include <ctype.h>
#include <string.h>

#include "cli/help.h"

// ---- text: roff gives a backslash, a leading dot or quote, and a hyphen a meaning of their own

// "\n\n" begins a paragraph.
static void put_text(const char *text, size_t bytes)
{
    bool first = true;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\n' && i + 1 < bytes && text[i + 1] == '\n') {
            printf("\n.PP\n");
            i++;
            first = true;
            continue;
        }
        if (first && (text[i] == '.' || text[i] == '\'')) printf("\\&");
        first = text[i] == '\n';
        switch (text[i]) {
        case '\\':
            printf("\\e");
            break;
        case '-':
            printf("\\-");
            break;
        case '^':
            printf("\\(ha");
            break;
        case '~':
            printf("\\(ti");
            break;
        case '`':
            printf("\\(ga");
            break;
        default:
            putchar(text[i]);
        }
    }
}

static void put(const char *text)
{
    put_text(text, strlen(text));
}

static void put_phrase(const char *phrase)
{
    char first[2] = {(char)toupper((unsigned char)*phrase), 0};
    put(first);
    put(phrase + 1);
    printf(".\n");
}

static void put_heading(const char *macro, const char *text)
{
    printf(".%s \"", macro);
    put(text);
    printf("\"\n");
}

// A line in bold, for words that the user types.
static void put_typed(const char *before, const char *text, size_t bytes)
{
    printf("\\fB");
    put(before);
    put_text(text, bytes);
    printf("\\fR\n");
}

// ---- parts of a command

static void put_options(const cli_option *options)
{
    for (; options->name; options++) {
        char label[CLI_LABEL_BYTES];
        cli_option_label(options, label);
        printf(".TP\n");
        put_typed("", label, strlen(label));
        put_phrase(options->help);
        const char *name, *help;
        for (int i = 0; options->value && (name = options->value(i, &help)); i++) {
            printf(".RS\n.TP\n");
            put_typed("", name, strlen(name));
            put_phrase(help);
            printf(".RE\n");
        }
    }
}

static void put_usage(const cli_command *command)
{
    char before[64];
    for (const char *form = command->usage; form;) {
        const size_t bytes = strcspn(form, "\n");
        snprintf(before, sizeof before, "rainbow %s%s", command->name, bytes ? " " : "");
        if (form != command->usage) printf(".br\n");
        put_typed(before, form, bytes);
        form = form[bytes] ? form + bytes + 1 : NULL;
    }
}

static void put_examples(const cli_command *command)
{
    printf(".PP\nExamples:\n");
    for (int i = 0; i < CLI_EXAMPLES; i++) {
        printf(".TP\n");
        put_typed("", command->examples[i].line, strlen(command->examples[i].line));
        put_phrase(command->examples[i].does);
    }
}

static void put_command(const cli_command *command)
{
    put_heading("SS", command->name);
    put_usage(command);
    printf(".PP\n");
    put_phrase(command->help);
    if (command->details) {
        printf(".PP\n");
        put(command->details);
        printf("\n");
    }
    put_options(command->options);
    if (command->settings == CLI_ALL_SETTINGS) printf(".PP\nIt also takes settings, see SETTINGS.\n");
    if (command->settings == CLI_RUN_SETTINGS) put_options(cli_run_options);
    put_examples(command);
    for (const cli_command *const *part = command->parts; part && *part; part++) put_command(*part);
}

static void put_parameters(void)
{
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *p = rb_param_get(i);
        if (p->group_help) {
            char group[64];
            snprintf(group, sizeof group, "%.*s", (int)strcspn(p->key, "."), p->key);
            put_heading("SS", group);
            put_phrase(p->group_help);
        }
        printf(".TP\n\\fB\\-\\-");
        put(p->key);
        printf("=\\fR");
        put(p->by_default);
        printf("\n(");
        put(p->kind);
        printf("%s", *p->range ? " " : "");
        put(p->range);
        printf("%s%s) ", *p->unit ? " " : "", p->unit);
        put_phrase(p->help);
    }
}

void cli_print_man(void)
{
    printf(
        ".\\\" Written by `rainbow help --man`.\n"
        ".TH RAINBOW 1 \"\" \"rainbow %s\" \"User Commands\"\n.SH NAME\n"
        "rainbow \\- train deep Q\\-learning agents, from DQN to Rainbow\n.SH SYNOPSIS\n"
        "\\fBrainbow\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n.br\n"
        "\\fBrainbow help\\fR [\\fICOMMAND\\fR]\n.br\n\\fBrainbow \\-\\-version\\fR\n.SH DESCRIPTION\n"
        "Rainbow trains deep Q\\-learning agents on Atari 2600 games, small tasks, environments of "
        "Gymnasium, and "
        "custom environments.\nResults go to standard output, messages and progress to standard error.\n"
        ".SH COMMANDS\nEvery command also takes \\fB\\-h\\fR and \\fB\\-\\-help\\fR, which print its help.\n",
        rb_rainbow_version());
    for (int i = 0; cli_commands[i]; i++) put_command(cli_commands[i]);
    printf(".SH SETTINGS\nSettings come in layers, and later layers win: defaults, preset, the environment's "
           "name, "
           "file, command line.\n");
    put_options(cli_setting_options());
    printf(".SH PARAMETERS\nEach parameter with its default, kind, range and unit.\n");
    put_parameters();
    printf(".SH EXIT STATUS\n");
    for (const cli_exit *e = cli_exits; e->text; e++) {
        printf(".TP\n%s\n", e->status);
        put_phrase(e->text);
    }
    printf(
        ".SH FILES\n.TP\n\\fIruns/GROUP/NAME/\\fR\nThe directory of a run: its settings (config.ini), tables "
        "(train.csv, eval.csv), plots and checkpoints.\n");
}
