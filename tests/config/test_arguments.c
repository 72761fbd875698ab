// The command line's words: the order of the layers, short forms, and what is said about a word that is
// wrong.
#include "config_test.h"

#include "config/table.h"

static rb_status look_up(const char *env, const char **preset, const char **values, rb_error *error)
{
    *preset = *values = "";
    if (!strcmp(env, "small")) {
        *preset = "cartpole-dqn";
    } else if (!strcmp(env, "layered")) {
        *preset = "dqn";
        *values = "atari.sticky = 0.125\natari.noop_max = 7\n";
    } else if (strcmp(env, "plain")) {
        return rb_error_set(error, RB_ERR_USAGE, "no environment %s", env);
    }
    return RB_OK;
}

static const rb_config_env environments = {.look_up = look_up};

static int with_environments(void **state)
{
    (void)state;
    rb_config_use_environments(&environments);
    return 0;
}

static rb_config *made_from(int count, const char *const *words)
{
    rb_config *config = new_config();
    rb_error error = {0};
    if (rb_config_arguments(config, count, words, &error)) fail_msg("%s", error.message);
    return config;
}

#define MADE(...)                                                                                            \
    made_from((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)), (const char *[]){__VA_ARGS__})

#define EXPECT(key, value) assert_string_equal(value_of(config, key), value)

// atari.noop_max: table 30, dqn 30, environment 7, file 8, command line 9; each layer seen on top of those
// below it.
static void test_later_layers_win(void **state)
{
    (void)state;
    const char *path = written("[atari]\nnoop_max = 8\n[agent]\nbatch = 16\n");
    rb_config *config = MADE("plain");
    EXPECT("atari.sticky", "0.25"); // the table
    EXPECT("run.env", "plain");
    EXPECT("run.preset", "");
    rb_config_destroy(config);

    config = MADE("plain", "--preset", "dqn");
    EXPECT("atari.sticky", "0"); // the preset
    EXPECT("run.preset", "dqn");
    rb_config_destroy(config);

    config = MADE("layered", "--preset=rainbow");
    EXPECT("atari.sticky", "0.125"); // the environment's name over the preset
    EXPECT("atari.noop_max", "7");
    EXPECT("net.dueling", "true");
    rb_config_destroy(config);

    config = MADE("--config", path, "layered");
    EXPECT("atari.noop_max", "8"); // the file over the name
    EXPECT("agent.batch", "16");
    EXPECT("atari.sticky", "0.125");
    EXPECT("run.preset", "dqn");
    rb_config_destroy(config);

    // The command line over all, whatever the order of words.
    config = MADE("--atari.noop_max=9", "--config", path, "layered", "--preset", "rainbow");
    EXPECT("atari.noop_max", "9");
    EXPECT("agent.batch", "16");
    EXPECT("net.dueling", "true");
    rb_config_destroy(config);
    unlink(path);
}

static void test_a_file_may_name_environment_and_preset(void **state)
{
    (void)state;
    const char *path = written("[run]\nenv = layered\npreset = der\n");
    rb_config *config = MADE("--config", path);
    EXPECT("run.env", "layered");
    EXPECT("run.preset", "der");
    EXPECT("agent.n_step", "20");
    EXPECT("atari.noop_max", "7");
    rb_config_destroy(config);

    config = MADE("--config", path, "small", "--preset", "cartpole");
    EXPECT("run.env", "small");
    EXPECT("run.preset", "cartpole");
    EXPECT("atari.noop_max", "30");
    rb_config_destroy(config);

    config = MADE("--run.env=small");
    EXPECT("run.preset", "cartpole-dqn");
    rb_config_destroy(config);

    config = MADE("small", "--preset="); // empty is not named, as a script's unset variable
    EXPECT("run.preset", "cartpole-dqn");
    rb_config_destroy(config);
    unlink(path);
}

