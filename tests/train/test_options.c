// Every parameter has an effect: with another value, a run ends in another state, or leaves other files
// behind. The table below has one line per parameter; a parameter without a line fails the test, so that no
// parameter can be added that is only parsed.
#include "train/loop_fixture.h"

#include "train/checkpoint.h"

#include <math.h>

typedef struct setting {
    const char *key, *value; // differs from the base's value
    const char *with;        // settings for which the parameter matters: "key=value key=value"
} setting;

// CartPole with all of Rainbow; takes a moment.
static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=400", "--replay.capacity=300",
                     "--agent.start_steps=60", "--agent.batch=8", "--agent.update_every_steps=4",
                     "--agent.target_every_steps=100", "--eval.every_steps=0", "--eval.episodes=2",
                     "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
}

static const setting of_cartpole[] = {
    {"run.env", "CartPole-v0",
     "eval.episodes=1"}, // the same task with another limit: the file shows it, see below
    {"run.seed", "2", ""},
    {"run.max_steps", "401", ""},
    {"run.init_weights", RB_TEST_DATA "/torch_rainbow.safetensors", ""},
    {"env.count", "2", ""},
    {"env.asynchronous", "true", "env.count=4"}, // one thread: no overtaking, so the run repeats
    {"env.stack", "2", ""},
    {"env.stack_start", "black", "env.stack=2"},
    {"env.max_episode_steps", "9", ""},
    {"env.reward_scale", "0.5", ""},
    {"env.frame_skip", "2", ""},
    {"env.sticky", "0.5", ""},
    {"env.masks", "false", "run.env=" RB_TEST_OWN "/reversi.so"},
    {"env.normalise", "true", ""},
    {"env.normalise_clip", "0.5", "env.normalise=true"},
    {"replay.capacity", "200", ""},
    {"replay.prioritized", "false", ""},
    {"replay.draws", "independent", ""},
    {"replay.alpha", "0.9", ""},
    {"replay.beta_start", "0.9", ""},
    {"replay.beta_end", "0.5", ""},
    {"replay.beta_steps", "100", ""},
    {"replay.priority_epsilon", "0.5", ""},
    {"net.trunk", "mlp", "net.mlp=24"},
    {"net.mlp", "24", ""},
    {"net.hidden", "24", ""},
    {"net.layers", "linear 16, relu, linear 8, relu", ""},
    {"net.norm", "layer", ""},
    {"net.norm", "batch", ""},
    {"net.relu_outputs", "true", ""},
    {"net.dueling", "false", ""},
    {"net.noisy", "independent", ""},
    {"net.norm_epsilon", "0.1", "net.norm=layer"},
    {"net.norm_epsilon", "0.1", "net.norm=batch"},
    {"net.init", "dopamine", ""},
    {"net.init", "lecun_normal", ""},
    {"net.init", "he_normal", "net.init=lecun_normal"},
    {"net.shared_bias", "true", "net.dueling=false net.noisy=off explore.start=1"},
    {"net.shared_bias", "true", "net.dueling=false net.noisy=off explore.start=1 agent.categorical=false"},
    {"net.noisy_draws", "fresh", ""},
    {"net.noisy_draws", "fresh", "agent.double_q=false"},
    {"net.sigma0", "0.1", ""},
    {"agent.double_q", "false", ""},
    {"agent.categorical", "false", ""},
    {"agent.head", "scalar", ""},
    {"agent.head", "quantile", "agent.quantiles=20"},
    {"agent.quantiles", "24", "agent.head=quantile agent.quantiles=20"},
    {"agent.head", "implicit", "agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.tau_samples", "5",
     "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.tau_targets", "5",
     "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.tau_values", "5",
     "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4 agent.munchausen=true"},
    {"net.cosines", "8", "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.kappa", "0.5", "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.munchausen", "true",
     "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.double_q", "false",
     "agent.head=implicit agent.tau_samples=4 agent.tau_targets=4 agent.tau_values=4"},
    {"agent.categorical_target", "hl_gauss", ""},
    {"agent.categorical_target", "hl_gauss", "agent.munchausen=true"},
    {"agent.hl_sigma", "1.5", "agent.categorical_target=hl_gauss"},
    {"agent.kappa", "0.5", "agent.head=quantile agent.quantiles=20"},
    {"agent.kappa", "0", "agent.head=quantile agent.quantiles=20"},
    {"agent.munchausen", "true", ""},
    {"agent.munchausen", "true", "agent.categorical=false"},
    {"agent.munchausen", "true", "agent.head=quantile agent.quantiles=20"},
    {"agent.munchausen_alpha", "0.5", "agent.munchausen=true"},
    {"agent.munchausen_tau", "0.3", "agent.munchausen=true"},
    {"agent.munchausen_clip", "-0.01", "agent.munchausen=true"},
    {"agent.atoms", "21", ""},
    {"agent.v_min", "-5", ""},
    {"agent.v_max", "50", ""},
    {"agent.n_step", "2", ""},
    {"agent.gamma", "0.9", ""},
    {"agent.batch", "9", ""},
    {"agent.start_steps", "80", ""},
    {"agent.update_every_steps", "5", ""},
    {"agent.updates", "2", ""},
    {"agent.group_updates", "true", "env.count=8"},
    {"agent.target_every_steps", "50", ""},
    {"agent.target_every_updates", "20", "agent.target_every_updates=7 agent.target_every_steps=0"},
    {"agent.target_every_episodes", "3", ""},
    {"agent.target_every_episodes", "2", "agent.target_every_episodes=3"},
    {"agent.target_tau", "0.5", ""},
    {"agent.anneal_updates", "20", "agent.n_step_end=1"},
    {"agent.n_step_end", "1", "agent.anneal_updates=20"},
    {"agent.gamma_end", "0.9", "agent.anneal_updates=20"},
    {"agent.reset_every_updates", "30", ""},
    {"agent.reset_shrink", "0.25", "agent.reset_every_updates=30"},
    {"agent.reset_last_update", "40", "agent.reset_every_updates=30"},
    {"agent.skip_episode_steps", "6", ""},
    {"agent.loss", "squared", "agent.categorical=false"},
    {"agent.loss", "half_squared", "agent.categorical=false"},
    {"agent.priority", "cross_entropy", ""},
    {"explore.start", "1", "explore.steps=400"},
    {"explore.end", "0.5", "explore.start=1 explore.steps=100"},
    {"explore.steps", "300", "explore.start=1"},
    {"explore.schedule", "exponential", "explore.start=1 explore.steps=300 explore.rate=0.01"},
    {"explore.after_start", "true", "explore.start=1 explore.steps=100"},
    {"explore.after_start", "true", "explore.start=1 explore.schedule=exponential explore.rate=0.01"},
    {"explore.rate", "0.02", "explore.start=1 explore.schedule=exponential explore.rate=0.01"},
    {"explore.share", "0.5", "explore.start=1 explore.steps=100"},
    {"explore.by", "updates", "explore.start=1 explore.steps=100"},
    {"explore.by", "episodes", "explore.start=1 explore.steps=100"},
    {"explore.by", "episodes", "explore.start=1 explore.steps=100 env.count=3"},
    {"optim.kind", "rmsprop", ""},
    {"optim.kind", "rmsprop_centered", ""},
    {"optim.kind", "radam", ""},
    {"optim.learning_rate", "0.01", ""},
    {"optim.anneal", "false", ""},
    {"optim.beta1", "0.5", ""},
    {"optim.beta2", "0.9", ""},
    {"optim.weight_decay", "0.1", ""},
    {"optim.decay", "0.5", "optim.kind=rmsprop"},
    {"optim.epsilon", "0.1", ""},
    {"optim.epsilon_in_root", "false", "optim.kind=rmsprop"},
    {"optim.clip_norm", "0.01", ""},
    {"optim.clip_value", "0.0001", ""},
};

