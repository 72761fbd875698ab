#include "cli/panel.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

enum { WIDEST = 124, CELL = 38, LABEL = 9, TIME_LEFT = 13, CHART_MOST = 8 };

// ---- the curve

// Reduces the curve to `columns` means; NaN if a column has no points. Returns how many columns have a value.
static int squeeze(const rb_progress *now, int columns, double *out, double *low, double *high)
{
    int found = 0;
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < columns; i++) {
        int from = i * RB_CURVE_POINTS / columns, to = (i + 1) * RB_CURVE_POINTS / columns, count = 0;
        double sum = 0;
        for (int p = from; p < to || p == from; p++)
            if (!isnan(now->curve[p])) sum += (double)now->curve[p], count++;
        out[i] = count ? sum / count : NAN;
        if (!count) continue;
        found++;
        *low = fmin(*low, out[i]);
        *high = fmax(*high, out[i]);
    }
    return found;
}

// The block character that is `eighths` of a character high: 0 none, 8 all of it.
static const char *piece(int eighths)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", ".", ".", ":", ":", "+", "+", "#", "#"};
    eighths = eighths < 0 ? 0 : eighths > 8 ? 8 : eighths;
    return cli_terminal_utf8() ? blocks[eighths] : ascii[eighths];
}

// Row `row` (0: the lowest) of `rows`.
static void add_curve(cli_line *line, const double *values, int columns, double low, double high, int row,
                      int rows)
{
    char text[WIDEST * 4 + 1];
    size_t used = 0;
    for (int i = 0; i < columns; i++) {
        const double share = high > low ? (values[i] - low) / (high - low) : 0.5;
        const int eighths = isnan(values[i]) ? 0 : 1 + (int)lround(share * (8 * rows - 1));
        const char *block = piece(eighths - 8 * row);
        memcpy(text + used, block, strlen(block));
        used += strlen(block);
    }
    text[used] = 0;
    cli_line_add(line, CLI_ACCENT, "%s", text);
}

void cli_panel_spark(cli_line *line, const rb_progress *now, int columns)
{
    double values[WIDEST], low, high;
    columns = columns < WIDEST ? columns : WIDEST;
    if (columns < 1) return;
    squeeze(now, columns, values, &low, &high);
    add_curve(line, values, columns, low, high, 0, 1);
}

// Widens the range to round numbers: multiples of 1, 2 or 5 times a power of ten.
static void round_range(double *low, double *high)
{
    const double range = fmax(*high - *low, 1e-3 * fmax(fabs(*low), fabs(*high)));
    if (!(range > 0) || !isfinite(range)) return;
    const double least = range / 5, ten = pow(10, floor(log10(least))),
                 step = (least <= ten       ? 1
                         : least <= 2 * ten ? 2
                         : least <= 5 * ten ? 5
                                            : 10) *
                        ten;
    *low = step * floor(*low / step + 1e-9);
    *high = step * ceil(*high / step - 1e-9);
}

enum { GUTTER = 9 }; // a mark and a space

static void write_mark(char *out, size_t bytes, double value)
{
    if (fabs(value) < 1e6 && value == round(value)) {
        rb_text_thousands(out, bytes, (int64_t)value);
        return;
    }
    for (int digits = 4; digits; digits--) { // "-1.25e+06" has one column too many
        snprintf(out, bytes, "%.*g", digits, value);
        if (strlen(out) < GUTTER) return;
    }
}

