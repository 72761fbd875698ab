// Which runs belong to one curve, the order of the curves, and their names.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "results/plot_job.h"

rb_status rb_plot_remark(rb_plot_job *j, rb_error *error, const char *format, ...)
{
    rb_plot_result *out = j->out;
    void *more = realloc(out->remarks, ((size_t)out->remark_count + 1) * sizeof *out->remarks);
    if (!more) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a remark");
    out->remarks = more;
    va_list list;
    va_start(list, format);
    vsnprintf(out->remarks[out->remark_count++], sizeof *out->remarks, format, list);
    va_end(list);
    return RB_OK;
}

rb_status rb_plot_read_settings(rb_plot_job *j, rb_error *error)
{
    for (int i = 0; i < j->count; i++) {
        rb_plot_member *m = &j->members[i];
        const rb_status status = rb_run_facts_read(&m->facts, m->path, error);
        if (status && j->options->group_seeds) return status;
        if (status) continue;
        m->state = rb_run_facts_state(m->path);
        m->seed = m->facts.config->params.run.seed;
        for (int k = 0; k < i; k++) {
            const rb_run_facts *other = &j->members[k].facts;
            if (!other->config || other->shared || !rb_run_facts_interchangeable(&m->facts, other)) continue;
            rb_run_facts_share(&m->facts, other);
            break;
        }
    }
    return RB_OK;
}

// ---- order

static bool same_label(const rb_plot_member *a, const rb_plot_member *b)
{
    return a->label && b->label ? !strcmp(a->label, b->label) : !a->label && !b->label;
}

// Whether two paths are equal but for the numbers in their last parts.
static bool same_stem(const char *a, const char *b)
{
    static const char digits[] = "0123456789";
    const char *a_name = strrchr(a, '/'), *b_name = strrchr(b, '/');
    const size_t above = a_name ? (size_t)(a_name - a) : 0;
    if (above != (b_name ? (size_t)(b_name - b) : 0) || strncmp(a, b, above) != 0) return false;
    for (a += above, b += above; *a && *b; a++, b++) {
        const size_t one = strspn(a, digits), other = strspn(b, digits);
        if (!one != !other || (!one && *a != *b)) return false;
        if (one) a += one - 1, b += other - 1;
    }
    return !*a && !*b;
}

static int by_place(const void *a, const void *b)
{
    const rb_plot_member *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return rb_text_compare_natural(x->path, y->path);
}

// Keeps the user's order, except that runs of one directory whose names differ in numbers only stand
// together, by these numbers: a shell lists s1, s10, s2.
static void sort_members(rb_plot_job *j)
{
    for (int i = 0; i < j->count; i++) {
        int first = 0;
        while (!same_label(&j->members[first], &j->members[i]) ||
               !same_stem(j->members[first].path, j->members[i].path))
            first++;
        j->members[i].place = first;
    }
    qsort(j->members, (size_t)j->count, sizeof *j->members, by_place);
}

// ---- groups

static bool same_experiment(const rb_plot_member *a, const rb_plot_member *b)
{
    if (!same_label(a, b)) return false;
    char one[RB_TEXT_MAX], other[RB_TEXT_MAX];
    rb_run_facts_game(a->facts.config, one, sizeof one);
    rb_run_facts_game(b->facts.config, other, sizeof other);
    return !strcmp(one, other) && rb_run_facts_same(&a->facts, &b->facts);
}

static int64_t seed_of(const rb_plot_member *m)
{
    return m->seed;
}

static bool is_longer(const rb_points *a, const rb_points *b)
{
    if (a->count != b->count) return a->count > b->count;
    return a->x[a->count - 1] > b->x[b->count - 1];
}

