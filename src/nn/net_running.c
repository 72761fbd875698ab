// The running statistics of a network's observations, for the agent that normalises them (running.h).
#include "nn/net_impl.h"

void rb_net_follow(rb_net *net, const float *frames, int count, size_t stride)
{
    rb_running_follow(&net->running, frames, count, stride);
}

void rb_net_normalise(const rb_net *net, const float *observations, int count, float *out)
{
    const size_t frames = (size_t)net->spec.planes / (size_t)net->running.numbers;
    rb_running_apply(&net->running, observations, (size_t)count * frames, out);
}

void rb_net_normalisation(const rb_net *net, const float **shift, const float **scale)
{
    *shift = net->running.shift;
    *scale = net->running.scale;
}
