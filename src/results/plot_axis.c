// Axes with round marks, for every kind of picture: see rainbow/plot.h.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rainbow/plot.h"

double rb_plot_step(double range, int most)
{
    static const double nice[] = {1, 2, 5, 10};
    const double power = pow(10, floor(log10(range / most)));
    for (int i = 0; i < 4; i++)
        if (nice[i] * power * most >= range * (1 - 1e-9)) return nice[i] * power;
    return 20 * power;
}

const char *rb_plot_unit(double most, const char *x, double *scale)
{
    static const char *const nouns[] = {"steps", "frames", "updates", "episodes"};
    static const char *const units[4][3] = {{"steps", "thousand steps", "million steps"},
                                            {"frames", "thousand frames", "million frames"},
                                            {"updates", "thousand updates", "million updates"},
                                            {"games", "thousand games", "million games"}};
    // The games of 20,000 steps end a little earlier than their evaluations, and have the same unit.
    const int size = most >= 1.8e6 ? 2 : most >= 1.8e4 ? 1 : 0;
    *scale = size == 2 ? 1e6 : size == 1 ? 1e3 : 1;
    for (int i = 0; i < 4; i++)
        if (!strcmp(x, nouns[i])) return units[i][size];
    if (!strcmp(x, "hours")) {
        *scale = 1;
        return "hours of training";
    }
    *scale = most >= 7200 ? 3600 : most >= 300 ? 60 : 1; // seconds
    return most >= 7200 ? "hours of training" : most >= 300 ? "minutes of training" : "seconds of training";
}

rb_plot_axis rb_plot_axis_around(double low, double high, int marks)
{
    if (!(high >= low) || !isfinite(high - low)) return (rb_plot_axis){0, 1, 0.5}; // no value yet
    const double largest = fmax(fabs(low), fabs(high)), around = fmax(0.5, 1e-3 * largest);
    if (low > 0 && low < high / 2) low = 0;
    if (high - low < 1e-6 * fmax(1e-6, largest)) { // all values are the same
        high += around;
        low = low >= 0 ? fmax(0, low - around) : low - around;
    }
    rb_plot_axis axis = {.step = rb_plot_step(high - low, marks)};
    axis.low = floor(low / axis.step + 1e-9) * axis.step;
    axis.high = ceil(high / axis.step - 1e-9) * axis.step;
    return axis;
}

rb_plot_axis rb_plot_axis_to(double end, int marks)
{
    const double step = rb_plot_step(end, marks), mark = ceil(end / step - 1e-9) * step;
    // Up to the next mark if it is near.
    return (rb_plot_axis){0, mark < 1.03 * end ? fmax(mark, 1.012 * end) : 1.012 * end, step};
}

bool rb_plot_axis_mark(const rb_plot_axis *axis, int i, double *value, char *out, size_t bytes)
{
    const double step = axis->step, at = (ceil(axis->low / step - 1e-9) + i) * step;
    if (at > axis->high + 1e-6 * step) return false;
    *value = fabs(at) < step / 2 ? 0 : at;
    if (step >= 1 && fabs(at) < 1e12)
        rb_text_thousands(out, bytes, (int64_t)(*value < 0 ? *value - 0.5 : *value + 0.5));
    else
        snprintf(out, bytes, "%.6g", *value);
    return true;
}