// Leaves out the shorter of two runs with the same settings and seed, which are no independent samples.
static rb_status leave_one_out(rb_plot_job *j, rb_plot_member *a, rb_plot_member *b, rb_error *error)
{
    rb_plot_member *out = is_longer(&b->points, &a->points) ? a : b, *in = out == a ? b : a;
    in->group = a->group >= 0 ? a->group : b->group;
    out->group = -1;
    return rb_plot_remark(
        j, error,
        "%.200s has the same settings and seed as %.200s and is not drawn, as it is no independent "
        "sample%s",
        out->path, in->path, is_longer(&in->points, &out->points) ? "; the other one is longer" : "");
}

static rb_status group_seeds(rb_plot_job *j, rb_error *error)
{
    int *first =
        malloc((size_t)(j->count + 1) * sizeof *first); // of each group, whom a later run is compared with
    if (!first) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %d runs", j->count);
    rb_status status = RB_OK;
    for (int i = 0; i < j->count && !status; i++) {
        rb_plot_member *m = &j->members[i], *twin = NULL;
        m->group = -1;
        for (int g = 0; g < j->groups && m->group < 0; g++)
            if (same_experiment(m, &j->members[first[g]])) m->group = g;
        for (int k = 0; k < i && m->group >= 0; k++)
            if (j->members[k].group == m->group && seed_of(m) == seed_of(&j->members[k]))
                twin = &j->members[k];
        if (m->group < 0) first[m->group = j->groups++] = i;
        if (twin) status = leave_one_out(j, twin, m, error);
    }
    free(first);
    return status;
}

static rb_status remark_changed(rb_plot_job *j, rb_error *error)
{
    rb_status status = RB_OK;
    for (int i = 0; i < j->count && !status; i++) {
        const rb_plot_member *m = &j->members[i];
        char began[200];
        rb_run_facts_began(&m->facts, began, sizeof began);
        if (*began && m->group >= 0)
            status = rb_plot_remark(j, error, "%.200s was resumed with other settings; it began with %s",
                                    m->path, began);
    }
    return status;
}

static rb_status remark_unfinished(rb_plot_job *j, rb_error *error)
{
    enum { NAMED = 3 };
    char list[400] = "", more[40] = "";
    int count = 0;
    for (int i = 0; i < j->count; i++) {
        const rb_plot_member *m = &j->members[i];
        if (m->group < 0 || !m->facts.config || m->state == RB_RUN_ENDED || ++count > NAMED) continue;
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.100s (%s)", used ? ", " : "", m->path,
                 rb_run_state_name(m->state));
    }
    if (count > NAMED) snprintf(more, sizeof more, " and %d more", count - NAMED);
    return count ? rb_plot_remark(j, error, "not ended: %s%s", list, more) : RB_OK;
}

rb_status rb_plot_make_groups(rb_plot_job *j, rb_error *error)
{
    rb_status status = RB_OK;
    sort_members(j);
    if (j->options->group_seeds)
        status = group_seeds(j, error);
    else
        for (int i = 0; i < j->count; i++) j->members[i].group = j->groups++;
    if (!status) status = remark_changed(j, error);
    return status ? status : remark_unfinished(j, error);
}

// ---- names

static const char *last_part(const char *path, char *out, size_t bytes)
{
    rb_text_copy(out, bytes, path);
    for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--) out[n - 1] = 0;
    const char *slash = strrchr(out, '/');
    return slash && slash[1] ? slash + 1 : out;
}

static const rb_plot_member *first_of(const rb_plot_job *j, int group)
{
    for (int i = 0; i < j->count; i++)
        if (j->members[i].group == group) return &j->members[i];
    return NULL;
}

