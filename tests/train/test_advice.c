// The program warns of settings that do nothing, with the reason and the fix, and not of those that do
// something. The warnings are true: with another value of such a setting, a run ends in the very same state.
#include "train/loop_fixture.h"

#include "base/text.h"
#include "config/table.h"

static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=240", "--replay.capacity=300",
                     "--agent.start_steps=60", "--agent.batch=8", "--agent.update_every_steps=4",
                     "--agent.target_every_steps=100", "--eval.every_steps=0", "--eval.episodes=2",
                     "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
                     "--explore.start=1", "--explore.end=0.1", "--explore.steps=100");
}

static void set_words(rb_config *config, const char *words)
{
    char text[1024];
    snprintf(text, sizeof text, "%s", words);
    for (char *rest = text, *word; (word = strtok_r(rest, " ", &rest));) {
        char *equals = strchr(word, '=');
        *equals = 0;
        set(config, word, equals + 1);
    }
}

// ---- the warnings

typedef struct said {
    char text[4096]; // one sentence per line
} said;

static void hear(void *context, const char *sentence)
{
    said *s = context;
    size_t used = strlen(s->text);
    snprintf(s->text + used, sizeof s->text - used, "%s\n", sentence);
}

static said advice(const rb_config *config)
{
    said s = {0};
    rb_advice_settings(config, hear, &s);
    return s;
}

// The sentence about a key in `text`, or NULL.
static const char *about(const char *text, const char *key)
{
    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        if (!strncmp(line, key, strlen(key)) && !strncmp(line + strlen(key), " = ", 3)) return line;
    return NULL;
}

// ---- the table

typedef struct idle_case {
    const char *key, *value;
    const char *idle; // "key=value key=value" with which the setting does nothing
    const char *acts; // and with which it has an effect
    const char *part; // part of the sentence
} idle_case;

#define WITH_A_FILE "run.init_weights=" RB_TEST_DATA "/torch_rainbow.safetensors" // it fits the base

// Without replay: what Rainbow has and rollouts have not is off.
#define ROLLOUTS                                                                                             \
    "agent.rollout_steps=30 agent.minibatches=3 replay.prioritized=false agent.double_q=false "              \
    "agent.categorical=false net.noisy=off agent.n_step=1"

