#include "train/advice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/table.h"
#include "env/vector_spec.h"
#include "rollout/evaluator.h"
#include "train/ending.h"
#include "train/run_state.h"

// ---- parameter groups that belong to one family of environments

static const char *const of_gym_pictures[] = {"atari.frame_skip", "atari.pool", "atari.size", "atari.width",
                                              "atari.colour"};

static bool acts_on_gym_pictures(const char *key)
{
    for (size_t i = 0; i < sizeof of_gym_pictures / sizeof *of_gym_pictures; i++)
        if (!strcmp(of_gym_pictures[i], key)) return true;
    return false;
}

// The family that reads a parameter; NULL: any environment does.
static const rb_env_family *reader_of(const char *key)
{
    char group[32] = "";
    if (!strcmp(key, "env.workers")) return &rb_gym_family;
    if (!strcmp(key, "env.options")) return &rb_plugin_family;
    snprintf(group, sizeof group, "%.*s", (int)strcspn(key, "."), key);
    return rb_env_family_of_group(group);
}

// The kind of environment for which the parameter has an effect; NULL if it has one here.
static const char *missing_family(const rb_params *p, const char *key)
{
    const rb_env_family *reader = reader_of(key);
    if (!reader || reader->has_form(p->run.env)) return NULL;
    if (!strcmp(key, "atari.life_loss") && rb_plugin_family.has_form(p->run.env))
        return NULL; // it may have lives
    if (reader == &rb_atari_family && rb_gym_family.has_form(p->run.env) && acts_on_gym_pictures(key))
        return p->gym.pictures == RB_PICTURES_ATARI ? NULL : "an Atari game, and gym.pictures is raw";
    return reader->kind;
}

static void advise_families(const rb_config *config, rb_advice_fn say, void *context)
{
    for (int i = 0; i < rb_param_count(); i++) {
        const char *key = rb_param_get(i)->key;
        const char *family = rb_config_given(config, key) ? missing_family(&config->params, key) : NULL;
        if (!family) continue;
        char value[RB_TEXT_MAX + 8] = "", sentence[1024];
        rb_config_get(config, key, value, sizeof value, NULL);
        if (!*value) continue; // emptied, so that nothing is to have an effect
        snprintf(sentence, sizeof sentence, "%s = %.200s has no effect: %.200s is not %s", key, value,
                 config->params.run.env, family);
        say(context, sentence);
    }
}

// Warns of a run that would end without a single update.
static void advise_learning(const rb_params *p, rb_advice_fn say, void *context)
{
    const rb_agent_params *a = &p->agent;
    // The fewest updates that are due at once, if any are.
    const int64_t turn = p->env.count > a->update_every_steps ? p->env.count / a->update_every_steps : 1,
                  batch = a->group_updates ? turn * a->updates * a->batch : a->batch;
    char sentence[400] = "";
    const int64_t rollout = a->rollout_steps * p->env.count;
    if (a->rollout_steps) {
        if (rollout >= p->run.max_steps || a->start_steps >= p->run.max_steps)
            snprintf(
                sentence, sizeof sentence,
                "nothing will be learned: the first update comes after a rollout of %lld steps "
                "(agent.rollout_steps, env.count) and agent.start_steps = %lld steps, but run.max_steps = "
                "%lld",
                (long long)rollout, (long long)a->start_steps, (long long)p->run.max_steps);
    } else if (a->start_steps >= p->run.max_steps)
        snprintf(sentence, sizeof sentence,
                 "nothing will be learned: the first update comes after agent.start_steps = %lld steps, but "
                 "run.max_steps = %lld",
                 (long long)a->start_steps, (long long)p->run.max_steps);
    else if (batch >= p->run.max_steps)
        snprintf(sentence, sizeof sentence,
                 "nothing will be learned: an update needs %lld steps in replay (agent.batch%s), but "
                 "run.max_steps = %lld",
                 (long long)batch, batch > a->batch ? ", agent.group_updates" : "",
                 (long long)p->run.max_steps);
    else if (p->env.max_episode_steps && a->skip_episode_steps >= p->env.max_episode_steps)
        snprintf(sentence, sizeof sentence,
                 "nothing will be learned: agent.skip_episode_steps = %lld, but no episode is longer than "
                 "env.max_episode_steps = %lld",
                 (long long)a->skip_episode_steps, (long long)p->env.max_episode_steps);
    if (*sentence) say(context, sentence);
}

