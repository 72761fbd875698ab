// Small parts of programs that judge outputs (judge.c, xla_targets.c). Legend: B samples, A actions, Z atoms.
#ifndef RB_XLA_PARTS_H
#define RB_XLA_PARTS_H

#include "agent/agent.h"
#include "xla/hlo.h"

rb_value rb_xla_float(rb_hlo *h, double number);
// `v` along one dimension, or two, of the shape of `like`, repeated along the others.
rb_value rb_xla_along(rb_hlo *h, rb_value v, rb_value like, int place);
rb_value rb_xla_along2(rb_hlo *h, rb_value v, rb_value like, int first, int second);
rb_value rb_xla_support(rb_hlo *h, const rb_agent_spec *spec); // [Z] the atoms' values
// From [B][A][Z] or [B][A] the numbers of one action of each sample, [B][Z] or [B].
rb_value rb_xla_of_action(rb_hlo *h, rb_value v, rb_value actions);

#endif
