// Trainings that diverge: an update leaves weights that are no numbers, or its loss is none. The run stops
// with a sentence that names the step, nothing that is not finite is saved, and the newest checkpoint is
// resumed.
#include "train/run_fixture.h"

#include "nn/net_impl.h"
#include "train/run_state.h"

static rb_config *small(const char *name, const char *steps)
{
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole", "--replay.capacity=400",
                                  "--agent.start_steps=50", "--agent.batch=8", "--agent.update_every_steps=1",
                                  "--eval.every_steps=0", "--eval.episodes=1", "--checkpoint.every_steps=40",
                                  "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
                                  "--optim.kind=adam", "--optim.anneal=false", "--optim.clip_norm=1e-6");
    set(config, "run.name", name);
    set(config, "run.max_steps", steps);
    return config;
}

// Finite moments with which the next update makes a weight infinite, as a gradient does that is too large.
// The gradients themselves are clipped to be small.
static void poison(rb_run *run)
{
    rb_net *net = rb_agent_online(run->agent);
    *net->layer[0].linear.bias.m = -3e38f;
    *net->layer[0].linear.bias.v = 1e-37f;
    assert_int_equal(rb_net_check_finite(net, NULL), RB_OK);
}

typedef struct ear {
    char saved[600];
} ear;

static void hear(void *context, bool warning, const char *text)
{
    ear *e = context;
    if (warning && (strstr(text, "checkpoint") || strstr(text, "is saved")))
        snprintf(e->saved, sizeof e->saved, "%s", text);
}

// Nothing that was written after `step` is on the disk (-1: nothing at all), and the run resumes there.
static rb_run *resumed(const char *directory, int64_t step)
{
    rb_error error = {0};
    rb_run *run;
    char **names, path[RB_PATH_MAX + 128];
    int count;
    snprintf(path, sizeof path, "%s/checkpoints", directory);
    assert_int_equal(rb_file_list(path, &names, &count, &error), RB_OK);
    for (int i = 0; i < count; i++) {
        if (!strncmp(names[i], "best", 4)) fail_msg("%s: saved", names[i]);
        if (!strncmp(names[i], "step_", 5) && atoll(names[i] + 5) > step) fail_msg("%s: saved", names[i]);
    }
    rb_file_list_free(names, count);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, step < 0 ? 0 : step);
    return run;
}

// The update at step 100 spoils a weight. The training then fails with `part`, and the newest checkpoint is
// of step `saved`; resumed, the run trains as if nothing had been.
static void fails(rb_config *config, const char *part, int64_t saved)
{
    ear e = {0};
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    char directory[RB_PATH_MAX], newest[64];
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    if (rb_loop(run, 100, &error)) fail_msg("%s", error.message);
    poison(run);
    if (rb_run_train(run, &error) != RB_ERR_NUMBER) fail_msg("%s: it did not diverge", directory);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
    snprintf(newest, sizeof newest, "of step %d", (int)saved);
    if (saved < 0) snprintf(newest, sizeof newest, "no step of this run is saved");
    if (!strstr(e.saved, newest) && !strstr(error.message, newest))
        fail_msg("'%s' is not in: %s; %s", newest, e.saved, error.message);
    rb_run_destroy(run);
    run = resumed(directory, saved);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    set(config, "run.name", "");
    assert_true(train(config) == hash);
    rb_config_destroy(config);
}

// The next update notices.
static void test_weights(void **state)
{
    (void)state;
    fails(small("weights", "300"), "step 101: update ", 80);
}

// At the last update of the run no later one notices: neither with nor without an evaluation is it saved.
static void test_last_update(void **state)
{
    (void)state;
    for (int evaluated = 0; evaluated < 2; evaluated++) {
        rb_config *config = small(evaluated ? "last_evaluated" : "last", "101");
        set(config, "eval.enabled", evaluated ? "true" : "false");
        fails(config, "the checkpoint at step 101 could not be written (the newest is of step 80): ", 80);
    }
    rb_config *config = small("unsaved", "101");
    set(config, "checkpoint.every_steps", "0");
    fails(config, "the checkpoint at step 101 could not be written (no step of this run is saved): ", -1);
}

// A checkpoint and an evaluation that are due right after the update.
static void test_periodic(void **state)
{
    (void)state;
    rb_config *config = small("checkpoint", "300");
    set(config, "checkpoint.every_steps", "101");
    fails(config, "the checkpoint at step 101 could not be written (no step of this run is saved): ", -1);
    config = small("evaluation", "300");
    set(config, "eval.every_steps", "101");
    fails(config, "step 101: ", 80);
}

// A loss that no float holds: the weights before that update are fine, so the run is saved at its step.
static void test_loss(void **state)
{
    (void)state;
    ear e = {0};
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    char directory[RB_PATH_MAX];
    rb_config *config = small("loss", "300");
    set(config, "run.env", RB_TEST_OWN "/faulty.so");
    set(config, "env.options", "large_reward");
    set(config, "agent.n_step", "40");
    set(config, "agent.categorical", "false");
    set(config, "agent.loss", "squared");
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, &error), RB_ERR_NUMBER);
    if (!strstr(error.message, ": the loss is inf")) fail_msg("%s", error.message);
    if (strncmp(error.message, "step ", 5)) fail_msg("%s", error.message);
    if (!strstr(e.saved, "the run is saved at step")) fail_msg("%s", e.saved);
    const int64_t step = run->step;
    assert_int_equal(step, atoll(error.message + 5) + 1);
    rb_run_destroy(run);
    rb_run_destroy(resumed(directory, step));
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_last_update),
        cmocka_unit_test(test_periodic),
        cmocka_unit_test(test_loss),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
