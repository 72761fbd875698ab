// rainbow envs: lists the environments.
//
// A family with more names than fit a screen (Atari's games) is shown by its names alone, unless --all is
// given; a name that only one environment has is described in full.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <string.h>

enum {
    FAMILY_LINES = 24, // more names than this are shown in rows
    COLUMNS = 100,
    OPENED_MOST = 8, // environments created to describe them, if creating them takes time
};

static const struct {
    const char *prefix, *title, *more;
} families[] = {
    {"", "Small tasks", ""},
    {"minatar", "MinAtar: small games as sets of cells", ""},
    {"atari", "Atari 2600",
     "Write atari/NAME, ALE/Name-v5, NameNoFrameskip-v4 or NameDeterministic-v4; the id sets the protocol."},
    {"gym", "Gymnasium: write gym/ID for any of its environments with numbered actions", ""},
};

static int prefix_length(const char *name)
{
    const char *slash = strchr(name, '/');
    return slash ? (int)(slash - name) : 0;
}

static bool same_family(const char *a, const char *b)
{
    int length = prefix_length(a);
    return length == prefix_length(b) && !strncmp(a, b, (size_t)length);
}

static void print_line(const rb_env_info *env, int width)
{
    printf("  %-*s%s%s%s%s%s\n", width, env->name, *env->help ? "  " : "", env->help,
           *env->needs ? " (needs " : "", env->needs, *env->needs ? ")" : "");
}

// Names alone, without the prefix that all share.
static void print_rows(int from, int to)
{
    int column = 0;
    rb_env_info first = rb_env_get(from);
    printf("  %d names; each: %s.\n", to - from, first.help);
    if (*first.needs) printf("  Needs %s.\n", first.needs);
    for (int i = from; i < to; i++) {
        const char *name = rb_env_get(i).name + prefix_length(first.name) + 1;
        if (column + (int)strlen(name) + 1 > COLUMNS) {
            printf("\n");
            column = 0;
        }
        column += printf(column ? " %s" : "    %s", name);
    }
    printf("\n");
}

static void print_family(int from, int to, bool all)
{
    rb_env_info first = rb_env_get(from);
    const char *title = NULL, *more = "";
    int length = prefix_length(first.name), width = 0;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        if ((int)strlen(families[f].prefix) == length &&
            !strncmp(families[f].prefix, first.name, (size_t)length)) {
            title = families[f].title;
            more = families[f].more;
        }
    printf("%s%.*s\n", title ? title : "", title ? 0 : length, first.name);
    for (int i = from; i < to; i++) {
        int own = (int)strlen(rb_env_get(i).name);
        if (own > width) width = own;
    }
    if (!all && to - from > FAMILY_LINES) {
        print_rows(from, to);
    } else {
        for (int i = from; i < to; i++) {
            rb_env_info env = rb_env_get(i);
            print_line(&env, width);
        }
    }
    if (*more) printf("  %s\n", more);
    printf("\n");
}

static void print_all(bool all)
{
    for (int from = 0; from < rb_env_count();) {
        int to = from + 1;
        while (to < rb_env_count() && same_family(rb_env_get(from).name, rb_env_get(to).name)) to++;
        print_family(from, to, all);
        from = to;
    }
    printf("Custom environments, in C or C++\n"
           "  ./my_env.so  the path of a shared object that exports rb_env_export (include/rainbow/env.h, "
           "examples/)\n\n"
           "`rainbow envs TEXT` lists the names that contain TEXT, `rainbow envs --all` lists one name per "
           "line.\n");
}

// What an Atari game's name and its default preset decide, beyond the observation.
static void print_protocol(const char *name)
{
    static const char *const keys[] = {"run.preset",        "atari.frame_skip", "atari.sticky",
                                       "atari.noop_max",    "atari.life_loss",  "atari.fire_on_reset",
                                       "atari.full_actions"};
    enum { KEYS = sizeof keys / sizeof *keys };
    char values[KEYS][RB_CONFIG_VALUE_MAX];
    rb_config *config = NULL;
    rb_status status = rb_config_create(&config, NULL);
    if (status == RB_OK) status = rb_config_arguments(config, 1, &name, NULL);
    for (int i = 0; i < KEYS && status == RB_OK; i++)
        status = rb_config_get(config, keys[i], values[i], sizeof values[i], NULL);
    rb_config_destroy(config);
    if (status != RB_OK) return;
    printf("  protocol     with the preset %s:", values[0]);
    for (int i = 1; i < KEYS; i++) printf("%s %s = %s", i > 1 ? "," : "", keys[i], values[i]);
    printf("\n");
}

static bool is_atari(const char *name)
{
    return !strncmp(name, "atari/", 6) || !strncmp(name, "ALE/", 4) || strstr(name, "NoFrameskip-") ||
           strstr(name, "Deterministic-");
}

