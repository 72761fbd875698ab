// A run: created from its settings or from its directory, trained, destroyed.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/text.h"
#include "config/trust.h"
#include "env/plugin_call.h"
#include "env/vector_spec.h"
#include "io/no_run.h"
#include "rollout/agent_spec.h"
#include "rollout/compute_spec.h"
#include "rollout/init_weights.h"
#include "rollout/policy.h"
#include "rollout/saved.h"
#include "train/advice.h"
#include "train/begin_again.h"
#include "train/best.h"
#include "train/checkpoint.h"
#include "train/disk_plan.h"
#include "train/ending.h"
#include "train/full_disk.h"
#include "train/memory_plan.h"
#include "learner/device_spec.h"
#include "learner/replay_spec.h"
#include "train/rescue.h"
#include "train/run_directory.h"
#include "train/run_links.h"
#include "train/run_recording.h"
#include "train/run_settings.h"
#include "train/run_state.h"
#include "train/scratch.h"

static void hand_message(void *context, rb_log_level level, const char *message)
{
    rb_run *run = context;
    const rb_run_hooks *hooks = &run->hooks;
    if (level == RB_LOG_DETAIL && hooks->detail) hooks->detail(hooks->context, message);
    if (level != RB_LOG_DETAIL && hooks->message)
        hooks->message(hooks->context, level == RB_LOG_WARNING, message);
}

static rb_status run_alloc(rb_run **out, const rb_config *config, const rb_run_hooks *hooks, rb_error *error)
{
    rb_run *run = calloc(1, sizeof *run);
    if (!run) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a run");
    run->lock = run->home = -1;
    run->saved_step = run->evaluated_step = run->tried_step = run->returned_step = -1;
    run->fresh = true;
    run->best_mean = NAN;
    if (hooks) run->hooks = *hooks;
    run->stop = run->hooks.stop ? run->hooks.stop : &run->own_stop;
    run->began_seconds = rb_clock_seconds();
    run->log = (rb_log){hand_message, run};
    rb_status status = rb_config_copy(&run->config, config, error);
    if (!status) run->params = &run->config->params;
    run->picture.on = !status && run->params->plot.enabled;
    *out = run;
    return status;
}

static void learned(void *context, const rb_learned *learned)
{
    rb_run *run = context;
    rb_metrics_learned(run->metrics, learned);
    rb_advice_support(&run->support, run, learned);
}

static void target_updated(void *context)
{
    rb_episodes_target(context);
}

// Makes everything in memory. The plan comes first: nothing large is allocated before it is known to fit.
static rb_status build(rb_run *run, rb_error *error)
{
    const rb_params *p = run->params;
    int threads = p->compute.threads ? (int)p->compute.threads : rb_cpu_get()->cores;
    rb_vector_spec vector = rb_vector_spec_make(p, (uint64_t)p->run.seed, (int)p->env.count);
    vector.threads = threads;
    vector.log = &run->log;
    vector.stop = run->stop;
    rb_status status = rb_run_recording_check(p, error);
    if (!status) status = rb_arena_create(&run->arena, error);
    if (!status) status = rb_pool_create(&run->pool, threads, error);
    if (!status) status = rb_device_make(&run->device, p, error);
    const rb_compute_params beside = rb_beside_device(&p->compute, run->device);
    if (!status) status = rb_compute_make(&run->compute, &beside, run->pool, run->arena, error);
    if (!status) status = rb_vector_create(&run->envs, &vector, run->arena, error);
    if (status) return status;

    int streams = (int)p->env.count;
    const rb_env_spec *env = rb_vector_env_spec(run->envs);
    const int stack = rb_vector_stack(run->envs);
    const rb_replay_spec replay = rb_replay_spec_make(p, env, stack);
    rb_agent_spec agent = rb_agent_spec_make(p, env, stack, rb_largest_streams(p));
    agent.device = run->device;
    const rb_memory_plan plan = rb_memory_plan_make(p, &replay, &agent);
    double available = rb_cpu_memory_available();
    status = rb_memory_plan_check(&plan, &replay, available, error);
    if (!status) status = rb_replay_create(&run->replay, &replay, run->arena, error);
    if (!status) status = rb_agent_create(&run->agent, &agent, run->compute, run->arena, error);
    if (!status) status = rb_metrics_create(&run->metrics, streams, run->arena, error);
    if (status) return status;

    run->rom_checksum = rb_rom_checksum(p);
    rb_stepper_init(&run->stepper, run, run->arena);
    run->actions = RB_TAKE(run->arena, int32_t, streams);
    run->explore_rng = RB_TAKE(run->arena, rb_rng, streams);
    rb_episodes_init(&run->episodes, streams, run->arena);
    run->game_began = RB_TAKE(run->arena, int64_t, streams);
    status = rb_arena_check(run->arena, error);
    if (status) return status;
    for (int i = 0; i < streams; i++)
        run->explore_rng[i] = rb_rng_stream((uint64_t)p->run.seed, RB_RNG_EXPLORE, (uint64_t)i);
    status = rb_learning_init(&run->learning, p, run->agent, run->replay, run->arena, error);
    if (status) return status;
    run->learning.stop = run->stop;
    run->learning.context = run;
    run->learning.learned = learned;
    run->learning.target = target_updated;

    char memory[512];
    rb_memory_plan_text(&plan, &replay, available, memory, sizeof memory);
    char parameters[32], masks[64] = "", device[320];
    rb_device_memory_text(run->device, device, sizeof device);
    if (env->masks) snprintf(masks, sizeof masks, "; action masks of %d actions", env->actions);
    rb_text_thousands(parameters, sizeof parameters, rb_net_parameters(rb_agent_seen(run->agent)));
    snprintf(run->plan, sizeof run->plan, "%s%s\nnetwork: %s trainable parameters; %s: %s, %d thread%s%s",
             memory, device, parameters, run->device ? "device" : "kernels",
             rb_computed_by(run->device, rb_compute_kernels(run->compute)), threads, threads == 1 ? "" : "s",
             masks);
    rb_net_table(rb_agent_seen(run->agent), run->network, sizeof run->network);
    return RB_OK;
}

