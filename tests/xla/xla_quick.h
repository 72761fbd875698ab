// The CPU plugin's compiler takes most of the time of the tests of devices, so they tell it not to make quick
// code, and to write loops in the older of its two ways, which takes less than half of the time. The
// operations, and what they are fused to, stay the same.
#ifndef RB_TESTS_XLA_QUICK_H
#define RB_TESTS_XLA_QUICK_H

#include <stdlib.h>

// Before the plugin is opened. Another device (RB_TEST_DEVICE, bench/accelerator) compiles as in a run.
static inline void xla_quick(void)
{
    static const char flags[] = "--xla_backend_optimization_level=0 "
                                "--xla_backend_extra_options=xla_cpu_disable_new_fusion_emitters";
    if (!getenv("RB_TEST_DEVICE")) setenv("XLA_FLAGS", flags, 0);
}

#endif
