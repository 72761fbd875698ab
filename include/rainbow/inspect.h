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

// The environments that Rainbow knows.
typedef struct rb_env_info {
    const char *name, *help, *needs;
} rb_env_info;
int rb_env_count(void);
rb_env_info rb_env_get(int i);
// Describes an environment with its default settings, by creating an instance. RB_ERR_MISSING if something it
// needs is not installed.
typedef struct rb_env_details {
    bool floats; // else bytes
    int channels, height, width, stack, actions, max_episode_steps, screen_height, screen_width;
    int vector; // floats beside the picture; 0: none
    bool can_save, masks;
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty if the actions have no names
} rb_env_details;
rb_status rb_env_describe(const char *name, rb_env_details *out, rb_error *error);

typedef struct rb_doctor_line {
    bool ok;
    char what[64], found[512], remedy[512];
} rb_doctor_line;
int rb_doctor(rb_doctor_line *lines, int most); // returns the number of lines filled

#ifdef __cplusplus
}
#endif

#endif
