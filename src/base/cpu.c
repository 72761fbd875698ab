#include "base/cpu.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

// The first number in a one-line file; `otherwise` if there is none ("max", no such file).
static double number_in(const char *path, double otherwise)
{
    FILE *file = fopen(path, "r");
    if (!file) return otherwise;
    double value;
    if (fscanf(file, "%lf", &value) != 1) value = otherwise;
    fclose(file);
    return value;
}

static int allowed_cores(void)
{
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) ? (int)sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&set);
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r"); // a container's share: microseconds in each period
    double quota, period;
    if (file) {
        if (fscanf(file, "%lf %lf", &quota, &period) == 2 && period > 0 && quota / period < cores)
            cores = (int)(quota / period + 0.5);
        fclose(file);
    }
    return cores < 1 ? 1 : cores;
}

static void read_name(char *name, size_t bytes)
{
    snprintf(name, bytes, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon) continue;
        colon += strspn(colon, ": \t");
        colon[strcspn(colon, "\n")] = 0;
        snprintf(name, bytes, "%.100s", colon);
        break;
    }
    if (file) fclose(file);
}

static rb_cpu cpu;

static void detect(void)
{
    read_name(cpu.name, sizeof cpu.name);
    cpu.cores = allowed_cores();
#if defined(__x86_64__)
    __builtin_cpu_init();
    cpu.avx2 = __builtin_cpu_supports("avx2");
    cpu.fma = __builtin_cpu_supports("fma");
    cpu.avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    cpu.avx512_bf16 = cpu.avx512 && __builtin_cpu_supports("avx512bf16");
#endif
}

const rb_cpu *rb_cpu_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, detect);
    return &cpu;
}

static double meminfo(const char *key)
{
    FILE *file = fopen("/proc/meminfo", "r");
    char line[256];
    double kilobytes = 0;
    size_t length = strlen(key);
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, length) && line[length] == ':') {
            kilobytes = strtod(line + length + 1, NULL);
            break;
        }
    if (file) fclose(file);
    return kilobytes * 1024;
}

double rb_cpu_memory_total(void)
{
    double total = meminfo("MemTotal");
    double limit = number_in("/sys/fs/cgroup/memory.max", total);
    return limit < total ? limit : total;
}

double rb_cpu_memory_available(void)
{
    double available = meminfo("MemAvailable");
    double limit = number_in("/sys/fs/cgroup/memory.max", -1);
    double left = limit < 0 ? available : limit - number_in("/sys/fs/cgroup/memory.current", 0);
    return left < available ? left : available;
}

double rb_cpu_memory_used(void)
{
    FILE *file = fopen("/proc/self/statm", "r"); // pages: all, resident, ...
    char line[256] = "", *resident = NULL;
    if (file && fgets(line, sizeof line, file)) resident = strchr(line, ' ');
    if (file) fclose(file);
    return resident ? strtod(resident, NULL) * (double)sysconf(_SC_PAGESIZE) : 0;
}

void rb_cpu_flush_denormals(void)
{
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040); // flush to zero, denormals are zero
#elif defined(__aarch64__)
    unsigned long control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | 1ul << 24));
#endif
}
