// See play_scores.h.
#include "viewer/play_scores.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "config/older.h"
#include "config/config.h"
#include "env/atari.h"
#include "io/csv.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "results/published.h"

static const char header[] = "return,steps,env";

// ---------------------------------------------------------------- games by their names

// "atari/breakout", "minatar/breakout", "lunarlander" (for gym/LunarLander-v3), "./my_env.so".
static void game_of(const char *env, char *out, size_t bytes)
{
    char game[RB_ATARI_GAME_MAX];
    if (rb_atari_match(env) && !rb_atari_game(env, game, NULL)) {
        snprintf(out, bytes, "atari/%s", game);
        return;
    }
    if (rb_text_ends(env, ".so")) {
        rb_text_copy(out, bytes, env);
        return;
    }
    const char *slash = strrchr(env, '/');
    const bool minatar = !strncasecmp(env, "minatar/", 8);
    snprintf(out, bytes, "%s%s", minatar ? "minatar/" : "", slash ? slash + 1 : env);
    for (char *c = out; *c; c++) *c = (char)tolower((unsigned char)*c);
    char *version = strrchr(out, '-');
    if (version && version[1] == 'v' && version[2] &&
        strspn(version + 2, "0123456789") == strlen(version + 2))
        *version = 0;
    for (char *from = out, *to = out;; from++) { // MinAtar/SpaceInvaders-v1 and minatar/space_invaders
        if (*from != '_') *to++ = *from;
        if (!*from) break;
    }
}

int rb_same_game(const char *env, const char *other)
{
    char a[256], b[256];
    game_of(env, a, sizeof a);
    game_of(other, b, sizeof b);
    return !strcmp(a, b);
}

// ---------------------------------------------------------------- the list

static rb_status add(rb_score_list *l, rb_score_kind kind, const char *name, double value, int64_t steps,
                     rb_error *error)
{
    rb_score *list = realloc(l->list, ((size_t)l->count + 1) * sizeof *list);
    if (!list) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a list of scores");
    l->list = list;
    int at = l->count++;
    for (; at > 0 && list[at - 1].value < value; at--) list[at] = list[at - 1];
    list[at] = (rb_score){.kind = kind, .value = value, .steps = steps};
    rb_text_copy(list[at].name, sizeof list[at].name, name);
    return RB_OK;
}

rb_status rb_score_list_raise(rb_score_list *l, double value, rb_error *error)
{
    for (int i = 0; i < l->count; i++) {
        if (l->list[i].kind != RB_SCORE_YOU) continue;
        if (l->list[i].value >= value) return RB_OK;
        for (; i + 1 < l->count; i++) l->list[i] = l->list[i + 1];
        l->count--;
    }
    return add(l, RB_SCORE_YOU, "your best", value, 0, error);
}

void rb_score_list_free(rb_score_list *l)
{
    free(l->list);
    *l = (rb_score_list){0};
}

// ---------------------------------------------------------------- agents

static bool plays(const char *run, const char *env)
{
    char path[RB_PATH_MAX];
    rb_config *config = NULL;
    bool same = !rb_path_join(path, sizeof path, run, "config.ini", NULL) && rb_file_exists(path) &&
                !rb_config_create(&config, NULL) && !rb_config_read_record(config, path, NULL) &&
                rb_same_game(config->params.run.env, env);
    rb_config_destroy(config);
    return same;
}

static rb_status add_run(rb_score_list *l, const char *run, const char *name, const char *env,
                         rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_csv_table *table;
    if (!plays(run, env) || rb_path_join(path, sizeof path, run, RB_EVAL_CSV, NULL) ||
        !rb_file_exists(path) || rb_csv_table_read(&table, path, NULL))
        return RB_OK;
    const double *mean = rb_csv_table_column(table, RB_COLUMN_MEAN),
                 *step = rb_csv_table_column(table, RB_COLUMN_STEP);
    const int last = rb_csv_table_rows(table) - 1;
    rb_status status = RB_OK;
    if (mean && step && last >= 0 && isfinite(mean[last]) && step[last] >= 0 && step[last] < 9e18)
        status = add(l, RB_SCORE_AGENT, name, mean[last], (int64_t)step[last], error);
    rb_csv_table_free(table);
    return status;
}

