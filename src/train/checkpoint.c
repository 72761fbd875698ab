#include "train/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "rollout/saved.h"
#include "rollout/weights.h"
#include "train/metrics.h"
#include "train/run_settings.h"

enum { KERNELS_NAME = 16 };

// `kernels`: the family of kernels that computed the numbers so far.
static void visit_whole(rb_run *run, char kernels[KERNELS_NAME], rb_visitor *v)
{
    rb_run_settings_visit(run, v);
    rb_visit_open(v, "run");
    rb_visit_bytes(v, "kernels", kernels, KERNELS_NAME);
    rb_run_visit(run, v);
    rb_metrics_visit(run->metrics, v);
    rb_visit_close(v);
}

// Families of kernels differ slightly in rounding.
static void compare_kernels(const rb_run *run, const char then[KERNELS_NAME])
{
    const char *now = rb_compute_kernels(run->compute);
    char way[96] = "";
    if (!strncmp(then, now, KERNELS_NAME)) return;
    if (rb_kernels_find(then))
        snprintf(way, sizeof way, "; --compute.kernels=%.*s keeps the run bit-identical", KERNELS_NAME - 1,
                 then);
    rb_log_write(&run->log, RB_LOG_WARNING,
                 "the run so far used the kernels %.*s and continues with %s, which round differently, "
                 "so it is not bit-identical to an uninterrupted run%s",
                 KERNELS_NAME - 1, then, now, way);
}

static rb_status write_state(rb_run *run, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_visitor *v;
    rb_status status = rb_path_join(path, sizeof path, directory, "state.rb", error);
    if (!status) status = rb_visitor_save(&v, path, error);
    if (status) return status;
    char kernels[KERNELS_NAME] = "";
    rb_text_copy(kernels, sizeof kernels, rb_compute_kernels(run->compute));
    visit_whole(run, kernels, v);
    return rb_visitor_finish(v, NULL, error);
}

static rb_status write_config(const rb_run *run, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, "config.ini", error);
    return status ? status : rb_config_write(run->config, path, error);
}

// Keeps only the weights of all but the newest `keep` checkpoints. A state that can't be removed does not end
// the run.
static void drop_old_states(const rb_run *run)
{
    char parent[RB_PATH_MAX], path[RB_PATH_MAX + 64];
    char **names;
    int count;
    if (rb_checkpoint_list(run->directory, parent, sizeof parent, &names, &count, NULL)) return;
    for (int i = 0; i < count - (int)run->params->checkpoint.keep; i++) {
        snprintf(path, sizeof path, "%s/%s/state.rb", parent, names[i]);
        unlink(path);
    }
    rb_file_list_free(names, count);
}

rb_status rb_checkpoint_write(rb_run *run, rb_error *error)
{
    if (run->saved_step == run->step) return RB_OK;
    char final[RB_PATH_MAX], part[RB_PATH_MAX + 8];
    const double start = rb_clock_seconds();
    snprintf(part, sizeof part, "checkpoints/step_%012" PRId64, run->step);
    rb_status status = rb_path_join(final, sizeof final, run->directory, part, error);
    if (status) return status;
    snprintf(part, sizeof part, "%s.part", final);
    rb_metrics_activity(run->metrics, RB_SAVING);
    rb_metrics_progress(run->metrics, run, true, NULL);
    rb_metrics_activity(run->metrics, RB_TRAINING);
    status = rb_file_remove_tree(part, error); // left by a killed process
    if (!status) status = rb_net_check_finite(rb_agent_online(run->agent), error);
    if (!status) status = rb_file_make_directories(part, error);
    if (!status) status = rb_metrics_sync(run->metrics, error);
    if (!status) status = rb_event_log_checkpoint(run->events, run, error);
    if (!status) status = write_state(run, part, error);
    if (!status) status = rb_weights_save(rb_agent_online(run->agent), part, run->config, run->step, error);
    if (!status) status = write_config(run, part, error);
    if (!status)
        status = rb_file_remove_tree(final, error); // the same step, saved before the run was set back
    if (!status) status = rb_file_rename(part, final, error);
    if (status) {
        rb_file_remove_tree(part, NULL);
        return rb_error_context(error, status, "the checkpoint at step %" PRId64 " could not be written",
                                run->step);
    }
    run->saved_step = run->step;
    drop_old_states(run);
    rb_log_write(&run->log, RB_LOG_DETAIL, "step %" PRId64 ": checkpoint %s (%.1f s)", run->step, final,
                 rb_clock_seconds() - start);
    return RB_OK;
}

rb_status rb_checkpoint_load(rb_run *run, rb_error *error)
{
    char directory[RB_PATH_MAX], path[RB_PATH_MAX];
    rb_visitor *v;
    rb_status status = rb_checkpoint_find(directory, sizeof directory, run->directory, true, error);
    if (!status) status = rb_path_join(path, sizeof path, directory, "state.rb", error);
    if (!status) status = rb_visitor_load(&v, path, error);
    if (status == RB_ERR_FORMAT)
        return rb_error_context(
            error, status,
            "the newest checkpoint can't be resumed (remove its directory to resume from the one before)");
    if (status) return status;
    char kernels[KERNELS_NAME] = "";
    visit_whole(run, kernels, v);
    status = rb_visitor_finish(v, NULL, error);
    if (status) return rb_error_context(error, status, "the checkpoint does not fit this run's settings");
    run->saved_step = run->step;
    run->fresh = false;
    kernels[KERNELS_NAME - 1] = 0;
    compare_kernels(run, kernels);
    if (!rb_vector_resumes(run->envs)) { // new games, so replay needs new episodes too
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s can't save its state: the run resumes with new games, so it is not bit-identical to "
                     "an uninterrupted run",
                     run->params->run.env);
        for (int i = 0; i < rb_vector_count(run->envs); i++)
            rb_replay_begin(run->replay, i, rb_vector_first_frame(run->envs, i));
    }
    return RB_OK;
}
