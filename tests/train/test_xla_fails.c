// A device that fails in the middle of a real run: the run ends with one sentence, it is saved, and resumed
// with a whole device it becomes what it would have been without the failure, to the bit. Its plugin is the
// CPU plugin of scripts/get-accelerator cpu behind one that fails on demand (own/failing_plugin.c). Without
// it the test is not run.
#include <dlfcn.h>

#include "train/stop_and_resume.h"

#include "xla/find.h"
#include "xla/pjrt_plugin.h"
#include "xla/xla_quick.h"

enum { SKIPPED = 77 };

static const char plugin[] = RB_TEST_OWN "/failing_plugin.so";
static void (*arm)(int runs, int uploads);
static void (*have)(long long bytes); // of memory, from now on

static rb_config *small(const char *more)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=160", "--replay.capacity=120",
                  "--agent.start_steps=60", "--agent.batch=8", "--agent.update_every_steps=2",
                  "--agent.target_every_steps=6", "--agent.target_every_updates=0", "--eval.every_steps=0",
                  "--eval.enabled=false", "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16",
                  "--env.count=2", "--net.noisy=off", "--explore.start=0.5", "--explore.steps=100");
    set(config, "compute.device", "xla:" RB_TEST_OWN "/failing_plugin.so");
    if (more) set(config, "replay.prioritized", more);
    return config;
}

// Of a run with this fault; `part` is in its sentence. False: it ended before the fault.
static bool disturb(const rb_config *config, int runs, int uploads, rb_status expected, const char *part,
                    uint64_t undisturbed)
{
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    rb_run *run = create(config);
    arm(runs, uploads);
    const rb_status status = rb_run_train(run, &error);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    arm(0, 0);
    const int64_t stopped = run->step;
    rb_run_destroy(run);
    if (!status) return false;
    assert_int_equal(status, expected);
    if (!strstr(error.message, part) || !strstr(error.message, plugin)) fail_msg("%s", error.message);
    assert_null(strchr(error.message, '\n'));
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, stopped); // nothing is lost
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    if (hash_of(run) != undisturbed) fail_msg("after the fault %d, %d: another run", runs, uploads);
    rb_run_destroy(run);
    return true;
}

static void sweep(const char *prioritised)
{
    rb_config *config = small(prioritised);
    const uint64_t undisturbed = train(config);
    bool fails = true;
    // Programs in a row, so that acting, an update and the target network's are among them.
    for (int runs = 40; runs < 48; runs++)
        fails = disturb(config, runs, 0, RB_ERR_ENV, "the test pulled a plug", undisturbed) && fails;
    for (int uploads = 140; uploads < 154; uploads += 2)
        fails = disturb(config, 0, uploads, RB_ERR_MEMORY,
                        "the device has too little memory: out of memory, says the test", undisturbed) &&
                fails;
    assert_true(fails);
    rb_config_destroy(config);
}

static void test_with_priorities(void **state)
{
    (void)state;
    sweep("true");
}

static void test_uniform(void **state)
{
    (void)state;
    sweep("false");
}

// What an agent takes there is told, and what does not fit is refused before the first step.
static void test_memory_of_the_device(void **state)
{
    (void)state;
    rb_run *run;
    rb_error error = {0};
    rb_config *config = small(NULL);
    have(50000000);
    run = create(config);
    const char *line = strstr(rb_run_plan(run), "memory of the device: weights, moments and target ");
    if (!line || !strstr(line, ", batches ") || !strstr(line, ", an update ") ||
        !strstr(line, "; 50.0 MB free"))
        fail_msg("%s", rb_run_plan(run));
    rb_run_destroy(run);
    have(10000);
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_MEMORY);
    if (!strstr(error.message, "of the device's memory (weights, moments and target ") ||
        !strstr(error.message, "10.0 kB free"))
        fail_msg("%s", error.message);
    have(-1);
    rb_config_destroy(config);
}

static bool find(void *object, const char *name, void *function)
{
    void *symbol = object ? dlsym(object, name) : NULL;
    memcpy(function, &symbol, sizeof symbol); // ISO C has no cast from data to functions
    return symbol;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_of_the_device),
        cmocka_unit_test(test_with_priorities),
        cmocka_unit_test(test_uniform),
    };
    char path[RB_PATH_MAX];
    rb_error error = {0};
    rb_plugin *kept; // one client for all runs, which compiles their programs once
    if (rb_xla_find(path, sizeof path, "xla:cpu", &error)) {
        printf("not run: %s\n", error.message);
        return SKIPPED;
    }
    xla_quick();
    setenv("RB_FAILING_PLUGIN", path, 1);
    if (rb_plugin_open(&kept, plugin, &error)) {
        printf("%s\n", error.message);
        return 1;
    }
    void *object = dlopen(plugin, RTLD_NOW | RTLD_NOLOAD);
    const bool found = find(object, "failing_arm", &arm) && find(object, "failing_memory", &have);
    const int failed = found ? cmocka_run_group_tests(tests, make_root, drop_root) : 1;
    rb_plugin_close(kept);
    return failed;
}
