// The loop, one vector step at a time. Emulation and learning overlap: while the environments step, the due
// updates are made and the next one is begun, on the replay as it is then. Afterwards the new transitions are
// appended in order of index, so the result does not depend on the number of threads.
#include "base/clock.h"
#include "train/checkpoint.h"
#include "train/ending.h"
#include "train/full_disk.h"
#include "train/run_directory.h"
#include "train/run_recording.h"
#include "train/run_state.h"

// The number of updates due for the steps just started: agent.updates for every agent.update_every_steps
// steps of all environments together, without those that are due at one of a game's first
// agent.skip_episode_steps steps.
static int64_t updates_due(const rb_run *run)
{
    const rb_agent_params *p = &run->params->agent;
    const rb_stepper *stepper = &run->stepper;
    const int64_t started = run->step + stepper->away, before = started - stepper->count;
    int64_t due = started / p->update_every_steps - before / p->update_every_steps;
    for (int k = 0; p->skip_episode_steps && k < stepper->count; k++)
        if ((before + k + 1) % p->update_every_steps == 0 && stepper->played[k] < p->skip_episode_steps)
            due--;
    return due * p->updates;
}

// What the target network's updates are counted in: games, or else steps, or else updates.
static bool target_counts_steps(const rb_agent_params *p)
{
    return !p->target_every_episodes && p->target_every_steps;
}

static bool target_counts_updates(const rb_agent_params *p)
{
    return !p->target_every_episodes && !p->target_every_steps;
}

static void update_target(rb_run *run)
{
    rb_agent_target_update(run->agent);
    rb_episodes_target(run);
}

// Precomputing with the current target network pays only if the next update still uses it.
static bool target_outlasts_updates(const rb_agent_params *p)
{
    return !target_counts_steps(p) || p->target_every_steps > p->update_every_steps;
}

// Samples the batch of the next update. This happens as soon as the previous update is computed, so that the
// batch's first layers run while that update's weights are still being written, however many steps lie
// between the two updates.
static void draw(rb_run *run)
{
    rb_batch *batch = rb_replay_batch(run->replay);
    rb_replay_sample(run->replay, &run->sampling, rb_replay_beta(run->replay, run->step), batch);
    if (target_outlasts_updates(&run->params->agent)) rb_agent_learn_begin(run->agent, batch);
    run->drawn = true;
}

// In a turn without an update, continues to prepare the next one.
static void learn_ahead(rb_run *run)
{
    if (run->drawn && target_outlasts_updates(&run->params->agent))
        rb_agent_learn_ahead(run->agent, rb_replay_batch(run->replay));
}

static rb_status update(rb_run *run, rb_batch *batch, rb_error *error)
{
    const rb_agent_params *p = &run->params->agent;
    rb_learned learned;
    const rb_status status = rb_agent_learn_gradient(run->agent, batch, &learned, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)run->step);
    rb_replay_update(run->replay, batch);
    rb_agent_learn_apply(run->agent); // continues in the background
    rb_metrics_learned(run->metrics, &learned);
    rb_advice_support(&run->support, run, &learned);
    if (target_counts_updates(p) && rb_agent_updates(run->agent) % (uint64_t)p->target_every_updates == 0)
        update_target(run);
    return RB_OK;
}

// Makes the due updates; if they are grouped, as one update whose batch holds all of theirs.
static rb_status learn(rb_run *run, rb_error *error)
{
    const rb_agent_params *p = &run->params->agent;
    rb_batch *batch = rb_replay_batch(run->replay);
    rb_status status = RB_OK;
    int64_t due = updates_due(run);
    rb_agent_anneal(run->agent, (double)run->step / (double)run->params->run.max_steps);
    if (!due) {
        learn_ahead(run);
        return RB_OK;
    }
    const int size = (int)(p->group_updates ? due * p->batch : p->batch);
    if (batch->size != size) run->drawn = false;
    batch->size = size;
    if (p->group_updates) due = 1;
    const bool learning = run->step >= p->start_steps && rb_replay_starts(run->replay) >= size;
    if (!learning) rb_agent_new_noise(run->agent); // as often as an update would
    for (int64_t i = 0; learning && !status && i < due; i++) {
        if (!run->drawn) draw(run);
        status = update(run, batch, error);
        if (!status) draw(run);
    }
    rb_agent_learn_finish(run->agent);
    return status;
}

