// Checks of values that are valid alone but wrong together; each error names the keys and values involved.
#include "config/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// A run's own files, which no other directory inside it may be called after.
static bool is_a_runs_file(const char *name)
{
    static const char *const names[] = {"config.ini",    "checkpoints",  "plots",
                                        "train.csv",     "eval.csv",     "end.json",
                                        "train.csv.sum", "eval.csv.sum", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

static rb_status check_names(const rb_params *p, rb_error *error)
{
    const rb_run_params *run = &p->run;
    const struct {
        const char *key, *value;
        bool needed;
    } names[] = {{"run.group", run->group, true},
                 {"run.name", run->name, false},
                 {"record.directory", p->record.directory, true}};
    for (int i = 0; i < 3; i++) {
        const char *value = names[i].value;
        if (names[i].needed && !*value)
            return rb_error_set(error, RB_ERR_USAGE, "%s must not be empty", names[i].key);
        if (strchr(value, '/') || *value == '.' || strlen(value) > 200)
            return rb_error_set(
                error, RB_ERR_USAGE,
                "%s = %s: must be the name of one directory: no '/', no '.' at its start, at most "
                "200 bytes",
                names[i].key, value);
    }
    if (is_a_runs_file(p->record.directory))
        return rb_error_set(error, RB_ERR_USAGE,
                            "record.directory = %s: is a file or directory that every "
                            "run has; choose another name",
                            p->record.directory);
    if (!*run->root) return rb_error_set(error, RB_ERR_USAGE, "run.root must not be empty");
    return RB_OK;
}

// Widths joined by '-', each 1 .. 65536; "" is no layer at all.
static bool widths_are_fine(const char *text)
{
    if (!*text) return true;
    for (const char *at = text;; at++) {
        long width = 0;
        int digits = 0;
        for (; *at >= '0' && *at <= '9' && digits < 6; at++, digits++) width = width * 10 + (*at - '0');
        if (!digits || width < 1 || width > 65536) return false;
        if (!*at) return true;
        if (*at != '-') return false;
    }
}

static rb_status check_net(const rb_net_params *net, rb_error *error)
{
    if (!widths_are_fine(net->mlp))
        return rb_error_set(error, RB_ERR_USAGE,
                            "net.mlp = %s: must be widths from 1 to 65,536 joined by '-', such as 256-256",
                            net->mlp);
    if (net->unscaled && net->centre)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.unscaled = true and net.centre = true: bytes are scaled to -1 .. 1 or not at "
            "all; set one of them to false");
    return RB_OK;
}

// Learning without replay (PQN) leaves no place for what belongs to replay or to a target network.
static rb_status check_rollout(const rb_params *p, rb_error *error)
{
    const rb_agent_params *a = &p->agent;
    const struct {
        bool set;
        const char *key, *value, *why, *way;
    } against[] = {
        {p->env.asynchronous, "env.asynchronous", "true", "a rollout has as many steps of each environment",
         "false"},
        {p->replay.prioritized, "replay.prioritized", "true",
         "all steps of a rollout are learned from equally often", "false"},
        {a->double_q, "agent.double_q", "true", "there is no target network", "false"},
        {a->n_step > 1, "agent.n_step", "above 1", "agent.lambda sets the length of its returns", "1"},
        {a->head == RB_HEAD_AUTO && a->categorical, "agent.categorical", "true",
         "lambda-returns are numbers, not distributions", "false"},
        {rb_head_of(a) != RB_HEAD_SCALAR, "agent.head", "not scalar",
         "lambda-returns are numbers, not distributions", "scalar"},
        {a->anneal_updates > 0, "agent.anneal_updates", "above 0", "there are no n-step returns", "0"},
        {p->replay.shift > 0, "replay.shift", "above 0", "its targets come from the pictures as they are",
         "0"},
        {p->replay.intensity > 0, "replay.intensity", "above 0",
         "its targets come from the pictures as they are", "0"},
        {p->replay.on_device, "replay.on_device", "true", "there is no replay", "false"},
        {a->munchausen, "agent.munchausen", "true", "there is no target network", "false"},
        {p->net.noisy != RB_NOISY_OFF, "net.noisy", "on",
         "its returns need the Q-values of acting, so noise would be part of every target", "off"},
        {a->group_updates, "agent.group_updates", "true", "agent.minibatches sets the number of updates",
         "false"},
    };
    for (size_t i = 0; i < sizeof against / sizeof *against; i++)
        if (against[i].set)
            return rb_error_set(error, RB_ERR_USAGE,
                                "%s is %s, but agent.rollout_steps = %" PRId64
                                " learns from rollouts, and %s: set %s to %s, or agent.rollout_steps to 0",
                                against[i].key, against[i].value, a->rollout_steps, against[i].why,
                                against[i].key, against[i].way);
    const int64_t steps = p->env.count * a->rollout_steps;
    if (a->minibatches > steps || steps > RB_ROLLOUT_MOST ||
        (steps + a->minibatches - 1) / a->minibatches > 4096)
        return rb_error_set(error, RB_ERR_USAGE,
                            "agent.minibatches = %" PRId64 " divides a rollout of %" PRId64
                            " steps (env.count * agent.rollout_steps, at most %d): must give batches of 1 to "
                            "4096 steps",
                            a->minibatches, steps, (int)RB_ROLLOUT_MOST);
    return RB_OK;
}

// The samples of the largest batch. With agent.group_updates all updates of a turn have one.
static rb_status check_batch(const rb_params *p, int64_t *samples, rb_error *error)
{
    enum { MOST = 1 << 20 };
    const rb_agent_params *a = &p->agent;
    const int64_t updates = (p->env.count + a->update_every_steps - 1) / a->update_every_steps * a->updates;
    *samples = a->group_updates ? updates * a->batch : a->batch; // 256 * 10,000 * 4,096 at most
    if (*samples <= MOST) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE,
                        "agent.group_updates = true makes one batch of %" PRId64
                        " updates of agent.batch = %" PRId64
                        ", but a batch has at most %d samples: a larger agent.update_every_steps, or a "
                        "smaller agent.updates, agent.batch or env.count",
                        updates, a->batch, (int)MOST);
}

