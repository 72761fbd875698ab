// Whole runs with action masks, on Reversi (examples/reversi.c): no forbidden action reaches replay or an
// evaluation; a run that stops, also with its replay in files, resumes bit for bit; the mask decides.
#include "train/stop_and_resume.h"

#include "base/mask.h"
#include "replay/replay_state.h"

#define REVERSI RB_TEST_OWN "/reversi.so"

static rb_config *small(void)
{
    return CONFIGURE(REVERSI, "--run.max_steps=900", "--replay.capacity=300", "--agent.start_steps=60",
                     "--agent.batch=8", "--agent.update_every_steps=4", "--agent.target_every_steps=100",
                     "--eval.every_steps=400", "--eval.episodes=5", "--checkpoint.every_steps=250",
                     "--net.hidden=16", "--explore.steps=500", "--compute.threads=1",
                     "--tensorboard.enabled=false");
}

// The same without replay.
static void roll(rb_config *config)
{
    static const char *const settings[][2] = {
        {"agent.rollout_steps", "15"}, {"agent.minibatches", "5"},      {"env.count", "4"},
        {"agent.double_q", "false"},   {"replay.prioritized", "false"}, {"agent.n_step", "1"},
        {"net.norm", "layer"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        set(config, settings[i][0], settings[i][1]);
}

// Every stored state allows its action, and the mask is the one that the rules give for its frame.
static void check_replay(const rb_run *run)
{
    for (int stream = 0; stream < run->replay->spec.streams; stream++) {
        const rb_ring *ring = &run->replay->rings[stream];
        assert_int_equal(ring->masked_actions, 36);
        for (uint64_t serial = rb_ring_oldest(ring); serial < ring->head; serial++) {
            const rb_row *row = &ring->row[rb_ring_slot(ring, serial)];
            uint8_t mask[36];
            assert_true(rb_mask_packed_valid(rb_ring_mask(ring, serial), 36));
            rb_mask_unpack(mask, rb_ring_mask(ring, serial), 36);
            if (row->flags & RB_ROW_ACTED) assert_true(mask[row->action]);
            if (!ring->frames) continue; // they are compressed
            const uint8_t *frame = ring->frames + (size_t)rb_ring_slot(ring, serial) * ring->frame_bytes;
            for (int cell = 0; cell < 36; cell++)
                if (mask[cell]) assert_true(!frame[cell] && !frame[36 + cell]); // legal moves are empty cells
        }
    }
}

// docs/faults.md, 18
static void no_forbidden_action_is_taken(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        rb_config *config = small();
        if (kind == 3) roll(config);
        if (kind == 1) set(config, "env.count", "3");
        if (kind == 2) set(config, "env.count", "4"), set(config, "env.asynchronous", "true");
        rb_run *run = create(config);
        assert_int_equal(rb_run_train(run, NULL), RB_OK);
        check_replay(run);
        assert_true(rb_vector_env_spec(run->envs)->masks);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
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

static void a_stopped_run_resumes_bit_for_bit(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        rb_config *config = small();
        if (kind == 2) roll(config);
        if (kind == 1) {
            if (!rb_packed_available()) continue;
            set(config, "replay.compress", "lz4");
            set(config, "env.count", "2");
        }
        const uint64_t whole = end_of(config);
        for (int64_t step = 130; step < 900; step += 290) {
            rb_run *run = stop_and_resume(config, step);
            assert_int_equal(rb_run_train(run, NULL), RB_OK);
            assert_true(hash_of(run) == whole);
            check_replay(run);
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

// A run that ignores masks stores none, and plays otherwise.
static void masks_can_be_ignored(void **state)
{
    (void)state;
    rb_config *config = small();
    const uint64_t with = end_of(config);
    set(config, "env.masks", "false");
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    assert_true(hash_of(run) != with);
    assert_int_equal(run->replay->rings[0].masked_actions, 0);
    assert_null(run->replay->rings[0].masks);
    assert_null(rb_replay_batch(run->replay)->masks);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// The values of a tensor in a safetensors file.
static const void *tensor(const char *data, const char *name)
{
    uint64_t header, begin;
    char key[32];
    memcpy(&header, data, sizeof header);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *entry = strstr(data + 8, key), *offsets = entry ? strstr(entry, "data_offsets\":[") : NULL;
    assert_non_null(offsets);
    begin = strtoull(offsets + strlen("data_offsets\":["), NULL, 10);
    return data + 8 + header + begin;
}

// The trace of an evaluation has the masks beside the actions; at random no forbidden one is taken either.
static void a_trace_holds_the_masks(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], file[RB_PATH_MAX];
    rb_config *config = small();
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    rb_run_destroy(run);
    snprintf(file, sizeof file, "%.1000s/trace.safetensors", directory);
    for (int random = 0; random < 2; random++) {
        const rb_eval_options options = {
            .episodes = 20, .epsilon = random, .seed = 3, .threads = 1, .trace = file, .trace_steps = 200};
        rb_eval_result result;
        rb_error error = {0};
        if (rb_evaluate(directory, &options, &result, &error)) fail_msg("%s", error.message);
        rb_eval_result_free(&result);
        char *data;
        size_t bytes;
        assert_int_equal(rb_file_read(file, &data, &bytes, NULL), RB_OK);
        assert_non_null(strstr(data + 8, "\"masks\":{\"dtype\":\"U8\",\"shape\":[200,36]"));
        const uint8_t *masks = tensor(data, "masks");
        const float *q = tensor(data, "q_values");
        const int32_t *actions = tensor(data, "actions");
        for (int t = 0; t < 200; t++) {
            const uint8_t *mask = masks + t * 36;
            assert_true(rb_mask_odd(mask, 36) < 0 && mask[actions[t]]);
            for (int a = 0; a < 36 && !random; a++)
                if (mask[a]) assert_true(q[t * 36 + a] <= q[t * 36 + actions[t]]);
        }
        free(data);
    }
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_forbidden_action_is_taken), cmocka_unit_test(a_stopped_run_resumes_bit_for_bit),
        cmocka_unit_test(threads_change_nothing),       cmocka_unit_test(masks_can_be_ignored),
        cmocka_unit_test(a_trace_holds_the_masks),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
