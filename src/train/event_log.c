#include "train/event_log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/picture.h"
#include "io/tfevents.h"
#include "train/ending.h"
#include "train/run_settings.h"
#include "train/run_state.h"

struct rb_event_log {
    rb_tfevents *events;
    int64_t every_steps, pictures; // parameters
    // at the newest point
    int64_t step;
    rb_metrics_total total;
    bool told; // of the fault that lasts
};

static rb_event_at at_step(int64_t step)
{
    return (rb_event_at){rb_clock_calendar(), step};
}

// The parameters that define a run, without those that only name its place.
static bool is_hparam(const rb_param_info *info)
{
    static const char *const others[] = {"run.root", "run.group", "run.name", "run.note", "run.overwrite"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(info->key, others[i])) return false;
    return !rb_text_starts(info->key, "tensorboard.");
}

static rb_status tell_parameters(rb_event_log *log, const rb_run *run, rb_error *error)
{
    enum { VALUE = RB_TEXT_MAX + 8 };
    const int most = rb_param_count();
    rb_hparam *list = calloc((size_t)most, sizeof *list);
    char *texts = malloc((size_t)most * VALUE);
    rb_status status = list && texts ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory for parameters");
    int count = 0;
    for (int i = 0; i < most && !status; i++) {
        const rb_param_info *info = rb_param_get(i);
        if (!is_hparam(info)) continue;
        rb_hparam *h = &list[count];
        char *text = texts + (size_t)count++ * VALUE;
        status = rb_config_get(run->config, info->key, text, VALUE, error);
        bool truth = false;
        *h = (rb_hparam){.name = info->key, .kind = RB_HPARAM_TEXT, .text = text};
        if (!strcmp(info->kind, "bool") && rb_text_bool(text, &truth)) {
            h->kind = RB_HPARAM_TRUTH;
            h->number = truth;
        } else if ((!strcmp(info->kind, "int") || !strcmp(info->kind, "real")) &&
                   rb_text_f64(text, &h->number)) {
            h->kind = RB_HPARAM_NUMBER;
        }
    }
    if (!status) status = rb_tfevents_hparams(log->events, at_step(run->step), list, count, error);
    free(texts);
    free(list);
    return status;
}

static void tell_what_is_missing(const rb_run *run)
{
    const bool pictures = run->params->tensorboard.pictures > 0;
    if (!rb_tfevents_available())
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "no event files for TensorBoard: this program was built without protobuf-c (install "
                     "libprotobuf-c-dev and protobuf-c-compiler, then build again)");
    else if (pictures && !rb_gif_available())
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "no moving pictures for TensorBoard: this program was built without giflib (install "
                     "libgif-dev, then build again)");
    else if (pictures && !rb_picture_available())
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "no pictures of frames for TensorBoard: this program was built without libpng (install "
                     "libpng-dev, then build again)");
}

rb_status rb_event_log_open(rb_event_log **out, const rb_run *run, bool resumed, rb_error *error)
{
    const rb_tensorboard_params *p = &run->params->tensorboard;
    *out = NULL;
    if (!p->enabled) return RB_OK;
    tell_what_is_missing(run);
    if (!rb_tfevents_available()) return RB_OK;
    rb_event_log *log = calloc(1, sizeof *log);
    if (!log) return rb_error_set(error, RB_ERR_MEMORY, "no memory for an event file");
    *log = (rb_event_log){.every_steps = p->every_steps,
                          .pictures = p->pictures,
                          .step = run->step,
                          .total = rb_metrics_so_far(run->metrics)};
    bool found = false;
    // Files to remove were left by a run that ended before its first checkpoint.
    rb_status status = resumed ? rb_tfevents_cut_back(run->directory, run->step,
                                                      rb_saved_settings_had_events(run->settings_then),
                                                      &run->log, &found, error)
                               : rb_tfevents_remove(run->directory, error);
    if (!status) status = rb_tfevents_create(&log->events, run->directory, rb_clock_calendar(), error);
    if (!status && found) rb_tfevents_restart(log->events, at_step(run->step + 1));
    if (!status && !found) status = tell_parameters(log, run, error);
    if (!status && !found && *run->params->run.note)
        rb_tfevents_text(log->events, at_step(run->step), "run/note", run->params->run.note);
    if (!status) status = rb_tfevents_flush(log->events, error);
    if (status) {
        rb_event_log_close(log);
        return status;
    }
    *out = log;
    return RB_OK;
}

void rb_event_log_close(rb_event_log *log)
{
    if (!log) return;
    rb_tfevents_close(log->events, NULL);
    free(log);
}

void rb_event_log_game(rb_event_log *log, const rb_run *run, int k, const rb_vector_result *result)
{
    if (!log) return;
    const rb_event_at at = at_step(run->step + k + 1); // games that end in the same turn get a step each
    rb_tfevents_scalar(log->events, at, "train/return", result->game_return);
    rb_tfevents_scalar(log->events, at, "train/length", (double)result->game_steps);
}

