// The registry: asks the families, in the order in which `rainbow envs` lists them.
#include "env/registry.h"

#include <assert.h>
#include <string.h>

#include "env/gym.h"

static const rb_env_family *const families[] = {
#define X(name) &rb_##name##_family,
    RB_ENV_FAMILIES(X)
#undef X
};
enum { FAMILIES = sizeof families / sizeof families[0] };

int rb_env_entry_count(void)
{
    int count = 0;
    for (int f = 0; f < FAMILIES; f++) count += families[f]->count();
    return count;
}

const rb_env_entry *rb_env_entry_get(int i)
{
    for (int f = 0; f < FAMILIES; f++) {
        if (i < families[f]->count()) return families[f]->entry(i);
        i -= families[f]->count();
    }
    assert(!"no such entry");
    return NULL;
}

// A name without any known form: a misspelled one, or one that lacks its prefix.
static rb_status unknown(const char *name, rb_error *error)
{
    if (!*name) return rb_error_set(error, RB_ERR_USAGE, "no environment given (`rainbow envs` lists all)");
    char near[RB_ENV_NAME_MAX];
    for (int f = 0; f < FAMILIES; f++)
        if (families[f]->near(name, near))
            return rb_error_set(error, RB_ERR_USAGE,
                                "unknown environment '%s': did you mean '%s'? (`rainbow envs` lists all)",
                                name, near);
    return rb_error_set(error, RB_ERR_USAGE, "unknown environment '%s' (`rainbow envs` lists all)", name);
}

static const rb_env_family *family_of(const char *name)
{
    for (int f = 0; f < FAMILIES; f++)
        if (families[f]->has_form(name)) return families[f];
    return NULL;
}

bool rb_env_is_file(const char *name)
{
    return family_of(name) == &rb_plugin_family;
}

rb_status rb_env_find(const char *name, const rb_env_class **out, rb_error *error)
{
    const rb_env_family *family = family_of(name);
    return family ? family->find(name, out, error) : unknown(name, error);
}

rb_status rb_env_defaults(const char *name, const char **preset, const char **values, rb_error *error)
{
    const rb_env_class *class;
    rb_status status = rb_env_find(name, &class, error);
    if (status == RB_OK) family_of(name)->defaults(name, preset, values);
    return status;
}

const rb_env_family *rb_env_family_of_group(const char *group)
{
    for (int f = 0; f < FAMILIES; f++)
        if (families[f]->group && !strcmp(families[f]->group, group)) return families[f];
    return NULL;
}

const rb_env_frames *rb_env_frames_of(const rb_env_class *class)
{
    if (class == &rb_atari_class) return &rb_atari_frames;
    return class == &rb_gym_class ? &rb_gym_frames : NULL;
}
