// rainbow params: the parameter table, for a person or as the page docs/parameters.md.
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

// `wanted` is a whole key or a group.
static bool is_wanted(const rb_param_info *p, const char *wanted)
{
    size_t bytes = strlen(wanted);
    return !strncmp(p->key, wanted, bytes) && (!p->key[bytes] || p->key[bytes] == '.');
}

// A bar would end the cell.
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
    char value[600];
    rb_status status = rb_config_create(&config, &error);
    if (status == RB_OK)
        status = rb_config_get(config, wanted, value, sizeof value, &error); // knows near names
    rb_config_destroy(config);
    return status == RB_OK ? CLI_DONE : cli_fail(&error);
}

static int params(const cli_command *command, int count, const char *const *words)
{
    bool markdown = false;
    const char *source = NULL;
    const cli_option options[] = {
        {.name = "markdown", .flag = &markdown}, {.name = "source", .value = &source}, {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, markdown || source ? 0 : 1);
    const char *wanted = count ? rest[0] : NULL;
    free(rest);
    if (status != CLI_DONE) return status;
    if (source) return cli_params_source(command, source);
    if (!markdown) return print_wanted(wanted);
    print_page();
    return CLI_DONE;
}

const cli_command cli_params = {
    .name = "params",
    .usage = "[GROUP|GROUP.KEY|WORD | --markdown | --source NAME]",
    .help = "list the parameters, those of a group, one, or those that a word is found in",
    .details = "Default, range, unit and meaning of each. WORD is looked for in names, help, and the names "
               "that others "
               "have\n"
               "for them (docs/sources), such as fc1_out.\n\n"
               "  --markdown     as the page docs/parameters.md\n"
               "  --source NAME  as a table of docs/sources: the parameters of that system beside ours\n",
    .run = params,
};