static void name_run(const rb_plot_job *j, const rb_plot_member *m, char *out, size_t bytes)
{
    char mine[RB_PATH_MAX], other[RB_PATH_MAX], seed[32] = "", end[40] = "";
    const char *name = last_part(m->path, mine, sizeof mine);
    bool twice = false;
    for (int i = 0; i < j->count; i++)
        twice |= &j->members[i] != m && !strcmp(name, last_part(j->members[i].path, other, sizeof other));
    if (m->facts.config) snprintf(seed, sizeof seed, ", seed %lld", (long long)seed_of(m));
    if (m->facts.config) snprintf(end, sizeof end, "s%lld", (long long)seed_of(m));
    const bool unfinished = m->facts.config && m->state != RB_RUN_ENDED;
    snprintf(out, bytes, "%.180s%s%s%s%s", twice ? m->path : name, rb_text_ends(name, end) ? "" : seed,
             unfinished ? " (" : "", unfinished ? rb_run_state_name(m->state) : "", unfinished ? ")" : "");
}

// "seed 3", "seeds 1-4", "seeds 1, 3, 7 (1 not ended)"
static void name_seeds(const rb_plot_job *j, int group, char *out, size_t bytes)
{
    double seeds[RB_PLOT_RUNS];
    int count = 0, unfinished = 0;
    for (int i = 0; i < j->count; i++) {
        if (j->members[i].group != group) continue;
        seeds[count++] = (double)seed_of(&j->members[i]);
        unfinished += j->members[i].state != RB_RUN_ENDED;
    }
    rb_sort_ascending(seeds, count);
    size_t used = (size_t)snprintf(out, bytes, count == 1 ? "seed" : "seeds");
    for (int i = 0; i < count && used + 64 < bytes;) {
        int last = i;
        while (last + 1 < count && seeds[last + 1] == seeds[last] + 1) last++;
        used += (size_t)snprintf(out + used, bytes - used, "%s%.0f", i ? ", " : " ", seeds[i]);
        if (last > i)
            used +=
                (size_t)snprintf(out + used, bytes - used, "%s%.0f", last > i + 1 ? "-" : ", ", seeds[last]);
        i = last + 1;
    }
    if (unfinished) snprintf(out + used, bytes - used, " (%d not ended)", unfinished);
}

// Whether each curve's runs have their own run.group: then the group is the curve's name.
static bool groups_name_curves(const rb_plot_job *j)
{
    for (int g = 0; g < j->groups; g++)
        for (int h = 0; h < g; h++)
            if (!strcmp(first_of(j, g)->facts.config->params.run.group,
                        first_of(j, h)->facts.config->params.run.group))
                return false;
    return j->groups > 1;
}

// The name that the runs of a group share but for their seeds; "" if there is none.
static void group_stem(const rb_plot_job *j, int group, char *out, size_t bytes)
{
    *out = 0;
    for (int i = 0; i < j->count; i++) {
        const rb_plot_member *m = &j->members[i];
        char stem[RB_PATH_MAX];
        if (m->group != group) continue;
        rb_run_facts_stem(m->path, m->seed, stem, sizeof stem);
        if (*out && strcmp(stem, out) != 0) *stem = 0;
        rb_text_copy(out, bytes, stem);
        if (!*stem) return;
    }
}

// Whether each curve's runs have a name of their own: then it comes first.
static bool stems_name_curves(const rb_plot_job *j)
{
    char one[RB_PATH_MAX], other[RB_PATH_MAX];
    for (int g = 0; g < j->groups; g++) {
        group_stem(j, g, one, sizeof one);
        if (!*one) return false;
        for (int h = 0; h < g; h++) {
            group_stem(j, h, other, sizeof other);
            if (!strcmp(one, other)) return false;
        }
    }
    return j->groups > 1;
}

