// rainbow train: a new run, or a resumed one; train_many.c trains several.
//
// A signal that asks to stop (signals.h) is obeyed from the beginning: while the run is being made, too.
#include "cli/jobs.h"
#include "cli/left_behind.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/json_result.h"
#include "cli/signals.h"
#include "cli/sudden_end.h"
#include "cli/terminal.h"

static rb_run *running;                   // NULL until it is made; then not changed while signals are caught
static volatile sig_atomic_t on_terminal; // standard error is one
static volatile sig_atomic_t panel_shows; // the panel reports that the run stops

static void announce_stop(int number)
{
    static const char text[] =
        "\nrainbow: saving a checkpoint, then stopping; interrupt again to stop at once\n";
    static const char patient[] = "\nrainbow: saving a checkpoint, then stopping\n";
    const char *said = cli_signals_are_patient() ? patient : text;
    const size_t bytes = cli_signals_are_patient() ? sizeof patient : sizeof text;
    (void)number;
    if (panel_shows || cli_talks == CLI_QUIET) return;
    const size_t skip = !on_terminal; // the line's end after ^C
    if (write(STDERR_FILENO, said + skip, bytes - 1 - skip) < 0) {
        // nothing to be done
    }
}

static void end_at_once(int number)
{
    cli_sudden_end_tell(running ? "stopped at once" : "stopped before training began: nothing is lost");
    cli_signals_end(number);
}

typedef struct job {    // one run, which has the whole process
    const char *resume; // its directory; NULL: a new run
    int count;          // words: settings of a new run, or changes of a resumed one
    const char *const *words;
    const rb_config *config; // of a new run, instead of words; NULL: none
    bool json;               // print the result as JSON
} job;

static rb_status make_new(rb_run **run, const job *what, const rb_run_hooks *hooks, rb_error *error)
{
    rb_config *config = NULL;
    if (what->config) return rb_run_create(run, what->config, hooks, error);
    rb_status status = rb_config_create(&config, error);
    if (status == RB_OK) status = rb_config_arguments(config, what->count, what->words, error);
    if (status == RB_OK) status = rb_run_create(run, config, hooks, error);
    rb_config_destroy(config);
    return status;
}

// Prints the settings that differ from the defaults.
static void list_settings(const char *directory)
{
    rb_config *config = NULL;
    char value[RB_CONFIG_VALUE_MAX];
    if (rb_run_settings(&config, directory, 0, NULL, NULL)) return; // the run trains anyway
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *info = rb_param_get(i);
        if (!rb_config_get(config, info->key, value, sizeof value, NULL) && strcmp(value, info->by_default))
            cli_note("  %s = %s", info->key, value);
    }
    rb_config_destroy(config);
}

static void print_end(const rb_progress *last)
{
    char steps[32], updates[32], games[32];
    rb_text_thousands(steps, sizeof steps, last->step);
    rb_text_thousands(updates, sizeof updates, last->updates);
    rb_text_thousands(games, sizeof games, last->games);
    printf("%s steps, %s updates, %s games in %.1f s, ended by %s", steps, updates, games, last->seconds,
           rb_ending_name(last->ended));
    if (!isnan(last->return_mean)) printf("; mean return of the last games %.2f", last->return_mean);
    if (!isnan(last->eval_mean)) printf("; evaluation mean %.2f", last->eval_mean);
    if (!isnan(last->eval_trailing))
        printf("; mean of the last %lld evaluations %.2f", (long long)last->stop_evaluations,
               last->eval_trailing);
    printf("\n");
}

static void tell_how_to_resume(const char *directory)
{
    char word[RB_TEXT_WORD_MAX];
    rb_text_shell(word, sizeof word, directory);
    cli_note("rainbow: %s; `rainbow train --resume %s` resumes it",
             cli_stop_status() == CLI_INTERRUPTED    ? "interrupted"
             : cli_stop_signal == RB_STOP_TIME_LIMIT ? "stopped by run.time_limit_minutes"
                                                     : "stopped by a signal",
             word);
}

// A run that was stopped while it was being made is as it was: a new one leaves nothing behind.
static int fail_to_make(rb_status made, const char *resume, const rb_error *error)
{
    if (made != RB_INTERRUPTED) return cli_fail(error);
    if (resume) return tell_how_to_resume(resume), cli_stop_status();
    cli_note("rainbow: stopped before the run was made; nothing is left to resume");
    return CLI_SIGNAL + (int)cli_stop_signal;
}

static void print_json(const job *what, rb_status status, const char *directory, const rb_error *error,
                       const cli_progress *progress)
{
    if (!what->json) return;
    cli_json_result_print(
        &(cli_json_result){.directory = directory,
                           .status = status == RB_OK            ? "ended"
                                     : status == RB_INTERRUPTED ? "stopped"
                                                                : "failed",
                           .error = status == RB_OK || status == RB_INTERRUPTED ? NULL : error->message,
                           .now = progress && progress->any ? &progress->last : NULL});
}

