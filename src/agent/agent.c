// The agent: two networks of one shape, and the update that trains one towards targets computed with the
// other.
//
//     batch -+- s  -> online, taped --------> Q(s, a) ------------+
//            +- s' -> online (double) -> a*                       +-> loss -> backward -> optimiser -> noise
//            +- s' -> target ----------> V(a*) -> R + discount V --+
//            +- s  -> target (Munchausen) -> ln pi(a | s)
//
// The parts of Rainbow (Hessel et al. 2017): double and n-step are in targets_scalar.c; what the heads learn
// is in heads.c and the files that it names; dueling and noise belong to the network (nn); prioritised
// sampling belongs to replay.
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
#include <string.h>
#include "agent/acting.h"
#include "agent/agent_impl.h"
#include "agent/quantiles.h"
#include "agent/schedules.h"
#include "nn/net_device.h"
#include "nn/optimiser.h"

static int outputs_of(const rb_agent_params *p)
{
    const int head = rb_head_of(p);
    return head == RB_HEAD_CATEGORICAL ? (int)p->atoms : head == RB_HEAD_QUANTILE ? (int)p->quantiles : 1;
}

// PQN (Gallici et al. 2024): the targets come with the batch, so there is nothing to bootstrap from here.
static bool has_target(const rb_agent_spec *spec)
{
    return !spec->agent.rollout_steps;
}

static rb_net_spec net_spec(const rb_agent_spec *spec)
{
    return (rb_net_spec){
        .draws = rb_draws_of(spec).count,
        .params = spec->net,
        .bytes = spec->kind == RB_OBS_U8,
        .planes = spec->planes,
        .height = spec->height,
        .width = spec->width,
        .vector = spec->vector,
        .frames = spec->frames,
        .normalised = spec->normalised,
        .clip = spec->clip,
        .actions = spec->actions,
        .outputs = outputs_of(&spec->agent),
        .cosines = rb_head_of(&spec->agent) == RB_HEAD_IMPLICIT ? (int)spec->net.cosines : 0,
    };
}

static rb_status create_networks(rb_agent *agent, rb_compute *compute, rb_arena *arena, rb_error *error)
{
    const rb_net_spec net = net_spec(&agent->spec);
    const int batch = (int)agent->spec.agent.batch, streams = agent->spec.streams;
    rb_status status = rb_net_create(&agent->online, &net, true, compute, arena, error);
    if (!status && has_target(&agent->spec))
        status = rb_net_create(&agent->target, &net, false, compute, arena, error);
    if (!status && agent->spec.device)
        status = rb_net_create(&agent->kept_online, &net, true, compute, arena, error);
    if (!status && agent->spec.device && agent->target)
        status = rb_net_create(&agent->kept_target, &net, false, compute, arena, error);
    const rb_fraction_counts each = rb_fractions_of(&agent->spec);
    const struct {
        rb_tape **tape;
        const rb_net *net;
        int batch, each;
        bool learns, wanted;
    } tapes[] = {
        {&agent->learn, agent->online, batch, each.state, true, true},
        {&agent->next_online, agent->online, batch, each.choice, false, rb_chooses_online(&agent->spec)},
        {&agent->next_target, agent->target, batch, each.next, false, has_target(&agent->spec)},
        {&agent->state_target, agent->target, batch, each.values, false, agent->spec.agent.munchausen},
        {&agent->act, agent->online, streams, each.values, false, true},
        {&agent->greedy, agent->online, streams, each.values, false, true},
    };
    for (size_t i = 0; i < sizeof tapes / sizeof *tapes && !status; i++)
        if (tapes[i].wanted)
            status = rb_tape_create_each(tapes[i].tape, tapes[i].net, tapes[i].batch, tapes[i].each,
                                         tapes[i].learns, arena, error);
    return status;
}