// The settings in which the curve differs from others of its environment and preset; fewer behind a `named`
// curve's name, which identifies it already.
static void name_differences(const rb_plot_job *j, int group, bool named, char *out, size_t bytes)
{
    const int most = named ? 2 : 3;
    const rb_config *same[RB_PLOT_RUNS];
    const rb_run_params *p = &first_of(j, group)->facts.config->params.run;
    int count = 0, which = 0;
    bool other_group = false;
    for (int g = 0; g < j->groups; g++) {
        const rb_config *config = first_of(j, g)->facts.config;
        if (strcmp(config->params.run.env, p->env) || strcmp(config->params.run.preset, p->preset)) continue;
        if (g == group) which = count;
        other_group |= strcmp(config->params.run.group, p->group) != 0;
        same[count++] = config;
    }
    size_t used = 0;
    if (other_group) used = (size_t)snprintf(out, bytes, ", group=%.40s", p->group);
    char settings[RB_TEXT_MAX];
    const int found = rb_config_differences(same, count, which, most, ", ", settings, sizeof settings);
    used += (size_t)snprintf(out + used, bytes - used, "%s%.100s", found ? ", " : "", settings);
    if (found > most && named) used += (size_t)snprintf(out + used, bytes - used, " ...");
    if (found > most && !named) used += (size_t)snprintf(out + used, bytes - used, " #%d", which + 1);
    rb_run_facts_began(&first_of(j, group)->facts, settings, 60);
    if (count > 1 && *settings) snprintf(out + used, bytes - used, ", began with %s", settings);
}

static bool settings_differ(const rb_plot_job *j)
{
    char settings[240];
    for (int g = 0; g < j->groups; g++) {
        *settings = 0;
        name_differences(j, g, false, settings, sizeof settings);
        if (*settings) return true;
    }
    return false;
}

// The group's name if that identifies the curve. Otherwise, if settings differ, the name of its runs, and
// after it these settings; or environment and preset, if the names do not tell the curves apart.
static void name_group(const rb_plot_job *j, int group, char *out, size_t bytes)
{
    const rb_run_params *p = &first_of(j, group)->facts.config->params.run;
    char seeds[200], settings[240] = "";
    name_seeds(j, group, seeds, sizeof seeds);
    if (groups_name_curves(j)) {
        snprintf(out, bytes, "%.120s, %.100s", p->group, seeds);
        return;
    }
    const bool named = stems_name_curves(j) && settings_differ(j);
    name_differences(j, group, named, settings, sizeof settings);
    if (named) {
        char stem[RB_PATH_MAX];
        group_stem(j, group, stem, sizeof stem);
        snprintf(out, bytes, "%.80s%.130s, %s", stem, settings, seeds);
        return;
    }
    const bool told = rb_text_starts(p->preset, p->env); // "cartpole-dqn" names it already
    snprintf(out, bytes, "%.40s%s%.40s%.150s, %s", told ? "" : p->env, told || !*p->preset ? "" : ", ",
             p->preset, settings, seeds);
}

static int unfinished_runs(const rb_plot_job *j, int group)
{
    int count = 0;
    for (int i = 0; i < j->count; i++) {
        const rb_plot_member *m = &j->members[i];
        count += m->group == group && m->facts.config && m->state != RB_RUN_ENDED;
    }
    return count;
}

static void name_itself(const rb_plot_job *j, int group, char *out, size_t bytes)
{
    if (j->options->group_seeds)
        name_group(j, group, out, bytes);
    else
        name_run(j, first_of(j, group), out, bytes);
}

// The user's label alone, if it belongs to one curve; otherwise it is put before the curves' own names.
void rb_plot_name(const rb_plot_job *j, int group, char *out, size_t bytes)
{
    const rb_plot_member *first = first_of(j, group);
    bool shared = false;
    char own[200], state[32] = "";
    if (!first->label) {
        name_itself(j, group, out, bytes);
        return;
    }
    for (int g = 0; g < j->groups; g++) shared |= g != group && same_label(first_of(j, g), first);
    if (shared) {
        name_itself(j, group, own, sizeof own);
        snprintf(out, bytes, "%.100s: %.150s", first->label, own);
        return;
    }
    const int unfinished = unfinished_runs(j, group);
    if (unfinished) snprintf(state, sizeof state, " (%d not ended)", unfinished);
    snprintf(out, bytes, "%.200s%s", first->label, state);
}
