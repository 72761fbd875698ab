#include "train/ending.h"

#include <math.h>

#include "base/clock.h"

static const char *const names[] = {
    "", "run.max_steps", "run.max_episodes", "run.max_lives", "run.max_minutes", "run.stop_score"};

const char *rb_ending_name(rb_ending ending)
{
    return names[ending];
}

rb_ending rb_run_ending(const rb_run *run)
{
    const rb_run_params *p = &run->params->run;
    if (run->step >= p->max_steps) return RB_ENDED_STEPS;
    if (p->max_episodes && rb_metrics_games(run->metrics) >= p->max_episodes) return RB_ENDED_EPISODES;
    if (p->max_lives && run->episodes.lives >= p->max_lives) return RB_ENDED_LIVES;
    if (p->max_minutes > 0 && rb_metrics_so_far(run->metrics).seconds >= 60 * p->max_minutes)
        return RB_ENDED_MINUTES;
    if (p->stop_evaluations && rb_metrics_trailing(run->metrics, p->stop_evaluations) >= p->stop_score)
        return RB_ENDED_SCORE;
    return RB_GOING;
}

void rb_run_time_limit(rb_run *run)
{
    const double minutes = run->params->run.time_limit_minutes;
    if (minutes <= 0 || *run->stop || rb_clock_seconds() - run->began_seconds < 60 * minutes) return;
    rb_log_write(&run->log, RB_LOG_INFO,
                 "run.time_limit_minutes = %g: the time of this process is over; saving a checkpoint, then "
                 "stopping",
                 minutes);
    *run->stop = RB_STOP_TIME_LIMIT;
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
    double done = rb_run_done(run, run->step, rb_metrics_games(run->metrics));
    if (p->max_lives) done = fmax(done, (double)run->episodes.lives / (double)p->max_lives);
    return p->max_minutes > 0 ? fmin(1, fmax(done, seconds / (60 * p->max_minutes))) : done;
}

double rb_run_seconds_left(const rb_run *run, double seconds, double steps_per_second, bool lasts)
{
    const rb_run_params *p = &run->params->run;
    const double games = (double)rb_metrics_games(run->metrics);
    if (rb_run_ending(run) != RB_GOING) return 0;
    if (!lasts) return NAN;
    double left = steps_per_second > 0 ? (double)(p->max_steps - run->step) / steps_per_second : (double)NAN;
    // Games and lives as long as those so far, at the speed of now: the first steps had no updates.
    const double each = steps_per_second > 0 ? (double)run->step / steps_per_second : (double)NAN,
                 lives = (double)run->episodes.lives;
    if (p->max_episodes && games > 0) left = fmin(left, each / games * ((double)p->max_episodes - games));
    if (p->max_lives && lives > 0) left = fmin(left, each / lives * ((double)p->max_lives - lives));
    if (p->max_minutes > 0) left = fmin(left, 60 * p->max_minutes - seconds);
    return left;
}
