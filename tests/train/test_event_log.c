// The run's output for TensorBoard, read by a decoder that shares no code with the writer: all numbers of the
// tables, each once, also after a kill and a resume; and training is not affected.
#include "io/events_kit.h"
#include "train/run_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "io/gif.h"
#include "io/picture.h"
#include "io/tfevents.h"
#include "train/checkpoint.h"
#include "train/run_state.h"

static rb_config *small(const char *name)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=900", "--replay.capacity=500",
                  "--agent.start_steps=100", "--agent.batch=8", "--agent.target_every_steps=150",
                  "--eval.every_steps=150", "--eval.episodes=3", "--checkpoint.every_steps=250",
                  "--net.hidden=16", "--net.mlp=16", "--compute.threads=2", "--tensorboard.every_steps=100",
                  "--tensorboard.pictures=3", "--env.count=4");
    set(config, "run.name", name);
    return config;
}

static const char *directory_of(const char *name)
{
    static char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/default/%s", root, name);
    return path;
}

static kit_events trained(const char *name, const rb_config *config)
{
    train(config);
    return kit_read(directory_of(name), true);
}

typedef struct table {
    char *text, *rows[1000];
    int count;
} table;

static table read_table(const char *name, const char *file)
{
    table t = {0};
    char path[2 * RB_PATH_MAX];
    size_t bytes;
    snprintf(path, sizeof path, "%s/%s", directory_of(name), file);
    assert_int_equal(rb_file_read(path, &t.text, &bytes, NULL), RB_OK);
    char *rest = t.text;
    strtok_r(rest, "\n", &rest); // the header
    for (char *row; (row = strtok_r(rest, "\n", &rest));) t.rows[t.count++] = row;
    return t;
}

static double column(const char *row, int number)
{
    for (; number; number--) row = strchr(row, ',') + 1;
    return strtod(row, NULL);
}

static const kit_event *next(const kit_events *events, int *from, const char *tag)
{
    for (; *from < events->count; ++*from)
        if (!strcmp(events->all[*from].tag, tag)) return &events->all[(*from)++];
    return NULL;
}

static int count_of(const kit_events *events, const char *tag)
{
    int count = 0;
    for (int at = 0; next(events, &at, tag);) count++;
    return count;
}

// run.note is a separate text, written only at the beginning of the run.
static void test_note(void **unused)
{
    (void)unused;
    rb_config *config = small("note");
    set(config, "run.note", "ripe in *July*");
    kit_events got = trained("note", config);
    int at = 0;
    const kit_event *note = next(&got, &at, "run/note");
    assert_non_null(note);
    assert_string_equal(note->plugin, "text");
    assert_int_equal(note->step, 0);
    assert_int_equal(note->strings.count, strlen("ripe in *July*"));
    assert_memory_equal(note->strings.at, "ripe in *July*", note->strings.count);
    assert_null(next(&got, &at, "run/note"));
    kit_free(&got);
    rb_config_destroy(config);
}

// Every row of train.csv, in order. Games that end in the same turn get a step each.
static void test_games(void **unused)
{
    (void)unused;
    rb_config *config = small("games");
    kit_events got = trained("games", config);
    table rows = read_table("games", "train.csv");
    int at_return = 0, at_length = 0;
    int64_t before = 0;
    assert_true(rows.count > 20);
    for (int i = 0; i < rows.count; i++) {
        const kit_event *r = next(&got, &at_return, "train/return"),
                        *l = next(&got, &at_length, "train/length");
        assert_true(r && l);
        assert_true((double)r->scalar == column(rows.rows[i], 4) &&
                    (double)l->scalar == column(rows.rows[i], 5));
        const double turn = column(rows.rows[i], 0); // the step after the whole turn
        assert_true((double)r->step == turn - 4 + column(rows.rows[i], 3) + 1 && l->step == r->step);
        assert_true(r->step > before);
        before = r->step;
    }
    assert_null(next(&got, &at_return, "train/return"));
    free(rows.text);
    kit_free(&got);
    rb_config_destroy(config);
}

