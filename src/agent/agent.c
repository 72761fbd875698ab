// The agent: two networks of one shape, and the update that trains one towards targets computed with the
// other.
//
//     batch -+- s  -> online, taped --------> Q(s, a) ------------+
//            +- s' -> online (double) -> a*                       +-> loss -> backward -> optimiser -> noise
//            +- s' -> target ----------> V(a*) -> R + discount V --+
//
// The parts of Rainbow (Hessel et al. 2017): double and n-step are in targets_scalar.c, atoms in
// targets_c51.c, the losses and the priorities in losses.c; dueling and noise belong to the network (nn);
// prioritised sampling belongs to replay.
//
// Noise: the online network gets a new draw when an update is done. With net.noisy_draws = shared, this one
// draw is used for acting and for all of the next update (s and s'). With fresh, each of the three has a draw
// of its own, as in Fortunato et al. (2017). The target network draws its own noise for every update, from
// another stream. Evaluations use none.
//
// All memory is taken from the arena in rb_agent_create. One thread owns an agent; the kernels it calls run
// on the pool.
#include "agent/agent.h"

#include <assert.h>
#include <math.h>
#include "agent/acting.h"
#include "agent/logits.h"
#include "agent/losses.h"
#include "agent/schedules.h"
#include "agent/targets.h"
#include "nn/optimiser.h"

struct rb_agent {
    rb_agent_spec spec;
    int atoms; // Z: 1 for scalar values
    rb_c51_support support;
    float *places; // [Z] the atoms' values
    rb_net *online, *target;
    rb_optimiser optimiser;
    uint64_t updates;
    uint64_t online_draws, target_draws; // noise draws made so far; the first online draw is number 0
    bool noise_ahead;                    // the target network's noise for the next update is already drawn
    int parts_ahead;                     // parts of the next update's gradient already done
    rb_learned learned;                  // of that update, and its largest |target|; valid after PART_JUDGE
    float largest;

    rb_tape *learn;                     // [B] for s, with a backward pass
    rb_tape *next_online, *next_target; // [B] for s'; next_online is NULL unless double
    rb_tape *act, *greedy;              // [streams]
    float *q_state, *q_chooser;         // [B][A]: for s; for s' by the network that chooses
    float *targets;                     // [B][Z]
    float *gradient;                    // [B][A][Z]
    float *q_act;                       // [streams][A]
    float *normalised;                  // [streams] observations; NULL: they are not normalised
    double *same_epsilon;               // [streams]
};

// Which of the online network's draws a pass uses.
typedef struct noise_draws {
    int state, acting, next; // 1 .. count
    int count;
} noise_draws;

static noise_draws draws_of(const rb_agent_spec *spec)
{
    if (spec->net.noisy == RB_NOISY_OFF || spec->net.noisy_draws == RB_NOISY_DRAWS_SHARED)
        return (noise_draws){1, 1, 1, 1};
    return (noise_draws){1, 2, 3, spec->agent.double_q ? 3 : 2}; // without double, s' needs none
}

static rb_net_spec net_spec(const rb_agent_spec *spec)
{
    return (rb_net_spec){
        .draws = draws_of(spec).count,
        .params = spec->net,
        .bytes = spec->kind == RB_OBS_U8,
        .planes = spec->planes,
        .height = spec->height,
        .width = spec->width,
        .normalised = spec->normalised,
        .clip = spec->clip,
        .actions = spec->actions,
        .outputs = spec->agent.categorical ? (int)spec->agent.atoms : 1,
    };
}

static rb_status create_networks(rb_agent *agent, rb_compute *compute, rb_arena *arena, rb_error *error)
{
    const rb_net_spec net = net_spec(&agent->spec);
    const int batch = (int)agent->spec.agent.batch, streams = agent->spec.streams;
    rb_status status = rb_net_create(&agent->online, &net, true, compute, arena, error);
    if (!status) status = rb_net_create(&agent->target, &net, false, compute, arena, error);
    if (!status) status = rb_tape_create(&agent->learn, agent->online, batch, true, arena, error);
    if (!status && agent->spec.agent.double_q)
        status = rb_tape_create(&agent->next_online, agent->online, batch, false, arena, error);
    if (!status) status = rb_tape_create(&agent->next_target, agent->target, batch, false, arena, error);
    if (!status) status = rb_tape_create(&agent->act, agent->online, streams, false, arena, error);
    if (!status) status = rb_tape_create(&agent->greedy, agent->online, streams, false, arena, error);
    return status;
}

