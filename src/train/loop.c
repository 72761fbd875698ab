// The loop, one vector step at a time. Emulation and learning overlap: while the environments step, the due
// updates are made and the next one is begun, on the replay as it is then. Afterwards the new transitions are
// appended in order of index, so the result does not depend on the number of threads.
#include "base/clock.h"
#include "base/cpu.h"
#include "train/checkpoint.h"
#include "train/ending.h"
#include "train/full_disk.h"
#include "train/run_directory.h"
#include "train/run_recording.h"
#include "train/run_state.h"

// The number of updates due for the steps just started.
static int64_t updates_due(const rb_run *run)
{
    const rb_stepper *stepper = &run->stepper;
    const int64_t before = run->step + stepper->away - stepper->count;
    int64_t due = 0;
    for (int k = 0; k < stepper->count; k++)
        due += rb_learning_due(run->params, before + k + 1, stepper->played[k]);
    return due;
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

// Whether the run can be saved in the middle of this turn. An asynchronous one is not reproducible anyway,
// and a rollout that is being learned from does not change.
static bool may_stay_half(const rb_run *run)
{
    return !run->stepper.asynchronous && !run->learning.rollout && rb_vector_env_spec(run->envs)->can_save &&
           rb_agent_check(run->agent, NULL) != RB_OK;
}

// The end of a turn: waits for its steps and what it learns, and keeps the steps' results, also those beside
// an environment that failed. If a device failed to learn, they are not kept yet: what it owes comes before
// them.
static rb_status finish_turn(rb_run *run, rb_error *error)
{
    rb_status status = run->half ? RB_OK : rb_stepper_wait(run, error);
    if (status && status != RB_INTERRUPTED)
        rb_error_context(error, status, "step %lld", (long long)run->step);
    const rb_status learned = rb_learning_settle(&run->learning, run->step, status ? NULL : error);
    run->half = !status && may_stay_half(run);
    if (!status) status = learned;
    if (!run->half) remember(run);
    return status;
}

static rb_status turn(rb_run *run, rb_error *error)
{
    int64_t due = run->learning.owed; // of a turn that is half done
    rb_status status = run->half ? RB_OK : rb_stepper_act(run, error);
    if (status) return status;
    if (!run->half) due = updates_due(run);
    status = rb_learning_turn(&run->learning, due, run->step, error);
    const rb_status stepped = finish_turn(run, status ? NULL : error);
    return status ? status : stepped;
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
    rb_learning_target_if_due(&run->learning, before, run->step, games, rb_metrics_games(run->metrics));
    rb_status status = rb_full_disk_rows(run, rb_event_log_if_due(run->events, run, error), error);
    if (!status) status = look_for_directory(run, due || evaluate, error);
    if (!status) status = save(run, due, error);
    const bool film = rb_run_recording_is_due(run, before, games);
    if (!status && evaluate) status = rb_run_evaluate(run, film, error);
    if (!status && film && !evaluate) rb_run_recording_make(run);
    rb_run_picture_if_due(run);
    rb_run_time_limit(run);
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
    RB_CPU_FLUSH_DENORMALS; // as in the pool's threads, which take pieces of the same work
    rb_status status = RB_OK;
    int64_t looked = run->step, games = rb_metrics_games(run->metrics);
    rb_stepper_begin(run);
    run->learned_since = rb_learning_owes(&run->learning);
    status = rb_learning_resume(&run->learning, error);
    if (!status && run->fresh)
        status = begin(run, error);
    else if (!status && evaluation_is_due(run, run->step - 2 * rb_vector_count(run->envs)))
        status = evaluate_again(run, error);
    while (!status && !*run->stop && run->step < until_step && rb_run_ending(run) == RB_GOING) {
        status = turn(run, error);
        if (!status && checkpoint_is_due(run, looked, games)) status = gather(run, error);
        if (status) break;
        const int64_t before = looked, games_before = games;
        looked = run->step;
        games = rb_metrics_games(run->metrics);
        status = run_periodic(run, before, games_before, error);
    }
    if (!status) status = gather(run, error);
    if (status) settle(run);
    // By the steps since; the checkpoint that follows has it.
    rb_learning_target_if_due(&run->learning, looked, run->step, games, rb_metrics_games(run->metrics));
    return status;
}
