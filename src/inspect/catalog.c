// What the program offers: its environments and the library's version; also the links between rooms that a
// program needs at its start.
#include <stdio.h>
#include <string.h>

#include "base/scripts.h"
#include "config/config.h"
#include "env/contract.h"
#include "env/vector.h"
#include "env/vector_spec.h"
#include "rainbow/inspect.h"
#include "rainbow/rainbow.h"

void rb_rainbow_init(void)
{
    static const rb_config_env environments = {.look_up = rb_env_defaults, .is_file = rb_env_is_file};
    rb_config_use_environments(&environments);
}

const char *rb_rainbow_version(void)
{
    return RB_VERSION;
}

int rb_env_count(void)
{
    return rb_env_entry_count();
}

rb_env_info rb_env_get(int i)
{
    const rb_env_entry *entry = rb_env_entry_get(i);
    return (rb_env_info){.name = entry->name, .help = entry->help, .needs = rb_scripts_in(entry->needs)};
}

static void copy_spec(rb_env_details *out, const rb_env_spec *spec)
{
    *out = (rb_env_details){.floats = spec->kind == RB_OBS_F32,
                            .channels = spec->channels,
                            .height = spec->height,
                            .width = spec->width,
                            .stack = spec->stack,
                            .actions = spec->actions,
                            .max_episode_steps = spec->max_episode_steps,
                            .screen_height = spec->screen_height,
                            .screen_width = spec->screen_width,
                            .can_save = spec->can_save,
                            .masks = spec->masks,
                            .vector = spec->vector};
    rb_action_names(out->action_names, sizeof out->action_names, spec);
}

rb_status rb_env_describe(const char *name, rb_env_details *out, rb_error *error)
{
    *out = (rb_env_details){0};
    rb_config *config = NULL;
    rb_arena *arena = NULL;
    rb_vector *vector = NULL;
    rb_status status = rb_config_create(&config, error);
    if (!status) status = rb_config_arguments(config, 1, &name, error);
    if (!status) status = rb_arena_create(&arena, error);
    if (!status) {
        const rb_params *p = &config->params;
        const rb_vector_spec spec = rb_vector_spec_make(p, 0, 1);
        status = rb_vector_create(&vector, &spec, arena, error);
    }
    if (!status) copy_spec(out, rb_vector_env_spec(vector));
    rb_vector_destroy(vector);
    rb_arena_destroy(arena);
    rb_config_destroy(config);
    return status;
}
