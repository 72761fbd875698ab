// The heads: what a network's outputs mean, and how each kind learns from a batch.
//
//     scalar        Q-values                          targets_scalar.c, losses.c
//     categorical   logits of atoms                   targets_c51.c, targets_hl_gauss.c, losses.c
//     quantile      quantiles at fixed fractions      quantiles.c
//     implicit      quantiles at drawn fractions      quantiles.c
//
// Munchausen's soft targets, of any head, are in munchausen.c and quantiles.c.
#include <math.h>
#include <string.h>
#include "agent/acting.h"
#include "agent/agent_impl.h"
#include "agent/logits.h"
#include "agent/losses.h"
#include "agent/quantiles.h"

static bool has_quantiles(const rb_agent *agent)
{
    return agent->head == RB_HEAD_QUANTILE || agent->head == RB_HEAD_IMPLICIT;
}

// The quantiles in a network's outputs: [B][A][N], or [B][each][A] of an implicit head, of which `count`
// from `first` on.
static rb_quantiles quantiles_of(const rb_agent *agent, const float *outputs, int each, int first, int count)
{
    const ptrdiff_t actions = agent->spec.actions;
    if (agent->head == RB_HEAD_IMPLICIT)
        return (rb_quantiles){outputs + first * actions, count, each * actions, 1, actions};
    return (rb_quantiles){outputs, agent->atoms, actions * agent->atoms, agent->atoms, 1};
}

// q [count][A] from a network's outputs: with an implicit head from the last K of each sample's quantiles.
void rb_agent_values(const rb_agent *agent, float *q, const float *outputs, int each, int count)
{
    if (has_quantiles(agent)) {
        const int values = (int)agent->spec.agent.tau_values;
        const rb_quantiles quantiles = quantiles_of(agent, outputs, each, each - values, values);
        rb_quantiles_mean(q, &quantiles, count, agent->spec.actions);
    } else {
        rb_q_values(q, outputs, count, agent->spec.actions, agent->atoms, agent->places);
    }
}

void rb_agent_q_values(rb_agent *agent, const void *observation, float *q, float *spread)
{
    const int actions = agent->spec.actions, atoms = agent->atoms;
    const int each = rb_fractions_of(&agent->spec).values;
    rb_agent_bring(agent);
    const float *outputs = rb_net_forward_pass(
        &(rb_forward){agent->online, agent->greedy, rb_agent_normalised(agent, observation, 1), 1, 0,
                      .each = each, .fractions = agent->act_fractions});
    rb_agent_values(agent, q, outputs, each, 1);
    if (has_quantiles(agent)) {
        const rb_quantiles quantiles = quantiles_of(agent, outputs, each, 0, each);
        rb_quantiles_gather(spread, &quantiles, 0, actions);
        return;
    }
    for (int a = 0; atoms > 1 && a < actions; a++) {
        const float *logits = outputs + (size_t)a * (size_t)atoms, top = rb_logits_top(logits, atoms);
        const double sum = rb_logits_sum(logits, atoms, top);
        for (int z = 0; z < atoms; z++)
            spread[(size_t)a * (size_t)atoms + (size_t)z] = (float)(expf(logits[z] - top) / sum);
    }
}

const float *rb_agent_support(const rb_agent *agent, int *atoms)
{
    const bool categorical = agent->head == RB_HEAD_CATEGORICAL;
    *atoms = categorical ? agent->atoms : 1;
    return categorical ? agent->places : NULL;
}

int rb_agent_quantiles(const rb_agent *agent)
{
    if (agent->head == RB_HEAD_IMPLICIT) return (int)agent->spec.agent.tau_values;
    return agent->head == RB_HEAD_QUANTILE ? agent->atoms : 0;
}

static float largest_of(const float *targets, size_t count)
{
    float largest = 0;
    for (size_t i = 0; i < count && !isnan(largest); i++)
        if (!(fabsf(targets[i]) <= largest)) largest = fabsf(targets[i]);
    return largest;
}

static void scalar_targets(const rb_agent *agent, float *targets, const rb_batch *batch, const float *value)
{
    const int actions = agent->spec.actions;
    if (!agent->target) // PQN: the returns of the batch are its targets
        memcpy(targets, batch->returns, (size_t)batch->size * sizeof *targets);
    else if (agent->spec.agent.munchausen)
        rb_targets_scalar_soft(targets, batch, actions, &agent->soft, value);
    else
        rb_targets_scalar(targets, batch, actions, agent->q_chooser, value);
}

static const float *output_of(const rb_tape *tape)
{
    return tape ? rb_tape_output(tape) : NULL;
}

