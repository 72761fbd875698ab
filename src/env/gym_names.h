// The Gymnasium id that a name without gym/ means.
#ifndef RB_ENV_GYM_NAMES_H
#define RB_ENV_GYM_NAMES_H

#include <stdbool.h>

#include "env/registry.h"

// Writes "gym/LunarLander-v3" for LunarLander-v2, LunarLander or gymnasium/LunarLander-v3. False: the name
// has not Gymnasium's form, Name-v3.
bool rb_gym_near(const char *name, char out[RB_ENV_NAME_MAX]);

#endif
