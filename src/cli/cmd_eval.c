// rainbow eval: plays whole games with the weights of a checkpoint; prints every score and their statistics.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static cJSON *as_json(const rb_eval_result *r, const rb_eval_options *options)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "checkpoint", r->checkpoint);
    cJSON_AddNumberToObject(object, "step", (double)r->step);
    cJSON_AddNumberToObject(object, "episodes", r->episodes);
    cJSON_AddNumberToObject(object, "epsilon", options->epsilon);
    cJSON_AddNumberToObject(object, "seed", (double)options->seed);
    cJSON_AddNumberToObject(object, "mean", r->mean);
    cJSON_AddNumberToObject(object, "std", r->std);
    cJSON_AddNumberToObject(object, "min", r->min);
    cJSON_AddNumberToObject(object, "max", r->max);
    cJSON_AddNumberToObject(object, "median", r->median);
    cJSON_AddNumberToObject(object, "seconds", r->seconds);
    cJSON_AddNumberToObject(object, "cut", r->cut);
    cJSON *returns = cJSON_AddArrayToObject(object, "returns");
    cJSON *lengths = cJSON_AddArrayToObject(object, "lengths");
    for (int i = 0; i < r->episodes; i++) {
        cJSON_AddItemToArray(returns, cJSON_CreateNumber(r->returns[i]));
        cJSON_AddItemToArray(lengths, cJSON_CreateNumber((double)r->lengths[i]));
    }
    return object;
}

static int print_text(const rb_eval_result *r)
{
    printf("%s, step %" PRId64 "\n", r->checkpoint, r->step);
    for (int i = 0; i < r->episodes; i++)
        printf("game %3d  score %10.10g  steps %" PRId64 "\n", i + 1, r->returns[i], r->lengths[i]);
    printf("mean %.2f  std %.2f  max %.10g  min %.10g  median %.10g  games %d\n", r->mean, r->std, r->max,
           r->min, r->median, r->episodes);
    return CLI_DONE;
}

enum { BEST, EPISODES, EPSILON, SEED, LIMIT, THREADS, TRACE, TRACE_STEPS, JSON, PYTHON, TRUST };

// Settings that are not given are the run's own; the parameter table checks those that are.
static rb_status read_options(const char *path, const char *const *given, rb_eval_options *out,
                              rb_error *error)
{
    const char *episodes = given[EPISODES], *epsilon = given[EPSILON], *seed = given[SEED];
    const char *threads = given[THREADS], *limit = given[LIMIT];
    rb_config *config = NULL;
    char file[1100], text[RB_CONFIG_VALUE_MAX];
    snprintf(file, sizeof file, "%s/config.ini", path);
    rb_status status = rb_run_check(path, error);
    if (status == RB_OK) status = rb_config_create(&config, error);
    if (status == RB_OK) status = rb_config_read(config, file, error);
    if (status == RB_OK) status = rb_config_set(config, "run.seed", seed ? seed : "1", "--seed", error);
    if (status == RB_OK && episodes)
        status = rb_config_set(config, "eval.episodes", episodes, "--episodes", error);
    if (status == RB_OK && limit)
        status = rb_config_set(config, "eval.max_episode_steps", limit, "--max-episode-steps", error);
    if (status == RB_OK && epsilon)
        status = rb_config_set(config, "eval.epsilon", epsilon, "--epsilon", error);
    if (status == RB_OK)
        status = rb_config_set(config, "compute.threads", threads ? threads : "0", "--threads", error);
    if (status == RB_OK) status = rb_config_get(config, "eval.episodes", text, sizeof text, error);
    if (status == RB_OK) out->episodes = atoi(text);
    if (status == RB_OK) status = rb_config_get(config, "eval.epsilon", text, sizeof text, error);
    if (status == RB_OK) out->epsilon = strtod(text, NULL);
    if (status == RB_OK) status = rb_config_get(config, "run.seed", text, sizeof text, error);
    if (status == RB_OK) out->seed = strtoull(text, NULL, 10);
    if (status == RB_OK) status = rb_config_get(config, "compute.threads", text, sizeof text, error);
    if (status == RB_OK) out->threads = atoi(text);
    if (status == RB_OK) status = rb_config_get(config, "eval.max_episode_steps", text, sizeof text, error);
    if (status == RB_OK) out->max_episode_steps = strtoll(text, NULL, 10);
    rb_config_destroy(config);
    return status;
}

