// For the tests of devices: the CPU plugin of scripts/get-accelerator cpu, and agents that compute with it.
// Without the plugin, tests end with status 77 and are reported as not run.
#ifndef RB_TESTS_XLA_KIT_H
#define RB_TESTS_XLA_KIT_H

#include <stdio.h>

#include "agent/agent_kit.h"
#include "xla/find.h"
#include "xla/xla.h"

// A plugin's compiler keeps memory until the process ends, which the sanitizer of leaks need not report.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:pjrt_c_api";
}

enum { XLA_SKIPPED = 77, XLA_PATH = 4096 };

// The plugin's path; false after telling that there is none.
static inline bool xla_plugin(char path[XLA_PATH])
{
    rb_error error = {0};
    const char *device = getenv("RB_TEST_DEVICE"); // bench/accelerator sets it on a machine with a GPU
    if (rb_xla_find(path, XLA_PATH, device ? device : "xla:cpu", &error) == RB_OK) return true;
    printf("not run: %s\n", error.message);
    return false;
}

static inline rb_device *xla_device(const char *path, bool bf16)
{
    rb_device *device;
    rb_error error = {0};
    const rb_xla_options options = {.bf16 = bf16};
    if (rb_xla_create(&device, path, &options, &error)) fail_msg("%s", error.message);
    return device;
}

#endif
