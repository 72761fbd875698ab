// The loop, one vector step at a time. Emulation and learning overlap: while the environments step, the
// updates that are due are made on the replay as it stands; then the new transitions are appended in order of
// index. So the result does not depend on the number of threads.
#include "train/checkpoint.h"
#include "train/run_state.h"

static void act(rb_run *run)
{
    double epsilon = rb_agent_epsilon(run->agent, run->step);
    rb_agent_act(run->agent, rb_vector_observations(run->envs), rb_vector_count(run->envs), epsilon,
                 run->coins, run->actions, NULL);
}

// The updates that fall to the coming vector step: agent.updates for every agent.update_every_steps steps of
// all environments together.
static rb_status learn(rb_run *run, rb_error *error)
{
    const rb_agent_params *p = &run->params->agent;
    int64_t after = run->step + rb_vector_count(run->envs);
    int64_t due = (after / p->update_every_steps - run->step / p->update_every_steps) * p->updates;
    rb_agent_anneal(run->agent, (double)run->step / (double)run->params->run.max_steps);
    rb_batch *batch = rb_replay_batch(run->replay);
    bool learning = run->step >= p->start_steps && rb_replay_starts(run->replay) >= batch->size;
    if (!learning && due) rb_agent_new_noise(run->agent); // as often as an update would
    for (int64_t i = 0; learning && i < due; i++) {
        rb_learned learned;
        rb_replay_sample(run->replay, &run->sampling, rb_replay_beta(run->replay, run->step), batch);
        if (rb_agent_learn_gradient(run->agent, batch, &learned, error))
            return rb_error_context(error, "step %lld", (long long)run->step);
        rb_replay_update(run->replay, batch);
        rb_agent_learn_apply(run->agent); // goes on while the next batch is drawn and its first layers run
        rb_metrics_learned(run->metrics, &learned);
        if (!p->target_every_steps && rb_agent_updates(run->agent) % (uint64_t)p->target_every_updates == 0)
            rb_agent_target_copy(run->agent);
    }
    rb_agent_learn_finish(run->agent);
    return RB_OK;
}

// Appends what the environments answered, in order of index.
static void remember(rb_run *run)
{
    int count = rb_vector_count(run->envs);
    const rb_vector_result *results = rb_vector_results(run->envs);
    for (int i = 0; i < count; i++) {
        const rb_vector_result *r = &results[i];
        if (r->cut) { // what was seen of the game stays; its last step is as if it had not been asked for
            rb_replay_begin(run->replay, i, rb_vector_first_frame(run->envs, i));
            continue;
        }
        rb_replay_append(run->replay, i, run->actions[i], r->learner_reward, r->terminated, r->truncated,
                         rb_vector_next_frame(run->envs, i));
        if (r->terminated || r->truncated)
            rb_replay_begin(run->replay, i, rb_vector_first_frame(run->envs, i));
        run->frames += r->frames;
        if (r->game_over) rb_metrics_game(run->metrics, run, i, r);
    }
    run->step += count;
}

static bool evaluation_is_due(const rb_run *run)
{
    int64_t before = run->step - rb_vector_count(run->envs);
    return run->evaluated_step != run->step && rb_is_due(before, run->step, run->params->eval.every_steps);
}

// What happens every so many steps: a new target network, an evaluation, a checkpoint, a word to the one who
// watches.
static rb_status look_after(rb_run *run, rb_error *error)
{
    int64_t before = run->step - rb_vector_count(run->envs);
    const rb_params *p = run->params;
    rb_status status = RB_OK;
    if (rb_is_due(before, run->step, p->agent.target_every_steps)) rb_agent_target_copy(run->agent);
    if (evaluation_is_due(run)) status = rb_run_evaluate(run, error);
    if (!status && rb_is_due(before, run->step, p->checkpoint.every_steps))
        status = rb_checkpoint_write(run, error);
    return status ? status : rb_metrics_progress(run->metrics, run, false, error);
}

// An episode's first frames, at the very start of a run.
static rb_status begin(rb_run *run, rb_error *error)
{
    if (rb_vector_reset(run->envs, error)) return error ? error->status : RB_ERR_ENV;
    for (int i = 0; i < rb_vector_count(run->envs); i++)
        rb_replay_begin(run->replay, i, rb_vector_first_frame(run->envs, i));
    run->fresh = false;
    return RB_OK;
}

rb_status rb_loop(rb_run *run, int64_t until_step, rb_error *error)
{
    rb_status status = RB_OK;
    if (run->fresh)
        status = begin(run, error);
    else if (evaluation_is_due(run)) // it was cut off when the run was stopped
        status = rb_run_evaluate(run, error);
    while (!status && !run->stop && run->step < until_step) {
        act(run);
        rb_vector_start(run->envs, run->pool, run->actions);
        status = learn(run, error);
        rb_status stepped = rb_vector_wait(
            run->envs, run->pool, status ? NULL : error); // also after a failure: they use our memory
        if (!status) status = stepped;
        if (status) break;
        remember(run);
        status = look_after(run, error);
    }
    return status;
}
