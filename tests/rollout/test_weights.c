// Weights of a checkpoint: damaged and non-finite ones are rejected by whatever plays them, and weights that
// are not finite are never saved or evaluated as good.
#include "train/run_fixture.h"

#include <math.h>

#include "io/safetensors.h"
#include "nn/net_impl.h"
#include "rollout/policy.h"
#include "rollout/weights.h"
#include "train/checkpoint.h"
#include "train/run_state.h"

static rb_run *trained;
static char checkpoint[RB_PATH_MAX], weights[RB_PATH_MAX + 32];

static int make_trained(void **state)
{
    if (make_root(state)) return -1;
    rb_config *config =
        CONFIGURE("cartpole", "--run.max_steps=60", "--agent.start_steps=30", "--replay.capacity=200",
                  "--agent.batch=4", "--net.hidden=8", "--net.mlp=8", "--eval.every_steps=0",
                  "--eval.episodes=1", "--compute.threads=1", "--tensorboard.enabled=false");
    trained = create(config);
    rb_config_destroy(config);
    if (rb_run_train(trained, NULL)) return -1;
    snprintf(checkpoint, sizeof checkpoint, "%.1000s/checkpoints/step_000000000060",
             rb_run_directory(trained));
    snprintf(weights, sizeof weights, "%s/weights.safetensors", checkpoint);
    return 0;
}

static int drop_trained(void **state)
{
    rb_run_destroy(trained);
    return drop_root(state);
}

static rb_status evaluate(rb_error *error)
{
    const rb_eval_options options = {.episodes = 1, .epsilon = -1, .threads = 1};
    rb_eval_result result = {0};
    rb_status status = rb_evaluate(checkpoint, &options, &result, error);
    rb_eval_result_free(&result);
    return status;
}

static void test_changed_weights_are_rejected(void **state)
{
    (void)state;
    char *bytes;
    size_t size;
    rb_error error = {0};
    assert_int_equal(evaluate(&error), RB_OK);
    assert_int_equal(rb_file_read(weights, &bytes, &size, NULL), RB_OK);
    for (size_t at = 0; at < size; at += size / 40) {
        bytes[at] ^= 1;
        assert_int_equal(rb_file_write(weights, bytes, size, NULL), RB_OK);
        assert_int_equal(evaluate(&error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, "weights.safetensors"));
        bytes[at] ^= 1;
    }
    assert_int_equal(rb_file_write(weights, bytes, size, NULL), RB_OK);
    assert_int_equal(evaluate(&error), RB_OK);
    free(bytes);
}

// A file without a checksum, as another program may write it, with one weight that is no number.
static void test_other_programs_nan_is_rejected(void **state)
{
    (void)state;
    char *kept, *bytes;
    size_t size;
    rb_error error = {0};
    const float not_finite[] = {NAN, INFINITY};
    assert_int_equal(rb_file_read(weights, &kept, &size, NULL), RB_OK);
    assert_int_equal(rb_file_read(weights, &bytes, &size, NULL), RB_OK);
    uint64_t length;
    memcpy(&length, bytes, 8);
    memcpy(strstr(bytes + 8, "rainbow_checksum"), "another_programs", 16);
    memcpy(strstr(bytes + 8, "xxh3_64:"), "crc____:", 8);
    assert_int_equal(rb_file_write(weights, bytes, size, NULL), RB_OK);
    assert_int_equal(evaluate(&error), RB_OK);
    for (int i = 0; i < 2; i++) {
        memcpy(bytes + 8 + length + 4 * 5, &not_finite[i], sizeof(float));
        assert_int_equal(rb_file_write(weights, bytes, size, NULL), RB_OK);
        assert_int_equal(evaluate(&error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, i ? "[5] is inf" : "[5] is nan"));
    }
    assert_int_equal(rb_file_write(weights, kept, size, NULL), RB_OK);
    free(kept);
    free(bytes);
}

