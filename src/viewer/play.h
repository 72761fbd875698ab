// `rainbow play` without its window: the viewer (viewer.h) of a person playing.
#ifndef RB_VIEWER_PLAY_H
#define RB_VIEWER_PLAY_H

#include "rainbow/window.h"
#include "rollout/game.h"
#include "viewer/viewer.h"

typedef struct rb_play_viewer rb_play_viewer;

rb_status rb_play_open(rb_play_viewer **out, const rb_config *config, const rb_play_options *options,
                       rb_error *error);
void rb_play_close(rb_play_viewer *play, rb_play_result *out); // NULL is fine; `out` may be NULL
rb_viewer *rb_play_get_viewer(rb_play_viewer *play);
const rb_moment *rb_play_moment(rb_play_viewer *play); // the moment in the picture

#endif