static void test_short_forms(void **state)
{
    (void)state;
    rb_config *config = MADE("plain", "--double", "--dueling", "--per", "--categorical", "--noisy",
                             "--n-step=3", "--seed", "9");
    EXPECT("agent.double_q", "true");
    EXPECT("net.dueling", "true");
    EXPECT("replay.prioritized", "true");
    EXPECT("agent.categorical", "true");
    EXPECT("net.noisy", "factorised");
    EXPECT("agent.n_step", "3");
    EXPECT("run.seed", "9");
    assert_true(config->noise_ended_epsilon);
    EXPECT("explore.start", "0"); // the noise explores
    EXPECT("explore.end", "0");
    rb_config_destroy(config);

    config = MADE("plain", "--preset=rainbow", "--no-double", "--no-dueling", "--no-per", "--no-categorical",
                  "--no-noisy", "--no-n-step");
    EXPECT("agent.double_q", "false");
    EXPECT("net.dueling", "false");
    EXPECT("replay.prioritized", "false");
    EXPECT("agent.categorical", "false");
    EXPECT("net.noisy", "off");
    EXPECT("agent.n_step", "1");
    EXPECT("explore.start", "1"); // and without it epsilon does
    EXPECT("explore.end", "0.01");
    EXPECT("explore.steps", "62500");
    rb_config_destroy(config);

    config = MADE("small", "--preset=cartpole", "--no-noisy");
    EXPECT("explore.steps", "5000"); // a tenth of the run
    rb_config_destroy(config);
    // Of the run as all words together make it, in whatever order and form.
    config = MADE("small", "--preset=cartpole", "--no-noisy", "-n", "300");
    EXPECT("explore.steps", "30");
    rb_config_destroy(config);
    config = MADE("small", "--preset=cartpole", "--run.max_steps=300", "--no-noisy");
    EXPECT("explore.steps", "30");
    rb_config_destroy(config);
    config = MADE("small", "--preset=cartpole", "--no-noisy", "--explore.steps=77", "-n", "300");
    EXPECT("explore.steps", "77");
    rb_config_destroy(config);
}

// sigma0 follows the kind of noise, unless it is given, before or after it, on the command line or in a file.
static void test_each_kind_of_noise_has_its_width(void **state)
{
    (void)state;
    rb_config *config = MADE("plain", "--preset=rainbow", "--net.noisy=independent");
    EXPECT("net.sigma0", "0.017");
    rb_config_destroy(config);
    config = MADE("plain", "--preset=rainbow", "--net.sigma0=0.3", "--net.noisy=independent");
    EXPECT("net.sigma0", "0.3");
    rb_config_destroy(config);
    config = MADE("plain", "--net.noisy=independent", "--net.sigma0=0.5");
    EXPECT("net.sigma0", "0.5");
    rb_config_destroy(config);
    config = MADE("plain", "--preset=breakout-study", "--net.noisy=factorised");
    EXPECT("net.sigma0", "0.5");
    rb_config_destroy(config);
    config = MADE("small", "--preset=cartpole", "--no-noisy", "--net.noisy=factorised");
    EXPECT("net.sigma0", "0.2"); // the preset's, for the same kind
    rb_config_destroy(config);
    config = MADE("plain", "--preset=rainbow", "--net.noisy=factorised");
    EXPECT("net.sigma0", "0.5");
    rb_config_destroy(config);
    const char *path = written("[net]\nsigma0 = 0.4\nnoisy = independent\n");
    config = MADE("plain", "--preset=rainbow", "--config", path);
    EXPECT("net.sigma0", "0.4");
    rb_config_destroy(config);

    // A run's record restores a value that only happens to be the preset's.
    config = MADE("plain", "--preset=rainbow", "--net.noisy=independent", "--net.sigma0=0.5");
    rb_config *read = new_config();
    assert_int_equal(rb_config_write(config, path, NULL), RB_OK);
    assert_int_equal(rb_config_read(read, path, NULL), RB_OK);
    assert_string_equal(value_of(read, "net.sigma0"), "0.5");
    assert_string_equal(value_of(read, "net.noisy"), "independent");
    unlink(path);
    rb_config_destroy(read);
    rb_config_destroy(config);
}

static void test_letters_and_values_of_switches(void **state)
{
    (void)state;
    rb_config *config = MADE("plain", "-s", "9", "-n2M", "--envs=4", "--name", "mine", "--group=ours",
                             "--double=True", "--no-dueling=false", "--per=false");
    EXPECT("run.seed", "9");
    EXPECT("run.max_steps", "2000000");
    EXPECT("env.count", "4");
    EXPECT("run.name", "mine");
    EXPECT("run.group", "ours");
    EXPECT("agent.double_q", "true");
    EXPECT("net.dueling", "true");
    EXPECT("replay.prioritized", "false");
    assert_false(config->noise_ended_epsilon);
    rb_config_destroy(config);
    for (int i = 0; i < rb_short_form_count(); i++) { // each sets a parameter that there is
        const rb_short_form *form = rb_short_form_get(i);
        assert_non_null(rb_table_find(form->key));
        assert_true((form->value != NULL) != (form->on != NULL));
        assert_true((form->off != NULL) == (form->no_help != NULL));
        for (int k = 0; k < i; k++)
            assert_true(!form->letter || form->letter != rb_short_form_get(k)->letter);
    }
    assert_null(rb_short_form_get(-1));
    assert_null(rb_short_form_get(rb_short_form_count()));
}

