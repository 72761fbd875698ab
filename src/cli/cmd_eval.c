// rainbow eval: whole games with the weights of a checkpoint. Every score, then what they come to.
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

// The run's own evaluation settings where none are given; the parameter table judges those that are.
static rb_status read_options(const char *path, const char *episodes, const char *epsilon, const char *seed,
                              const char *threads, rb_eval_options *out, rb_error *error)
{
    rb_config *config = NULL;
    char file[1100], text[600];
    snprintf(file, sizeof file, "%s/config.ini", path);
    if (access(file, F_OK))
        return rb_error_set(error, RB_ERR_FILE,
                            "%s: is no run's directory and no checkpoint: it has no config.ini", path);
    rb_status status = rb_config_create(&config, error);
    if (status == RB_OK) status = rb_config_read(config, file, error);
    if (status == RB_OK) status = rb_config_set(config, "run.seed", seed ? seed : "1", "--seed", error);
    if (status == RB_OK && episodes)
        status = rb_config_set(config, "eval.episodes", episodes, "--episodes", error);
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
    rb_config_destroy(config);
    return status;
}

static int eval(const cli_command *command, int count, const char *const *words)
{
    const char *episodes = NULL, *epsilon = NULL, *seed = NULL, *threads = NULL, *trace = NULL, *steps = NULL;
    bool json = false, best = false;
    const cli_option options[] = {{.name = "episodes", .value = &episodes},
                                  {.name = "epsilon", .value = &epsilon},
                                  {.name = "seed", .value = &seed},
                                  {.name = "threads", .value = &threads},
                                  {.name = "trace", .value = &trace},
                                  {.name = "trace-steps", .value = &steps},
                                  {.name = "best", .flag = &best},
                                  {.name = "json", .flag = &json},
                                  {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, 1);
    if (status == CLI_DONE && !count) status = cli_usage(command, "which run or checkpoint?");
    int trace_steps = 5000;
    if (status == CLI_DONE && steps && !trace)
        status = cli_usage(command, "--trace-steps says how much of --trace FILE, which is missing");
    if (status == CLI_DONE) status = cli_whole_number(command, "trace-steps", steps, 1, &trace_steps);
    const char *path = count ? rest[0] : NULL;
    free(rest);
    if (status != CLI_DONE) return status;

    rb_error error = {0};
    rb_eval_options how = {.trace = trace, .trace_steps = trace_steps};
    rb_eval_result result = {0};
    char kept[1100];
    if (best) {
        snprintf(kept, sizeof kept, "%s/checkpoints/best", path);
        if (access(kept, F_OK)) {
            rb_error_set(&error, RB_ERR_FILE,
                         "%s: keeps no best weights: no evaluation has been made, or "
                         "checkpoint.best is false",
                         path);
            return cli_fail(&error);
        }
        path = kept;
    }
    rb_status done = read_options(path, episodes, epsilon, seed, threads, &how, &error);
    if (done == RB_OK) done = rb_evaluate(path, &how, &result, &error);
    if (done != RB_OK) return cli_fail(&error);
    status = json ? cli_print_json(as_json(&result, &how)) : print_text(&result);
    rb_eval_result_free(&result);
    return status;
}

const cli_command cli_eval = {
    .name = "eval",
    .usage = "RUN|CHECKPOINT [--best] [--episodes N] [--epsilon E] [--seed S] [--threads N] [--trace FILE] "
             "[--json]",
    .help = "play whole games with the weights of a run's newest checkpoint, or of the one named",
    .details = "Prints each game's score and steps, then mean, standard deviation (of the games, divided by "
               "N), largest,\n"
               "smallest and median. Scores are raw rewards.\n\n"
               "  --best        the weights of the run's highest evaluation, RUN/checkpoints/best\n"
               "  --episodes N  games; by default the run's eval.episodes\n"
               "  --epsilon E   share of random actions; by default the run's eval.epsilon\n"
               "  --seed S      of starts and random actions; 1 by default\n"
               "  --threads N   0, the default: one for each processor\n"
               "  --trace FILE  what the agent saw, expected and did, decision by decision, as safetensors: "
               "observations,\n"
               "                q_values, actions, games\n"
               "  --trace-steps N  decisions of it, the first ones; 5000 by default\n"
               "  --json        one object: checkpoint, step, episodes, epsilon, seed, mean, std, min, max, "
               "median, seconds,\n"
               "                returns and lengths (a number for each game)\n",
    .run = eval,
};