static void make_point(rb_event_log *log, const rb_run *run)
{
    const rb_metrics_total now = rb_metrics_so_far(run->metrics), *then = &log->total;
    const rb_event_at at = at_step(run->step);
    const double updates = (double)(now.updates - then->updates), seconds = now.seconds - then->seconds;
    rb_tfevents_scalar(log->events, at, "train/loss",
                       updates > 0 ? (now.loss - then->loss) / updates : (double)NAN);
    rb_tfevents_scalar(log->events, at, "train/q_mean",
                       updates > 0 ? (now.q_mean - then->q_mean) / updates : (double)NAN);
    rb_tfevents_scalar(log->events, at, "train/epsilon", rb_stepper_epsilon(run, 0));
    rb_tfevents_scalar(log->events, at, "train/updates", (double)rb_agent_updates(run->agent));
    rb_tfevents_scalar(log->events, at, "train/steps_per_second",
                       seconds > 0 ? (double)(run->step - log->step) / seconds : (double)NAN);
    log->total = now;
    log->step = run->step;
}

// Event files are a side output: training waits for room on a full disk, but any other fault of theirs is a
// warning, and the events stay in memory for the next try.
static rb_status write_out(rb_event_log *log, const rb_run *run, bool lasting, rb_error *error)
{
    rb_error why = {0};
    const rb_status status =
        lasting ? rb_tfevents_sync(log->events, &why) : rb_tfevents_flush(log->events, &why);
    if (status == RB_ERR_FULL) {
        if (error) *error = why;
        return status;
    }
    if (status && !log->told)
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s; training goes on without, and its events are written as soon as that is possible",
                     why.message);
    log->told = status != RB_OK;
    return RB_OK;
}

rb_status rb_event_log_if_due(rb_event_log *log, const rb_run *run, rb_error *error)
{
    if (!log || !rb_is_due(log->step, run->step, log->every_steps)) return RB_OK;
    make_point(log, run);
    return write_out(log, run, false, error);
}

bool rb_event_log_wants_pictures(const rb_event_log *log, const rb_run *run)
{
    if (!log || !log->pictures) return false;
    if (run->evaluated_step < 0 || rb_run_ending(run) != RB_GOING) return true; // the first or the last
    const double before = rb_run_done(run, run->evaluated_step, rb_metrics_games_evaluated(run->metrics)),
                 now = rb_run_done(run, run->step, rb_metrics_games(run->metrics)),
                 most = (double)log->pictures;
    return floor(before * most) < floor(now * most);
}

static rb_status tell_pictures(rb_event_log *log, rb_event_at at, const rb_eval_pictures *p, rb_error *error)
{
    uint8_t *file;
    size_t bytes;
    int height, width;
    rb_status status = rb_eval_pictures_game(p, &file, &bytes, error);
    if (status) return status;
    if (file) rb_tfevents_picture(log->events, at, "eval/game", p->height, p->width, file, bytes);
    free(file);
    status = rb_eval_pictures_frames(p, &file, &bytes, &height, &width, error);
    if (status) return status;
    if (file) rb_tfevents_picture(log->events, at, "eval/frames", height, width, file, bytes);
    free(file);
    return RB_OK;
}

static void leave_mark(rb_event_log *log, const rb_run *run)
{
    char path[64];
    snprintf(path, sizeof path, "checkpoints/step_%012" PRId64, run->step);
    rb_tfevents_checkpoint(log->events, at_step(run->step), path);
}

rb_status rb_event_log_evaluation(rb_event_log *log, const rb_run *run, const rb_eval_result *r,
                                  const rb_eval_pictures *pictures, rb_error *error)
{
    if (!log) return RB_OK;
    const rb_event_at at = at_step(run->step);
    rb_tfevents_scalar(log->events, at, "eval/mean", r->mean);
    rb_tfevents_scalar(log->events, at, "eval/std", r->std);
    rb_tfevents_scalar(log->events, at, "eval/min", r->min);
    rb_tfevents_scalar(log->events, at, "eval/max", r->max);
    rb_tfevents_scalar(log->events, at, "eval/median", r->median);
    rb_histogram returns = {0};
    for (int i = 0; i < r->episodes; i++) rb_histogram_add(&returns, r->returns[i]);
    rb_tfevents_histogram(log->events, at, "eval/returns", &returns);
    rb_tfevents_histogram(log->events, at, "eval/q_values", &pictures->q);
    rb_status status = pictures->wanted ? tell_pictures(log, at, pictures, error) : RB_OK;
    if (run->saved_step == run->step) leave_mark(log, run); // it also belongs to the checkpoint before it
    return status ? status : write_out(log, run, false, error);
}

rb_status rb_event_log_checkpoint(rb_event_log *log, const rb_run *run, rb_error *error)
{
    if (!log) return RB_OK;
    if (run->step > log->step) make_point(log, run);
    leave_mark(log, run);
    return write_out(log, run, true, error);
}

rb_status rb_event_log_flush(rb_event_log *log, const rb_run *run, rb_error *error)
{
    return log ? write_out(log, run, false, error) : RB_OK;
}

rb_status rb_event_log_finished(rb_event_log *log, const rb_run *run, rb_error *error)
{
    if (!log) return RB_OK;
    rb_tfevents_finished(log->events, at_step(run->step));
    return write_out(log, run, false, error);
}
