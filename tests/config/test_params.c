// Every parameter of the table: its default, its limits, its way to text and back.
#include "config_test.h"

#include <math.h>
#include "config/table.h"

static void test_every_default_is_within_its_range(void **state)
{
    (void)state;
    rb_config *config = new_config();
    assert_true(rb_param_count() > 60);
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *p = rb_param_get(i);
        rb_error error = {0};
        assert_string_equal(value_of(config, p->key), p->by_default);
        if (rb_config_set(config, p->key, p->by_default, NULL, &error)) fail_msg("%s", error.message);
        assert_string_equal(value_of(config, p->key), p->by_default);
        assert_true(strlen(p->help) > 8);
    }
    assert_int_equal(rb_config_check(config, NULL), RB_OK);
    assert_null(rb_param_get(-1));
    assert_null(rb_param_get(rb_param_count()));
    rb_config_destroy(config);
}

static void test_every_key_is_there_once(void **state)
{
    (void)state;
    for (int i = 0; i < rb_param_count(); i++)
        for (int j = 0; j < i; j++) assert_string_not_equal(rb_param_get(i)->key, rb_param_get(j)->key);
}

// Sets a value that must be refused: the error names the key and the value, and nothing changes.
static void refused(rb_config *config, const char *key, const char *value)
{
    char before[RB_VALUE_MAX], start[400];
    snprintf(before, sizeof before, "%s", value_of(config, key));
    rb_error error = {0};
    if (rb_config_set(config, key, value, "here", &error) != RB_ERR_USAGE) fail_msg("%s took %s", key, value);
    snprintf(start, sizeof start, "here: %s = %s: must be ", key, value);
    if (strncmp(error.message, start, strlen(start)))
        fail_msg("'%s' does not begin with '%s'", error.message, start);
    assert_string_equal(value_of(config, key), before);
}

static void taken(rb_config *config, const char *key, const char *value)
{
    rb_error error = {0};
    if (rb_config_set(config, key, value, "here", &error)) fail_msg("%s", error.message);
    assert_string_equal(value_of(config, key), value);
}

static void check_limits(rb_config *config, const rb_param *p)
{
    char value[64];
    if (p->kind == RB_KIND_INT) {
        snprintf(value, sizeof value, "%lld", (long long)p->int_least);
        taken(config, p->key, value);
        snprintf(value, sizeof value, "%lld", (long long)p->int_most);
        taken(config, p->key, value);
        snprintf(value, sizeof value, "%lld", (long long)p->int_least - 1);
        refused(config, p->key, value);
        snprintf(value, sizeof value, "%lld", (long long)p->int_most + 1);
        refused(config, p->key, value);
        refused(config, p->key, "1.5");
    } else {
        snprintf(value, sizeof value, "%.17g", p->real_least);
        assert_int_equal(rb_config_set(config, p->key, value, NULL, NULL), RB_OK);
        snprintf(value, sizeof value, "%.17g", p->real_most);
        assert_int_equal(rb_config_set(config, p->key, value, NULL, NULL), RB_OK);
        snprintf(value, sizeof value, "%.17g", nextafter(p->real_least, -INFINITY));
        refused(config, p->key, value);
        snprintf(value, sizeof value, "%.17g", nextafter(p->real_most, INFINITY));
        refused(config, p->key, value);
        refused(config, p->key, "nan");
        refused(config, p->key, "inf");
    }
    refused(config, p->key, "");
    refused(config, p->key, "1x");
}

static void test_every_number_is_held_to_its_limits(void **state)
{
    (void)state;
    rb_config *config = new_config();
    for (int i = 0; i < rb_table_count(); i++) {
        const rb_param *p = rb_table_get(i);
        if (p->kind == RB_KIND_INT || p->kind == RB_KIND_REAL) check_limits(config, p);
    }
    rb_config_destroy(config);
}

