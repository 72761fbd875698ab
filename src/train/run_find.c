// A run that a command may find begun already: started, resumed or left as it is, as its directory shows. The
// same command can then be given again and again, as batch systems do.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/text.h"
#include "config/config.h"
#include "rainbow/run.h"
#include "rollout/saved.h"
#include "train/run_directory.h"

// Where a run is: not settings of the run that is looked for.
static bool is_about_place(const char *key)
{
    return !strcmp(key, "run.root") || !strcmp(key, "run.group") || !strcmp(key, "run.name") ||
           !strcmp(key, "run.overwrite");
}

static bool decides(const char *key)
{
    for (int i = 0; i < rb_param_count(); i++)
        if (!strcmp(rb_param_get(i)->key, key)) return rb_param_get(i)->decides;
    return true;
}

// Writes the differences that a resume can take over to `changes`.
static rb_status compare(const rb_config *then, const rb_config *now, const char *directory, char *changes,
                         size_t bytes, rb_error *error)
{
    rb_config_change change;
    size_t used = 0;
    for (int at = 0; rb_config_next_change(then, now, at, &change); at = change.next) {
        if (is_about_place(change.key)) continue;
        const bool other = decides(change.key) || !strcmp(change.key, "run.seed");
        if (other || !change.resume) {
            char remedy[600] = "";
            if (change.resume)
                snprintf(remedy, sizeof remedy,
                         ", and `rainbow train --resume %.200s --%s=%.200s` changes it", directory,
                         change.key, change.is);
            return rb_error_set(error, RB_ERR_USAGE,
                                "%.300s: is a run with other settings: its %s is %.200s, not %.200s; "
                                "--run.name=OTHER names another run%s",
                                directory, change.key, change.was, change.is, remedy);
        }
        used += (size_t)snprintf(changes + used, bytes - used, "--%s=%s\n", change.key, change.is);
        if (used >= bytes)
            return rb_error_set(error, RB_ERR_USAGE, "%.300s: too many settings differ from the run's",
                                directory);
    }
    return RB_OK;
}

static rb_status find_directory(rb_config *config, char *directory, size_t bytes, rb_error *error)
{
    rb_run_params *p = &config->params.run;
    char parent[RB_PATH_MAX];
    if (p->overwrite)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "run.overwrite = true replaces a run that is there, which can't go together with resuming it");
    if (!*p->env)
        return rb_error_set(error, RB_ERR_USAGE, "no environment was named (`rainbow envs` lists them)");
    if (!*p->name) rb_run_directory_name(p->name, sizeof p->name, p, 1);
    rb_status status = rb_path_join(parent, sizeof parent, p->root, p->group, error);
    return status ? status : rb_path_join(directory, bytes, parent, p->name, error);
}

rb_status rb_run_find(rb_config *config, rb_presence *presence, char *directory, size_t directory_bytes,
                      char *changes, size_t change_bytes, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_config *then = NULL;
    *presence = RB_ABSENT;
    *changes = 0;
    rb_status status = find_directory(config, directory, directory_bytes, error);
    if (!status) status = rb_path_join(path, sizeof path, directory, "config.ini", error);
    if (status || !rb_file_exists(path)) return status; // rb_run_create judges anything else
    status = rb_config_create(&then, error);
    if (!status) status = rb_run_config_read(then, path, error);
    if (!status) status = compare(then, config, directory, changes, change_bytes, error);
    rb_config_destroy(then);
    if (!status) status = rb_path_join(path, sizeof path, directory, "end.json", error);
    if (!status) *presence = rb_file_exists(path) ? RB_COMPLETE : RB_RESUMABLE;
    return status;
}

static double number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

rb_status rb_run_numbers_read(rb_run_numbers *out, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX], *text = NULL;
    size_t bytes;
    *out = (rb_run_numbers){0};
    rb_status status = rb_path_join(path, sizeof path, directory, "end.json", error);
    if (!status) status = rb_file_read(path, &text, &bytes, error);
    if (status) return status;
    cJSON *object = cJSON_Parse(text);
    free(text);
    const char *ended_by = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "ended_by"));
    if (!ended_by || !cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(object, "step")))
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: is damaged: it has no ended_by and step", path);
    if (!status) {
        rb_text_copy(out->ended_by, sizeof out->ended_by, ended_by);
        out->step = number(object, "step");
        out->frames = number(object, "frames");
        out->games = number(object, "games");
        out->updates = number(object, "updates");
        out->seconds = number(object, "seconds");
        out->return_mean = number(object, "return_mean");
        out->eval_mean = number(object, "eval_mean");
        out->eval_best = number(object, "eval_best");
    }
    cJSON_Delete(object);
    return status;
}