static void test_named_values_win_over_short_forms(void **state)
{
    (void)state;
    rb_config *config = MADE("plain", "--explore.start=0.5", "--explore.end=0.02", "--noisy");
    assert_false(config->noise_ended_epsilon);
    EXPECT("explore.start", "0.5");
    EXPECT("explore.end", "0.02");
    rb_config_destroy(config);

    config = MADE("plain", "--preset", "breakout-study", "--noisy"); // keeps the kind of noise
    EXPECT("net.noisy", "independent");
    EXPECT("explore.start", "0");
    EXPECT("explore.end", "0");
    rb_config_destroy(config);
}

// What a resumed run does: words laid over what is there, without a preset.
static void test_changes_leave_the_rest_as_it_is(void **state)
{
    (void)state;
    rb_config *config = MADE("layered", "--preset=rainbow", "--atari.noop_max=3"), *then = NULL;
    assert_int_equal(rb_config_copy(&then, config, NULL), RB_OK);
    rb_error error = {0};
    assert_int_equal(ARGUMENTS(config, &error, "--run.max_steps=60M"), RB_OK);
    EXPECT("run.max_steps", "60000000");
    assert_int_equal(rb_config_check_resume(then, config, &error), RB_OK);
    then->params.run.max_steps = config->params.run.max_steps;
    assert_memory_equal(&then->params, &config->params, sizeof config->params);

    assert_int_equal(ARGUMENTS(config, &error, "--agent.n_step", "5"), RB_OK);
    assert_int_equal(rb_config_check_resume(then, config, &error), RB_ERR_USAGE);
    expect_error(&error, "agent.n_step = 5: the run was made with 3, which cannot change on resume");
    rb_config_destroy(config);
    rb_config_destroy(then);
}

static void test_words_that_are_wrong(void **state)
{
    (void)state;
    const char *path = written("agent.n_step = 0\n");
    char config_word[128];
    snprintf(config_word, sizeof config_word, "--config=%s", path);
    const struct {
        const char *words[4], *sentence;
    } wrong[] = {
        {{"plain", "--agent.gama=1"}, "no option --agent.gama; did you mean --agent.gamma?"},
        {{"plain", "--agnet.gamma=1"}, "no option --agnet.gamma; did you mean --agent.gamma?"},
        {{"plain", "--gamma", "0.9"}, "no option --gamma; did you mean --agent.gamma?"},
        {{"plain", "--duelling"}, "no option --duelling; did you mean --dueling?"},
        {{"plain", "--no-duelling"}, "no option --no-duelling; did you mean --no-dueling?"},
        {{"plain", "--presets=dqn"}, "no option --presets; did you mean --preset?"},
        {{"plain", "--zzzzzz"}, "no option --zzzzzz; `rainbow params` lists the parameters"},
        {{"plain", "-x"}, "no option -x"},
        {{"plain", "--no-seed"}, "no option --no-seed; `rainbow params` lists the parameters"},
        {{"plain", "--dueling=maybe"}, "--dueling takes no value but true or false"},
        {{"plain", "--no-n-step=3"}, "--no-n-step takes no value but true or false"},
        {{"plain", "-n"}, "--max-steps needs a value: --max-steps=VALUE"},
        {{"plain", "--n_envs=8"}, "no option --n_envs; n_envs of vectorised-rainbow is --env.count here"},
        {{"plain", "--learning-starts", "8"},
         "no option --learning-starts; learning_starts of Stable-Baselines3 is --agent.start_steps here"},
        {{"plain", "--RainbowAgent.update_horizon=3"},
         "no option --RainbowAgent.update_horizon; update_horizon of Dopamine is --agent.n_step here"},
        {{"plain", "--start-e=1"}, "no option --start-e; start-e of CleanRL is --explore.start here"},
        {{"plain", "--n_memory_size=500"},
         "no option --n_memory_size; n_memory_size of vectorised-rainbow needs no counterpart here: n-step "
         "returns are computed from the one replay when a batch is sampled"},
        {{"plain", "--record.directory=plots"},
         "record.directory = plots: is a file or directory that every run has; choose another name"},
        {{"plain", "--n-step"}, "--n-step needs a value: --n-step=VALUE"},
        {{"plain", "--agent.gamma"}, "--agent.gamma needs a value: --agent.gamma=VALUE"},
        {{"plain", "--agent.gamma", "--per"}, "--agent.gamma needs a value: --agent.gamma=VALUE"},
        {{"plain", "--agent.gamma=2"}, "command line: agent.gamma = 2: must be between 0 and 1"},
        {{"plain", "--n-step=0"}, "command line: agent.n_step = 0: must be between 1 and 1,000 steps"},
        {{"plain", "other"}, "only one environment may be named, not two: plain and other"},
        {{"nowhere"}, "no environment nowhere"},
        {{"plain", "--preset=ranbow"}, "command line: no preset ranbow; did you mean rainbow?"},
        {{"plain", "--config=/no/such.ini"}, "/no/such.ini: can't be read: No such file or directory"},
        {{"plain", "--config=a", "--config=b"}, "only one --config is allowed"},
        {{"plain", config_word}, "@:1: agent.n_step = 0: must be between 1 and 1,000 steps"},
    };
    rb_config *config = new_config(), *before = new_config();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int count = 0;
        while (count < 4 && wrong[i].words[count]) count++;
        rb_error error = {0};
        rb_status status = rb_config_arguments(config, count, wrong[i].words, &error);
        expect_error(&error, wrong[i].sentence);
        assert_int_equal(status, strstr(error.message, "such.ini") ? RB_ERR_FILE : RB_ERR_USAGE);
        assert_memory_equal(config, before, sizeof *config); // left as it was
    }
    rb_config_destroy(config);
    rb_config_destroy(before);
    unlink(path);
}

