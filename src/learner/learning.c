#include "learner/learning.h"

#include "learner/epochs.h"
#include "learner/replay_spec.h"
#include "replay/augment.h"
#include "rollout/agent_spec.h"

rb_status rb_learning_init(rb_learning *learning, const rb_params *params, rb_agent *agent, rb_replay *replay,
                           rb_arena *arena, rb_error *error)
{
    *learning = (rb_learning){.params = params, .agent = agent, .replay = replay};
    learning->sampling = rb_rng_stream((uint64_t)params->run.seed, RB_RNG_SAMPLE, 0);
    const bool independent = !params->replay.prioritized && !params->agent.anneal_updates;
    if (rb_agent_has_device(agent) && (independent || params->agent.rollout_steps))
        rb_replay_take_batch(replay, &learning->next, arena);
    if (rb_agent_has_device(agent) && params->replay.on_device) {
        learning->sent = RB_TAKE(arena, uint64_t, params->env.count);
        learning->slots = RB_TAKE(arena, int32_t, RB_FRAMES_MOST);
        learning->frames = rb_arena_take(arena, RB_FRAMES_MOST * rb_replay_frame_bytes(replay));
    }
    if (!params->agent.rollout_steps) return rb_arena_check(arena, error);
    const rb_rollout_spec spec = rb_rollout_spec_make(params);
    learning->values = RB_TAKE(arena, float, rb_replay_batch(replay)->size);
    return rb_rollout_create(&learning->rollout, &spec, replay, arena, error);
}

int64_t rb_learning_due(const rb_params *params, int64_t nth, int64_t played)
{
    const rb_agent_params *p = &params->agent;
    if (p->rollout_steps) return nth > 1 && (nth - 1) % (p->rollout_steps * params->env.count) == 0;
    if (nth % p->update_every_steps) return 0;
    return p->skip_episode_steps && played < p->skip_episode_steps ? 0 : p->updates;
}

// ---- the target network: counted in games, or else in steps, or else in updates

static bool target_counts_steps(const rb_agent_params *p)
{
    return !p->target_every_episodes && p->target_every_steps;
}

static bool target_counts_updates(const rb_agent_params *p)
{
    return !p->target_every_episodes && !p->target_every_steps;
}

static void update_target(rb_learning *learning)
{
    rb_agent_target_update(learning->agent);
    if (learning->target) learning->target(learning->context);
}

void rb_learning_target_if_due(rb_learning *learning, int64_t step_before, int64_t step, int64_t games_before,
                               int64_t games)
{
    const rb_agent_params *p = &learning->params->agent;
    if (rb_is_due(games_before, games, p->target_every_episodes) ||
        (target_counts_steps(p) && rb_is_due(step_before, step, p->target_every_steps)))
        update_target(learning);
}

// Precomputing with the current target network pays only if the next update still uses it.
static bool target_outlasts_updates(const rb_agent_params *p)
{
    return !target_counts_steps(p) || p->target_every_steps > p->update_every_steps;
}

// ---- updates

// A device's copy of replay gets the frames since the batch before.
static void send_frames(rb_learning *l)
{
    for (int count; (count = rb_replay_fresh(l->replay, l->sent, RB_FRAMES_MOST, l->slots, l->frames)) > 0;)
        rb_agent_frames(l->agent, l->slots, l->frames, count);
}

// Samples a batch, that of the update after `updates`, and prepares it.
static void draw_to(rb_learning *learning, rb_batch *batch, rb_rng *sampling, uint64_t updates, int64_t step)
{
    const rb_params *p = learning->params;
    const uint64_t seed = (uint64_t)p->run.seed;
    if (learning->sent) send_frames(learning);
    // Augmented and normalised once, here: a checkpoint holds the batch as it is learned from.
    if (rb_replay_sample(learning->replay, sampling, rb_replay_beta(learning->replay, step), batch)) {
        rb_shift_batch(batch, (int)p->replay.shift, seed, updates);
        rb_intensity_batch(batch, p->replay.intensity, seed, updates);
        rb_agent_normalise_batch(learning->agent, batch);
    }
    if (rb_agent_has_device(learning->agent) || target_outlasts_updates(&p->agent))
        rb_agent_learn_begin(learning->agent, batch);
}

// Draws the batch of the next update. This happens as soon as the previous update is computed, so that the
// batch's first layers run while that update's weights are still being written, however many steps lie
// between the two updates.
static void draw(rb_learning *learning, int64_t step)
{
    int steps;
    double gamma;
    rb_agent_window(learning->agent, &steps, &gamma);
    rb_replay_window(learning->replay, steps, gamma);
    draw_to(learning, rb_replay_batch(learning->replay), &learning->sampling,
            rb_agent_updates(learning->agent), step);
    learning->drawn = true;
}

// While a device computes the update before it: nothing that this update changes decides what is drawn.
static void draw_next(rb_learning *learning, int64_t step)
{
    if (!learning->next.size) return;
    learning->next.size = rb_replay_batch(learning->replay)->size;
    learning->sampling_next = learning->sampling;
    draw_to(learning, &learning->next, &learning->sampling_next, rb_agent_updates(learning->agent) + 1, step);
    learning->drawn_next = true;
}

