// compute.precision, compute.kernels and compute.threads: what they choose, and what a processor lacks.
#include "train/loop_fixture.h"

#include "train/checkpoint.h"

// CartPole with all of Rainbow; takes a moment.
static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=400", "--replay.capacity=300",
                     "--agent.start_steps=60", "--agent.batch=8", "--agent.update_every_steps=4",
                     "--agent.target_every_steps=100", "--eval.every_steps=0", "--eval.episodes=2",
                     "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
}

// With bf16 the bits differ if the processor supports it; otherwise an error names the setting. auto is f32.
static void test_precision(void **state)
{
    (void)state;
    rb_config *config = small();
    const uint64_t automatic = loop_hash(config);
    set(config, "compute.precision", "f32");
    assert_int_equal(loop_hash(config), automatic);
    set(config, "compute.precision", "bf16");
    if (rb_kernels_fastest(true)) {
        assert_int_not_equal(loop_hash(config), automatic);
    } else {
        rb_error error = {0};
        rb_run *run = NULL;
        assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_USAGE);
        assert_non_null(strstr(error.message, "compute.precision = bf16"));
    }
    rb_config_destroy(config);
}

static void refused(const rb_config *config, const char *part)
{
    rb_error error = {0};
    rb_run *run = NULL;
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_USAGE);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
}

// Named kernels are used; those that the processor lacks are rejected.
static void test_kernels(void **state)
{
    (void)state;
    static const char *const names[] = {"avx512", "avx2", "plain"};
    rb_config *config = small();
    for (int i = 0; i < 3; i++) {
        char part[64];
        set(config, "compute.kernels", names[i]);
        if (rb_kernels_find(names[i])) {
            snprintf(part, sizeof part, "kernels: %s,", names[i]);
            rb_run *run = create(config);
            assert_non_null(strstr(rb_run_plan(run), part));
            rb_run_destroy(run);
        } else {
            snprintf(part, sizeof part, "compute.kernels = %s: this processor does not support them",
                     names[i]);
            refused(config, part);
        }
    }
    set(config, "compute.precision", "bf16");
    refused(config, "compute.kernels = plain: they do not support compute.precision = bf16");
    set(config, "compute.precision", "f32");
    set(config, "compute.kernels", rb_kernels_fastest(false)->name);
    const uint64_t fastest = loop_hash(config);
    set(config, "compute.kernels", "auto");
    assert_int_equal(loop_hash(config), fastest);
    rb_config_destroy(config);
}

// auto without a device is the processor; what needs a device says that there is none.
static void test_no_device(void **state)
{
    (void)state;
    rb_config *config = small();
    const uint64_t here = loop_hash(config);
    const char *cache = getenv("XDG_CACHE_HOME");
    char *was = cache ? strdup(cache) : NULL;
    setenv("XDG_CACHE_HOME", "/nonexistent", 1); // where scripts/get-accelerator has put nothing
    set(config, "compute.device", "auto");
    assert_int_equal(loop_hash(config), here);
    set(config, "replay.on_device", "true");
    refused(config, "replay.on_device is true, but compute.device = auto finds no device");
    if (was) setenv("XDG_CACHE_HOME", was, 1);
    if (!was) unsetenv("XDG_CACHE_HOME");
    free(was);
    rb_config_destroy(config);
}

typedef struct ear {
    char text[1024];
    int count;
} ear;

static void hear(void *context, bool warning, const char *text)
{
    ear *e = context;
    if (!warning || !strstr(text, "the kernels")) return;
    snprintf(e->text, sizeof e->text, "%s", text);
    e->count++;
}

static void goes_on(const char *directory, const char *kernels, ear *e)
{
    const rb_run_hooks hooks = {.context = e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    *e = (ear){0};
    if (rb_run_resume(&run, directory, kernels ? 1 : 0, &kernels, &hooks, &error))
        fail_msg("%s", error.message);
    rb_run_destroy(run);
}

// A run that resumes with other kernels than before reports it, and how to avoid it.
static void test_a_run_knows_its_kernels(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    char directory[RB_PATH_MAX];
    ear e;
    set(config, "compute.kernels", "plain");
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    if (rb_loop(run, 100, &error) || rb_checkpoint_write(run, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    goes_on(directory, NULL, &e);
    assert_int_equal(e.count, 0);
    goes_on(directory, "--compute.kernels=auto", &e);
    const rb_kernels *fastest = rb_kernels_fastest(false);
    assert_int_equal(e.count, fastest != rb_kernels_find("plain"));
    if (e.count) {
        assert_non_null(strstr(e.text, "the kernels plain and continues with "));
        assert_non_null(strstr(e.text, fastest->name));
        assert_non_null(strstr(e.text, "--compute.kernels=plain keeps the run bit-identical"));
    }
    rb_config_destroy(config);
}

static void test_threads_are_used(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "compute.threads", "3");
    rb_run *run = create(config);
    assert_int_equal(rb_pool_threads(run->pool), 3);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precision),        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_no_device),        cmocka_unit_test(test_a_run_knows_its_kernels),
        cmocka_unit_test(test_threads_are_used),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