// Points every 100 steps and at checkpoints (250, 500, 750, 900).
static void test_points(void **unused)
{
    (void)unused;
    rb_config *config = small("points");
    kit_events got = trained("points", config);
    static const int steps[] = {100, 200, 252, 300, 400, 500, 600, 700, 752, 800, 900}; // turns of four
    enum { POINTS = sizeof steps / sizeof *steps };
    int at_epsilon = 0, at_updates = 0, at_loss = 0, at_q = 0, at_speed = 0;
    for (int i = 0; i < POINTS; i++) {
        const kit_event *u = next(&got, &at_updates, "train/updates"),
                        *s = next(&got, &at_speed, "train/steps_per_second"),
                        *e = next(&got, &at_epsilon, "train/epsilon");
        assert_true(u && s && e);
        assert_int_equal(u->step, steps[i]);
        assert_int_equal(s->step, steps[i]);
        assert_int_equal(e->step, steps[i]);
        assert_true(s->scalar > 0);
        assert_true(e->scalar == 0);   // noise explores
        if (steps[i] <= 100) continue; // no update before
        const kit_event *l = next(&got, &at_loss, "train/loss"), *q = next(&got, &at_q, "train/q_mean");
        assert_int_equal(l->step, steps[i]);
        assert_int_equal(q->step, steps[i]);
        assert_true(l->scalar > 0 && u->scalar > 0);
    }
    assert_null(next(&got, &at_updates, "train/updates"));
    assert_null(next(&got, &at_loss, "train/loss"));
    kit_free(&got);
    rb_config_destroy(config);
}

// The mean of all updates' losses equals the tables' totals: the points omit no update and count none twice.
static void test_means(void **unused)
{
    (void)unused;
    rb_error error = {0};
    rb_config *config = small("means");
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    const rb_metrics_total total = rb_metrics_so_far(run->metrics);
    rb_run_destroy(run);
    kit_events got = kit_read(directory_of("means"), true);
    double loss = 0, q = 0, updates = 0;
    int at_loss = 0, at_q = 0, at_updates = 0;
    for (const kit_event *u; (u = next(&got, &at_updates, "train/updates"));) {
        if (!(u->scalar > 0)) continue;
        loss += (double)next(&got, &at_loss, "train/loss")->scalar * ((double)u->scalar - updates);
        q += (double)next(&got, &at_q, "train/q_mean")->scalar * ((double)u->scalar - updates);
        updates = (double)u->scalar;
    }
    assert_true(updates == (double)total.updates && updates > 0);
    assert_true(fabs(loss - total.loss) < 1e-5 * fabs(total.loss));
    assert_true(fabs(q - total.q_mean) < 1e-5 * fabs(total.q_mean));
    kit_free(&got);
    rb_config_destroy(config);
}

static void test_evaluations(void **unused)
{
    (void)unused;
    rb_config *config = small("evals");
    kit_events got = trained("evals", config);
    table rows = read_table("evals", "eval.csv");
    static const char *const tags[] = {"eval/mean", "eval/std", "eval/min", "eval/max", "eval/median"};
    assert_int_equal(rows.count, 6);
    for (int t = 0; t < 5; t++) {
        int at = 0;
        for (int i = 0; i < rows.count; i++) {
            const kit_event *e = next(&got, &at, tags[t]);
            assert_non_null(e);
            assert_true((double)e->step == column(rows.rows[i], 0));
            assert_true(fabs((double)e->scalar - column(rows.rows[i], 3 + t)) < 1e-3);
        }
        assert_null(next(&got, &at, tags[t]));
    }
    int at_returns = 0, at_q = 0;
    for (int i = 0; i < rows.count; i++) {
        const kit_event *r = next(&got, &at_returns, "eval/returns"), *q = next(&got, &at_q, "eval/q_values");
        assert_true(r && q && r->has_histogram && q->has_histogram);
        assert_true(r->num == 3 && fabs(r->sum - 3 * column(rows.rows[i], 3)) < 1e-3);
        assert_true(r->min == column(rows.rows[i], 5) && r->max == column(rows.rows[i], 6));
        // In CartPole a game's return is its length, and two actions are evaluated per step.
        assert_true(q->num == 2 * r->sum);
        double counted = 0, before = q->min;
        assert_int_equal(q->limits.count, q->counts.count);
        for (size_t k = 0; k < q->counts.count; k += 8) {
            const double limit = kit_double(kit_little(q->limits.at + k, 8));
            assert_true(limit > before || (k == 0 && limit >= before));
            before = limit;
            counted += kit_double(kit_little(q->counts.at + k, 8));
        }
        assert_true(before == q->max && counted == q->num);
    }
    free(rows.text);
    kit_free(&got);
    rb_config_destroy(config);
}

