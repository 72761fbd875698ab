#include "train/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "learner/device_spec.h"
#include "rollout/saved.h"
#include "rollout/weights.h"
#include "train/checkpoint_writer.h"
#include "train/full_disk.h"
#include "train/metrics.h"
#include "train/run_directory.h"
#include "train/run_settings.h"
#include "train/scratch.h"

enum { KERNELS_NAME = 16 };

typedef struct rb_checkpoints {
    rb_checkpoint_writer *writer;
    rb_capture capture;    // of the checkpoint being written, or of the last one
    rb_replay_files files; // of the newest whole checkpoint
    int64_t whole_step;    // its step; -1: there is none
    double next_bytes;     // what the next one will need; 0: unknown
    double looked;         // when the disk was looked at
    double pause;          // seconds that the capture took
    int count;             // since this process began
    rb_written total;
    double longest_pause;
    bool told_waiting;
} rb_checkpoints;

// `kernels`: the family of kernels that computed the numbers so far.
static void visit_whole(rb_run *run, char kernels[KERNELS_NAME], rb_visitor *v)
{
    rb_run_settings_visit(run, v);
    rb_visit_open(v, "run");
    rb_visit_bytes(v, "kernels", kernels, KERNELS_NAME);
    rb_run_visit(run, v);
    rb_metrics_visit(run->metrics, v);
    rb_episodes_visit(run, v);
    rb_visit_close(v);
    rb_run_visit_half(run, v);
}

