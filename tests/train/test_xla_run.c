// Runs whose agent computes on a device (the CPU plugin of scripts/get-accelerator cpu): two of them are the
// same, one that is stopped and resumed is the same, and looking at one changes nothing; they learn what runs
// on the processor learn, and their memory does not grow. Without the plugin the test is not run.
#include "train/stop_and_resume.h"

#include "agent/agent_impl.h"
#include "replay/packed.h"
#include "rollout/weights.h"
#include "train/checkpoint.h"
#include "xla/find.h"
#include "xla/pjrt_plugin.h"
#include "xla/xla_quick.h"

enum { SKIPPED = 77 };

static const char *device(void)
{
    const char *named = getenv("RB_TEST_DEVICE"); // bench/accelerator sets it on a machine with a GPU
    return named ? named : "xla:cpu";
}

static rb_config *small(const char *head)
{
    rb_config *config = CONFIGURE(
        "cartpole", "--preset=cartpole", "--run.max_steps=700", "--replay.capacity=500",
        "--agent.start_steps=100", "--agent.batch=16", "--agent.update_every_steps=4",
        "--agent.target_every_steps=150", "--eval.every_steps=300", "--eval.episodes=3",
        "--eval.max_episode_steps=60", "--checkpoint.every_steps=0", "--net.hidden=32", "--net.mlp=32");
    set(config, "compute.device", device());
    if (head) set(config, "agent.head", head);
    return config;
}

static rb_config *rolling(void)
{
    rb_config *config = CONFIGURE(
        "minatar/breakout", "--preset=minatar-pqn", "--run.max_steps=1200", "--env.count=4",
        "--agent.rollout_steps=40", "--agent.minibatches=5", "--agent.epochs=2", "--eval.every_steps=300",
        "--eval.episodes=3", "--eval.max_episode_steps=60", "--checkpoint.every_steps=0", "--net.hidden=32");
    set(config, "compute.device", device());
    return config;
}

static void compare(rb_config *config, const int64_t *steps, int count)
{
    rb_error error = {0};
    const uint64_t expected = train(config);
    assert_true(train(config) == expected);
    for (int i = 0; i < count; i++) {
        rb_run *run = stop_and_resume(config, steps[i]);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
    }
    set(config, "eval.every_steps", "70");
    set(config, "checkpoint.every_steps", "50");
    assert_true(train(config) == expected);
    rb_config_destroy(config);
}

static void test_resume(void **state)
{
    (void)state;
    compare(small(NULL), (const int64_t[]){300, 391, 650}, 3);
    rb_config *uniform = small(NULL);
    set(uniform, "replay.prioritized", "false");
    set(uniform, "agent.updates", "2");
    set(uniform, "run.max_steps", "300");
    compare(uniform, (const int64_t[]){202}, 1);
}