static int train_one(const job *what)
{
    rb_error error = {0};
    rb_run *run = NULL;
    on_terminal = isatty(STDERR_FILENO);
    cli_signals_catch(announce_stop, end_at_once);
    cli_progress progress = cli_progress_begin(&cli_stop_signal);
    rb_run_hooks hooks = {.context = &progress,
                          .progress = cli_progress_show,
                          .message = cli_progress_message,
                          .detail = cli_progress_detail,
                          .stop = &cli_stop_signal};
    signal(SIGPIPE, SIG_IGN); // a closed reader (`| head -1`) must not end a run
    rb_status made = what->resume
                         ? rb_run_resume(&run, what->resume, what->count, what->words, &hooks, &error)
                         : make_new(&run, what, &hooks, &error);
    if (made != RB_OK) {
        const int status = fail_to_make(made, what->resume, &error);
        print_json(what, made, what->resume, &error, NULL);
        return status;
    }

    printf("%s\n", rb_run_directory(run));
    fflush(stdout);
    cli_note("%s", rb_run_plan(run));
    if (cli_talks == CLI_VERBOSE) cli_note("%s", rb_run_network(run));
    if (cli_talks == CLI_VERBOSE) list_settings(rb_run_directory(run));
    progress.name = rb_run_directory(run);
    running = run;
    cli_sudden_end_of(run, NULL);
    panel_shows = cli_terminal_is_ours();
    rb_status trained = rb_run_train(run, &error);
    cli_progress_end(&progress);
    if (trained == RB_INTERRUPTED)
        tell_how_to_resume(rb_run_directory(run));
    else if (trained != RB_OK)
        cli_fail(&error);
    else if (progress.any)
        print_end(&progress.last);
    if (trained == RB_OK) {
        cli_left_behind left = {0};
        cli_left_behind_add(&left, rb_run_directory(run));
        cli_left_behind_note(&left);
    }
    print_json(what, trained, rb_run_directory(run), &error, &progress);
    cli_signals_release(); // nothing is left to stop
    running = NULL;
    cli_sudden_end_of(NULL, NULL);
    rb_run_destroy(run);
    return trained == RB_OK ? CLI_DONE : trained == RB_INTERRUPTED ? cli_stop_status() : CLI_FAILED;
}

// --resume-if-present: starts the run, resumes it, or does nothing if it has ended.
static int train_as_present(int count, const char *const *words, bool json)
{
    enum { CHANGES_BYTES = 1 << 16, CHANGES_MOST = 64 };
    static char directory[1024], changes[CHANGES_BYTES];
    const char *change_words[CHANGES_MOST];
    rb_error error = {0};
    rb_config *config = NULL;
    rb_presence presence;
    cli_signals_patient();
    rb_status status = rb_config_create(&config, &error);
    if (status == RB_OK) status = rb_config_arguments(config, count, words, &error);
    if (status == RB_OK)
        status = rb_run_find(config, &presence, directory, sizeof directory, changes, sizeof changes, &error);
    job what = {.json = json};
    int ended = CLI_DONE;
    if (status != RB_OK) {
        ended = cli_fail(&error);
        print_json(&what, status, NULL, &error, NULL);
    } else if (presence == RB_COMPLETE) {
        printf("%s\n", directory);
        cli_note("rainbow: %s: this run has ended already", directory);
        print_json(&what, RB_OK, directory, &error, NULL);
    } else if (presence == RB_RESUMABLE) {
        what.resume = directory;
        what.words = change_words;
        what.count = cli_split_lines(changes, change_words, CHANGES_MOST);
        ended = train_one(&what);
    } else {
        what.config = config;
        ended = train_one(&what);
    }
    rb_config_destroy(config);
    return ended;
}

// The word is a run to resume, and not the value of "--key value" before it.
static bool is_plain(const char *const *words, int i)
{
    const char *before = i ? words[i - 1] : "";
    const bool holds_value =
        strchr(before, '=') || (*before == '-' && before[1] != '-' && strlen(before) > 2);
    return *words[i] != '-' && (*before != '-' || holds_value); // "-n500k" holds its value
}

// Sorts the words after --resume: runs to resume, and changes.
static int resume_runs(const cli_command *command, const char *first, const char *jobs, bool json, int count,
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
    else if (run_count > 1 && json)
        status = cli_usage(command, "--json-result prints the result of one run");
    else if (run_count > 1)
        status = cli_resume_many(command, jobs, run_count, runs, change_count, changes);
    else if (jobs)
        status = cli_usage(command, "--jobs needs several runs: --resume RUN RUN ...");
    else
        status = train_one(&(job){.resume = first, .count = change_count, .words = changes, .json = json});
    free(runs);
    free(changes);
    return status;
}

enum { RESUME, PRESENT, SEEDS, JOBS, JSON, QUIET, VERBOSE, TRUST };

