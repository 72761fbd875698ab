// The joint progress of several runs: see jobs.h.
//
//     breakout-der-s1  12,345/100,000 steps  reward 3.1 ...     what stays (messages, ended runs) is written above,
//     breakout-der-s2   9,870/100,000 steps  reward 2.4 ...     then these lines are drawn again
//     2 running, 3 waiting, 1 ended
#include "cli/jobs.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PLAIN_EVERY_SECONDS = 60, NAME_MOST = 32 };

const char *cli_job_name(const cli_job *job)
{
    const char *slash = strrchr(job->directory, '/');
    return slash && slash[1] ? slash + 1 : job->directory;
}

cli_board cli_board_begin(cli_job *jobs, int count)
{
    cli_board board = {.terminal = cli_on_terminal(), .jobs = jobs, .count = count};
    for (int i = 0; i < count; i++) {
        int width = (int)strlen(cli_job_name(&jobs[i]));
        if (width > board.name_width) board.name_width = width < NAME_MOST ? width : NAME_MOST;
        jobs[i].next_seconds = -1; // the first report sets it
    }
    return board;
}

void cli_board_erase(cli_board *board)
{
    if (board->lines) fprintf(stderr, "\r\033[%dA\033[J", board->lines);
    board->lines = 0;
}

static void write_line(const cli_board *board, const cli_job *job, char *out, size_t bytes)
{
    char progress[512] = "starting";
    if (job->any) cli_progress_line(&job->last, progress, sizeof progress);
    snprintf(out, bytes, "%-*s  %s", board->name_width, cli_job_name(job), progress);
}

void cli_board_draw(cli_board *board)
{
    if (!board->terminal) return;
    cli_board_erase(board);
    struct winsize window;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 && window.ws_row > 2;
    int columns = known ? window.ws_col : 80, rows = known ? window.ws_row : 24;
    int states[CLI_JOB_FAILED + 1] = {0};
    for (int i = 0; i < board->count; i++) {
        const cli_job *job = &board->jobs[i];
        states[job->state]++;
        if (job->state != CLI_JOB_RUNNING || board->lines >= rows - 2) continue;
        char line[640];
        write_line(board, job, line, sizeof line);
        fprintf(stderr, "%.*s\n", columns - 1, line);
        board->lines++;
    }
    char line[128];
    snprintf(line, sizeof line, "%d running, %d waiting, %d ended", states[CLI_JOB_RUNNING],
             states[CLI_JOB_WAITING], board->count - states[CLI_JOB_RUNNING] - states[CLI_JOB_WAITING]);
    fprintf(stderr, "%.*s\n", columns - 1, line);
    board->lines++;
    fflush(stderr);
}

void cli_board_progress(cli_board *board, cli_job *job)
{
    if (board->terminal) return; // the next drawing shows it
    if (job->next_seconds < 0) job->next_seconds = job->last.seconds + PLAIN_EVERY_SECONDS;
    if (job->last.seconds < job->next_seconds) return;
    job->next_seconds = job->last.seconds + PLAIN_EVERY_SECONDS;
    cli_board_end_of(board, job);
}

void cli_board_message(cli_board *board, const cli_job *job, bool warning, const char *text)
{
    cli_board_erase(board);
    fprintf(stderr, "rainbow: %s: %s%s\n", cli_job_name(job), warning ? "warning: " : "", text);
}

void cli_board_end_of(cli_board *board, const cli_job *job)
{
    cli_board_erase(board);
    if (!job->any) return;
    char line[640];
    write_line(board, job, line, sizeof line);
    fprintf(stderr, "%s\n", line);
}
