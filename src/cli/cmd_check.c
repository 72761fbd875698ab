// rainbow check: plays an environment at random and reports where it breaks the contract of environments.
//
// The checks run in a child process, since an environment under construction may crash: the parent then still
// has the lines so far and knows which check was running. Both see the result in shared memory.
#include "cli/cli.h"
#include "cli/sudden_end.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct shared {
    rb_check_result result;
    rb_error error;
    rb_status status;
    bool done; // all checks have run
} shared;

static const char *const verdicts[] = {"pass", "FAIL", "not offered", "note"};
static const char *const verdict_keys[] = {"pass", "fail", "not_offered", "note"};

static void print_figures(const rb_check_result *r)
{
    printf("\nA step takes %.2f microseconds, a reset %.2f, making an instance %.1f ms.\n", r->step_us,
           r->reset_us, r->create_ms);
    if (r->games)
        printf("%lld random steps: %lld game%s, mean return %.4g (%.4g to %.4g), mean length %.4g steps.\n",
               (long long)r->steps, (long long)r->games, r->games == 1 ? "" : "s", r->return_mean,
               r->return_min, r->return_max, r->length_mean);
}

static void print_text(const rb_check_result *r)
{
    printf("%s\n\n", r->env);
    int passed = 0;
    for (int i = 0; i < r->count; i++) {
        const rb_check_line *l = &r->lines[i];
        printf("  %-11s  %-15s  %s\n", verdicts[l->verdict], l->what, l->found);
        passed += l->verdict == RB_CHECK_PASS;
    }
    if (r->steps) print_figures(r);
    if (r->failures)
        printf("%d of %d checks failed.\n", r->failures, r->failures + passed);
    else
        printf("Nothing breaks the contract (%d checks).\n", passed);
}

// NaN becomes null.
static void add_number(cJSON *object, const char *key, double value)
{
    if (isfinite(value))
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static cJSON *as_json(const rb_check_result *r)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddBoolToObject(object, "ok", r->failures == 0);
    cJSON_AddStringToObject(object, "kind", r->kind);
    cJSON *shape = cJSON_AddArrayToObject(object, "shape");
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(r->channels));
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(r->height));
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(r->width));
    add_number(object, "vector", r->vector);
    add_number(object, "stack", r->stack);
    add_number(object, "actions", r->actions);
    add_number(object, "max_episode_steps", r->max_episode_steps);
    add_number(object, "screen_height", r->screen_height);
    add_number(object, "screen_width", r->screen_width);
    cJSON_AddBoolToObject(object, "can_save", r->can_save);
    cJSON_AddBoolToObject(object, "masks", r->masks);
    add_number(object, "steps", (double)r->steps);
    add_number(object, "frames", (double)r->frames);
    add_number(object, "games", (double)r->games);
    add_number(object, "lives_lost", (double)r->lives_lost);
    add_number(object, "return_mean", r->return_mean);
    add_number(object, "return_min", r->return_min);
    add_number(object, "return_max", r->return_max);
    add_number(object, "length_mean", r->length_mean);
    add_number(object, "restores", r->restores);
    add_number(object, "restores_exact", r->restores_exact);
    add_number(object, "step_us", r->step_us);
    add_number(object, "reset_us", r->reset_us);
    add_number(object, "create_ms", r->create_ms);
    add_number(object, "bytes_per_reset", r->bytes_per_reset);
    cJSON *checks = cJSON_AddArrayToObject(object, "checks");
    for (int i = 0; i < r->count; i++) {
        cJSON *check = cJSON_CreateObject();
        cJSON_AddStringToObject(check, "what", r->lines[i].what);
        cJSON_AddStringToObject(check, "verdict", verdict_keys[r->lines[i].verdict]);
        cJSON_AddStringToObject(check, "found", r->lines[i].found);
        cJSON_AddItemToArray(checks, check);
    }
    return object;
}

