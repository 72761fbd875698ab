// Trainings that diverge: an update leaves weights that are no numbers, or its loss is none. The run stops
// with a sentence that names the step, nothing that is not finite is saved, and the newest checkpoint is
// resumed.
#include "train/run_fixture.h"

#include <math.h>

#include "rollout/weights.h"
#include "train/checkpoint.h"
#include "train/run_state.h"

enum { START = 100 };

// Its first update, in the step after START, divides by 0: centred RMSProp without a memory and epsilon.
static rb_config *diverging(const char *name, const char *steps)
{
    rb_config *config = CONFIGURE(
        "cartpole", "--preset=cartpole", "--replay.capacity=400", "--agent.start_steps=100",
        "--agent.batch=8", "--agent.update_every_steps=1", "--eval.every_steps=0", "--eval.episodes=1",
        "--checkpoint.every_steps=40", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
        "--optim.kind=rmsprop_centered", "--optim.decay=0", "--optim.epsilon=0", "--env.count=1");
    set(config, "run.name", name);
    set(config, "run.max_steps", steps);
    return config;
}

// A loss that no float holds, in the first update: the weights before it are fine.
static rb_config *losing(const char *name, const char *steps)
{
    rb_config *config = diverging(name, steps);
    set(config, "run.env", RB_TEST_OWN "/faulty.so");
    set(config, "env.options", "large_reward");
    set(config, "optim.kind", "adam");
    set(config, "agent.n_step", "40");
    set(config, "agent.categorical", "false");
    set(config, "agent.loss", "squared");
    return config;
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

// All that is on the disk can be read, and the newest state is that of `step` (-1: there is none), as a run
// that stopped there has it.
static void assert_saved(const char *directory, rb_config *(*make)(const char *, const char *), int64_t step)
{
    rb_error error = {0};
    rb_run *run, *same;
    char name[32], **names, path[RB_PATH_MAX + 128];
    int count;
    snprintf(path, sizeof path, "%s/checkpoints", directory);
    assert_int_equal(rb_file_list(path, &names, &count, &error), RB_OK);
    for (int i = 0; i < count; i++) {
        if (strncmp(names[i], "step_", 5) && strncmp(names[i], "best", 4)) continue;
        if (step < 0 || atoll(names[i] + 5) > step) fail_msg("%s: saved", names[i]);
    }
    rb_file_list_free(names, count);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    assert_int_equal(run->step, step < 0 ? 0 : step);
    if (step >= 0) {
        static int number;
        snprintf(name, sizeof name, "same%d", number++);
        rb_config *config = make(name, "300");
        same = create(config);
        if (rb_loop(same, step, &error)) fail_msg("%s", error.message);
        assert_true(hash_of(run) == hash_of(same));
        rb_run_destroy(same);
        rb_config_destroy(config);
    }
    rb_run_destroy(run);
}

static void fails(rb_config *config, rb_config *(*make)(const char *, const char *), const char *part,
                  const char *saved, int64_t step)
{
    ear e = {0};
    const rb_run_hooks hooks = {.context = &e, .message = hear};
    rb_error error = {0};
    rb_run *run;
    char directory[RB_PATH_MAX];
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, &error), RB_ERR_NUMBER);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
    if (!strstr(e.saved, saved)) fail_msg("'%s' is not in: %s", saved, e.saved);
    rb_run_destroy(run);
    rb_config_destroy(config);
    assert_saved(directory, make, step);
}

// The update at step 100 spoils the weights, the next one notices.
static void test_weights(void **state)
{
    (void)state;
    fails(diverging("weights", "300"), diverging, "step 101: update 2: the loss is nan",
          "the newest checkpoint is of step 80, so", 80);
}

// At the last update of the run no later one notices: neither with nor without an evaluation is it saved.
static void test_last_update(void **state)
{
    (void)state;
    for (int evaluated = 0; evaluated < 2; evaluated++) {
        rb_config *config = diverging(evaluated ? "last_evaluated" : "last", "101");
        set(config, "eval.enabled", evaluated ? "true" : "false");
        fails(config, diverging, "step 101", "", 80);
    }
    rb_config *config = diverging("unsaved", "101");
    set(config, "checkpoint.every_steps", "0");
    fails(config, diverging,
          "the checkpoint at step 101 could not be written (no step of this run is saved): ", "", -1);
}

// A checkpoint and an evaluation that are due right after the update that spoils the weights.
static void test_periodic(void **state)
{
    (void)state;
    rb_config *config = diverging("checkpoint", "300");
    set(config, "checkpoint.every_steps", "101");
    fails(config, diverging, "the checkpoint at step 101 could not be written", "", -1);
    config = diverging("evaluation", "300");
    set(config, "eval.every_steps", "101");
    fails(config, diverging, "step 101: ", "the newest checkpoint is of step 80", 80);
}

// The run before an update whose loss is no number is saved whole, at the step of that update.
static void test_loss(void **state)
{
    (void)state;
    fails(losing("loss", "300"), losing, "step 100: update 1: the loss is inf",
          "the run is saved at step 101", 101);
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