// Appends the environments' results to replay, in order of index.
static void remember(rb_run *run)
{
    const rb_vector_result *results = rb_vector_results(run->envs);
    for (int k = 0; k < run->stepper.count; k++) {
        const int i = run->stepper.which[k];
        const rb_vector_result *r = &results[i];
        const bool plays = !rb_vector_failed(run->envs, i);
        if (r->cut) { // the game so far is kept; its last step is dropped as if it had not been asked for
            if (plays) rb_run_begin_episode(run, i);
            rb_episodes_began(run, i);
            continue;
        }
        rb_replay_append(run->replay, i, run->actions[i], r->learner_reward, r->terminated, r->truncated,
                         rb_vector_next_frame(run->envs, i));
        if (!r->terminated) rb_replay_allow(run->replay, i, rb_vector_next_mask(run->envs, i));
        // If the next game could not begin, replay gets a frame all the same: it is never the start of a
        // sample.
        if ((r->terminated || r->truncated) && plays)
            rb_run_begin_episode(run, i);
        else if (r->terminated || r->truncated)
            rb_replay_begin(run->replay, i, rb_vector_next_frame(run->envs, i));
        run->frames += r->frames;
        if (r->game_over) rb_metrics_game(run->metrics, run, i, r);
        rb_episodes_step(run, i, r);
        if (r->game_over) rb_event_log_game(run->events, run, k, r);
    }
    run->step += run->stepper.count;
    for (int k = 0; k < run->stepper.count; k++) {
        const int i = run->stepper.which[k];
        if (results[i].game_over || results[i].cut) run->game_began[i] = run->step;
    }
}

// The end of a turn: waits for its steps and keeps their results, also those beside an environment that
// failed.
static rb_status finish_turn(rb_run *run, rb_error *error)
{
    const rb_status status = rb_stepper_wait(run, error);
    if (status && status != RB_INTERRUPTED)
        rb_error_context(error, status, "step %lld", (long long)run->step);
    remember(run);
    return status;
}

// After a failure: until no environment is stepping, so that the run can be saved as it is between two turns.
static void settle(rb_run *run)
{
    while (run->stepper.away) finish_turn(run, NULL);
    rb_stepper_begin(run);
}

// Waits until no environment is stepping: between turns, only an asynchronous run has some that are.
static rb_status gather(rb_run *run, rb_error *error)
{
    rb_status status = RB_OK;
    if (!run->stepper.away) return RB_OK;
    while (!status && run->stepper.away) status = finish_turn(run, error);
    if (!status) rb_stepper_begin(run);
    return status;
}

static bool evaluation_is_due(const rb_run *run, int64_t before)
{
    const rb_eval_params *p = &run->params->eval;
    if (!p->enabled) return false;
    if (before < run->evaluated_step) before = run->evaluated_step;
    const int64_t games = rb_metrics_games(run->metrics),
                  games_before = rb_metrics_games_evaluated(run->metrics);
    return run->evaluated_step != run->step && (rb_is_due(before, run->step, p->every_steps) ||
                                                rb_is_due(games_before, games, p->every_episodes));
}

static bool checkpoint_is_due(const rb_run *run, int64_t before, int64_t games)
{
    const rb_checkpoint_params *p = &run->params->checkpoint;
    return rb_is_due(before, run->step, p->every_steps) ||
           rb_is_due(games, rb_metrics_games(run->metrics), p->every_episodes);
}

static void update_target_if_due(rb_run *run, int64_t before, int64_t games)
{
    const rb_agent_params *p = &run->params->agent;
    if (rb_is_due(games, rb_metrics_games(run->metrics), p->target_every_episodes) ||
        (target_counts_steps(p) && rb_is_due(before, run->step, p->target_every_steps)))
        update_target(run);
}

