#include "base/cpu.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif
#include "base/cgroup.h"

static int allowed_cores(void)
{
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) ? (int)sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&set);
    const double share = rb_cgroup_read("").cores;
    if (share < cores) cores = (int)(share + 0.5);
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

// A number of /proc/self/statm, in bytes: 0: all addresses, 1: resident; 0 if it can't be read.
static double statm(int which)
{
    FILE *file = fopen("/proc/self/statm", "r"); // in pages
    double pages[2] = {0, 0};
    if (file && fscanf(file, "%lf %lf", &pages[0], &pages[1]) != 2) pages[which] = 0;
    if (file) fclose(file);
    return pages[which] * (double)sysconf(_SC_PAGESIZE);
}

// Without /proc: the machine's memory, as it is not known how much of it only holds files.
static double physical(void)
{
    struct sysinfo info;
    return sysinfo(&info) ? 0 : (double)info.totalram * info.mem_unit;
}

double rb_cpu_memory_total(void)
{
    const double total = meminfo("MemTotal");
    return fmin(total > 0 ? total : physical(), rb_cgroup_read("").memory_limit);
}

// What `ulimit -v` leaves of this process's addresses.
static double addresses_left(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY) return INFINITY;
    const double left = (double)limit.rlim_cur - statm(0);
    return left > 0 ? left : 0;
}

double rb_cpu_memory_available(void)
{
    double available = meminfo("MemAvailable");
    if (available <= 0)
        available = meminfo("MemFree") + meminfo("Buffers") + meminfo("Cached"); // Linux before 3.14
    if (available <= 0) available = physical();
    return fmin(fmin(available, addresses_left()), rb_cgroup_read("").memory_left);
}

double rb_cpu_memory_used(void)
{
    return statm(1);
}

unsigned long rb_cpu_denormals_flush(void)
{
#if defined(__x86_64__)
    const unsigned long before = _mm_getcsr();
    _mm_setcsr((unsigned)before | 0x8040); // flush to zero, denormals are zero
    return before;
#elif defined(__aarch64__)
    unsigned long before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | 1ul << 24));
    return before;
#else
    return 0;
#endif
}

void rb_cpu_denormals_restore(unsigned long before)
{
#if defined(__x86_64__)
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

void rb_cpu_flush_denormals(void)
{
    rb_cpu_denormals_flush();
}
