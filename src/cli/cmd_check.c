// rainbow check: plays an environment at random and says what breaks its contract.
//
// The checks run in a process of their own, for an environment under construction may well end it: the
// parent then still has the lines so far and knows what was being done. Both see the result in shared memory.
#include "cli/cli.h"

#include <cjson/cJSON.h>
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
    bool done; // the checks came to their end
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

// NaN, where there is none, is null.
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
    add_number(object, "stack", r->stack);
    add_number(object, "actions", r->actions);
    add_number(object, "max_episode_steps", r->max_episode_steps);
    add_number(object, "screen_height", r->screen_height);
    add_number(object, "screen_width", r->screen_width);
    cJSON_AddBoolToObject(object, "can_save", r->can_save);
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

// The environment's code ended the process: one more line.
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

static int run_apart(const rb_config *config, int steps, shared *s)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) return cli_no_memory();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody is left to read what it finds
        s->status = rb_check_env(config, steps, &s->result, &s->error);
        s->done = true;
        _exit(0);
    }
    int how = 0;
    while (waitpid(child, &how, 0) < 0) continue;
    if (!s->done) add_end(s, how);
    if (s->done && s->status) return cli_fail(&s->error);
    return CLI_DONE;
}

static int check(const cli_command *command, int count, const char *const *words)
{
    const char *steps_text = NULL;
    bool json = false;
    const cli_option options[] = {
        {.name = "steps", .value = &steps_text}, {.name = "json", .flag = &json}, {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int steps = 2000;
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_whole_number(command, "steps", steps_text, 1, &steps);
    if (status == CLI_DONE && rb_config_plain_word(count, rest, 0) == count)
        status = cli_usage(command, "which environment?");
    rb_config *config = NULL;
    rb_error error = {0};
    if (status == CLI_DONE &&
        (rb_config_create(&config, &error) || rb_config_arguments(config, count, rest, &error)))
        status = cli_fail(&error);
    free(rest);
    shared *s = MAP_FAILED;
    if (status == CLI_DONE) {
        s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        status = s == MAP_FAILED ? cli_no_memory() : run_apart(config, steps, s);
    }
    if (status == CLI_DONE) {
        status = s->result.failures ? CLI_FAILED : CLI_DONE;
        if (!json) {
            print_text(&s->result);
        } else {
            int printed = cli_print_json(as_json(&s->result));
            if (printed != CLI_DONE) status = printed;
        }
    }
    if (s != MAP_FAILED) munmap(s, sizeof *s);
    rb_config_destroy(config);
    return status;
}

const cli_command cli_check = {
    .name = "check",
    .usage = "ENV [--steps N] [--seed S] [--GROUP.KEY=VALUE ...] [--json]",
    .help = "play an environment at random and say what breaks the contract of environments",
    .details =
        "For any environment, and above all for one of your own (./my_env.so): include/rainbow/env.h says "
        "what "
        "is\nexpected, examples/ shows one. Several instances play, of the same seed and of others, in turns "
        "and "
        "on\nthreads; they are drawn, saved, loaded, and reset anywhere.\n\n"
        "  --steps N  random steps of one play, 2,000 by default; there are several\n"
        "  --seed S   of the instances and of the actions, 1 by default\n"
        "  --GROUP.KEY=VALUE  settings as for `rainbow train`, such as --atari.sticky=0.25\n"
        "  --json     one object: env, ok, kind (bytes, floats), shape (channels, height, width), stack, "
        "actions,\n"
        "             max_episode_steps, screen_height, screen_width, can_save; of the random play: steps, "
        "frames, games,\n"
        "             lives_lost, return_mean, return_min, return_max, length_mean; restores, "
        "restores_exact; "
        "step_us,\n"
        "             reset_us, create_ms, bytes_per_reset; checks (for each: what, verdict, found). null: "
        "no "
        "such\n"
        "             figure\n\n"
        "The exit status is 1 when something breaks the contract.\n",
    .run = check,
};
