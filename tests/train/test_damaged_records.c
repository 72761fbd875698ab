// What a run has recorded of its past may be damaged: tables, event files, the score of the best weights. The
// state is sound, so the run resumes to the same end; the file is reported by name; what can be read is kept.
#include "train/run_fixture.h"

#include <sys/stat.h>

#include "base/text.h"
#include "io/tfevents.h"
#include "train/run_state.h"

static char stopped[RB_PATH_MAX], said[8192];

static void hear(void *context, bool warning, const char *text)
{
    (void)context;
    const size_t used = strlen(said);
    if (warning) snprintf(said + used, sizeof said - used, "%s\n", text);
}

static rb_config *tiny(const char *name)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=400", "--replay.capacity=400",
                  "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=100", "--eval.episodes=1",
                  "--eval.max_episode_steps=20", "--checkpoint.every_steps=0", "--net.hidden=16",
                  "--net.mlp=16", "--compute.threads=1");
    set(config, "run.name", name);
    return config;
}

static void copy_run(char to[RB_PATH_MAX], const char *from)
{
    static int number;
    char command[2 * RB_PATH_MAX];
    snprintf(to, RB_PATH_MAX, "%s/default/copy-%d", root, ++number);
    snprintf(command, sizeof command, "cp -a %s %s", from, to);
    assert_int_equal(system(command), 0);
}

static void path_in(char out[RB_PATH_MAX + 64], const char *directory, const char *name)
{
    snprintf(out, RB_PATH_MAX + 64, "%s/%s", directory, name);
    if (strcmp(name, "events")) return;
    char **names;
    int count;
    assert_int_equal(rb_file_list(directory, &names, &count, NULL), RB_OK);
    for (int i = 0; i < count; i++)
        if (rb_text_starts(names[i], "events.out.tfevents")) {
            snprintf(out, RB_PATH_MAX + 64, "%s/%s", directory, names[i]);
            break;
        }
    rb_file_list_free(names, count);
}

static int64_t rows_of(const char *directory, const char *name)
{
    char path[RB_PATH_MAX + 64], *text;
    size_t bytes;
    int64_t lines = 0;
    path_in(path, directory, name);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    for (size_t i = 0; i < bytes; i++) lines += text[i] == '\n';
    free(text);
    return lines - 1;
}

typedef enum harm { WRONG_BYTE, SHORT, MISSING } harm;

static void damage(const char *path, harm how)
{
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &data, &bytes, NULL), RB_OK);
    if (how == WRONG_BYTE) data[bytes / 2] ^= '@';
    if (how == MISSING)
        assert_int_equal(unlink(path), 0);
    else
        assert_int_equal(rb_file_write(path, data, how == SHORT ? bytes / 2 : bytes, NULL), RB_OK);
    free(data);
}

static uint64_t finish(const char *directory)
{
    const rb_run_hooks hooks = {.message = hear};
    rb_error error = {0};
    rb_run *run;
    *said = 0;
    if (rb_run_resume(&run, directory, 0, NULL, &hooks, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    return hash;
}

static void test_every_record(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        harm how;
        const char *report;
    } cases[] = {
        {"train.csv", WRONG_BYTE, "train.csv: is damaged: 1 line can't be read"},
        {"train.csv", SHORT, "train.csv: "},
        {"train.csv", MISSING, "train.csv: is missing, so its rows up to step 250 are lost"},
        {"eval.csv", WRONG_BYTE, "eval.csv: is damaged: 1 line can't be read"},
        {"eval.csv", SHORT, "eval.csv: "},
        {"eval.csv", MISSING, "eval.csv: is missing, so its rows up to step 250 are lost"},
        {"events", WRONG_BYTE, ".rainbow: is damaged; it keeps the events that can still be read"},
        {"events", SHORT, "hold no mark of the checkpoint at step 250"},
        {"events", MISSING, "hold no mark of the checkpoint at step 250"},
        {"checkpoints/best/evaluation.csv", SHORT, "best/evaluation.csv: is missing or damaged"},
        {"checkpoints/best/evaluation.csv", MISSING, "best/evaluation.csv: is missing or damaged"},
    };
    rb_error error = {0};
    rb_config *config = tiny("straight");
    const uint64_t expected = train(config);
    set(config, "run.name", "stopped");
    rb_run *run = create(config);
    if (rb_loop(run, 250, &error)) fail_msg("%s", error.message);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    snprintf(stopped, sizeof stopped, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    rb_config_destroy(config);
    char copy[RB_PATH_MAX], path[RB_PATH_MAX + 64];
    copy_run(copy, stopped);
    assert_true(finish(copy) == expected);
    assert_string_equal(said, "");
    const int64_t games = rows_of(copy, "train.csv"), evaluations = rows_of(copy, "eval.csv");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!strcmp(cases[i].name, "events") && !rb_tfevents_available()) continue;
        copy_run(copy, stopped);
        path_in(path, copy, cases[i].name);
        damage(path, cases[i].how);
        if (finish(copy) != expected) fail_msg("%s, %d: another end", cases[i].name, cases[i].how);
        if (!strstr(said, cases[i].report)) fail_msg("'%s' is not in: %s", cases[i].report, said);
        const bool of_games = !strcmp(cases[i].name, "train.csv"), one = cases[i].how == WRONG_BYTE;
        const bool of_evaluations = !strcmp(cases[i].name, "eval.csv");
        assert_true(rows_of(copy, "train.csv") >= (of_games ? one ? games - 1 : 1 : games));
        assert_true(rows_of(copy, "eval.csv") >= (of_evaluations ? one ? evaluations - 1 : 1 : evaluations));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_record, make_root, drop_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
