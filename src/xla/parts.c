// See parts.h.
#include "xla/parts.h"

#include "agent/acting.h"

rb_value rb_xla_float(rb_hlo *h, double number)
{
    return rb_hlo_number(h, RB_F32, number);
}

rb_value rb_xla_along(rb_hlo *h, rb_value v, rb_value like, int place)
{
    return rb_hlo_spread(h, v, rb_hlo_sizes(h, like), &place);
}

rb_value rb_xla_along2(rb_hlo *h, rb_value v, rb_value like, int first, int second)
{
    return rb_hlo_spread(h, v, rb_hlo_sizes(h, like), (const int[]){first, second});
}

rb_value rb_xla_support(rb_hlo *h, const rb_agent_spec *spec)
{
    float places[1024];
    rb_support_fill(places, (int)spec->agent.atoms, spec->agent.v_min, spec->agent.v_max);
    return rb_hlo_floats(h, RB_SIZES(spec->agent.atoms), places);
}

// [B][A]: whether it is that action.
static rb_value is_action(rb_hlo *h, rb_value actions, rb_value like)
{
    const rb_sizes sizes = rb_hlo_sizes(h, like);
    const rb_value place = rb_hlo_iota(h, RB_S32, RB_SIZES(sizes.of[0], sizes.of[1]), 1);
    return rb_hlo_compare(h, RB_EQ, place, rb_xla_along(h, actions, place, 0));
}

rb_value rb_xla_of_action(rb_hlo *h, rb_value v, rb_value actions)
{
    rb_value is = is_action(h, actions, v);
    if (rb_hlo_sizes(h, v).rank == 3) is = rb_xla_along2(h, is, v, 0, 1);
    return rb_hlo_sum(h, rb_hlo_select(h, is, v, rb_xla_float(h, 0)), 1);
}
