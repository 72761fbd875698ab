// What there is: environments, the library's version, and the ties between rooms that a program needs at its
// start.
#include "config/config.h"
#include "env/registry.h"
#include "rainbow/run.h"

void rb_rainbow_init(void)
{
    static const rb_config_env environments = {.look_up = rb_env_defaults};
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
    return (rb_env_info){.name = entry->name, .help = entry->help, .needs = entry->needs};
}