static const idle_case cases[] = {
    {"run.stop_score", "100", "run.stop_evaluations=0", "run.stop_evaluations=3",
     "run.stop_score = 100 has no effect: run.stop_evaluations is 0; it takes effect with "
     "run.stop_evaluations above "
     "0"},
    {"run.stop_evaluations", "3", "eval.every_steps=0 eval.every_episodes=0", "eval.every_steps=100",
     "eval.every_steps is 0 and eval.every_episodes is 0"},
    {"env.asynchronous", "true", "env.count=1", "env.count=2",
     "env.count is 1; it takes effect with env.count above 1"},
    {"env.stack_start", "black", "env.stack=1", "env.stack=2", "it takes effect with env.stack other than 1"},
    {"env.normalise_clip", "5", "env.normalise=false", "env.normalise=true",
     "it takes effect with env.normalise = true"},
    {"atari.noop_min", "2", "atari.noop_max=0", "atari.noop_max=30", "atari.noop_max above 0"},
    {"atari.fire_first", "true", "atari.fire_on_reset=false", "atari.fire_on_reset=true",
     "it takes effect with atari.fire_on_reset = true"},
    {"atari.noop_after_life", "4", "atari.life_loss=ignore", "atari.life_loss=terminal",
     "it takes effect with atari.life_loss = terminal"},
    {"replay.draws", "independent", "replay.prioritized=false", "replay.prioritized=true", ""},
    {"replay.alpha", "0.6", "replay.prioritized=false", "replay.prioritized=true",
     "replay.alpha = 0.6 has no effect: replay.prioritized is false; it takes effect with replay.prioritized "
     "= true"},
    {"replay.beta_start", "0.5", "replay.prioritized=false", "replay.prioritized=true", ""},
    {"replay.beta_end", "0.9", "replay.prioritized=false", "replay.prioritized=true", ""},
    {"replay.beta_steps", "100", "replay.prioritized=false", "replay.prioritized=true", ""},
    {"replay.beta_steps", "100", "replay.beta_start=1", "replay.beta_start=0.4",
     "replay.beta_start and replay.beta_end are both 1; it takes effect if they differ"},
    {"replay.priority_epsilon", "0.5", "replay.prioritized=false", "replay.prioritized=true", ""},
    {"replay.beta_start", "0.5", "replay.prioritized=true replay.alpha=0", "replay.alpha=0.5",
     "replay.alpha is 0 (all priorities are then equal); it takes effect with replay.alpha above 0"},
    {"replay.beta_end", "0.9", "replay.prioritized=true replay.alpha=0", "replay.alpha=0.5", ""},
    {"replay.beta_steps", "100", "replay.prioritized=true replay.alpha=0", "replay.alpha=0.5", ""},
    {"replay.compress_ratio", "7", "replay.compress=none", "replay.compress=lz4", ""},
    {"net.trunk", "nips", "net.layers=linear,12,relu", "net.layers=",
     "net.trunk = nips has no effect: net.layers is \"linear,12,relu\"; it takes effect with net.layers = "
     "\"\""},
    {"net.width", "2", "net.trunk=impala net.layers=linear,12,relu", "net.layers=", "net.layers = \"\""},
    {"net.width", "2", "run.env=cartpole-pixels net.trunk=nips run.max_steps=80", "net.trunk=impoola",
     "net.trunk is nips; it takes effect with net.trunk = impala or impoola"},
    {"net.mlp", "24", "net.layers=linear,12,relu", "net.layers=", ""},
    {"net.mlp", "24", "run.env=cartpole-pixels net.trunk=nips run.max_steps=80", "net.trunk=mlp",
     "net.trunk is nips; it takes effect with net.trunk = mlp or auto"},
    {"net.shared_bias", "true", "net.noisy=off net.dueling=true", "net.dueling=false",
     "net.dueling is true (a bias shared by all advantages cancels out); it takes effect with net.dueling = "
     "false"},
    {"net.shared_bias", "true", "net.dueling=false net.noisy=factorised", "net.noisy=off", ""},
    {"net.init", "dopamine", WITH_A_FILE,
     "run.init_weights=", "(all weights are the file's); it takes effect with run.init_weights = \"\""},
    {"net.noisy_draws", "fresh", "net.noisy=off", "net.noisy=factorised", ""},
    {"net.sigma0", "0.3", "net.noisy=off", "net.noisy=independent",
     "net.noisy is off; it takes effect with net.noisy = factorised or independent"},
    {"net.sigma0", "0.3", WITH_A_FILE,
     "run.init_weights=", "(all weights are the file's); it takes effect with run.init_weights = \"\""},
    {"net.init", "dopamine", WITH_A_FILE, "agent.reset_every_updates=20", ""}, // resets draw with it
    {"net.sigma0", "0.3", WITH_A_FILE, "agent.reset_every_updates=20", ""},
    {"agent.categorical", "false", "agent.head=categorical", "agent.head=auto",
     "agent.head is categorical; it takes effect with agent.head = auto"},
    {"agent.categorical", "false", "agent.head=quantile agent.quantiles=20", "agent.head=auto", ""},
    {"agent.quantiles", "21", "agent.head=auto", "agent.head=quantile",
     "agent.quantiles = 21 has no effect: agent.head is categorical; it takes effect with agent.head = "
     "quantile"},
    {"agent.anneal_updates", "50", "", "agent.n_step_end=1", ""},
    {"agent.n_step_end", "1", "", "agent.anneal_updates=50", ""},
    {"agent.gamma_end", "0.5", "", "agent.anneal_updates=50", ""},
    {"agent.reset_shrink", "0.3", "", "agent.reset_every_updates=50", ""},
    {"agent.reset_last_update", "200", "", "agent.reset_every_updates=50", ""},
    {"optim.weight_decay", "0.1", "optim.kind=rmsprop", "optim.kind=adam", ""},
    {"optim.weight_decay", "0.1", "optim.learning_rate=0", "optim.learning_rate=1e-4", ""},
    {"net.cosines", "8", "agent.head=quantile agent.quantiles=20",
     "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4", ""},
    {"agent.tau_samples", "5", "agent.head=quantile agent.quantiles=20", "agent.head=implicit", ""},
    {"agent.tau_targets", "5", "agent.head=quantile agent.quantiles=20", "agent.head=implicit", ""},
    {"agent.tau_values", "5", "agent.head=quantile agent.quantiles=20", "agent.head=implicit", ""},
    {"agent.categorical_target", "hl_gauss", "agent.head=scalar", "agent.head=categorical", ""},
    {"agent.hl_sigma", "1.5", "agent.head=scalar", "agent.head=auto agent.categorical_target=hl_gauss", ""},
    {"agent.hl_sigma", "1.5", "agent.categorical_target=project", "agent.categorical_target=hl_gauss", ""},
    {"agent.kappa", "0.5", "agent.head=scalar", "agent.head=quantile agent.quantiles=20", ""},
    {"agent.double_q", "true", "agent.munchausen=true", "agent.munchausen=false", ""},
    {"agent.munchausen_alpha", "0.5", "agent.munchausen=false", "agent.munchausen=true", ""},
    {"agent.munchausen_tau", "0.5", "agent.munchausen=false", "agent.munchausen=true", ""},
    {"agent.munchausen_clip", "-0.01", "agent.munchausen=false", "agent.munchausen=true", ""},
    {"agent.munchausen_clip", "-0.01", "agent.munchausen=true agent.munchausen_alpha=0",
     "agent.munchausen_alpha=0.9", ""},
    {"agent.atoms", "21", "agent.categorical=false", "agent.categorical=true",
     "agent.head is scalar; it takes effect with agent.head = categorical"},
    {"agent.v_min", "-5", "agent.categorical=false", "agent.categorical=true", ""},
    {"agent.v_max", "50", "agent.categorical=false", "agent.categorical=true", ""},
    {"agent.loss", "huber", "agent.categorical=true", "agent.categorical=false",
     "agent.loss = huber has no effect: agent.head is categorical (other heads have losses of their own); it "
     "takes effect with agent.head = scalar"},
    {"agent.loss", "squared", "agent.categorical=true", "agent.categorical=false", ""},
    {"agent.priority", "cross_entropy", "agent.categorical=false", "agent.categorical=true", ""},
    {"agent.priority", "cross_entropy", "replay.prioritized=false", "replay.prioritized=true", ""},
    {"agent.target_every_steps", "50", "agent.target_every_episodes=2", "agent.target_every_episodes=0",
     "agent.target_every_episodes is 2; it takes effect with agent.target_every_episodes = 0"},
    {"agent.target_every_updates", "7", "agent.target_every_episodes=2",
     "agent.target_every_steps=0 agent.target_every_episodes=0", ""},
    {"agent.target_every_updates", "7", "agent.target_every_steps=50", "agent.target_every_steps=0", ""},
    {"replay.capacity", "200", ROLLOUTS, "agent.rollout_steps=0",
     "replay.capacity = 200 has no effect: agent.rollout_steps is 30 (a rollout has its own size); it takes "
     "effect with agent.rollout_steps = 0"},
    {"replay.compress", "lz4", ROLLOUTS, "agent.rollout_steps=0", ""},
    {"agent.lambda", "0.5", "agent.rollout_steps=0", "agent.rollout_steps=30",
     "it takes effect with agent.rollout_steps above 0"},
    {"agent.epochs", "3", "agent.rollout_steps=0", "agent.rollout_steps=30", ""},
    {"agent.minibatches", "2", "agent.rollout_steps=0", "agent.rollout_steps=30", ""},
    {"agent.batch", "9", ROLLOUTS, "agent.rollout_steps=0", "agent.minibatches divides a rollout"},
    {"agent.update_every_steps", "5", ROLLOUTS, "agent.rollout_steps=0", ""},
    {"agent.updates", "2", ROLLOUTS, "agent.rollout_steps=0", ""},
    {"agent.skip_episode_steps", "3", ROLLOUTS, "agent.rollout_steps=0", ""},
    {"agent.target_every_steps", "50", ROLLOUTS, "agent.rollout_steps=0", "there is no target network"},
    {"agent.target_every_updates", "7", ROLLOUTS, "agent.rollout_steps=0 agent.target_every_steps=0", ""},
    {"agent.target_every_episodes", "2", ROLLOUTS, "agent.rollout_steps=0", ""},
    {"agent.target_tau", "0.5", ROLLOUTS, "agent.rollout_steps=0", ""},
    {"explore.schedule", "exponential", "explore.start=0.3 explore.end=0.3", "", ""},
    {"explore.by", "updates", "explore.start=0.3 explore.end=0.3", "", ""},
    {"explore.steps", "150", "explore.start=0.3 explore.end=0.3", "explore.end=0.1",
     "explore.start and explore.end are both 0.3; it takes effect if they differ"},
    {"explore.steps", "150", "explore.schedule=exponential", "explore.schedule=linear", ""},
    {"explore.steps", "150", "explore.share=0.5", "explore.share=0",
     "explore.share is 0.5; it takes effect with explore.share = 0"},
    {"explore.share", "0.5", "explore.start=0.3 explore.end=0.3", "explore.end=0.1", ""},
    {"explore.share", "0.5", "explore.schedule=exponential", "explore.schedule=linear", ""},
    {"explore.after_start", "true", "explore.start=0.3 explore.end=0.3", "explore.end=0.1", ""},
    {"explore.after_start", "true", "explore.by=updates", "explore.by=steps", ""},
    {"explore.after_start", "true", "agent.start_steps=0", "agent.start_steps=60", ""},
    {"explore.rate", "0.1", "explore.start=0.3 explore.end=0.3",
     "explore.schedule=exponential explore.end=0.1", ""},
    {"explore.rate", "0.1", "explore.schedule=linear", "explore.schedule=exponential", ""},
    {"optim.beta1", "0.5", "optim.kind=rmsprop", "optim.kind=adam", ""},
    {"optim.beta2", "0.5", "optim.kind=rmsprop_centered", "optim.kind=adam", ""},
    {"optim.decay", "0.5", "optim.kind=adam", "optim.kind=rmsprop",
     "it takes effect with optim.kind = rmsprop or rmsprop_centered"},
    {"optim.epsilon_in_root", "false", "optim.kind=adam", "optim.kind=rmsprop", ""},
    {"run.stop_evaluations", "2", "eval.enabled=false", "eval.enabled=true eval.every_steps=100",
     "eval.enabled is false"},
    {"eval.every_steps", "10", "eval.enabled=false", "eval.enabled=true", ""},
    {"eval.every_episodes", "10", "eval.enabled=false", "eval.enabled=true", ""},
    {"checkpoint.best", "false", "eval.enabled=false", "eval.enabled=true", ""},
    {"tensorboard.pictures", "4", "eval.enabled=false", "eval.enabled=true", ""},
    {"tensorboard.every_steps", "10", "tensorboard.enabled=false", "tensorboard.enabled=true", ""},
    {"tensorboard.pictures", "3", "tensorboard.enabled=false", "tensorboard.enabled=true", ""},
    {"record.steps", "10", "record.every_steps=0", "record.every_episodes=4",
     "record.every_steps is 0 and record.every_episodes is 0; it takes effect with record.every_steps or "
     "record.every_episodes above 0"},
    {"record.fps", "10", "record.every_steps=0", "record.every_episodes=4", ""},
    {"record.view", "plain", "record.every_episodes=0", "record.every_steps=4", ""},
};
enum { CASES = sizeof cases / sizeof *cases };

