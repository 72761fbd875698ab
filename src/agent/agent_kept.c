// A checkpoint of an agent whose networks live on a device. The loop only has the device copy them aside, and
// leaves a gap in the image of the state; the thread that writes the checkpoint gets that copy into networks
// of its own, and fills the gap with them. The bytes are those of a visit that waits.
#include <stdio.h>

#include "agent/agent_impl.h"
#include "nn/net_device.h"

void rb_agent_visit_networks(rb_net *online, rb_net *target, rb_visitor *visitor)
{
    rb_visit_open(visitor, "online");
    rb_net_visit(online, visitor);
    rb_visit_close(visitor);
    if (!target) return;
    rb_visit_open(visitor, "target");
    rb_net_visit(target, visitor);
    rb_visit_close(visitor);
}

bool rb_agent_keep(rb_agent *agent)
{
    agent->keeps = false;
    if (!agent->device || !agent->here_old || agent->there_old || agent->failed.status) return false;
    rb_error error = {0}; // a device that can't even copy is asked for the weights, which tells what is wrong
    if (agent->device->class->keep(agent->device, &error)) return false;
    rb_net_same_rest(agent->kept_online, agent->online);
    if (agent->target) rb_net_same_rest(agent->kept_target, agent->target);
    return agent->keeps = true;
}

// Records have the same size whatever is in them.
static size_t network_bytes(const rb_agent *agent, rb_visitor *visitor)
{
    rb_error error = {0};
    rb_visitor *measure;
    if (rb_visitor_hash(&measure, &error)) {
        rb_visitor_fail(visitor, error.status, "%s", error.message);
        return 0;
    }
    rb_visit_open(measure, agent->kept_path);
    rb_agent_visit_networks(agent->kept_online, agent->kept_target, measure);
    const size_t bytes = (size_t)rb_visitor_size(measure);
    rb_visitor_finish(measure, NULL, NULL);
    return bytes;
}

void rb_agent_leave_gap(rb_agent *agent, rb_visitor *visitor)
{
    agent->keeps = false;
    agent->kept_at = (size_t)rb_visitor_size(visitor);
    if (!agent->kept_bytes) {
        snprintf(agent->kept_path, sizeof agent->kept_path, "%s", rb_visitor_path(visitor));
        agent->kept_bytes = network_bytes(agent, visitor);
    }
    rb_visit_gap(visitor, agent->kept_bytes);
}

rb_status rb_agent_kept(rb_agent *agent, void *image, rb_error *error)
{
    rb_visitor *v;
    rb_net *online = agent->kept_online, *target = agent->kept_target;
    rb_status status = agent->device->class->kept(agent->device, online, target, error);
    if (!status) status = rb_net_check_finite(online, error);
    if (!status) status = rb_visitor_save_part(&v, (char *)image + agent->kept_at, agent->kept_bytes, error);
    if (status) return status;
    rb_visit_open(v, agent->kept_path);
    rb_agent_visit_networks(online, target, v);
    return rb_visitor_finish(v, NULL, error);
}

const rb_net *rb_agent_kept_online(const rb_agent *agent)
{
    return agent->kept_online;
}
