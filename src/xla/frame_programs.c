// Programs for a copy of replay's frames on the device. See programs.h.
#include "xla/programs.h"

static rb_type frame_type(const rb_agent_spec *spec)
{
    return spec->kind == RB_OBS_U8 ? RB_U8 : RB_F32;
}

rb_sizes rb_xla_frames_sizes(const rb_agent_spec *spec)
{
    return RB_SIZES(spec->slots + 2, (int64_t)(spec->planes / spec->frames) * spec->height * spec->width);
}

void rb_xla_frames_build(rb_hlo *h, const rb_xla_shape *shape)
{
    const rb_agent_spec *spec = shape->spec;
    rb_hlo_output(h, rb_hlo_filled(h, frame_type(spec), rb_xla_frames_sizes(spec), 0), "frames");
}

void rb_xla_store_build(rb_hlo *h, const rb_xla_shape *shape, int count)
{
    const rb_agent_spec *spec = shape->spec;
    const rb_sizes sizes = rb_xla_frames_sizes(spec);
    const rb_value copy = rb_hlo_input(h, frame_type(spec), sizes, "frames"),
                   slots = rb_hlo_input(h, RB_S32, RB_SIZES(count), "slots"),
                   fresh = rb_hlo_input(h, frame_type(spec), RB_SIZES(count, sizes.of[1]), "fresh");
    rb_value changed = copy;
    for (int i = 0; i < count; i++)
        changed = rb_hlo_place(h, changed, rb_hlo_slice(h, fresh, 0, i, i + 1),
                               rb_hlo_reshape(h, rb_hlo_slice(h, slots, 0, i, i + 1), RB_SCALAR));
    rb_hlo_replace(h, copy, changed);
}

void rb_xla_gather_build(rb_hlo *h, const rb_xla_shape *shape, int size)
{
    const rb_agent_spec *spec = shape->spec;
    const int64_t half = (int64_t)size * spec->frames;
    const rb_value copy = rb_hlo_input(h, frame_type(spec), rb_xla_frames_sizes(spec), "frames"),
                   slots = rb_hlo_input(h, RB_S32, RB_SIZES(2 * half), "slots");
    const rb_value rows = rb_hlo_rows(h, copy, slots);
    const rb_sizes batch = RB_SIZES(size, spec->planes, spec->height, spec->width);
    rb_hlo_output(h, rb_hlo_reshape(h, rb_hlo_slice(h, rows, 0, 0, half), batch), "states");
    rb_hlo_output(h, rb_hlo_reshape(h, rb_hlo_slice(h, rows, 0, half, 2 * half), batch), "next_states");
}
