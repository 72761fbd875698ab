// The agent's side of a device, with one that computes nothing: which weights are newer, and what happens if
// the device fails.
#include "agent/agent_kit.h"

#include "agent/device.h"

typedef struct pretender {
    rb_device base;
    int sent, fetched, acted, loaded, begun, learned, blended;
    int found;        // updates whose batch was there already
    float there;      // "weights": what the device's first bias is
    bool fails, lost; // in an update or in acting; and in giving its weights back
    bool late;        // in an update that had begun
    double share;
} pretender;

static pretender *of(rb_device *device)
{
    return (pretender *)device;
}

static rb_status prepare(rb_device *device, const rb_agent_spec *spec, const rb_net *online,
                         const rb_net *target, rb_error *error)
{
    (void)device, (void)spec, (void)online;
    assert_non_null(target);
    (void)error;
    return RB_OK;
}

static rb_status send(rb_device *device, const rb_net *online, const rb_net *target, rb_error *error)
{
    float bias[64];
    (void)target, (void)error;
    rb_net_tensor_get(online, 1, bias);
    of(device)->there = bias[0];
    of(device)->sent++;
    return RB_OK;
}

static rb_status fetch(rb_device *device, rb_net *online, rb_net *target, rb_error *error)
{
    float bias[64];
    (void)target;
    if (of(device)->lost) return rb_error_set(error, RB_ERR_ENV, "the device is lost");
    rb_net_tensor_get(online, 1, bias);
    bias[0] = of(device)->there;
    rb_net_tensor_set(online, 1, bias);
    of(device)->fetched++;
    return RB_OK;
}

static rb_status act(rb_device *device, const rb_device_act *a, rb_error *error)
{
    if (of(device)->fails) return rb_error_set(error, RB_ERR_ENV, "the device can't act");
    for (int i = 0; i < 4 * a->count; i++) a->q[i] = (float)(i % 4 == 2);
    of(device)->acted++;
    return RB_OK;
}

static rb_status load(rb_device *device, const rb_batch *batch, rb_error *error)
{
    (void)batch, (void)error;
    of(device)->loaded++;
    return RB_OK;
}

static rb_status learn(rb_device *device, const rb_device_update *update, rb_error *error)
{
    pretender *p = of(device);
    if (p->fails) return rb_error_set(error, RB_ERR_MEMORY, "the device has too little memory");
    p->there += 1;
    p->begun++;
    p->found += update->loaded;
    return RB_OK;
}

static rb_status learned(rb_device *device, float *priorities, rb_learned *learned, float *largest,
                         rb_error *error)
{
    pretender *p = of(device);
    if (p->late) return rb_error_set(error, RB_ERR_ENV, "the device stopped");
    *learned = (rb_learned){.loss = 1};
    *largest = 1;
    for (int i = 0; i < 16; i++) priorities[i] = 3;
    p->learned++;
    return RB_OK;
}

static rb_status blend(rb_device *device, double share, rb_error *error)
{
    if (of(device)->fails) return rb_error_set(error, RB_ERR_ENV, "the device can't blend");
    of(device)->share = share;
    of(device)->blended++;
    return RB_OK;
}

static void destroy(rb_device *device)
{
    (void)device;
}

static const char *name(const rb_device *device)
{
    (void)device;
    return "pretender";
}

static void memory(rb_device *device, char *out, size_t bytes)
{
    (void)device, (void)out, (void)bytes;
}

static pretender made(void)
{
    static const rb_device_class class = {.prepare = prepare,
                                          .send = send,
                                          .fetch = fetch,
                                          .act = act,
                                          .load = load,
                                          .learn = learn,
                                          .learned = learned,
                                          .blend = blend,
                                          .destroy = destroy,
                                          .name = name,
                                          .memory = memory};
    return (pretender){.base = {&class}};
}

static kit opened(rb_agent_spec *spec, pretender *p)
{
    *spec = kit_noisy_spec(6, 4);
    spec->device = &p->base;
    return kit_open(spec, 1);
}

static float first_bias(kit *k)
{
    float bias[64];
    rb_net_tensor_get(rb_agent_online(k->agent), 1, bias);
    return bias[0];
}

// Weights travel only if the other side is about to use them and has old ones.
static void test_weights_travel_when_needed(void **state)
{
    (void)state;
    pretender p = made();
    rb_agent_spec spec;
    rb_learned learned;
    kit k = opened(&spec, &p);
    rb_batch *batch = kit_batch(&spec);
    const float before = first_bias(&k);
    assert_int_equal(p.sent + p.fetched, 0);
    for (int i = 0; i < 3; i++) assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    assert_int_equal(p.sent, 1);
    assert_int_equal(p.fetched, 0);
    assert_true(batch->priorities[5] == 3);
    assert_true(fabsf(first_bias(&k) - before - 3) < 1e-5f);
    assert_int_equal(p.fetched, 1);
    kit_hash(&k);
    assert_int_equal(p.fetched, 1); // they are here already
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    assert_int_equal(p.sent, 2); // whoever asked for the network may have changed it
    rb_agent_target_update(k.agent);
    assert_int_equal(p.blended, 1);
    assert_true(p.share == spec.agent.target_tau);
    kit_hash(&k);
    assert_int_equal(p.fetched, 2);
    kit_batch_free(batch);
    kit_close(&k);
}