// CartPole with PQN: four environments, rollouts of 40 steps.
static rb_config *rolling(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole-pqn", "--run.max_steps=400", "--env.count=4",
                     "--agent.rollout_steps=10", "--agent.minibatches=4", "--eval.every_steps=0",
                     "--eval.episodes=2", "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16",
                     "--compute.threads=1");
}

static const setting of_rollouts[] = {
    {"agent.rollout_steps", "20", ""}, {"agent.rollout_steps", "0", "agent.rollout_steps=10"},
    {"agent.lambda", "0.5", ""},       {"agent.epochs", "2", ""},
    {"agent.minibatches", "2", ""},    {"agent.gamma", "0.9", ""},
    {"agent.start_steps", "60", ""},   {"agent.loss", "huber", "env.reward_scale=10"},
    {"net.dueling", "true", ""},       {"explore.by", "updates", "explore.share=0 explore.steps=300"},
};

static const setting of_atari[] = {
    {"env.reward", "raw", "run.env=atari/ms_pacman"},                             // dots are worth 10
    {"env.reward", "frame_signs", "run.env=atari/ms_pacman atari.frame_skip=24"}, // against sign
    {"atari.frame_skip", "3", ""},
    {"atari.sticky", "0.5", "explore.start=1 explore.steps=1000"}, // in a game where actions change often
    {"atari.full_actions", "true", ""},
    {"atari.noop_max", "0", ""},
    {"atari.noop_min", "25", ""},
    {"atari.fire_on_reset", "true", ""},
    {"atari.fire_first", "true", "atari.fire_on_reset=true"},
    {"atari.noop_after_life", "4", "run.env=atari/ms_pacman run.max_steps=600"},
    {"atari.fire_on_life_loss", "true", "atari.fire_on_reset=true"},
    {"atari.life_loss", "ignore", "run.env=atari/ms_pacman run.max_steps=600"},
    {"atari.life_loss", "penalty", "run.env=atari/ms_pacman run.max_steps=600"},
    {"atari.max_frames", "100", ""},
    {"net.centre", "true", ""},
    {"net.unscaled", "true", ""},
    {"net.layers", "conv 8 8 8, batch_norm, relu", ""},
    {"atari.size", "42", "net.trunk=nature"},
    {"atari.width", "70", ""},
    {"atari.colour", "true", ""},
    {"atari.pool", "grey", "run.env=atari/ms_pacman run.max_steps=600"},
    {"atari.pool", "last", "run.env=atari/ms_pacman run.max_steps=600"},
    {"atari.mode", "8", ""},
    {"atari.difficulty", "1", ""},
};