// Adds a line: the environment's code ended the process.
static void add_end(shared *s, int how)
{
    rb_check_result *r = &s->result;
    if (r->count == RB_CHECK_LINES) r->count--;
    rb_check_line *l = &r->lines[r->count++];
    l->verdict = RB_CHECK_FAIL;
    snprintf(l->what, sizeof l->what, "%s", "alive");
    const char *doing = *r->doing ? r->doing : "the end";
    if (WIFSIGNALED(how))
        snprintf(l->found, sizeof l->found, "it crashed (%s) during %s", strsignal(WTERMSIG(how)), doing);
    else
        snprintf(l->found, sizeof l->found, "it ended the program (exit status %d) during %s",
                 WEXITSTATUS(how), doing);
    r->failures++;
}

// Sudden ends become a line of the result.
static void say_nothing(const char *sentence)
{
    (void)sentence;
}

static int run_apart(const rb_config *config, int steps, shared *s)
{
    fflush(NULL);
    signal(SIGCHLD, SIG_DFL); // a program that ignores its children's ends may have started this one
    pid_t child = fork();
    if (child < 0) return cli_no_memory();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // without the parent the result is lost
        cli_sudden_end_of(NULL, say_nothing);
        s->status = rb_check_env(config, steps, &s->result, &s->error);
        s->done = true;
        _exit(0);
    }
    int how = 0;
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
    if (!s->done) add_end(s, how);
    if (s->done && s->status) return cli_fail(&s->error);
    return CLI_DONE;
}

enum { STEPS, JSON, TRUST };

static const cli_option options[] = {
    [STEPS] = CLI_VALUE("steps", "N", "random steps of one play; there are several plays; default: 2000"),
    [JSON] = CLI_FLAG(
        "json",
        "print one object: env, ok, kind (bytes, floats), shape (channels, height, width), vector, stack, "
        "actions, "
        "max_episode_steps, screen_height, screen_width, can_save, masks; of the random play: steps, frames, "
        "games, "
        "lives_lost, return_mean, return_min, return_max, length_mean; restores, restores_exact; step_us, "
        "reset_us, create_ms, bytes_per_reset; checks (each: what, verdict, found). null: no such figure"),
    [TRUST] = CLI_TRUST,
    {0},
};

static int print_result(const rb_check_result *result, bool json)
{
    int printed = CLI_DONE;
    if (json)
        printed = cli_print_json(as_json(result));
    else
        print_text(result);
    return printed != CLI_DONE ? printed : result->failures ? CLI_FAILED : CLI_DONE;
}

static int check(const cli_command *command, cli_words *words)
{
    int steps = 2000;
    int status = cli_whole_number(command, "steps", words->given[STEPS], 1, &steps);
    if (status != CLI_DONE) return status;
    if (rb_config_plain_word(words->count, words->rest, 0) == words->count)
        return cli_usage(command, "no environment is named; `rainbow envs` lists them");
    rb_config *config = NULL;
    rb_error error = {0};
    if (rb_config_create(&config, &error) || rb_config_arguments(config, words->count, words->rest, &error))
        status = cli_fail(&error);
    shared *s = MAP_FAILED;
    if (status == CLI_DONE) {
        s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        status = s == MAP_FAILED ? cli_no_memory() : run_apart(config, steps, s);
    }
    if (status == CLI_DONE) status = print_result(&s->result, words->given[JSON] != NULL);
    if (s != MAP_FAILED) munmap(s, sizeof *s);
    rb_config_destroy(config);
    return status;
}

const cli_command cli_check = {
    .name = "check",
    .usage = "ENV [OPTION...]",
    .help = "play an environment at random and report where it breaks the contract",
    .details = "It checks any environment, above all a custom one (./my_env.so): include/rainbow/env.h "
               "states the contract, examples/ has an environment that keeps it. Several instances with the "
               "same seed and with other seeds play alternately and on threads; they are drawn, saved, "
               "loaded, and reset at any moment. --seed N is the seed of the instances and of the "
               "actions.\n\nThe exit status is 1 if something breaks the contract.",
    .options = options,
    .examples = {{"rainbow check ./my_env.so", "Checks a custom environment in a shared object"},
                 {"rainbow check cartpole --steps 500 --seed 2",
                  "Checks a built-in task with short random plays"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = check,
};
