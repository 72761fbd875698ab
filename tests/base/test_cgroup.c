// The limits of control groups, in made-up trees of both versions: the least on the way to the root counts.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cgroup.h"
#include "base/file.h"

static char root[] = "/tmp/rb_cgroup_XXXXXX";

static void begin(void)
{
    strcpy(root, "/tmp/rb_cgroup_XXXXXX");
    assert_non_null(mkdtemp(root));
}

static void put(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    *strrchr(path, '/') = 0;
    assert_int_equal(rb_file_make_directories(path, NULL), RB_OK);
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

// 0 stands for no limit.
static void limits_are(double memory, double left, double cores)
{
    const rb_cgroup found = rb_cgroup_read(root);
    assert_true(found.memory_limit == (memory ? memory : INFINITY));
    assert_true(found.memory_left == (left ? left : INFINITY));
    assert_true(found.cores == (cores ? cores : INFINITY));
}

static void end(void)
{
    assert_int_equal(rb_file_remove_tree(root, NULL), RB_OK);
}

static void test_nothing_limits(void **state)
{
    (void)state;
    begin();
    limits_are(0, 0, 0); // no /proc, no groups
    put("proc/self/cgroup", "0::/user.slice\n");
    put("sys/fs/cgroup/user.slice/memory.max", "max\n");
    put("sys/fs/cgroup/user.slice/memory.high", "max\n");
    put("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
    put("sys/fs/cgroup/memory/memory.usage_in_bytes", "12345\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    limits_are(0, 0, 0);
    end();
}

static void test_v2(void **state)
{
    (void)state;
    begin();
    // A container sees its own group as the root.
    put("sys/fs/cgroup/memory.max", "2000000000\n");
    put("sys/fs/cgroup/memory.current", "1900000000\n");
    put("sys/fs/cgroup/cpu.max", "150000 100000\n");
    limits_are(2e9, 1e8, 1.5);
    put("sys/fs/cgroup/memory.stat", "anon 40000000\nfile 1850000000\ninactive_file 1500000000\n"
                                     "active_file 300000000\nslab 5\n");
    limits_are(2e9, 1.9e9, 1.5); // cached files can be taken back
    // A job in it has less; the group between has the least processor time.
    put("proc/self/cgroup", "0::/slurm/job_7/step_0\n");
    put("sys/fs/cgroup/slurm/job_7/step_0/memory.max", "1000000000\n");
    put("sys/fs/cgroup/slurm/job_7/step_0/memory.current", "400000000\n");
    put("sys/fs/cgroup/slurm/job_7/cpu.max", "50000 100000\n");
    put("sys/fs/cgroup/slurm/job_8/memory.max", "1\n"); // another's
    limits_are(1e9, 6e8, 0.5);
    // The group above it is nearly full: its rest counts, not its size.
    put("sys/fs/cgroup/slurm/memory.max", "1500000000\n");
    put("sys/fs/cgroup/slurm/memory.current", "1400000000\n");
    limits_are(1e9, 1e8, 0.5);
    put("sys/fs/cgroup/slurm/job_7/memory.high", "900000000\n");
    limits_are(9e8, 1e8, 0.5);
    put("sys/fs/cgroup/slurm/memory.current", "1600000000\n"); // above its limit, for a moment
    assert_true(rb_cgroup_read(root).memory_left == 0);
    // A path that this process does not see, as in a container without a namespace of its own.
    put("proc/self/cgroup", "0::/docker/0123/elsewhere\n");
    limits_are(2e9, 1.9e9, 1.5);
    put("proc/self/cgroup", "0::/../../elsewhere\n");
    limits_are(2e9, 1.9e9, 1.5);
    end();
}

static void test_v1(void **state)
{
    (void)state;
    begin();
    put("proc/self/cgroup", "11:cpuset:/\n4:memory:/slurm/job_7\n3:cpu,cpuacct:/slurm/job_7\n0::/\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("sys/fs/cgroup/memory/memory.usage_in_bytes", "7000000000\n");
    put("sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "3000000000\n");
    put("sys/fs/cgroup/memory/slurm/memory.usage_in_bytes", "1000000000\n");
    limits_are(3e9, 2e9, 0);
    put("sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes", "512000000\n");
    put("sys/fs/cgroup/memory/slurm/job_7/memory.usage_in_bytes", "500000000\n");
    limits_are(5.12e8, 1.2e7, 0);
    put("sys/fs/cgroup/memory/slurm/job_7/memory.stat",
        "cache 5\ninactive_file 3\nactive_file 4\ntotal_inactive_file 300000000\ntotal_active_file "
        "100000000\n");
    limits_are(5.12e8, 4.12e8, 0);
    put("sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us", "400000\n");
    put("sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/cpu,cpuacct/slurm/job_7/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu,cpuacct/slurm/job_7/cpu.cfs_period_us", "100000\n");
    limits_are(5.12e8, 4.12e8, 4);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_limits),
        cmocka_unit_test(test_v2),
        cmocka_unit_test(test_v1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