static rb_status check_replay(const rb_params *p, rb_error *error)
{
    if (p->agent.rollout_steps) return check_rollout(p, error);
    int64_t samples;
    const rb_status status = check_batch(p, &samples, error);
    if (status) return status;
    // What a start needs around it: its stack, its n steps, and the frame that the write head is at.
    int64_t stack = p->env.stack ? p->env.stack : 4;
    const int64_t most_steps = rb_most_steps(&p->agent);
    const bool annealed = most_steps > p->agent.n_step;
    int64_t around = p->env.count * (stack + most_steps + 1);
    if (p->replay.capacity - around < samples) {
        char what[80];
        snprintf(what, sizeof what,
                 p->agent.group_updates ? "batches of %" PRId64 " samples (agent.group_updates)"
                                        : "agent.batch = %" PRId64,
                 samples);
        return rb_error_set(error, RB_ERR_USAGE,
                            "replay.capacity = %" PRId64 " is too small for %s with env.count = %" PRId64
                            " and agent.%s = %" PRId64 ": at least %" PRId64,
                            p->replay.capacity, what, p->env.count, annealed ? "n_step_end" : "n_step",
                            most_steps, around + samples);
    }
    if (p->agent.start_steps > p->replay.capacity)
        return rb_error_set(error, RB_ERR_USAGE,
                            "agent.start_steps = %" PRId64 " is more than replay.capacity = %" PRId64
                            " can hold",
                            p->agent.start_steps, p->replay.capacity);
    if (p->replay.prioritized && p->replay.beta_start > p->replay.beta_end)
        return rb_error_set(error, RB_ERR_USAGE,
                            "replay.beta_start = %g must not be above replay.beta_end = %g",
                            p->replay.beta_start, p->replay.beta_end);
    return RB_OK;
}