// Visits two levels: root/group/name.
static rb_status add_agents(rb_score_list *l, const char *path, const char *above, const char *env,
                            int levels, rb_error *error)
{
    char **names;
    int count;
    if (!rb_file_is_directory(path) || rb_file_list(path, &names, &count, NULL)) return RB_OK;
    rb_status status = RB_OK;
    for (int i = 0; i < count && !status; i++) {
        char below[RB_PATH_MAX], name[RB_PATH_MAX];
        snprintf(name, sizeof name, "%s%s%s", above, *above ? "/" : "", names[i]);
        if (rb_path_join(below, sizeof below, path, names[i], NULL)) continue;
        status = levels > 1 ? add_agents(l, below, name, env, levels - 1, error)
                            : add_run(l, below, name, env, error);
    }
    rb_file_list_free(names, count);
    return status;
}

// ---------------------------------------------------------------- the player's games

// Reads the env of a row, which rb_csv_text quoted if necessary.
static void read_env(const char *from, char *out, size_t bytes)
{
    size_t used = 0;
    const bool quoted = *from == '"';
    for (from += quoted; *from && *from != '\n' && used + 1 < bytes; from++) {
        if (quoted && *from == '"' && *++from != '"') break;
        out[used++] = *from;
    }
    out[used] = 0;
}

static rb_status add_player(rb_score_list *l, const char *root, const char *env, rb_error *error)
{
    char path[RB_PATH_MAX], other[1024], *data, *end;
    size_t bytes;
    if (rb_path_join(path, sizeof path, root, "play.csv", NULL) || !rb_file_exists(path)) return RB_OK;
    rb_status status = rb_file_read(path, &data, &bytes, error);
    for (char *line = status ? NULL : strchr(data, '\n'); line && line[1] && !status;
         line = strchr(line, '\n')) {
        const double value = strtod(++line, &end);
        if (*end != ',' || !isfinite(value)) continue;
        strtoll(end + 1, &end, 10);
        if (*end != ',') continue;
        read_env(end + 1, other, sizeof other);
        if (!rb_same_game(other, env)) continue;
        l->games++;
        status = rb_score_list_raise(l, value, error);
    }
    if (!status) free(data);
    return status;
}

static rb_status add_published(rb_score_list *l, const char *env, rb_error *error)
{
    char game[RB_ATARI_GAME_MAX];
    rb_published p;
    if (!rb_atari_match(env) || rb_atari_game(env, game, NULL) || !rb_published_find(game, &p)) return RB_OK;
    rb_status status = add(l, RB_SCORE_HUMAN, "a human tester (published)", p.human, 0, error);
    return status ? status : add(l, RB_SCORE_RANDOM, "random play (published)", p.random, 0, error);
}

rb_status rb_score_keep(const char *root, const char *env, double game_return, int64_t steps, char *path,
                        rb_error *error)
{
    rb_csv *csv;
    struct stat about;
    rb_status status = rb_file_make_directories(root, error);
    if (!status) status = rb_path_join(path, RB_PATH_MAX, root, "play.csv", error);
    if (!status)
        status = stat(path, &about) ? rb_csv_create(&csv, path, header, error)
                                    : rb_csv_append(&csv, path, header, about.st_size, error);
    if (status) return status;
    rb_csv_f64(csv, game_return);
    rb_csv_i64(csv, steps);
    rb_csv_text(csv, env);
    rb_csv_end(csv);
    return rb_csv_close(csv, error);
}

rb_status rb_score_list_read(rb_score_list *out, const char *root, const char *env, rb_error *error)
{
    *out = (rb_score_list){0};
    rb_status status = add_agents(out, root, "", env, 2, error);
    if (!status) status = add_player(out, root, env, error);
    if (!status) status = add_published(out, env, error);
    if (status) rb_score_list_free(out);
    return status;
}