// The first evaluation, the last, and those that pass another third of the run. Three for numbers, two for
// pictures.
static void test_pictures(void **unused)
{
    (void)unused;
    rb_config *config = small("pictures");
    kit_events got = trained("pictures", config);
    if (rb_gif_available()) {
        static const int steps[] = {152, 300, 600, 900};
        int at = 0;
        for (int i = 0; i < 4; i++) {
            const kit_event *e = next(&got, &at, "eval/game");
            assert_true(e && e->has_image && e->height == 134 && e->width == 200 && e->colours == 3);
            assert_int_equal(e->step, steps[i]);
            assert_memory_equal(e->image.at, "GIF89a", 6);
            assert_true(e->image.at[6] == 200 && e->image.at[8] == 134);
        }
        assert_null(next(&got, &at, "eval/game"));
    }
    assert_int_equal(count_of(&got, "eval/frames"), 0); // number observations have no pictures
    kit_free(&got);
    rb_config_destroy(config);

    config = CONFIGURE("minatar/breakout", "--preset=minatar-dqn", "--run.max_steps=60",
                       "--replay.capacity=200", "--agent.start_steps=50", "--eval.every_steps=0",
                       "--eval.episodes=2", "--checkpoint.every_steps=0", "--net.hidden=16",
                       "--tensorboard.pictures=4", "--run.name=minatar");
    got = trained("minatar", config);
    int at = 0;
    const kit_event *e = next(&got, &at, "eval/frames");
    if (rb_picture_available()) {
        assert_true(e && e->has_image && e->height > 100 && e->width > 100);
        assert_memory_equal(e->image.at, "\211PNG", 4);
    }
    kit_free(&got);
    set(config, "tensorboard.pictures", "0");
    set(config, "run.name", "none");
    got = trained("none", config);
    assert_int_equal(count_of(&got, "eval/frames") + count_of(&got, "eval/game"), 0);
    assert_int_equal(count_of(&got, "eval/mean"), 1);
    kit_free(&got);
    rb_config_destroy(config);
}