static const cli_option options[] = {
    [RESUME] = CLI_VALUE("resume", "RUN",
                         "resume the run in this directory; more directories may follow. Only parameters "
                         "that may change on resume accept new values"),
    [PRESENT] =
        CLI_FLAG("resume-if-present",
                 "start the run, resume it if it has begun, or end with 0 at once if it has ended; an "
                 "error if a run of this name has other settings"),
    [SEEDS] =
        CLI_VALUE("seeds", "LIST",
                  "train one run per seed, such as 1..4 or 1,3,7, for each ENV (commas separate several)"),
    [JOBS] = CLI_VALUE("jobs", "N",
                       "number of runs trained at once; default: one per processor. Each run is a process of "
                       "one thread (or of --compute.threads), bit-identical to the run alone"),
    [JSON] = CLI_FLAG("json-result",
                      "print the result as one JSON object on the last line of standard output: directory, "
                      "status (ended, stopped or failed), ended_by, error, step, frames, games, updates, "
                      "seconds, return_mean, eval_mean, eval_best"),
    [QUIET] = CLI_FLAG("quiet", "print only results, warnings and errors"),
    [VERBOSE] =
        CLI_FLAG("verbose", "also print the network's layers, settings that differ from the defaults, "
                            "checkpoints and pictures; without a terminal, print a line every ten seconds"),
    [TRUST] = CLI_TRUST,
    {0},
};

// With --resume no environment may be named: the words before it hold none.
static int check_before_resume(const cli_command *command, const cli_words *words)
{
    for (int at = 0; at < words->line_count && strncmp(words->line[at], "--resume", 8); at++)
        for (int i = 0; i < words->count; i++)
            if (words->rest[i] == words->line[at] && is_plain(words->rest, i))
                return cli_usage(command, "--resume takes the environment from the run: unexpected word %s",
                                 words->line[at]);
    return CLI_DONE;
}

static int train(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given, *const *rest = words->rest;
    const char *resume = given[RESUME], *seeds = given[SEEDS], *jobs = given[JOBS];
    const int count = words->count;
    if (given[QUIET] && given[VERBOSE]) return cli_usage(command, "choose one of --quiet and --verbose");
    cli_talks = given[QUIET] ? CLI_QUIET : given[VERBOSE] ? CLI_VERBOSE : CLI_NORMAL;
    if (resume) {
        int status = check_before_resume(command, words);
        if (status != CLI_DONE) return status;
        if (seeds) return cli_usage(command, "--seeds needs new runs: a resumed run keeps its seed");
        if (given[PRESENT])
            return cli_usage(command,
                             "choose one of --resume RUN and --resume-if-present, which finds the run by "
                             "its environment and settings");
        return resume_runs(command, resume, jobs, given[JSON] != NULL, count, rest);
    }
    if (!count) return cli_usage(command, "no environment is named; `rainbow envs` lists them");
    const int env_at = rb_config_plain_word(count, rest, 0);
    if (seeds || (env_at < count && strchr(rest[env_at], ','))) {
        if (given[JSON]) return cli_usage(command, "--json-result prints the result of one run");
        return cli_train_many(command, seeds, jobs, given[PRESENT] != NULL, count, rest);
    }
    if (jobs)
        return cli_usage(command, "--jobs needs several runs: --seeds 1..4, or environments with commas");
    if (given[PRESENT]) return train_as_present(count, rest, given[JSON] != NULL);
    return train_one(&(job){.count = count, .words = rest, .json = given[JSON] != NULL});
}

const cli_command cli_train = {
    .name = "train",
    .usage = "ENV [OPTION...]\nENV,ENV... --seeds LIST [OPTION...]\n--resume RUN... [OPTION...]",
    .help = "train an agent, or resume a run from its newest checkpoint",
    .details =
        "ENV is a name that `rainbow envs` lists. Settings come in layers, and later layers win: defaults, "
        "preset, the environment's name, file, command line. Without --preset the environment chooses its "
        "own.\n\nOn a terminal the command draws a panel in place (without colours if NO_COLOR is set); "
        "elsewhere it prints one line per minute. The first line of standard output is the run's directory. "
        "Ctrl-C, a closed terminal and the signals of batch systems (SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, "
        "SIGXCPU) "
        "stop the run after a checkpoint; a second signal ends it at once. With --resume-if-present only a "
        "second Ctrl-C does, because batch systems repeat theirs.\n\nSeveral runs have one progress "
        "line each, and a table ends the output. If one "
        "fails, the others continue and the exit status is 1.",
    .options = options,
    .examples = {{"rainbow train cartpole --seed 2",
                  "Trains on CartPole; the run's directory is runs/default/cartpole-s2"},
                 {"rainbow train --resume runs/default/cartpole-s1 --run.max_steps=60000",
                  "Resumes a run and trains it up to a larger number of steps"}},
    .words = CLI_ANY_WORDS,
    .settings = CLI_ALL_SETTINGS,
    .run = train,
};