static const setting of_minatar[] = {
    {"replay.shift", "2", ""},
    {"replay.intensity", "0.1", ""},
    {"minatar.sticky", "0.9", ""},
    {"minatar.ramping", "false", "run.max_steps=1200"}, // games of more than 100 steps
    {"minatar.full_actions", "false", ""},
    {"net.trunk", "impala", ""},
    {"net.width", "2", "net.trunk=impoola"},
    {"net.norm", "channel", "net.norm=layer"},
    {"net.layers", "conv 8 3 1, channel_norm, relu", "net.layers=conv,8,3,1,layer_norm,relu"},
};

static const setting of_grid[] = {
    {"grid.slip", "0.5", ""},
    {"grid.edge_reward", "-3", ""},
};

// Parameters that change the files left behind, but not the state; each has its own test, here or in the file
// that is named.
static const char *const of_files[] = {
    "run.root",                // every test here
    "run.preset",              // test_presets
    "run.group",               // test_names
    "run.name",                // test_names
    "run.note",                // test_names
    "run.on_full_disk",        // test_full_disk
    "run.scratch",             // test_scratch
    "run.time_limit_minutes",  // test_run_find
    "run.overwrite",           // test_bad_runs
    "env.options",             // test_plugin
    "atari.rom_dir",           // test_emulator
    "env.workers",             // test_gym_workers, test_gym_runs: must not change the state
    "gym.python",              // test_gym_faults
    "gym.kwargs",              // test_gym, test_gym_faults
    "gym.import",              // test_gym, test_gym_faults
    "gym.wrappers",            // test_gym_wrappers
    "gym.pictures",            // test_gym
    "gym.channels",            // test_gym_spaces
    "gym.timeout_seconds",     // test_gym_faults
    "gym.restarts",            // test_gym_workers
    "eval.enabled",            // test_evaluations
    "eval.every_steps",        // test_evaluations
    "eval.episodes",           // test_evaluations
    "eval.epsilon",            // test_evaluations
    "checkpoint.every_steps",  // test_checkpoints_kept
    "checkpoint.keep",         // test_checkpoints_kept
    "tensorboard.enabled",     // test_event_log
    "tensorboard.every_steps", // test_event_log
    "tensorboard.pictures",    // test_event_log
    "plot.enabled",            // test_run_picture
    "record.every_steps",      // test_recording
    "record.every_episodes",   // test_recording
    "record.steps",            // test_recording
    "record.directory",        // test_recording
    "record.view",             // test_recording
    "record.fps",              // test_recording
    "progress.every_seconds",  // test_progress_interval
    "compute.device",          // train/test_xla_run
    "replay.on_device",        // train/test_xla_run: must not change the state
    "compute.kernels",         // test_compute_options
    "compute.precision",       // test_compute_options: what the processor has decides
    "replay.compress",         // test_compressed_run: must not change the state
    "replay.compress_ratio",   // test_packed
    "compute.threads",         // test_determinism: must not change the state; test_compute_options

    "run.max_episodes",          // test_endings
    "run.max_lives",             // test_episodes
    "run.print_episodes",        // test_episodes
    "run.max_minutes",           // test_endings
    "run.stop_score",            // test_endings
    "run.stop_evaluations",      // test_endings
    "eval.every_episodes",       // test_endings
    "eval.max_episode_steps",    // test_evaluations
    "checkpoint.every_episodes", // test_endings
    "checkpoint.best",           // test_best
};

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