rb_status rb_run_create(rb_run **out, const rb_config *config, const rb_run_hooks *hooks, rb_error *error)
{
    rb_run *run = NULL;
    rb_status status = run_alloc(&run, config, hooks, error);
    if (!status && !*run->params->run.env)
        status = rb_error_set(error, RB_ERR_USAGE, "no environment was named (`rainbow envs` lists them)");
    if (!status) status = rb_config_check(run->config, error);
    if (!status) status = rb_run_directory_claim(run, error);
    if (!status) status = build(run, error);
    if (!status) status = rb_init_weights_begin(run->agent, run->config, &run->log, error);
    if (!status) status = rb_run_directory_begin(run, error);
    if (!status) status = rb_metrics_open(run->metrics, run, false, error);
    if (!status) status = rb_event_log_open(&run->events, run, false, error);
    if (!status) status = rb_scratch_open(run, error);
    if (!status) rb_advice_run(run);
    if (status) {
        rb_run_directory_release(run);
        rb_run_destroy(run);
        run = NULL;
    }
    *out = run;
    return status;
}

rb_status rb_run_claim(const rb_config *config, char *directory, size_t bytes, rb_error *error)
{
    rb_run *run = NULL;
    rb_status status = run_alloc(&run, config, NULL, error);
    if (!status) status = rb_config_check(run->config, error);
    if (!status) status = rb_policy_check_file(run->config, error);
    if (!status) status = rb_run_directory_claim(run, error);
    if (!status && !rb_text_copy(directory, bytes, run->directory))
        status = rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", run->directory);
    if (!status) status = rb_run_directory_begin(run, error);
    if (status) rb_run_directory_release(run);
    rb_run_destroy(run);
    return status;
}

static rb_status check_is_run(const char *directory, const char *config, rb_error *error)
{
    char weights[RB_PATH_MAX];
    rb_status status = rb_path_join(weights, sizeof weights, directory, "weights.safetensors", error);
    if (status) return status;
    if (rb_file_exists(weights))
        return rb_error_set(error, RB_ERR_USAGE,
                            "%s: is a checkpoint; --resume takes the run's directory, two levels above, and "
                            "resumes its newest checkpoint",
                            directory);
    if (rb_file_exists(config)) return RB_OK;
    if (rb_file_is_directory(directory) && rb_run_directory_is_remains(directory))
        return rb_error_set(
            error, RB_ERR_FILE,
            "%s: has no config.ini: a process was killed before it had begun this run, so nothing "
            "is lost; start the run again, with --run.name to use this directory",
            directory);
    return rb_no_run(directory, "a run's directory", error);
}

