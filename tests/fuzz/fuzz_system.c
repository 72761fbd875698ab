// Texts of the kernel: the files of a control group, in both versions, of any content.
#include "fuzz/fuzz.h"
#include "../../src/base/cgroup.c" // for read_v1 and read_v2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char *const names[] = {"memory.max",  "memory.current",        "cpu.max",
                                        "memory.stat", "memory.limit_in_bytes", "cpu.cfs_quota_us"};
    rb_cgroup limits = {INFINITY, INFINITY, INFINITY};
    char group[PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        snprintf(group, sizeof group, "%s", fuzz_file(names[i], data, bytes));
    *strrchr(group, '/') = 0;
    read_v2(&limits, group);
    read_v1(&limits, group);
    FUZZ_CHECK(limits.memory_limit >= 0 && limits.memory_left >= 0 && limits.cores > 0);
    return 0;
}
