// The settings inside a checkpoint: a config.ini that no longer belongs to the state is rejected with both
// values, whichever parameter it is; so is another environment. What may change is reported.
#include "train/run_fixture.h"

#include "base/visit.h"
#include "config/table.h"
#include "train/run_state.h"

static char directory[RB_PATH_MAX], settings_path[RB_PATH_MAX + 16];

static rb_config *tiny(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=200", "--replay.capacity=400",
                     "--agent.start_steps=100", "--agent.batch=8", "--eval.every_steps=0",
                     "--eval.episodes=1", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
}

static void trained(rb_config *config)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    snprintf(settings_path, sizeof settings_path, "%s/config.ini", directory);
    rb_run_destroy(run);
}

static char said[8192];

static void hear(void *context, bool warning, const char *text)
{
    (void)context;
    const size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s%s\n", warning ? "W " : "", text);
}

// Resumes with one change or none; the status, with everything reported in `said`.
static rb_status resume(const char *change, rb_error *error)
{
    rb_run_hooks hooks = {.message = hear};
    rb_run *run;
    *said = 0;
    *error = (rb_error){0};
    const rb_status status = rb_run_resume(&run, directory, change != NULL, &change, &hooks, error);
    rb_run_destroy(run);
    return status;
}

static void refused(const char *part)
{
    rb_error error;
    assert_int_equal(resume(NULL, &error), RB_ERR_FORMAT);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
}

static void reported(const char *part)
{
    if (!strstr(said, part)) fail_msg("'%s' is not in: %s", part, said);
}

// Sets the parameter to a value that differs; false: none of these fits.
static bool change_it(rb_config *config, const rb_param_info *info)
{
    static const char *const values[] = {"1",  "2",    "0",  "3",    "0.5",   "0.25", "40",
                                         "50", "1000", "-5", "true", "false", "other"};
    char before[RB_TEXT_MAX], now[RB_TEXT_MAX], choice[RB_TEXT_MAX];
    rb_config_get(config, info->key, before, sizeof before, NULL);
    if (!strcmp(info->key, "compute.device")) return !rb_config_note(config, info->key, "auto", NULL, NULL);
    const char *choices = strcmp(info->kind, "choice") ? "" : info->range;
    for (const char *at = choices; *at;
         at += at[strcspn(at, "|")] == '|' ? strcspn(at, "|") + 1 : strlen(at)) {
        snprintf(choice, sizeof choice, "%.*s", (int)strcspn(at, "|"), at);
        if (strcmp(choice, before) && !rb_config_note(config, info->key, choice, NULL, NULL)) return true;
    }
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (rb_config_note(config, info->key, values[i], NULL, NULL)) continue;
        rb_config_get(config, info->key, now, sizeof now, NULL);
        if (strcmp(before, now)) return true;
    }
    return false;
}

// Every parameter of the table, edited in config.ini by hand.
static void test_every_edit(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config = tiny(), *made, *edited, *found;
    trained(config);
    rb_config_destroy(config);
    assert_int_equal(rb_config_create(&made, NULL), RB_OK);
    assert_int_equal(rb_config_read(made, settings_path, NULL), RB_OK);
    int rejected = 0;
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *info = rb_param_get(i);
        if (!strcmp(info->key, "run.preset")) continue;       // an unknown preset can't be read at all
        if (!strcmp(info->key, "replay.on_device")) continue; // needs a device, and says so
        assert_int_equal(rb_config_copy(&edited, made, NULL), RB_OK);
        if (!change_it(edited, info)) fail_msg("no other value for %s", info->key);
        assert_int_equal(rb_config_write(edited, settings_path, NULL), RB_OK);
        const rb_status status = rb_run_settings(&found, directory, 0, NULL, &error);
        char was[RB_TEXT_MAX], is[RB_TEXT_MAX];
        rb_config_get(made, info->key, was, sizeof was, NULL);
        rb_config_get(edited, info->key, is, sizeof is, NULL);
        if (status != (info->resume ? RB_OK : RB_ERR_FORMAT)) fail_msg("%s = %s: %d", info->key, is, status);
        if (status && (!strstr(error.message, info->key) || !strstr(error.message, was) ||
                       !strstr(error.message, is) || !strstr(error.message, "config.ini")))
            fail_msg("%s from %s to %s: %s", info->key, was, is, error.message);
        rejected += status != RB_OK;
        rb_config_destroy(found);
        rb_config_destroy(edited);
    }
    assert_true(rejected > 60);

    set(made, "run.max_episodes", "7"); // may change
    assert_int_equal(rb_config_write(made, settings_path, NULL), RB_OK);
    assert_int_equal(resume(NULL, &error), RB_OK);
    reported("config.ini: run.max_episodes = 7; the newest checkpoint was trained with 0");
    rb_config_destroy(made);
}

