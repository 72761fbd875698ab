// Running normalisation of observations: the statistics of Gymnasium's RunningMeanStd, bit for bit; the
// numbers that it and Stable-Baselines3 make of frames; statistics as tensors, which files hold.
#include "nn/net_impl.h"
#include "nn/net_kit.h"

enum { NUMBERS = 4, FRAMES_MOST = 7 };

static void read_numbers(FILE *file, const char *word, double *out, int count)
{
    char got[16];
    assert_int_equal(fscanf(file, "%15s", got), 1);
    assert_string_equal(got, word);
    for (int i = 0; i < count; i++) assert_int_equal(fscanf(file, "%la", &out[i]), 1);
}

static rb_net_spec spec_of(int frames)
{
    rb_net_spec spec = {.planes = NUMBERS * frames,
                        .height = 1,
                        .width = 1,
                        .actions = 2,
                        .outputs = 1,
                        .normalised = NUMBERS,
                        .clip = 2,
                        .params = {.trunk = RB_TRUNK_MLP}};
    strcpy(spec.params.mlp, "8");
    return spec;
}

// The statistics are the last three tensors.
static int statistic(const rb_net *net, const char *name)
{
    rb_net_tensor info;
    for (int i = rb_net_tensor_count(net) - 3; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, &info);
        assert_true(info.buffer);
        if (!strcmp(info.name, name)) return i;
    }
    fail_msg("no tensor %s", name);
    return -1;
}

static double state_number(const rb_net *net, int number, const char *name)
{
    float out[NUMBERS];
    rb_net_tensor_get(net, statistic(net, name), out);
    return (double)out[number];
}

static void test_statistics_of_gymnasium(void **state)
{
    (void)state;
    kit k = kit_open(1, "reference");
    const rb_net_spec spec = spec_of(1);
    rb_net *net = kit_net(&k, &spec, true);
    FILE *file = fopen(RB_TEST_DATA "/normalise.txt", "r");
    assert_non_null(file);
    int batches = 0, count;
    bool clipped = false;
    while (fscanf(file, " batch %d", &count) == 1) {
        float frames[FRAMES_MOST * NUMBERS], seen[FRAMES_MOST * NUMBERS];
        double frame[NUMBERS], want[1 + 2 * NUMBERS];
        assert_in_range(count, 1, FRAMES_MOST);
        for (int i = 0; i < count; i++) {
            read_numbers(file, "frame", frame, NUMBERS);
            for (int n = 0; n < NUMBERS; n++) frames[i * NUMBERS + n] = (float)frame[n];
        }
        rb_net_follow(net, frames, count, NUMBERS);
        read_numbers(file, "count", want, 1);
        read_numbers(file, "mean", want + 1, NUMBERS);
        read_numbers(file, "var", want + 1 + NUMBERS, NUMBERS);
        const rb_running *r = &net->running;
        for (int i = 0; i < 1 + 2 * NUMBERS; i++) {
            const double got = !i ? r->count : i <= NUMBERS ? r->mean[i - 1] : r->variance[i - 1 - NUMBERS];
            if (got != want[i])
                fail_msg("batch %d: number %d is %a, in Gymnasium %a", batches, i, got, want[i]);
        }
        rb_net_normalise(net, frames, count, seen);
        for (int i = 0; i < count; i++) {
            read_numbers(file, "out", frame, NUMBERS);
            for (int n = 0; n < NUMBERS; n++) {
                const double is = (double)seen[i * NUMBERS + n];
                if (fabs(is - frame[n]) > 5e-6 * (1 + fabs(frame[n])))
                    fail_msg("batch %d: normalised %g, in Gymnasium %g", batches, is, frame[n]);
                clipped = clipped || is == 2;
            }
        }
        batches++;
    }
    fclose(file);
    assert_int_equal(batches, 14);
    assert_true(clipped);
    kit_close(&k);
}

// A network whose tensors were set from another's normalises to the same bits; each frame of a stack alike.
static void test_tensors_and_stacks(void **state)
{
    (void)state;
    kit k = kit_open(1, "reference");
    const rb_net_spec one = spec_of(1), three = spec_of(3);
    rb_net *net = kit_net(&k, &one, true), *stacked = kit_net(&k, &three, true);
    const float frames[3 * NUMBERS] = {1, -20, 3e4f, 0.1f, 7, -21, 3.5e4f, 0.3f, -3, -22, 1e4f, 0.7f};
    float alone[3 * NUMBERS], together[3 * NUMBERS], in_place[3 * NUMBERS];
    rb_net_follow(net, frames, 3, NUMBERS);
    static const char *const names[] = {"normalise.mean", "normalise.var", "normalise.count"};
    for (int i = 0; i < 3; i++) {
        float values[NUMBERS];
        rb_net_tensor_get(net, statistic(net, names[i]), values);
        rb_net_tensor_set(stacked, statistic(stacked, names[i]), values);
    }
    assert_true(fabs(state_number(stacked, 0, "normalise.mean") - 5.0 / 3) < 1e-3);
    assert_true(fabs(state_number(stacked, 0, "normalise.count") - 3) < 1e-3);
    rb_net_normalise(net, frames, 3, alone);
    rb_net_normalise(stacked, frames, 1, together);
    memcpy(in_place, frames, sizeof frames);
    rb_net_normalise(stacked, in_place, 1, in_place);
    assert_memory_equal(alone, together, sizeof alone);
    assert_memory_equal(alone, in_place, sizeof alone);
    assert_true(alone[0] != frames[0]);
    kit_close(&k);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    kit k = kit_open(1, "reference");
    for (int kind = 0; kind < 2; kind++) {
        rb_net_spec spec = spec_of(1);
        rb_net *net;
        spec.bytes = kind;
        if (!kind) spec.height = 3;
        assert_int_equal(rb_net_create(&net, &spec, true, k.compute, k.arena, &k.error), RB_ERR_USAGE);
        assert_non_null(strstr(k.error.message, "env.normalise = true: only vectors of floats"));
        assert_non_null(strstr(k.error.message, kind ? "bytes" : "pictures"));
    }
    const rb_net_spec spec = spec_of(1);
    rb_net *net = kit_net(&k, &spec, true);
    const float huge[NUMBERS] = {0, 0, 1e30f, 0};
    rb_net_follow(net, huge, 1, NUMBERS);
    assert_int_equal(rb_net_check_finite(net, &k.error), RB_ERR_NUMBER);
    assert_non_null(strstr(k.error.message, "number 2 of the observations"));
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics_of_gymnasium),
        cmocka_unit_test(test_tensors_and_stacks),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
