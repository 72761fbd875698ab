#include "cli/json_result.h"

#include <math.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "base/text.h"

static void put(cJSON *object, const char *name, double value)
{
    if (isnan(value))
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddNumberToObject(object, name, value);
}

static void put_text(cJSON *object, const char *name, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

static rb_run_numbers numbers_of(const rb_progress *now)
{
    rb_run_numbers n = {.step = (double)now->step,
                        .frames = (double)now->frames,
                        .games = (double)now->games,
                        .updates = (double)now->updates,
                        .seconds = now->seconds,
                        .return_mean = now->return_mean,
                        .eval_mean = now->eval_mean,
                        .eval_best = now->eval_best};
    return n;
}

int cli_json_result_print(const cli_json_result *result)
{
    rb_run_numbers n = {.step = NAN,
                        .frames = NAN,
                        .games = NAN,
                        .updates = NAN,
                        .seconds = NAN,
                        .return_mean = NAN,
                        .eval_mean = NAN,
                        .eval_best = NAN};
    if (result->now) n = numbers_of(result->now);
    rb_run_numbers ended;
    if (!strcmp(result->status, "ended") && !rb_run_numbers_read(&ended, result->directory, NULL)) n = ended;
    cJSON *object = cJSON_CreateObject();
    put_text(object, "directory", result->directory);
    put_text(object, "status", result->status);
    put_text(object, "ended_by", *n.ended_by ? n.ended_by : NULL);
    put_text(object, "error", result->error);
    put(object, "step", n.step);
    put(object, "frames", n.frames);
    put(object, "games", n.games);
    put(object, "updates", n.updates);
    put(object, "seconds", n.seconds);
    put(object, "return_mean", n.return_mean);
    put(object, "eval_mean", n.eval_mean);
    put(object, "eval_best", n.eval_best);
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    if (!text) return cli_no_memory();
    rb_text_mend(text); // a name or a message may be cut within a letter
    printf("%s\n", text);
    cJSON_free(text);
    fflush(stdout);
    return CLI_DONE;
}