static void lay_chart(const rb_progress *now, int width, int rows, cli_line *lines)
{
    double values[WIDEST], low, high;
    char steps[32], mark[32];
    const bool utf8 = cli_terminal_utf8();
    const int columns = width - GUTTER - 2;
    const bool any = squeeze(now, columns, values, &low, &high) > 0;
    if (any) round_range(&low, &high);
    rb_text_thousands(steps, sizeof steps, now->curve_steps);
    for (int row = rows - 1; row >= 0; row--) {
        cli_line *line = lines++;
        write_mark(mark, sizeof mark, row ? high : low);
        if (any && (row == rows - 1 || row == 0) && (high > low || row))
            cli_line_add(line, CLI_DIM, "%*s ", GUTTER - 1, mark);
        cli_line_to(line, GUTTER);
        cli_line_add(line, CLI_DIM, "%s", utf8 ? "│" : "|");
        if (any)
            add_curve(line, values, columns, low, high, row, rows);
        else if (row == rows / 2)
            cli_line_add(line, CLI_DIM, "  no game has ended yet");
    }
    cli_line_to(lines, GUTTER);
    cli_line_add(lines, CLI_DIM, "%s", utf8 ? "└" : "+");
    const int until = width - 1 - (int)strlen(steps) - 7;
    while (lines->columns < until && lines->columns < lines->most)
        cli_line_add(lines, CLI_DIM, "%s", utf8 ? "─" : "-");
    cli_line_add(lines, CLI_DIM, " %s steps", steps);
}

// ---- the cells

typedef enum cell {
    RETURN,
    EVALUATION,
    TRAILING,
    EPSILON,
    LOSS,
    Q_MEAN,
    SPEED,
    REPLAY,
    MEMORY,
    STEPS,
    UPDATES,
    GAMES,
    TIME,
    CELLS
} cell;

// Row by row, the most important first, since cells without room are dropped from the end. TRAILING is there
// only if it can end the run.
static const cell orders[3][CELLS] = {
    {RETURN, EVALUATION, TRAILING, EPSILON, LOSS, Q_MEAN, SPEED, REPLAY, MEMORY, STEPS, UPDATES, GAMES, TIME},
    {RETURN, STEPS, EVALUATION, TRAILING, SPEED, EPSILON, REPLAY, LOSS, MEMORY, Q_MEAN, UPDATES, GAMES, TIME},
    {RETURN, EPSILON, STEPS, EVALUATION, TRAILING, LOSS, SPEED, REPLAY, Q_MEAN, UPDATES, MEMORY, GAMES, TIME},
};

// "4,000", "12.35k", "1.2M": a short form of steps, if there is little room.
static void short_count(char *out, size_t bytes, int64_t count)
{
    if (count < 10000)
        rb_text_thousands(out, bytes, count);
    else if (count < 1000000)
        snprintf(out, bytes, "%.4gk", (double)count / 1e3);
    else
        snprintf(out, bytes, "%.4gM", (double)count / 1e6);
}

// In at most `room` columns.
static void write_evaluation(char *out, size_t bytes, const rb_progress *p, int room)
{
    char at[24], mean[24], spread[24], best[24];
    if (p->eval_step < 0 || isnan(p->eval_mean)) {
        snprintf(out, bytes, "-");
        return;
    }
    short_count(at, sizeof at, p->eval_step);
    cli_number(mean, sizeof mean, "%.4g", p->eval_mean);
    cli_number(spread, sizeof spread, "%.3g", p->eval_std);
    cli_number(best, sizeof best, "%.4g", p->eval_best);
    const char *between = cli_terminal_utf8() ? " ± " : " +- ";
    snprintf(out, bytes, "%s%s%s at %s, best %s", mean, between, spread, at, best);
    if (cli_columns(out) > room) snprintf(out, bytes, "%s%s%s, best %s", mean, between, spread, best);
}

// The mean that ends the run, and where: "20.8 of 25, last 20 evaluations".
static void write_trailing(char *out, size_t bytes, const rb_progress *p, int room)
{
    char mean[24], goal[24];
    cli_number(mean, sizeof mean, "%.4g", p->eval_trailing);
    snprintf(goal, sizeof goal, "%.6g", p->stop_score);
    snprintf(out, bytes, "%s of %s, last %" PRId64 " evaluations", mean, goal, p->stop_evaluations);
    if (cli_columns(out) > room)
        snprintf(out, bytes, "%s of %s, last %" PRId64, mean, goal, p->stop_evaluations);
}

