// /proc/self/cgroup has one line per tree, "4:memory:/slurm/job_7" or, in v2, "0::/system.slice/job_7.scope".
// Inside a container that path may be the host's, which the container does not see: its own groups then start
// at the mount's root, where the walk upwards ends in any case.
#include "base/cgroup.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4352, LINE_BYTES = 4200 };

// The first number of a file; NaN if there is none ("max", no such file).
static double number_in(const char *group, const char *name)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/%s", group, name);
    FILE *file = fopen(path, "r");
    double value = NAN;
    if (!file) return NAN;
    if (fscanf(file, "%lf", &value) != 1) value = NAN;
    fclose(file);
    return value;
}

// The sum of two lines of memory.stat, which the kernel can take back: cached files, whether read once or
// often.
static double cached_in(const char *group, const char *often, const char *once)
{
    char path[PATH_BYTES + 64], key[64];
    double value, sum = 0;
    snprintf(path, sizeof path, "%s/memory.stat", group);
    FILE *file = fopen(path, "r");
    while (file && fscanf(file, "%63s %lf", key, &value) == 2)
        if (!strcmp(key, often) || !strcmp(key, once)) sum += value;
    if (file) fclose(file);
    return sum;
}

static void limit_memory(rb_cgroup *out, double limit, double used, double cached)
{
    if (!(limit >= 0)) return;
    if (!(used >= 0)) used = 0;
    const double kept = used > cached ? used - cached : 0, left = limit > kept ? limit - kept : 0;
    out->memory_limit = fmin(out->memory_limit, limit);
    out->memory_left = fmin(out->memory_left, left);
}

static void limit_cores(rb_cgroup *out, double quota, double period)
{
    if (quota > 0 && period > 0) out->cores = fmin(out->cores, quota / period);
}

static void read_v2(rb_cgroup *out, const char *group)
{
    const double most = number_in(group, "memory.max"), high = number_in(group, "memory.high");
    limit_memory(out, fmin(most, high), number_in(group, "memory.current"), // fmin ignores a NaN
                 cached_in(group, "active_file", "inactive_file"));
    char path[PATH_BYTES + 64];
    double quota, period;
    snprintf(path, sizeof path, "%s/cpu.max", group);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%lf %lf", &quota, &period) == 2) limit_cores(out, quota, period);
    if (file) fclose(file);
}

static void read_v1(rb_cgroup *out, const char *group)
{
    limit_memory(out, number_in(group, "memory.limit_in_bytes"), number_in(group, "memory.usage_in_bytes"),
                 cached_in(group, "total_active_file", "total_inactive_file"));
    limit_cores(out, number_in(group, "cpu.cfs_quota_us"), number_in(group, "cpu.cfs_period_us"));
}

// Reads the group at `path` below `base`, and all groups above it.
static void walk(rb_cgroup *out, const char *base, const char *path,
                 void (*read)(rb_cgroup *out, const char *group))
{
    char group[PATH_BYTES];
    const size_t root = (size_t)snprintf(group, sizeof group, "%s", base);
    if (!strstr(path, "..")) // otherwise it lies outside of what this process sees
        snprintf(group + root, sizeof group - root, "%s", strcmp(path, "/") ? path : "");
    for (;;) {
        read(out, group);
        char *last = strrchr(group + root, '/');
        if (!last) return;
        *last = 0;
    }
}

static bool lists(const char *controllers, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = controllers; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (!strncmp(at, name, length) && (at[length] == ',' || !at[length])) return true;
    return false;
}

rb_cgroup rb_cgroup_read(const char *root)
{
    static const char *const trees[] = {"memory", "cpu", "cpu,cpuacct", "cpuacct,cpu"}; // v1's
    rb_cgroup out = {INFINITY, INFINITY, INFINITY};
    char base[256], file_name[256], line[LINE_BYTES];
    snprintf(file_name, sizeof file_name, "%s/proc/self/cgroup", root);
    FILE *file = fopen(file_name, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *path++ = 0;
        controllers++;
        snprintf(base, sizeof base, "%s/sys/fs/cgroup", root);
        if (!*controllers) walk(&out, base, path, read_v2);
        for (size_t t = 0; t < sizeof trees / sizeof *trees; t++) {
            snprintf(base, sizeof base, "%s/sys/fs/cgroup/%s", root, trees[t]);
            if (lists(controllers, t ? "cpu" : "memory")) walk(&out, base, path, read_v1);
        }
    }
    if (file) fclose(file);
    // The roots, in case the list can't be read or names another mount.
    snprintf(base, sizeof base, "%s/sys/fs/cgroup", root);
    read_v2(&out, base);
    for (size_t t = 0; t < sizeof trees / sizeof *trees; t++) {
        snprintf(base, sizeof base, "%s/sys/fs/cgroup/%s", root, trees[t]);
        read_v1(&out, base);
    }
    return out;
}