// The hash of the base with these settings, made twice: two runs of the same settings must not differ.
// Settings that the table has had before are not run again.
static uint64_t hash_before(const rb_config *config, const setting *settings, size_t i)
{
    static uint64_t made[128];
    for (size_t k = 0; k < i; k++)
        if (!strcmp(settings[k].with, settings[i].with)) return made[i] = made[k];
    made[i] = loop_hash(config);
    if (loop_hash(config) != made[i]) fail_msg("%s: two runs of the same settings differ", settings[i].key);
    return made[i];
}

static void each_changes_the_state(rb_config *(*base)(void), const setting *settings, size_t count)
{
    assert_in_range(count, 1, 128);
    for (size_t i = 0; i < count; i++) {
        rb_config *config = base();
        set_words(config, settings[i].with);
        const uint64_t before = hash_before(config, settings, i);
        set(config, settings[i].key, settings[i].value);
        if (!strcmp(settings[i].key, "net.trunk") || !strcmp(settings[i].key, "run.env")) { // read back below
            rb_config_destroy(config);
            continue;
        }
        if (loop_hash(config) == before)
            fail_msg("%s = %s changes nothing", settings[i].key, settings[i].value);
        rb_config_destroy(config);
    }
}

// docs/faults.md, 14
static void test_settings_of_any_task(void **state)
{
    (void)state;
    each_changes_the_state(small, of_cartpole, sizeof of_cartpole / sizeof *of_cartpole);
}

static void test_settings_of_rollouts(void **state)
{
    (void)state;
    each_changes_the_state(rolling, of_rollouts, sizeof of_rollouts / sizeof *of_rollouts);
}

static rb_config *breakout(void)
{
    return CONFIGURE("atari/breakout", "--preset=der", "--run.max_steps=300", "--replay.capacity=400",
                     "--agent.start_steps=250", "--agent.update_every_steps=50", "--agent.n_step=3",
                     "--eval.every_steps=0", "--checkpoint.every_steps=0", "--atari.sticky=0.25",
                     "--compute.threads=1", "--net.hidden=16");
}

// docs/faults.md, 14
static void test_settings_of_atari(void **state)
{
    (void)state;
    each_changes_the_state(breakout, of_atari, sizeof of_atari / sizeof *of_atari);
}

static rb_config *asterix(void)
{
    return CONFIGURE("minatar/asterix", "--preset=minatar-dqn", "--run.max_steps=300",
                     "--replay.capacity=400", "--agent.start_steps=250", "--agent.update_every_steps=50",
                     "--eval.every_steps=0", "--checkpoint.every_steps=0", "--compute.threads=1",
                     "--net.hidden=16");
}

// docs/faults.md, 14
static void test_settings_of_minatar(void **state)
{
    (void)state;
    each_changes_the_state(asterix, of_minatar, sizeof of_minatar / sizeof *of_minatar);
}