void rb_advice_settings(const rb_config *config, rb_advice_fn say, void *context)
{
    rb_config_unused(config, say, context);
    advise_families(config, say, context);
    advise_learning(&config->params, say, context);
    const rb_net_params *net = &config->params.net;
    if (net->dueling && net->hidden == 0)
        say(context,
            "net.dueling = true with net.hidden = 0: two streams of one linear layer each can represent no "
            "more than one linear layer; set net.hidden, or net.dueling = false");
    if (*net->layers && net->hidden == 0 && net->norm != RB_NET_NORM_NONE &&
        rb_config_given(config, "net.norm"))
        say(context,
            "net.norm has no effect: net.layers lists its own normalisation, and net.hidden is 0; write "
            "batch_norm or layer_norm into the list");
    if (net->norm == RB_NET_NORM_NONE && !strstr(net->layers, "norm") &&
        rb_config_given(config, "net.norm_epsilon"))
        say(context, "net.norm_epsilon has no effect: the network has no normalisation; it takes effect with "
                     "net.norm = batch or layer");
}

// ---- the environment

static bool has_fire(const rb_env_spec *spec) // FIRE is pressed at a reset only if it is the second action
{
    return spec->actions >= 3 && spec->action_names && !strcmp(spec->action_names[1], "FIRE");
}

// With env.masks = false, Gymnasium's environments are not asked whether they have masks.
static void advise_masks(const rb_config *config, const rb_vector *envs, rb_advice_fn say, void *context)
{
    const rb_params *p = &config->params;
    const bool reports = p->env.masks ? rb_vector_env_spec(envs)->masks : rb_vector_class(envs)->mask != NULL;
    char sentence[400];
    if (reports || !rb_config_given(config, "env.masks")) return;
    snprintf(sentence, sizeof sentence, "env.masks = %s has no effect: %.200s reports no action masks",
             p->env.masks ? "true" : "false", p->run.env);
    say(context, sentence);
}

void rb_advice_environment(const rb_config *config, const rb_vector *envs, rb_advice_fn say, void *context)
{
    const rb_params *p = &config->params;
    const rb_env_spec *spec = rb_vector_env_spec(envs);
    const char *const fires[] = {"atari.fire_on_reset", "atari.fire_on_life_loss"};
    const bool on[] = {p->atari.fire_on_reset, p->atari.fire_on_life_loss};
    char sentence[1024];
    for (int i = 0; i < 2; i++) {
        if (!on[i] || !rb_config_given(config, fires[i]) || !rb_atari_family.has_form(p->run.env) ||
            has_fire(spec))
            continue;
        snprintf(sentence, sizeof sentence,
                 "%s = true has no effect: %.200s has no FIRE action (`rainbow envs %.200s` lists the "
                 "actions)",
                 fires[i], p->run.env, p->run.env);
        say(context, sentence);
    }
    if (p->atari.fire_on_life_loss && !p->atari.fire_on_reset && p->eval.epsilon == 0 &&
        rb_config_given(config, fires[1]) && rb_atari_family.has_form(p->run.env) && has_fire(spec))
        say(context, "atari.fire_on_life_loss = true without atari.fire_on_reset = true: an evaluation with "
                     "eval.epsilon = 0 may never serve the first ball of a game");
    advise_masks(config, envs, say, context);
    if (rb_config_given(config, "env.stack_start") && !p->env.stack && rb_vector_stack(envs) == 1) {
        snprintf(sentence, sizeof sentence,
                 "env.stack_start has no effect: %.200s shows one frame at a time unless env.stack is set",
                 p->run.env);
        say(context, sentence);
    }
    const rb_preset_info *preset = rb_preset_find(p->run.preset, NULL, NULL);
    if (preset && strstr(preset->env, "-pixels") && spec->height == 1 && spec->width == 1) {
        snprintf(
            sentence, sizeof sentence,
            "the preset %s is made for the pictures of %s; %.200s shows %d numbers, which is another task",
            preset->name, preset->env, p->run.env, (int)spec->channels);
        say(context, sentence);
    }
    if (p->net.unscaled && rb_config_given(config, "net.unscaled") && spec->kind == RB_OBS_F32) {
        snprintf(sentence, sizeof sentence,
                 "net.unscaled = true has no effect: the observations of %.200s are floats, which are never "
                 "scaled",
                 p->run.env);
        say(context, sentence);
    }
    if (rb_config_given(config, "net.mlp") && p->net.trunk == RB_TRUNK_AUTO && !*p->net.layers &&
        (spec->height > 1 || spec->width > 1)) {
        snprintf(sentence, sizeof sentence,
                 "net.mlp = %.200s has no effect: net.trunk is auto, which uses convolutions for pictures; "
                 "set net.trunk = mlp to use it",
                 p->net.mlp);
        say(context, sentence);
    }
}