static size_t observation_numbers(const rb_agent_spec *spec)
{
    return (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
}

static void create_arrays(rb_agent *agent, rb_arena *arena)
{
    const size_t batch = (size_t)agent->spec.agent.batch, actions = (size_t)agent->spec.actions;
    const size_t atoms = (size_t)agent->atoms, streams = (size_t)agent->spec.streams;
    agent->q_state = RB_TAKE(arena, float, batch *actions);
    agent->q_chooser = RB_TAKE(arena, float, batch *actions);
    agent->targets = RB_TAKE(arena, float, batch *atoms);
    agent->gradient = RB_TAKE(arena, float, batch *actions *atoms);
    agent->q_act = RB_TAKE(arena, float, streams *actions);
    agent->same_epsilon = RB_TAKE(arena, double, streams);
    agent->places = RB_TAKE(arena, float, atoms);
    if (agent->spec.normalised)
        agent->normalised = RB_TAKE(arena, float, streams *observation_numbers(&agent->spec));
}

static size_t array_bytes(const rb_agent_spec *spec) // of create_arrays
{
    const size_t batch = (size_t)spec->agent.batch, actions = (size_t)spec->actions;
    const size_t atoms = (size_t)net_spec(spec).outputs, streams = (size_t)spec->streams;
    const size_t normalised = spec->normalised ? streams * observation_numbers(spec) : 0;
    return (2 * batch * actions + batch * atoms + batch * actions * atoms + streams * actions + atoms +
            normalised) *
               sizeof(float) +
           streams * sizeof(double);
}

rb_status rb_agent_create(rb_agent **out, const rb_agent_spec *spec, rb_compute *compute, rb_arena *arena,
                          rb_error *error)
{
    assert(spec->actions >= 1 && spec->streams >= 1 && spec->agent.batch >= 1);
    assert(!spec->agent.categorical || spec->agent.v_min < spec->agent.v_max); // rb_config_check
    rb_agent *agent = RB_TAKE(arena, rb_agent, 1);
    if (!agent) return rb_arena_check(arena, error);
    agent->spec = *spec;
    agent->atoms = net_spec(spec).outputs;
    create_arrays(agent, arena);
    rb_status status = create_networks(agent, compute, arena, error);
    if (!status) status = rb_arena_check(arena, error);
    if (status) return status;

    if (spec->agent.categorical) {
        agent->support = (rb_c51_support){agent->atoms, spec->agent.v_min, spec->agent.v_max};
        rb_support_fill(agent->places, agent->atoms, spec->agent.v_min, spec->agent.v_max);
    }
    agent->optimiser = rb_optimiser_make(&spec->optim);
    rb_net_init(agent->online, spec->seed);
    rb_net_copy(agent->target, agent->online);
    rb_net_draw_noise(agent->online, spec->seed, RB_RNG_NOISE, 0);
    *out = agent;
    return RB_OK;
}

size_t rb_agent_bytes(const rb_agent_spec *spec, int threads)
{
    const rb_net_spec net = net_spec(spec);
    const int batch = (int)spec->agent.batch;
    const size_t bare = rb_net_bytes(&net, false, 0, threads);
    const size_t next_tape = rb_net_bytes(&net, false, batch, threads) - bare;
    const size_t act_tape = rb_net_bytes(&net, false, spec->streams, threads) - bare;
    return sizeof(rb_agent) + array_bytes(spec) + rb_net_bytes(&net, true, batch, threads) + bare +
           next_tape * (spec->agent.double_q ? 2 : 1) + 2 * act_tape;
}

// ---------------------------------------------------------------- acting

static size_t observation_bytes(const rb_agent_spec *spec)
{
    return rb_obs_bytes(spec->kind, observation_numbers(spec));
}

void rb_agent_follow(rb_agent *agent, const void *observations, int count)
{
    const rb_agent_spec *spec = &agent->spec;
    const float *newest = observations; // each observation ends with its newest frame
    if (!spec->normalised) return;
    newest += observation_numbers(spec) - (size_t)spec->normalised;
    rb_net_follow(agent->online, newest, count, observation_numbers(spec));
}

void rb_agent_normalise_batch(const rb_agent *agent, rb_batch *batch)
{
    if (!agent->spec.normalised) return;
    rb_net_normalise(agent->online, batch->states, batch->size, batch->states);
    rb_net_normalise(agent->online, batch->next_states, batch->size, batch->next_states);
}

// The observations as the network reads them.
static const void *normalise(const rb_agent *agent, const void *observations, int count)
{
    if (!agent->spec.normalised) return observations;
    rb_net_normalise(agent->online, observations, count, agent->normalised);
    return agent->normalised;
}

static void act(rb_agent *agent, rb_tape *tape, int noise, const void *observations, const uint8_t *masks,
                int count, const double *epsilon, rb_rng *explore_rng, int32_t *actions, float *q)
{
    assert(count >= 0 && count <= agent->spec.streams);
    if (count == 0) return;
    if (!q) q = agent->q_act;
    const void *seen = normalise(agent, observations, count);
    const float *outputs = rb_net_forward(agent->online, tape, seen, count, noise);
    rb_q_values(q, outputs, count, agent->spec.actions, agent->atoms, agent->places);
    rb_act_epsilon(actions, q, masks, count, agent->spec.actions, epsilon, explore_rng);
}

void rb_agent_act(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                  const double *epsilon, rb_rng *explore_rng, int32_t *actions, float *q)
{
    act(agent, agent->act, draws_of(&agent->spec).acting, observations, masks, count, epsilon, explore_rng,
        actions, q);
}

void rb_agent_act_greedy(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                         double epsilon, rb_rng *explore_rng, int32_t *actions, float *q)
{
    // Evaluations may play more games at once than the agent trains on.
    const char *at = observations;
    for (int i = 0; i < agent->spec.streams; i++) agent->same_epsilon[i] = epsilon;
    for (int done = 0; done < count;) {
        const int some = count - done < agent->spec.streams ? count - done : agent->spec.streams;
        const size_t row = (size_t)done * (size_t)agent->spec.actions;
        act(agent, agent->greedy, 0, at, masks ? masks + row : NULL, some, agent->same_epsilon,
            explore_rng + done, actions + done, q ? q + row : NULL);
        at += (size_t)some * observation_bytes(&agent->spec);
        done += some;
    }
}

void rb_agent_q_values(rb_agent *agent, const void *observation, float *q, float *probabilities)
{
    const int actions = agent->spec.actions, atoms = agent->atoms;
    const void *seen = normalise(agent, observation, 1);
    const float *outputs = rb_net_forward(agent->online, agent->greedy, seen, 1, 0);
    rb_q_values(q, outputs, 1, actions, atoms, agent->places);
    for (int a = 0; atoms > 1 && a < actions; a++) {
        const float *logits = outputs + (size_t)a * (size_t)atoms, top = rb_logits_top(logits, atoms);
        const double sum = rb_logits_sum(logits, atoms, top);
        for (int z = 0; z < atoms; z++)
            probabilities[(size_t)a * (size_t)atoms + (size_t)z] = (float)(expf(logits[z] - top) / sum);
    }
}

const float *rb_agent_support(const rb_agent *agent, int *atoms)
{
    *atoms = agent->atoms;
    return agent->atoms > 1 ? agent->places : NULL;
}

// ---------------------------------------------------------------- learning

enum { MOST_PASSES = 3 };

static int passes_of(const rb_agent *agent, const rb_batch *batch, rb_forward passes[MOST_PASSES])
{
    const int size = batch->size;
    const noise_draws draws = draws_of(&agent->spec);
    passes[0] = (rb_forward){agent->online, agent->learn, batch->states, size, draws.state};
    passes[1] = (rb_forward){agent->target, agent->next_target, batch->next_states, size, 1};
    passes[2] = (rb_forward){agent->online, agent->next_online, batch->next_states, size, draws.next};
    return agent->spec.agent.double_q ? 3 : 2;
}

// Computes the targets, the loss, the priorities and the gradient with respect to the online network's
// outputs. *largest: the largest |target|.
static rb_learned targets_and_loss(rb_agent *agent, rb_batch *batch, float *largest)
{
    const float *state = rb_tape_output(agent->learn);       // [B][A][Z] online, for s
    const float *value = rb_tape_output(agent->next_target); // [B][A][Z] target, for s'
    const float *chooser = agent->next_online ? rb_tape_output(agent->next_online) : value; // for s', too
    const int actions = agent->spec.actions, size = batch->size, atoms = agent->atoms;
    rb_learned learned = {0};
    rb_q_values(agent->q_state, state, size, actions, atoms, agent->places);
    rb_q_values(agent->q_chooser, chooser, size, actions, atoms, agent->places);
    if (agent->spec.agent.categorical) {
        const rb_c51_summary summary =
            rb_targets_c51(agent->targets, batch, actions, &agent->support, agent->q_chooser, value);
        learned.clipped = summary.clipped;
        learned.above = summary.above;
        *largest = summary.largest;
        learned.loss = rb_loss_c51(agent->gradient, batch, actions, atoms, agent->spec.agent.priority, state,
                                   agent->targets);
    } else {
        rb_targets_scalar(agent->targets, batch, actions, agent->q_chooser, value);
        *largest = 0;
        for (int i = 0; i < size && !isnan(*largest); i++)
            if (!(fabsf(agent->targets[i]) <= *largest)) *largest = fabsf(agent->targets[i]);
        learned.loss =
            rb_loss_scalar(agent->gradient, batch, actions, agent->spec.agent.loss, state, agent->targets);
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        const float *q = agent->q_state + row;
        sum += q[rb_q_best_allowed(q, batch->masks ? batch->masks + row : NULL, actions)];
    }
    learned.q_mean = (float)(sum / size);
    return learned;
}

// The parts of an update's gradient, in order. A part needs only the weights, the batch and the parts before
// it, so it can be done at any time after the batch was sampled.
enum { PART_TRUNK, PART_HEAD, PART_JUDGE, PART_BACK, PARTS };

static void do_part(rb_agent *agent, rb_batch *batch, int part)
{
    rb_forward passes[MOST_PASSES];
    const int count = passes_of(agent, batch, passes);
    if (part == PART_TRUNK) {
        if (!agent->noise_ahead)
            rb_net_draw_noise(agent->target, agent->spec.seed, RB_RNG_TARGET_NOISE, ++agent->target_draws);
        agent->noise_ahead = true;
        rb_net_forward_trunk(passes, count);
    } else if (part == PART_HEAD) {
        rb_net_forward_head(passes, count);
    } else if (part == PART_JUDGE) {
        agent->learned = targets_and_loss(agent, batch, &agent->largest);
        rb_net_backward_head(agent->online, agent->learn, agent->gradient);
    } else {
        rb_net_backward_trunk(agent->online, agent->learn);
    }
}

void rb_agent_learn_ahead(rb_agent *agent, rb_batch *batch)
{
    assert(batch->size >= 1 && batch->size <= agent->spec.agent.batch && batch->kind == agent->spec.kind);
    if (agent->parts_ahead < PARTS) do_part(agent, batch, agent->parts_ahead++);
}

void rb_agent_learn_begin(rb_agent *agent, rb_batch *batch)
{
    agent->parts_ahead = 0;
    rb_agent_learn_ahead(agent, batch);
}

rb_status rb_agent_learn_gradient(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error)
{
    while (agent->parts_ahead < PARTS) rb_agent_learn_ahead(agent, batch);
    agent->parts_ahead = 0;
    agent->noise_ahead = false;
    *out = agent->learned;
    if (!isfinite(out->loss) || !isfinite(agent->largest))
        return rb_error_set(error, RB_ERR_NUMBER,
                            "update %llu: the loss is %g and the batch's largest target is %g, but learning "
                            "needs finite numbers",
                            (unsigned long long)(agent->updates + 1), (double)out->loss,
                            (double)agent->largest);
    return RB_OK;
}

void rb_agent_learn_apply(rb_agent *agent)
{
    rb_agent_new_noise(agent); // first: the update packs its weights with this draw
    rb_net_update_start(agent->online, agent->learn, &agent->optimiser);
    agent->updates++;
}

void rb_agent_learn_finish(rb_agent *agent)
{
    rb_net_finish(agent->online);
}

rb_status rb_agent_learn(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error)
{
    rb_status status = rb_agent_learn_gradient(agent, batch, out, error);
    if (status == RB_OK) rb_agent_learn_apply(agent), rb_agent_learn_finish(agent);
    return status;
}

void rb_agent_new_noise(rb_agent *agent)
{
    agent->parts_ahead = 0;
    rb_net_draw_noise(agent->online, agent->spec.seed, RB_RNG_NOISE, ++agent->online_draws);
}

void rb_agent_target_copy(rb_agent *agent)
{
    rb_net_copy(agent->target, rb_agent_online(agent));
}

void rb_agent_target_update(rb_agent *agent)
{
    rb_net_blend(agent->target, rb_agent_online(agent), agent->spec.agent.target_tau);
}

// ---------------------------------------------------------------- what others ask

double rb_agent_epsilon(const rb_agent *agent, int64_t step)
{
    const rb_explore_params *explore = &agent->spec.explore;
    const int64_t start = explore->after_start ? agent->spec.agent.start_steps : 0;
    const int64_t steps = step > start ? step - start : 0;
    const int64_t count = explore->by == RB_EXPLORE_BY_UPDATES ? (int64_t)agent->updates : steps;
    if (explore->schedule == RB_EXPLORE_EXPONENTIAL)
        return rb_schedule_exponential(explore->start, explore->end, explore->rate, count);
    return rb_schedule_linear(explore->start, explore->end, explore->steps, count);
}

void rb_agent_anneal(rb_agent *agent, double done)
{
    const rb_optim_params *optim = &agent->spec.optim;
    agent->optimiser.rate = optim->learning_rate * (optim->anneal ? 1 - done : 1);
}

uint64_t rb_agent_updates(const rb_agent *agent)
{
    return agent->updates;
}

// The caller may change the network, so parts already done are discarded.
rb_net *rb_agent_online(rb_agent *agent)
{
    rb_net_finish(agent->online);
    agent->parts_ahead = 0;
    return agent->online;
}
rb_net *rb_agent_target(rb_agent *agent)
{
    agent->parts_ahead = 0;
    return agent->target;
}

rb_tape *rb_agent_tape(rb_agent *agent)
{
    return agent->learn;
}

void rb_agent_visit(rb_agent *agent, rb_visitor *visitor)
{
    rb_visit_open(visitor, "agent");
    if (rb_visitor_loading(visitor)) agent->parts_ahead = 0;
    rb_visit_open(visitor, "online");
    rb_net_visit(agent->online, visitor);
    rb_visit_close(visitor);
    rb_visit_open(visitor, "target");
    rb_net_visit(agent->target, visitor);
    rb_visit_close(visitor);
    rb_optimiser_visit(&agent->optimiser, visitor);
    rb_visit_u64(visitor, "updates", &agent->updates);
    rb_visit_u64(visitor, "online_draws", &agent->online_draws);
    rb_visit_u64(visitor, "target_draws", &agent->target_draws);
    rb_visit_bool(visitor, "noise_ahead", &agent->noise_ahead);
    rb_visit_close(visitor);
}
