// Spectral normalisation of a convolution (Miyato et al. 2018): its passes use W / s, with s = u' W v, an
// estimate of the largest singular value of the weights W as a matrix of outputs x inputs. u and v come from
// a power iteration, of which each update makes one step; PyTorch makes one step in each forward pass that
// trains.
#include <math.h>

#include "nn/layer.h"

static const double least_norm = 1e-12; // as in PyTorch

void rb_spectral_take(rb_conv *conv, rb_plan *plan)
{
    conv->u = rb_plan_floats(plan, (size_t)conv->out_stride);
    conv->v = rb_plan_floats(plan, (size_t)rb_layout_inputs(&conv->layout));
}

// The 16 weights of one input in one panel of outputs.
static const float *weights_at(const rb_conv *c, int panel, int input)
{
    return c->weight.value + panel * rb_layout_panel(&c->layout, 1) + (ptrdiff_t)input * RB_PANEL;
}

static bool normalise(float *x, int count) // false: it is zero
{
    double squares = 0;
    for (int i = 0; i < count; i++) squares += (double)x[i] * (double)x[i];
    const double norm = sqrt(squares), scale = 1 / (norm > least_norm ? norm : least_norm);
    for (int i = 0; i < count; i++) x[i] = (float)((double)x[i] * scale);
    return norm > 0;
}

static void transposed_product(const rb_conv *c, const float *u, float *v) // v = W' u
{
    for (int i = 0; i < rb_layout_inputs(&c->layout); i++) {
        float sum[RB_PANEL] = {0};
        for (int panel = 0; panel < rb_layout_panels(&c->layout); panel++) {
            const float *w = weights_at(c, panel, i);
            for (int k = 0; k < RB_PANEL; k++) sum[k] += w[k] * u[panel * RB_PANEL + k];
        }
        double total = 0;
        for (int k = 0; k < RB_PANEL; k++) total += (double)sum[k];
        v[i] = (float)total;
    }
}

// A panel's outputs of W v.
static void panel_product(const rb_conv *c, const float *v, int panel, double sum[RB_PANEL])
{
    for (int k = 0; k < RB_PANEL; k++) sum[k] = 0;
    for (int i = 0; i < rb_layout_inputs(&c->layout); i++) {
        const float *w = weights_at(c, panel, i);
        for (int k = 0; k < RB_PANEL; k++) sum[k] += (double)w[k] * (double)v[i];
    }
}

static void product(const rb_conv *c, const float *v, float *u) // u = W v
{
    double sum[RB_PANEL];
    for (int panel = 0; panel < rb_layout_panels(&c->layout); panel++) {
        panel_product(c, v, panel, sum);
        for (int k = 0; k < RB_PANEL; k++) u[panel * RB_PANEL + k] = (float)sum[k];
    }
}

void rb_spectral_iterate(const rb_conv *conv)
{
    product(conv, conv->v, conv->u);
    if (!normalise(conv->u, conv->out_stride)) return; // v stays for weights that are not all zero
    transposed_product(conv, conv->u, conv->v);
    normalise(conv->v, rb_layout_inputs(&conv->layout));
}

double rb_spectral_sigma(const rb_conv *conv)
{
    double sigma = 0, sum[RB_PANEL];
    for (int panel = 0; panel < rb_layout_panels(&conv->layout); panel++) {
        panel_product(conv, conv->v, panel, sum);
        for (int k = 0; k < RB_PANEL; k++) sigma += sum[k] * (double)conv->u[panel * RB_PANEL + k];
    }
    return sigma != 0 ? sigma : 1;
}

// With respect to W / s it is G; with respect to W, since s = u' W v, it is (G - u v' (G . W) / s) / s.
void rb_spectral_gradient(const rb_conv *conv, float *gradient)
{
    const int inputs = rb_layout_inputs(&conv->layout), panels = rb_layout_panels(&conv->layout);
    const ptrdiff_t size = rb_layout_panel(&conv->layout, 1);
    const double sigma = rb_spectral_sigma(conv);
    double dot = 0;
    for (int panel = 0; panel < panels; panel++) {
        for (int i = 0; i < inputs; i++) {
            const float *w = weights_at(conv, panel, i),
                        *g = gradient + panel * size + (ptrdiff_t)i * RB_PANEL;
            for (int k = 0; k < RB_PANEL; k++) dot += (double)w[k] * (double)g[k];
        }
    }
    const float scale = (float)(1 / sigma), share = (float)(dot / sigma);
    for (int panel = 0; panel < panels; panel++) {
        for (int i = 0; i < inputs; i++) {
            float *g = gradient + panel * size + (ptrdiff_t)i * RB_PANEL;
            const float v = share * conv->v[i];
            for (int k = 0; k < RB_PANEL; k++) g[k] = scale * (g[k] - v * conv->u[panel * RB_PANEL + k]);
        }
    }
}

void rb_spectral_copy(const rb_conv *to, const rb_conv *from)
{
    for (int i = 0; i < to->out_stride; i++) to->u[i] = from->u[i];
    for (int i = 0; i < rb_layout_inputs(&to->layout); i++) to->v[i] = from->v[i];
}
