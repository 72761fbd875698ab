// Every preset starts, trains, stops and resumes bit-identically, and its weights play.
#include "train/run_fixture.h"

#include "base/text.h"
#include "io/video.h"
#include "train/run_state.h"

// The preset with its own layers, batch, optimiser and switches; only numbers of steps and games, memory and
// wide layers are small: with RB_LONG they are as wide as they are, most of which is files and first weights.
static rb_config *tiny(const rb_preset_info *preset)
{
    rb_config *config = CONFIGURE(
        rb_text_starts(preset->env, "gym/") ? "acrobot" : preset->env, "--preset", preset->name,
        "--run.max_steps=72", "--env.max_episode_steps=27", "--replay.capacity=800", "--agent.start_steps=32",
        "--agent.update_every_steps=12", "--agent.updates=1", "--eval.episodes=1",
        "--eval.max_episode_steps=30", "--compute.threads=1", "--tensorboard.pictures=0");
    if (config->params.agent.rollout_steps) { // of many environments: rollouts of 24 steps
        set(config, "env.count", "4");
        set(config, "agent.rollout_steps", "6");
        set(config, "agent.minibatches", "5");
    }
    if (config->params.env.count > 8) set(config, "env.count", "4");
    if (config->params.agent.batch > 64)
        set(config, "agent.batch", config->params.agent.batch > 128 ? "8" : "64");
    if (config->params.net.hidden > 64 && !getenv("RB_LONG")) set(config, "net.hidden", "64");
    if (rb_video_check(NULL)) set(config, "record.every_episodes", "0");
    return config;
}

static void try_preset(const rb_preset_info *info)
{
    const char *preset = info->name;
    rb_error error = {0};
    rb_config *config = tiny(info);
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s: %s", preset, error.message);
    if (!rb_agent_updates(run->agent)) fail_msg("%s: learned nothing", preset);
    const uint64_t straight = hash_of(run);
    rb_run_destroy(run);

    char directory[RB_PATH_MAX];
    run = create(config);
    if (rb_loop(run, 48, &error)) fail_msg("%s: %s", preset, error.message);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error) || rb_run_train(run, &error))
        fail_msg("%s: %s", preset, error.message);
    if (hash_of(run) != straight) fail_msg("%s: stopped and resumed is not what never stopped is", preset);
    rb_run_destroy(run);
    rb_config_destroy(config);

    const rb_eval_options options = {.episodes = 2, .epsilon = 0.5, .seed = 3, .threads = 1};
    rb_eval_result result;
    if (rb_evaluate(directory, &options, &result, &error)) fail_msg("%s: %s", preset, error.message);
    assert_int_equal(result.step, 72);
    assert_in_range(result.lengths[0], 1, 30);
    rb_eval_result_free(&result);
    assert_int_equal(rb_file_remove_tree(directory, NULL), RB_OK);
}

static void test_every_preset(void **state)
{
    (void)state;
    for (int i = 0; i < rb_preset_count(); i++) try_preset(rb_preset_get(i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_preset)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
