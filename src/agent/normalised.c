// Observations normalised by the running statistics of those that the agent was shown (env.normalise).
#include "agent/agent_impl.h"

void rb_agent_follow(rb_agent *agent, const void *observations, int count)
{
    const rb_agent_spec *spec = &agent->spec;
    const float *newest = observations; // each observation ends with its newest frame
    if (!spec->normalised) return;
    newest += rb_agent_numbers(spec) - (size_t)spec->normalised;
    rb_net_follow(agent->online, newest, count, rb_agent_numbers(spec));
}

void rb_agent_normalise_batch(const rb_agent *agent, rb_batch *batch)
{
    if (!agent->spec.normalised) return;
    rb_net_normalise(agent->online, batch->states, batch->size, batch->states);
    if (agent->target) rb_net_normalise(agent->online, batch->next_states, batch->size, batch->next_states);
}

const void *rb_agent_normalised(const rb_agent *agent, const void *observations, int count)
{
    if (!agent->spec.normalised) return observations;
    rb_net_normalise(agent->online, observations, count, agent->normalised);
    return agent->normalised;
}
