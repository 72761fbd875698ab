// Runs what an exported C file computes, with the file's own loops (c_maths.h, c_layers.h): so its agreement
// with the network is measured without a compiler.
#ifndef RB_ROLLOUT_C_RUN_H
#define RB_ROLLOUT_C_RUN_H

#include "rollout/c_plan.h"

// q [actions]; probabilities [actions][atoms] or NULL; scratch [plan->scratch].
void rb_c_run(const rb_c_plan *plan, const void *observation, float *scratch, float *q, float *probabilities);
// One layer: reads the observation or its source's place in scratch, and writes to its own.
void rb_c_run_layer(const rb_c_plan *plan, int layer, int fraction, const void *observation, float *scratch);
// Whether a layer reads the observation's bytes.
bool rb_c_reads_bytes(const rb_c_plan *plan, int layer);

#endif
