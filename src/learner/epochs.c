// See epochs.h. The end of an update overlaps the beginning of the next one, as in learning.c: the next
// minibatch is gathered, and its first layers run, while the wide layers are still being updated.
#include "learner/epochs.h"

#include <math.h>

#include "agent/acting.h"

void rb_learning_acted(rb_learning *learning, const int *streams, int count, const float *q,
                       const uint8_t *masks, int actions)
{
    // A device rounds batches of another size differently, and running statistics change, so a value computed
    // again after a resume would not be the same: all of them are computed when the rollout is closed.
    if (rb_agent_has_device(learning->agent) || learning->params->env.normalise) return;
    for (int k = 0; learning->rollout && k < count; k++) {
        const size_t row = (size_t)k * (size_t)actions;
        const int best = rb_q_best_allowed(q + row, masks ? masks + row : NULL, actions);
        rb_rollout_note(learning->rollout, streams[k], q[row + (size_t)best]);
    }
}

// A network that has diverged has no values, and a rollout would ask for them without end.
static rb_status check_values(const rb_learning *learning, int count, int64_t step, rb_error *error)
{
    for (int i = 0; i < count; i++) {
        if (isfinite(learning->values[i])) continue;
        return rb_error_set(error, RB_ERR_NUMBER,
                            "step %lld: the value of a state is %g, but learning needs finite numbers: a "
                            "smaller optim.learning_rate, or optim.clip_norm = 10, or smaller rewards",
                            (long long)step, (double)learning->values[i]);
    }
    return RB_OK;
}

// The batch of replay lends its memory to the states whose values are missing.
static rb_status close_rollout(rb_learning *learning, int64_t step, rb_error *error)
{
    rb_rollout *rollout = learning->rollout;
    rb_batch *batch = rb_replay_batch(learning->replay);
    const int most = rb_rollout_batch(rb_rollout_spec_of(rollout));
    for (int count; (count = rb_rollout_missing(rollout, batch->states, batch->masks, most));) {
        rb_agent_state_values(learning->agent, batch->states, batch->masks, count, learning->values);
        const rb_status status = check_values(learning, count, step, error);
        if (status) return status;
        rb_rollout_supply(rollout, learning->values);
    }
    rb_rollout_close(rollout, &learning->sampling);
    learning->rollout_step = step;
    learning->drawn = false;
    return RB_OK;
}

static bool draw(rb_learning *learning, rb_batch *batch, int ahead)
{
    if (!rb_rollout_gather(learning->rollout, batch, ahead)) return false;
    rb_agent_normalise_batch(learning->agent, batch);
    rb_agent_learn_begin(learning->agent, batch);
    return true;
}

// The minibatch after an update that succeeded.
static void take_next(rb_learning *learning)
{
    rb_batch *batch = rb_replay_batch(learning->replay), used = *batch;
    learning->drawn = rb_rollout_left(learning->rollout) > 0;
    if (!learning->drawn_next) {
        if (learning->drawn) draw(learning, batch, 0);
        return;
    }
    *batch = learning->next, learning->next = used;
    learning->drawn_next = false;
}

// While a device computes an update, the next minibatch of its epoch is gathered and sent.
static rb_status start(rb_learning *learning, rb_error *error)
{
    if (!rb_agent_has_device(learning->agent) || learning->waits) return RB_OK;
    const rb_status status = rb_agent_learn_start(learning->agent, rb_replay_batch(learning->replay), error);
    if (!status) learning->drawn_next = draw(learning, &learning->next, 1);
    return status;
}

static rb_status update(rb_learning *learning, rb_error *error)
{
    rb_learned learned;
    rb_batch *batch = rb_replay_batch(learning->replay);
    if (!learning->drawn) learning->drawn = draw(learning, batch, 0);
    rb_status status = start(learning, error);
    if (!status) status = rb_agent_learn_gradient(learning->agent, batch, &learned, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)learning->rollout_step);
    rb_agent_learn_apply(learning->agent); // continues in the background
    rb_agent_reset_if_due(learning->agent);
    rb_rollout_learned(learning->rollout, &learning->sampling);
    take_next(learning);
    if (learning->learned) learning->learned(learning->context, &learned);
    return RB_OK;
}

bool rb_learning_owes(const rb_learning *learning)
{
    return learning->rollout && rb_rollout_left(learning->rollout) > 0;
}

rb_status rb_learning_resume(rb_learning *learning, rb_error *error)
{
    rb_status status = RB_OK;
    if (!rb_learning_owes(learning)) return RB_OK;
    const double done = (double)learning->rollout_step / (double)learning->params->run.max_steps;
    rb_agent_anneal(learning->agent, done < 1 ? done : 1);
    while (!status && rb_rollout_left(learning->rollout) && !(learning->stop && *learning->stop))
        status = update(learning, error);
    rb_agent_learn_finish(learning->agent);
    return status;
}

rb_status rb_epochs_turn(rb_learning *learning, int64_t due, int64_t step, rb_error *error)
{
    if (due && !rb_rollout_left(learning->rollout)) {
        if (step < learning->params->agent.start_steps) {
            rb_rollout_discard(learning->rollout);
        } else {
            const rb_status status = close_rollout(learning, step, error);
            if (status) return status;
        }
    }
    return rb_learning_resume(learning, error);
}

void rb_epochs_visit(rb_learning *learning, rb_visitor *v)
{
    if (rb_visitor_loading(v))
        learning->drawn = learning->drawn_next = false; // the minibatch is gathered again
    rb_visit_i64(v, "rollout_step", &learning->rollout_step);
    rb_visit_limits(v, "rollout_step", learning->rollout_step, 0, INT64_MAX / 2);
    rb_rollout_visit(learning->rollout, v);
}
