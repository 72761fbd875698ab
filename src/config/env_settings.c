// The part of a run's parameters that environments are made from.
#include "config/params.h"

#include <stddef.h>

rb_env_settings rb_env_settings_of(const rb_params *params)
{
    return (rb_env_settings){
        .name = params->run.env,
#define RB_GROUP(group, help)
#define RB_ENV_GROUP(group_, help) .group_ = params->group_,
#define RB_INT(...)
#define RB_REAL(...)
#define RB_BOOL(...)
#define RB_CHOICE(...)
#define RB_TEXT(...)
#define RB_END(group)
#include "config/params.def"
    };
}

const char *const rb_env_groups[] = {
#undef RB_GROUP
#define RB_GROUP(group, help)
#define RB_ENV_GROUP(group, help) #group,
#include "config/params.def"
    NULL,
};