static const cli_option options[] = {
    [BEST] = CLI_FLAG("best", "use the weights of the run's highest evaluation, RUN/checkpoints/best"),
    [EPISODES] = CLI_VALUE("episodes", "N", "number of games; default: the run's eval.episodes"),
    [EPSILON] =
        CLI_VALUE("epsilon", "E", "share of random actions, from 0 to 1; default: the run's eval.epsilon"),
    [SEED] = CLI_VALUE("seed", "N", "seed of the starts and the random actions; default: 1"),
    [LIMIT] = CLI_VALUE("max-episode-steps", "N",
                        "time limit of a game; default: the run's eval.max_episode_steps, or the "
                        "environment's limit, or 27000 steps if there is none"),
    [THREADS] = CLI_VALUE("threads", "N", "number of threads; default: 0, one per processor"),
    [TRACE] = CLI_VALUE("trace", "FILE",
                        "also write what the agent saw, expected and did at each decision, as safetensors: "
                        "observations, q_values, actions, games, and masks if the environment reports them"),
    [TRACE_STEPS] =
        CLI_VALUE("trace-steps", "N", "number of decisions in the trace, from the first on; default: 5000"),
    [JSON] =
        CLI_FLAG("json", "print one object: checkpoint, step, episodes, epsilon, seed, mean, std, min, "
                         "max, median, seconds, cut (games cut because nothing limits them), returns and "
                         "lengths (one number per game)"),
    [PYTHON] = CLI_PYTHON,
    [TRUST] = CLI_TRUST,
    {0},
};

static int eval(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given;
    if (!words->count) return cli_usage(command, "no run or checkpoint is named");
    int trace_steps = 5000;
    if (given[TRACE_STEPS] && !given[TRACE]) return cli_usage(command, "--trace-steps needs --trace FILE");
    int status = cli_whole_number(command, "trace-steps", given[TRACE_STEPS], 1, &trace_steps);
    if (status != CLI_DONE) return status;

    const char *path = words->rest[0];
    rb_error error = {0};
    rb_eval_options how = {.trace = given[TRACE], .trace_steps = trace_steps};
    rb_eval_result result = {0};
    char kept[1100];
    if (given[BEST]) {
        snprintf(kept, sizeof kept, "%s/checkpoints/best", path);
        if (access(kept, F_OK)) {
            rb_error_set(
                &error, RB_ERR_FILE,
                "%s: has no best weights: either the run has not evaluated yet, or checkpoint.best is "
                "false",
                path);
            return cli_fail(&error);
        }
        path = kept;
    }
    rb_status done = read_options(path, given, &how, &error);
    cli_eval_progress progress = cli_eval_progress_begin();
    how.count = cli_eval_progress_show;
    how.counter = &progress;
    if (done == RB_OK) done = rb_evaluate(path, &how, &result, &error);
    cli_eval_progress_end();
    if (done != RB_OK) return cli_fail(&error);
    if (result.cut)
        fprintf(stderr,
                "rainbow: %d of %d games were cut after %" PRId64
                " steps, because the environment has no time "
                "limit; --max-episode-steps sets one\n",
                result.cut, result.episodes, result.limit_steps);
    status = given[JSON] ? cli_print_json(as_json(&result, &how)) : print_text(&result);
    rb_eval_result_free(&result);
    return status;
}

const cli_command cli_eval = {
    .name = "eval",
    .usage = "RUN|CHECKPOINT [OPTION...]",
    .help = "play whole games with a trained agent and print the scores",
    .details = "Uses the weights of a run's newest checkpoint, or of the checkpoint you name. Prints the "
               "score and the steps of each game, then the mean, the standard deviation of the games "
               "(divided by N), the largest, the smallest and the median score. Scores are raw rewards.",
    .options = options,
    .examples = {{"rainbow eval runs/default/cartpole-s1 --episodes 100",
                  "Plays 100 games with the run's newest weights"},
                 {"rainbow eval runs/default/cartpole-s1 --best --epsilon 0.05 --json",
                  "Evaluates the run's best weights with 5 % random actions, and prints JSON"}},
    .words = 1,
    .run = eval,
};