static void test_what_does_nothing_is_told_and_does_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        const idle_case *c = &cases[i];
        rb_config *config = small();
        set_words(config, c->idle);
        const uint64_t without = loop_hash(config);
        set(config, c->key, c->value);
        said s = {0};
        rb_config_unused(config, hear, &s);
        const char *line = about(s.text, c->key);
        if (!line || !strstr(line, c->part)) fail_msg("%s with %s: said '%s'", c->key, c->idle, s.text);
        if (loop_hash(config) != without) fail_msg("%s with %s does something", c->key, c->idle);
        set_words(config, c->acts);
        s = (said){0};
        rb_config_unused(config, hear, &s);
        if (*c->acts && about(s.text, c->key)) fail_msg("%s with %s: said '%s'", c->key, c->acts, s.text);
        rb_config_destroy(config);
    }
}

static void test_every_row_is_tried(void **state)
{
    (void)state;
    for (int e = 0; e < rb_effect_count(); e++) {
        const rb_effect *effect = rb_effect_get(e);
        assert_non_null(rb_table_find(effect->key));
        bool tried = false;
        for (int i = 0; i < CASES && !tried; i++) {
            if (strcmp(cases[i].key, effect->key)) continue;
            rb_config *config = small();
            set_words(config, cases[i].idle);
            tried = !rb_effect_acts(config, effect);
            rb_config_destroy(config);
        }
        if (!tried) fail_msg("%s (%s): no case shows it", effect->key, effect->of);
    }
}

