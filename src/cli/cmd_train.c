// rainbow train: a new run, or one that goes on; several of them are train_many.c's.
//
// The first SIGINT or SIGTERM asks the run to stop after its step, with a checkpoint; another one
// a second later or more ends the program. So does SIGHUP, of a terminal that has gone; but no second one of
// those, for shells and systems send it again.
#include "cli/jobs.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/terminal.h"

static rb_run *running; // set before the handlers are, and never changed while they are

// Some senders (timeout, a terminal's whole group) send a signal twice at once. So only a second later is the
// next one another.
static void end_at_once(int number)
{
    cli_terminal_restore();
    signal(number, SIG_DFL);
    raise(number);
}

static void allow_end(int alarm_signal)
{
    (void)alarm_signal;
    signal(SIGINT, end_at_once);
    signal(SIGTERM, end_at_once);
}

static volatile sig_atomic_t stopping;
static volatile sig_atomic_t told_by_panel; // which says so itself

static void stop_running(int stop_signal)
{
    (void)stop_signal;
    if (stopping) return;
    stopping = 1;
    static const char text[] = "\nrainbow: stopping with a checkpoint; once more stops at once\n";
    rb_run_stop(running);
    if (!told_by_panel && cli_talks != CLI_QUIET && write(STDERR_FILENO, text, sizeof text - 1) < 0) {
        // nothing can be done about it
    }
    alarm(1);
}

// A signal that was ignored from the start (a job that a script put into the background) stays so.
static void catch_signal(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT); // one handler at a time
    sigaddset(&action.sa_mask, SIGTERM);
    sigaddset(&action.sa_mask, SIGHUP);
    sigaddset(&action.sa_mask, SIGALRM);
    if (!sigaction(number, NULL, &before) && before.sa_handler == SIG_IGN) return;
    sigaction(number, &action, NULL);
}

static rb_status make_new(rb_run **run, int count, const char *const *words, const rb_run_hooks *hooks,
                          rb_error *error)
{
    rb_config *config = NULL;
    rb_status status = rb_config_create(&config, error);
    if (status == RB_OK) status = rb_config_arguments(config, count, words, error);
    if (status == RB_OK) status = rb_run_create(run, config, hooks, error);
    rb_config_destroy(config);
    return status;
}

// Those that differ from the defaults.
static void list_settings(const char *directory)
{
    rb_config *config = NULL;
    char value[600];
    if (rb_run_settings(&config, directory, 0, NULL, NULL)) return; // it trains all the same
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *info = rb_param_get(i);
        if (!rb_config_get(config, info->key, value, sizeof value, NULL) && strcmp(value, info->by_default))
            cli_note("  %s = %s", info->key, value);
    }
    rb_config_destroy(config);
}

static void print_end(const rb_progress *last)
{
    char steps[32];
    rb_text_thousands(steps, sizeof steps, last->step);
    printf("%s steps, %lld updates, %lld games in %.1f s, ended by %s", steps, (long long)last->updates,
           (long long)last->games, last->seconds, rb_ending_name(last->ended));
    if (!isnan(last->return_mean)) printf("; mean return of the last games %.2f", last->return_mean);
    if (!isnan(last->eval_mean)) printf("; evaluation mean %.2f", last->eval_mean);
    printf("\n");
}

// One run, which has the whole process. `words`: of a new run, or the changes of the one that goes on.
static int train_one(const char *resume, int count, const char *const *words)
{
    rb_error error = {0};
    rb_run *run = NULL;
    cli_progress progress = cli_progress_begin(&stopping);
    rb_run_hooks hooks = {&progress, cli_progress_show, cli_progress_message, cli_progress_detail};
    signal(SIGPIPE, SIG_IGN); // a reader that has gone (`| head -1`) is no reason to end a run
    rb_status made = resume ? rb_run_resume(&run, resume, count, words, &hooks, &error)
                            : make_new(&run, count, words, &hooks, &error);
    if (made != RB_OK) return cli_fail(&error);

    printf("%s\n", rb_run_directory(run));
    fflush(stdout);
    cli_note("%s", rb_run_plan(run));
    if (cli_talks == CLI_VERBOSE) list_settings(rb_run_directory(run));
    progress.name = rb_run_directory(run);
    running = run;
    told_by_panel = cli_terminal_is_ours();
    catch_signal(SIGALRM, allow_end);
    catch_signal(SIGINT, stop_running);
    catch_signal(SIGTERM, stop_running);
    catch_signal(SIGHUP, stop_running);
    rb_status trained = rb_run_train(run, &error);
    cli_progress_end(&progress);
    if (trained == RB_INTERRUPTED)
        cli_note("rainbow: interrupted; `rainbow train --resume %s` goes on", rb_run_directory(run));
    else if (trained != RB_OK)
        cli_fail(&error);
    else if (progress.any)
        print_end(&progress.last);
    alarm(0);
    signal(SIGINT, SIG_DFL); // there is nothing left to stop
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    rb_run_destroy(run);
    return trained == RB_OK ? CLI_DONE : trained == RB_INTERRUPTED ? CLI_INTERRUPTED : CLI_FAILED;
}

