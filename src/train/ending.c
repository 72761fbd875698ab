#include "train/ending.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

static const char *const names[] = {"", "run.max_steps", "run.max_episodes", "run.max_minutes",
                                    "run.stop_score"};

const char *rb_ending_name(rb_ending ending)
{
    return names[ending];
}

rb_ending rb_run_ending(const rb_run *run)
{
    const rb_run_params *p = &run->params->run;
    if (run->step >= p->max_steps) return RB_ENDED_STEPS;
    if (p->max_episodes && rb_metrics_games(run->metrics) >= p->max_episodes) return RB_ENDED_EPISODES;
    if (p->max_minutes > 0 && rb_metrics_so_far(run->metrics).seconds >= 60 * p->max_minutes)
        return RB_ENDED_MINUTES;
    if (p->stop_evaluations && rb_metrics_trailing(run->metrics, p->stop_evaluations) >= p->stop_score)
        return RB_ENDED_SCORE;
    return RB_GOING;
}

double rb_run_done(const rb_run *run, int64_t step, int64_t games)
{
    const rb_run_params *p = &run->params->run;
    double done = (double)step / (double)p->max_steps;
    if (p->max_episodes) done = fmax(done, (double)games / (double)p->max_episodes);
    return fmin(done, 1);
}

double rb_run_done_now(const rb_run *run, double seconds)
{
    const rb_run_params *p = &run->params->run;
    if (rb_run_ending(run) != RB_GOING) return 1;
    const double done = rb_run_done(run, run->step, rb_metrics_games(run->metrics));
    return p->max_minutes > 0 ? fmin(1, fmax(done, seconds / (60 * p->max_minutes))) : done;
}

double rb_run_seconds_left(const rb_run *run, double seconds, double steps_per_second)
{
    const rb_run_params *p = &run->params->run;
    const double games = (double)rb_metrics_games(run->metrics);
    if (rb_run_ending(run) != RB_GOING) return 0;
    double left = steps_per_second > 0 ? (double)(p->max_steps - run->step) / steps_per_second : (double)NAN;
    if (p->max_episodes && games > 0) left = fmin(left, seconds / games * ((double)p->max_episodes - games));
    if (p->max_minutes > 0) left = fmin(left, 60 * p->max_minutes - seconds);
    return left;
}

// ---- told and kept

static void describe(const rb_run *run, rb_ending ending, char *out, size_t bytes)
{
    const rb_run_params *p = &run->params->run;
    char count[32];
    switch (ending) {
    case RB_ENDED_EPISODES:
        rb_text_thousands(count, sizeof count, p->max_episodes);
        snprintf(out, bytes, "%s games (run.max_episodes)", count);
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

rb_status rb_ending_tell(const rb_run *run, rb_ending ending, rb_error *error)
{
    char sentence[200], path[RB_PATH_MAX], *text = NULL;
    size_t bytes;
    describe(run, ending, sentence, sizeof sentence);
    rb_log_write(&run->log, RB_LOG_INFO, "step %" PRId64 ": the run has ended: %s", run->step, sentence);
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
    if (!status) status = rb_file_write(path, text, bytes, error);
    free(text);
    return status;
}

rb_status rb_ending_forget(const rb_run *run, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = find_file(run, path, sizeof path, error);
    return status ? status : rb_file_remove_tree(path, error);
}