// With and without priorities, one update and several in a turn; and with rollouts.
static void test_waiting_changes_nothing(void **state)
{
    (void)state;
    rb_error error = {0};
    for (int i = 0; i < 5; i++) {
        rb_config *config = i < 4 ? small(NULL) : rolling();
        set(config, "run.max_steps", i < 4 ? "300" : "500");
        if (i < 4) set(config, "replay.prioritized", i % 2 ? "false" : "true");
        if (i < 4) set(config, "agent.updates", i < 2 ? "1" : "3");
        const uint64_t expected = train(config);
        rb_run *run = create(config);
        run->learning.waits = true;
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

static void test_resume_with_fractions(void **state)
{
    (void)state;
    compare(small("implicit"), (const int64_t[]){333}, 1);
}

// The vectors of spectral normalisation and running statistics are part of what is saved; targets are soft.
static void test_resume_of_pictures(void **state)
{
    (void)state;
    rb_config *config = CONFIGURE(
        "minatar/breakout", "--preset=minatar-rainbow", "--run.max_steps=300", "--replay.capacity=250",
        "--agent.start_steps=100", "--agent.batch=8", "--agent.target_every_updates=1",
        "--agent.target_tau=0.05", "--eval.every_steps=0", "--eval.episodes=2", "--eval.max_episode_steps=60",
        "--checkpoint.every_steps=0", "--net.hidden=16",
        "--net.layers=conv 4 3 1, batch_norm, relu, residual, spectral_norm, relu", "--env.count=3");
    set(config, "compute.device", device());
    compare(config, (const int64_t[]){201}, 1);
}

static void test_resume_of_rollouts(void **state)
{
    (void)state;
    compare(rolling(), (const int64_t[]){100, 164, 500}, 3);
}

// Runs, of which some are resumed, that keep replay's frames on the device as well.
static void same_on_device(rb_config *config, int64_t resumed)
{
    rb_error error = {0};
    const uint64_t expected = train(config);
    set(config, "replay.on_device", "true");
    rb_run *run = create(config);
    if (!strstr(rb_run_plan(run), ", frames of replay ")) fail_msg("%s", rb_run_plan(run));
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(run->learning.sent && run->learning.sent[0] > 200); // rows that went there
    assert_true(hash_of(run) == expected);
    rb_run_destroy(run);
    run = stop_and_resume(config, resumed);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == expected);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A device's `load` that sees only black pictures here, unless they come from its own copy of replay.
static const rb_device_class *sees;

static rb_status load_blindly(rb_device *device, const rb_batch *batch, rb_error *error)
{
    const size_t bytes = (size_t)batch->size * 4 * 4 * sizeof(float); // of small(), with stacks of four
    char states[8192], next_states[8192];
    assert_true(bytes <= sizeof states);
    memcpy(states, batch->states, bytes), memcpy(next_states, batch->next_states, bytes);
    memset(batch->states, 0, bytes), memset(batch->next_states, 0, bytes);
    const rb_status status = sees->load(device, batch, error);
    memcpy(batch->states, states, bytes), memcpy(batch->next_states, next_states, bytes);
    return status;
}

static void test_batches_come_from_the_device(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config = small(NULL);
    set(config, "env.stack", "4");
    set(config, "run.max_steps", "300");
    const uint64_t expected = train(config);
    for (int there = 0; there < 2; there++) {
        set(config, "replay.on_device", there ? "true" : "false");
        rb_run *run = create(config);
        sees = run->agent->device->class;
        rb_device_class blind = *sees;
        blind.load = load_blindly;
        run->agent->device->class = &blind;
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_int_equal(hash_of(run) == expected, there);
        run->agent->device->class = sees;
        rb_run_destroy(run);
    }
    rb_config_destroy(config);
}

// The ring goes round, episodes are shorter than a stack, n steps end in them, and stacks begin with black
// frames, or with the first one again.
static void test_frames_on_the_device(void **state)
{
    (void)state;
    rb_config *config = small(NULL);
    set(config, "net.noisy", "off"); // its random numbers take most of the time
    set(config, "explore.start", "0.5");
    set(config, "env.stack", "4");
    set(config, "env.stack_start", "black");
    set(config, "env.max_episode_steps", "7");
    set(config, "agent.n_step", "3");
    set(config, "replay.capacity", "200");
    set(config, "run.max_steps", "500");
    same_on_device(config, 391);
    for (int i = 0; i < 2; i++) {
        config = CONFIGURE("minatar/breakout", "--preset=minatar-rainbow", "--run.max_steps=800",
                           "--replay.capacity=600", "--agent.start_steps=100", "--agent.batch=8",
                           "--agent.update_every_steps=4", "--agent.n_step=2", "--eval.enabled=false",
                           "--checkpoint.every_steps=100", "--net.hidden=16", "--env.count=3",
                           "--env.stack=3", "--net.layers=conv 4 3 1, relu", "--replay.intensity=0.1",
                           "--replay.prioritized=false", "--net.noisy=off", "--explore.start=0.5");
        set(config, "compute.device", device());
        if (i) set(config, "run.max_steps", "660");
        if (i && rb_packed_available()) set(config, "replay.compress", "lz4");
        same_on_device(config, 630);
    }
}

static void refused(rb_config *config, const char *part)
{
    rb_run *run;
    rb_error error = {0};
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_USAGE);
    if (!strstr(error.message, part)) fail_msg("%s", error.message);
    rb_config_destroy(config);
}

static void test_frames_that_can_not_be_there(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *part;
    } cases[] = {
        {"compute.device", "cpu", "compute.device = cpu has no memory of its own"},
        {"replay.shift", "2", "replay.shift = 2 moves pictures on the processor"},
        {"env.normalise", "true", "env.normalise changes observations on the processor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_config *config = small(NULL);
        set(config, "replay.on_device", "true");
        set(config, cases[i].key, cases[i].value);
        refused(config, cases[i].part);
    }
    rb_config *config = rolling();
    set(config, "replay.on_device", "true");
    refused(config, "replay.on_device is true, but agent.rollout_steps = 40");
    config = CONFIGURE(RB_TEST_OWN "/both.so", "--net.layers=append, linear 8, relu");
    set(config, "compute.device", device());
    set(config, "replay.on_device", "true");
    refused(config, "replay.on_device is true, but observations of a picture and a vector");
}

static void same_files(const char *a, const char *b)
{
    FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
    assert_non_null(x);
    assert_non_null(y);
    for (int c = 0; c != EOF;) {
        c = fgetc(x);
        assert_int_equal(c, fgetc(y));
    }
    fclose(x), fclose(y);
}

// A checkpoint's weights are copied aside on the device, and fetched while the run goes on: they are those of
// its step, and it resumes to the same run.
static void test_checkpoint_in_the_background(void **state)
{
    (void)state;
    rb_error error = {0};
    for (int i = 0; i < 2; i++) {
        char directory[RB_PATH_MAX], there[RB_PATH_MAX + 64], here[RB_PATH_MAX + 64];
        rb_config *config = i ? rolling() : small(NULL);
        set(config, "run.max_steps", i ? "480" : "300");
        const uint64_t expected = train(config);
        set(config, "checkpoint.every_steps", i ? "80" : "50");
        rb_run *run = create(config);
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        if (rb_loop(run, i ? 240 : 250, &error)) fail_msg("%s", error.message);
        assert_true(run->agent->kept_bytes > 0 && run->agent->here_old); // nobody has fetched the agent's own
        assert_true(run->saved_step == run->step);
        snprintf(here, sizeof here, "%s/here", directory);
        if (rb_file_make_directories(here, &error) ||
            rb_weights_save(rb_agent_seen(run->agent), here, run->config, run->step, &error) ||
            rb_checkpoint_finish(run, &error))
            fail_msg("%s", error.message);
        snprintf(here, sizeof here, "%s/here/%s", directory, rb_weights_file_name);
        snprintf(there, sizeof there, "%s/checkpoints/step_%012lld/%s", directory, (long long)run->step,
                 rb_weights_file_name);
        same_files(here, there);
        if (rb_loop(run, run->step + 20, &error)) fail_msg("%s", error.message);
        rb_run_destroy(run); // as if it were killed
        if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
        assert_int_equal(run->step, i ? 240 : 250);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == expected);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

// The device's agent and the processor's take the same first steps, and much the same course.
static void test_follows_the_processor(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_agent *agents[2];
    rb_run *runs[2];
    rb_config *config = small(NULL);
    for (int i = 0; i < 2; i++) {
        if (i) set(config, "compute.device", "cpu");
        runs[i] = create(config);
        if (rb_loop(runs[i], 200, &error)) fail_msg("%s", error.message);
        agents[i] = runs[i]->agent;
    }
    rb_net *a = rb_agent_online(agents[0]), *b = rb_agent_online(agents[1]);
    for (int t = 0; t < rb_net_tensor_count(a); t++) {
        rb_net_tensor info;
        rb_net_tensor_info(a, t, &info);
        float *x = calloc(info.count, sizeof *x), *y = calloc(info.count, sizeof *y);
        rb_net_tensor_get(a, t, x), rb_net_tensor_get(b, t, y);
        for (size_t k = 0; k < info.count; k++)
            if (!(x[k] - y[k] < 1e-3f && y[k] - x[k] < 1e-3f))
                fail_msg("%s: %g and %g", info.name, (double)x[k], (double)y[k]);
        free(x), free(y);
    }
    for (int i = 0; i < 2; i++) rb_run_destroy(runs[i]);
    rb_config_destroy(config);
}

static long resident_pages(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
    fclose(file);
    return resident;
}

static void test_memory_does_not_grow(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config = small(NULL);
    set(config, "run.max_steps", "20000");
    set(config, "agent.update_every_steps", "1");
    set(config, "agent.batch", "4");
    set(config, "explore.start", "0.2");
    set(config, "net.noisy", "off"); // its random numbers take most of the time
    set(config, "replay.prioritized", "false");
    set(config, "agent.head", "scalar");
    set(config, "agent.categorical", "false");
    rb_run *run = create(config);
    if (rb_loop(run, 2000, &error)) fail_msg("%s", error.message);
    const long before = resident_pages();
    if (rb_loop(run, 12000, &error)) fail_msg("%s", error.message);
    assert_true(rb_agent_updates(run->agent) > 10000);
    assert_true(resident_pages() - before <
                4096); // of 4 kB; ten thousand lost buffers of 1 kB would be 2,500
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_the_processor),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_waiting_changes_nothing),
        cmocka_unit_test(test_resume_with_fractions),
        cmocka_unit_test(test_resume_of_pictures),
        cmocka_unit_test(test_resume_of_rollouts),
        cmocka_unit_test(test_batches_come_from_the_device),
        cmocka_unit_test(test_frames_on_the_device),
        cmocka_unit_test(test_frames_that_can_not_be_there),
        cmocka_unit_test(test_checkpoint_in_the_background),
        cmocka_unit_test(test_memory_does_not_grow),
    };
    char path[RB_PATH_MAX];
    rb_error error = {0};
    if (rb_xla_find(path, sizeof path, device(), &error)) {
        printf("not run: %s\n", error.message);
        return SKIPPED;
    }
    xla_quick();
    const char *only = getenv("RB_XLA_ONLY"); // a test's name, for a person who looks into one
    if (only) cmocka_set_test_filter(only);
    rb_plugin *kept; // one client for all runs, which compiles their programs once
    if (rb_plugin_open(&kept, path, &error)) {
        printf("%s\n", error.message);
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, make_root, drop_root);
    rb_plugin_close(kept);
    return failed;
}