// *then, *saved: the run's config.ini and the settings in its newest checkpoint, which agree. The caller
// frees both, also after an error.
static rb_status read_settings(rb_config **out, rb_config **then, rb_saved_settings *saved,
                               const char *directory, int change_count, const char *const *changes,
                               rb_error *error)
{
    char path[RB_PATH_MAX];
    *out = *then = NULL;
    *saved = (rb_saved_settings){0};
    rb_status status = rb_path_join(path, sizeof path, directory, "config.ini", error);
    if (!status) status = check_is_run(directory, path, error);
    if (!status) status = rb_config_create(then, error);
    if (!status) status = rb_run_config_read(*then, path, error);
    if (!status) status = rb_saved_settings_read(saved, directory, error);
    if (!status) status = rb_saved_settings_check(saved, *then, path, error);
    if (!status) status = rb_config_copy(out, *then, error);
    if (!status) status = rb_config_arguments(*out, change_count, changes, error);
    if (!status) status = rb_config_check_resume(*then, *out, error);
    if (status) rb_config_destroy(*out);
    if (status) *out = NULL;
    return status;
}

rb_status rb_run_settings(rb_config **out, const char *directory, int change_count,
                          const char *const *changes, rb_error *error)
{
    rb_config *then;
    rb_saved_settings saved;
    rb_status status = read_settings(out, &then, &saved, directory, change_count, changes, error);
    rb_config_destroy(then);
    rb_saved_settings_free(&saved);
    return status;
}

// `begun`: the run has a checkpoint to continue from.
static rb_status continue_run(rb_run *run, bool begun, const rb_saved_settings *saved, const rb_config *then,
                              bool changed, rb_error *error)
{
    char path[RB_PATH_MAX];
    run->settings_then = saved;
    rb_status status = rb_run_links_check(run->directory, run->params->record.directory, error);
    if (!status) status = rb_run_directory_lock(run, error);
    if (!status) status = build(run, error);
    if (!status)
        status = begun ? rb_checkpoint_load(run, error)
                       : rb_init_weights_begin(run->agent, run->config, &run->log, error);
    if (!status && begun) rb_saved_settings_tell(saved, run, then);
    if (!status && !begun) status = rb_begin_again(run, error);
    if (!status) status = rb_metrics_open(run->metrics, run, begun, error);
    if (!status && begun) rb_run_evaluated(run);
    if (!status && begun) rb_advice_resumed(run);
    if (!status) status = rb_event_log_open(&run->events, run, begun, error);
    if (!status) status = rb_scratch_open(run, error);
    run->settings_then = NULL;
    if (!status) status = rb_best_open(run, error);
    if (!status) status = rb_path_join(path, sizeof path, run->directory, "config.ini", error);
    rb_trust_keep();
    if (!status && changed) status = rb_ending_forget(run, error); // it may have another end now
    if (!status && changed) status = rb_config_write(run->config, path, error);
    return status;
}

rb_status rb_run_resume(rb_run **out, const char *directory, int change_count, const char *const *changes,
                        const rb_run_hooks *hooks, rb_error *error)
{
    rb_config *config, *then;
    rb_saved_settings saved;
    rb_run *run = NULL;
    char checkpoint[RB_PATH_MAX];
    bool begun = true;
    rb_status status = read_settings(&config, &then, &saved, directory, change_count, changes, error);
    if (!status) { // checked before minutes are spent on building
        status = rb_checkpoint_find(checkpoint, sizeof checkpoint, directory, true, error);
        begun = status != RB_ERR_MISSING; // false: killed before its first checkpoint, or not started
        if (!begun) status = RB_OK;
        if (!begun && error) *error = (rb_error){0};
        if (!begun) status = rb_begin_again_check(directory, error);
    }
    if (!status) status = run_alloc(&run, config, hooks, error);
    if (!status && !rb_text_copy(run->directory, sizeof run->directory, directory))
        status = rb_error_set(error, RB_ERR_FILE, "%.80s...: the path is too long", directory);
    if (!status) status = continue_run(run, begun, &saved, then, change_count > 0, error);
    rb_config_destroy(config);
    rb_config_destroy(then);
    rb_saved_settings_free(&saved);
    if (status) {
        rb_run_destroy(run);
        run = NULL;
    }
    *out = run;
    return status;
}

void rb_run_destroy(rb_run *run)
{
    if (!run) return;
    rb_gnuplot_stop(&run->picture.plot);
    rb_checkpoint_close(run);
    rb_scratch_close(run);
    rb_metrics_destroy(run->metrics);
    rb_event_log_close(run->events);
    rb_vector_destroy(run->envs);
    rb_device_destroy(run->device);
    rb_pool_destroy(run->pool);
    rb_arena_destroy(run->arena);
    rb_run_directory_unlock(run);
    rb_config_destroy(run->config);
    free(run);
}

