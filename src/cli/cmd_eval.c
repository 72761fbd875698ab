// rainbow eval: plays whole games with the weights of a checkpoint, or of a file (--init-weights) and
// settings on the command line; prints every score and their statistics.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
    printf("%s", r->checkpoint);
    if (r->step >= 0) printf(", step %" PRId64, r->step);
    printf("\n");
    for (int i = 0; i < r->episodes; i++)
        printf("game %3d  score %10.10g  steps %" PRId64 "\n", i + 1, r->returns[i], r->lengths[i]);
    printf("mean %.2f  std %.2f  max %.10g  min %.10g  median %.10g  games %d\n", r->mean, r->std, r->max,
           r->min, r->median, r->episodes);
    return CLI_DONE;
}

enum { BEST, INIT_WEIGHTS, EPISODES, EPSILON, SEED, LIMIT, THREADS, TRACE, TRACE_STEPS, JSON, PYTHON, TRUST };

// The settings of a run; without a run those of the command line, with the file of weights.
static rb_status read_settings(rb_config *config, const char *path, const cli_words *words, rb_error *error)
{
    const char *const *given = words->given;
    char file[1100];
    if (!given[INIT_WEIGHTS]) {
        snprintf(file, sizeof file, "%s/config.ini", path);
        const rb_status status = rb_run_check(path, error);
        return status ? status : rb_config_read(config, file, error);
    }
    rb_status status = rb_config_arguments(config, words->count, words->rest, error);
    if (status == RB_OK)
        status = rb_config_set(config, "run.init_weights", given[INIT_WEIGHTS], "--init-weights", error);
    if (status == RB_OK && given[PYTHON])
        status = rb_config_set(config, "gym.python", given[PYTHON], "command line", error);
    return status;
}

// Options that are not given are settings; the parameter table checks those that are.
static rb_status read_options(rb_config *config, const char *const *given, rb_eval_options *out,
                              rb_error *error)
{
    const char *episodes = given[EPISODES], *epsilon = given[EPSILON], *seed = given[SEED];
    const char *threads = given[THREADS], *limit = given[LIMIT];
    char text[RB_CONFIG_VALUE_MAX];
    rb_status status = rb_config_set(config, "run.seed", seed ? seed : "1", "--seed", error);
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
    return status;
}

static const cli_option options[] = {
    [BEST] = CLI_BEST,
    [INIT_WEIGHTS] =
        CLI_VALUE("init-weights", "FILE",
                  "play with the weights of a safetensors file, without a run; settings and a preset may "
                  "follow, as for `rainbow train`"),
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
                        "observations, q_values, actions, games, and masks if the environment reports them",
                        .writes = true),
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

// A run has its settings and its weights.
static int check_words(const cli_command *command, const cli_words *words)
{
    char file[1100];
    if (!words->given[INIT_WEIGHTS]) return cli_no_more(command, words->count, words->rest);
    if (words->given[BEST])
        return cli_usage(command, "choose one of --best and --init-weights: a file is no run");
    const int at = rb_config_plain_word(words->count, words->rest, 0);
    if (at == words->count) return cli_usage(command, "no environment is named for --init-weights");
    snprintf(file, sizeof file, "%s/config.ini", words->rest[at]);
    return access(file, F_OK)
               ? CLI_DONE
               : cli_usage(command, "%s: is a run, but --init-weights needs an environment", words->rest[at]);
}

static int eval(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given;
    if (!words->count) return cli_usage(command, "no run or checkpoint is named");
    int trace_steps = 5000;
    if (given[TRACE_STEPS] && !given[TRACE]) return cli_usage(command, "--trace-steps needs --trace FILE");
    int status = cli_whole_number(command, "trace-steps", given[TRACE_STEPS], 1, &trace_steps);
    if (status != CLI_DONE) return status;

    rb_error error = {0};
    rb_eval_options how = {.trace = given[TRACE], .trace_steps = trace_steps};
    rb_eval_result result = {0};
    rb_config *config = NULL;
    char kept[1100];
    const char *path = words->rest[0];
    status = check_words(command, words);
    if (status == CLI_DONE) status = cli_best_weights(&path, given[BEST], kept, sizeof kept);
    if (status != CLI_DONE) return status;
    rb_status done = rb_config_create(&config, &error);
    if (done == RB_OK) done = read_settings(config, path, words, &error);
    if (done == RB_OK) done = read_options(config, given, &how, &error);
    cli_eval_progress progress = cli_eval_progress_begin();
    how.count = cli_eval_progress_show;
    how.counter = &progress;
    if (done == RB_OK)
        done = given[INIT_WEIGHTS] ? rb_evaluate_file(config, &how, &result, &error)
                                   : rb_evaluate(path, &how, &result, &error);
    cli_eval_progress_end();
    rb_config_destroy(config);
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
    .usage = "RUN|CHECKPOINT [OPTION...]\nENV --init-weights FILE [OPTION...]",
    .help = "play whole games with a trained agent and print the scores",
    .details =
        "Uses the weights of a run's newest checkpoint, or of the checkpoint you name. Prints the "
        "score and the steps of each game, then the mean, the standard deviation of the N games "
        "(with divisor N), the largest, the smallest and the median score. Scores are raw rewards.\n\nWith "
        "--init-weights the weights come from a file, also of Stable-Baselines3 or CleanRL "
        "(docs/weights.md), and environment, network and evaluation are those of the settings.",
    .options = options,
    .examples = {{"rainbow eval runs/default/cartpole-s1 --episodes 100",
                  "Plays 100 games with the run's newest weights"},
                 {"rainbow eval runs/default/cartpole-s1 --best --epsilon 0.05 --json",
                  "Evaluates the run's best weights with 5 % random actions, and prints JSON"}},
    .words = 1,
    .settings = CLI_ALL_SETTINGS,
    .run = eval,
};
