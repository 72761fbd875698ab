#include "results/gnuplot_style.h"

#include <string.h>

// ---- the head

void rb_gnuplot_head(const rb_gnuplot *plot, FILE *script, int width, int height)
{
    char file[300];
    fprintf(script, "# Made by rainbow %s; to draw it again: gnuplot %s.gp\n\n", RB_VERSION, plot->name);
    snprintf(file, sizeof file, "%s%s", plot->name, rb_gnuplot_end(plot));
    fprintf(script, "if (!exists('out')) out = ");
    rb_gnuplot_quote(script, file);
    snprintf(file, sizeof file, "%s.dat", plot->name);
    fprintf(script, "\ndata = ");
    rb_gnuplot_quote(script, file);
    if (plot->png)
        fprintf(script,
                "\nset terminal pngcairo size %d,%d noenhanced font 'Arial,21' linewidth 2 background "
                "'#ffffff'\n",
                2 * width, 2 * height);
    else
        fprintf(script,
                "\nset terminal svg size %d,%d noenhanced font 'Arial,13' linewidth 1 background '#ffffff'\n",
                width, height);
    fprintf(script, "set output out\n"
                    "set encoding utf8\n"
                    "set datafile missing 'nan'\n"
                    "set border 3 linecolor '#777777' linewidth 1\n"
                    "set tics nomirror textcolor '#444444'\n"
                    "set grid linecolor '#e4e4e4' linewidth 1 linetype 1 dashtype solid\n\n");
}

// ---- lines

const char *rb_gnuplot_colour(int i)
{
    static const char *const okabe_ito[RB_GNUPLOT_COLOURS] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                              "#E69F00", "#56B4E9", "#000000"};
    return okabe_ito[i % RB_GNUPLOT_COLOURS];
}

int rb_gnuplot_dash(int i)
{
    enum { DASHES = 4 }; // solid, dashes, dots, dashes with dots
    return i / RB_GNUPLOT_COLOURS % DASHES + 1;
}

// ---- axes

int rb_gnuplot_put_axis(FILE *script, char name, rb_plot_axis axis)
{
    size_t longest = 0;
    double value;
    char mark[40];
    if (script) fprintf(script, "set %crange [%.10g:%.10g]\nset %ctics (", name, axis.low, axis.high, name);
    for (int i = 0; rb_plot_axis_mark(&axis, i, &value, mark, sizeof mark); i++) {
        if (strlen(mark) > longest) longest = strlen(mark);
        if (script) fprintf(script, "%s'%s' %.10g", i ? ", " : "", mark, value);
    }
    if (script) fprintf(script, ")\n");
    return (int)longest;
}

// ---- text

static bool begins_letter(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80; // otherwise a later byte of a letter in UTF-8
}

int rb_gnuplot_line(const char *text, int columns)
{
    int letters = 0, bytes = 0, space = 0;
    for (; text[bytes]; bytes++) {
        if (!begins_letter(text[bytes])) continue;
        if (letters++ == columns) return text[bytes] == ' ' ? bytes : space ? space : bytes;
        if (text[bytes] == ' ') space = bytes;
    }
    return bytes;
}

static int letters_of(const char *text, int bytes)
{
    int letters = 0;
    for (int i = 0; i < bytes; i++) letters += begins_letter(text[i]);
    return letters;
}

int rb_gnuplot_lines(const char *text, int columns, int *longest)
{
    int lines = 0;
    for (int bytes; (bytes = rb_gnuplot_line(text, columns)); lines++) {
        const int letters = letters_of(text, bytes);
        if (longest && letters > *longest) *longest = letters;
        text += bytes;
        text += strspn(text, " ");
    }
    return lines;
}

// ---- the legend

enum { ROW = 21, LINE = 16, SAMPLE = 34, LETTER = 7 }; // points; the mean letter is narrower

rb_gnuplot_legend rb_gnuplot_legend_place(const rb_gnuplot_entry *entries, int count, int width)
{
    int longest = 0;
    rb_gnuplot_legend legend = {.columns = 1};
    for (int i = 0; i < count; i++) rb_gnuplot_lines(entries[i].text, 1000, &longest);
    for (int columns = 2; columns <= 3; columns++)
        if (count > columns + 1 && SAMPLE + LETTER * (longest + 2) <= width / columns)
            legend.columns = columns;
    legend.width = width;
    legend.letters = (width / legend.columns - SAMPLE) / LETTER;
    legend.rows = (count + legend.columns - 1) / legend.columns;
    for (int i = 0; i < legend.rows; i++) {
        const int lines = legend.columns > 1 ? 1 : rb_gnuplot_lines(entries[i].text, legend.letters, NULL);
        legend.height += ROW + LINE * (lines > 1 ? lines - 1 : 0);
    }
    return legend;
}

void rb_gnuplot_put_legend(const rb_gnuplot *plot, FILE *script, const rb_gnuplot_entry *entries, int count,
                           rb_gnuplot_legend legend, int x, int top, int width, int height, int first_label)
{
    const double column = (double)legend.width / legend.columns, total = height;
    int y = top, label = first_label;
    for (int i = 0; i < count; i++) {
        const rb_gnuplot_entry *entry = &entries[i];
        const double left = x + i / legend.rows * column;
        const char *text = entry->text;
        if (i % legend.rows == 0) y = top;
        fprintf(script,
                "set arrow %d from screen %.4f,screen %.4f to screen %.4f,screen %.4f nohead linewidth 2 "
                "dashtype %d linecolor '%s'\n",
                label, left / width, 1 - (y + ROW / 2.) / total, (left + SAMPLE - 8) / width,
                1 - (y + ROW / 2.) / total, rb_gnuplot_dash(entry->line), rb_gnuplot_colour(entry->line));
        if (entry->dots)
            fprintf(script,
                    "set label %d '' at screen %.4f,screen %.4f point pointtype 7 pointsize 0.5 linecolor "
                    "'%s'\n",
                    label++, (left + (SAMPLE - 8) / 2.) / width, 1 - (y + ROW / 2.) / total,
                    rb_gnuplot_colour(entry->line));
        for (int bytes, line = 0; (bytes = rb_gnuplot_line(text, legend.letters)); line++) {
            char part[sizeof entry->text];
            snprintf(part, sizeof part, "%.*s", bytes, text);
            fprintf(script, "set label %d ", label++);
            rb_gnuplot_quote(script, part);
            fprintf(script, " at screen %.4f,screen %.4f left font ',%d' textcolor '#222222'\n",
                    (left + SAMPLE) / width, 1 - (y + ROW / 2. + LINE * line) / total, plot->png ? 21 : 13);
            text += bytes;
            text += strspn(text, " ");
        }
        const int lines = rb_gnuplot_lines(entry->text, legend.letters, NULL);
        y += ROW + LINE * (lines > 1 ? lines - 1 : 0);
    }
}