// The batch after an update that succeeded.
static void take_next(rb_learning *learning, int64_t step)
{
    if (!learning->drawn_next) {
        draw(learning, step);
        return;
    }
    rb_batch *batch = rb_replay_batch(learning->replay), used = *batch;
    *batch = learning->next, learning->next = used;
    learning->sampling = learning->sampling_next;
    learning->drawn_next = false;
}

// In a turn without an update, continues to prepare the next one.
static void learn_ahead(rb_learning *learning)
{
    if (learning->drawn && target_outlasts_updates(&learning->params->agent))
        rb_agent_learn_ahead(learning->agent, rb_replay_batch(learning->replay));
}

static rb_status start(rb_learning *learning, rb_batch *batch, int64_t step, rb_error *error)
{
    if (!learning->drawn) draw(learning, step);
    if (learning->waits) return RB_OK;
    const rb_status status = rb_agent_learn_start(learning->agent, batch, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)step);
    learning->started = true;
    if (rb_agent_has_device(learning->agent)) draw_next(learning, step);
    return RB_OK;
}

static rb_status update(rb_learning *learning, rb_batch *batch, int64_t step, rb_error *error)
{
    const rb_agent_params *p = &learning->params->agent;
    rb_learned learned;
    learning->started = false;
    const rb_status status = rb_agent_learn_gradient(learning->agent, batch, &learned, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)step);
    rb_replay_update(learning->replay, batch);
    rb_agent_learn_apply(learning->agent); // continues in the background
    if (learning->learned) learning->learned(learning->context, &learned);
    if (target_counts_updates(p) &&
        rb_agent_updates(learning->agent) % (uint64_t)p->target_every_updates == 0)
        update_target(learning);
    rb_agent_reset_if_due(learning->agent);
    take_next(learning, step);
    return RB_OK;
}

// Whether a device's last update continues after the turn.
static bool leaves_last(const rb_learning *learning)
{
    return rb_agent_has_device(learning->agent) && !learning->waits;
}

// The updates that the next batch stands for: with agent.group_updates all that are owed, but at most those
// of one turn, for which there is memory. A learner whose steps are abandoned can owe more.
static int64_t group_of(const rb_learning *learning)
{
    if (!learning->params->agent.group_updates) return 1;
    const int64_t most = rb_updates_of_turn(learning->params);
    return learning->owed < most ? learning->owed : most;
}

static int batch_of(const rb_learning *learning, int64_t group)
{
    return (int)(group * learning->params->agent.batch);
}

rb_status rb_learning_turn(rb_learning *learning, int64_t due, int64_t step, rb_error *error)
{
    const rb_agent_params *p = &learning->params->agent;
    rb_batch *batch = rb_replay_batch(learning->replay);
    const double done = (double)step / (double)learning->params->run.max_steps;
    learning->owed = learning->rollout ? 0 : due;
    rb_status status = rb_agent_check(learning->agent, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)step);
    if (learning->rollout) return rb_epochs_turn(learning, due, step, error);
    rb_agent_anneal(learning->agent, done < 1 ? done : 1);
    if (!due) {
        learn_ahead(learning);
        return RB_OK;
    }
    const bool ready = step >= p->start_steps &&
                       rb_replay_starts(learning->replay) >= batch_of(learning, group_of(learning));
    if (!ready) rb_agent_new_noise(learning->agent); // as often as an update would
    if (!ready) learning->owed = 0;
    while (!status && learning->owed) {
        const int64_t group = group_of(learning);
        if (batch->size != batch_of(learning, group)) learning->drawn = false;
        batch->size = batch_of(learning, group);
        status = start(learning, batch, step, error);
        if (!status && learning->owed == group && leaves_last(learning)) return RB_OK;
        if (!status) status = update(learning, batch, step, error);
        if (!status) learning->owed -= group;
    }
    rb_agent_learn_finish(learning->agent);
    return status;
}

rb_status rb_learning_settle(rb_learning *learning, int64_t step, rb_error *error)
{
    if (!learning->started) return RB_OK;
    const rb_status status = update(learning, rb_replay_batch(learning->replay), step, error);
    if (!status) learning->owed = 0;
    return status;
}

void rb_learning_visit(rb_learning *learning, rb_visitor *v, int actions)
{
    rb_rng_visit(&learning->sampling, v, "sampling");
    if (learning->rollout) {
        rb_epochs_visit(learning, v);
        return;
    }
    if (rb_visitor_loading(v)) learning->started = learning->drawn_next = false;
    for (int i = 0; learning->sent && rb_visitor_loading(v) && i < learning->params->env.count; i++)
        learning->sent[i] = 0;
    rb_visit_bool(v, "drawn", &learning->drawn);
    if (learning->drawn) rb_replay_visit_batch(learning->replay, v);
    if (learning->drawn) rb_replay_check_batch(learning->replay, v, actions);
}
