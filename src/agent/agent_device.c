// An agent whose networks live on a device (agent/device.h).
//
// Weights change on the device in updates and here in all else: a loaded state, initial weights from a file,
// a reset. They are copied when the other side needs them; so a run that only learns copies none, and a
// checkpoint or an evaluation copies them once.
//
// Functions that act can't fail. If the device does, they go on with the weights that are here, and the next
// function that can fail reports it.
//
// An update is begun and ended apart, and the processor does other things meanwhile. What it changes on the
// device comes before whatever is asked of the device later.
#include "agent/agent_impl.h"
#include "nn/net_device.h"

static void note(rb_agent *agent, const rb_error *error)
{
    if (!agent->failed.status) agent->failed = *error;
}

bool rb_agent_has_device(const rb_agent *agent)
{
    return agent->device != NULL;
}

rb_status rb_agent_check(const rb_agent *agent, rb_error *error)
{
    const rb_error *failed = &agent->failed;
    return failed->status ? rb_error_set(error, failed->status, "%s", failed->message) : RB_OK;
}

void rb_agent_bring(rb_agent *agent)
{
    rb_error error = {0};
    if (!agent->device || !agent->here_old) return;
    if (agent->device->class->fetch(agent->device, agent->online, agent->target, &error))
        note(agent, &error);
    else
        agent->here_old = false;
}

static rb_status send(rb_agent *agent, rb_error *error)
{
    if (!agent->there_old) return RB_OK;
    rb_status status = agent->device->class->send(agent->device, agent->online, agent->target, error);
    if (!status) agent->there_old = false;
    return status;
}

// Only the keys of noise are made here, and the draw is noted for what is saved.
void rb_agent_device_noise(rb_agent *agent, bool target, uint64_t draw)
{
    rb_net *net = target ? agent->target : agent->online;
    const rb_rng_purpose purpose = target ? RB_RNG_TARGET_NOISE : RB_RNG_NOISE;
    rb_net_noise_keys(net, agent->spec.seed, purpose, draw, agent->keys[target]);
    rb_net_note_noise(net, agent->spec.seed, purpose, draw);
}

bool rb_agent_device_act(rb_agent *agent, int noise, const void *observations, int count, float *q)
{
    rb_error error = {0};
    if (agent->failed.status) return false;
    rb_status status = send(agent, &error);
    if (!status)
        status = agent->device->class->act(
            agent->device,
            &(rb_device_act){
                .observations = observations, .count = count, .noise = noise, .keys = agent->keys[0], .q = q},
            &error);
    if (status) note(agent, &error);
    return !status;
}

// What fails is told by the update, here and in the next function.
void rb_agent_frames(rb_agent *agent, const int32_t *slots, const void *frames, int count)
{
    rb_error error = {0};
    if (!agent->device || agent->failed.status) return;
    if (agent->device->class->store(agent->device, slots, frames, count, &error)) note(agent, &error);
}

void rb_agent_device_load(rb_agent *agent, const rb_batch *batch)
{
    rb_error error = {0};
    if (agent->failed.status) return;
    agent->loaded = agent->device->class->load(agent->device, batch, &error) == RB_OK;
    if (!agent->loaded) note(agent, &error);
}

rb_status rb_agent_device_learn(rb_agent *agent, const rb_batch *batch, rb_error *error)
{
    rb_status status = rb_agent_check(agent, error);
    if (!status) status = send(agent, error);
    if (status) return status;
    const rb_device_update update = {.batch = batch,
                                     .loaded = agent->loaded,
                                     .rule = rb_optimiser_rule(&agent->optimiser, 0),
                                     .keys = agent->keys[0],
                                     .target_keys = agent->keys[1],
                                     .fractions = {agent->fractions, agent->next_fractions,
                                                   agent->choice_fractions, agent->soft_fractions}};
    rb_error own = {0};
    status = agent->device->class->learn(agent->device, &update, &own);
    agent->loaded = false;
    if (!status) { // otherwise neither copy of the weights has changed
        agent->here_old = true;
        return RB_OK;
    }
    note(agent, &own);
    return rb_error_set(error, status, "%s", own.message);
}

rb_status rb_agent_device_learned(rb_agent *agent, rb_batch *batch, rb_error *error)
{
    rb_error own = {0};
    const rb_status status = agent->device->class->learned(agent->device, batch->priorities, &agent->learned,
                                                           &agent->largest, &own);
    if (!status) return RB_OK;
    note(agent, &own);
    return rb_error_set(error, status, "%s", own.message);
}

// If the device can't, the weights are brought and it is done here, so that what is saved is whole.
void rb_agent_device_blend(rb_agent *agent, double share)
{
    rb_error error = {0};
    rb_status status = agent->failed.status;
    if (!status) status = send(agent, &error);
    if (!status) status = agent->device->class->blend(agent->device, share, &error);
    if (!status) {
        rb_net_same_batches(agent->target, agent->online);
        agent->here_old = true;
        return;
    }
    note(agent, &error);
    rb_agent_bring(agent);
    if (agent->here_old) return;
    if (share == 1)
        rb_net_copy(agent->target, agent->online);
    else
        rb_net_blend(agent->target, agent->online, share);
    agent->there_old = true;
}

void rb_agent_device_loaded(rb_agent *agent)
{
    agent->there_old = true, agent->here_old = agent->loaded = false;
    rb_agent_device_noise(agent, false, agent->online_draws);
    if (agent->target) rb_agent_device_noise(agent, true, agent->target_draws);
}