static void test_every_choice_and_switch(void **state)
{
    (void)state;
    rb_config *config = new_config();
    for (int i = 0; i < rb_table_count(); i++) {
        const rb_param *p = rb_table_get(i);
        if (p->kind == RB_KIND_BOOL) {
            taken(config, p->key, "true");
            taken(config, p->key, "false");
            refused(config, p->key, "perhaps");
        } else if (p->kind == RB_KIND_CHOICE) {
            char names[256];
            snprintf(names, sizeof names, "%s", p->choices);
            int32_t position = 0;
            for (char *save, *name = strtok_r(names, "|", &save); name; name = strtok_r(NULL, "|", &save)) {
                taken(config, p->key, name);
                assert_int_equal(*(int32_t *)((char *)&config->params + p->offset), position++);
            }
            refused(config, p->key, p->choices);
            refused(config, p->key, "");
        }
    }
    rb_config_destroy(config);
}

// What people write elsewhere: None and False for what is off, choices in any case.
static void test_words_for_off(void **state)
{
    (void)state;
    rb_config *config = new_config();
    static const char *const off[][2] = {
        {"record.every_steps", "0"}, {"run.max_episodes", "0"}, {"optim.clip_norm", "0"},
        {"optim.clip_value", "0"},   {"net.noisy", "off"},      {"net.norm", "none"},
        {"replay.compress", "none"}, {"plot.enabled", "false"}, {"tensorboard.pictures", "0"},
    };
    static const char *const words[] = {"None", "none", "off", "False", "no", "never"};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            assert_int_equal(rb_config_set(config, off[i][0], words[w], NULL, NULL), RB_OK);
            assert_string_equal(value_of(config, off[i][0]), off[i][1]);
        }
    // Where 0 has another meaning, the words have none.
    refused(config, "agent.n_step", "None");
    refused(config, "compute.threads", "None");
    refused(config, "replay.alpha", "None");
    refused(config, "explore.steps", "off");
    refused(config, "optim.kind", "None");
    refused(config, "gym.channels", "off"); // its "none" is a kind of its own
    assert_int_equal(rb_config_set(config, "net.dueling", "True", NULL, NULL), RB_OK);
    assert_string_equal(value_of(config, "net.dueling"), "true");
    assert_int_equal(rb_config_set(config, "optim.kind", "Adam", NULL, NULL), RB_OK);
    assert_string_equal(value_of(config, "optim.kind"), "adam");
    rb_config_destroy(config);
}