// Settings that decide what the weights score must be those that they were trained with; others may differ.
static void test_changed_settings_are_rejected(void **state)
{
    (void)state;
    static const struct {
        const char *was, *is, *sentence; // NULL: accepted
    } changes[] = {{"gamma = 0.99", "gamma = 0.98",
                    "agent.gamma = 0.98, but the weights beside it were trained with 0.99"},
                   {"max_steps = 60", "max_steps = 61", "run.max_steps = 61"},
                   {"\nseed = 1\n", "\nseed = 2\n", "run.seed = 2"},
                   {"hidden = 8", "hidden = 9", "net.hidden = 9"},
                   {"root = \"/tmp", "root = \"/elsewhere", NULL}};
    char path[RB_PATH_MAX + 32], *text;
    size_t bytes;
    snprintf(path, sizeof path, "%s/config.ini", checkpoint);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char changed[16384];
        rb_error error = {0};
        const char *at = strstr(text, changes[i].was);
        assert_non_null(at);
        const int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text,
                                    changes[i].is, at + strlen(changes[i].was));
        assert_int_equal(rb_file_write(path, changed, (size_t)length, NULL), RB_OK);
        assert_int_equal(evaluate(&error), changes[i].sentence ? RB_ERR_FORMAT : RB_OK);
        if (changes[i].sentence && !strstr(error.message, changes[i].sentence)) fail_msg("%s", error.message);
    }
    assert_int_equal(rb_file_write(path, text, bytes, NULL), RB_OK);
    free(text);
}

// As the last update of a run can leave them: no later loss reveals it. Each tensor is tried.
static void test_diverged_weights_are_not_saved(void **state)
{
    (void)state;
    rb_net *net = rb_agent_online(trained->agent);
    rb_error error = {0};
    char never[RB_PATH_MAX + 32];
    snprintf(never, sizeof never, "%s/never", root);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        float values[1024], kept;
        assert_true(info.count <= 1024);
        rb_net_tensor_get(net, i, values);
        kept = values[info.count - 1];
        values[info.count - 1] = i % 2 ? NAN : -INFINITY;
        rb_net_tensor_set(net, i, values);

        trained->saved_step = trained->evaluated_step = -1;
        assert_int_equal(rb_checkpoint_write(trained, &error), RB_ERR_NUMBER);
        assert_non_null(strstr(error.message, info.name));
        assert_int_equal(rb_weights_write(net, never, NULL, 0, &error), RB_ERR_NUMBER);
        assert_false(rb_file_exists(never));
        assert_int_equal(rb_run_train(trained, &error), RB_ERR_NUMBER); // its last evaluation
        assert_non_null(strstr(error.message, info.name));

        values[info.count - 1] = kept;
        rb_net_tensor_set(net, i, values);
    }
    float *const moments[] = {net->layer[0].linear.bias.v, net->layer[0].linear.bias.m,
                              net->layer[1].linear.record + RB_PANEL,
                              net->layer[1].linear.record + 2 * RB_PANEL};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        const float kept = *moments[i];
        *moments[i] = i % 2 ? NAN : INFINITY;
        trained->saved_step = -1;
        assert_int_equal(rb_checkpoint_write(trained, &error), RB_ERR_NUMBER);
        assert_non_null(strstr(error.message, "the optimiser's mean of a gradient"));
        *moments[i] = kept;
    }
    assert_true(rb_file_exists(weights)); // the checkpoint of before
    assert_int_equal(rb_net_check_finite(net, NULL), RB_OK);
}

// What plays has the kernels that the run trained with, so that its values are the run's to the bit.
static void test_played_with_the_runs_kernels(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config = CONFIGURE("cartpole", "--run.max_steps=20", "--compute.kernels=plain", "--net.mlp=8",
                                  "--eval.episodes=1", "--eval.max_episode_steps=9", "--compute.threads=1");
    rb_run *run = create(config);
    rb_config_destroy(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    rb_policy policy = {0};
    if (rb_policy_open(&policy, rb_run_directory(run), 1, 1, &error)) fail_msg("%s", error.message);
    assert_string_equal(rb_compute_kernels(policy.compute), "plain");
    rb_policy_close(&policy);
    rb_run_destroy(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed_weights_are_rejected),
        cmocka_unit_test(test_other_programs_nan_is_rejected),
        cmocka_unit_test(test_changed_settings_are_rejected),
        cmocka_unit_test(test_diverged_weights_are_not_saved),
        cmocka_unit_test(test_played_with_the_runs_kernels),
    };
    return cmocka_run_group_tests(tests, make_trained, drop_trained);
}
