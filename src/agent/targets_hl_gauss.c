// HL-Gauss (Farebrother et al. 2024, "Stop regressing"): the target of a categorical head is the histogram of
// a normal distribution around a scalar target y, not a projected distribution of returns. Atom j stands for
// the interval of half a distance to both sides:
//
//     p[j] = (Phi((z_j + d/2 - y) / sigma) - Phi((z_j - d/2 - y) / sigma)) / the same over the whole support
//
// The head then learns a mean as a classification; its spread is that of the histogram, not of the return.
#include "agent/targets.h"

#include <math.h>

static double normal_below(double x) // Phi
{
    return 0.5 * erfc(-x / sqrt(2));
}

rb_c51_summary rb_targets_hl_gauss(float *targets, const float *values, int count,
                                   const rb_c51_support *support, double sigma)
{
    const int atoms = support->atoms;
    const double distance = (support->v_max - support->v_min) / (atoms - 1), rounding = 1e-3 * distance;
    const double width = sigma * distance;
    double largest = 0;
    int outside = 0, above = 0;
    for (int i = 0; i < count; i++, targets += atoms) {
        const double value = (double)values[i];
        outside += value < support->v_min - rounding || value > support->v_max + rounding;
        above += value > support->v_max + rounding;
        if (!isnan(largest) && !(fabs(value) <= largest)) largest = fabs(value);
        const double y = value < support->v_min   ? support->v_min
                         : value > support->v_max ? support->v_max
                                                  : value;
        const double first = normal_below((support->v_min - distance / 2 - y) / width),
                     last = normal_below((support->v_max + distance / 2 - y) / width);
        double below = first;
        for (int z = 0; z < atoms; z++) {
            const double edge = support->v_min + (z + 0.5) * distance;
            const double next = normal_below((edge - y) / width);
            targets[z] = (float)((next - below) / (last - first));
            below = next;
        }
    }
    return (rb_c51_summary){.clipped = (float)outside / (float)count,
                            .above = (float)above / (float)count,
                            .largest = (float)largest};
}