static void create_arrays(rb_agent *agent, rb_arena *arena)
{
    const size_t batch = (size_t)agent->spec.agent.batch, actions = (size_t)agent->spec.actions;
    const size_t atoms = (size_t)agent->atoms, streams = (size_t)agent->spec.streams;
    agent->q_state = RB_TAKE(arena, float, batch *actions);
    agent->q_chooser = RB_TAKE(arena, float, batch *actions);
    const rb_fraction_counts each = rb_fractions_of(&agent->spec);
    const bool implicit = agent->head == RB_HEAD_IMPLICIT;
    agent->targets = RB_TAKE(arena, float, batch *(implicit ? (size_t)agent->spec.agent.tau_targets : atoms));
    agent->gradient = RB_TAKE(arena, float, batch *(size_t)each.state *actions *atoms);
    agent->q_act = RB_TAKE(arena, float, streams *actions);
    agent->same_epsilon = RB_TAKE(arena, double, streams);
    agent->places = RB_TAKE(arena, float, atoms);
    if (agent->spec.normalised)
        agent->normalised = RB_TAKE(arena, float, streams *rb_agent_numbers(&agent->spec));
    if (agent->head == RB_HEAD_QUANTILE) agent->fractions = RB_TAKE(arena, float, atoms);
    if (implicit) {
        agent->fractions = RB_TAKE(arena, float, batch *(size_t)each.state);
        agent->next_fractions = RB_TAKE(arena, float, batch *(size_t)each.next);
        agent->choice_fractions = RB_TAKE(arena, float, batch *(size_t)each.choice);
        agent->soft_fractions = RB_TAKE(arena, float, batch *(size_t)each.values);
        agent->act_fractions = RB_TAKE(arena, float, streams *(size_t)each.values);
    }
    if (rb_has_histograms(&agent->spec)) {
        agent->q_target = RB_TAKE(arena, float, batch *actions);
        agent->values = RB_TAKE(arena, float, batch);
    }
    if (!agent->spec.agent.munchausen) return;
    agent->soft.policy = RB_TAKE(arena, float, batch *actions);
    agent->soft.entropy = RB_TAKE(arena, float, batch *actions);
    agent->soft.bonus = RB_TAKE(arena, float, batch);
    agent->q_soft = RB_TAKE(arena, float, batch *actions);
}

static size_t array_bytes(const rb_agent_spec *spec) // of create_arrays
{
    const size_t batch = (size_t)spec->agent.batch, actions = (size_t)spec->actions;
    const size_t atoms = (size_t)net_spec(spec).outputs, streams = (size_t)spec->streams;
    const size_t soft = (spec->agent.munchausen ? 3 * batch * actions + batch : 0) +
                        (rb_has_histograms(spec) ? batch * actions + batch : 0);
    const rb_fraction_counts each = rb_fractions_of(spec);
    const size_t samples = (size_t)each.state, fractions = (size_t)(each.state + each.next + 2 * each.values);
    const size_t normalised = spec->normalised ? streams * rb_agent_numbers(spec) : 0;
    return (2 * batch * actions + batch * samples * atoms + batch * samples * actions * atoms +
            streams * actions + 2 * atoms + soft + batch * (fractions + (size_t)each.next) +
            streams * (size_t)each.values + normalised) *
               sizeof(float) +
           streams * sizeof(double);
}

static void draw_noise(rb_agent *agent, bool target, uint64_t draw)
{
    if (agent->device)
        rb_agent_device_noise(agent, target, draw);
    else
        rb_net_draw_noise(target ? agent->target : agent->online, agent->spec.seed,
                          target ? RB_RNG_TARGET_NOISE : RB_RNG_NOISE, draw);
}

rb_status rb_agent_create(rb_agent **out, const rb_agent_spec *spec, rb_compute *compute, rb_arena *arena,
                          rb_error *error)
{
    assert(spec->actions >= 1 && spec->streams >= 1 && spec->agent.batch >= 1);
    assert(rb_head_of(&spec->agent) != RB_HEAD_CATEGORICAL ||
           spec->agent.v_min < spec->agent.v_max); // rb_config_check
    rb_agent *agent = RB_TAKE(arena, rb_agent, 1);
    if (!agent) return rb_arena_check(arena, error);
    agent->spec = *spec;
    agent->head = rb_head_of(&spec->agent);
    agent->atoms = net_spec(spec).outputs;
    create_arrays(agent, arena);
    rb_status status = create_networks(agent, compute, arena, error);
    if (!status) status = rb_arena_check(arena, error);
    if (status) return status;

    if (agent->head == RB_HEAD_QUANTILE) rb_fractions_fill(agent->fractions, agent->atoms);
    for (int s = 0; agent->head == RB_HEAD_IMPLICIT && s < spec->streams; s++)
        rb_fractions_fill(agent->act_fractions + s * spec->agent.tau_values, (int)spec->agent.tau_values);
    if (agent->head == RB_HEAD_CATEGORICAL) {
        agent->support = (rb_c51_support){agent->atoms, spec->agent.v_min, spec->agent.v_max};
        rb_support_fill(agent->places, agent->atoms, spec->agent.v_min, spec->agent.v_max);
    }
    agent->optimiser = rb_optimiser_make(&spec->optim);
    rb_net_init(agent->online, spec->seed);
    if (agent->target) rb_net_copy(agent->target, agent->online);
    agent->device = spec->device;
    agent->there_old = true;
    draw_noise(agent, false, 0);
    *out = agent;
    return agent->device
               ? agent->device->class->prepare(agent->device, spec, agent->online, agent->target, error)
               : RB_OK;
}

