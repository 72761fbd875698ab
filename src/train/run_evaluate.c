// One evaluation of a run's agent during training, written to its tables, event files and picture.
#include <inttypes.h>

#include "rollout/evaluator.h"
#include "train/advice.h"
#include "train/best.h"
#include "train/ending.h"
#include "train/full_disk.h"
#include "train/run_recording.h"
#include "train/run_state.h"
#include "viewer/eval_recording.h"

static void count_games(void *context, int ended, int of, int64_t steps, double seconds)
{
    rb_run *run = context;
    rb_metrics_evaluating(run->metrics, ended, of, steps, seconds);
    rb_run_time_limit(run);
    rb_metrics_progress(run->metrics, run, false, NULL); // a write error is reported at the next one
}

static rb_status consider_best(rb_run *run, const void *result, rb_error *error)
{
    return rb_best_consider(run, result, error);
}

static void warn(const rb_run *run, rb_status status, const char *what, const rb_error *why)
{
    if (status)
        rb_log_write(&run->log, RB_LOG_WARNING, "step %" PRId64 ": %s: %s", run->step, what, why->message);
}

// Each of these can fail alone; what decides the future does not depend on them.
static void record(rb_run *run, const rb_eval_result *result, const rb_eval_pictures *pictures)
{
    rb_error why = {0};
    run->evaluated_step = run->step;
    warn(run, rb_full_disk_rows(run, rb_event_log_evaluation(run->events, run, result, pictures, &why), &why),
         "no events of this evaluation for TensorBoard", &why);
    warn(run, rb_full_disk_rows(run, rb_metrics_evaluation(run->metrics, run, result, &why), &why),
         "the table of evaluations is kept in memory for now", &why);
    warn(run, rb_full_disk_try(run, consider_best, result, &why), "the best weights are not kept", &why);
    rb_run_picture_update(run);
}

rb_status rb_run_evaluate(rb_run *run, bool film, rb_error *error)
{
    char file[RB_PATH_MAX];
    rb_error no_film = {0};
    rb_eval_recording recording = {
        .file = file, .params = run->params, .agent = run->agent, .agent_step = run->step};
    const rb_status filming = film ? rb_run_recording_file(run, file, sizeof file, &no_film) : RB_OK;
    if (filming) rb_run_recording_tell(run, filming, file, NULL, &no_film);
    film = film && !filming;
    const rb_params *p = run->params;
    rb_eval_pictures pictures = {.wanted = rb_event_log_wants_pictures(run->events, run)};
    rb_eval_observer watches[2];
    int watch_count = 0;
    if (run->events) watches[watch_count++] = rb_eval_pictures_observer(&pictures);
    if (film) watches[watch_count++] = rb_eval_recording_observer(&recording);
    rb_evaluation evaluation = {.params = p,
                                .agent = run->agent,
                                .pool = run->pool,
                                .log = &run->log,
                                .episodes = (int)p->eval.episodes,
                                .epsilon = p->eval.epsilon,
                                .seed = (uint64_t)p->run.seed,
                                .number = run->step,
                                .stop = run->stop,
                                .watches = watches,
                                .watch_count = watch_count,
                                .screens = pictures.wanted || film,
                                .last_screens = film,
                                .count = count_games,
                                .counter = run};
    rb_eval_result result = {.step = run->step};
    rb_error why = {0};
    run->tried_step = run->step;
    rb_metrics_clock(run->metrics, false);
    rb_status status =
        rb_net_check_finite(rb_agent_seen(run->agent), error); // no update follows the last one
    if (status)
        rb_error_context(error, status, "step %lld", (long long)run->step);
    else
        status = rb_evaluator_play(&evaluation, &result, &why);
    const rb_status filmed = film ? rb_eval_recording_finish(&recording, status, &no_film) : RB_OK;
    rb_metrics_clock(run->metrics, true);
    rb_metrics_activity(run->metrics, RB_TRAINING);
    if (!status) rb_advice_evaluation(run, &result);
    if (!status) record(run, &result, &pictures);
    if (film && !status) rb_run_recording_tell(run, filmed, file, &recording.result, &no_film);
    rb_eval_pictures_free(&pictures);
    rb_eval_result_free(&result);
    if (status == RB_ERR_NUMBER && !why.status) return status;
    if (status == RB_INTERRUPTED) return rb_error_set(error, status, "%s", why.message);
    if (status) {
        rb_metrics_evaluation_failed(run->metrics); // the next is due as if this had been made
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "step %" PRId64 ": the evaluation failed, and training continues without it "
                     "(--eval.enabled=false makes none): %s",
                     run->step, why.message);
    }
    return RB_OK;
}

rb_status rb_run_evaluate_last(rb_run *run, rb_error *error)
{
    const bool done = run->evaluated_step == run->step || run->tried_step == run->step;
    return done || !run->params->eval.enabled ? RB_OK : rb_run_evaluate(run, false, error);
}

void rb_run_evaluated(rb_run *run)
{
    const int64_t step = rb_metrics_evaluated(run->metrics);
    if (step > run->evaluated_step) run->evaluated_step = step;
}