static void test_choices_stand_in_the_order_of_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *key, *name;
        int32_t position;
    } choices[] = {
        {"env.stack_start", "repeat", RB_STACK_REPEAT},
        {"env.stack_start", "black", RB_STACK_BLACK},
        {"run.on_full_disk", "wait", RB_FULL_DISK_WAIT},
        {"run.on_full_disk", "stop", RB_FULL_DISK_STOP},
        {"replay.compress", "none", RB_COMPRESS_NONE},
        {"replay.compress", "lz4", RB_COMPRESS_LZ4},
        {"env.reward", "raw", RB_REWARD_RAW},
        {"env.reward", "sign", RB_REWARD_SIGN},
        {"env.reward", "frame_signs", RB_REWARD_FRAME_SIGNS},
        {"run.print_episodes", "none", RB_PRINT_NONE},
        {"run.print_episodes", "games", RB_PRINT_GAMES},
        {"run.print_episodes", "lives", RB_PRINT_LIVES},
        {"replay.draws", "stratified", RB_DRAWS_STRATIFIED},
        {"replay.draws", "independent", RB_DRAWS_INDEPENDENT},
        {"atari.life_loss", "ignore", RB_LIFE_IGNORE},
        {"atari.life_loss", "terminal", RB_LIFE_TERMINAL},
        {"atari.life_loss", "penalty", RB_LIFE_PENALTY},
        {"atari.pool", "grey", RB_POOL_GREY},
        {"atari.pool", "rgb", RB_POOL_RGB},
        {"atari.pool", "last", RB_POOL_LAST},
        {"gym.pictures", "raw", RB_PICTURES_RAW},
        {"gym.pictures", "atari", RB_PICTURES_ATARI},
        {"gym.channels", "auto", RB_CHANNELS_AUTO},
        {"gym.channels", "first", RB_CHANNELS_FIRST},
        {"gym.channels", "last", RB_CHANNELS_LAST},
        {"gym.channels", "none", RB_CHANNELS_NONE},
        {"net.trunk", "auto", RB_TRUNK_AUTO},
        {"net.trunk", "nature", RB_TRUNK_NATURE},
        {"net.trunk", "nips", RB_TRUNK_NIPS},
        {"net.trunk", "der", RB_TRUNK_DER},
        {"net.trunk", "minatar", RB_TRUNK_MINATAR},
        {"net.trunk", "mlp", RB_TRUNK_MLP},
        {"net.trunk", "impala", RB_TRUNK_IMPALA},
        {"net.trunk", "impoola", RB_TRUNK_IMPOOLA},
        {"net.init", "pytorch", RB_INIT_PYTORCH},
        {"net.init", "dopamine", RB_INIT_DOPAMINE},
        {"net.init", "lecun_normal", RB_INIT_LECUN_NORMAL},
        {"net.init", "he_normal", RB_INIT_HE_NORMAL},
        {"net.noisy", "off", RB_NOISY_OFF},
        {"net.noisy", "factorised", RB_NOISY_FACTORISED},
        {"net.noisy", "independent", RB_NOISY_INDEPENDENT},
        {"net.noisy_draws", "shared", RB_NOISY_DRAWS_SHARED},
        {"net.noisy_draws", "fresh", RB_NOISY_DRAWS_FRESH},
        {"agent.head", "auto", RB_HEAD_AUTO},
        {"agent.head", "scalar", RB_HEAD_SCALAR},
        {"agent.head", "categorical", RB_HEAD_CATEGORICAL},
        {"agent.head", "quantile", RB_HEAD_QUANTILE},
        {"agent.head", "implicit", RB_HEAD_IMPLICIT},
        {"agent.categorical_target", "project", RB_CATEGORICAL_PROJECT},
        {"agent.categorical_target", "hl_gauss", RB_CATEGORICAL_HL_GAUSS},
        {"agent.loss", "huber", RB_LOSS_HUBER},
        {"agent.loss", "squared", RB_LOSS_SQUARED},
        {"agent.loss", "half_squared", RB_LOSS_HALF_SQUARED},
        {"agent.priority", "kl", RB_PRIORITY_KL},
        {"agent.priority", "cross_entropy", RB_PRIORITY_CROSS_ENTROPY},
        {"compute.kernels", "auto", RB_KERNELS_AUTO},
        {"compute.kernels", "avx512", RB_KERNELS_AVX512},
        {"compute.kernels", "avx2", RB_KERNELS_AVX2},
        {"compute.kernels", "plain", RB_KERNELS_PLAIN},
        {"compute.precision", "auto", RB_PRECISION_AUTO},
        {"compute.precision", "f32", RB_PRECISION_F32},
        {"compute.precision", "bf16", RB_PRECISION_BF16},
        {"net.norm", "none", RB_NET_NORM_NONE},
        {"net.norm", "batch", RB_NET_NORM_BATCH},
        {"net.norm", "layer", RB_NET_NORM_LAYER},
        {"net.norm", "channel", RB_NET_NORM_CHANNEL},
        {"record.view", "overlay", RB_VIEW_OVERLAY},
        {"record.view", "plain", RB_VIEW_PLAIN},
        {"record.view", "pixels", RB_VIEW_PIXELS},
        {"explore.schedule", "linear", RB_EXPLORE_LINEAR},
        {"explore.schedule", "exponential", RB_EXPLORE_EXPONENTIAL},
        {"explore.by", "steps", RB_EXPLORE_BY_STEPS},
        {"explore.by", "updates", RB_EXPLORE_BY_UPDATES},
        {"explore.by", "episodes", RB_EXPLORE_BY_EPISODES},
        {"optim.kind", "adam", RB_OPTIM_ADAM},
        {"optim.kind", "rmsprop", RB_OPTIM_RMSPROP},
        {"optim.kind", "rmsprop_centered", RB_OPTIM_RMSPROP_CENTERED},
        {"optim.kind", "radam", RB_OPTIM_RADAM},
    };
    const int listed = sizeof choices / sizeof choices[0];
    rb_config *config = new_config();
    for (int i = 0; i < listed; i++) {
        taken(config, choices[i].key, choices[i].name);
        const rb_param *p = rb_table_find(choices[i].key);
        assert_int_equal(*(int32_t *)((char *)&config->params + p->offset), choices[i].position);
    }
    int there = 0; // and none is missing above
    for (int i = 0; i < rb_table_count(); i++) {
        const rb_param *p = rb_table_get(i);
        if (p->kind != RB_KIND_CHOICE) continue;
        there++;
        for (const char *c = p->choices; *c; c++) there += *c == '|';
    }
    assert_int_equal(there, listed);
    rb_config_destroy(config);
}

