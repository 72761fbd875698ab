// Intensities reach every pass of an update: a batch with factors is the batch whose observations were
// multiplied before. The factors are powers of two, so the two have the same bits.
#include "agent/agent_kit.h"

enum { PLANES = 5, ACTIONS = 3 };

static const float factors[] = {0.5f, 1, 2};

static uint64_t learn(const rb_agent_spec *spec, float *now, float *next, bool multiplied)
{
    kit k = kit_open(spec, 1);
    rb_batch *batch = kit_batch(spec);
    rb_error error = {0};
    rb_learned learned;
    for (uint64_t update = 0; update < 3; update++) {
        kit_batch_fill(batch, spec, false, update);
        if (multiplied)
            for (int i = 0; i < batch->size * PLANES; i++)
                ((float *)batch->states)[i] *= now[i / PLANES],
                    ((float *)batch->next_states)[i] *= next[i / PLANES];
        else
            batch->intensities = now, batch->next_intensities = next;
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_OK);
    }
    const uint64_t hash = kit_hash(&k);
    kit_batch_free(batch);
    kit_close(&k);
    return hash;
}

static void every_pass_is_multiplied(void **state)
{
    (void)state;
    enum { BATCH = 16 };
    float now[BATCH], next[BATCH], ones[BATCH];
    for (int i = 0; i < BATCH; i++)
        now[i] = factors[i % 3], next[i] = factors[(i + 1 + i / 3) % 3], ones[i] = 1;
    // Double: s' by both networks; a soft maximum: s by the target too; implicit heads: with fractions.
    for (int kind = 0; kind < KIT_HEADS; kind++)
        for (int doubled = 0; doubled < 2; doubled++) {
            rb_agent_spec spec = kit_spec(PLANES, ACTIONS);
            kit_head(&spec, kind);
            spec.agent.double_q = doubled && !spec.agent.munchausen;
            const uint64_t wanted = learn(&spec, now, next, true);
            assert_true(learn(&spec, now, next, false) == wanted);
            assert_true(learn(&spec, ones, next, false) != wanted);
            assert_true(learn(&spec, now, ones, false) != wanted);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_pass_is_multiplied)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
