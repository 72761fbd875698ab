// What a page needs around an exported agent (`rainbow export RUN --c agent.c --name agent`): places for what
// goes in and out, and one function. examples/browser/build compiles it to WebAssembly.
#include "agent.c"

#define EXPORT(name) __attribute__((export_name(#name)))

static agent_number observation[AGENT_OBSERVATION];
static uint8_t mask[AGENT_ACTIONS];
static float q[AGENT_ACTIONS];

EXPORT(observation) agent_number *place_of_observation(void)
{
    return observation;
}

EXPORT(mask) uint8_t *place_of_mask(void)
{
    return mask;
}

EXPORT(q) float *place_of_q(void)
{
    return q;
}

EXPORT(numbers) int numbers(void)
{
    return AGENT_OBSERVATION;
}

EXPORT(actions) int actions(void)
{
    return AGENT_ACTIONS;
}

EXPORT(bytes) int observation_is_bytes(void)
{
    return sizeof(agent_number) == 1;
}

// Reads the observation and the mask, leaves the Q-values; returns the action, or -1 if the mask allows none.
EXPORT(act) int act(void)
{
    agent_q_values(observation, q);
    return agent_choose(q, mask);
}
