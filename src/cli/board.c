// The joint progress of several runs: see jobs.h.
//
//     breakout-der-s1  ▁▂▃▅▆      12 %  return 3.1   eval 2.8   1,234 steps/s  left 1:12:20
//     breakout-der-s2  ▁▁▂▃▅       9 %  return 2.4   eval 2.1   1,198 steps/s  left 1:20:02
//     2 running, 3 waiting, 1 ended; 2,432 steps/s; 1.2 GB, 12.3 of 31.5 GB free
//
// Messages and ended runs are printed above.
#include "cli/jobs.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "cli/panel.h"
#include "cli/terminal.h"

enum { NAME_MOST = 32 };

const char *cli_job_name(const cli_job *job)
{
    const char *slash = strrchr(job->directory, '/');
    return slash && slash[1] ? slash + 1 : job->directory;
}

cli_board cli_board_begin(cli_job *jobs, int count)
{
    cli_board board = {.jobs = jobs, .count = count};
    if (cli_talks != CLI_QUIET) cli_terminal_open();
    for (int i = 0; i < count; i++) {
        int width = cli_columns(cli_job_name(&jobs[i]));
        if (width > board.name_width) board.name_width = width < NAME_MOST ? width : NAME_MOST;
        jobs[i].next_seconds = -1;
    }
    return board;
}

static void write_line(const cli_board *board, const cli_job *job, char *out, size_t bytes)
{
    char progress[512] = "starting";
    if (job->any) cli_progress_line(&job->last, progress, sizeof progress);
    snprintf(out, bytes, "%-*s  %s", board->name_width, cli_job_name(job), progress);
}

static void lay_job(const cli_board *board, const cli_job *job, int width, cli_line *line)
{
    const rb_progress *p = &job->last;
    const int name = board->name_width < width / 3 ? board->name_width : width / 3;
    const int curve = width >= 110 ? 24 : width >= 70 ? 10 : 0;
    char value[32], left[32];
    cli_line title;
    cli_line_begin(&title, name);
    cli_line_add_end(&title, CLI_BOLD, cli_job_name(job), name); // the seed is at its end
    cli_line_join(line, &title);
    cli_line_to(line, name + 2);
    if (!job->any) {
        cli_line_add(line, CLI_DIM, "starting");
        return;
    }
    if (curve) cli_panel_spark(line, p, curve);
    cli_line_to(line, name + 2 + curve + (curve ? 1 : 0));
    cli_line_add(line, CLI_PLAIN, "%3d %%", (int)(100 * p->done));
    cli_number(value, sizeof value, "%.4g", p->return_mean);
    cli_line_add(line, CLI_DIM, "  return ");
    cli_line_add(line, CLI_BOLD, "%-6s", value);
    cli_number(value, sizeof value, "%.4g", p->eval_mean);
    cli_line_add(line, CLI_DIM, " eval ");
    if (p->activity == RB_EVALUATING) snprintf(value, sizeof value, "%d/%d", p->eval_games, p->eval_games_of);
    cli_line_add(line, p->activity == RB_EVALUATING ? CLI_ACCENT : CLI_BOLD, "%-6s", value);
    rb_text_thousands(value, sizeof value, (int64_t)p->steps_per_second);
    cli_clock(left, sizeof left, p->seconds_left);
    cli_line_add(line, CLI_PLAIN, " %s steps/s", value);
    if (p->warming_up) cli_line_add(line, CLI_DIM, "  warming up");
    if (isnan(p->seconds_left)) return;
    cli_line_add(line, CLI_DIM, "  left ");
    cli_line_add(line, CLI_PLAIN, "%s", left);
}

static void lay_sum(const cli_board *board, cli_line *line)
{
    int states[CLI_JOB_FAILED + 1] = {0};
    double speed = 0, used = 0;
    const rb_progress *newest = NULL;
    for (int i = 0; i < board->count; i++) {
        const cli_job *job = &board->jobs[i];
        states[job->state]++;
        if (job->state != CLI_JOB_RUNNING || !job->any) continue;
        newest = &job->last;
        speed += job->last.steps_per_second;
        used += job->last.process_bytes;
    }
    cli_line_add(line, board->stopping ? CLI_WARN : CLI_DIM, "%s%d running, %d waiting, %d ended",
                 board->stopping ? "stopping: " : "", states[CLI_JOB_RUNNING], states[CLI_JOB_WAITING],
                 board->count - states[CLI_JOB_RUNNING] - states[CLI_JOB_WAITING]);
    if (!newest) return;
    char text[32], bytes[32], memory[64];
    cli_bytes(bytes, sizeof bytes, used);
    cli_free_memory(memory, sizeof memory, newest);
    rb_text_thousands(text, sizeof text, (int64_t)speed);
    cli_line_add(line, CLI_DIM, "; %s steps/s; %s, %s", text, bytes, memory);
}

void cli_board_draw(cli_board *board)
{
    static cli_line lines[CLI_BLOCK_LINES];
    if (!cli_terminal_is_ours()) return;
    int columns, rows, used = 0;
    cli_terminal_size(&columns, &rows);
    const int most = rows - 1 < CLI_BLOCK_LINES ? rows - 1 : CLI_BLOCK_LINES;
    for (int i = 0; i < board->count && used + 1 < most; i++) {
        if (board->jobs[i].state != CLI_JOB_RUNNING) continue;
        cli_line_begin(&lines[used], columns - 1);
        lay_job(board, &board->jobs[i], columns - 1, &lines[used++]);
    }
    cli_line_begin(&lines[used], columns - 1);
    lay_sum(board, &lines[used++]);
    cli_terminal_draw(lines, used);
}

void cli_board_progress(cli_board *board, cli_job *job)
{
    if (cli_terminal_is_ours()) return; // the next drawing shows it
    if (cli_progress_is_due(&job->next_seconds, job->last.seconds, job->last.every_seconds))
        cli_board_end_of(board, job);
}

void cli_board_failure(const cli_job *job, const char *text)
{
    cli_terminal_erase();
    fprintf(stderr, "rainbow: %s: %s\n", cli_job_name(job), text);
}

void cli_board_message(const cli_job *job, bool warning, const char *text)
{
    if (cli_talks == CLI_QUIET && !warning) return;
    cli_terminal_erase();
    fprintf(stderr, "rainbow: %s: %s%s\n", cli_job_name(job), warning ? "warning: " : "", text);
}

void cli_board_end_of(const cli_board *board, const cli_job *job)
{
    if (!job->any || cli_talks == CLI_QUIET) return;
    cli_terminal_erase();
    char line[640];
    write_line(board, job, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}
