#include "train/replay_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "base/text.h"
#include "io/blocks.h"
#include "rollout/saved.h"

static const char list_name[] = "replay_files.txt", suffix[] = ".rbz";

void rb_replay_files_free(rb_replay_files *files)
{
    free(files->file);
    *files = (rb_replay_files){0};
}

// ---- the list ----

// replay_files.txt is text: a line with the state's hash, a line per file, and the hash of the lines before.
static const char head_format[] = "rainbow replay 1 state %016" PRIx64 " files %d\n";
static const char file_format[] =
    "%s stream %d rows %" PRIu64 " %" PRIu64 " bytes %" PRIu64 " hash %016" PRIx64 "\n";
static const char end_format[] = "end %016" PRIx64 "\n";
enum { END_BYTES = 21 }; // of the last line

rb_status rb_replay_files_write(const rb_replay_files *files, const char *checkpoint, rb_error *error)
{
    char path[RB_PATH_MAX], *text = NULL;
    size_t bytes;
    rb_status status = rb_path_join(path, sizeof path, checkpoint, list_name, error);
    FILE *to = status ? NULL : open_memstream(&text, &bytes);
    if (status) return status;
    if (!to) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write it", path);
    fprintf(to, head_format, files->state_sum, files->count);
    for (int i = 0; i < files->count; i++) {
        const rb_replay_file *f = &files->file[i];
        fprintf(to, file_format, f->name, f->stream, f->from, f->to, f->bytes, f->hash);
    }
    fflush(to);
    fprintf(to, end_format, XXH3_64bits(text, bytes));
    if (fclose(to)) status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write it", path);
    unlink(path);
    if (!status) status = rb_file_write_new(path, text, bytes, error);
    free(text);
    return status;
}

static bool is_name(const char *name)
{
    return !strchr(name, '/') && rb_text_starts(name, "step_") && rb_text_ends(name, suffix);
}

static bool parse(rb_replay_files *out, char *text, size_t bytes)
{
    uint64_t sum;
    int files, length = 0;
    if (bytes <= END_BYTES || strlen(text) != bytes) return false;
    const size_t end = bytes - END_BYTES;
    if (sscanf(text + end, "end %16" SCNx64, &sum) != 1 || sum != XXH3_64bits(text, end)) return false;
    if (sscanf(text, "rainbow replay 1 state %16" SCNx64 " files %d\n%n", &out->state_sum, &files, &length) !=
            2 ||
        !length || files < 0 || (size_t)files > bytes)
        return false;
    out->file = calloc((size_t)files + 1, sizeof *out->file);
    if (!out->file) return false;
    for (const char *at = text + length; out->count < files; at += length) {
        rb_replay_file *f = &out->file[out->count++];
        length = 0;
        if (sscanf(at, "%47s stream %d rows %" SCNu64 " %" SCNu64 " bytes %" SCNu64 " hash %16" SCNx64 "\n%n",
                   f->name, &f->stream, &f->from, &f->to, &f->bytes, &f->hash, &length) != 6 ||
            !length || !is_name(f->name) || f->from >= f->to)
            return false;
    }
    return true;
}

rb_status rb_replay_files_read(rb_replay_files *out, const char *checkpoint, rb_error *error)
{
    char path[RB_PATH_MAX], *text = NULL;
    size_t bytes = 0;
    *out = (rb_replay_files){0};
    rb_status status = rb_path_join(path, sizeof path, checkpoint, list_name, error);
    if (!status) status = rb_file_read(path, &text, &bytes, error);
    if (status) return status;
    if (!parse(out, text, bytes)) {
        rb_replay_files_free(out);
        status = rb_error_set(error, RB_ERR_FORMAT,
                              "%s: was cut short or changed: its contents do not match its checksum", path);
    }
    free(text);
    return status;
}

rb_status rb_replay_files_path(char *out, size_t bytes, const char *run_directory, const char *name,
                               rb_error *error)
{
    char part[96];
    snprintf(part, sizeof part, "checkpoints/replay%s%s", *name ? "/" : "", name);
    return rb_path_join(out, bytes, run_directory, part, error);
}

// ---- planning ----