static void test_numbers_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *key, *written, *kept;
    } values[] = {
        {"replay.capacity", "50k", "50000"},
        {"run.max_steps", "1M", "1000000"},
        {"run.max_steps", "1e6", "1000000"},
        {"run.max_steps", "2_000_000", "2000000"},
        {"optim.learning_rate", "6.25e-5", "6.25e-05"},
        {"agent.gamma", "0.1", "0.1"},
        {"optim.epsilon", "0.0003125", "0.0003125"},
        {"net.dueling", "yes", "true"},
        {"net.dueling", "off", "false"},
        {"agent.v_min", "-10", "-10"},
    };
    rb_config *config = new_config();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(rb_config_set(config, values[i].key, values[i].written, NULL, NULL), RB_OK);
        assert_string_equal(value_of(config, values[i].key), values[i].kept);
    }
    rb_config_destroy(config);
}

static void test_errors_say_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *origin, *sentence;
    } errors[] = {
        {"replay.capacity", "5", "atari.ini:12",
         "atari.ini:12: replay.capacity = 5: must be between 100 and 1,000,000,000 steps"},
        {"agent.gamma", "1.5", NULL, "agent.gamma = 1.5: must be between 0 and 1"},
        {"agent.gamma", "much", "", "agent.gamma = much: must be a number between 0 and 1"},
        {"agent.batch", "1.5", "x",
         "x: agent.batch = 1.5: must be a whole number between 1 and 4,096 samples"},
        {"optim.kind", "sgd", "x", "x: optim.kind = sgd: must be adam, rmsprop, rmsprop_centered or radam"},
        {"env.reward", "clip", "x", "x: env.reward = clip: must be raw, sign or frame_signs"},
        {"net.dueling", "2", "x", "x: net.dueling = 2: must be true or false"},
        {"run.note", "a\nb", NULL, "run.note = a\nb: must be one line without control characters"},
        {"replay.capacty", "5", "x", "x: no parameter replay.capacty; did you mean replay.capacity?"},
        {"gamma", "5", "x", "x: no parameter gamma; did you mean agent.gamma?"},
        {"optim.gamma", "5", "x", "x: no parameter optim.gamma; did you mean agent.gamma?"},
        {"agent.learning_rat", "5", "x",
         "x: no parameter agent.learning_rat; did you mean optim.learning_rate?"},
        {"zzz.qqqqqq", "5", "x", "x: no parameter zzz.qqqqqq; `rainbow params` lists them"},
        {"run.preset", "rainbw", "x", "x: no preset rainbw; did you mean rainbow?"},
        {"run.preset", "zzzzzz", NULL, "no preset zzzzzz; `rainbow presets` lists them"},
    };
    rb_config *config = new_config();
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        rb_error error = {0};
        assert_int_equal(rb_config_set(config, errors[i].key, errors[i].value, errors[i].origin, &error),
                         RB_ERR_USAGE);
        assert_int_equal(error.status, RB_ERR_USAGE);
        expect_error(&error, errors[i].sentence);
    }
    char text[8];
    rb_error error = {0};
    assert_int_equal(rb_config_get(config, "run.sed", text, sizeof text, &error), RB_ERR_USAGE);
    expect_error(&error, "no parameter run.sed; did you mean run.seed?");
    rb_config_destroy(config);
}