// A value that turns a feature off causes no warning.
static void test_off_is_never_told(void **state)
{
    (void)state;
    rb_config *config =
        CONFIGURE("cartpole", "--preset=rainbow", "--agent.target_every_updates=0", "--explore.start=0",
                  "--explore.end=0", "--explore.steps=0", "--env.asynchronous=false", "--explore.share=0");
    assert_string_equal(advice(config).text, "");
    rb_config_destroy(config);
}

// ---- who chose the value

static said advice_of_file(const char *text)
{
    char path[RB_PATH_MAX];
    rb_error error = {0};
    snprintf(path, sizeof path, "%s/settings.ini", root);
    assert_int_equal(rb_file_write(path, text, strlen(text), &error), RB_OK);
    rb_config *config = CONFIGURE("cartpole", "--config", path);
    const said s = advice(config);
    rb_config_destroy(config);
    return s;
}

static void test_only_what_the_user_chose_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < rb_preset_count(); i++) {
        rb_config *config = CONFIGURE("cartpole", "--preset", rb_preset_get(i)->name);
        if (*advice(config).text) fail_msg("%s: %s", rb_preset_get(i)->name, advice(config).text);
        rb_config_destroy(config);
    }
    char empty[RB_PATH_MAX];
    snprintf(empty, sizeof empty, "%s/empty.ini", root);
    assert_int_equal(rb_file_write(empty, "", 0, NULL), RB_OK);
    rb_config *config = CONFIGURE("cartpole", "--preset=c51", "--config", empty);
    assert_false(rb_config_given(config, "agent.v_min"));
    set(config, "agent.v_min", "-10"); // its value already: still a choice
    assert_true(rb_config_given(config, "agent.v_min"));
    set(config, "run.preset", "rainbow");
    assert_false(rb_config_given(config, "agent.n_step"));
    rb_config *copy;
    assert_int_equal(rb_config_copy(&copy, config, NULL), RB_OK);
    assert_true(rb_config_given(copy, "agent.v_min"));
    rb_config_destroy(copy);
    rb_config_destroy(config);
    config = CONFIGURE("ALE/Breakout-v5", "--preset=c51"); // the name sets atari.* and more
    assert_string_equal(advice(config).text, "");
    assert_false(rb_config_given(config, "atari.sticky"));
    rb_config_destroy(config);
}

