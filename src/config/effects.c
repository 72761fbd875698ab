// Parameters that take effect only if others have certain values. The program warns of a user's setting that
// has no effect, with the reason and a remedy; values set by a preset never cause this warning, because
// presets set more than is needed.
#include "config/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"

#define EQUAL "all priorities are then equal"

static const rb_effect effects[] = {
    {"run.stop_score", "run.stop_evaluations", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"run.stop_evaluations", "eval.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"run.stop_evaluations", "eval.every_steps|eval.every_episodes", RB_ACTS_ABOVE, "0", "0", NULL},

    {"env.asynchronous", "env.count", RB_ACTS_ABOVE, "1", "false", NULL},
    {"env.stack_start", "env.stack", RB_ACTS_UNLESS, "1", NULL, NULL},
    {"env.normalise_clip", "env.normalise", RB_ACTS_WHERE, "true", NULL, NULL},
    {"atari.noop_min", "atari.noop_max", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"atari.fire_first", "atari.fire_on_reset", RB_ACTS_WHERE, "true", "false", NULL},
    {"atari.noop_after_life", "atari.life_loss", RB_ACTS_WHERE, "terminal", "0", NULL},

    {"replay.capacity", "agent.rollout_steps", RB_ACTS_WHERE, "0", NULL, "a rollout has its own size"},
    {"replay.compress", "agent.rollout_steps", RB_ACTS_WHERE, "0", "none", "rollouts are small"},
    {"replay.draws", "replay.prioritized", RB_ACTS_WHERE, "true", "stratified", NULL},
    {"replay.alpha", "replay.prioritized", RB_ACTS_WHERE, "true", NULL, NULL},
    {"replay.beta_start", "replay.prioritized", RB_ACTS_WHERE, "true", NULL, NULL},
    {"replay.beta_end", "replay.prioritized", RB_ACTS_WHERE, "true", NULL, NULL},
    {"replay.beta_steps", "replay.prioritized", RB_ACTS_WHERE, "true", "0", NULL},
    {"replay.beta_steps", "replay.beta_start", RB_ACTS_WHERE_OTHER, "replay.beta_end", "0", NULL},
    {"replay.priority_epsilon", "replay.prioritized", RB_ACTS_WHERE, "true", NULL, NULL},
    {"replay.beta_start", "replay.alpha", RB_ACTS_ABOVE, "0", NULL, EQUAL},
    {"replay.beta_end", "replay.alpha", RB_ACTS_ABOVE, "0", NULL, EQUAL},
    {"replay.beta_steps", "replay.alpha", RB_ACTS_ABOVE, "0", "0", EQUAL},
    {"replay.compress_ratio", "replay.compress", RB_ACTS_WHERE, "lz4", NULL, NULL},

    {"net.trunk", "net.layers", RB_ACTS_WHERE, "\"\"", "auto", NULL},
    {"net.mlp", "net.layers", RB_ACTS_WHERE, "\"\"", NULL, NULL},
    {"net.width", "net.layers", RB_ACTS_WHERE, "\"\"", NULL, NULL},
    {"net.width", "net.trunk", RB_ACTS_WHERE, "impala|impoola", NULL, NULL},
    {"net.mlp", "net.trunk", RB_ACTS_WHERE, "mlp|auto", NULL, NULL},
    {"net.shared_bias", "net.dueling", RB_ACTS_WHERE, "false", "false",
     "a bias shared by all advantages cancels out"},
    {"net.shared_bias", "net.noisy", RB_ACTS_WHERE, "off", "false",
     "noise gives each output a bias of its own"},
    {"net.init", "run.init_weights", RB_ACTS_WHERE, "\"\"", NULL, "all weights are the file's"},
    {"net.noisy_draws", "net.noisy", RB_ACTS_WHERE, "factorised|independent", NULL, NULL},
    {"net.sigma0", "net.noisy", RB_ACTS_WHERE, "factorised|independent", NULL, NULL},
    {"net.sigma0", "run.init_weights", RB_ACTS_WHERE, "\"\"", NULL, "all weights are the file's"},

    {"net.cosines", "agent.head", RB_ACTS_WHERE, "implicit", NULL, NULL},
    {"agent.categorical", "agent.head", RB_ACTS_WHERE, "auto", NULL, NULL},
    {"agent.atoms", "agent.head", RB_ACTS_WHERE, "categorical", NULL, NULL},
    {"agent.v_min", "agent.head", RB_ACTS_WHERE, "categorical", NULL, NULL},
    {"agent.v_max", "agent.head", RB_ACTS_WHERE, "categorical", NULL, NULL},
    {"agent.categorical_target", "agent.head", RB_ACTS_WHERE, "categorical", "project", NULL},
    {"agent.hl_sigma", "agent.head", RB_ACTS_WHERE, "categorical", NULL, NULL},
    {"agent.hl_sigma", "agent.categorical_target", RB_ACTS_WHERE, "hl_gauss", NULL, NULL},
    {"agent.quantiles", "agent.head", RB_ACTS_WHERE, "quantile", NULL, NULL},
    {"agent.tau_samples", "agent.head", RB_ACTS_WHERE, "implicit", NULL, NULL},
    {"agent.tau_targets", "agent.head", RB_ACTS_WHERE, "implicit", NULL, NULL},
    {"agent.tau_values", "agent.head", RB_ACTS_WHERE, "implicit", NULL, NULL},
    {"agent.kappa", "agent.head", RB_ACTS_WHERE, "quantile|implicit", NULL, NULL},
    {"agent.double_q", "agent.munchausen", RB_ACTS_WHERE, "false", "false",
     "its soft maximum needs no choice of an action"},
    {"agent.munchausen_alpha", "agent.munchausen", RB_ACTS_WHERE, "true", NULL, NULL},
    {"agent.munchausen_tau", "agent.munchausen", RB_ACTS_WHERE, "true", NULL, NULL},
    {"agent.munchausen_clip", "agent.munchausen", RB_ACTS_WHERE, "true", NULL, NULL},
    {"agent.munchausen_clip", "agent.munchausen_alpha", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"agent.loss", "agent.head", RB_ACTS_WHERE, "scalar", NULL, "other heads have losses of their own"},
    {"agent.priority", "agent.head", RB_ACTS_WHERE, "categorical", NULL, NULL},
    {"agent.priority", "replay.prioritized", RB_ACTS_WHERE, "true", NULL, NULL},
    {"agent.lambda", "agent.rollout_steps", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"agent.epochs", "agent.rollout_steps", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"agent.minibatches", "agent.rollout_steps", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"agent.batch", "agent.rollout_steps", RB_ACTS_WHERE, "0", NULL,
     "agent.minibatches divides a rollout into batches"},
    {"agent.update_every_steps", "agent.rollout_steps", RB_ACTS_WHERE, "0", NULL,
     "updates are made when a rollout is complete"},
    {"agent.updates", "agent.rollout_steps", RB_ACTS_WHERE, "0", NULL,
     "a rollout has agent.epochs * agent.minibatches updates"},
    {"agent.skip_episode_steps", "agent.rollout_steps", RB_ACTS_WHERE, "0", "0",
     "updates are made when a rollout is complete"},
    {"agent.target_every_steps", "agent.rollout_steps", RB_ACTS_WHERE, "0", "0",
     "there is no target network"},
    {"agent.target_every_updates", "agent.rollout_steps", RB_ACTS_WHERE, "0", "0",
     "there is no target network"},
    {"agent.target_every_episodes", "agent.rollout_steps", RB_ACTS_WHERE, "0", "0",
     "there is no target network"},
    {"agent.target_tau", "agent.rollout_steps", RB_ACTS_WHERE, "0", "1", "there is no target network"},
    {"agent.anneal_updates", "agent.n_step_end|agent.gamma_end", RB_ACTS_ABOVE, "0", "0", NULL},
    {"agent.n_step_end", "agent.anneal_updates", RB_ACTS_ABOVE, "0", "0", NULL},
    {"agent.gamma_end", "agent.anneal_updates", RB_ACTS_ABOVE, "0", "0", NULL},
    {"agent.reset_shrink", "agent.reset_every_updates", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"agent.reset_last_update", "agent.reset_every_updates", RB_ACTS_ABOVE, "0", "0", NULL},
    {"agent.target_every_steps", "agent.target_every_episodes", RB_ACTS_WHERE, "0", "0", NULL},
    {"agent.target_every_updates", "agent.target_every_episodes", RB_ACTS_WHERE, "0", "0", NULL},
    {"agent.target_every_updates", "agent.target_every_steps", RB_ACTS_WHERE, "0", "0", NULL},

    {"explore.schedule", "explore.start", RB_ACTS_WHERE_OTHER, "explore.end", NULL, NULL},
    {"explore.by", "explore.start", RB_ACTS_WHERE_OTHER, "explore.end", NULL, NULL},
    {"explore.after_start", "explore.start", RB_ACTS_WHERE_OTHER, "explore.end", "false", NULL},
    {"explore.after_start", "explore.by", RB_ACTS_WHERE, "steps|episodes", "false", NULL},
    {"explore.after_start", "agent.start_steps", RB_ACTS_ABOVE, "0", "false", NULL},
    {"explore.steps", "explore.start", RB_ACTS_WHERE_OTHER, "explore.end", "0", NULL},
    {"explore.steps", "explore.schedule", RB_ACTS_WHERE, "linear", NULL, NULL},
    {"explore.steps", "explore.share", RB_ACTS_WHERE, "0", NULL, NULL},
    {"explore.share", "explore.start", RB_ACTS_WHERE_OTHER, "explore.end", "0", NULL},
    {"explore.share", "explore.schedule", RB_ACTS_WHERE, "linear", "0", NULL},
    {"explore.rate", "explore.start", RB_ACTS_WHERE_OTHER, "explore.end", NULL, NULL},
    {"explore.rate", "explore.schedule", RB_ACTS_WHERE, "exponential", NULL, NULL},

    {"optim.beta1", "optim.kind", RB_ACTS_WHERE, "adam|radam", NULL, NULL},
    {"optim.beta2", "optim.kind", RB_ACTS_WHERE, "adam|radam", NULL, NULL},
    {"optim.weight_decay", "optim.kind", RB_ACTS_WHERE, "adam|radam", "0", NULL},
    {"optim.weight_decay", "optim.learning_rate", RB_ACTS_ABOVE, "0", "0", NULL},
    {"optim.decay", "optim.kind", RB_ACTS_WHERE, "rmsprop|rmsprop_centered", NULL, NULL},
    {"optim.epsilon_in_root", "optim.kind", RB_ACTS_WHERE, "rmsprop|rmsprop_centered", NULL, NULL},

    {"eval.every_steps", "eval.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"eval.every_episodes", "eval.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"checkpoint.best", "eval.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"tensorboard.every_steps", "tensorboard.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"tensorboard.pictures", "tensorboard.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"tensorboard.pictures", "eval.enabled", RB_ACTS_WHERE, "true", NULL, NULL},
    {"record.steps", "record.every_steps|record.every_episodes", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"record.fps", "record.every_steps|record.every_episodes", RB_ACTS_ABOVE, "0", NULL, NULL},
    {"record.view", "record.every_steps|record.every_episodes", RB_ACTS_ABOVE, "0", NULL, NULL},
};

int rb_effect_count(void)
{
    return sizeof effects / sizeof effects[0];
}

const rb_effect *rb_effect_get(int i)
{
    return &effects[i];
}

static void value_of(const rb_config *config, const char *key, char out[RB_VALUE_MAX])
{
    rb_value_format(rb_table_find(key), &config->params, out, RB_VALUE_MAX);
}

// A text in quotes, so that an empty one is visible and can be named in the table above. The head that
// agent.head = auto means, unless the row is about auto itself.
static void quoted_value_of(const rb_config *config, const rb_effect *e, const char *key,
                            char out[RB_VALUE_MAX])
{
    char plain[RB_VALUE_MAX];
    value_of(config, key, plain);
    if (!strcmp(key, "agent.head") && strcmp(e->value, "auto")) {
        rb_params meant = config->params;
        meant.agent.head = rb_head_of(&meant.agent);
        rb_value_format(rb_table_find(key), &meant, plain, RB_VALUE_MAX);
    }
    const bool text = rb_table_find(key)->kind == RB_KIND_TEXT;
    snprintf(out, RB_VALUE_MAX, text ? "\"%.*s\"" : "%.*s", RB_VALUE_MAX - 3, plain);
}

// Copies the part of "a|b|c" that begins at *at and advances *at past it; false at the end.
static bool next_part(const char **at, char *part, size_t bytes)
{
    if (!**at) return false;
    const size_t length = strcspn(*at, "|");
    snprintf(part, bytes, "%.*s", (int)length, *at);
    *at += length + ((*at)[length] == '|');
    return true;
}

static bool holds(const rb_config *config, const rb_effect *e, const char *of)
{
    char now[RB_VALUE_MAX], want[80];
    quoted_value_of(config, e, of, now);
    switch (e->rule) {
    case RB_ACTS_WHERE:
        for (const char *at = e->value; next_part(&at, want, sizeof want);)
            if (!strcmp(now, want)) return true;
        return false;
    case RB_ACTS_UNLESS:
        return strcmp(now, e->value) != 0;
    case RB_ACTS_ABOVE:
        return strtod(now, NULL) > strtod(e->value, NULL);
    case RB_ACTS_WHERE_OTHER:
        break;
    }
    char other[RB_VALUE_MAX];
    value_of(config, e->value, other);
    return strcmp(now, other) != 0;
}

// A reset draws new weights, also in a network that began with a file's.
static bool resets_draw(const rb_config *config, const rb_effect *e)
{
    return !strcmp(e->of, "run.init_weights") && config->params.agent.reset_every_updates > 0;
}

bool rb_effect_acts(const rb_config *config, const rb_effect *effect)
{
    char of[80];
    if (resets_draw(config, effect)) return true;
    for (const char *at = effect->of; next_part(&at, of, sizeof of);)
        if (holds(config, effect, of)) return true;
    return false;
}

// "explore.share is 0.1" and "explore.share = 0", with " or " and " and " between several.
static void explain(const rb_config *config, const rb_effect *e, char *reason, char *way, size_t bytes)
{
    char of[80], now[RB_VALUE_MAX], part[80];
    size_t r = 0, w = 0;
    for (const char *at = e->of; next_part(&at, of, sizeof of);) {
        quoted_value_of(config, e, of, now);
        r += (size_t)snprintf(reason + r, bytes - r, "%s%s is %.80s", r ? " and " : "", of, now);
        w += (size_t)snprintf(way + w, bytes - w, "%s%s", w ? " or " : "", of);
    }
    if (e->rule == RB_ACTS_WHERE_OTHER) {
        snprintf(reason, bytes, "%s and %s are both %.80s", e->of, e->value, now);
        snprintf(way, bytes, "if they differ");
    } else if (e->rule == RB_ACTS_WHERE) {
        bool more = false;
        for (const char *at = e->value; next_part(&at, part, sizeof part); more = true)
            w += (size_t)snprintf(way + w, bytes - w, "%s%s", more ? " or " : " = ", part);
    } else {
        snprintf(way + w, bytes - w, e->rule == RB_ACTS_ABOVE ? " above %s" : " other than %s", e->value);
    }
    if (e->why) snprintf(reason + r, bytes - r, " (%s)", e->why);
}

void rb_config_unused(const rb_config *config, rb_advice_fn say, void *context)
{
    const char *said = "";
    for (int i = 0; i < rb_effect_count(); i++) {
        const rb_effect *e = &effects[i];
        char value[RB_VALUE_MAX], reason[512], way[256], sentence[1400];
        if (!rb_config_given(config, e->key) || !strcmp(said, e->key) || rb_effect_acts(config, e)) continue;
        value_of(config, e->key, value);
        if (e->off && !strcmp(value, e->off)) continue;
        explain(config, e, reason, way, sizeof way);
        snprintf(sentence, sizeof sentence, "%s = %.200s has no effect: %s; it takes effect %s%s", e->key,
                 value, reason, e->rule == RB_ACTS_WHERE_OTHER ? "" : "with ", way);
        say(context, sentence);
        said = e->key; // the first reason is enough
    }
}