// Saves the run as it is between two turns, whatever happened. A run that was stopped before its first step
// has nothing to save: it begins when it is resumed. `gone`: the run's directory was deleted, which is a
// failure even though the run is saved elsewhere.
static rb_status save(rb_run *run, rb_error *gone, rb_error *error)
{
    enum {
        TRIES = 3
    }; // one may report the failure of the checkpoint before, one a directory deleted meanwhile
    rb_status status = RB_OK;
    for (int i = 0; i < TRIES && !run->fresh && (status || !i); i++) {
        if (rb_rescue_if_deleted(run, gone)) run->failed = true;
        status = rb_checkpoint_whole(run, error);
        if (!status) status = rb_run_directory_follow(run, error);
    }
    if (!status) status = rb_scratch_return(run, error);
    if (!status) run->returned_step = run->saved_step;
    return status;
}

// After a failure.
static void tell_what_is_saved(const rb_run *run, rb_status saved, const rb_error *why)
{
    char word[RB_TEXT_WORD_MAX];
    if (run->fresh) return;
    rb_text_shell(word, sizeof word, run->directory);
    if (!saved)
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "the run is saved at step %" PRId64 "; `rainbow train --resume %s` resumes it there%s",
                     run->step, word,
                     rb_vector_resumes(run->envs) ? ", with a new game where an environment failed" : "");
    else if (run->saved_step >= 0)
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s; the newest checkpoint is of step %" PRId64 ", so %" PRId64 " steps are lost",
                     why->message, run->saved_step, run->step - run->saved_step);
    else
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s; there is no checkpoint, so all %" PRId64 " steps are lost", why->message,
                     run->step);
}

static rb_status sync_tables(rb_run *run, const void *context, rb_error *error)
{
    (void)context;
    return rb_metrics_sync(run->metrics, error);
}

// The end of the run, once it is saved: a last evaluation, and the reason.
static rb_status finish(rb_run *run, rb_ending ending, rb_error *error)
{
    rb_status status = rb_run_evaluate_last(run, error);
    if (!status) status = rb_full_disk_rows(run, rb_event_log_finished(run->events, run, error), error);
    return status ? status : rb_ending_tell(run, ending, error);
}

rb_status rb_run_train(rb_run *run, rb_error *error)
{
    RB_CPU_FLUSH_DENORMALS;
    rb_status status = rb_ending_forget(run, error);
    if (status) return status;
    rb_disk_plan_warn(run);
    rb_metrics_begin(run->metrics, run);
    status = rb_loop(run, run->params->run.max_steps, error);
    rb_metrics_clock(run->metrics, false);
    run->failed = status && status != RB_INTERRUPTED;
    rb_error why = {0}, gone = {0};
    const rb_status saved = save(run, &gone, &why);
    if (gone.status &&
        (!status || status == RB_INTERRUPTED || status == RB_ERR_FILE)) // the reason of them all
        status = rb_error_set(error, gone.status, "%s", gone.message);
    // A run whose last updates are still to be made has not ended.
    const bool complete = !rb_learning_owes(&run->learning);
    const rb_ending ending = status || !complete ? RB_GOING : rb_run_ending(run);
    if (run->failed) tell_what_is_saved(run, saved, &why);
    if (saved && !run->failed) status = rb_error_set(error, saved, "%s", why.message);
    if (!status && ending != RB_GOING) status = finish(run, ending, error);
    rb_metrics_progress(run->metrics, run, true, NULL);
    if (!status) status = rb_full_disk_try(run, sync_tables, NULL, error);
    rb_checkpoint_end(run);
    rb_run_picture_end(run, *run->stop ? 2 : 20);
    if (!status && ending == RB_GOING) status = RB_INTERRUPTED;
    if (status == RB_INTERRUPTED) rb_error_set(error, status, "stopped at step %" PRId64, run->step);
    return status;
}

void rb_run_stop(rb_run *run)
{
    *run->stop = 1;
}
void rb_run_unsaved(const rb_run *run, int64_t *step, int64_t *saved)
{
    *step = run->step;
    *saved = *run->scratch ? run->returned_step : rb_checkpoint_whole_step(run);
}
bool rb_run_saving(const rb_run *run)
{
    return rb_checkpoint_is_writing(run);
}
const char *rb_env_running(const char **function)
{
    return rb_plugin_running(function);
}
void rb_env_leave(int status)
{
    rb_plugin_leave(status);
}
const char *rb_run_directory(const rb_run *run)
{
    return run->directory;
}
const char *rb_run_plan(const rb_run *run)
{
    return run->plan;
}
const char *rb_run_network(const rb_run *run)
{
    return run->network;
}
