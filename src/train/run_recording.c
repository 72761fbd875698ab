#include "train/run_recording.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "io/video.h"
#include "train/metrics.h"
#include "viewer/recording.h"

rb_status rb_run_recording_check(const rb_params *params, rb_error *error)
{
    const rb_record_params *p = &params->record;
    if (!p->every_steps && !p->every_episodes) return RB_OK;
    rb_status status = rb_video_check(error);
    return status ? rb_error_context(error, status, "record.%s = %" PRId64,
                                     p->every_steps ? "every_steps" : "every_episodes",
                                     p->every_steps ? p->every_steps : p->every_episodes)
                  : RB_OK;
}

rb_status rb_run_recording_file(const rb_run *run, char *file, size_t bytes, rb_error *error)
{
    char directory[RB_PATH_MAX], name[48];
    snprintf(name, sizeof name, "step_%012" PRId64 ".mp4", run->step);
    rb_status status =
        rb_path_join(directory, sizeof directory, run->directory, run->params->record.directory, error);
    if (!status) status = rb_file_make_directories(directory, error);
    return status ? status : rb_path_join(file, bytes, directory, name, error);
}

void rb_run_recording_tell(const rb_run *run, rb_status status, const char *file, const rb_record_result *r,
                           const rb_error *error)
{
    if (!status)
        rb_log_write(&run->log, RB_LOG_INFO, "step %" PRId64 ": %s: %" PRId64 " steps, return %.10g (%.0f s)",
                     run->step, file, r->steps, r->games ? r->return_mean : r->return_cut, r->seconds);
    else if (status != RB_INTERRUPTED)
        rb_log_write(&run->log, RB_LOG_WARNING, "step %" PRId64 ": no video: %s", run->step, error->message);
}

void rb_run_recording_make(rb_run *run)
{
    const rb_params *p = run->params;
    rb_recording recording = {.game = {.params = p,
                                       .agent = run->agent,
                                       .pool = run->pool,
                                       .epsilon = p->eval.epsilon,
                                       .seed = (uint64_t)p->run.seed,
                                       .number = (uint64_t)run->step,
                                       .log = &run->log,
                                       .stop = run->stop},
                              .view = p->record.view,
                              .frames_per_second = (int)p->record.fps,
                              .agent_step = run->step,
                              .episodes = 1,
                              .most_steps = p->record.steps};
    rb_record_result result = {0};
    rb_error error = {0};
    char file[RB_PATH_MAX];
    rb_metrics_clock(run->metrics, false);
    rb_status status = rb_run_recording_file(run, file, sizeof file, &error);
    if (!status) status = rb_recording_make(&recording, file, &result, &error);
    rb_metrics_clock(run->metrics, true);
    rb_run_recording_tell(run, status, file, &result, &error);
}

bool rb_run_recording_is_due(const rb_run *run, int64_t step, int64_t games)
{
    const rb_record_params *p = &run->params->record;
    return rb_is_due(step, run->step, p->every_steps) ||
           rb_is_due(games, rb_metrics_games(run->metrics), p->every_episodes);
}
