#include "learner/learning.h"

#include "learner/epochs.h"
#include "learner/replay_spec.h"
#include "replay/augment.h"

rb_status rb_learning_init(rb_learning *learning, const rb_params *params, rb_agent *agent, rb_replay *replay,
                           rb_arena *arena, rb_error *error)
{
    *learning = (rb_learning){.params = params, .agent = agent, .replay = replay};
    learning->sampling = rb_rng_stream((uint64_t)params->run.seed, RB_RNG_SAMPLE, 0);
    if (!params->agent.rollout_steps) return RB_OK;
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

// Samples the batch of the next update. This happens as soon as the previous update is computed, so that the
// batch's first layers run while that update's weights are still being written, however many steps lie
// between the two updates.
static void draw(rb_learning *learning, int64_t step)
{
    rb_batch *batch = rb_replay_batch(learning->replay);
    const double beta = rb_replay_beta(learning->replay, step);
    int steps;
    double gamma;
    rb_agent_window(learning->agent, &steps, &gamma);
    rb_replay_window(learning->replay, steps, gamma);
    // Augmented and normalised once, here: a checkpoint holds the batch as it is learned from.
    if (rb_replay_sample(learning->replay, &learning->sampling, beta, batch)) {
        rb_shift_batch(batch, (int)learning->params->replay.shift, (uint64_t)learning->params->run.seed,
                       rb_agent_updates(learning->agent));
        rb_intensity_batch(batch, learning->params->replay.intensity, (uint64_t)learning->params->run.seed,
                           rb_agent_updates(learning->agent));
        rb_agent_normalise_batch(learning->agent, batch);
    }
    if (target_outlasts_updates(&learning->params->agent)) rb_agent_learn_begin(learning->agent, batch);
    learning->drawn = true;
}

// In a turn without an update, continues to prepare the next one.
static void learn_ahead(rb_learning *learning)
{
    if (learning->drawn && target_outlasts_updates(&learning->params->agent))
        rb_agent_learn_ahead(learning->agent, rb_replay_batch(learning->replay));
}

static rb_status update(rb_learning *learning, rb_batch *batch, int64_t step, rb_error *error)
{
    const rb_agent_params *p = &learning->params->agent;
    rb_learned learned;
    const rb_status status = rb_agent_learn_gradient(learning->agent, batch, &learned, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)step);
    rb_replay_update(learning->replay, batch);
    rb_agent_learn_apply(learning->agent); // continues in the background
    if (learning->learned) learning->learned(learning->context, &learned);
    if (target_counts_updates(p) &&
        rb_agent_updates(learning->agent) % (uint64_t)p->target_every_updates == 0)
        update_target(learning);
    rb_agent_reset_if_due(learning->agent);
    return RB_OK;
}

rb_status rb_learning_turn(rb_learning *learning, int64_t due, int64_t step, rb_error *error)
{
    const rb_agent_params *p = &learning->params->agent;
    rb_batch *batch = rb_replay_batch(learning->replay);
    const double done = (double)step / (double)learning->params->run.max_steps;
    rb_status status = rb_agent_check(learning->agent, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)step);
    if (learning->rollout) return rb_epochs_turn(learning, due, step, error);
    rb_agent_anneal(learning->agent, done < 1 ? done : 1);
    if (!due) {
        learn_ahead(learning);
        return RB_OK;
    }
    const int size = (int)(p->group_updates ? due * p->batch : p->batch);
    if (batch->size != size) learning->drawn = false;
    batch->size = size;
    if (p->group_updates) due = 1;
    const bool ready = step >= p->start_steps && rb_replay_starts(learning->replay) >= size;
    if (!ready) rb_agent_new_noise(learning->agent); // as often as an update would
    for (int64_t i = 0; ready && !status && i < due; i++) {
        if (!learning->drawn) draw(learning, step);
        status = update(learning, batch, step, error);
        if (!status) draw(learning, step);
    }
    rb_agent_learn_finish(learning->agent);
    return status;
}

void rb_learning_visit(rb_learning *learning, rb_visitor *v, int actions)
{
    rb_rng_visit(&learning->sampling, v, "sampling");
    if (learning->rollout) {
        rb_epochs_visit(learning, v);
        return;
    }
    rb_visit_bool(v, "drawn", &learning->drawn);
    if (learning->drawn) rb_replay_visit_batch(learning->replay, v);
    if (learning->drawn) rb_replay_check_batch(learning->replay, v, actions);
}
