#include "results/run_facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "config/older.h"
#include "env/atari.h"

static rb_status read_config(rb_config **out, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    *out = NULL;
    rb_status status = rb_path_join(path, sizeof path, directory, "config.ini", error);
    if (!status) status = rb_config_create(out, error);
    if (!status) status = rb_config_read_record(*out, path, error);
    if (!status) return RB_OK;
    rb_config_destroy(*out);
    *out = NULL;
    return status;
}

// Every checkpoint keeps the settings that it was trained with. A damaged one tells nothing.
static rb_config *read_start(const char *run, const rb_config *now)
{
    char path[RB_PATH_MAX], oldest[RB_PATH_MAX] = "", **names;
    int count = 0;
    rb_config *start = NULL;
    if (rb_path_join(path, sizeof path, run, "checkpoints", NULL) || !rb_file_is_directory(path) ||
        rb_file_list(path, &names, &count, NULL))
        return NULL;
    for (int i = 0; i < count && !*oldest; i++)
        if (rb_text_starts(names[i], "step_") && rb_path_join(oldest, sizeof oldest, path, names[i], NULL))
            *oldest = 0;
    rb_file_list_free(names, count);
    if (!*oldest || read_config(&start, oldest, NULL)) return NULL;
    if (!rb_config_same_experiment(start, now)) return start;
    rb_config_destroy(start);
    return NULL;
}

rb_status rb_run_facts_read(rb_run_facts *out, const char *run, rb_error *error)
{
    *out = (rb_run_facts){0};
    const rb_status status = read_config(&out->config, run, error);
    if (!status) out->start = read_start(run, out->config);
    return status;
}

void rb_run_facts_free(rb_run_facts *facts)
{
    if (!facts->shared) rb_config_destroy(facts->config);
    if (!facts->shared) rb_config_destroy(facts->start);
    *facts = (rb_run_facts){0};
}

bool rb_run_facts_same(const rb_run_facts *a, const rb_run_facts *b)
{
    if (!rb_config_same_experiment(a->config, b->config) || !a->start != !b->start) return false;
    return !a->start || rb_config_same_experiment(a->start, b->start);
}

bool rb_run_facts_interchangeable(const rb_run_facts *a, const rb_run_facts *b)
{
    const rb_run_params *x = &a->config->params.run, *y = &b->config->params.run;
    return !strcmp(x->env, y->env) && !strcmp(x->preset, y->preset) && !strcmp(x->group, y->group) &&
           rb_run_facts_same(a, b);
}

void rb_run_facts_share(rb_run_facts *facts, const rb_run_facts *with)
{
    rb_run_facts_free(facts);
    *facts = *with;
    facts->shared = true;
}

void rb_run_facts_began(const rb_run_facts *facts, char *out, size_t bytes)
{
    const rb_config *both[] = {facts->start, facts->config};
    *out = 0;
    if (facts->start) rb_config_differences(both, 2, 0, 3, ", ", out, bytes);
}

void rb_run_facts_game(const rb_config *config, char *out, size_t bytes)
{
    const char *env = config->params.run.env;
    char game[RB_ATARI_GAME_MAX];
    if (rb_atari_match(env) && !rb_atari_game(env, game, NULL))
        snprintf(out, bytes, "atari/%s", game);
    else
        rb_text_copy(out, bytes, env);
}

void rb_run_facts_stem(const char *run, int64_t seed_number, char *out, size_t bytes)
{
    char path[RB_PATH_MAX], seed[32];
    rb_text_copy(path, sizeof path, run);
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) path[n - 1] = 0;
    char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    snprintf(seed, sizeof seed, "%lld", (long long)seed_number);
    size_t length = strlen(name);
    const size_t digits = strlen(seed);
    const bool ends = rb_text_ends(name, seed) && (length == digits || name[length - digits - 1] < '0' ||
                                                   name[length - digits - 1] > '9');
    if (ends) {
        static const char *const marks[] = {"-s", "_s", "-seed", "_seed", "seed", "-", "_", "."};
        name[length -= digits] = 0;
        if (!strcmp(name, "s")) name[length = 0] = 0;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (rb_text_ends(name, marks[i])) {
                name[length - strlen(marks[i])] = 0;
                break;
            }
    }
    snprintf(out, bytes, "%s", name[strspn(name, "0123456789")] ? name : ""); // a number names nothing
}

rb_run_state rb_run_facts_state(const char *run)
{
    char path[RB_PATH_MAX];
    if (!rb_path_join(path, sizeof path, run, "end.json", NULL) && rb_file_exists(path)) return RB_RUN_ENDED;
    if (!rb_path_join(path, sizeof path, run, "lock", NULL) && rb_file_is_locked(path)) return RB_RUN_RUNNING;
    return RB_RUN_UNFINISHED;
}

double rb_run_facts_sticky(const rb_config *config)
{
    const rb_params *p = &config->params;
    if (rb_atari_match(p->run.env)) return p->atari.sticky;
    if (rb_text_starts(p->run.env, "minatar/") || rb_text_starts(p->run.env, "MinAtar/"))
        return p->minatar.sticky;
    // Gymnasium's and custom environments may be sticky on their own.
    const bool own = rb_text_starts(p->run.env, "gym/") || rb_text_ends(p->run.env, ".so");
    return own && p->env.sticky == 0 ? NAN : p->env.sticky;
}

const char *rb_run_facts_life_loss(const rb_config *config)
{
    static const char *const names[] = {
        [RB_LIFE_IGNORE] = "ignore", [RB_LIFE_TERMINAL] = "terminal", [RB_LIFE_PENALTY] = "penalty"};
    const char *env = config->params.run.env;
    return rb_atari_match(env) || rb_text_ends(env, ".so") ? names[config->params.atari.life_loss] : "";
}
