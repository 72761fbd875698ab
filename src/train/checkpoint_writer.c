#include "train/checkpoint_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/task.h"
#include "io/blocks.h"
#include "rollout/saved.h"
#include "rollout/weights.h"

struct rb_checkpoint_writer {
    char run_directory[RB_PATH_MAX]; // a path that follows it if it is renamed (rb_run_directory_reach)
    const rb_config *config;
    rb_replay *replay;
    rb_capture *capture; // NULL: idle
    rb_task *task;
    rb_status status;
    rb_error error;
    rb_written written;
};

void rb_capture_free(rb_capture *capture)
{
    free(capture->state);
    free(capture->weights);
    free(capture->chunk);
    free(capture->rows);
    rb_replay_files_free(&capture->files);
    *capture = (rb_capture){0};
}

rb_status rb_checkpoint_writer_create(rb_checkpoint_writer **out, const rb_config *config, rb_replay *replay,
                                      rb_error *error)
{
    rb_checkpoint_writer *w = calloc(1, sizeof *w);
    if (!w) return rb_error_set(error, RB_ERR_MEMORY, "no memory to write checkpoints");
    w->config = config;
    w->replay = replay;
    *out = w;
    return RB_OK;
}

void rb_checkpoint_writer_destroy(rb_checkpoint_writer *w)
{
    if (!w) return;
    if (w->capture) rb_checkpoint_writer_finish(w, NULL, NULL);
    free(w);
}

// ---- replay's rows ----

static void close_gates(const rb_checkpoint_writer *w)
{
    const rb_capture *c = w->capture;
    for (int i = c->fresh - 1; i >= 0; i--) // so that the first file of each stream is set last
        rb_gate_set(rb_replay_gate(w->replay, c->chunk[i].stream), c->chunk[i].from);
}

static void open_gates(const rb_checkpoint_writer *w)
{
    for (int i = 0; i < rb_replay_streams(w->replay); i++) rb_gate_open(rb_replay_gate(w->replay, i));
}

static rb_status write_rows(rb_checkpoint_writer *w, int i, rb_blocks_writer *blocks, uint8_t *image,
                            rb_error *error)
{
    const rb_chunk *chunk = &w->capture->chunk[i];
    rb_replay_file *file = &w->capture->files.file[w->capture->chunk[i].file];
    rb_gate *gate = rb_replay_gate(w->replay, chunk->stream);
    const uint64_t most = (uint64_t)rb_chunk_block_rows(w->replay);
    char path[RB_PATH_MAX];
    rb_status status = rb_replay_files_path(path, sizeof path, w->run_directory, file->name, error);
    if (!status) status = rb_blocks_begin(blocks, path, error);
    for (uint64_t from = chunk->from, to; from < chunk->to && !status; from = to) {
        to = chunk->to - from > most ? from + most : chunk->to;
        const size_t bytes = rb_chunk_image(chunk, w->replay, from, to, image);
        rb_gate_set(gate, to);
        status = rb_blocks_add(blocks, image, bytes, error);
    }
    if (!status) status = rb_blocks_end(blocks, &file->bytes, &file->hash, error);
    if (!status) w->written.bytes += (double)file->bytes;
    return status;
}

// The rings wait for the rows alone, so these are put on the disk afterwards.
static rb_status sync_rows(const rb_checkpoint_writer *w, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = RB_OK;
    for (int i = 0; i < w->capture->fresh && !status; i++) {
        const rb_replay_file *file = &w->capture->files.file[w->capture->chunk[i].file];
        status = rb_replay_files_path(path, sizeof path, w->run_directory, file->name, error);
        if (!status) status = rb_file_sync(path, error);
    }
    if (!status) status = rb_replay_files_path(path, sizeof path, w->run_directory, "", error);
    return status ? status : rb_file_sync(path, error);
}

static rb_status write_replay(rb_checkpoint_writer *w, rb_error *error)
{
    const size_t most_bytes = rb_chunk_most_bytes(w->replay);
    char directory[RB_PATH_MAX];
    rb_blocks_writer *blocks = NULL;
    uint8_t *image = malloc(most_bytes);
    rb_status status = image ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory to write replay");
    if (!status) status = rb_replay_files_path(directory, sizeof directory, w->run_directory, "", error);
    if (!status) status = rb_file_make_directories(directory, error);
    if (!status) status = rb_blocks_writer_create(&blocks, most_bytes, error);
    for (int i = 0; i < w->capture->fresh && !status; i++) status = write_rows(w, i, blocks, image, error);
    open_gates(w);
    rb_blocks_writer_destroy(blocks);
    free(image);
    return status ? status : sync_rows(w, error);
}

static void remove_rows(const rb_checkpoint_writer *w)
{
    char path[RB_PATH_MAX];
    for (int i = 0; i < w->capture->fresh; i++)
        if (!rb_replay_files_path(path, sizeof path, w->run_directory,
                                  w->capture->files.file[w->capture->chunk[i].file].name, NULL))
            unlink(path);
}