// Games, and what may end the run: "12 of 100, 30 of 300 lives".
static void write_games(char *out, size_t bytes, const rb_progress *p, int room)
{
    void (*const counts[])(char *, size_t, int64_t) = {rb_text_thousands, short_count};
    for (int i = 0; i < 2; i++) {
        char games[32], most[32], lives[32], most_lives[32], of_lives[80] = "";
        counts[i](games, sizeof games, p->games);
        counts[i](most, sizeof most, p->max_episodes);
        counts[i](lives, sizeof lives, p->lives);
        counts[i](most_lives, sizeof most_lives, p->max_lives);
        if (p->max_lives) snprintf(of_lives, sizeof of_lives, ", %s of %s lives", lives, most_lives);
        snprintf(out, bytes, "%s%s%s%s", games, p->max_episodes ? " of " : "", p->max_episodes ? most : "",
                 of_lives);
        if (cli_columns(out) <= room) return;
    }
}

static void write_value(cell which, const rb_progress *p, char *out, size_t bytes, int room)
{
    char a[32], b[32];
    switch (which) {
    case RETURN:
        cli_number(a, sizeof a, "%.4g", p->return_mean);
        if (p->games)
            snprintf(out, bytes, "%s, mean of %d game%s", a, p->games < 100 ? (int)p->games : 100,
                     p->games == 1 ? "" : "s");
        else
            snprintf(out, bytes, "-");
        break;
    case EVALUATION:
        write_evaluation(out, bytes, p, room);
        break;
    case TRAILING:
        write_trailing(out, bytes, p, room);
        break;
    case EPSILON:
        snprintf(out, bytes, "%.4f", p->epsilon);
        break;
    case LOSS:
        cli_number(out, bytes, "%.4g", p->loss);
        break;
    case Q_MEAN:
        cli_number(out, bytes, "%.4g", p->q_mean);
        break;
    case SPEED:
        rb_text_thousands(a, sizeof a, (int64_t)p->steps_per_second);
        rb_text_thousands(b, sizeof b, (int64_t)p->frames_per_second);
        snprintf(out, bytes, "%s steps/s, %s frames/s", a, b);
        break;
    case REPLAY:
        rb_text_thousands(a, sizeof a, p->replay_size);
        rb_text_thousands(b, sizeof b, p->replay_capacity);
        snprintf(out, bytes, "%s of %s", a, b);
        break;
    case MEMORY:
        cli_bytes(a, sizeof a, p->process_bytes);
        cli_free_memory(b, sizeof b, p);
        snprintf(out, bytes, "%s, %s", a, b);
        break;
    case STEPS:
        rb_text_thousands(a, sizeof a, p->step);
        rb_text_thousands(b, sizeof b, p->max_steps);
        snprintf(out, bytes, "%s of %s", a, b);
        break;
    case UPDATES:
        rb_text_thousands(out, bytes, p->updates);
        break;
    case GAMES:
        write_games(out, bytes, p, room);
        break;
    case TIME:
        cli_clock(out, bytes, p->seconds);
        break;
    default:
        *out = 0;
    }
}

static void lay_cells(const rb_progress *now, int width, int across, int rows, cli_line *lines)
{
    static const char *const labels[CELLS] = {"return",  "eval",  "trailing", "epsilon", "loss",
                                              "Q",       "speed", "replay",   "memory",  "steps",
                                              "updates", "games", "trained"};
    const int share = width / across;
    for (int i = 0, place = 0; i < CELLS && place / across < rows; i++) {
        const cell which = orders[across - 1][i];
        if (which == TRAILING && !now->stop_evaluations) continue;
        cli_line *line = &lines[place / across];
        const int column = place++ % across;
        char value[96];
        cli_line field; // cut to its share, so that none runs into the next
        cli_line_begin(&field, column + 1 < across ? share - 1 : width - column * share);
        write_value(which, now, value, sizeof value, field.most - LABEL);
        cli_line_add(&field, CLI_DIM, "%s", labels[which]);
        cli_line_to(&field, LABEL);
        cli_line_add(&field, which == RETURN || which == EVALUATION ? CLI_BOLD : CLI_PLAIN, "%s", value);
        cli_line_to(line, column * share);
        cli_line_join(line, &field);
    }
}

