// The progress of a run, on standard error: reward, evaluation, epsilon, replay, Q-value, loss, speed, time
// left.
//
// On a terminal one line is drawn over and over, cut to the window; anywhere else a plain line comes once a
// minute, fit for a log.
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PLAIN_EVERY_SECONDS = 60 };

bool cli_on_terminal(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

cli_progress cli_progress_begin(void)
{
    return (cli_progress){
        .terminal = cli_on_terminal(),
        .next_seconds = -1, // the first report sets it
    };
}

void cli_count(char *out, size_t bytes, int64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < bytes; i++) {
        out[used++] = digits[i];
        if ((length - 1 - i) % 3 == 0 && i + 1 < length && digits[i] != '-') out[used++] = ',';
    }
    out[used] = 0;
}

static void number(char *out, size_t bytes, const char *format, double value)
{
    if (isnan(value))
        snprintf(out, bytes, "-");
    else
        snprintf(out, bytes, format, value);
}

static void time_left(char *out, size_t bytes, double seconds)
{
    if (!(seconds >= 0) || seconds > 1e8) {
        snprintf(out, bytes, "-");
        return;
    }
    int64_t whole = (int64_t)seconds;
    snprintf(out, bytes, "%" PRId64 ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60), (int)(whole % 60));
}

void cli_progress_line(const rb_progress *p, char *out, size_t bytes)
{
    char step[32], most[32], reward[32], eval[32], q[32], loss[32], replay[32], speed[32], left[32];
    cli_count(step, sizeof step, p->step);
    cli_count(most, sizeof most, p->max_steps);
    cli_count(replay, sizeof replay, p->replay_size);
    cli_count(speed, sizeof speed, isfinite(p->steps_per_second) ? (int64_t)p->steps_per_second : 0);
    number(reward, sizeof reward, "%.1f", p->return_mean);
    number(eval, sizeof eval, "%.1f", p->eval_mean);
    number(q, sizeof q, "%.3g", p->q_mean);
    number(loss, sizeof loss, "%.3g", p->loss);
    time_left(left, sizeof left, p->seconds_left);
    snprintf(out, bytes,
             "%s/%s steps  reward %s  eval %s  epsilon %.3f  replay %s  Q %s  loss %s  %s steps/s  left %s",
             step, most, reward, eval, p->epsilon, replay, q, loss, speed, left);
}

static void erase(cli_progress *progress)
{
    if (progress->drawn) fputs("\r\033[K", stderr);
    progress->drawn = false;
}

void cli_progress_show(void *context, const rb_progress *now)
{
    cli_progress *progress = context;
    progress->last = *now;
    progress->any = true;
    char line[512];
    if (progress->terminal) {
        struct winsize window;
        int columns =
            ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col : 80;
        cli_progress_line(now, line, sizeof line);
        fprintf(stderr, "\r\033[K%.*s", columns - 1, line);
        fflush(stderr);
        progress->drawn = true;
        return;
    }
    if (progress->next_seconds < 0) progress->next_seconds = now->seconds + PLAIN_EVERY_SECONDS;
    if (now->seconds < progress->next_seconds) return;
    progress->next_seconds = now->seconds + PLAIN_EVERY_SECONDS;
    cli_progress_line(now, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}

void cli_progress_message(void *context, bool warning, const char *text)
{
    erase(context);
    fprintf(stderr, "rainbow: %s%s\n", warning ? "warning: " : "", text);
}

void cli_progress_end(cli_progress *progress)
{
    erase(progress);
    if (!progress->any) return;
    char line[512];
    cli_progress_line(&progress->last, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}