// ---- the checkpoint's directory ----

static rb_status write_file(rb_checkpoint_writer *w, const char *directory, const char *name,
                            const char *data, size_t bytes, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, name, error);
    if (!status) status = rb_file_write_new(path, data, bytes, error);
    w->written.bytes += (double)bytes;
    return status;
}

static rb_status write_config(const rb_checkpoint_writer *w, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, "config.ini", error);
    return status ? status : rb_config_write(w->config, path, error);
}

void rb_checkpoint_drop_states(const char *run_directory, int64_t keep)
{
    char parent[RB_PATH_MAX], path[RB_PATH_MAX + 64];
    char **names;
    int count;
    if (rb_checkpoint_list(run_directory, parent, sizeof parent, &names, &count, NULL)) return;
    for (int i = 0; i < count - (int)keep; i++) {
        snprintf(path, sizeof path, "%s/%s/state.rb", parent, names[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s/replay_files.txt", parent, names[i]);
        unlink(path);
    }
    rb_file_list_free(names, count);
    rb_replay_files_clean(run_directory);
}

// Weights that a device has kept come into the state, and into a file of their own.
static rb_status complete(const rb_checkpoint_writer *w, rb_error *error)
{
    rb_capture *c = w->capture;
    if (!c->agent) return RB_OK;
    rb_status status = rb_agent_kept(c->agent, c->state, error);
    if (status) return status;
    c->files.state_sum = rb_visit_seal(c->state, c->state_bytes);
    return rb_weights_make(rb_agent_kept_online(c->agent), w->config, c->step, &c->weights, &c->weights_bytes,
                           error);
}

static rb_status write_checkpoint(rb_checkpoint_writer *w, rb_error *error)
{
    const rb_capture *c = w->capture;
    char final[RB_PATH_MAX], part[RB_PATH_MAX + 8];
    snprintf(part, sizeof part, "checkpoints/step_%012" PRId64, c->step);
    rb_status status = rb_path_join(final, sizeof final, w->run_directory, part, error);
    if (!status && !rb_file_is_directory(w->run_directory))
        status = rb_error_set(error, RB_ERR_FILE, "%s: is no longer there", w->run_directory);
    if (!status) status = write_replay(w, error);
    open_gates(w);
    if (!status) status = complete(w, error);
    if (status) {
        remove_rows(w);
        return status;
    }
    snprintf(part, sizeof part, "%s.part", final);
    status = rb_file_remove_tree(part, error); // left by a killed process
    if (!status) status = rb_file_make_directories(part, error);
    if (!status) status = rb_replay_files_write(&c->files, part, error);
    if (!status) status = write_file(w, part, "state.rb", c->state, c->state_bytes, error);
    if (!status) status = write_file(w, part, rb_weights_file_name, c->weights, c->weights_bytes, error);
    if (!status) status = write_config(w, part, error);
    // The same step may be there, saved before the run was set back, or in the middle of its updates.
    if (!status) status = rb_file_replace_directory(part, final, error);
    if (!status) {
        if (!w->capture->keeps_all)
            rb_checkpoint_drop_states(w->run_directory, w->config->params.checkpoint.keep);
        return RB_OK;
    }
    rb_file_remove_tree(part, NULL);
    remove_rows(w);
    return status;
}

// ---- the thread ----

static void work(void *context)
{
    rb_checkpoint_writer *w = context;
    const double start = rb_clock_seconds();
    w->status = write_checkpoint(w, &w->error);
    w->written.seconds = rb_clock_seconds() - start;
}

rb_status rb_checkpoint_writer_start(rb_checkpoint_writer *w, const char *run_directory, rb_capture *capture,
                                     rb_error *error)
{
    snprintf(w->run_directory, sizeof w->run_directory, "%s", run_directory);
    w->capture = capture;
    w->error = (rb_error){0};
    w->written = (rb_written){0};
    close_gates(w);
    const rb_status status = rb_task_start(&w->task, work, w, error);
    if (!status) return RB_OK;
    open_gates(w);
    w->capture = NULL;
    return status;
}

bool rb_checkpoint_writer_is_idle(const rb_checkpoint_writer *w)
{
    return !w->capture;
}

bool rb_checkpoint_writer_is_writing(const rb_checkpoint_writer *w)
{
    return w->capture && !rb_task_is_done(w->task);
}

bool rb_checkpoint_writer_has_written(const rb_checkpoint_writer *w)
{
    return w->capture && rb_task_is_done(w->task) && !w->status;
}

rb_status rb_checkpoint_writer_finish(rb_checkpoint_writer *w, rb_written *written, rb_error *error)
{
    if (!w->capture) return RB_OK;
    w->written.cpu_seconds = rb_task_finish(w->task);
    w->capture = NULL;
    if (written) *written = w->written;
    if (w->status && error) *error = w->error;
    return w->status;
}