// The few lines of a user's file are choices, even if they repeat current values; a run's own file is not.
static void test_files(void **state)
{
    (void)state;
    said s = advice_of_file("[agent]\nloss = huber\n[net]\nsigma0 = 0.3\n");
    assert_non_null(about(s.text, "agent.loss"));
    assert_null(about(s.text, "net.sigma0")); // the preset's noise is on
    char path[RB_PATH_MAX];
    rb_error error = {0};
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole-dqn", "--explore.rate=0.1");
    snprintf(path, sizeof path, "%s/whole.ini", root);
    assert_int_equal(rb_config_write(config, path, &error), RB_OK);
    rb_config_destroy(config);
    config = CONFIGURE("cartpole", "--config", path);
    s = advice(config);
    assert_non_null(about(s.text, "explore.rate")); // it differs from the preset's
    assert_null(about(strchr(s.text, '\n') + 1, "agent.loss"));
    assert_int_equal(strlen(strchr(s.text, '\n')), 1); // nothing else is reported
    rb_config_destroy(config);
}

// ---- environments

static void test_groups_of_other_environments(void **state)
{
    (void)state;
    const struct {
        const char *env, *option, *part; // part NULL: no warning
    } tries[] = {
        {"cartpole", "--minatar.sticky=0.3",
         "minatar.sticky = 0.3 has no effect: cartpole is not a MinAtar game"},
        {"minatar/breakout", "--minatar.sticky=0.3", NULL},
        {"MinAtar/Breakout-v1", "--minatar.ramping=false", NULL},
        {"cartpole", "--grid.slip=0.3", "grid.slip = 0.3 has no effect: cartpole is not the grid world"},
        {"gridworld", "--grid.slip=0.3", NULL},
        {"cartpole", "--atari.fire_on_reset=true", "cartpole is not an Atari game"},
        {"atari/pong", "--atari.fire_on_reset=true", NULL},
        {"ALE/Pong-v5", "--atari.noop_max=3", NULL},
        {"gym/LunarLander-v3", "--atari.size=42", "is not an Atari game, and gym.pictures is raw"},
        {"gym/CarRacing-v3", "--atari.noop_max=3", "is not an Atari game"},
        {"cartpole", "--gym.kwargs={}", "cartpole is not a Gymnasium environment (gym/ID)"},
        {"cartpole", "--gym.wrappers=a:B", "cartpole is not a Gymnasium environment (gym/ID)"},
        {"cartpole", "--gym.channels=last", "cartpole is not a Gymnasium environment (gym/ID)"},
        {"cartpole", "--env.workers=3", "cartpole is not a Gymnasium environment"},
        {"gym/LunarLander-v3", "--env.workers=3", NULL},
        {"cartpole", "--env.options=4", "cartpole is not a custom environment"},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        rb_config *config = CONFIGURE(tries[i].env, tries[i].option);
        const said s = advice(config);
        if (tries[i].part ? !strstr(s.text, tries[i].part) : *s.text != 0)
            fail_msg("%s %s: said '%s'", tries[i].env, tries[i].option, s.text);
        rb_config_destroy(config);
    }
    rb_config *config = CONFIGURE("gym/CarRacing-v3", "--gym.pictures=atari", "--atari.size=42");
    assert_string_equal(advice(config).text, "");
    rb_config_destroy(config);
}

