// A program that links an installed librainbow, compiled as C and as C++: it trains, evaluates and exports,
// and checks that the library leaves the process as it was: its handlers of signals, the stack for them, its
// mode of denormal numbers. It prints "fine" and its version, and the library prints nothing.
#include <float.h>
#include <rainbow/rainbow.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int calls;
static volatile float smallest = FLT_MIN;

static int fail(const char *what)
{
    fprintf(stderr, "use: %s\n", what);
    return 1;
}

static void look_at_progress(void *context, const rb_progress *progress)
{
    (void)context;
    calls += progress->step >= 0;
}

static int uses_library(void)
{
    static const char *const words[] = {"cartpole",        "--run.max_steps=400", "--agent.start_steps=100",
                                        "--run.root=runs", "--run.name=used",     "--compute.threads=2"};
    rb_error error = {RB_OK, ""};
    rb_run_hooks hooks;
    rb_eval_options games;
    rb_eval_result result;
    rb_export_result exported;
    rb_config *config = NULL;
    rb_run *run = NULL;
    memset(&hooks, 0, sizeof hooks);
    memset(&games, 0, sizeof games);
    hooks.progress = look_at_progress;
    games.episodes = 3;
    rb_rainbow_init();
    rb_status status = rb_config_create(&config, &error);
    if (!status) status = rb_config_arguments(config, sizeof words / sizeof *words, words, &error);
    if (!status) status = rb_run_create(&run, config, &hooks, &error);
    if (!status) status = rb_run_train(run, &error);
    if (!status) status = rb_evaluate(rb_run_directory(run), &games, &result, &error);
    if (!status) status = rb_export_safetensors(rb_run_directory(run), "used.safetensors", &exported, &error);
    rb_run_destroy(run);
    rb_config_destroy(config);
    if (status) return fail(error.message);
    const int played = result.episodes;
    rb_eval_result_free(&result);
    if (played != 3 || !calls) return fail("no games were played, or no progress was reported");
    // A name that does not exist: a status and a sentence, and nothing printed.
    status = rb_evaluate("no/such/run", &games, &result, &error);
    return status == RB_ERR_FILE && *error.message ? 0 : fail("a missing run was not reported");
}

static int same_handlers(const struct sigaction *before)
{
    for (int i = 1; i < 32; i++) {
        struct sigaction now;
        if (sigaction(i, NULL, &now)) continue;
        if (now.sa_handler != before[i].sa_handler || now.sa_flags != before[i].sa_flags) return 0;
    }
    return 1;
}

// What the library says of the emulator that it needs.
static int print_needs(void)
{
    for (int i = 0; i < rb_env_count(); i++)
        if (!strcmp(rb_env_get(i).name, "atari/breakout")) return puts(rb_env_get(i).needs) < 0;
    return fail("there is no atari/breakout");
}

int main(int count, char **words)
{
    struct sigaction before[32];
    stack_t stack;
    memset(before, 0, sizeof before);
    for (int i = 1; i < 32; i++) sigaction(i, NULL, &before[i]);
    if (count > 1 && !strcmp(words[1], "needs")) return print_needs();
    if (strcmp(rb_rainbow_version(), RAINBOW_VERSION))
        return fail("the library and its headers are of different versions");
    if (uses_library()) return 1;
    if (!same_handlers(before)) return fail("the library changed a handler of signals");
    if (sigaltstack(NULL, &stack) || !(stack.ss_flags & SS_DISABLE))
        return fail("the library set a stack for handlers");
    if (smallest / 2 == 0) return fail("the library left denormal numbers as zero");
    printf("fine %s\n", RAINBOW_VERSION);
    return 0;
}
