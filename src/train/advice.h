// Advice: settings chosen by the user that do nothing in this run, and settings that turn out wrong during
// training.
#ifndef RB_TRAIN_ADVICE_H
#define RB_TRAIN_ADVICE_H

#include "agent/agent.h"
#include "config/config.h"
#include "env/vector.h"
#include "rainbow/evaluate.h"
#include "rainbow/run.h"

// The two parts of rb_run_advice: what the settings alone show, and what needs the environments.
void rb_advice_settings(const rb_config *config, rb_advice_fn say, void *context);
void rb_advice_environment(const rb_config *config, const rb_vector *envs, rb_advice_fn say, void *context);
void rb_advice_run(const rb_run *run); // both, as warnings in the run's log
// Where a run resumes, or that it has ended; and a warning if it will learn nothing.
void rb_advice_resumed(const rb_run *run);

// How much of the targets' mass lies outside the support of the atoms, summed over a number of updates.
typedef struct rb_support_monitor {
    double clipped, above; // shares, summed
    int64_t updates;
    bool told;
} rb_support_monitor;

// Warns at most once per process, if more than rb_support_share of the mass lay outside over the last
// RB_SUPPORT_UPDATES updates.
enum { RB_SUPPORT_UPDATES = 2000 };
static const double rb_support_share = 0.1;
void rb_advice_support(rb_support_monitor *watch, const rb_run *run, const rb_learned *learned);

// Warns, once per process, if games of an evaluation ended only by the limit that is assumed where nothing
// limits them.
void rb_advice_evaluation(const rb_run *run, const rb_eval_result *result);

#endif
