#include "base/cpu_time.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"

// /proc/self/task/ID/schedstat: nanoseconds running, nanoseconds queued, turns.
static double queued_of(const char *thread)
{
    char path[300];
    unsigned long long running = 0, queued = 0;
    snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", thread);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (fscanf(file, "%llu %llu", &running, &queued) != 2) queued = 0;
    fclose(file);
    return 1e-9 * (double)queued;
}

// /proc/stat's first line: cpu user nice system idle iowait irq softirq steal, in ticks.
static double read_stolen(void)
{
    unsigned long long steal = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (!file) return 0;
    if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) != 1) steal = 0;
    fclose(file);
    return (double)steal / (double)sysconf(_SC_CLK_TCK);
}

rb_cpu_time rb_cpu_time_now(void)
{
    rb_cpu_time now = {.stolen = read_stolen()};
    struct timespec cpu;
    if (!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu))
        now.running = (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec;
    DIR *threads = opendir("/proc/self/task");
    if (!threads) return now;
    for (struct dirent *entry; (entry = readdir(threads));)
        if (entry->d_name[0] != '.') now.queued += queued_of(entry->d_name);
    closedir(threads);
    return now;
}

rb_cpu_shares rb_cpu_shares_since(const rb_cpu_time *before, double wall, int threads)
{
    const rb_cpu_time now = rb_cpu_time_now();
    const double could_have = wall * threads;
    rb_cpu_shares shares = {.running = (now.running - before->running) / could_have,
                            .queued = (now.queued - before->queued) / could_have,
                            .stolen = (now.stolen - before->stolen) / (wall * rb_cpu_get()->cores)};
    const double waiting = 1 - shares.running - shares.queued - shares.stolen;
    shares.waiting = waiting > 0 ? waiting : 0;
    return shares;
}
