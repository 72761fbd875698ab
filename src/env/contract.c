// See contract.h. Every message gives the value that was found.
#include "env/contract.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/mask.h"

rb_status rb_env_class_check(const rb_env_class *class, rb_error *error)
{
    const char *missing = !class->create    ? "create"
                          : !class->destroy ? "destroy"
                          : !class->spec    ? "spec"
                          : !class->reset   ? "reset"
                          : !class->step    ? "step"
                          : !class->observe ? "observe"
                                            : NULL;
    if (missing)
        return rb_error_set(error, RB_ERR_ENV,
                            "its table has no function %s; create, destroy, spec, reset, step and observe "
                            "are needed",
                            missing);
    if (!class->name || !class->name[0]) return rb_error_set(error, RB_ERR_ENV, "its table has no name");
    if (!class->save != !class->load)
        return rb_error_set(error, RB_ERR_ENV, "its table has %s without %s: both are needed, or neither",
                            class->save ? "save" : "load", class->save ? "load" : "save");
    if (!class->begin != !class->ready)
        return rb_error_set(error, RB_ERR_ENV, "its table has %s without %s: both are needed, or neither",
                            class->begin ? "begin" : "ready", class->begin ? "ready" : "begin");
    return RB_OK;
}

static rb_status check_observation(const rb_env_spec *spec, rb_error *error)
{
    const int c = spec->channels, h = spec->height, w = spec->width;
    if (spec->kind != RB_OBS_U8 && spec->kind != RB_OBS_F32)
        return rb_error_set(error, RB_ERR_ENV,
                            "its kind of observation is %d: must be RB_OBS_U8 or RB_OBS_F32",
                            (int)spec->kind);
    if (c < 1 || h < 1 || w < 1 || c > RB_ENV_SIDE_MOST || h > RB_ENV_SIDE_MOST || w > RB_ENV_SIDE_MOST)
        return rb_error_set(error, RB_ERR_ENV,
                            "its observations have %d x %d x %d values: channels, height and width must each "
                            "be from 1 to %d",
                            c, h, w, RB_ENV_SIDE_MOST);
    if (spec->vector < 0 || spec->vector > RB_ENV_SIDE_MOST)
        return rb_error_set(error, RB_ERR_ENV,
                            "its vector beside the picture has %d numbers: must be from 0 (none) to %d",
                            spec->vector, RB_ENV_SIDE_MOST);
    if (spec->vector && h == 1 && w == 1)
        return rb_error_set(
            error, RB_ERR_ENV,
            "its vector of %d numbers stands beside no picture (%d x 1 x 1): channels must hold "
            "all numbers, and vector 0",
            spec->vector, c);
    if (rb_env_frame_bytes(spec) > RB_ENV_FRAME_BYTES_MOST)
        return rb_error_set(error, RB_ERR_ENV,
                            "its observations have %d x %d x %d values: a frame may take at most %d bytes", c,
                            h, w, RB_ENV_FRAME_BYTES_MOST);
    return RB_OK;
}

static rb_status check_actions(const rb_env_spec *spec, rb_error *error)
{
    if (spec->actions < 1 || spec->actions > RB_ENV_ACTIONS_MOST)
        return rb_error_set(error, RB_ERR_ENV, "it has %d actions: must be from 1 to %d", spec->actions,
                            RB_ENV_ACTIONS_MOST);
    for (int i = 0; spec->action_names && i < spec->actions; i++)
        if (!spec->action_names[i])
            return rb_error_set(error, RB_ERR_ENV, "its action %d of %d has no name: name all or none", i,
                                spec->actions);
    return RB_OK;
}

static rb_status check_rest(const rb_env_class *class, const rb_env_spec *spec, rb_error *error)
{
    if (spec->stack < 1 || spec->stack > RB_ENV_STACK_MOST)
        return rb_error_set(error, RB_ERR_ENV, "it stacks %d frames: must be from 1 to %d", spec->stack,
                            RB_ENV_STACK_MOST);
    if (spec->max_episode_steps < 0)
        return rb_error_set(error, RB_ERR_ENV, "its time limit is %d steps: must be at least 0 (none)",
                            spec->max_episode_steps);
    if (spec->frames_per_step < 1)
        return rb_error_set(error, RB_ERR_ENV, "its steps take %d frames: must be at least 1",
                            spec->frames_per_step);
    if (spec->can_save && (!class->save || !class->load))
        return rb_error_set(error, RB_ERR_ENV, "its spec sets can_save, but its table has no save and load");
    if (spec->masks && !class->mask)
        return rb_error_set(error, RB_ERR_ENV, "its spec sets masks, but its table has no mask");
    const int h = spec->screen_height, w = spec->screen_width;
    if (h < 0 || w < 0 || !h != !w || h > RB_ENV_SCREEN_MOST || w > RB_ENV_SCREEN_MOST)
        return rb_error_set(error, RB_ERR_ENV,
                            "its screen has %d x %d pixels: both must be 0 (none), or from 1 to %d", h, w,
                            RB_ENV_SCREEN_MOST);
    if (h && !class->render)
        return rb_error_set(error, RB_ERR_ENV,
                            "it has a screen of %d x %d pixels, but its table has no render", h, w);
    return RB_OK;
}

rb_status rb_env_spec_check(const rb_env_class *class, const rb_env_spec *spec, rb_error *error)
{
    rb_status status = check_observation(spec, error);
    if (!status) status = check_actions(spec, error);
    return status ? status : check_rest(class, spec, error);
}

bool rb_env_frame_odd(const rb_env_spec *spec, const void *frame, size_t *at, float *value)
{
    const size_t picture = (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width,
                 first = spec->kind == RB_OBS_F32 ? 0 : picture, end = picture + (size_t)spec->vector;
    const char *from = frame; // picture and floats have the same first byte, because bytes take one each
    for (*at = first; *at < end; ++*at) {
        memcpy(value, from + first + (*at - first) * sizeof *value, sizeof *value);
        if (!isfinite(*value)) return true;
    }
    return false;
}

rb_status rb_env_mask_check(const uint8_t *allowed, int actions, rb_error *error)
{
    const int odd = rb_mask_odd(allowed, actions);
    if (odd >= 0)
        return rb_error_set(error, RB_ERR_ENV,
                            "its mask has the value %d for action %d: must be 1 (allowed) or 0 (forbidden)",
                            allowed[odd], odd);
    if (rb_mask_count(allowed, actions) == 0)
        return rb_error_set(error, RB_ERR_ENV,
                            "its mask allows none of the %d actions: must allow at least one until the game "
                            "has terminated",
                            actions);
    return RB_OK;
}

void rb_action_names(char *out, size_t bytes, const rb_env_spec *env)
{
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; env->action_names && i < env->actions; i++) {
        const char *name = env->action_names[i];
        if (used + strlen(name) + 3 > bytes) break;
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", i ? ", " : "", name);
    }
}