static void test_a_text_that_is_too_long(void **state)
{
    (void)state;
    char text[RB_TEXT_MAX + 1];
    memset(text, 'a', sizeof text);
    rb_config *config = new_config();
    text[RB_TEXT_MAX] = 0;
    assert_int_equal(rb_config_set(config, "run.note", text, NULL, NULL), RB_ERR_USAGE);
    text[RB_TEXT_MAX - 1] = 0;
    taken(config, "run.note", text);
    rb_config_destroy(config);
}

static void test_resume_keeps_what_must_stay(void **state)
{
    (void)state;
    rb_config *then = new_config(), *now = NULL;
    int may = 0, may_not = 0;
    for (int i = 0; i < rb_table_count(); i++) {
        const rb_param *p = rb_table_get(i);
        assert_int_equal(rb_config_copy(&now, then, NULL), RB_OK);
        const char *values[] = {"1", "2", "true", "false"};
        for (int v = 0; v < 4 && rb_value_equal(p, &then->params, &now->params); v++)
            (void)rb_config_note(now, p->key, values[v], NULL, NULL);
        int32_t *choice = (int32_t *)((char *)&now->params + p->offset);
        if (p->kind == RB_KIND_CHOICE) *choice = !*choice;
        if (p->kind == RB_KIND_INT && rb_value_equal(p, &then->params, &now->params))
            *(int64_t *)((char *)&now->params + p->offset) += 1;
        if (p->kind == RB_KIND_REAL && rb_value_equal(p, &then->params, &now->params))
            *(double *)((char *)&now->params + p->offset) += 0.25;
        assert_false(rb_value_equal(p, &then->params, &now->params));
        rb_error error = {0};
        rb_status status = rb_config_check_resume(then, now, &error);
        assert_int_equal(status, rb_param_get(i)->resume ? RB_OK : RB_ERR_USAGE);
        if (status) assert_memory_equal(error.message, p->key, strlen(p->key));
        *(status ? &may_not : &may) += 1;
        rb_config_destroy(now);
    }
    assert_true(may > 5 && may_not > 40);

    assert_int_equal(rb_config_copy(&now, then, NULL), RB_OK);
    rb_error error = {0};
    taken(now, "agent.gamma", "0.5");
    assert_int_equal(rb_config_check_resume(then, now, &error), RB_ERR_USAGE);
    expect_error(&error, "agent.gamma = 0.5: the run was made with 0.99, which cannot change on resume");
    rb_config_destroy(now);
    rb_config_destroy(then);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_default_is_within_its_range),
        cmocka_unit_test(test_every_key_is_there_once),
        cmocka_unit_test(test_every_number_is_held_to_its_limits),
        cmocka_unit_test(test_every_choice_and_switch),
        cmocka_unit_test(test_words_for_off),
        cmocka_unit_test(test_choices_stand_in_the_order_of_their_names),
        cmocka_unit_test(test_numbers_as_people_write_them),
        cmocka_unit_test(test_errors_say_what_was_expected),
        cmocka_unit_test(test_a_text_that_is_too_long),
        cmocka_unit_test(test_resume_keeps_what_must_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