static void test_dueling_without_a_hidden_layer(void **state)
{
    (void)state;
    rb_config *config = CONFIGURE("cartpole", "--net.hidden=0");
    assert_non_null(strstr(advice(config).text, "net.dueling = true with net.hidden = 0"));
    set(config, "net.dueling", "false");
    assert_string_equal(advice(config).text, "");
    rb_config_destroy(config);
}

// ---- warnings of runs

static void hear_warning(void *context, bool warning, const char *text)
{
    if (warning) hear(context, text);
}

static said warnings(const rb_config *config)
{
    said s = {0};
    const rb_run_hooks hooks = {.context = &s, .message = hear_warning};
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    if (rb_loop(run, run->params->run.max_steps, &error)) fail_msg("%s", error.message);
    rb_run_destroy(run);
    return s;
}

static void test_runs_tell_it(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "optim.decay", "0.5");
    assert_non_null(about(warnings(config).text, "optim.decay"));
    rb_config_destroy(config);
    config = small();
    set(config, "net.layers", "linear 12, relu");
    set(config, "net.norm_epsilon", "1e-6");
    assert_non_null(strstr(warnings(config).text, "net.norm_epsilon has no effect"));
    set(config, "net.norm", "layer");
    assert_null(about(warnings(config).text, "net.norm")); // it belongs to the hidden layer
    assert_null(strstr(warnings(config).text, "net.norm_epsilon"));
    set(config, "net.hidden", "0");
    assert_non_null(
        strstr(warnings(config).text, "net.norm has no effect: net.layers lists its own normalisation"));
    rb_config_destroy(config);
    config = CONFIGURE("cartpole-pixels", "--preset=cartpole-pixels", "--net.mlp=24", "--net.trunk=auto",
                       "--run.max_steps=5", "--replay.capacity=200", "--agent.start_steps=100",
                       "--net.hidden=8", "--eval.every_steps=0", "--compute.threads=1");
    assert_non_null(strstr(warnings(config).text, "net.mlp = 24 has no effect: net.trunk is auto"));
    rb_config_destroy(config);
}