// Truncated at the end of a line, so that it still reads well; and that of another run.
static void test_truncated_and_swapped(void **state)
{
    (void)state;
    char *text;
    size_t bytes;
    rb_config *config = tiny();
    trained(config);
    assert_int_equal(rb_file_read(settings_path, &text, &bytes, NULL), RB_OK);
    char *end = strstr(text, "[agent]");
    assert_non_null(end);
    assert_int_equal(rb_file_write(settings_path, text, (size_t)(end - text), NULL), RB_OK);
    refused("can't change on resume (and ");
    refused("/checkpoints/step_000000000200/config.ini over this file");
    rb_error error;
    assert_int_equal(rb_file_write(settings_path, text, bytes, NULL), RB_OK);
    if (resume(NULL, &error)) fail_msg("%s", error.message);
    assert_string_equal(
        said, "the run has ended at step 200 by run.max_steps; a larger run.max_steps continues it\n");

    char swapped[RB_PATH_MAX + 16], first[RB_PATH_MAX];
    snprintf(swapped, sizeof swapped, "%s", settings_path);
    snprintf(first, sizeof first, "%s", directory);
    set(config, "run.env", "acrobot");
    trained(config);
    free(text);
    assert_int_equal(rb_file_read(settings_path, &text, &bytes, NULL), RB_OK);
    assert_int_equal(rb_file_write(swapped, text, bytes, NULL), RB_OK);
    snprintf(directory, sizeof directory, "%s", first);
    refused("run.env = acrobot, but the newest checkpoint was trained with cartpole");
    free(text);
    rb_config_destroy(config);
}

static void test_longer_runs_move_schedules(void **state)
{
    (void)state;
    rb_error error;
    rb_config *config = tiny();
    set(config, "optim.anneal", "true");
    set(config, "explore.share", "0.25");
    set(config, "explore.start", "1");
    set(config, "explore.end", "0.1");
    trained(config);
    assert_int_equal(resume("--run.max_steps=6000", &error), RB_OK);
    reported("W run.max_steps = 6000 instead of 200 moves schedules");
    reported("their values jump at step 200");
    reported("epsilon (explore.share) reaches explore.end by step 1,500 instead of 50");
    reported("beta (replay.beta_steps = 0) reaches replay.beta_end by step 6,000 instead of 200");
    reported("the learning rate (optim.anneal) reaches 0 by step 6,000 instead of 200");
    set(config, "optim.anneal", "false");
    set(config, "explore.share", "0");
    set(config, "replay.beta_steps", "100");
    set(config, "run.name", "fixed");
    trained(config);
    assert_int_equal(resume("--run.max_steps=6000", &error), RB_OK);
    assert_string_equal(said, "resumes at step 200\n");
    rb_config_destroy(config);
}

// An environment that changed under its name, and a ROM that did.
static void test_another_environment(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.env", RB_TEST_OWN "/faulty.so");
    trained(config);
    setenv("RB_TEST_ACTIONS", "3", 1);
    refused("/faulty.so: the number of actions is 3 now, but was 2 when the checkpoint was written");
    unsetenv("RB_TEST_ACTIONS");
    rb_error error;
    if (resume(NULL, &error)) fail_msg("%s", error.message);

    set(config, "run.env", "cartpole");
    set(config, "run.name", "rom");
    rb_run *run = create(config);
    run->rom_checksum = 1;
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    refused("the ROM has the checksum 0000000000000000 now, but had 0000000000000001");
    rb_config_destroy(config);
}

// A state as older versions wrote it, without these records.
static void test_state_of_an_older_version(void **state)
{
    (void)state;
    rb_error error;
    rb_config *config = tiny();
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    char path[RB_PATH_MAX + 64], kernels[16] = "";
    snprintf(path, sizeof path, "%s/checkpoints/step_000000000200/state.rb", directory);
    snprintf(kernels, sizeof kernels, "%s", rb_compute_kernels(run->compute));
    rb_visitor *v;
    assert_int_equal(rb_visitor_save(&v, path, NULL), RB_OK);
    rb_visit_open(v, "run");
    rb_visit_bytes(v, "kernels", kernels, sizeof kernels);
    rb_run_visit(run, v);
    rb_metrics_visit(run->metrics, v);
    rb_visit_close(v);
    assert_int_equal(rb_visitor_finish(v, NULL, NULL), RB_OK);
    rb_run_destroy(run);
    if (resume(NULL, &error)) fail_msg("%s", error.message);
    reported("W the newest checkpoint was written by an older version and holds no settings");
    rb_config_destroy(config);
}

