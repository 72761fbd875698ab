// `rainbow play` without its window: the show (viewer.h) of a person playing.
#ifndef RB_VIEWER_PLAY_H
#define RB_VIEWER_PLAY_H

#include "rainbow/window.h"
#include "rollout/game.h"
#include "viewer/viewer.h"

typedef struct rb_play_show rb_play_show;

rb_status rb_play_open(rb_play_show **out, const rb_config *config, const rb_play_options *options,
                       rb_error *error);
void rb_play_close(rb_play_show *play, rb_play_result *out); // NULL is fine; `out` may be NULL
rb_viewer *rb_play_get_show(rb_play_show *play);
const rb_moment *rb_play_moment(rb_play_show *play); // the moment in the picture

#endif
