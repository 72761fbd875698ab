// A chart is a grid of cells, each with a small picture of 2 x 4 dots: a letter of Unicode's braille patterns
// shows them all, in the colour of the curve that drew there last. In ASCII a cell shows one mark.
//
//       500 |      **      marks of the values, at round numbers
//           |  **** *
//         0 |**
//           +---------
//           0    1,000     marks of x
#include "cli/plot_terminal.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/terminal.h"

enum { PIPE_COLUMNS = 80, LEAST_COLUMNS = 24, MOST_COLUMNS = 110, LEAST_ROWS = 6, MOST_ROWS = 18 };

typedef struct cell {
    uint8_t dots; // bit of each dot, as braille patterns number them
    int curve;    // that drew here last, + 1; 0: none
} cell;

typedef struct grid {
    int columns, rows; // of cells
    bool braille, colour;
    cell *cells; // [rows][columns], from the top
} grid;

static const char marks[] = "*o+x#@%&=~";
enum { MARKS = sizeof marks - 1 };

// ---- drawing

static void put_dot(grid *g, int curve, double across, double up) // shares of the chart, 0 to 1
{
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (!(across >= 0 && across <= 1 && up >= 0 && up <= 1)) return;
    int x = (int)(across * 2 * g->columns);
    const int y = (int)((1 - up) * (4 * g->rows - 1) + 0.5);
    if (x >= 2 * g->columns) x = 2 * g->columns - 1;
    cell *c = &g->cells[y / 4 * g->columns + x / 2];
    if (c->curve != curve + 1) c->dots = 0; // a cell has one colour
    c->dots |= bits[y % 4][x % 2];
    c->curve = curve + 1;
}

// A line from point to point: as many dots as it crosses.
static void put_curve(grid *g, int curve, const cli_chart_curve *c, rb_plot_axis x, rb_plot_axis y)
{
    double before_across = NAN, before_up = NAN;
    for (int i = 0; i < c->points; i++) {
        const double across = (c->x[i] - x.low) / (x.high - x.low), up = (c->y[i] - y.low) / (y.high - y.low);
        const double wide = (across - before_across) * 2 * g->columns, high = (up - before_up) * 4 * g->rows;
        const double longest = fmax(fabs(wide), fabs(high));
        const int dots = isfinite(longest) && longest >= 1 ? (int)fmin(longest, 4000) : 1;
        for (int d = isfinite(longest) ? 1 : dots; d <= dots; d++) {
            const double share = (double)d / dots;
            put_dot(g, curve, isfinite(longest) ? before_across + share * (across - before_across) : across,
                    isfinite(longest) ? before_up + share * (up - before_up) : up);
        }
        before_across = across;
        before_up = up;
    }
}

// ---- printing

static void put_cell(const grid *g, const cell *c)
{
    if (!c->curve) {
        putchar(' ');
    } else if (!g->braille) {
        putchar(marks[(c->curve - 1) % MARKS]);
    } else {
        const unsigned code = 0x2800u + c->dots; // three bytes of UTF-8
        printf("%c%c%c", 0xe0 | (int)(code >> 12), 0x80 | (int)(code >> 6 & 63), 0x80 | (int)(code & 63));
    }
}

static void put_cells(const grid *g, const cell *cells, int count)
{
    int colour = -1;
    for (int i = 0; i < count; i++) {
        const int own = g->colour && cells[i].curve ? (cells[i].curve - 1) % CLI_COLOURS : -1;
        if (own != colour) cli_output_colour(own);
        colour = own;
        put_cell(g, &cells[i]);
    }
    if (colour >= 0) cli_output_colour(-1);
}

// The mark of the value that lies in this row, or "".
static void value_of_row(const grid *g, const rb_plot_axis *y, int row, char *out, size_t bytes)
{
    double value;
    char text[40];
    *out = 0;
    for (int i = 0; rb_plot_axis_mark(y, i, &value, text, sizeof text); i++) {
        const double down = 1 - (value - y->low) / (y->high - y->low);
        if ((int)(down * (4 * g->rows - 1) + 0.5) / 4 == row) rb_text_copy(out, bytes, text);
    }
}

static void print_rows(const grid *g, const rb_plot_axis *y, int left)
{
    for (int row = 0; row < g->rows; row++) {
        char value[40];
        int last = g->columns;
        value_of_row(g, y, row, value, sizeof value);
        while (last && !g->cells[row * g->columns + last - 1].curve) last--;
        printf("%*s %s", left, value, !g->braille ? "|" : *value ? "┤" : "│");
        put_cells(g, g->cells + row * g->columns, last);
        putchar('\n');
    }
    printf("%*s %s", left, "", g->braille ? "└" : "+");
    for (int i = 0; i < g->columns; i++) fputs(g->braille ? "─" : "-", stdout);
    putchar('\n');
}

