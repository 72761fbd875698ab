#include "results/html.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

// ---- text and numbers

void rb_html_text(FILE *to, const char *text)
{
    for (int bytes; *text; text += bytes ? bytes : 1) {
        const unsigned char c = (unsigned char)*text;
        bytes = rb_text_letter(text);
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
            fprintf(to, "&#%d;", c);
        else if (bytes > 1)
            fprintf(to, "%.*s", bytes, text);
        else
            fputc(!bytes ? '?' : c < 32 || c == 127 ? ' ' : c, to);
    }
}

void rb_html_heading(FILE *to, int level, const char *text)
{
    fprintf(to, "<h%d>", level);
    rb_html_text(to, text);
    fprintf(to, "</h%d>\n", level);
}

void rb_html_cell(FILE *to, const char *text)
{
    fprintf(to, "<td>");
    rb_html_text(to, text);
    fprintf(to, "</td>");
}

void rb_html_number(FILE *to, double value, int decimals)
{
    if (isnan(value))
        fprintf(to, "<td>–</td>");
    else
        fprintf(to, "<td>%.*f</td>", decimals, value);
}

void rb_html_interval(FILE *to, rb_interval i, int decimals)
{
    if (isnan(i.value))
        fprintf(to, "<td>–</td>");
    else if (isnan(i.low))
        fprintf(to, "<td>%.*f</td>", decimals, i.value);
    else
        fprintf(to, "<td>%.*f <small>%.*f to %.*f</small></td>", decimals, i.value, decimals, i.low, decimals,
                i.high);
}

