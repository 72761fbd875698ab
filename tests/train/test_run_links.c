// Symbolic links inside a run's directory, under every name that the run writes: it resumes only without
// them, and what they point to stays as it was.
#include "train/run_fixture.h"

#include <sys/stat.h>

#include "train/run_links.h"

static void write_text(const char *path, const char *text)
{
    assert_int_equal(rb_file_write(path, text, strlen(text), NULL), RB_OK);
}

static void test_links(void **state)
{
    (void)state;
    static const char *const names[] = {"config.ini",
                                        "lock",
                                        "end.json",
                                        "train.csv",
                                        "eval.csv",
                                        "events.out.tfevents.1.rainbow",
                                        "checkpoints",
                                        "plots",
                                        "videos",
                                        "plots/curves.svg",
                                        "videos/step_1.mp4",
                                        "checkpoints/step_000000000200",
                                        "checkpoints/step_000000000100.part",
                                        "checkpoints/best_a"};
    rb_error error = {0};
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=200", "--replay.capacity=400",
                  "--agent.start_steps=100", "--agent.batch=8", "--eval.episodes=1",
                  "--eval.max_episode_steps=20", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    char directory[RB_PATH_MAX], outside[RB_PATH_MAX], inside[RB_PATH_MAX + 64], moved[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    rb_config_destroy(config);
    snprintf(moved, sizeof moved, "%s/moved", root);
    assert_int_equal(rb_run_links_check(directory, "videos", NULL), RB_OK); // best is a link of its own
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(outside, sizeof outside, "%s/outside", root);
        snprintf(inside, sizeof inside, "%s/%s", directory, names[i]);
        if (strchr(names[i], '/')) { // into a folder, which may not exist yet
            char folder[RB_PATH_MAX + 64];
            snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(inside, '/') - inside), inside);
            assert_int_equal(rb_file_make_directories(folder, NULL), RB_OK);
        }
        struct stat info;
        const bool was = !lstat(inside, &info);
        if (was) assert_int_equal(rename(inside, moved), 0);
        if (was)
            assert_int_equal(rename(moved, outside), 0); // what is linked to is a valid file or directory
        else
            write_text(outside, "precious");
        assert_int_equal(symlink(outside, inside), 0);
        const rb_status status = rb_run_resume(&run, directory, 0, NULL, NULL, &error);
        if (status != RB_ERR_FILE || !strstr(error.message, names[i]) ||
            !strstr(error.message, "symbolic link"))
            fail_msg("%s: %d %s", names[i], status, error.message);
        assert_int_equal(unlink(inside), 0);
        assert_int_equal(was ? rename(outside, inside) : unlink(outside), 0);
    }
    snprintf(inside, sizeof inside, "%s/notes", directory); // the user's own
    assert_int_equal(symlink("/tmp", inside), 0);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    snprintf(inside, sizeof inside, "%s/checkpoints/best", directory);
    assert_int_equal(unlink(inside), 0);
    assert_int_equal(symlink("../../..", inside), 0);
    assert_int_equal(rb_run_links_check(directory, "videos", &error), RB_ERR_FILE);
    assert_int_equal(unlink(inside), 0);
    // The directory of videos may have another name (record.directory).
    snprintf(inside, sizeof inside, "%s/films", directory);
    assert_int_equal(symlink("/tmp", inside), 0);
    assert_int_equal(rb_run_links_check(directory, "videos", NULL), RB_OK);
    assert_int_equal(rb_run_links_check(directory, "films", &error), RB_ERR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_links, make_root, drop_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