size_t rb_agent_bytes(const rb_agent_spec *spec, int threads)
{
    const rb_net_spec net = net_spec(spec);
    const int batch = (int)spec->agent.batch;
    const rb_fraction_counts each = rb_fractions_of(spec);
    const size_t bare = rb_net_bytes(&net, false, 0, threads);
    const size_t next_tape = rb_net_bytes_each(&net, false, batch, each.next, threads) - bare;
    const size_t choice_tape = rb_net_bytes_each(&net, false, batch, each.values, threads) - bare;
    const size_t act_tape = rb_net_bytes_each(&net, false, spec->streams, each.values, threads) - bare;
    const bool third = spec->agent.double_q || spec->agent.munchausen;
    const size_t target = has_target(spec) ? bare + next_tape + (third ? choice_tape : 0) : 0;
    const size_t kept =
        spec->device ? rb_net_bytes(&net, true, 0, threads) + (has_target(spec) ? bare : 0) : 0;
    return sizeof(rb_agent) + array_bytes(spec) + rb_net_bytes_each(&net, true, batch, each.state, threads) +
           target + 2 * act_tape + kept;
}

// ---------------------------------------------------------------- acting

static size_t observation_bytes(const rb_agent_spec *spec)
{
    return rb_obs_bytes(spec->kind, rb_agent_numbers(spec)) +
           (size_t)(spec->vector * spec->frames) * sizeof(float);
}

static void act(rb_agent *agent, rb_tape *tape, int noise, const void *observations, const uint8_t *masks,
                int count, const double *epsilon, rb_rng *explore_rng, int32_t *actions, float *q)
{
    assert(count >= 0 && count <= agent->spec.streams);
    if (count == 0) return;
    if (!q) q = agent->q_act;
    const void *seen = rb_agent_normalised(agent, observations, count);
    if (tape == agent->act && agent->device && rb_agent_device_act(agent, noise, seen, count, q)) {
        rb_act_epsilon(actions, q, masks, count, agent->spec.actions, epsilon, explore_rng);
        return;
    }
    rb_agent_bring(agent);
    const int each = rb_fractions_of(&agent->spec).values;
    const float *outputs =
        rb_net_forward_pass(&(rb_forward){agent->online, tape, seen, count, agent->device ? 0 : noise,
                                          .each = each, .fractions = agent->act_fractions});
    rb_agent_values(agent, q, outputs, each, count);
    rb_act_epsilon(actions, q, masks, count, agent->spec.actions, epsilon, explore_rng);
}