static void test_masks_where_there_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *env, *masks;
        bool idle;
    } tries[] = {{"cartpole", "false", true},
                 {"cartpole", "true", true},
                 {RB_TEST_OWN "/faulty.so", "false", true},
                 {RB_TEST_OWN "/reversi.so", "false", false},
                 {RB_TEST_OWN "/reversi.so", "true", false}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        rb_config *config = small();
        set(config, "run.env", tries[i].env);
        assert_null(about(warnings(config).text, "env.masks"));
        set(config, "env.masks", tries[i].masks);
        const said s = warnings(config);
        if (!about(s.text, "env.masks") == tries[i].idle) fail_msg("%s: '%s'", tries[i].env, s.text);
        if (tries[i].idle) assert_non_null(strstr(s.text, "reports no action masks"));
        rb_config_destroy(config);
    }
}

static void test_scales_of_floats(void **state)
{
    (void)state;
    for (int pixels = 0; pixels < 2; pixels++) {
        rb_config *config = small();
        if (pixels) set_words(config, "run.env=minatar/breakout net.trunk=minatar run.max_steps=80");
        set(config, "net.unscaled", "true");
        const said s = warnings(config);
        const bool told = strstr(s.text, "net.unscaled = true has no effect: the observations of ") != NULL;
        if (told == pixels) fail_msg("%s: '%s'", pixels ? "pixels" : "floats", s.text);
        rb_config_destroy(config);
    }
}

static said fire_in(const char *game)
{
    rb_config *config = CONFIGURE(game, "--preset=der", "--atari.fire_on_reset=true", "--run.max_steps=5",
                                  "--replay.capacity=200", "--agent.start_steps=100", "--net.hidden=8",
                                  "--eval.every_steps=0", "--compute.threads=1");
    const said s = warnings(config);
    rb_config_destroy(config);
    return s;
}

// The same warnings if one asks before any run is made.
static void test_asked_before(void **state)
{
    (void)state;
    rb_config *config = CONFIGURE("atari/freeway", "--atari.fire_on_life_loss=true", "--agent.loss=huber");
    said s = {0};
    rb_run_advice(config, hear, &s);
    assert_non_null(about(s.text, "atari.fire_on_life_loss"));
    assert_non_null(about(s.text, "agent.loss"));
    rb_config_destroy(config);
}

static void test_fire_where_there_is_none(void **state)
{
    (void)state;
    const char *part = "atari.fire_on_reset = true has no effect: atari/freeway has no FIRE action";
    assert_non_null(strstr(fire_in("atari/freeway").text, part));
    assert_null(strstr(fire_in("atari/breakout").text, "FIRE"));
}

// FIRE after a lost life serves every ball but the first: then a greedy evaluation may wait for ever.
static void test_fire_after_lives_alone(void **state)
{
    (void)state;
    static const struct {
        const char *game, *more, *more_2;
        bool warned;
    } rows[] = {
        {"atari/breakout", "--eval.epsilon=0", "--run.note=", true},
        {"atari/breakout", "--eval.epsilon=0", "--atari.fire_on_reset=true", false},
        {"atari/breakout", "--eval.epsilon=0.01", "--run.note=", false}, // serves by chance
        {"atari/freeway", "--eval.epsilon=0", "--run.note=", false}};    // nothing to serve: another warning
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_config *config =
            CONFIGURE(rows[i].game, "--preset=der", "--atari.fire_on_life_loss=true", rows[i].more,
                      rows[i].more_2, "--run.max_steps=5", "--replay.capacity=200", "--agent.start_steps=100",
                      "--net.hidden=8", "--eval.every_steps=0", "--compute.threads=1");
        const said s = warnings(config);
        if (!strstr(s.text, "may never serve the first ball of a game") == rows[i].warned)
            fail_msg("%zu: %s", i, s.text);
        rb_config_destroy(config);
    }
}