static rb_status check_agent(const rb_params *p, rb_error *error)
{
    if (rb_head_of(&p->agent) == RB_HEAD_CATEGORICAL && !(p->agent.v_min < p->agent.v_max))
        return rb_error_set(error, RB_ERR_USAGE, "agent.v_min = %g must be below agent.v_max = %g",
                            p->agent.v_min, p->agent.v_max);
    if (p->agent.anneal_updates && p->agent.gamma_end > 0 && (p->agent.gamma >= 1 || p->agent.gamma_end >= 1))
        return rb_error_set(error, RB_ERR_USAGE,
                            "agent.gamma = %g changes to agent.gamma_end = %g by equal factors of 1 - gamma: "
                            "both must be below 1, or agent.gamma_end = 0",
                            p->agent.gamma, p->agent.gamma_end);
    if (!p->agent.rollout_steps && !p->agent.target_every_steps && !p->agent.target_every_updates &&
        !p->agent.target_every_episodes)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "agent.target_every_steps, agent.target_every_updates or agent.target_every_episodes must be "
            "above 0 (1 update with agent.target_tau = 1: no separate target network)");
    return RB_OK;
}

static rb_status check_explore(const rb_params *p, rb_error *error)
{
    if (p->explore.end > p->explore.start)
        return rb_error_set(error, RB_ERR_USAGE, "explore.end = %g must not be above explore.start = %g%s",
                            p->explore.end, p->explore.start,
                            p->explore.start == 0 && p->net.noisy != RB_NOISY_OFF
                                ? "; with noisy layers epsilon is 0 unless you give explore.start too"
                                : "");
    if (p->explore.schedule == RB_EXPLORE_LINEAR && p->explore.share > 0 &&
        p->explore.by == RB_EXPLORE_BY_UPDATES)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "explore.share = %g is a share of the run's steps, and explore.by = updates counts "
            "updates: give explore.steps and explore.share = 0, or explore.by = steps",
            p->explore.share);
    if (p->net.noisy == RB_NOISY_OFF && p->explore.start == 0)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.noisy = off and explore.start = 0: nothing would explore; give explore.start and "
            "explore.end, or turn noise on");
    return RB_OK;
}

// Whether the plugin is there is found when it is opened.
static rb_status check_device(const rb_compute_params *compute, rb_error *error)
{
    static const char *const devices[] = {"cpu", "auto", "cuda", "rocm", "oneapi"};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (!strcmp(compute->device, devices[i])) return RB_OK;
    if (!strncmp(compute->device, "xla:", 4) && compute->device[4]) return RB_OK;
    return rb_error_set(
        error, RB_ERR_USAGE,
        "compute.device = %s: must be cpu, auto, cuda, rocm, oneapi, or xla:PATH with the path "
        "of a PJRT plugin",
        compute->device);
}

// What replay.on_device can't do; that of rollouts is in check_rollout.
static rb_status check_on_device(const rb_params *p, rb_error *error)
{
    if (!p->replay.on_device) return RB_OK;
    if (!strcmp(p->compute.device, "cpu"))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "replay.on_device is true, but compute.device = cpu has no memory of its own: set "
            "replay.on_device to false, or compute.device to a device");
    if (p->replay.shift)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "replay.on_device is true, but replay.shift = %" PRId64
            " moves pictures on the processor: set replay.on_device to false, or replay.shift to 0",
            p->replay.shift);
    if (p->env.normalise)
        return rb_error_set(error, RB_ERR_USAGE,
                            "replay.on_device is true, but env.normalise changes observations on the "
                            "processor when they are drawn: set one of them to false");
    return RB_OK;
}

rb_status rb_config_check(const rb_config *config, rb_error *error)
{
    const rb_params *p = &config->params;
    rb_status status = check_names(p, error);
    if (status == RB_OK) status = check_net(&p->net, error);
    if (status == RB_OK) status = check_replay(p, error);
    if (status == RB_OK) status = check_agent(p, error);
    if (status == RB_OK) status = check_explore(p, error);
    if (status == RB_OK) status = check_device(&p->compute, error);
    if (status == RB_OK) status = check_on_device(p, error);
    if (status == RB_OK && p->atari.noop_max > 0 && p->atari.noop_min > p->atari.noop_max)
        status = rb_error_set(error, RB_ERR_USAGE,
                              "atari.noop_min = %" PRId64 " must not be above atari.noop_max = %" PRId64,
                              p->atari.noop_min, p->atari.noop_max);
    return status ? status : rb_config_check_trust(config, error);
}