// The marks of x under the axis, and the unit behind them, if it fits, or below them.
static void print_x(const rb_plot_axis *x, int columns, int left, const char *unit)
{
    char line[MOST_COLUMNS + 64], text[40];
    double value;
    int used = 0;
    memset(line, ' ', sizeof line);
    for (int i = 0; rb_plot_axis_mark(x, i, &value, text, sizeof text); i++) {
        const int bytes = (int)strlen(text);
        int at = left + 2 + (int)((value - x->low) / (x->high - x->low) * columns) - (i ? bytes / 2 : 0);
        if (at + bytes > left + 2 + columns) at = left + 2 + columns - bytes;
        if (i && at < used + 2) continue;
        memcpy(line + at, text, (size_t)bytes);
        used = at + bytes;
    }
    printf("%.*s\n%*s%s\n", used, line, left + 2, "", unit);
}

// A row for each curve: its mark, its name and its last value.
static void print_legend(const grid *g, const cli_chart *chart)
{
    int widest = 0;
    for (int i = 0; i < chart->count; i++) {
        const int own = cli_columns(chart->curves[i].label);
        if (own > widest) widest = own;
    }
    for (int i = 0; i < chart->count; i++) {
        const cli_chart_curve *c = &chart->curves[i];
        const cell one = {.dots = 0x12, .curve = i + 1}, sample[] = {one, one, one};
        putchar(' ');
        put_cells(g, sample, g->braille ? 3 : 1);
        printf(" %s", c->label);
        if (widest + 24 <= g->columns) printf("%*s", widest - cli_columns(c->label), "");
        printf("  %.4g\n", c->y[c->points - 1]);
    }
}

// ---- the whole

// A line of text may be longer than the terminal: broken at spaces.
static void print_wrapped(const char *text, int columns)
{
    for (int column = 0; *text;) {
        const int word = (int)strcspn(text, " \n");
        if (column && column + 1 + word > columns) column = 0, putchar('\n');
        printf("%s%.*s", column ? " " : "", word, text);
        column += word + (column ? 1 : 0);
        text += word;
        if (*text == '\n') column = 0, putchar('\n');
        text += *text != 0;
    }
    putchar('\n');
}

static void choose_look(grid *g, int *columns, int count)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    struct winsize window = {0};
    const bool screen = isatty(STDOUT_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    const bool known = isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &window);
    *columns = known && window.ws_col ? window.ws_col : PIPE_COLUMNS;
    if (*columns > MOST_COLUMNS) *columns = MOST_COLUMNS;
    if (*columns < LEAST_COLUMNS) *columns = LEAST_COLUMNS;
    g->rows = known && window.ws_row ? window.ws_row - 8 : MOST_ROWS;
    if (g->rows > MOST_ROWS) g->rows = MOST_ROWS;
    if (g->rows > *columns / 4) g->rows = *columns / 4;
    if (g->rows < LEAST_ROWS) g->rows = LEAST_ROWS;
    g->colour = screen && !(no_color && *no_color);
    // Dots of the same colour cannot be told apart.
    g->braille = screen && cli_locale_utf8() && (g->colour ? count <= CLI_COLOURS : count == 1);
    g->colour &= g->braille;
}

int cli_chart_print(const cli_chart *chart)
{
    enum { ROWS_PER_MARK = 2, COLUMNS_PER_MARK = 12 };
    grid g = {0};
    int columns;
    double end = 0, low = INFINITY, high = -INFINITY, scale;
    choose_look(&g, &columns, chart->count);
    for (int i = 0; i < chart->count; i++) {
        const cli_chart_curve *c = &chart->curves[i];
        end = fmax(end, c->x[c->points - 1]);
        for (int k = 0; k < c->points; k++) low = fmin(low, c->y[k]), high = fmax(high, c->y[k]);
    }
    const char *unit = rb_plot_unit(end, chart->x, &scale);
    const rb_plot_axis y = rb_plot_axis_around(low, high, g.rows / ROWS_PER_MARK);
    int left = 0;
    double value;
    char text[40];
    for (int i = 0; rb_plot_axis_mark(&y, i, &value, text, sizeof text); i++)
        if ((int)strlen(text) > left) left = (int)strlen(text);
    g.columns = columns - left - 3;
    if (g.columns < 8) g.columns = 8;
    rb_plot_axis x = {0, end > 0 ? end / scale : 1, 0};
    x.step = rb_plot_step(x.high, g.columns / COLUMNS_PER_MARK > 1 ? g.columns / COLUMNS_PER_MARK : 1);
    const rb_plot_axis raw = {0, x.high * scale, 0}; // in which the curves' x are
    g.cells = calloc((size_t)g.rows * (size_t)g.columns, sizeof *g.cells);
    if (!g.cells) return cli_no_memory();
    for (int i = 0; i < chart->count; i++) put_curve(&g, i, &chart->curves[i], raw, y);
    print_wrapped(chart->caption, columns);
    putchar('\n');
    print_wrapped(chart->y_title, columns);
    print_rows(&g, &y, left);
    print_x(&x, g.columns, left, unit);
    print_legend(&g, chart);
    free(g.cells);
    return CLI_DONE;
}