void rb_agent_act(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                  const double *epsilon, rb_rng *explore_rng, int32_t *actions, float *q)
{
    act(agent, agent->act, rb_draws_of(&agent->spec).acting, observations, masks, count, epsilon, explore_rng,
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

void rb_agent_state_values(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                           float *values)
{
    const int actions = agent->spec.actions;
    const char *at = observations;
    for (int done = 0; done < count;) {
        const int some = count - done < agent->spec.streams ? count - done : agent->spec.streams;
        const void *seen = rb_agent_normalised(agent, at, some);
        if (!agent->device || !rb_agent_device_act(agent, 0, seen, some, agent->q_act)) {
            rb_agent_bring(agent);
            const float *outputs = rb_net_forward(agent->online, agent->greedy, seen, some, 0);
            rb_q_values(agent->q_act, outputs, some, actions, agent->atoms, agent->places);
        }
        for (int i = 0; i < some; i++) {
            const float *q = agent->q_act + (size_t)i * (size_t)actions;
            const uint8_t *mask = masks ? masks + (size_t)(done + i) * (size_t)actions : NULL;
            values[done + i] = q[rb_q_best_allowed(q, mask, actions)];
        }
        at += (size_t)some * observation_bytes(&agent->spec);
        done += some;
    }
}

// ---------------------------------------------------------------- learning

enum { MOST_PASSES = 3 };

static int passes_of(const rb_agent *agent, const rb_batch *batch, rb_forward passes[MOST_PASSES])
{
    const int size = batch->size;
    const rb_noise_draws draws = rb_draws_of(&agent->spec);
    const rb_fraction_counts each = rb_fractions_of(&agent->spec);
    const void *s = batch->states, *then = batch->next_states;
    const float *now = batch->intensities, *next = batch->next_intensities;
    passes[0] =
        (rb_forward){agent->online, agent->learn, s, size, draws.state, each.state, agent->fractions, now};
    if (!agent->target) return 1;
    passes[1] = (rb_forward){agent->target, agent->next_target,    then, size, 1,
                             each.next,     agent->next_fractions, next};
    if (agent->next_online)
        passes[2] = (rb_forward){agent->online, agent->next_online,      then, size, draws.next,
                                 each.choice,   agent->choice_fractions, next};
    else if (agent->state_target)
        passes[2] = (rb_forward){agent->target, agent->state_target,   s,  size, 1,
                                 each.values,   agent->soft_fractions, now};
    return agent->next_online || agent->state_target ? 3 : 2;
}

// Each update has random streams of its own, one for each pass: a resumed run draws the same fractions.
static void draw_fractions(rb_agent *agent, int size)
{
    const rb_fraction_counts each = rb_fractions_of(&agent->spec);
    const struct {
        float *to;
        int each;
    } draws[] = {{agent->fractions, each.state},
                 {agent->next_fractions, each.next},
                 {agent->choice_fractions, each.choice},
                 {agent->soft_fractions, each.values}};
    for (uint64_t pass = 0; pass < 4; pass++) {
        if ((pass == 2 && !agent->next_online) || (pass == 3 && !agent->state_target)) continue;
        rb_rng rng = rb_rng_stream(agent->spec.seed, RB_RNG_FRACTIONS, 4 * agent->updates + pass);
        for (int i = 0; i < size * draws[pass].each; i++) draws[pass].to[i] = rb_rng_float(&rng);
    }
}

// The parts of an update's gradient, in order. A part needs only the weights, the batch and the parts before
// it, so it can be done at any time after the batch was sampled.
enum { PART_TRUNK, PART_HEAD, PART_JUDGE, PART_BACK, PARTS };

static void do_part(rb_agent *agent, rb_batch *batch, int part)
{
    rb_forward passes[MOST_PASSES];
    const int count = passes_of(agent, batch, passes);
    if (part == PART_TRUNK) {
        if (!agent->noise_ahead && agent->target) draw_noise(agent, true, ++agent->target_draws);
        agent->noise_ahead = agent->target != NULL;
        if (agent->head == RB_HEAD_IMPLICIT) draw_fractions(agent, batch->size);
        rb_net_forward_trunk(passes, count);
    } else if (part == PART_HEAD) {
        rb_net_forward_head(passes, count);
    } else if (part == PART_JUDGE) {
        agent->learned = rb_agent_judge(agent, batch, &agent->largest);
        rb_net_backward_head(agent->online, agent->learn, agent->gradient);
    } else {
        rb_net_backward_trunk(agent->online, agent->learn);
    }
}

void rb_agent_learn_ahead(rb_agent *agent, rb_batch *batch)
{
    assert(batch->size >= 1 && batch->size <= agent->spec.agent.batch && batch->kind == agent->spec.kind);
    if (!agent->device && agent->parts_ahead < PARTS) do_part(agent, batch, agent->parts_ahead++);
}

void rb_agent_learn_begin(rb_agent *agent, rb_batch *batch)
{
    agent->parts_ahead = 0;
    if (agent->device)
        rb_agent_device_load(agent, batch);
    else
        rb_agent_learn_ahead(agent, batch);
}

// An update that failed takes back its draw of noise, so that a resumed run makes it as if it were the first.
static rb_status device_failed(rb_agent *agent, rb_status status)
{
    if (agent->target) draw_noise(agent, true, --agent->target_draws);
    agent->begun = false;
    return status;
}

rb_status rb_agent_learn_start(rb_agent *agent, const rb_batch *batch, rb_error *error)
{
    if (!agent->device || agent->begun) return RB_OK;
    if (agent->target) draw_noise(agent, true, ++agent->target_draws);
    if (agent->head == RB_HEAD_IMPLICIT) draw_fractions(agent, batch->size);
    const rb_status status = rb_agent_device_learn(agent, batch, error);
    if (status) return device_failed(agent, status);
    agent->begun = true;
    return RB_OK;
}

rb_status rb_agent_learn_gradient(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error)
{
    if (agent->device) {
        rb_status status = rb_agent_learn_start(agent, batch, error);
        if (status) return status;
        status = rb_agent_device_learned(agent, batch, error);
        if (status) return device_failed(agent, status);
        agent->begun = false;
    } else {
        while (agent->parts_ahead < PARTS) rb_agent_learn_ahead(agent, batch);
    }
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
    if (agent->device)         // it has made it already
        rb_net_count_batches(agent->online, 1), agent->optimiser.updates++;
    else
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
    draw_noise(agent, false, ++agent->online_draws);
}

void rb_agent_target_copy(rb_agent *agent)
{
    if (agent->target && agent->device)
        rb_agent_device_blend(agent, 1);
    else if (agent->target)
        rb_net_copy(agent->target, rb_agent_online(agent));
}

void rb_agent_target_update(rb_agent *agent)
{
    if (agent->target && agent->device)
        rb_agent_device_blend(agent, agent->spec.agent.target_tau);
    else if (agent->target)
        rb_net_blend(agent->target, rb_agent_online(agent), agent->spec.agent.target_tau);
}

// ---------------------------------------------------------------- resets, and what changes between two

static uint64_t resets_made(const rb_agent *agent)
{
    const rb_agent_params *p = &agent->spec.agent;
    const uint64_t every = (uint64_t)p->reset_every_updates, last = (uint64_t)p->reset_last_update;
    return !every ? 0 : (last && agent->updates > last ? last : agent->updates) / every;
}

void rb_agent_window(const rb_agent *agent, int *steps, double *gamma)
{
    const rb_agent_params *p = &agent->spec.agent;
    const int64_t every = p->reset_every_updates, most = p->anneal_updates;
    const int64_t done = (int64_t)agent->updates - (int64_t)resets_made(agent) * every;
    *steps = (int)p->n_step;
    *gamma = p->gamma;
    if (most && p->n_step_end)
        *steps = (int)lround(rb_schedule_geometric((double)p->n_step, (double)p->n_step_end, most, done));
    if (most && p->gamma_end > 0)
        *gamma = 1 - rb_schedule_geometric(1 - p->gamma, 1 - p->gamma_end, most, done);
}

// As in BBF (Schwarzer et al. 2023): both networks, each with random weights of its own, and all moments.
void rb_agent_reset_if_due(rb_agent *agent)
{
    const rb_agent_params *p = &agent->spec.agent;
    const uint64_t every = (uint64_t)p->reset_every_updates, number = resets_made(agent);
    if (!every || agent->updates != number * every) return;
    rb_net_renew(rb_agent_online(agent), agent->spec.seed, 2 * number, p->reset_shrink);
    if (agent->target)
        rb_net_renew(rb_agent_target(agent), agent->spec.seed, 2 * number + 1, p->reset_shrink);
    agent->optimiser.updates = 0;
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
    rb_agent_bring(agent);
    agent->parts_ahead = 0;
    agent->there_old = true;
    return agent->online;
}
rb_net *rb_agent_target(rb_agent *agent)
{
    rb_agent_bring(agent);
    agent->parts_ahead = 0;
    agent->there_old = true;
    return agent->target;
}

const rb_net *rb_agent_seen(rb_agent *agent)
{
    rb_net_finish(agent->online);
    rb_agent_bring(agent);
    return agent->online;
}

rb_tape *rb_agent_tape(rb_agent *agent)
{
    return agent->learn;
}

void rb_agent_visit(rb_agent *agent, rb_visitor *visitor)
{
    rb_visit_open(visitor, "agent");
    if (rb_visitor_loading(visitor)) agent->parts_ahead = 0, agent->here_old = false;
    if (agent->keeps && rb_visitor_imaging(visitor)) {
        rb_agent_leave_gap(agent, visitor);
    } else {
        rb_agent_bring(agent);
        if (agent->here_old) rb_visitor_fail(visitor, agent->failed.status, "%s", agent->failed.message);
        rb_agent_visit_networks(agent->online, agent->target, visitor);
    }
    rb_optimiser_visit(&agent->optimiser, visitor);
    rb_visit_u64(visitor, "updates", &agent->updates);
    rb_visit_u64(visitor, "online_draws", &agent->online_draws);
    rb_visit_u64(visitor, "target_draws", &agent->target_draws);
    rb_visit_bool(visitor, "noise_ahead", &agent->noise_ahead);
    rb_visit_close(visitor);
    if (rb_visitor_loading(visitor) && agent->device) rb_agent_device_loaded(agent);
}
