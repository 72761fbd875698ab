#include "rollout/export_facts.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

void rb_export_describe(rb_export_result *out, rb_policy *p, const char *file)
{
    struct stat now;
    rb_text_copy(out->env, sizeof out->env, p->config->params.run.env);
    rb_text_copy(out->checkpoint, sizeof out->checkpoint, p->checkpoint);
    rb_text_copy(out->action_names, sizeof out->action_names, p->action_names);
    out->step = p->step;
    out->actions = rb_net_spec_of(rb_agent_online(p->agent))->actions;
    rb_agent_support(p->agent, &out->atoms);
    out->quantiles = rb_agent_quantiles(p->agent);
    if (!stat(file, &now)) out->bytes = (double)now.st_size;
}

int64_t rb_export_numbers(const rb_net *net, bool all)
{
    int64_t sum = 0;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        const bool needed = !rb_text_ends(info.name, "_sigma") &&
                            !rb_text_ends(info.name, ".num_batches_tracked") &&
                            !rb_text_ends(info.name, ".weight_u") && !rb_text_ends(info.name, ".weight_v") &&
                            strcmp(info.name, "normalise.count");
        if (all || needed) sum += (int64_t)info.count;
    }
    return sum;
}