// Begins a checkpoint if one is due, and looks for the end of the one before. One that a full disk did not
// take is made again, of the run as it is now.
static rb_status save(rb_run *run, bool due, rb_error *error)
{
    rb_status status = due ? rb_checkpoint_write(run, error) : RB_OK;
    if (!status) status = rb_checkpoint_turn(run, error);
    if (status != RB_ERR_FULL) return status;
    status = gather(run, error);
    return status ? status : rb_checkpoint_whole(run, error);
}

// Before something is written to it, and every few seconds.
static rb_status look_for_directory(rb_run *run, bool now, rb_error *error)
{
    static const double every_seconds = 5;
    const double seconds = rb_clock_seconds();
    if (!now && seconds - run->looked_seconds < every_seconds) return RB_OK;
    run->looked_seconds = seconds;
    return rb_run_directory_follow(run, error);
}

// Everything that happens every N steps or games: a target network update, a checkpoint, an evaluation, a
// progress report. The checkpoint comes first, so an evaluation that goes wrong takes nothing with it, and
// it is written while the evaluation plays. No environment is stepping if a checkpoint is due.
static rb_status run_periodic(rb_run *run, int64_t before, int64_t games, rb_error *error)
{
    const bool due = checkpoint_is_due(run, before, games), evaluate = evaluation_is_due(run, before);
    update_target_if_due(run, before, games);
    rb_status status = rb_full_disk_rows(run, rb_event_log_if_due(run->events, run, error), error);
    if (!status) status = look_for_directory(run, due || evaluate, error);
    if (!status) status = save(run, due, error);
    const bool film = rb_run_recording_is_due(run, before, games);
    if (!status && evaluate) status = rb_run_evaluate(run, film, error);
    if (!status && film && !evaluate) rb_run_recording_make(run);
    rb_run_picture_if_due(run);
    return status ? status
                  : rb_full_disk_rows(run, rb_metrics_progress(run->metrics, run, false, error), error);
}

// Resets the environments and begins their episodes, at the very start of a run.
static rb_status begin(rb_run *run, rb_error *error)
{
    if (rb_vector_reset(run->envs, error)) return error ? error->status : RB_ERR_ENV;
    for (int i = 0; i < rb_vector_count(run->envs); i++) rb_run_begin_episode(run, i);
    run->fresh = false;
    return RB_OK;
}

// Repeats an evaluation that was interrupted, or whose process has ended, with its video.
static rb_status evaluate_again(rb_run *run, rb_error *error)
{
    const int64_t before = run->step - 2 * rb_vector_count(run->envs);
    const bool film = rb_run_recording_is_due(run, before, rb_metrics_games_evaluated(run->metrics));
    return rb_run_evaluate(run, film, error);
}

rb_status rb_loop(rb_run *run, int64_t until_step, rb_error *error)
{
    rb_status status = RB_OK;
    int64_t looked = run->step, games = rb_metrics_games(run->metrics);
    rb_stepper_begin(run);
    if (run->fresh)
        status = begin(run, error);
    else if (evaluation_is_due(run, run->step - 2 * rb_vector_count(run->envs)))
        status = evaluate_again(run, error);
    while (!status && !*run->stop && run->step < until_step && rb_run_ending(run) == RB_GOING) {
        rb_stepper_act(run);
        status = learn(run, error);
        const rb_status stepped = finish_turn(run, status ? NULL : error);
        if (!status) status = stepped;
        if (!status && checkpoint_is_due(run, looked, games)) status = gather(run, error);
        if (status) break;
        const int64_t before = looked, games_before = games;
        looked = run->step;
        games = rb_metrics_games(run->metrics);
        status = run_periodic(run, before, games_before, error);
    }
    if (!status) status = gather(run, error);
    if (status) settle(run);
    update_target_if_due(run, looked, games); // by the steps since; the checkpoint that follows has it
    return status;
}
