// The end of a run, reported in one sentence and kept as end.json in its directory.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "train/ending.h"
#include "train/full_disk.h"

static void describe(const rb_run *run, rb_ending ending, char *out, size_t bytes)
{
    const rb_run_params *p = &run->params->run;
    char count[32];
    switch (ending) {
    case RB_ENDED_EPISODES:
        rb_text_thousands(count, sizeof count, p->max_episodes);
        snprintf(out, bytes, "%s games (run.max_episodes)", count);
        break;
    case RB_ENDED_LIVES:
        rb_text_thousands(count, sizeof count, p->max_lives);
        snprintf(out, bytes, "%s lives (run.max_lives)", count);
        break;
    case RB_ENDED_MINUTES:
        snprintf(out, bytes, "%g minutes of training (run.max_minutes)", p->max_minutes);
        break;
    case RB_ENDED_SCORE:
        snprintf(out, bytes, "the last %" PRId64 " evaluations have a mean of %.10g (run.stop_score = %.10g)",
                 p->stop_evaluations, rb_metrics_trailing(run->metrics, p->stop_evaluations), p->stop_score);
        break;
    default:
        rb_text_thousands(count, sizeof count, p->max_steps);
        snprintf(out, bytes, "%s steps (run.max_steps)", count);
    }
}

static void write_number(FILE *to, const char *name, double value)
{
    if (isnan(value))
        fprintf(to, ",\n\t\"%s\":\tnull", name);
    else
        fprintf(to, ",\n\t\"%s\":\t%.10g", name, value);
}

static rb_status find_file(const rb_run *run, char *path, size_t bytes, rb_error *error)
{
    return rb_path_join(path, bytes, run->directory, "end.json", error);
}

typedef struct file_text {
    const char *path, *text;
    size_t bytes;
} file_text;

static rb_status write_file(rb_run *run, const void *context, rb_error *error)
{
    const file_text *file = context;
    (void)run;
    return rb_file_write(file->path, file->text, file->bytes, error);
}

rb_status rb_ending_tell(rb_run *run, rb_ending ending, rb_error *error)
{
    char sentence[200], path[RB_PATH_MAX], *text = NULL;
    size_t bytes;
    describe(run, ending, sentence, sizeof sentence);
    rb_log_write(&run->log, RB_LOG_DETAIL, "step %" PRId64 ": the run has ended: %s", run->step, sentence);
    FILE *to = open_memstream(&text, &bytes);
    if (!to) return rb_error_set(error, RB_ERR_MEMORY, "no memory for end.json");
    const rb_progress p = rb_metrics_now(run->metrics, run);
    fprintf(to, "{\n\t\"ended_by\":\t\"%s\"", rb_ending_name(ending));
    write_number(to, "step", (double)p.step);
    write_number(to, "frames", (double)p.frames);
    write_number(to, "games", (double)p.games);
    write_number(to, "updates", (double)p.updates);
    write_number(to, "seconds", p.seconds);
    write_number(to, "return_mean", p.return_mean);
    write_number(to, "eval_mean", p.eval_mean);
    write_number(to, "eval_best", p.eval_best);
    fprintf(to, "\n}\n");
    fclose(to);
    rb_status status = find_file(run, path, sizeof path, error);
    const file_text file = {path, text, bytes};
    if (!status) status = rb_full_disk_try(run, write_file, &file, error);
    free(text);
    return status;
}

rb_status rb_ending_forget(const rb_run *run, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = find_file(run, path, sizeof path, error);
    return status ? status : rb_file_remove_tree(path, error);
}
