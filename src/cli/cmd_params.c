// rainbow params: the parameter table, for a terminal or as the page docs/parameters.md.
#include "cli/params_search.h"

#include <stdlib.h>
#include <string.h>

static bool begins_group(const rb_param_info *p)
{
    return p->group_help != NULL;
}

static int group_bytes(const rb_param_info *p)
{
    return (int)strcspn(p->key, ".");
}

// `wanted` is a key or a group.
static bool is_wanted(const rb_param_info *p, const char *wanted)
{
    size_t bytes = strlen(wanted);
    return !strncmp(p->key, wanted, bytes) && (!p->key[bytes] || p->key[bytes] == '.');
}

// A bar would end the table cell.
static void print_cell(const char *text)
{
    for (; *text; text++) {
        if (*text == '|') putchar('\\');
        putchar(*text);
    }
}

static void print_markdown(const rb_param_info *p)
{
    printf("| `%s` | ", p->key);
    if (*p->by_default) printf("`%s`", p->by_default);
    printf(" | %s", p->kind);
    if (*p->range) putchar(' ');
    print_cell(p->range);
    printf(" | %s | %s | ", p->unit, p->resume ? "yes" : "");
    print_cell(p->help);
    char elsewhere[200];
    cli_params_elsewhere(p, elsewhere, sizeof elsewhere);
    printf("%s%s%s |\n", *elsewhere ? " (" : "", elsewhere, *elsewhere ? ")" : "");
}

static void print_page(void)
{
    printf("# Parameters\n\n"
           "`rainbow params --markdown` prints this page from the parameter table.\n"
           "Every parameter is a flag, `--group.key=value`, and a line in a configuration file.\n"
           "*Resume* marks the parameters that may change when a run is resumed.\n"
           "Names in brackets are those of other systems; [sources](sources/README.md) lists all of them.\n"
           "A *step* is one decision of one environment, a *frame* one emulated frame, an *update* one "
           "optimiser step.\n");
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *p = rb_param_get(i);
        if (begins_group(p))
            printf("\n## %.*s\n\n%s.\n\n| key | default | values | unit | resume | meaning "
                   "|\n|---|---|---|---|---|---|\n",
                   group_bytes(p), p->key, p->group_help);
        print_markdown(p);
    }
}

static int print_wanted(const char *wanted)
{
    int shown = 0;
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *p = rb_param_get(i);
        if (wanted && !is_wanted(p, wanted)) continue;
        if (begins_group(p)) printf("%s%.*s: %s\n", shown ? "\n" : "", group_bytes(p), p->key, p->group_help);
        cli_params_print(p);
        shown++;
    }
    if (shown || cli_params_search(wanted)) return CLI_DONE;
    rb_config *config = NULL;
    rb_error error = {0};
    char value[RB_CONFIG_VALUE_MAX];
    rb_status status = rb_config_create(&config, &error);
    if (status == RB_OK)
        status = rb_config_get(config, wanted, value, sizeof value, &error); // knows near names
    rb_config_destroy(config);
    return status == RB_OK ? CLI_DONE : cli_fail(&error);
}

enum { MARKDOWN, SOURCE, NAMES };

static const cli_option options[] = {
    [MARKDOWN] = CLI_FLAG("markdown", "print the page docs/parameters.md"),
    [SOURCE] = CLI_VALUE(
        "source", "PRESET",
        "print a table of docs/sources: the parameters of the system that this preset follows, beside ours"),
    [NAMES] =
        CLI_FLAG("names", "print the page docs/names.md: the names of well-known libraries, beside ours"),
    {0},
};

static int params(const cli_command *command, cli_words *words)
{
    const char *source = words->given[SOURCE];
    const bool markdown = words->given[MARKDOWN] != NULL, names = words->given[NAMES] != NULL;
    if (words->count && (markdown || source || names))
        return cli_usage(command, "unexpected word %s", words->rest[0]);
    if (source) return cli_params_source(command, source);
    if (names) return cli_params_names(), CLI_DONE;
    if (!markdown) return print_wanted(words->count ? words->rest[0] : NULL);
    print_page();
    return CLI_DONE;
}

const cli_command cli_params = {
    .name = "params",
    .usage = "[GROUP|GROUP.KEY|WORD]\n--markdown\n--source PRESET\n--names",
    .help = "list the parameters: all, those of a group, one, or those that contain a word",
    .details =
        "Prints the default, range, unit and meaning of each. WORD is searched in the names, in the "
        "help, and in the names that other systems use (docs/sources), such as fc1_out or learning_starts.",
    .options = options,
    .examples = {{"rainbow params explore", "Lists the parameters of exploration"},
                 {"rainbow params \"target network\"",
                  "Lists the parameters whose help mentions target networks"}},
    .words = 1,
    .run = params,
};
