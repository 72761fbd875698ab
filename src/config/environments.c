// What the room of the environments tells this one about their names (config.h).
#include <string.h>

#include "config/config.h"

static const rb_config_env *environments;

void rb_config_use_environments(const rb_config_env *these)
{
    environments = these;
}

const rb_config_env *rb_config_environments(void)
{
    return environments;
}

bool rb_config_env_is_file(const char *env)
{
    return environments && environments->is_file ? environments->is_file(env) : strchr(env, '/') != NULL;
}