static void act_once(kit *k, const rb_batch *batch, float *q)
{
    rb_rng dice[8];
    double epsilon[8] = {0};
    int32_t actions[8];
    for (int i = 0; i < 8; i++) dice[i] = rb_rng_stream(1, RB_RNG_TEST, (uint64_t)i);
    rb_agent_act(k->agent, batch->states, NULL, 8, epsilon, dice, actions, q);
}

static void test_acting(void **state)
{
    (void)state;
    pretender p = made();
    rb_agent_spec spec;
    float q[32];
    kit k = opened(&spec, &p);
    rb_batch *batch = kit_batch(&spec);
    act_once(&k, batch, q);
    assert_int_equal(p.acted, 1);
    assert_true(q[2] == 1 && q[3] == 0);
    kit_batch_free(batch);
    kit_close(&k);
}

// Acting can't fail: it goes on here, and the failure is told by whoever can.
static void test_failures(void **state)
{
    (void)state;
    pretender p = made();
    rb_agent_spec spec;
    rb_learned learned;
    rb_error error = {0};
    float q[32];
    kit k = opened(&spec, &p);
    rb_batch *batch = kit_batch(&spec);
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_OK);
    assert_int_equal(rb_agent_check(k.agent, &error), RB_OK);
    p.fails = true;
    act_once(&k, batch, q);
    assert_int_equal(rb_agent_check(k.agent, &error), RB_ERR_ENV);
    assert_string_equal(error.message, "the device can't act");
    p.fails = false;
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error),
                     RB_ERR_ENV); // not as if nothing had been
    assert_int_equal(p.learned, 1);
    kit_hash(&k); // the weights could be fetched, so the state is whole
    kit_batch_free(batch);
    kit_close(&k);
}

// An update is begun, other things are done, and it is ended: what is learned is the same.
static void test_an_update_in_two_parts(void **state)
{
    (void)state;
    pretender p = made();
    rb_agent_spec spec;
    rb_learned learned;
    kit k = opened(&spec, &p);
    rb_batch *batch = kit_batch(&spec), *next = kit_batch(&spec);
    rb_agent_learn_begin(k.agent, batch);
    assert_int_equal(rb_agent_learn_start(k.agent, batch, NULL), RB_OK);
    assert_int_equal(p.begun, 1);
    assert_int_equal(p.learned, 0);
    assert_int_equal(rb_agent_updates(k.agent), 0);
    rb_agent_learn_begin(k.agent, next);
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    assert_int_equal(p.learned, 1);
    assert_int_equal(rb_agent_updates(k.agent), 1);
    assert_true(batch->priorities[3] == 3);
    assert_int_equal(rb_agent_learn(k.agent, next, &learned, NULL), RB_OK);
    assert_int_equal(p.loaded, 2);
    assert_int_equal(p.found, 2); // both batches had been sent ahead
    assert_int_equal(rb_agent_learn(k.agent, next, &learned, NULL), RB_OK);
    assert_int_equal(p.found, 2); // this one had not
    kit_batch_free(batch), kit_batch_free(next);
    kit_close(&k);
}

// Whether an update fails at its beginning or at its end, what can be saved is the state before it.
static void test_a_failed_update_leaves_no_trace(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        pretender p = made();
        rb_agent_spec spec;
        rb_learned learned;
        rb_error error = {0};
        kit k = opened(&spec, &p);
        rb_batch *batch = kit_batch(&spec);
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_OK);
        const uint64_t before = kit_hash(&k);
        const float there = p.there;
        p.fails = !late, p.late = late;
        assert_true(rb_agent_learn(k.agent, batch, &learned, &error) != RB_OK);
        assert_non_null(strstr(error.message, late ? "the device stopped" : "too little memory"));
        p.there = there; // a device that undoes what it had begun
        assert_true(kit_hash(&k) == before);
        kit_batch_free(batch);
        kit_close(&k);
    }
}

// The target network's update can't fail: if the device does, it is made here.
static void test_a_target_that_fails(void **state)
{
    (void)state;
    pretender p = made();
    rb_agent_spec spec;
    rb_learned learned;
    kit k = opened(&spec, &p);
    rb_batch *batch = kit_batch(&spec);
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
    p.fails = true;
    rb_agent_target_copy(k.agent);
    assert_int_equal(p.blended, 0);
    assert_int_equal(rb_agent_check(k.agent, NULL), RB_ERR_ENV);
    assert_true(kit_same_weights(rb_agent_online(k.agent), rb_agent_target(k.agent)));
    kit_batch_free(batch);
    kit_close(&k);
}

static void test_a_lost_device_is_not_saved(void **state)
{
    (void)state;
    pretender p = made();
    rb_agent_spec spec;
    rb_learned learned;
    rb_error error = {0};
    uint64_t hash;
    rb_visitor *visitor;
    kit k = opened(&spec, &p);
    rb_batch *batch = kit_batch(&spec);
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_OK);
    p.fails = p.lost = true;
    assert_int_equal(rb_agent_learn(k.agent, batch, &learned, &error), RB_ERR_MEMORY);
    assert_int_equal(rb_visitor_hash(&visitor, NULL), RB_OK);
    rb_agent_visit(k.agent, visitor);
    assert_int_equal(rb_visitor_finish(visitor, &hash, &error), RB_ERR_MEMORY);
    assert_non_null(strstr(error.message, "too little memory"));
    kit_batch_free(batch);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_travel_when_needed),
        cmocka_unit_test(test_acting),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_an_update_in_two_parts),
        cmocka_unit_test(test_a_failed_update_leaves_no_trace),
        cmocka_unit_test(test_a_target_that_fails),
        cmocka_unit_test(test_a_lost_device_is_not_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