// CartPole's returns go to 100: a support up to 10 cuts some off and is reported once, with figures and the
// side. A support up to 100 is fine, and so is none at all.
static void test_a_support_that_does_not_fit(void **state)
{
    (void)state;
    const struct {
        const char *v_min, *v_max, *categorical, *reward_scale, *part;
    } tries[] = {
        {"-10", "10", "true", "1", ", above it; a larger agent.v_max"},
        {"0", "100", "true", "1", NULL},
        {"-10", "10", "false", "1", NULL},
        {"-10", "10", "true", "0.1", NULL},
        {"20", "100", "true", "0.001", ", below it; a smaller agent.v_min"},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        rb_config *config = small();
        set_words(config, "run.max_steps=5500 agent.update_every_steps=1 optim.learning_rate=0.005");
        set(config, "agent.v_max", tries[i].v_max);
        set(config, "agent.v_min", tries[i].v_min);
        set(config, "agent.categorical", tries[i].categorical);
        set(config, "env.reward_scale", tries[i].reward_scale);
        said s = warnings(config);
        const char *first = strstr(s.text, "of the target distribution lies outside the support");
        if (tries[i].part ? !strstr(s.text, tries[i].part) : first != NULL)
            fail_msg("%s .. %s: said '%s'", tries[i].v_min, tries[i].v_max, s.text);
        if (first) assert_null(strstr(first + 1, "of the target distribution")); // once
        rb_config_destroy(config);
    }
}

// "key=value ..." with which a run ends before its first update, and with which it makes at least one.
static void test_nothing_to_learn(void **state)
{
    (void)state;
    static const struct {
        const char *idle, *learns, *part;
    } runs[] = {
        {"agent.start_steps=240", "agent.start_steps=239",
         "agent.start_steps = 240 steps, but run.max_steps = 240"},
        {"agent.batch=240", "agent.batch=239", "an update needs 240 steps in replay (agent.batch), but"},
        {"agent.group_updates=true env.count=120", "agent.group_updates=false env.count=120",
         "an update needs 240 steps in replay (agent.batch, agent.group_updates)"},
        {"agent.group_updates=true agent.updates=30", "agent.updates=29",
         "an update needs 240 steps in replay (agent.batch, agent.group_updates)"},
        {"agent.skip_episode_steps=30 env.max_episode_steps=30",
         "agent.skip_episode_steps=29 env.max_episode_steps=30", "no episode is longer than"},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        rb_config *config = small();
        set_words(config, runs[i].idle);
        said s = advice(config);
        if (!strstr(s.text, "nothing will be learned") || !strstr(s.text, runs[i].part))
            fail_msg("%s: '%s'", runs[i].idle, s.text);
        set_words(config, runs[i].learns);
        s = advice(config);
        if (strstr(s.text, "nothing will be learned")) fail_msg("%s: '%s'", runs[i].learns, s.text);
        rb_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_does_nothing_is_told_and_does_nothing),
        cmocka_unit_test(test_every_row_is_tried),
        cmocka_unit_test(test_off_is_never_told),
        cmocka_unit_test(test_only_what_the_user_chose_is_told),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_groups_of_other_environments),
        cmocka_unit_test(test_dueling_without_a_hidden_layer),
        cmocka_unit_test(test_runs_tell_it),
        cmocka_unit_test(test_masks_where_there_are_none),
        cmocka_unit_test(test_nothing_to_learn),
        cmocka_unit_test(test_asked_before),
        cmocka_unit_test(test_scales_of_floats),
        cmocka_unit_test(test_fire_where_there_is_none),
        cmocka_unit_test(test_fire_after_lives_alone),
        cmocka_unit_test(test_a_support_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
