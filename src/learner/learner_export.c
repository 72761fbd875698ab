// A learner's network for other programs.
#include "base/text.h"
#include "learner/learner_impl.h"
#include "rollout/export_policy.h"

static rb_status export(rb_learner *l, const char *file, rb_export_result *out, rb_error *error)
{
    rb_policy as = {
        .config = l->config, .agent = l->agent, .stack = l->stack, .step = l->step, .masks = l->env.masks};
    rb_text_copy(as.action_names, sizeof as.action_names, l->action_names);
    rb_status status = rb_arena_create(&as.arena, error); // for the notes
    if (status) return status;
    if (rb_text_ends(file, ".onnx"))
        status = rb_export_policy_onnx(&as, file, RB_EXPORT_AS_OBSERVED, out, error);
    else if (rb_text_ends(file, ".safetensors"))
        status = rb_export_policy_safetensors(&as, file, out, error);
    else
        status = rb_error_set(error, RB_ERR_USAGE, "%s: must end with .onnx or .safetensors", file);
    rb_arena_destroy(as.arena);
    return status;
}

rb_status rb_learner_export(rb_learner *l, const char *file, rb_export_result *out, rb_error *error)
{
    rb_entered entered;
    rb_export_result own;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    rb_agent_learn_finish(l->agent);
    status = export(l, file, out ? out : &own, error);
    rb_learner_leave(&l->busy, &entered);
    return status;
}
