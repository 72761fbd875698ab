// Advice: settings of the user's own that do nothing in this run, and what learning shows to be set wrongly.
#ifndef RB_TRAIN_ADVICE_H
#define RB_TRAIN_ADVICE_H

#include "agent/agent.h"
#include "rainbow/run.h"

void rb_advice_settings(const rb_run *run);    // rb_run_advice, as warnings in the run's log
void rb_advice_environment(const rb_run *run); // what shows only with the environment at hand

// How much of the targets' mass lies outside the support of the atoms. Sums over a stretch of updates.
typedef struct rb_support_watch {
    double clipped, above; // shares, summed
    int64_t updates;
    bool told;
} rb_support_watch;

// At most one warning of a process: where, over the last RB_SUPPORT_UPDATES updates, more of the mass than
// RB_SUPPORT_SHARE lay outside.
#define RB_SUPPORT_UPDATES 2000
#define RB_SUPPORT_SHARE   0.1
void rb_advice_support(rb_support_watch *watch, const rb_run *run, const rb_learned *learned);

#endif
