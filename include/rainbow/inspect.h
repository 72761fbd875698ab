// Inspection: which environments exist, and what this machine has.
#ifndef RAINBOW_INSPECT_H
#define RAINBOW_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// What environments there are, and what this machine has.
typedef struct rb_env_info {
    const char *name, *help, *needs;
} rb_env_info;
int rb_env_count(void);
rb_env_info rb_env_get(int i);
// An environment as it is with its usual settings, from an instance that is made for it: RB_ERR_MISSING where
// what it needs is not installed.
typedef struct rb_env_details {
    bool floats; // or bytes
    int channels, height, width, stack, actions, max_episode_steps, screen_height, screen_width;
    bool can_save;
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty where they have none
} rb_env_details;
rb_status rb_env_describe(const char *name, rb_env_details *out, rb_error *error);

typedef struct rb_doctor_line {
    bool ok;
    char what[64], found[512], remedy[512];
} rb_doctor_line;
int rb_doctor(rb_doctor_line *lines, int most); // how many lines were filled

#ifdef __cplusplus
}
#endif

#endif
