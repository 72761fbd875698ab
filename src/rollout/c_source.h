// Writes a plan (c_plan.h) as the text of one C99 file: declarations, the loops that it needs with its
// prefix, the weights, the functions that a program calls, and a self-test.
#ifndef RB_ROLLOUT_C_SOURCE_H
#define RB_ROLLOUT_C_SOURCE_H

#include "rollout/c_plan.h"

typedef struct rb_c_words { // what the file says of itself
    const char *name;       // prefix: rb_c_name_fits
    const char *env, *action_names;
    int64_t step;
    const char *agreement; // a sentence
    // The self-test: an observation, and the file's Q-values and action for it.
    const void *observation;
    const float *q;
    int action;
} rb_c_words;

// The caller frees *text. RB_ERR_MEMORY.
rb_status rb_c_source_make(const rb_c_plan *plan, const rb_c_words *words, char **text, size_t *bytes,
                           rb_error *error);

#endif