// The word is a run to go on with, and not the value of "--key value" before it.
static bool is_plain(const char *const *words, int i)
{
    return *words[i] != '-' && (i == 0 || strchr(words[i - 1], '=') || *words[i - 1] != '-');
}

// Sorts the words after --resume: runs to go on with, and changes.
static int resume_runs(const cli_command *command, const char *first, const char *jobs, int count,
                       const char *const *words)
{
    const char **runs = malloc((size_t)(count + 1) * sizeof *runs),
               **changes = malloc((size_t)(count + 1) * sizeof *changes);
    int run_count = 0, change_count = 0, status;
    if (runs) runs[run_count++] = first;
    for (int i = 0; runs && changes && i < count; i++)
        if (is_plain(words, i))
            runs[run_count++] = words[i];
        else
            changes[change_count++] = words[i];
    if (!runs || !changes)
        status = cli_no_memory();
    else if (run_count > 1)
        status = cli_resume_many(command, jobs, run_count, runs, change_count, changes);
    else if (jobs)
        status = cli_usage(command, "--jobs is for several runs: --resume RUN RUN ...");
    else
        status = train_one(first, change_count, changes);
    free(runs);
    free(changes);
    return status;
}

static int train(const cli_command *command, int count, const char *const *words)
{
    const char *resume = NULL, *seeds = NULL, *jobs = NULL;
    bool quiet = false, verbose = false;
    const cli_option options[] = {{.name = "resume", .value = &resume},  {.name = "seeds", .value = &seeds},
                                  {.name = "jobs", .value = &jobs},      {.name = "quiet", .flag = &quiet},
                                  {.name = "verbose", .flag = &verbose}, {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    const char *const *end = words + count;
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE && quiet && verbose)
        status = cli_usage(command, "--quiet and --verbose: one of them");
    cli_talks = quiet ? CLI_QUIET : verbose ? CLI_VERBOSE : CLI_NORMAL;
    for (; status == CLI_DONE && resume && words < end && strncmp(*words, "--resume", 8); words++)
        for (int i = 0; i < count; i++)
            if (rest[i] == *words && is_plain(rest, i))
                status = cli_usage(
                    command, "--resume takes the environment from the run: %s is a word too many", *words);
    if (status != CLI_DONE) {
        free(rest);
        return status;
    }
    const int env_at = resume ? count : rb_config_plain_word(count, rest, 0);
    if (resume && seeds)
        status = cli_usage(command, "--seeds is for new runs: --resume takes each seed from its run");
    else if (resume)
        status = resume_runs(command, resume, jobs, count, rest);
    else if (!count)
        status = cli_usage(command, "which environment? `rainbow envs` lists them");
    else if (seeds || (env_at < count && strchr(rest[env_at], ',')))
        status = cli_train_many(command, seeds, jobs, count, rest);
    else if (jobs)
        status = cli_usage(command, "--jobs is for several runs: --seeds 1..4, or environments with commas");
    else
        status = train_one(NULL, count, rest);
    free(rest);
    return status;
}

const cli_command cli_train = {
    .name = "train",
    .usage = "ENV [--preset NAME] [--config FILE] [--GROUP.KEY=VALUE ...]\n"
             "       rainbow train ENV,ENV... --seeds 1..4 [--jobs N] ...\n"
             "       rainbow train --resume RUN... [--jobs N] [--GROUP.KEY=VALUE ...]",
    .help = "train an agent, or go on with a run where its newest checkpoint stands",
    .details =
        "ENV is a name that `rainbow envs` lists. Later layers win: defaults, preset, what the "
        "environment's\n"
        "name stands for, file, command line. Without --preset the environment brings its own.\n\n"
        "  --preset NAME      a recipe (`rainbow presets`)\n"
        "  --config FILE      a file of [group] and key = value lines\n"
        "  --GROUP.KEY=VALUE  any parameter (`rainbow params`)\n"
        "  --double --dueling --per --categorical --noisy --n-step=N\n"
        "                     the six switches; --no-double and so on turn them off\n"
        "  --seed=N           run.seed\n"
        "  --resume RUN       go on with the run in this directory; only parameters that may change "
        "take new values\n"
        "  --seeds LIST       a run for each seed, such as 1..4 or 1,3,7; and for each ENV, where commas "
        "name several\n"
        "  --jobs N           of several runs, how many at once; by default as many as processors. Each "
        "is a process of\n"
        "                     one thread (or of --compute.threads) and the same, to the bit, as the run "
        "alone\n"
        "  --quiet            nothing but results, warnings and errors\n"
        "  --verbose          also the settings that differ from the defaults, checkpoints and pictures; "
        "without a "
        "terminal\n"
        "                     a line every ten seconds\n\n"
        "On a terminal a panel is drawn in place (NO_COLOR takes its colours away); elsewhere a plain line "
        "comes "
        "once a\n"
        "minute.\n\n"
        "The run's directory is the first line of standard output. Interrupted (Ctrl-C, SIGTERM, a closed "
        "terminal), the run\n"
        "saves a checkpoint and the exit status is 130. Of several runs each has its line, a table ends the "
        "output, "
        "and where one\n"
        "fails the others go on and the exit status is 1.\n",
    .run = train,
};