void rb_html_table(FILE *to, const char *heads)
{
    fprintf(to, "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
    while (*heads) {
        const int bytes = (int)strcspn(heads, "|");
        fprintf(to, "<th>%.*s</th>", bytes, heads);
        heads += bytes + (heads[bytes] == '|');
    }
    fprintf(to, "</tr></thead><tbody>\n");
}

void rb_html_table_end(FILE *to)
{
    fprintf(to, "</tbody></table></div>\n");
}

void rb_html_base64(FILE *to, const void *data, size_t bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = data;
    for (size_t i = 0; i < bytes; i += 3) {
        const size_t left = bytes - i;
        const unsigned three =
            (unsigned)at[i] << 16 | (left > 1 ? (unsigned)at[i + 1] << 8 : 0) | (left > 2 ? at[i + 2] : 0);
        fputc(digits[three >> 18], to);
        fputc(digits[three >> 12 & 63], to);
        fputc(left > 1 ? digits[three >> 6 & 63] : '=', to);
        fputc(left > 2 ? digits[three & 63] : '=', to);
    }
}

// ---- curves

enum { WIDTH = 720, HEIGHT = 340, RIGHT = 22, TOP = 14, BELOW = 50, LETTER = 8 }; // of the SVG

typedef struct place {
    const rb_html_chart *chart;
    double left;
} place;

static double x_of(const place *p, double x)
{
    const rb_plot_axis *a = &p->chart->x;
    const double share = (x / p->chart->x_scale - a->low) / (a->high - a->low);
    return p->left + share * (WIDTH - RIGHT - p->left);
}

static double y_of(const place *p, double y)
{
    const rb_plot_axis *a = &p->chart->y;
    const double share = fmin(1, fmax(0, (y - a->low) / (a->high - a->low)));
    return TOP + (1 - share) * (HEIGHT - BELOW - TOP);
}

static void put_axes(FILE *to, const place *p)
{
    const rb_html_chart *c = p->chart;
    const double bottom = HEIGHT - BELOW, right = WIDTH - RIGHT;
    char mark[40];
    double value;
    for (int i = 0; rb_plot_axis_mark(&c->y, i, &value, mark, sizeof mark); i++)
        fprintf(to,
                "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"end\">%s</text>\n",
                p->left, y_of(p, value), right, p->left - 8, y_of(p, value) + 5, mark);
    for (int i = 0; rb_plot_axis_mark(&c->x, i, &value, mark, sizeof mark); i++) {
        const double x = x_of(p, value * c->x_scale);
        fprintf(to,
                "<path class=\"grid\" d=\"M%.1f %dV%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"middle\">%s</text>\n",
                x, TOP, bottom, x, bottom + 19, mark);
    }
    fprintf(
        to,
        "<path class=\"axis\" d=\"M%.1f %dV%.1fH%.1f\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
        p->left, TOP, bottom, right, (p->left + right) / 2, HEIGHT - 8);
    rb_html_text(to, c->x_title);
    fprintf(to, "</text><text transform=\"translate(15 %.1f) rotate(-90)\" text-anchor=\"middle\">",
            (TOP + bottom) / 2);
    rb_html_text(to, c->y_title);
    fprintf(to, "</text>\n");
}

static void put_band(FILE *to, const place *p, const rb_html_curve *c, int line)
{
    int first = 0;
    while (first < c->points && c->low && isnan(c->low[first])) first++;
    if (!c->low || c->points - first < 2) return;
    fprintf(to, "<path class=\"band l%d\" d=\"", line % RB_HTML_COLOURS);
    for (int i = first; i < c->points; i++)
        fprintf(to, "%c%.1f %.1f", i > first ? 'L' : 'M', x_of(p, c->x[i]), y_of(p, c->high[i]));
    for (int i = c->points - 1; i >= first; i--)
        fprintf(to, "L%.1f %.1f", x_of(p, c->x[i]), y_of(p, c->low[i]));
    fprintf(to, "Z\"/>\n");
}

static const char *dash_of(int line)
{
    static const char *const dashes[] = {"", " stroke-dasharray=\"8 4\"", " stroke-dasharray=\"2 3\"",
                                         " stroke-dasharray=\"9 3 2 3\""};
    return dashes[line / RB_HTML_COLOURS % 4];
}

static void put_line(FILE *to, const place *p, const rb_html_curve *c, int line)
{
    fprintf(to, "<path class=\"line l%d\"%s d=\"", line % RB_HTML_COLOURS, dash_of(line));
    for (int i = 0; i < c->points; i++)
        fprintf(to, "%c%.1f %.1f", i ? 'L' : 'M', x_of(p, c->x[i]), y_of(p, c->y[i]));
    fprintf(to, "\"/>\n");
    for (int i = 0; i < c->points && c->points <= 60; i++)
        fprintf(to, "<circle class=\"dot l%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", line % RB_HTML_COLOURS,
                x_of(p, c->x[i]), y_of(p, c->y[i]));
}

void rb_html_figure(FILE *to, const rb_html_chart *chart)
{
    size_t longest = 1;
    char mark[40];
    double value;
    for (int i = 0; rb_plot_axis_mark(&chart->y, i, &value, mark, sizeof mark); i++)
        if (strlen(mark) > longest) longest = strlen(mark);
    const place p = {chart, 36.0 + LETTER * (double)longest};
    fprintf(
        to,
        "<figure><div class=\"wide\" tabindex=\"0\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
        WIDTH, HEIGHT);
    rb_html_text(to, chart->y_title);
    fprintf(to, "\">\n");
    put_axes(to, &p);
    for (int i = 0; i < chart->count; i++) put_band(to, &p, &chart->curves[i], i);
    for (int i = 0; i < chart->count; i++) put_line(to, &p, &chart->curves[i], i);
    fprintf(to, "</svg></div><figcaption><ul class=\"legend\">");
    for (int i = 0; i < chart->count; i++) {
        fprintf(to,
                "<li><svg viewBox=\"0 0 30 10\" width=\"30\" height=\"10\" aria-hidden=\"true\"><path "
                "class=\"line l%d\"%s d=\"M1 5H29\"/></svg> ",
                i % RB_HTML_COLOURS, dash_of(i));
        rb_html_text(to, chart->curves[i].label);
        fprintf(to, "</li>");
    }
    fprintf(to, "</ul><p>");
    rb_html_text(to, chart->caption);
    fprintf(to, "</p></figcaption></figure>\n");
}
