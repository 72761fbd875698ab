// Trains and evaluates an agent in a program of your own, with an installed librainbow (docs/library.md):
//
//     cc train_in_c.c -o train_in_c $(pkg-config --cflags --libs rainbow)
//     ./train_in_c cartpole --run.max_steps=20000
//
// The words are those of `rainbow train`. The run's directory is an ordinary one: `rainbow report`, `rainbow
// watch` and the others read it. Ctrl-C saves the run, as a flag that the program's own handler sets.
#include <math.h>
#include <rainbow/rainbow.h>
#include <stdio.h>

static volatile sig_atomic_t stop;

static void on_interrupt(int number)
{
    (void)number;
    stop = 1;
}

static void show(void *context, const rb_progress *p)
{
    (void)context;
    if (p->activity == RB_TRAINING && !isnan(p->return_mean))
        printf("step %lld: mean return %.1f\n", (long long)p->step, p->return_mean);
}

static void print_message(void *context, bool warning, const char *text)
{
    (void)context;
    fprintf(stderr, "%s%s\n", warning ? "warning: " : "", text);
}

static rb_status train(int count, const char *const *words, rb_eval_result *result, rb_error *error)
{
    const rb_run_hooks hooks = {.progress = show, .message = print_message, .stop = &stop};
    const rb_eval_options games = {.episodes = 20, .seed = 1};
    rb_config *config = NULL;
    rb_run *run = NULL;
    rb_status status = rb_config_create(&config, error);
    if (!status) status = rb_config_arguments(config, count, words, error);
    if (!status) status = rb_run_create(&run, config, &hooks, error);
    if (!status) status = rb_run_train(run, error);
    if (!status) status = rb_evaluate(rb_run_directory(run), &games, result, error);
    rb_run_destroy(run);
    rb_config_destroy(config);
    return status;
}

int main(int count, char **words)
{
    rb_error error = {RB_OK, ""};
    rb_eval_result result;
    signal(SIGINT, on_interrupt);
    rb_rainbow_init();
    if (train(count - 1, (const char *const *)words + 1, &result, &error)) {
        fprintf(stderr, "train_in_c: %s\n", error.message);
        return 1;
    }
    printf("%d games: mean %.1f, from %.1f to %.1f\n", result.episodes, result.mean, result.min, result.max);
    rb_eval_result_free(&result);
    return 0;
}
