// The progress of a run, on standard error. On a terminal it is the panel; in the background of a shell, or
// without a terminal, it is one line per minute, fit for a log.
#include "cli/cli.h"

#include <stdarg.h>

#include "cli/panel.h"
#include "cli/terminal.h"

enum { PLAIN_EVERY_SECONDS = 60, VERBOSE_EVERY_SECONDS = 10 };
static const double redrawn_every_seconds = 0.1;

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
    return (cli_progress){.name = "", .stopping = stopping, .next_seconds = -1, .next_eval_seconds = -1};
}

bool cli_progress_is_due(double *next_seconds, double seconds, double every_seconds)
{
    double every = cli_talks == CLI_VERBOSE ? VERBOSE_EVERY_SECONDS : PLAIN_EVERY_SECONDS;
    if (every_seconds > 0) every = every_seconds / 2; // each report is due, but not the one of the run's end
    if (cli_talks == CLI_QUIET) return false;
    if (*next_seconds < 0) *next_seconds = seconds + every;
    if (seconds < *next_seconds) return false;
    *next_seconds = seconds + every;
    return true;
}

void cli_progress_show(void *context, const rb_progress *now)
{
    cli_progress *progress = context;
    progress->last = *now;
    progress->any = true;
    if (now->activity != RB_EVALUATING) progress->next_eval_seconds = -1;
    if (cli_terminal_is_ours()) {
        static cli_line lines[CLI_BLOCK_LINES];
        int columns, rows;
        cli_terminal_size(&columns, &rows);
        int count = cli_panel_lay(progress->name, now, *progress->stopping, columns, rows, lines);
        cli_terminal_draw(lines, count);
    } else if (now->activity == RB_EVALUATING) {
        if (!cli_progress_is_due(&progress->next_eval_seconds, now->eval_seconds, now->every_seconds)) return;
        char line[96];
        cli_evaluating(line, sizeof line, now->eval_games, now->eval_games_of, now->eval_steps);
        fprintf(stderr, "step %lld: %s\n", (long long)now->step, line);
    } else if (cli_progress_is_due(&progress->next_seconds, now->seconds, now->every_seconds)) {
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

// ---- an evaluation outside a run

cli_eval_progress cli_eval_progress_begin(void)
{
    cli_terminal_open();
    return (cli_eval_progress){.next_seconds = -1};
}

void cli_eval_progress_show(void *context, int ended, int of, int64_t steps, double seconds)
{
    cli_eval_progress *progress = context;
    char text[96];
    if (seconds - progress->shown < redrawn_every_seconds) return;
    progress->shown = seconds;
    cli_evaluating(text, sizeof text, ended, of, steps);
    if (cli_terminal_is_ours()) {
        static cli_line line;
        int columns, rows;
        cli_terminal_size(&columns, &rows);
        cli_line_begin(&line, columns - 1);
        cli_line_add(&line, CLI_DIM, "%s", text);
        cli_terminal_draw(&line, 1);
    } else if (cli_progress_is_due(&progress->next_seconds, seconds, 0)) {
        fprintf(stderr, "%s\n", text);
    }
}

void cli_eval_progress_end(void)
{
    cli_terminal_erase();
    cli_terminal_close();
}

// ---- the end of a run

void cli_progress_end(cli_progress *progress)
{
    cli_terminal_close();
    if (!progress->any || cli_talks == CLI_QUIET || progress->last.ended != RB_GOING) return;
    char line[512];
    cli_progress_line(&progress->last, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}
