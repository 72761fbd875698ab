// Measures the scenes of a benchmark, one after the other, and prints the rows of a table, or one object.
#include "cli/bench.h"

#include <string.h>

static rb_status measure(const cli_bench_kind *kind, const void *how, const cli_scene *scene, int count,
                         const char *const *words, bool first, cJSON *object, rb_error *error)
{
    rb_config *config = NULL;
    rb_status status = cli_bench_config(&config, scene ? scene->words : NULL, count, words, error);
    if (object && scene) cJSON_AddStringToObject(object, "scene", scene->name);
    if (status == RB_OK)
        status = kind->measure(config, how, scene ? scene->name : NULL, first, object, error);
    rb_config_destroy(config);
    return status;
}

int cli_bench_scenes(const cli_bench_kind *kind, const void *how, const char *name, int count,
                     const char *const *words, bool json)
{
    const char *benchmark = strchr(kind->command->name, ' ') + 1;
    const bool own = cli_bench_names_settings(count, words);
    if (name && own) return cli_usage(kind->command, "a scene has %s", kind->brings);

    rb_error error = {0};
    cJSON *object = json ? cJSON_CreateObject() : NULL;
    cJSON_AddStringToObject(object, "bench", benchmark);
    cJSON *list = cJSON_AddArrayToObject(object, "scenes");
    rb_status status = RB_OK;
    int measured = 0;
    for (int i = 0; i < (own ? 1 : kind->count) && status == RB_OK; i++) {
        const cli_scene *scene = own ? NULL : &kind->scenes[i];
        if (name && strcmp(scene->name, name) != 0) continue;
        cJSON *row = json ? cJSON_CreateObject() : NULL;
        if (row) cJSON_AddItemToArray(list, row);
        status = measure(kind, how, scene, count, words, measured++ == 0, row, &error);
        fflush(stdout);
    }
    if (status == RB_OK && measured) return json ? cli_print_json(object) : CLI_DONE;
    cJSON_Delete(object);
    if (status != RB_OK) return cli_fail(&error);
    return cli_usage(kind->command, "no scene %s; `rainbow help bench %s` lists them", name, benchmark);
}
