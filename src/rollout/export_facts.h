// What every export reports of the file that it wrote (rainbow/export.h).
#ifndef RB_ROLLOUT_EXPORT_FACTS_H
#define RB_ROLLOUT_EXPORT_FACTS_H

#include "rainbow/export.h"
#include "rollout/policy.h"

void rb_export_describe(rb_export_result *out, rb_policy *policy, const char *file);
// The number of weights. A weights file holds `all`, a model only those that are needed without noise.
int64_t rb_export_numbers(const rb_net *net, bool all);

#endif