static rb_config *grid(void)
{
    return CONFIGURE("gridworld", "--run.max_steps=400", "--agent.start_steps=60", "--eval.every_steps=0",
                     "--eval.episodes=1", "--checkpoint.every_steps=0", "--compute.threads=1");
}

// docs/faults.md, 14
static void test_settings_of_the_grid_world(void **state)
{
    (void)state;
    each_changes_the_state(grid, of_grid, sizeof of_grid / sizeof *of_grid);
}

static int64_t parameters_of(const char *trunk)
{
    rb_config *config = breakout();
    set(config, "net.trunk", trunk);
    rb_run *run = create(config);
    int64_t parameters = rb_net_parameters(rb_agent_online(run->agent));
    rb_run_destroy(run);
    rb_config_destroy(config);
    return parameters;
}

static void test_trunks_differ(void **state)
{
    (void)state;
    int64_t nature = parameters_of("nature");
    assert_true(parameters_of("auto") == nature);
    assert_true(parameters_of("nips") != nature);
    assert_true(parameters_of("der") != nature);
    assert_true(parameters_of("minatar") != nature);
    assert_true(parameters_of("mlp") != nature);
}

static bool in_table(const char *key)
{
    for (size_t i = 0; i < sizeof of_cartpole / sizeof *of_cartpole; i++)
        if (!strcmp(of_cartpole[i].key, key)) return true;
    for (size_t i = 0; i < sizeof of_rollouts / sizeof *of_rollouts; i++)
        if (!strcmp(of_rollouts[i].key, key)) return true;
    for (size_t i = 0; i < sizeof of_atari / sizeof *of_atari; i++)
        if (!strcmp(of_atari[i].key, key)) return true;
    for (size_t i = 0; i < sizeof of_minatar / sizeof *of_minatar; i++)
        if (!strcmp(of_minatar[i].key, key)) return true;
    for (size_t i = 0; i < sizeof of_grid / sizeof *of_grid; i++)
        if (!strcmp(of_grid[i].key, key)) return true;
    for (size_t i = 0; i < sizeof of_files / sizeof *of_files; i++)
        if (!strcmp(of_files[i], key)) return true;
    return false;
}

// docs/faults.md, 14
static void test_every_parameter_is_tried(void **state)
{
    (void)state;
    for (int i = 0; i < rb_param_count(); i++)
        if (!in_table(rb_param_get(i)->key)) fail_msg("%s: no test shows what it does", rb_param_get(i)->key);
}

// Parameters of the files that decide a result all the same: how long a run is, how it is scored, and what an
// environment is made from.
static const char *const of_results[] = {
    "run.preset",             // a name that groups carry
    "run.group",              //
    "run.max_episodes",       //
    "run.max_lives",          //
    "run.max_minutes",        //
    "run.stop_score",         //
    "run.stop_evaluations",   //
    "env.options",            //
    "gym.kwargs",             //
    "gym.import",             //
    "gym.wrappers",           //
    "gym.pictures",           //
    "gym.channels",           //
    "eval.enabled",           //
    "eval.every_steps",       //
    "eval.every_episodes",    //
    "eval.episodes",          //
    "eval.epsilon",           //
    "eval.max_episode_steps", //
    "replay.compress",        // with it, replay.compress_ratio acts
    "replay.compress_ratio",  //
    "compute.precision",      //
};

// A parameter that ends a run in another state decides its result, so reports and plots never mix such runs.
// A parameter that changes only files decides nothing, unless the list above has it.
static void test_what_decides(void **state)
{
    (void)state;
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *info = rb_param_get(i);
        bool decides = true, listed = false;
        for (size_t k = 0; k < sizeof of_files / sizeof *of_files; k++)
            if (!strcmp(of_files[k], info->key)) decides = false;
        for (size_t k = 0; k < sizeof of_results / sizeof *of_results; k++)
            if (!strcmp(of_results[k], info->key)) listed = true;
        if (listed && decides) fail_msg("%s: stands in both tables", info->key);
        if (!strcmp(info->key, "run.seed")) decides = false; // tells the samples of an experiment apart
        if (info->decides != (decides || listed))
            fail_msg("%s: src/config/experiment.c says that it %s the result", info->key,
                     info->decides ? "decides" : "does not decide");
    }
}