// At most this many rows in a file. A stream then has about 32 files or less, or files of 4096 rows.
static uint64_t most_rows(const rb_replay *replay)
{
    enum { LEAST = 512, MOST = 4096, PARTS = 16 }; // many small files cost more than rows written again
    const int64_t rows = rb_replay_rows(replay) / PARTS;
    return rows < LEAST ? LEAST : rows > MOST ? MOST : (uint64_t)rows;
}

static bool add(rb_replay_files *files, const rb_replay_file *file)
{
    if (!(files->count & (files->count - 1))) { // 0 and powers of two: doubled
        void *grown = realloc(files->file, sizeof *file * (size_t)(files->count ? 2 * files->count : 1));
        if (!grown) return false;
        files->file = grown;
    }
    files->file[files->count++] = *file;
    return true;
}

// Takes over the files of one stream that hold rows from `reach` on. Returns the serial from which rows have
// to be written.
static uint64_t keep_files(rb_replay_files *out, const rb_replay_files *before, int stream, uint64_t reach,
                           uint64_t settled, uint64_t most, bool *enough)
{
    const int first = out->count;
    uint64_t next = reach;
    for (int i = 0; i < before->count && *enough; i++) {
        const rb_replay_file *f = &before->file[i];
        if (f->stream != stream || f->to <= reach || f->from > next || f->to > settled) continue;
        *enough = add(out, f);
        next = f->to;
    }
    if (!*enough || out->count == first) return next;
    const rb_replay_file *last = &out->file[out->count - 1];
    if (last->to == settled || last->to - last->from >= most / 2) return next;
    next = last->from > reach ? last->from : reach;
    out->count--;
    return next;
}

rb_status rb_replay_files_plan(rb_replay_files *out, const rb_replay_files *before, const rb_replay *replay,
                               int64_t step, rb_error *error)
{
    const uint64_t most = most_rows(replay);
    bool enough = true;
    *out = (rb_replay_files){0};
    for (int stream = 0; stream < rb_replay_streams(replay) && enough; stream++) {
        uint64_t reach, settled, next;
        rb_replay_settled(replay, stream, &reach, &settled);
        next = keep_files(out, before, stream, reach, settled, most, &enough);
        for (int number = 0; next < settled && enough; number++) {
            rb_replay_file file = {.stream = stream, .from = next};
            file.to = next = settled - next > most ? next + most : settled;
            snprintf(file.name, sizeof file.name, "step_%012" PRId64 "_s%03d_%04d%s", step, stream, number,
                     suffix);
            enough = add(out, &file);
        }
    }
    if (enough) return RB_OK;
    rb_replay_files_free(out);
    return rb_error_set(error, RB_ERR_MEMORY, "no memory to list replay's files");
}

// ---- loading ----

static rb_status damaged(const char *path, rb_error *error)
{
    return rb_error_set(error, RB_ERR_FORMAT,
                        "%s: does not hold the rows of replay that its checkpoint names", path);
}

static rb_status load_file(const rb_replay_file *f, const char *path, rb_replay *replay, uint8_t *image,
                           size_t room, rb_error *error)
{
    rb_blocks *blocks;
    rb_status status = rb_blocks_open(&blocks, path, f->bytes, f->hash, error);
    if (status) return status;
    for (uint64_t from = f->from; from < f->to && !status;) {
        size_t bytes;
        status = rb_blocks_next(blocks, image, room, &bytes, error);
        const int64_t rows = status ? 0 : rb_chunk_restore(replay, f->stream, from, image, bytes);
        if (!status && (!rows || (uint64_t)rows > f->to - from)) status = damaged(path, error);
        from += (uint64_t)rows;
    }
    rb_blocks_close(blocks);
    return status;
}

static bool covers(const rb_replay_files *files, const rb_replay *replay)
{
    for (int stream = 0; stream < rb_replay_streams(replay); stream++) {
        uint64_t reach, settled;
        rb_replay_settled(replay, stream, &reach, &settled);
        for (int i = 0; i < files->count; i++) {
            const rb_replay_file *f = &files->file[i];
            if (f->stream == stream && f->from <= reach && f->to > reach) reach = f->to;
        }
        if (reach != settled) return false;
    }
    return true;
}