void rb_run_advice(const rb_config *config, void (*say)(void *context, const char *sentence), void *context)
{
    const rb_params *p = &config->params;
    const rb_vector_spec look = rb_vector_spec_make(p, 0, 1);
    rb_arena *arena = NULL;
    rb_vector *envs = NULL;
    rb_advice_settings(config, say, context);
    if (!rb_arena_create(&arena, NULL) && !rb_vector_create(&envs, &look, arena, NULL))
        rb_advice_environment(config, envs, say, context);
    rb_vector_destroy(envs);
    rb_arena_destroy(arena);
}

// ---- a run

static void warn(void *context, const char *sentence)
{
    rb_log_write(context, RB_LOG_WARNING, "%s", sentence);
}

void rb_advice_run(const rb_run *run)
{
    rb_log log = run->log;
    if (run->config->noise_ended_epsilon)
        rb_log_write(&log, RB_LOG_INFO,
                     "--noisy sets epsilon (explore.start, explore.end) to 0, because the noise explores; "
                     "--net.noisy=factorised leaves epsilon alone");
    rb_advice_settings(run->config, warn, &log);
    rb_advice_environment(run->config, run->envs, warn, &log);
    const rb_params *p = run->params;
    const rb_env_spec *spec = rb_vector_env_spec(run->envs);
    if (p->env.max_episode_steps || p->eval.max_episode_steps || spec->max_episode_steps || spec->ends)
        return;
    char limit[32];
    rb_text_thousands(limit, sizeof limit, RB_EVAL_FALLBACK_LIMIT_STEPS);
    rb_log_write(
        &log, RB_LOG_INFO,
        "%s has no time limit; evaluations cut its games after %s steps (eval.max_episode_steps sets "
        "another limit)",
        p->run.env, limit);
}

void rb_advice_resumed(const rb_run *run)
{
    rb_log log = run->log;
    char step[32];
    rb_text_thousands(step, sizeof step, run->step);
    const rb_ending ending = rb_run_ending(run);
    if (ending != RB_GOING) {
        rb_log_write(&log, RB_LOG_INFO, "the run has ended at step %s by %s; a larger %s continues it", step,
                     rb_ending_name(ending), rb_ending_name(ending));
        return;
    }
    rb_log_write(&log, RB_LOG_INFO, "resumes at step %s", step);
    if (!rb_agent_updates(run->agent)) advise_learning(run->params, warn, &log);
}

void rb_advice_support(rb_support_monitor *watch, const rb_run *run, const rb_learned *learned)
{
    const rb_agent_params *p = &run->params->agent;
    if (rb_head_of(p) != RB_HEAD_CATEGORICAL || watch->told) return;
    watch->clipped += (double)learned->clipped;
    watch->above += (double)learned->above;
    if (++watch->updates < RB_SUPPORT_UPDATES) return;
    const double share = watch->clipped / (double)watch->updates,
                 above = watch->above / fmax(watch->clipped, 1e-9);
    *watch = (rb_support_monitor){.told = share > rb_support_share};
    if (!watch->told) return;
    const char *side = above > 0.9   ? "above it; a larger agent.v_max"
                       : above < 0.1 ? "below it; a smaller agent.v_min"
                                     : "on both sides; a wider support";
    rb_log_write(
        &run->log, RB_LOG_WARNING,
        "step %lld: %.0f %% of the target distribution lies outside the support from agent.v_min = %g "
        "to agent.v_max = %g, %s or env.reward_scale below 1 would cover it",
        (long long)run->step, 100 * share, p->v_min, p->v_max, side);
}

void rb_advice_evaluation(const rb_run *run, const rb_eval_result *result)
{
    if (!result->cut || !result->fallback || !rb_metrics_first_cut(run->metrics)) return;
    char limit[32];
    rb_text_thousands(limit, sizeof limit, result->limit_steps);
    rb_log_write(
        &run->log, RB_LOG_WARNING,
        "evaluation at step %lld: %d of %d games were cut after %s steps, because %s has no time limit; "
        "eval.max_episode_steps sets one for evaluations, env.max_episode_steps for training, too",
        (long long)run->step, result->cut, result->episodes, limit, run->params->run.env);
}
