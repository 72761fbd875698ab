// One evaluation of a run's agent during training, written to its tables, event files and picture.
#include "rollout/evaluator.h"
#include "train/advice.h"
#include "train/best.h"
#include "train/run_state.h"

static void count_games(void *context, int ended, int of, int64_t steps, double seconds)
{
    rb_run *run = context;
    rb_metrics_evaluating(run->metrics, ended, of, steps, seconds);
    rb_metrics_progress(run->metrics, run, false, NULL); // a write error is reported at the next one
}

rb_status rb_run_evaluate(rb_run *run, rb_error *error)
{
    const rb_params *p = run->params;
    rb_eval_pictures pictures = {.wanted = rb_event_log_wants_pictures(run->events, run)};
    const rb_eval_observer watches[] = {rb_eval_pictures_observer(&pictures)};
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
                                .watch_count = run->events ? 1 : 0,
                                .screens = pictures.wanted,
                                .count = count_games,
                                .counter = run};
    rb_eval_result result = {.step = run->step};
    rb_metrics_clock(run->metrics, false);
    rb_status status =
        rb_net_check_finite(rb_agent_online(run->agent), error); // no update follows the last one
    if (status)
        rb_error_context(error, status, "step %lld", (long long)run->step);
    else
        status = rb_evaluator_play(&evaluation, &result, error);
    rb_metrics_clock(run->metrics, true);
    rb_metrics_activity(run->metrics, RB_TRAINING);
    if (!status) rb_advice_evaluation(run, &result);
    if (!status) status = rb_metrics_evaluation(run->metrics, run, &result, error);
    if (!status) status = rb_event_log_evaluation(run->events, run, &result, &pictures, error);
    if (!status) status = rb_best_consider(run, &result, error);
    if (!status) run->evaluated_step = run->step;
    if (!status) rb_run_picture_update(run);
    rb_eval_pictures_free(&pictures);
    rb_eval_result_free(&result);
    return status;
}
