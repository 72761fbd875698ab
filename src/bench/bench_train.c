// Times whole trainings: the run and its loop as in `train`, in a temporary directory that is removed, from
// the moment at which every turn has an update.
//
// The distribution of time is measured from outside: the processor time the process used, compared with what
// its threads could have used. A thread that spins while it has nothing to do counts as running.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/cpu_time.h"
#include "base/file.h"
#include "base/sort.h"
#include "learner/device_spec.h"
#include "rainbow/bench.h"
#include "train/run_directory.h"
#include "train/run_state.h"

enum { PIECES_MOST = 1000 };
static const double piece_seconds =
    0.5; // per piece of a measurement; the median of the pieces ignores brief load

// The caller's settings, reduced to playing and learning, and without an end of the run.
static rb_status prepare(rb_config **out, const rb_config *config, const char *root, rb_error *error)
{
    const char *const settings[][2] = {{"run.root", root},
                                       {"run.name", "bench"},
                                       {"eval.every_steps", "0"},
                                       {"eval.every_episodes", "0"},
                                       {"checkpoint.every_steps", "0"},
                                       {"checkpoint.every_episodes", "0"},
                                       {"record.every_steps", "0"},
                                       {"record.every_episodes", "0"},
                                       {"run.max_episodes", "0"},
                                       {"run.max_lives", "0"},
                                       {"run.print_episodes", "none"},
                                       {"run.max_minutes", "0"},
                                       {"run.stop_evaluations", "0"},
                                       {"run.max_steps", "1000000000"}};
    rb_status status = rb_config_copy(out, config, error);
    for (size_t i = 0; !status && i < sizeof settings / sizeof *settings; i++)
        status = rb_config_set(*out, settings[i][0], settings[i][1], "benchmark", error);
    return status;
}

static rb_status make_root(char *root, size_t bytes, rb_error *error)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(root, bytes, "%s/rainbow-bench-XXXXXX", parent && *parent ? parent : "/tmp");
    if (length > 0 && (size_t)length < bytes && mkdtemp(root)) return RB_OK;
    return rb_error_set(error, RB_ERR_FILE,
                        "%s: the directory for the benchmark's run could not be created there",
                        parent && *parent ? parent : "/tmp");
}

// The unit of a piece's length, in steps: whole vector steps and whole turns of updates (their least common
// multiple), or whole rollouts.
static int64_t unit_steps(const rb_run *run)
{
    if (run->params->agent.rollout_steps)
        return run->params->agent.rollout_steps * rb_vector_count(run->envs);
    int64_t a = run->params->agent.update_every_steps, b = rb_vector_count(run->envs);
    const int64_t product = a * b;
    while (b) {
        const int64_t left = a % b;
        a = b, b = left;
    }
    return product / a;
}

static rb_status measure(rb_run *run, double seconds, rb_bench_train_result *out, rb_error *error)
{
    const int64_t unit = unit_steps(run), first_step = run->step,
                  first_update = (int64_t)rb_agent_updates(run->agent);
    double speeds[PIECES_MOST];
    int pieces = 0;
    int64_t piece = unit;
    rb_status status = RB_OK;
    const rb_cpu_time cpu = rb_cpu_time_now();
    const double start = rb_clock_seconds();
    double now = start;
    while (!status && now - start < seconds && pieces < PIECES_MOST) {
        const double before = now;
        const int64_t step = run->step;
        status = rb_loop(run, step + piece, error);
        now = rb_clock_seconds();
        const double speed = (double)(run->step - step) / (now - before);
        speeds[pieces++] = speed;
        piece = ((int64_t)(speed * fmax(piece_seconds, 2 * seconds / PIECES_MOST)) / unit + 1) * unit;
    }
    const double wall = now - start;
    if (status) return status;
    const rb_cpu_shares shares = rb_cpu_shares_since(&cpu, wall, out->threads);
    rb_sort_ascending(speeds, pieces);
    out->steps = run->step - first_step;
    out->updates = (int64_t)rb_agent_updates(run->agent) - first_update;
    out->seconds = wall;
    out->steps_per_second = (double)out->steps / wall;
    out->median_steps_per_second = speeds[pieces / 2];
    out->fastest_steps_per_second = speeds[pieces - 1];
    out->updates_per_second = (double)out->updates / wall;
    out->running_share = shares.running, out->queued_share = shares.queued;
    out->stolen_share = shares.stolen, out->waiting_share = shares.waiting;
    return RB_OK;
}

// Trains until every turn has updates, and a little longer: caches, pages of replay, clock rate. Not longer
// than that: one update of a large network may take many seconds.
static rb_status warm_up(rb_run *run, double seconds, rb_error *error)
{
    const int64_t unit = unit_steps(run), start_steps = run->params->agent.start_steps,
                  batch = run->params->agent.batch, filled = start_steps > batch ? start_steps : batch;
    rb_status status = rb_loop(run, filled + unit, error);
    const double start = rb_clock_seconds();
    while (!status && (rb_clock_seconds() - start < seconds || !rb_agent_updates(run->agent)))
        status = rb_loop(run, run->step + unit, error);
    return status;
}

rb_status rb_bench_train(const rb_config *config, const rb_bench_train_options *options,
                         rb_bench_train_result *out, rb_error *error)
{
    if (!(options->seconds > 0) || !(options->warmup_seconds >= 0))
        return rb_error_set(error, RB_ERR_USAGE,
                            "the measured seconds must be above 0, and the warm-up's at least 0");
    RB_CPU_FLUSH_DENORMALS;
    char root[RB_PATH_MAX];
    rb_config *settings = NULL;
    rb_run *run = NULL;
    *out = (rb_bench_train_result){0};
    rb_status status = make_root(root, sizeof root, error);
    if (status) return status;
    status = prepare(&settings, config, root, error);
    if (!status) status = rb_run_create(&run, settings, NULL, error);
    // Its tables stay open and are written without their names: nothing is left behind, however this ends.
    if (!status) rb_run_directory_leave(run);
    rb_status removed = rb_file_remove_tree(root, status ? NULL : error);
    if (!status) status = removed;
    if (!status) {
        const rb_params *p = run->params;
        out->threads = p->compute.threads ? (int)p->compute.threads : rb_cpu_get()->cores;
        out->environments = (int)p->env.count;
        snprintf(out->kernels, sizeof out->kernels, "%s",
                 rb_computed_by(run->device, rb_compute_kernels(run->compute)));
        snprintf(out->env, sizeof out->env, "%s", p->run.env);
        status = warm_up(run, options->warmup_seconds, error);
    }
    if (!status) status = measure(run, options->seconds, out, error);
    rb_run_destroy(run);
    rb_config_destroy(settings);
    return status;
}
