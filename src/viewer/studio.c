#include "viewer/studio.h"

#include <stdio.h>

#include "base/text.h"

rb_status rb_studio_open(rb_studio *studio, const rb_view_spec *view, int64_t agent_step, const char *file,
                         int frames_per_second, rb_record_result *out, rb_error *error)
{
    char count[32];
    rb_view_spec spec = *view;
    rb_text_thousands(count, sizeof count, agent_step);
    snprintf(studio->caption, sizeof studio->caption, "after %s steps", count);
    spec.caption = agent_step < 0 ? NULL : studio->caption;
    studio->frames_per_second = frames_per_second;
    rb_status status = rb_view_create(&studio->view, &spec, error);
    if (status) return status;
    out->width = rb_view_canvas(studio->view)->width;
    out->height = rb_view_canvas(studio->view)->height;
    return rb_video_create(&studio->video, file, out->width, out->height, frames_per_second, error);
}

rb_status rb_studio_show(rb_studio *studio, const rb_moment *moment, rb_record_result *out, rb_error *error)
{
    rb_status status = RB_OK;
    const int times = moment->over ? studio->frames_per_second : 1;
    rb_view_draw(studio->view, moment);
    for (int i = 0; i < times && !status; i++)
        status = rb_video_add(studio->video, rb_view_canvas(studio->view)->rgb, error);
    out->frames += times;
    return status;
}

rb_status rb_studio_close(rb_studio *studio, rb_status status, rb_error *error)
{
    if (status)
        rb_video_abandon(studio->video);
    else
        status = rb_video_finish(studio->video, error);
    rb_view_destroy(studio->view);
    *studio = (rb_studio){0};
    return status;
}
