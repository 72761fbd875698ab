// The progress of a run, on standard error. On a terminal it is the panel; in the background of a shell, and
// where there is no terminal, a plain line once a minute, fit for a log.
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/panel.h"
#include "cli/terminal.h"

enum { PLAIN_EVERY_SECONDS = 60, VERBOSE_EVERY_SECONDS = 10 };

cli_talk cli_talks = CLI_NORMAL;

void cli_note(const char *format, ...)
{
    if (cli_talks == CLI_QUIET) return;
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

cli_progress cli_progress_begin(const volatile sig_atomic_t *stopping)
{
    if (cli_talks != CLI_QUIET) cli_terminal_open();
    return (cli_progress){.name = "", .stopping = stopping, .next_seconds = -1};
}

bool cli_progress_is_due(double *next_seconds, double seconds)
{
    const double every = cli_talks == CLI_VERBOSE ? VERBOSE_EVERY_SECONDS : PLAIN_EVERY_SECONDS;
    if (cli_talks == CLI_QUIET) return false;
    if (*next_seconds < 0) *next_seconds = seconds + every;
    if (seconds < *next_seconds) return false;
    *next_seconds = seconds + every;
    return true;
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

void cli_clock(char *out, size_t bytes, double seconds)
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
    char games[32], games_most[32], of_games[80] = "";
    cli_count(step, sizeof step, p->step);
    cli_count(most, sizeof most, p->max_steps);
    cli_count(replay, sizeof replay, p->replay_size);
    cli_count(speed, sizeof speed, isfinite(p->steps_per_second) ? (int64_t)p->steps_per_second : 0);
    cli_number(reward, sizeof reward, "%.1f", p->return_mean);
    cli_number(eval, sizeof eval, "%.1f", p->eval_mean);
    cli_number(q, sizeof q, "%.3g", p->q_mean);
    cli_number(loss, sizeof loss, "%.3g", p->loss);
    cli_clock(left, sizeof left, p->seconds_left);
    if (p->max_episodes) cli_count(games, sizeof games, p->games);
    if (p->max_episodes) cli_count(games_most, sizeof games_most, p->max_episodes);
    if (p->max_episodes) snprintf(of_games, sizeof of_games, "  %s/%s games", games, games_most);
    snprintf(out, bytes,
             "%s/%s steps%s  reward %s  eval %s  epsilon %.3f  replay %s  Q %s  loss %s  %s steps/s  left %s",
             step, most, of_games, reward, eval, p->epsilon, replay, q, loss, speed, left);
}

void cli_progress_show(void *context, const rb_progress *now)
{
    cli_progress *progress = context;
    progress->last = *now;
    progress->any = true;
    if (cli_terminal_is_ours()) {
        static cli_line lines[CLI_BLOCK_LINES];
        int columns, rows;
        cli_terminal_size(&columns, &rows);
        int count = cli_panel_lay(progress->name, now, *progress->stopping, columns, rows, lines);
        cli_terminal_draw(lines, count);
    } else if (cli_progress_is_due(&progress->next_seconds, now->seconds)) {
        char line[512];
        cli_progress_line(now, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
}

void cli_progress_message(void *context, bool warning, const char *text)
{
    (void)context;
    if (cli_talks == CLI_QUIET && !warning) return;
    cli_terminal_erase();
    fprintf(stderr, "rainbow: %s%s\n", warning ? "warning: " : "", text);
}

void cli_progress_detail(void *context, const char *text)
{
    if (cli_talks == CLI_VERBOSE) cli_progress_message(context, false, text);
}

void cli_progress_end(cli_progress *progress)
{
    cli_terminal_close();
    if (!progress->any || cli_talks == CLI_QUIET) return;
    char line[512];
    cli_progress_line(&progress->last, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}