// Families of kernels differ slightly in rounding.
static void compare_kernels(const rb_run *run, const char then[KERNELS_NAME])
{
    char now[KERNELS_NAME] = "";
    rb_text_copy(now, sizeof now, rb_computed_by(run->device, rb_compute_kernels(run->compute)));
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

// ---- the copy that the loop makes ----

static rb_status capture_state(rb_run *run, rb_capture *c, void *buffer, size_t room, rb_error *error)
{
    rb_visitor *v;
    void *data;
    rb_status status = rb_visitor_save_image(&v, buffer, room, error);
    if (status) return status;
    char kernels[KERNELS_NAME] = "";
    rb_text_copy(kernels, sizeof kernels, rb_computed_by(run->device, rb_compute_kernels(run->compute)));
    visit_whole(run, kernels, v);
    c->files.state_sum = rb_visitor_sum(v);
    status = rb_visitor_finish_memory(v, &data, &c->state_bytes, error);
    c->state = data;
    return status;
}

// Rows are nearer to being overwritten the older they are, in every stream.
static int by_age(const void *a, const void *b, void *context)
{
    const rb_run *run = context;
    const rb_chunk *left = a, *right = b;
    uint64_t left_reach, right_reach, settled;
    rb_replay_settled(run->replay, left->stream, &left_reach, &settled);
    rb_replay_settled(run->replay, right->stream, &right_reach, &settled);
    const uint64_t x = left->from - left_reach, y = right->from - right_reach;
    return x != y ? (x > y) - (x < y) : left->stream - right->stream;
}

static rb_status capture_rows(rb_run *run, rb_capture *c, const rb_replay_files *before, rb_error *error)
{
    rb_status status = rb_replay_files_plan(&c->files, before, run->replay, run->step, error);
    size_t rows = 0;
    if (status) return status;
    for (int i = 0; i < c->files.count; i++) {
        const rb_replay_file *f = &c->files.file[i];
        if (f->bytes) continue;
        rows += (size_t)(f->to - f->from);
        c->fresh++;
    }
    c->chunk = calloc((size_t)c->fresh + 1, sizeof *c->chunk);
    c->rows = malloc((rows + 1) * sizeof *c->rows);
    if (!c->chunk || !c->rows) return rb_error_set(error, RB_ERR_MEMORY, "no memory for replay's rows");
    rb_row *row = c->rows;
    for (int i = 0, k = 0; i < c->files.count; i++) {
        const rb_replay_file *f = &c->files.file[i];
        if (f->bytes) continue;
        rb_chunk_take(&c->chunk[k], run->replay, f->stream, f->from, f->to, row);
        c->chunk[k++].file = i;
        row += f->to - f->from;
    }
    qsort_r(c->chunk, (size_t)c->fresh, sizeof *c->chunk, by_age, run);
    return RB_OK;
}

// `later`: the weights are kept on a device.
static rb_status capture(rb_run *run, bool later, rb_error *error)
{
    rb_checkpoints *k = run->checkpoints;
    rb_capture *c = &k->capture;
    void *buffer = c->state; // the one before was about as large
    const size_t room = c->state_bytes;
    c->state = NULL;
    rb_capture_free(c);
    c->step = run->step;
    c->keeps_all = run->failed;
    c->agent = later ? run->agent : NULL;
    rb_status status = capture_rows(run, c, &k->files, error);
    if (status)
        free(buffer);
    else
        status = capture_state(run, c, buffer, room, error);
    if (!status && !later)
        status = rb_weights_make(rb_agent_seen(run->agent), run->config, run->step, &c->weights,
                                 &c->weights_bytes, error);
    return status;
}

// ---- writing ----

static rb_status open_checkpoints(rb_run *run, rb_error *error)
{
    if (run->checkpoints) return RB_OK;
    rb_checkpoints *k = calloc(1, sizeof *k);
    if (!k) return rb_error_set(error, RB_ERR_MEMORY, "no memory for checkpoints");
    rb_status status = rb_checkpoint_writer_create(&k->writer, run->config, run->replay, error);
    if (status)
        free(k);
    else
        run->checkpoints = k, k->whole_step = -1;
    return status;
}

static rb_status could_not(const rb_run *run, int64_t step, rb_status status, rb_error *error)
{
    char newest[64] = " (no step of this run is saved)";
    if (run->checkpoints && run->checkpoints->whole_step >= 0)
        snprintf(newest, sizeof newest, " (the newest is of step %" PRId64 ")", run->checkpoints->whole_step);
    return rb_error_context(error, status, "the checkpoint at step %" PRId64 " could not be written%s", step,
                            newest);
}

// Warns in time if the next checkpoint, which needs as much as the last one, will not fit.
static void look_at_disk(rb_run *run, double now)
{
    static const double look_seconds = 30;
    rb_checkpoints *k = run->checkpoints;
    if (!k->next_bytes || now - k->looked < look_seconds) return;
    k->looked = now;
    rb_full_disk_warn(run, k->next_bytes, "the next checkpoint");
}

// Puts the tables on the disk, whose lengths the state stores, and hands a copy of the run to the writer.
static rb_status begin(rb_run *run, rb_error *error)
{
    rb_status status = open_checkpoints(run, error);
    const bool later = !status && rb_agent_keep(run->agent);
    if (!status && !later) status = rb_net_check_finite(rb_agent_seen(run->agent), error);
    if (!status) status = rb_metrics_sync(run->metrics, error);
    if (!status) status = rb_event_log_checkpoint(run->events, run, error);
    if (!status) status = capture(run, later, error);
    if (!status)
        status = rb_checkpoint_writer_start(run->checkpoints->writer, rb_scratch_place(run),
                                            &run->checkpoints->capture, error);
    return status;
}

// A directory that is renamed in the middle of that is a new place, not a failure.
static rb_status begin_wherever(rb_run *run, rb_error *error)
{
    char before[RB_PATH_MAX];
    snprintf(before, sizeof before, "%s", run->directory);
    const rb_status status = begin(run, error);
    const bool moved =
        status == RB_ERR_FILE && !rb_run_directory_follow(run, NULL) && strcmp(before, run->directory) != 0;
    return moved ? begin(run, error) : status;
}

rb_status rb_checkpoint_write(rb_run *run, rb_error *error)
{
    if (run->saved_step == run->step && !run->learned_since) return RB_OK;
    const double start = rb_clock_seconds();
    rb_metrics_activity(run->metrics, RB_SAVING);
    rb_metrics_progress(run->metrics, run, true, NULL);
    rb_checkpoints *k = run->checkpoints;
    if (k && rb_checkpoint_writer_is_writing(k->writer) && !k->told_waiting) {
        k->told_waiting = true;
        rb_log_write(&run->log, RB_LOG_INFO,
                     "step %" PRId64 ": waiting for the checkpoint before, which is still being written; "
                     "checkpoint.every_steps may be too small for this disk",
                     run->step);
    }
    rb_status status = rb_checkpoint_finish(run, error);
    if (!status) {
        status = begin_wherever(run, error);
        if (status) could_not(run, run->step, status, error);
    }
    rb_metrics_activity(run->metrics, RB_TRAINING);
    if (status) return status;
    run->saved_step = run->step;
    run->learned_since = false;
    run->checkpoints->pause = rb_clock_seconds() - start;
    return RB_OK;
}

// The writer reaches the directory by another path, which means nothing to a reader.
static void name_directory(rb_run *run, rb_error *error)
{
    const char *reach = rb_run_directory_reach(run);
    char *at = error ? strstr(error->message, reach) : NULL, rest[sizeof error->message];
    if (!at || reach == run->directory) return;
    snprintf(rest, sizeof rest, "%s", at + strlen(reach));
    snprintf(at, sizeof error->message - (size_t)(at - error->message), "%s%s", run->directory, rest);
}

rb_status rb_checkpoint_finish(rb_run *run, rb_error *error)
{
    rb_checkpoints *k = run->checkpoints;
    if (!k || rb_checkpoint_writer_is_idle(k->writer)) return RB_OK;
    rb_written written;
    const rb_status status = rb_checkpoint_writer_finish(k->writer, &written, error);
    if (status) {
        name_directory(run, error);
        run->saved_step = k->whole_step;
        return could_not(run, k->capture.step, status, error);
    }
    rb_replay_files_free(&k->files);
    k->files = k->capture.files;
    k->capture.files = (rb_replay_files){0};
    k->whole_step = k->capture.step;
    k->count++;
    k->next_bytes = written.bytes;
    k->looked = 0;
    k->total.bytes += written.bytes;
    k->total.seconds += written.seconds;
    k->total.cpu_seconds += written.cpu_seconds;
    if (k->pause > k->longest_pause) k->longest_pause = k->pause;
    char bytes[32];
    rb_text_bytes(bytes, sizeof bytes, written.bytes);
    rb_log_write(&run->log, RB_LOG_DETAIL,
                 "step %" PRId64 ": checkpoint %s/checkpoints/step_%012" PRId64
                 ": training paused for %.2f s; %s written in %.1f s (%.1f s of processor time)",
                 k->capture.step, *run->scratch ? run->scratch : run->directory, k->capture.step, k->pause,
                 bytes, written.seconds, written.cpu_seconds);
    return RB_OK;
}

int64_t rb_checkpoint_whole_step(const rb_run *run)
{
    const rb_checkpoints *k = run->checkpoints;
    if (!k) return -1;
    return rb_checkpoint_writer_has_written(k->writer) ? k->capture.step : k->whole_step;
}

bool rb_checkpoint_is_writing(const rb_run *run)
{
    return run->checkpoints && rb_checkpoint_writer_is_writing(run->checkpoints->writer);
}

static rb_status write_and_finish(rb_run *run, const void *context, rb_error *error)
{
    (void)context;
    rb_checkpoint_finish(run, NULL); // whatever happened to the one before, this one takes its place
    rb_status status = rb_checkpoint_write(run, error);
    return status ? status : rb_checkpoint_finish(run, error);
}

rb_status rb_checkpoint_whole(rb_run *run, rb_error *error)
{
    return rb_full_disk_try(run, write_and_finish, NULL, error);
}

rb_status rb_checkpoint_turn(rb_run *run, rb_error *error)
{
    rb_checkpoints *k = run->checkpoints;
    if (!k) return RB_OK;
    rb_status status = RB_OK;
    if (!rb_checkpoint_writer_is_idle(k->writer) && !rb_checkpoint_writer_is_writing(k->writer))
        status = rb_checkpoint_finish(run, error);
    if (!status && rb_checkpoint_writer_is_idle(k->writer)) look_at_disk(run, rb_clock_seconds());
    return status;
}

void rb_checkpoint_end(rb_run *run)
{
    const rb_checkpoints *k = run->checkpoints;
    char bytes[32];
    if (!k || !k->count) return;
    rb_text_bytes(bytes, sizeof bytes, k->total.bytes);
    rb_log_write(&run->log, RB_LOG_DETAIL,
                 "checkpoints: %d, %s written, %.1f s of processor time, longest pause %.2f s", k->count,
                 bytes, k->total.cpu_seconds, k->longest_pause);
}

void rb_checkpoint_forget(rb_run *run)
{
    rb_checkpoints *k = run->checkpoints;
    run->saved_step = -1;
    if (!k) return;
    rb_checkpoint_finish(run, NULL);
    rb_replay_files_free(&k->files);
    k->whole_step = run->saved_step = -1;
}

void rb_checkpoint_close(rb_run *run)
{
    rb_checkpoints *k = run->checkpoints;
    if (!k) return;
    rb_checkpoint_writer_destroy(k->writer);
    rb_capture_free(&k->capture);
    rb_replay_files_free(&k->files);
    free(k);
    run->checkpoints = NULL;
}

// ---- loading ----

typedef struct rows_of { // replay's old rows, for the visit of a state
    rb_run *run;
    const char *checkpoint;
    uint64_t state_sum;
    bool failed; // the fault is in them
} rows_of;

static rb_status load_rows(void *context, rb_error *error)
{
    rows_of *rows = context;
    rb_replay_files *files = &rows->run->checkpoints->files;
    rb_status status = rb_replay_files_read(files, rows->checkpoint, error);
    if (!status && files->state_sum != rows->state_sum)
        status = rb_error_set(error, RB_ERR_FORMAT, "%s/replay_files.txt: belongs to another state",
                              rows->checkpoint);
    if (!status) status = rb_replay_files_load(files, rows->run->directory, rows->run->replay, error);
    rows->failed = status != RB_OK;
    return status;
}

static rb_status can_not_resume(rb_status status, rb_error *error)
{
    return rb_error_context(
        error, status,
        "the newest checkpoint can't be resumed (remove its directory to resume from the one before)");
}

static rb_status load_state(rb_run *run, const char *checkpoint, char kernels[KERNELS_NAME], rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_visitor *v;
    rb_status status = rb_path_join(path, sizeof path, checkpoint, "state.rb", error);
    if (!status) status = rb_visitor_load(&v, path, error);
    if (status == RB_ERR_FORMAT) return can_not_resume(status, error);
    if (status) return status;
    rows_of rows = {run, checkpoint, rb_visitor_sum(v), false};
    rb_visitor_set_outside(v, load_rows, &rows); // a state of an older version has all rows inside
    visit_whole(run, kernels, v);
    status = rb_visitor_finish(v, NULL, error);
    if (rows.failed) return can_not_resume(status, error);
    return status ? rb_error_context(error, status, "the checkpoint does not fit this run's settings")
                  : RB_OK;
}

rb_status rb_checkpoint_load(rb_run *run, rb_error *error)
{
    char directory[RB_PATH_MAX], kernels[KERNELS_NAME] = "";
    rb_status status = rb_checkpoint_find(directory, sizeof directory, run->directory, true, error);
    if (!status) status = open_checkpoints(run, error);
    if (!status) status = load_state(run, directory, kernels, error);
    if (status) return status;
    rb_replay_files_clean(run->directory);
    run->checkpoints->whole_step = run->step;
    run->saved_step = run->returned_step = run->step;
    run->fresh = false;
    kernels[KERNELS_NAME - 1] = 0;
    compare_kernels(run, kernels);
    if (!rb_vector_resumes(run->envs))
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s can't save its state: the run resumes with new games, so it is not bit-identical to "
                     "an uninterrupted run",
                     run->params->run.env);
    for (int i = 0; i < rb_vector_count(run->envs); i++) // new games, so replay needs new episodes too
        if (rb_vector_began(run->envs, i)) {
            rb_run_begin_episode(run, i);
            run->game_began[i] = run->step;
            rb_episodes_began(run, i);
        }
    return RB_OK;
}
