// The layers with weights of an exported C file, used twice as c_maths.h is. It is written for any type of
// WEIGHT (float, or int8_t with a scale per output) and INPUT (float, or uint8_t for the bytes of an
// observation), and is included once per pair of types (c_run.c), so it has no include guard.

// y = W x + b. `scale`: of each output's weights; without one they are as they are. Four sums side by side
// round less than one, and do not wait for each other.
static void agent_linear(float *y, const INPUT *x, int inputs, int outputs, const WEIGHT *weight,
                         const float *scale, const float *bias, int relu)
{
    const int fours = inputs / 4 * 4;
    for (int o = 0; o < outputs; o++, weight += inputs) {
        float sum[4] = {0, 0, 0, 0};
        for (int i = 0; i < fours; i += 4)
            for (int k = 0; k < 4; k++) sum[k] += (float)weight[i + k] * (float)x[i + k];
        for (int i = fours; i < inputs; i++) sum[0] += (float)weight[i] * (float)x[i];
        float total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        if (scale) total *= scale[o];
        total += bias[o];
        y[o] = relu && !(total > 0) ? 0 : total;
    }
}

// A convolution over planes [planes][height][width]; beyond the picture everything is 0.
static void agent_conv(float *y, const INPUT *x, const agent_shape *s, const WEIGHT *weight,
                       const float *scale, const float *bias, int relu)
{
    const int window = s->kernel * s->kernel;
    for (int o = 0; o < s->outputs; o++, weight += s->planes * window)
        for (int row = 0; row < s->out_height; row++)
            for (int column = 0; column < s->out_width; column++) {
                const int top = row * s->stride - s->pad, left = column * s->stride - s->pad;
                const int first = left < 0 ? -left : 0;
                const int end = left + s->kernel > s->width ? s->width - left : s->kernel;
                float total = 0;
                for (int p = 0; p < s->planes; p++)
                    for (int k = 0; k < s->kernel; k++) {
                        if (top + k < 0 || top + k >= s->height) continue;
                        const int line = (p * s->height + top + k) * s->width + left;
                        const WEIGHT *factor = weight + p * window + k * s->kernel;
                        float sum = 0;
                        for (int i = first; i < end; i++) sum += (float)factor[i] * (float)x[line + i];
                        total += sum;
                    }
                if (scale) total *= scale[o];
                total += bias[o];
                *y++ = relu && !(total > 0) ? 0 : total;
            }
}
