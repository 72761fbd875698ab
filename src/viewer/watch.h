// `rainbow watch` without its window: the show (viewer.h) of an agent at play. A test can run it with its own
// keys and clock.
#ifndef RB_VIEWER_WATCH_H
#define RB_VIEWER_WATCH_H

#include "rainbow/window.h"
#include "rollout/game.h"
#include "viewer/viewer.h"

typedef struct rb_watch_show rb_watch_show;

rb_status rb_watch_open(rb_watch_show **out, const char *path, const rb_watch_options *options,
                        rb_error *error);
void rb_watch_close(rb_watch_show *watch, rb_watch_result *out); // NULL is fine; `out` may be NULL
rb_viewer *rb_watch_get_show(rb_watch_show *watch);
const rb_moment *rb_watch_moment(rb_watch_show *watch); // the moment in the picture

#endif
