// Numbers for people, and the line that reports a run's progress.
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>

#include "base/text.h"

void cli_number(char *out, size_t bytes, const char *format, double value)
{
    if (isnan(value))
        snprintf(out, bytes, "-");
    else
        snprintf(out, bytes, format, value);
}

void cli_bytes(char *out, size_t bytes, double value)
{
    snprintf(out, bytes,
             value < 1e9    ? "%.0f MB"
             : value < 1e10 ? "%.2f GB"
                            : "%.1f GB",
             value < 1e9 ? value / 1e6 : value / 1e9);
}

void cli_free_memory(char *out, size_t bytes, const rb_progress *now)
{
    const double free = now->machine_free_bytes / 1e9, all = now->machine_bytes / 1e9;
    char text[32]; // three digits, but no exponent
    snprintf(text, sizeof text, free < 999.5 ? "%.3g" : "%.0f", free);
    snprintf(out, bytes, all < 999.5 ? "%s of %.3g GB free" : "%s of %.0f GB free", text, all);
}

void cli_clock(char *out, size_t bytes, double seconds)
{
    if (!(seconds >= 0) || seconds > 1e8) {
        snprintf(out, bytes, "-");
        return;
    }
    int64_t whole = (int64_t)seconds;
    snprintf(out, bytes, "%" PRId64 ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60), (int)(whole % 60));
}

enum { STEPS_SHOWN = 10000 }; // in games that are shorter, the count of games says enough

void cli_evaluating(char *out, size_t bytes, int ended, int of, int64_t steps)
{
    char played[32], thousands[32];
    rb_text_thousands(thousands, sizeof thousands, steps);
    snprintf(played, sizeof played, ", %s steps", thousands);
    snprintf(out, bytes, "evaluating, %d of %d games%s", ended, of, steps >= STEPS_SHOWN ? played : "");
}

void cli_progress_line(const rb_progress *p, char *out, size_t bytes)
{
    char step[32], most[32], mean[32], eval[32], q[32], loss[32], replay[32], speed[32], left[32];
    char games[32], games_most[32], of_games[80] = "", trailing[80] = "", time[48] = "";
    rb_text_thousands(step, sizeof step, p->step);
    rb_text_thousands(most, sizeof most, p->max_steps);
    rb_text_thousands(replay, sizeof replay, p->replay_size);
    rb_text_thousands(speed, sizeof speed, isfinite(p->steps_per_second) ? (int64_t)p->steps_per_second : 0);
    cli_number(mean, sizeof mean, "%.1f", p->return_mean);
    cli_number(eval, sizeof eval, "%.1f", p->eval_mean);
    cli_number(q, sizeof q, "%.3g", p->q_mean);
    cli_number(loss, sizeof loss, "%.3g", p->loss);
    cli_clock(left, sizeof left, p->seconds_left);
    if (!isnan(p->seconds_left)) snprintf(time, sizeof time, "  left %s", left);
    if (p->warming_up) snprintf(time, sizeof time, "  warming up");
    if (p->stop_evaluations) {
        char last[32];
        cli_number(last, sizeof last, "%.1f", p->eval_trailing);
        snprintf(trailing, sizeof trailing, "  last %" PRId64 " evals %s", p->stop_evaluations, last);
    }
    if (p->max_episodes || p->max_lives) {
        rb_text_thousands(games, sizeof games, p->max_lives ? p->lives : p->games);
        rb_text_thousands(games_most, sizeof games_most, p->max_lives ? p->max_lives : p->max_episodes);
        snprintf(of_games, sizeof of_games, "  %s/%s %s", games, games_most,
                 p->max_lives ? "lives" : "games");
    }
    snprintf(out, bytes,
             "%s/%s steps%s  return %s  eval %s%s  epsilon %.3f  replay %s  Q %s  loss %s  %s steps/s%s",
             step, most, of_games, mean, eval, trailing, p->epsilon, replay, q, loss, speed, time);
}
