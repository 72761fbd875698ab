#include "env/known_actions.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *env;
    int count;
    const char *names[6];
} known[] = {{"lunarlander", 4, {"nothing", "left engine", "main engine", "right engine"}},
             {"cartpole", 2, {"left", "right"}},
             {"mountaincar", 3, {"left", "none", "right"}},
             {"acrobot", 3, {"torque -1", "torque 0", "torque +1"}},
             {"carracing", 5, {"nothing", "right", "left", "gas", "brake"}},
             {"frozenlake", 4, {"left", "down", "right", "up"}},
             {"cliffwalking", 4, {"up", "right", "down", "left"}},
             {"taxi", 6, {"down", "up", "right", "left", "pick up", "drop off"}},
             {"blackjack", 2, {"stick", "hit"}}};
enum { KNOWN = sizeof known / sizeof *known };

const char *const *rb_known_actions(const char *env, int count)
{
    char low[96] = "";
    for (size_t i = 0; env[i] && i + 1 < sizeof low; i++) low[i] = (char)tolower((unsigned char)env[i]);
    for (int i = 0; i < KNOWN; i++)
        if (strstr(low, known[i].env) && known[i].count == count) return known[i].names;
    return NULL;
}

const char *const *rb_known_actions_of_id(const char *id, int count)
{
    for (int i = 0; i < KNOWN; i++) {
        const size_t length = strlen(known[i].env);
        if (known[i].count != count || strncasecmp(id, known[i].env, length)) continue;
        const char *rest = id + length;
        if (!strncmp(rest, "-v", 2) || !strncmp(rest, "8x8-v", 5) || !strncmp(rest, "Slippery-v", 10))
            return known[i].names;
    }
    return NULL;
}