static void test_a_files_own_preset_is_told_with_its_line(void **state)
{
    (void)state;
    rb_config *config = new_config();
    rb_error error = {0};
    const char *path = written("[run]\npreset = ranbow\n");
    assert_int_equal(ARGUMENTS(config, &error, "--config", path), RB_ERR_USAGE);
    expect_error(&error, "@:2: no preset ranbow; did you mean rainbow?");
    rb_config_destroy(config);
    unlink(path);
}

static void test_values_that_are_wrong_together(void **state)
{
    (void)state;
    static const struct {
        const char *words[4], *sentence;
    } wrong[] = {
        {{"--categorical", "--agent.v_min=10"}, "agent.v_min = 10 must be below agent.v_max = 10"},
        {{"--atari.noop_min=31"}, "atari.noop_min = 31 must not be above atari.noop_max = 30"},
        {{"--replay.capacity=100", "--agent.start_steps=0", "--agent.batch=96"},
         "replay.capacity = 100 is too small for agent.batch = 96 with env.count = 1 and agent.n_step = 1: "
         "at least 102"},
        {{"--replay.capacity=49999"},
         "agent.start_steps = 50000 is more than replay.capacity = 49999 can hold"},
        {{"--per", "--replay.beta_end=0.3"},
         "replay.beta_start = 0.4 must not be above replay.beta_end = 0.3"},
        {{"--agent.target_every_updates=0"},
         "agent.target_every_steps, agent.target_every_updates or agent.target_every_episodes must be above "
         "0 (1 update with agent.target_tau = 1: no separate "
         "target "
         "network)"},
        {{"--explore.end=0.5", "--explore.start=0.4"},
         "explore.end = 0.5 must not be above explore.start = 0.4"},
        {{"--noisy", "--explore.end=0.1"},
         "explore.end = 0.1 must not be above explore.start = 0; with noisy layers epsilon is 0 unless you "
         "give "
         "explore.start too"},
        {{"--explore.end=0", "--explore.start=0"},
         "net.noisy = off and explore.start = 0: nothing would explore; give explore.start and explore.end, "
         "or turn "
         "noise on"},
        {{"--agent.rollout_steps=8", "--env.asynchronous=true"},
         "env.asynchronous is true, but agent.rollout_steps = 8 learns from rollouts, and a rollout has as "
         "many "
         "steps of each environment: set env.asynchronous to false, or agent.rollout_steps to 0"},
        {{"--agent.rollout_steps=8", "--per"},
         "replay.prioritized is true, but agent.rollout_steps = 8 learns from rollouts, and all steps of a "
         "rollout are learned from equally often: set replay.prioritized to false, or agent.rollout_steps to "
         "0"},
        {{"--agent.rollout_steps=8", "--double"},
         "agent.double_q is true, but agent.rollout_steps = 8 learns from rollouts, and there is no target "
         "network: set agent.double_q to false, or agent.rollout_steps to 0"},
        {{"--agent.rollout_steps=8", "--n-step=3"},
         "agent.n_step is above 1, but agent.rollout_steps = 8 learns from rollouts, and agent.lambda sets "
         "the "
         "length of its returns: set agent.n_step to 1, or agent.rollout_steps to 0"},
        {{"--agent.rollout_steps=8", "--categorical"},
         "agent.categorical is true, but agent.rollout_steps = 8 learns from rollouts, and lambda-returns "
         "are "
         "numbers, not distributions: set agent.categorical to false, or agent.rollout_steps to 0"},
        {{"--agent.rollout_steps=8", "--noisy"},
         "net.noisy is on, but agent.rollout_steps = 8 learns from rollouts, and its returns need the "
         "Q-values "
         "of acting, so noise would be part of every target: set net.noisy to off, or agent.rollout_steps to "
         "0"},
        {{"--agent.rollout_steps=8", "--agent.group_updates=true"},
         "agent.group_updates is true, but agent.rollout_steps = 8 learns from rollouts, and "
         "agent.minibatches "
         "sets the number of updates: set agent.group_updates to false, or agent.rollout_steps to 0"},
        {{"--agent.rollout_steps=8", "--env.count=2"},
         "agent.minibatches = 32 divides a rollout of 16 steps (env.count * agent.rollout_steps, at most "
         "16777216): must give batches of 1 to 4096 steps"},
        {{"--agent.rollout_steps=5000", "--agent.minibatches=1"},
         "agent.minibatches = 1 divides a rollout of 5000 steps (env.count * agent.rollout_steps, at most "
         "16777216): must give batches of 1 to 4096 steps"},
        {{"--net.mlp=12x"}, "net.mlp = 12x: must be widths from 1 to 65,536 joined by '-', such as 256-256"},
        {{"--net.mlp=12-"}, "net.mlp = 12-: must be widths from 1 to 65,536 joined by '-', such as 256-256"},
        {{"--net.mlp=0"}, "net.mlp = 0: must be widths from 1 to 65,536 joined by '-', such as 256-256"},
        {{"--net.mlp=65537"},
         "net.mlp = 65537: must be widths from 1 to 65,536 joined by '-', such as 256-256"},
        {{"--run.group="}, "run.group must not be empty"},
        {{"--run.root="}, "run.root must not be empty"},
        {{"--run.name=../x"},
         "run.name = ../x: must be the name of one directory: no '/', no '.' at its start, at most 200 "
         "bytes"},
        {{"--run.group=a/b"},
         "run.group = a/b: must be the name of one directory: no '/', no '.' at its start, at most 200 "
         "bytes"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rb_config *config = new_config();
        int count = 0;
        while (count < 4 && wrong[i].words[count]) count++;
        rb_error error = {0};
        assert_int_equal(rb_config_arguments(config, count, wrong[i].words, &error), RB_ERR_USAGE);
        expect_error(&error, wrong[i].sentence);
        rb_config_destroy(config);
    }
    // What is not in use is not judged, and the smallest that works does.
    rb_config_destroy(MADE("--agent.v_min=10"));
    rb_config_destroy(MADE("--replay.beta_end=0.3"));
    rb_config_destroy(MADE("--atari.noop_min=31", "--atari.noop_max=0"));
    rb_config_destroy(MADE("--replay.capacity=102", "--agent.start_steps=0", "--agent.batch=96"));
    rb_config_destroy(MADE("--replay.capacity=50000"));
    rb_config_destroy(
        MADE("--agent.rollout_steps=32", "--replay.capacity=100", "--agent.target_every_updates=0"));
    rb_config_destroy(MADE("--agent.rollout_steps=32", "--dueling"));
    rb_config_destroy(MADE("--net.mlp="));
    rb_config_destroy(MADE("--net.mlp=65536-1-300"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_later_layers_win),
        cmocka_unit_test(test_a_file_may_name_environment_and_preset),
        cmocka_unit_test(test_short_forms),
        cmocka_unit_test(test_each_kind_of_noise_has_its_width),
        cmocka_unit_test(test_letters_and_values_of_switches),
        cmocka_unit_test(test_named_values_win_over_short_forms),
        cmocka_unit_test(test_changes_leave_the_rest_as_it_is),
        cmocka_unit_test(test_words_that_are_wrong),
        cmocka_unit_test(test_a_files_own_preset_is_told_with_its_line),
        cmocka_unit_test(test_values_that_are_wrong_together),
    };
    return cmocka_run_group_tests(tests, with_environments, NULL);
}