static void test_names(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "run.group", "blue");
    set(config, "run.name", "berry");
    set(config, "run.note", "ripe in July");
    rb_run *run = create(config);
    char expected[RB_PATH_MAX], path[2 * RB_PATH_MAX], *text;
    size_t bytes;
    snprintf(expected, sizeof expected, "%s/blue/berry", root);
    assert_string_equal(rb_run_directory(run), expected);
    snprintf(path, sizeof path, "%s/config.ini", expected);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    assert_non_null(strstr(text, "ripe in July"));
    free(text);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Copies the last row of a run's eval.csv, and returns the number of rows.
static int evaluations(const rb_config *config, char *last, size_t last_bytes)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    char path[2 * RB_PATH_MAX], *text;
    size_t bytes;
    snprintf(path, sizeof path, "%s/eval.csv", rb_run_directory(run));
    rb_run_destroy(run);
    assert_int_equal(rb_file_read(path, &text, &bytes, NULL), RB_OK);
    int rows = -1;
    for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest)); rows++)
        snprintf(last, last_bytes, "%s", line);
    free(text);
    return rows;
}

static void test_evaluations(void **state)
{
    (void)state;
    rb_config *config = small();
    char last[256], random[256];
    assert_int_equal(evaluations(config, last, sizeof last), 1);
    assert_non_null(strstr(last, "400,400,2,")); // step, frames, episodes
    set(config, "eval.every_steps", "100");
    set(config, "eval.episodes", "3");
    assert_int_equal(evaluations(config, last, sizeof last), 4);
    assert_non_null(strstr(last, "400,400,3,"));
    set(config, "eval.epsilon", "1");
    evaluations(config, random, sizeof random);
    for (int i = 0; i < 2; i++) *strrchr(last, ',') = *strrchr(random, ',') = 0; // except seconds, trailing
    assert_string_not_equal(last, random);
    set(config, "eval.max_episode_steps", "5"); // a step is a point
    evaluations(config, last, sizeof last);
    assert_non_null(strstr(last, "400,400,3,5,0,5,5,5,"));
    set(config, "eval.enabled", "false");
    assert_int_equal(evaluations(config, last, sizeof last), 0);
    rb_config_destroy(config);
}

static void test_checkpoints_kept(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "checkpoint.every_steps", "100");
    set(config, "checkpoint.keep", "3");
    rb_error error = {0};
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, &error), RB_OK);
    for (int step = 100; step <= 400; step += 100) {
        char path[2 * RB_PATH_MAX];
        snprintf(path, sizeof path, "%s/checkpoints/step_%012d/weights.safetensors", rb_run_directory(run),
                 step);
        assert_true(rb_file_exists(path)); // weights stay
        snprintf(path, sizeof path, "%s/checkpoints/step_%012d/state.rb", rb_run_directory(run), step);
        assert_int_equal(rb_file_exists(path), step > 100); // the three newest states
    }
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Start and target periods count steps of all environments together, not frames or vector steps.
// docs/faults.md, 15
static void test_start_counts_steps(void **state)
{
    (void)state;
    rb_config *config = small();
    set(config, "env.count", "4");
    set(config, "agent.start_steps", "80");
    rb_error error = {0};
    rb_run *run = create(config);
    assert_int_equal(rb_loop(run, 80, &error), RB_OK);
    assert_int_equal(rb_agent_updates(run->agent), 0);
    assert_int_equal(rb_loop(run, 100, &error), RB_OK);
    assert_int_equal(run->step, 100);
    assert_int_equal(rb_agent_updates(run->agent), 5); // one per 4 steps from then on
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_parameter_is_tried),
        cmocka_unit_test(test_what_decides),
        cmocka_unit_test(test_settings_of_any_task),
        cmocka_unit_test(test_settings_of_rollouts),
        cmocka_unit_test(test_settings_of_atari),
        cmocka_unit_test(test_settings_of_minatar),
        cmocka_unit_test(test_settings_of_the_grid_world),
        cmocka_unit_test(test_trunks_differ),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_evaluations),
        cmocka_unit_test(test_checkpoints_kept),
        cmocka_unit_test(test_start_counts_steps),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
