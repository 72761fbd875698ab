// The exports of rainbow/export.h for an agent that is in memory already.
#ifndef RB_ROLLOUT_EXPORT_POLICY_H
#define RB_ROLLOUT_EXPORT_POLICY_H

#include "rainbow/export.h"
#include "rollout/policy.h"

rb_status rb_export_policy_onnx(rb_policy *policy, const char *file, rb_export_input input,
                                rb_export_result *out, rb_error *error);
rb_status rb_export_policy_safetensors(rb_policy *policy, const char *file, rb_export_result *out,
                                       rb_error *error);

#endif