// Writes the state of a run as an older program did, whose settings were `text`.
static void write_older(rb_run *run, char *text, size_t bytes, const char *path)
{
    static const char *const names[] = {"actions", "floats", "channels", "height", "width", "stack"};
    const rb_env_spec *env = rb_vector_env_spec(run->envs);
    int64_t facts[] = {env->actions, env->kind == RB_OBS_F32,   env->channels, env->height,
                       env->width,   rb_vector_stack(run->envs)};
    uint64_t rom = 0;
    char kernels[16] = "";
    rb_visitor *v;
    snprintf(kernels, sizeof kernels, "%s", rb_compute_kernels(run->compute));
    assert_int_equal(rb_visitor_save(&v, path, NULL), RB_OK);
    rb_visit_bytes(v, "settings", text, bytes);
    rb_visit_open(v, "environment");
    for (int i = 0; i < 6; i++) rb_visit_i64(v, names[i], &facts[i]);
    rb_visit_u64(v, "rom", &rom);
    rb_visit_close(v);
    rb_visit_open(v, "run");
    rb_visit_bytes(v, "kernels", kernels, sizeof kernels);
    rb_run_visit(run, v);
    rb_metrics_visit(run->metrics, v);
    rb_visit_close(v);
    assert_int_equal(rb_visitor_finish(v, NULL, NULL), RB_OK);
}

// Trains the run in `directory` up to 300 steps; the hash of its state.
static uint64_t train_longer(void)
{
    const char *const more[] = {"--run.max_steps=300"};
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory, 1, more, NULL, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    return hash;
}

// A run of a program that did not know some parameters, which neither its config.ini nor its state names: it
// goes on with what that program did, not with what the preset says today, and this is reported.
static void test_newer_parameters(void **state)
{
    (void)state;
    static const char *const newer[] = {"max_lives = ", "after_start = ", "noisy_draws = "};
    rb_error error;
    rb_config *config = CONFIGURE(
        "cartpole", "--preset=dqn", "--run.max_steps=200", "--replay.capacity=400", "--agent.start_steps=100",
        "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1", "--net.trunk=mlp", "--net.hidden=16",
        "--net.mlp=16", "--compute.threads=1", "--explore.after_start=false", "--explore.steps=250");
    char path[RB_PATH_MAX + 64], *text;
    size_t bytes;
    rb_run *run = create(config);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    snprintf(settings_path, sizeof settings_path, "%s/config.ini", directory);
    snprintf(path, sizeof path, "%s/checkpoints/step_000000000200/state.rb", directory);
    assert_int_equal(rb_config_text(run->config, &text, &bytes, NULL), RB_OK);
    for (int i = 0; i < 3; i++) {
        char *at = strstr(text, newer[i]);
        assert_non_null(at);
        *at = '#';
    }
    assert_int_equal(rb_file_write(settings_path, text, bytes, NULL), RB_OK);
    write_older(run, text, bytes, path);
    free(text);
    rb_run_destroy(run);
    if (resume(NULL, &error)) fail_msg("%s", error.message);
    reported("was written by an older version, which did not have all parameters; the run continues as it "
             "began: run.max_lives = 0, net.noisy_draws = shared, explore.after_start = false");
    const uint64_t hash = train_longer();
    if (resume(NULL, &error)) fail_msg("%s", error.message);
    assert_null(strstr(said, "older version")); // the new checkpoint names all

    set(config, "run.name", "as_it_began"); // the run that the older program would have made
    trained(config);
    assert_true(train_longer() == hash);
    rb_config_destroy(config);
}

// Other tools find the settings in the first record.
static void test_first_record(void **state)
{
    (void)state;
    rb_config *config = tiny();
    set(config, "run.note", "find me");
    trained(config);
    char path[RB_PATH_MAX + 64], record[32], *text;
    size_t bytes;
    snprintf(path, sizeof path, "%s/checkpoints/step_000000000200/state.rb", directory);
    assert_int_equal(rb_visit_head(path, record, sizeof record, 1 << 20, &text, &bytes, NULL), RB_OK);
    assert_string_equal(record, "settings");
    assert_non_null(strstr(text, "note = \"find me\""));
    free(text);
    // Too large, no state, no file.
    assert_int_equal(rb_visit_head(path, record, sizeof record, 100, &text, &bytes, NULL), RB_OK);
    assert_null(text);
    assert_int_equal(rb_visit_head(settings_path, record, sizeof record, 1 << 20, &text, &bytes, NULL),
                     RB_OK);
    assert_null(text);
    assert_string_equal(record, "");
    assert_int_equal(rb_visit_head("/no/such", record, sizeof record, 100, &text, &bytes, NULL), RB_ERR_FILE);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_edit, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_truncated_and_swapped, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_longer_runs_move_schedules, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_another_environment, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_state_of_an_older_version, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_newer_parameters, make_root, drop_root),
        cmocka_unit_test_setup_teardown(test_first_record, make_root, drop_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
