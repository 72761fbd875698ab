// The file of a saved learner, opened: its settings, and what its observations and actions are.
#ifndef RB_LEARNER_LEARNER_STATE_H
#define RB_LEARNER_LEARNER_STATE_H

#include "learner/learner_impl.h"

typedef struct rb_learner_world { // rb_learner_spec, as it is saved
    int32_t floats, channels, height, width, stack, actions, streams;
    int32_t vector;
    bool manual, masks;
    char action_names[RB_LEARNER_NAMES_BYTES];
} rb_learner_world;

typedef struct rb_learner_file {
    rb_visitor *v; // has read the settings and the world; the agent comes next
    rb_config *config;
    rb_learner_world world;
} rb_learner_file;

void rb_learner_world_visit(rb_learner_world *world, rb_visitor *visitor);
rb_learner_spec rb_learner_world_spec(const rb_learner_world *world);
// RB_ERR_FORMAT: the file is not one that rb_learner_save wrote, or it is damaged.
rb_status rb_learner_file_open(rb_learner_file *opened, const char *file, rb_error *error);
void rb_learner_file_close(rb_learner_file *opened);

#endif