// ---- the whole

static void lay_title(const char *name, const rb_progress *now, bool stopping, int width, cli_line *line)
{
    char state[64] = "training";
    if (stopping)
        snprintf(state, sizeof state, "stopping (Ctrl-C ends it at once)");
    else if (now->activity == RB_EVALUATING)
        cli_evaluating(state, sizeof state, now->eval_games, now->eval_games_of, now->eval_steps);
    else if (now->activity == RB_SAVING)
        snprintf(state, sizeof state, "saving a checkpoint");
    const int room = width - (int)strlen(state) - 2;
    cli_line title;
    cli_line_begin(&title, room > 0 ? room : 0);
    cli_line_add_end(&title, CLI_BOLD, name, room); // its end is more informative
    cli_line_join(line, &title);
    cli_line_to(line, width - (int)strlen(state));
    cli_line_add(line,
                 stopping                       ? CLI_WARN
                 : now->activity == RB_TRAINING ? CLI_DIM
                                                : CLI_ACCENT,
                 "%s", state);
}

static void lay_bar(const rb_progress *now, int width, cli_line *line)
{
    const bool utf8 = cli_terminal_utf8();
    const double share = now->done;
    char end[64], left[32], time[48];
    cli_clock(left, sizeof left, now->seconds_left);
    snprintf(time, sizeof time, "%s left", left);
    // As wide in every state, so that the bar keeps its length.
    snprintf(end, sizeof end, " %3d %%  %*s", (int)(100 * share), TIME_LEFT,
             now->warming_up ? "warming up" : time);
    const int bar = width - (int)strlen(end), done = (int)lround(share * bar);
    for (int i = 0; i < bar; i++)
        if (i < done)
            cli_line_add(line, CLI_ACCENT, "%s", utf8 ? "━" : "=");
        else
            cli_line_add(line, CLI_DIM, "%s", utf8 ? "─" : "-");
    cli_line_add(line, CLI_PLAIN, "%s", end);
}

int cli_panel_lay(const char *name, const rb_progress *now, bool stopping, int columns, int rows,
                  cli_line *lines)
{
    const int width = columns - 1 < WIDEST ? columns - 1 : WIDEST;
    int room = rows - 1 < CLI_BLOCK_LINES ? rows - 1 : CLI_BLOCK_LINES, used = 0;
    for (int i = 0; i < room; i++) cli_line_begin(&lines[i], width);
    if (room < 3 || width < 24) {
        char text[512];
        cli_progress_line(now, text, sizeof text);
        cli_line_add(&lines[0], CLI_PLAIN, "%s", text);
        return 1;
    }
    const int across = width >= 3 * CELL ? 3 : width >= 2 * CELL ? 2 : 1;
    const int cells = CELLS - !now->stop_evaluations;
    int grid = (cells + across - 1) / across, chart = 1;
    if (grid > room - 3) grid = room - 3;
    const int spare = room - 3 - grid; // for blank lines and a higher curve
    const bool airy = spare >= 2;
    if (spare >= 6) chart = spare >= 24 ? CHART_MOST : 4;
    lay_title(name, now, stopping, width, &lines[used++]);
    lay_bar(now, width, &lines[used++]);
    used += airy;
    if (chart > 1)
        lay_chart(now, width, chart, &lines[used]);
    else
        cli_panel_spark(&lines[used], now, width);
    used += chart > 1 ? chart + 1 : 1;
    used += airy;
    lay_cells(now, width, across, grid, &lines[used]);
    return used + grid;
}
