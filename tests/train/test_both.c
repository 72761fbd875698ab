// Whole runs in which a picture comes together with a vector (tests/own/both_env.c): they learn what needs
// both parts, and only then; a run that stops resumes bit for bit; threads change nothing; numbers that are
// not finite end a run; traces hold both parts.
#include "train/stop_and_resume.h"

#include <math.h>

#include "rainbow/check.h"
#include "base/file.h"
#include "rainbow/evaluate.h"
#include "rainbow/export.h"
#include "replay/replay_state.h"

#define BOTH RB_TEST_OWN "/both.so"

static rb_config *small(void)
{
    return CONFIGURE(BOTH, "--run.max_steps=900", "--replay.capacity=300", "--agent.start_steps=60",
                     "--agent.batch=8", "--agent.update_every_steps=4", "--agent.target_every_steps=100",
                     "--eval.every_steps=400", "--eval.episodes=5", "--checkpoint.every_steps=250",
                     "--net.hidden=16", "--net.layers=conv 8 3 1, relu, append, linear 24, relu",
                     "--explore.steps=500", "--env.stack=3", "--compute.threads=1",
                     "--tensorboard.enabled=false");
}

static uint64_t end_of(rb_config *config)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    return hash;
}

// Without replay.
static void roll(rb_config *config)
{
    static const char *const settings[][2] = {
        {"agent.rollout_steps", "15"}, {"agent.minibatches", "5"},      {"env.count", "4"},
        {"agent.double_q", "false"},   {"replay.prioritized", "false"}, {"agent.n_step", "1"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        set(config, settings[i][0], settings[i][1]);
}

static void a_stopped_run_resumes_bit_for_bit(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        rb_config *config = small();
        if (kind == 1 && !rb_packed_available()) continue;
        if (kind == 1) set(config, "replay.compress", "lz4"), set(config, "env.count", "2");
        if (kind == 2) roll(config);
        if (kind == 3)
            set(config, "agent.head", "implicit"), set(config, "net.layers", "conv 8 3 1, relu, append");
        const uint64_t whole = end_of(config);
        for (int64_t step = 130; step < 900; step += 290) {
            rb_run *run = stop_and_resume(config, step);
            assert_int_equal(rb_run_train(run, NULL), RB_OK);
            assert_true(hash_of(run) == whole);
            rb_run_destroy(run);
        }
        rb_config_destroy(config);
    }
}

static void threads_change_nothing(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "env.count", "4");
    const uint64_t one = end_of(config);
    set(config, "compute.threads", "3");
    assert_true(end_of(config) == one);
    rb_config_destroy(config);
}

// The mean of an evaluation after some training; by chance it is 10.
static double score(const char *hidden)
{
    rb_config *config =
        CONFIGURE(BOTH, "--run.max_steps=4000", "--agent.start_steps=200", "--explore.steps=1500",
                  "--eval.every_steps=4000", "--eval.episodes=20", "--compute.threads=1",
                  "--tensorboard.enabled=false", "--checkpoint.every_steps=0");
    set(config, "env.options", hidden);
    rb_run *run = create(config);
    rb_error error = {0};
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/eval.csv", rb_run_directory(run));
    FILE *file = fopen(path, "r");
    char line[512];
    double mean = -1;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) sscanf(line, "%*d,%*d,%*d,%lf", &mean);
    fclose(file);
    rb_run_destroy(run);
    rb_config_destroy(config);
    return mean;
}

static void both_parts_are_needed(void **state)
{
    (void)state;
    const double both = score(""), no_picture = score("picture"), no_vector = score("vector");
    if (!(both > 18)) fail_msg("with both parts %g of 20", both);
    if (!(no_picture < 14 && no_vector < 14))
        fail_msg("without the picture %g, without the vector %g", no_picture, no_vector);
}

static void numbers_must_be_finite(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "env.options", "nan");
    rb_run *run = create(config);
    rb_error error = {0};
    assert_int_equal(rb_run_train(run, &error), RB_ERR_NUMBER);
    assert_non_null(strstr(error.message, "value 38 of an observation is NaN; all must be finite"));
    rb_run_destroy(run);
    rb_check_result found;
    assert_int_equal(rb_check_env(config, 100, &found, &error), RB_OK);
    assert_true(found.failures > 0 && found.vector == 3);
    set(config, "env.options", "");
    assert_int_equal(rb_check_env(config, 100, &found, &error), RB_OK);
    for (int i = 0; i < found.count; i++)
        if (found.failures) print_message("%s: %s\n", found.lines[i].what, found.lines[i].found);
    assert_int_equal(found.failures, 0);
    rb_config_destroy(config);
}

// What can't be: normalised observations, and a list that does not say where the vector joins.
static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *sentence;
    } faults[] = {
        {"env.normalise", "true",
         "env.normalise = true: only vectors of floats can be normalised, but this "
         "environment's observations are a picture with a vector (3 x 6 x 6); set it to false"},
        {"net.layers", "conv 8 3 1, relu, linear 24",
         "net.layers: layer 3, linear 24: the observation is a picture with a vector of 9 numbers, which "
         "joins nowhere "
         "before it; put append before it"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        rb_config *config = small();
        set(config, faults[i].key, faults[i].value);
        rb_run *run;
        rb_error error = {0};
        assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_USAGE);
        if (!strstr(error.message, faults[i].sentence)) fail_msg("%s", error.message);
        rb_config_destroy(config);
    }
}

// The values of a tensor in a safetensors file, of this type and shape.
static const void *tensor(const char *data, const char *name, const char *form)
{
    uint64_t header;
    char key[96];
    memcpy(&header, data, sizeof header);
    snprintf(key, sizeof key, "\"%s\":{%s", name, form);
    const char *entry = strstr(data + 8, key), *offsets = entry ? strstr(entry, "data_offsets\":[") : NULL;
    assert_non_null(offsets);
    return data + 8 + header + strtoull(offsets + strlen("data_offsets\":["), NULL, 10);
}

// Observations are the pictures, and vectors what stands beside them; a C file can't be written, an ONNX file
// can.
static void a_trace_holds_both(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], file[RB_PATH_MAX];
    rb_error error = {0};
    rb_config *config = small();
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    rb_run_destroy(run);
    snprintf(file, sizeof file, "%.1000s/trace.safetensors", directory);
    const rb_eval_options options = {
        .episodes = 20, .epsilon = 0.3, .seed = 3, .threads = 1, .trace = file, .trace_steps = 200};
    rb_eval_result result;
    if (rb_evaluate(directory, &options, &result, &error)) fail_msg("%s", error.message);
    rb_eval_result_free(&result);
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(file, &data, &bytes, NULL), RB_OK);
    const uint8_t *seen = tensor(data, "observations", "\"dtype\":\"U8\",\"shape\":[200,3,6,6]");
    const char *vectors = tensor(data, "vectors", "\"dtype\":\"F32\",\"shape\":[200,3,3]");
    for (int frame = 0; frame < 200 * 3; frame++, seen += 36, vectors += 3 * sizeof(float)) {
        int lit = 0, dark = 0;
        for (int i = 0; i < 36; i++) lit += seen[i] == 255, dark += seen[i] == 0;
        float numbers[3];
        memcpy(numbers, vectors, sizeof numbers);
        assert_true(lit == 1 && dark == 35);
        assert_true(numbers[0] >= 0 && numbers[0] < 1 && fabsf(numbers[1]) == 1 && numbers[2] == 0.5f);
    }
    free(data);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_run_resumes_bit_for_bit),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(both_parts_are_needed),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_trace_holds_both),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
