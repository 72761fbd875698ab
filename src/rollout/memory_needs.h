// Memory that an agent at play needs, computed before it is allocated: so settings that ask for more than the
// machine has, by mistake or by malice, get a sentence instead of a process that the system ends. A training
// adds its replay (train/memory_plan.h).
#ifndef RB_ROLLOUT_MEMORY_NEEDS_H
#define RB_ROLLOUT_MEMORY_NEEDS_H

#include "agent/agent.h"
#include "config/params.h"
#include "rainbow/error.h"

// Environments side by side, with the Python interpreters that step Gymnasium's.
double rb_environments_bytes(const rb_params *params, int threads, int count);
// RB_ERR_MEMORY: the agent and `count` environments do not fit into the free memory. The sentence names the
// sizes and the settings that make the network.
rb_status rb_memory_needs_check(const rb_params *params, const rb_agent_spec *agent, int threads, int count,
                                double available, rb_error *error);

#endif