static void print_details(const rb_env_info *env)
{
    rb_env_details d;
    rb_error error = {0};
    print_line(env, 0);
    if (rb_env_describe(env->name, &d, &error) != RB_OK) return;
    printf("\n  observation  %d x %d x %d %s", d.channels, d.height, d.width, d.floats ? "floats" : "bytes");
    if (d.vector) printf(" and a vector of %d floats", d.vector);
    printf(", stacked by %d\n", d.stack);
    printf("  actions      %d%s%s\n", d.actions, *d.action_names ? ": " : "", d.action_names);
    if (d.masks) printf("  masks        the allowed actions are reported in every state (env.masks)\n");
    if (d.max_episode_steps) printf("  time limit   %d steps\n", d.max_episode_steps);
    if (d.screen_height) printf("  screen       %d x %d\n", d.screen_width, d.screen_height);
    printf("  resumes      %s\n", d.can_save ? "exactly" : "with new games");
    if (is_atari(env->name)) print_protocol(env->name);
}

static cJSON *as_json(const rb_env_info *env, bool open)
{
    cJSON *object = cJSON_CreateObject();
    rb_env_details d;
    cJSON_AddStringToObject(object, "name", env->name);
    cJSON_AddStringToObject(object, "help", env->help);
    cJSON_AddStringToObject(object, "needs", env->needs);
    if (!open || rb_env_describe(env->name, &d, NULL) != RB_OK) return object;
    cJSON_AddStringToObject(object, "kind", d.floats ? "floats" : "bytes");
    cJSON *shape = cJSON_AddArrayToObject(object, "shape");
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(d.channels));
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(d.height));
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(d.width));
    cJSON_AddNumberToObject(object, "vector", d.vector);
    cJSON_AddNumberToObject(object, "stack", d.stack);
    cJSON_AddNumberToObject(object, "actions", d.actions);
    cJSON_AddStringToObject(object, "action_names", d.action_names);
    cJSON_AddNumberToObject(object, "max_episode_steps", d.max_episode_steps);
    cJSON_AddBoolToObject(object, "can_save", d.can_save);
    cJSON_AddBoolToObject(object, "masks", d.masks);
    return object;
}

static bool chosen(const rb_env_info *env, const char *text)
{
    return !text || strstr(env->name, text);
}

static int print_chosen(const char *text, bool json)
{
    int found = 0, width = 0, only = 0;
    for (int i = 0; i < rb_env_count(); i++) {
        rb_env_info env = rb_env_get(i);
        if (!chosen(&env, text)) continue;
        if ((int)strlen(env.name) > width) width = (int)strlen(env.name);
        only = i;
        found++;
    }
    rb_env_details details;
    rb_error error = {0};
    rb_status described = found ? RB_ERR_USAGE : rb_env_describe(text, &details, &error);
    if (described != RB_OK && described != RB_ERR_USAGE) return cli_fail(&error);
    if (described == RB_OK) { // an id or a path, which is not listed
        rb_env_info env = {.name = text, .help = "", .needs = ""};
        if (!json) return print_details(&env), CLI_DONE;
        cJSON *one = cJSON_CreateObject();
        cJSON_AddItemToArray(cJSON_AddArrayToObject(one, "envs"), as_json(&env, true));
        return cli_print_json(one);
    }
    if (!found) {
        fprintf(stderr, "rainbow envs: no environment's name contains %s; `rainbow envs` lists all\n", text);
        return CLI_USAGE;
    }
    if (found == 1 && !json) {
        rb_env_info env = rb_env_get(only);
        print_details(&env);
        return CLI_DONE;
    }
    cJSON *object = json ? cJSON_CreateObject() : NULL;
    cJSON *list = cJSON_AddArrayToObject(object, "envs");
    for (int i = 0; i < rb_env_count(); i++) {
        rb_env_info env = rb_env_get(i);
        if (!chosen(&env, text)) continue;
        if (json)
            cJSON_AddItemToArray(list, as_json(&env, !*env.needs || found <= OPENED_MOST));
        else
            print_line(&env, width);
    }
    return json ? cli_print_json(object) : CLI_DONE;
}

enum { ALL, JSON };

static const cli_option options[] = {
    [ALL] = CLI_FLAG("all", "list one environment per line"),
    [JSON] = CLI_FLAG("json",
                      "print one object: envs (each: name, help, needs; and if that takes no time or "
                      "few are chosen: kind (bytes, floats), shape (channels, height, width), vector, stack, "
                      "actions, action_names, max_episode_steps, can_save, masks)"),
    {0},
};

static int envs(const cli_command *command, cli_words *words)
{
    (void)command;
    const bool json = words->given[JSON] != NULL;
    if (words->count || json) return print_chosen(words->count ? words->rest[0] : NULL, json);
    print_all(words->given[ALL] != NULL);
    return CLI_DONE;
}

const cli_command cli_envs = {
    .name = "envs",
    .usage = "[TEXT] [OPTION...]",
    .help = "list the environments, or those with TEXT in their names",
    .details =
        "If only one name contains TEXT, the command creates that environment and describes it in full.",
    .options = options,
    .examples = {{"rainbow envs breakout", "Lists the environments with breakout in their names"},
                 {"rainbow envs acrobot", "Describes one: its observation, actions, time limit and screen"}},
    .words = 1,
    .run = envs,
};