// The page of parameters: written once, with each parameter that defines the run, and with its end.
static void test_parameters(void **unused)
{
    (void)unused;
    rb_config *config = small("hparams");
    kit_events got = trained("hparams", config);
    int at = 0, number;
    uint64_t value;
    kit_bytes bytes = {0}, start = {0};
    const kit_event *e = next(&got, &at, "_hparams_/session_start_info");
    assert_non_null(e);
    assert_string_equal(e->plugin, "hparams");
    assert_null(next(&got, &at, "_hparams_/session_start_info"));
    kit_bytes in = e->content;
    assert_true(kit_field(&in, &number, &value, &start) && number == 3 && !in.count);
    int entries = 0, seen = 0;
    while (kit_field(&start, &number, &value, &bytes)) {
        if (number == 5) assert_true(kit_double(value) > 1.7e9); // when it began
        if (number != 1) continue;
        char name[64];
        kit_bytes entry = bytes, inner = {0};
        entries++;
        assert_true(kit_field(&entry, &number, &value, &bytes) && number == 1);
        kit_text(name, sizeof name, bytes);
        assert_true(kit_field(&entry, &number, &value, &inner) && number == 2);
        assert_true(kit_field(&inner, &number, &value, &bytes));
        if (!strcmp(name, "agent.batch")) seen += number == 2 && kit_double(value) == 8;
        if (!strcmp(name, "agent.double_q")) seen += number == 4 && value == 1;
        if (!strcmp(name, "run.env")) seen += number == 3 && !memcmp(bytes.at, "cartpole", bytes.count);
        if (!strcmp(name, "net.noisy")) seen += number == 3 && bytes.count == strlen("factorised");
        assert_string_not_equal(name, "run.root");
    }
    assert_int_equal(seen, 4);
    assert_in_range(entries, 60, rb_param_count() - 8);
    at = 0;
    e = next(&got, &at, "_hparams_/session_end_info");
    assert_non_null(e);
    in = e->content;
    assert_true(kit_field(&in, &number, &value, &bytes) && number == 4);
    assert_true(kit_field(&bytes, &number, &value, &in) && number == 1 && value == 1); // success
    kit_free(&got);
    rb_config_destroy(config);
}

// ------------------------------------------------------------------ stopped and resumed

static bool of_the_clock(const kit_event *e)
{
    return !*e->tag || !strcmp(e->tag, "train/steps_per_second") || rb_text_starts(e->tag, "_hparams_");
}

static bool same(const kit_event *a, const kit_event *b)
{
    return a->step == b->step && !strcmp(a->tag, b->tag) && !memcmp(&a->scalar, &b->scalar, 4) &&
           a->num == b->num && a->sum == b->sum && a->image.count == b->image.count &&
           (!a->image.count || !memcmp(a->image.at, b->image.at, a->image.count));
}

// The same points in the same order, except those at checkpoints that the other run did not make.
static void assert_same(const kit_events *a, const kit_events *b)
{
    int i = 0, j = 0;
    for (;; i++, j++) {
        while (i < a->count && of_the_clock(&a->all[i])) i++;
        while (j < b->count && of_the_clock(&b->all[j])) j++;
        if (i >= a->count || j >= b->count) break;
        if (!same(&a->all[i], &b->all[j]))
            fail_msg("%s at %lld, and %s at %lld", a->all[i].tag, (long long)a->all[i].step, b->all[j].tag,
                     (long long)b->all[j].step);
    }
    assert_int_equal(i, a->count);
    assert_int_equal(j, b->count);
}

static void kill_at(const char *name, int64_t step)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child) {
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        return;
    }
    rb_run *run;
    rb_config *config = small(name);
    rb_status status = rb_file_exists(directory_of(name))
                           ? rb_run_resume(&run, directory_of(name), 0, NULL, NULL, NULL)
                           : rb_run_create(&run, config, NULL, NULL);
    if (status || rb_loop(run, step, NULL) || rb_checkpoint_finish(run, NULL)) _exit(1);
    kill(getpid(), SIGKILL);
}

static void resume(const char *name)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory_of(name), 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
}

static void test_killed(void **unused)
{
    (void)unused;
    rb_config *config = small("straight");
    kit_events straight = trained("straight", config);
    rb_config_destroy(config);
    const int64_t moments[] = {60, 320, 540, 880};
    kill_at("killed", moments[0]); // before the first checkpoint: the run restarts
    for (int i = 1; i < 4; i++) {
        kill_at("killed", moments[i]);
        kit_events torn = kit_read(directory_of("killed"), true);
        assert_true(torn.all[torn.count - 1].step <= moments[i]);
        kit_free(&torn);
    }
    resume("killed");
    kit_events killed = kit_read(directory_of("killed"), true);
    assert_same(&straight, &killed);
    assert_int_equal(count_of(&killed, "_hparams_/session_start_info"), 1);
    assert_int_equal(count_of(&killed, "_hparams_/session_end_info"), 1);
    // Each file after the first tells readers from which step on to discard points.
    int starts = 0;
    for (int i = 0; i < killed.count; i++) {
        if (*killed.all[i].version && i) {
            assert_int_equal(killed.all[i + 1].session, 1);
            assert_int_equal(killed.all[i + 1].step % 250 < 8, 1); // the one after a checkpoint
            starts++;
        }
    }
    assert_int_equal(starts, killed.files - 1);
    assert_int_equal(killed.files, 4);
    kit_free(&killed);
    kit_free(&straight);
}