static void learn_scalar(rb_agent *agent, rb_batch *batch, rb_learned *learned, float *largest)
{
    const float *state = rb_tape_output(agent->learn), *value = output_of(agent->next_target);
    scalar_targets(agent, agent->targets, batch, value);
    *largest = largest_of(agent->targets, (size_t)batch->size);
    learned->loss = rb_loss_scalar(agent->gradient, batch, agent->spec.actions, agent->spec.agent.loss, state,
                                   agent->targets);
}

static void learn_categorical(rb_agent *agent, rb_batch *batch, rb_learned *learned, float *largest)
{
    const float *state = rb_tape_output(agent->learn), *value = rb_tape_output(agent->next_target);
    const int actions = agent->spec.actions;
    rb_c51_summary summary;
    if (agent->values) {
        rb_agent_values(agent, agent->q_target, value, 1, batch->size);
        scalar_targets(agent, agent->values, batch, agent->q_target);
        summary = rb_targets_hl_gauss(agent->targets, agent->values, batch->size, &agent->support,
                                      agent->spec.agent.hl_sigma);
    } else if (agent->spec.agent.munchausen) {
        summary = rb_targets_c51_soft(agent->targets, batch, actions, &agent->support, &agent->soft, value);
    } else {
        summary = rb_targets_c51(agent->targets, batch, actions, &agent->support, agent->q_chooser, value);
    }
    learned->clipped = summary.clipped;
    learned->above = summary.above;
    *largest = summary.largest;
    learned->loss = rb_loss_c51(agent->gradient, batch, actions, agent->atoms, agent->spec.agent.priority,
                                state, agent->targets);
}

static void learn_quantiles(rb_agent *agent, rb_batch *batch, rb_learned *learned, float *largest)
{
    const rb_fraction_counts each = rb_fractions_of(&agent->spec);
    const rb_agent_params *p = &agent->spec.agent;
    const rb_quantiles state = quantiles_of(agent, rb_tape_output(agent->learn), each.state, 0, each.state),
                       next = quantiles_of(agent, rb_tape_output(agent->next_target), each.next, 0,
                                           (int)p->tau_targets);
    const int actions = agent->spec.actions;
    if (agent->spec.agent.munchausen)
        rb_targets_quantile_soft(agent->targets, batch, actions, &agent->soft, &next);
    else
        rb_targets_quantile(agent->targets, batch, actions, agent->q_chooser, &next);
    *largest = largest_of(agent->targets, (size_t)batch->size * (size_t)next.count);
    memset(agent->gradient, 0, sizeof(float) * (size_t)batch->size * (size_t)state.sample);
    learned->loss =
        rb_loss_quantile(agent->gradient, batch, p->kappa, &state, agent->fractions,
                         agent->head == RB_HEAD_IMPLICIT ? each.state : 0, agent->targets, next.count);
}

// The online network's, from all quantiles that it learns from.
static void state_q_values(rb_agent *agent, int size)
{
    const float *outputs = rb_tape_output(agent->learn);
    const int each = rb_fractions_of(&agent->spec).state;
    const rb_quantiles all = quantiles_of(agent, outputs, each, 0, each);
    if (agent->head == RB_HEAD_IMPLICIT)
        rb_quantiles_mean(agent->q_state, &all, size, agent->spec.actions);
    else
        rb_agent_values(agent, agent->q_state, outputs, each, size);
}

// Computes the targets, the loss, the priorities and the gradient with respect to the online network's
// outputs. *largest: the largest |target|.
rb_learned rb_agent_judge(rb_agent *agent, rb_batch *batch, float *largest)
{
    const float *next = output_of(agent->next_online ? agent->next_online : agent->next_target);
    const int actions = agent->spec.actions, size = batch->size;
    rb_learned learned = {0};
    const rb_fraction_counts each = rb_fractions_of(&agent->spec);
    state_q_values(agent, size);
    if (next)
        rb_agent_values(agent, agent->q_chooser, next, agent->next_online ? each.choice : each.next, size);
    if (agent->state_target) {
        rb_agent_values(agent, agent->q_soft, rb_tape_output(agent->state_target), each.values, size);
        rb_soft_make(&agent->soft, batch, actions, &agent->spec.agent, agent->q_soft, agent->q_chooser);
    }
    if (agent->head == RB_HEAD_CATEGORICAL)
        learn_categorical(agent, batch, &learned, largest);
    else if (has_quantiles(agent))
        learn_quantiles(agent, batch, &learned, largest);
    else
        learn_scalar(agent, batch, &learned, largest);
    double sum = 0;
    for (int i = 0; i < size; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        const float *q = agent->q_state + row;
        sum += q[rb_q_best_allowed(q, batch->masks ? batch->masks + row : NULL, actions)];
    }
    learned.q_mean = (float)(sum / size);
    return learned;
}
