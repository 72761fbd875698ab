// Names that lack the prefix gym/, such as LunarLander-v2, and the ids that they mean.
//
// Gymnasium removes old versions of an environment, and tutorials keep naming them. The table has the
// versions of scripts/get-gymnasium's Gymnasium. It is used for suggestions only: what follows gym/ goes to
// the user's own Gymnasium, which knows better.
#include "env/gym_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const struct {
    const char *name;
    long version;
} newest[] = {
    {"LunarLander", 3},
    {"LunarLanderContinuous", 3},
    {"BipedalWalker", 3},
    {"BipedalWalkerHardcore", 3},
    {"CarRacing", 3},
    {"Taxi", 4},
    {"FrozenLake", 1},
    {"FrozenLake8x8", 1},
    {"CliffWalking", 1},
    {"CliffWalkingSlippery", 1},
    {"Blackjack", 1},
    {"Pendulum", 1},
    {"MountainCarContinuous", 0},
};

// The length of NAME in NAME-vN, or 0.
static size_t before_version(const char *name)
{
    const char *version = strrchr(name, '-');
    const bool has = version && version != name && version[1] == 'v' && version[2] &&
                     !version[2 + strspn(version + 2, "0123456789")] && name[0] != '.' && name[0] != '/';
    return has ? (size_t)(version - name) : 0;
}

bool rb_gym_near(const char *name, char out[RB_ENV_NAME_MAX])
{
    if (rb_text_starts(name, "gymnasium/")) name += strlen("gymnasium/");
    const size_t versioned = before_version(name), bytes = versioned ? versioned : strlen(name);
    for (size_t i = 0; i < sizeof newest / sizeof *newest; i++) {
        if (strlen(newest[i].name) != bytes || strncasecmp(newest[i].name, name, bytes)) continue;
        if (versioned && strtol(name + bytes + 2, NULL, 10) >= newest[i].version) break;
        return snprintf(out, RB_ENV_NAME_MAX, "gym/%s-v%ld", newest[i].name, newest[i].version) <
               RB_ENV_NAME_MAX;
    }
    return versioned && snprintf(out, RB_ENV_NAME_MAX, "gym/%s", name) < RB_ENV_NAME_MAX;
}