// A run that ended normally and gets more steps: its end is withdrawn.
static void test_longer(void **unused)
{
    (void)unused;
    rb_config *config = small("longer");
    kit_events got = trained("longer", config);
    assert_int_equal(count_of(&got, "_hparams_/session_end_info"), 1);
    kit_free(&got);
    const char *const changes[] = {"--run.max_steps=1000"};
    rb_run *run;
    rb_error error = {0};
    if (rb_run_resume(&run, directory_of("longer"), 1, changes, NULL, &error)) fail_msg("%s", error.message);
    got = kit_read(directory_of("longer"), true);
    assert_int_equal(count_of(&got, "_hparams_/session_end_info"), 0);
    kit_free(&got);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    rb_run_destroy(run);
    got = kit_read(directory_of("longer"), true);
    assert_int_equal(count_of(&got, "_hparams_/session_end_info"), 1);
    assert_int_equal(count_of(&got, "eval/mean"), 7); // 150 ... 900 and 1000
    kit_free(&got);
    rb_config_destroy(config);
}

// Training is the same with event files, without them, and with pictures of every evaluation.
static void test_nothing_changes(void **unused)
{
    (void)unused;
    rb_config *config = small("with");
    const uint64_t hash = train(config);
    set(config, "run.name", "more");
    set(config, "tensorboard.every_steps", "1");
    set(config, "tensorboard.pictures", "1000");
    assert_true(train(config) == hash);
    kit_events got = kit_read(directory_of("more"), true);
    assert_int_equal(count_of(&got, "train/updates"), 900 / 4);
    if (rb_gif_available()) assert_int_equal(count_of(&got, "eval/game"), 6);
    kit_free(&got);
    set(config, "run.name", "without");
    set(config, "tensorboard.enabled", "false");
    assert_true(train(config) == hash);
    got = kit_read(directory_of("without"), true);
    assert_int_equal(got.files, 0);
    kit_free(&got);
    rb_config_destroy(config);
}

static int warnings;
static void count_warning(void *context, bool warning, const char *message)
{
    (void)context;
    warnings += warning && strstr(message, "events are written as soon as") != NULL;
}

// A fault of the event file, simulated by a limit on the size of files that only this file reaches, neither
// stops the training nor loses events.
static void test_file_that_fails_for_a_while(void **unused)
{
    (void)unused;
    rb_config *config = small("failing");
    set(config, "checkpoint.every_steps", "0");
    set(config, "eval.every_steps", "0");
    set(config, "tensorboard.pictures", "0");
    const rb_run_hooks hooks = {.message = count_warning};
    rb_run *run;
    rb_error error = {0};
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_loop(run, 100, &error), RB_OK);
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){5000, before.rlim_max}; // the parameters alone take more
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const rb_status status = rb_loop(run, 700, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    if (status || rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    assert_int_equal(warnings, 1);
    kit_events got = kit_read(directory_of("failing"), true);
    table games = read_table("failing", "train.csv");
    assert_true(games.count > 20);
    assert_int_equal(count_of(&got, "train/return"), games.count);
    assert_int_equal(count_of(&got, "train/epsilon"), 9);
    free(games.text);
    kit_free(&got);
    rb_config_destroy(config);
}

int main(void)
{
    if (!rb_tfevents_available()) return 0; // test_tfevents tests the message for this case
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_note),
        cmocka_unit_test(test_games),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_evaluations),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_longer),
        cmocka_unit_test(test_nothing_changes),
        cmocka_unit_test(test_file_that_fails_for_a_while),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