rb_status rb_replay_files_load(const rb_replay_files *files, const char *run_directory, rb_replay *replay,
                               rb_error *error)
{
    const size_t room = rb_chunk_most_bytes(replay);
    if (!covers(files, replay))
        return rb_error_set(error, RB_ERR_FORMAT, "%s: does not name all rows of replay that its state needs",
                            list_name);
    uint8_t *image = malloc(room);
    if (!image) return rb_error_set(error, RB_ERR_MEMORY, "no memory to load replay");
    rb_status status = RB_OK;
    for (int i = 0; i < files->count && !status; i++) {
        char path[RB_PATH_MAX];
        const rb_replay_file *f = &files->file[i];
        status = rb_replay_files_path(path, sizeof path, run_directory, f->name, error);
        if (!status && (f->stream < 0 || f->stream >= rb_replay_streams(replay)))
            status = damaged(path, error);
        if (!status) status = load_file(f, path, replay, image, room, error);
    }
    free(image);
    return status;
}

// ---- cleaning ----

static bool exists_in(const char *directory, const char *name)
{
    char path[RB_PATH_MAX];
    return !rb_path_join(path, sizeof path, directory, name, NULL) && rb_file_exists(path);
}

// Adds the names of one state's files; false: they are unknown at the moment, so nothing may be removed.
static bool add_names(rb_replay_files *all, const char *checkpoint)
{
    rb_replay_files files;
    rb_error error = {0};
    if (!exists_in(checkpoint, "state.rb")) return true;
    const rb_status status = rb_replay_files_read(&files, checkpoint, &error);
    // A damaged list: that state can't be resumed. No list: a state of an older version, which holds
    // everything.
    if (status) return status == RB_ERR_FORMAT || !exists_in(checkpoint, list_name);
    bool enough = true;
    for (int i = 0; i < files.count && enough; i++) enough = add(all, &files.file[i]);
    rb_replay_files_free(&files);
    return enough;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const rb_replay_file *)a)->name, ((const rb_replay_file *)b)->name);
}

static bool names_in_use(rb_replay_files *all, const char *run_directory)
{
    char parent[RB_PATH_MAX], checkpoint[RB_PATH_MAX];
    char **names;
    int count;
    bool known = true;
    if (rb_checkpoint_list(run_directory, parent, sizeof parent, &names, &count, NULL)) return false;
    for (int i = 0; i < count && known; i++)
        known = !rb_path_join(checkpoint, sizeof checkpoint, parent, names[i], NULL) &&
                add_names(all, checkpoint);
    rb_file_list_free(names, count);
    if (all->count) qsort(all->file, (size_t)all->count, sizeof *all->file, by_name);
    return known;
}

static void remove_parts(const char *run_directory)
{
    char parent[RB_PATH_MAX], path[RB_PATH_MAX];
    char **names;
    int count;
    if (rb_path_join(parent, sizeof parent, run_directory, "checkpoints", NULL) ||
        rb_file_list(parent, &names, &count, NULL))
        return;
    for (int i = 0; i < count; i++)
        if (rb_text_starts(names[i], "step_") && rb_text_ends(names[i], ".part") &&
            !rb_path_join(path, sizeof path, parent, names[i], NULL))
            rb_file_remove_tree(path, NULL);
    rb_file_list_free(names, count);
}

void rb_replay_files_clean(const char *run_directory)
{
    remove_parts(run_directory);
    char directory[RB_PATH_MAX], path[RB_PATH_MAX];
    rb_replay_files used = {0};
    char **names;
    int count;
    if (names_in_use(&used, run_directory) &&
        !rb_replay_files_path(directory, sizeof directory, run_directory, "", NULL) &&
        rb_file_is_directory(directory) && !rb_file_list(directory, &names, &count, NULL)) {
        for (int i = 0; i < count; i++) {
            rb_replay_file key = {0};
            if (!is_name(names[i]) || !rb_text_copy(key.name, sizeof key.name, names[i])) continue;
            if (used.count && bsearch(&key, used.file, (size_t)used.count, sizeof key, by_name)) continue;
            if (!rb_path_join(path, sizeof path, directory, names[i], NULL)) unlink(path);
        }
        rb_file_list_free(names, count);
    }
    rb_replay_files_free(&used);
}
