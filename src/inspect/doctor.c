// Which features this machine supports, and how to install the rest.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/file.h"
#include "base/scripts.h"
#include "base/text.h"
#include "compute/compute.h"
#include "env/emulator.h"
#include "env/gym.h"
#include "io/blocks.h"
#include "io/gif.h"
#include "io/onnx.h"
#include "io/picture.h"
#include "io/tfevents.h"
#include "io/video.h"
#include "io/window.h"
#include "rainbow/inspect.h"
#include "replay/packed.h"
#include "results/gnuplot.h"
#include "xla/find.h"
#include "xla/pjrt_plugin.h"

typedef struct report {
    rb_doctor_line *lines;
    int count, most;
} report;

static rb_doctor_line *add(report *r, bool ok, const char *what)
{
    static rb_doctor_line beyond; // if the caller's array is too small, the last lines are dropped
    rb_doctor_line *line = r->count < r->most ? &r->lines[r->count++] : &beyond;
    *line = (rb_doctor_line){.ok = ok};
    snprintf(line->what, sizeof line->what, "%s", what);
    return line;
}

static void look_at_processor(report *r)
{
    const rb_cpu *cpu = rb_cpu_get();
    rb_doctor_line *line = add(r, true, "processor");
    snprintf(line->found, sizeof line->found, "%s, %d core%s for this process%s%s%s", cpu->name, cpu->cores,
             cpu->cores == 1 ? "" : "s", cpu->avx2 && cpu->fma ? ", AVX2" : "",
             cpu->avx512 ? ", AVX-512" : "", cpu->avx512_bf16 ? ", bf16" : "");

    rb_arena *arena;
    rb_pool *pool = NULL;
    rb_compute *compute;
    rb_error error = {0};
    if (rb_arena_create(&arena, &error)) return;
    bool ok =
        !rb_pool_create(&pool, 1, &error) && !rb_compute_create(&compute, pool, NULL, false, arena, &error);
    line = add(r, ok, "kernels");
    const rb_kernels *bf16 = rb_kernels_fastest(true);
    snprintf(line->found, sizeof line->found, "%s%s%s", ok ? rb_compute_kernels(compute) : error.message,
             bf16 ? "; with compute.precision=bf16 " : "; no bf16 on this processor", bf16 ? bf16->name : "");
    rb_pool_destroy(pool);
    rb_arena_destroy(arena);
}

static void look_at_memory(report *r)
{
    char total[32], available[32], room[32];
    double free_bytes = rb_cpu_memory_available(), disk = rb_file_free_bytes(".");
    bool enough = free_bytes > 8e9;
    rb_text_bytes(total, sizeof total, rb_cpu_memory_total());
    rb_text_bytes(available, sizeof available, free_bytes);
    rb_doctor_line *line = add(r, enough, "memory");
    snprintf(line->found, sizeof line->found, "%s free of %s", available, total);
    if (!enough)
        snprintf(line->remedy, sizeof line->remedy,
                 "a million Atari steps take 7.1 GB: compress them (--replay.compress=lz4) or keep fewer, "
                 "for example --replay.capacity=%d00k",
                 free_bytes > 1.2e9 ? (int)(free_bytes / 8e8) : 1);
    rb_text_bytes(room, sizeof room, disk);
    line = add(r, disk > 2e10, "disk");
    snprintf(line->found, sizeof line->found, "%s free here", disk < 0 ? "unknown space" : room);
    if (!line->ok)
        snprintf(line->remedy, sizeof line->remedy,
                 "a checkpoint of a full Atari replay takes 7 GB, and two are kept while a third is written: "
                 "choose another place with --run.root=DIR");
}

static void look_at_emulator(report *r)
{
    const rb_emulator *emulator;
    rb_error error = {0};
    bool ok = !rb_emulator_open(&emulator, &error);
    rb_doctor_line *line = add(r, ok, "Atari emulator");
    if (ok)
        snprintf(line->found, sizeof line->found, "ALE %s", emulator->version());
    else
        snprintf(line->found, sizeof line->found, "%s", error.message);
    if (!ok) rb_text_copy(line->remedy, sizeof line->remedy, rb_scripts_in("./scripts/get-atari"));

    char rom[RB_PATH_MAX];
    ok = !rb_emulator_rom(rom, sizeof rom, "breakout", "", &error);
    line = add(r, ok, "Atari ROMs");
    char *slash = ok ? strrchr(rom, '/') : NULL;
    if (slash) *slash = 0;
    snprintf(line->found, sizeof line->found, "%s", ok ? rom : error.message);
    if (!ok)
        rb_text_copy(line->remedy, sizeof line->remedy,
                     rb_scripts_in("./scripts/get-atari, or ALE_ROMS_DIR=DIR with your own ROMs"));
}

static void look_at_gymnasium(report *r)
{
    static const char remedy[] =
        "./scripts/get-gymnasium, or --python=PATH for an interpreter that has gymnasium";
    rb_gym_python python;
    rb_error error = {0};
    rb_status status = rb_gym_probe("", &python, &error);
    rb_doctor_line *line = add(r, *python.path, "Python");
    if (*python.path)
        snprintf(line->found, sizeof line->found, "%s, at %s", python.version, python.path);
    else
        snprintf(line->found, sizeof line->found, "no python3");
    if (!line->ok) snprintf(line->remedy, sizeof line->remedy, "%s", rb_scripts_in(remedy));
    line = add(r, !status, "gymnasium");
    snprintf(line->found, sizeof line->found, "%s", status ? "no interpreter has it" : python.gymnasium);
    if (!line->ok) snprintf(line->remedy, sizeof line->remedy, "%s", rb_scripts_in(remedy));
}

// The devices of one plugin, and their memory.
static void look_at_plugin(report *r, const char *kind, const char *path)
{
    rb_plugin *plugin;
    rb_error error = {0};
    char memory[80] = "";
    const bool ok = !rb_plugin_open(&plugin, path, &error);
    rb_doctor_line *line = add(r, ok, "accelerator");
    if (!ok) {
        snprintf(line->found, sizeof line->found, "%s: %.400s", kind, error.message);
        snprintf(line->remedy, sizeof line->remedy, "%s", "a driver for the device, or remove the plugin");
        return;
    }
    const rb_plugin_facts facts = rb_plugin_facts_of(plugin);
    if (facts.memory >= 0) {
        char all[32], left[32];
        rb_text_bytes(all, sizeof all, facts.memory);
        rb_text_bytes(left, sizeof left, facts.free);
        snprintf(memory, sizeof memory, ", %s free of %s", left, all);
    }
    snprintf(line->found, sizeof line->found, "%s: %d device%s, %s (%s)%s, PJRT 0.%d", kind, facts.devices,
             facts.devices == 1 ? "" : "s", facts.kind, facts.platform, memory, facts.interface);
    rb_plugin_close(plugin);
}

static void look_at_accelerators(report *r)
{
    char kind[32], path[RB_PATH_MAX];
    int count = 0;
    for (; rb_xla_fetched(count, kind, sizeof kind, path, sizeof path); count++)
        look_at_plugin(r, kind, path);
    if (count) return;
    const bool nvidia = rb_file_exists("/dev/nvidia0"), amd = rb_file_exists("/dev/kfd");
    rb_doctor_line *line = add(r, !nvidia && !amd, "accelerator");
    snprintf(line->found, sizeof line->found, "%s",
             line->ok ? "none: the processor learns" : "there is a GPU, but no plugin for it");
    if (!line->ok)
        rb_text_copy(
            line->remedy, sizeof line->remedy,
            rb_scripts_in(nvidia ? "./scripts/get-accelerator cuda13" : "./scripts/get-accelerator rocm"));
}

// Optional parts of the build or of this machine.
static void look_at_parts(report *r)
{
    const struct {
        const char *what, *found, *packages;
        bool there;
    } parts[] = {
        {"event files", "TensorBoard, by protobuf-c", "libprotobuf-c-dev protobuf-c-compiler",
         rb_tfevents_available()},
        {"ONNX", "exported networks, by protobuf-c", "libprotobuf-c-dev protobuf-c-compiler",
         rb_onnx_available()},
        {"pictures", "PNG, by libpng", "libpng-dev", rb_picture_available()},
        {"moving pictures", "GIF, by giflib", "libgif-dev", rb_gif_available()},
        {"videos", "MP4 with H.264, by FFmpeg", "ffmpeg libavformat-dev libswscale-dev",
         !rb_video_check(NULL)},
        {"windows", "watch and play, by SDL2", "libsdl2-dev", rb_window_available()},
        {"compression", "replay.compress = lz4, by LZ4", "liblz4-dev", rb_packed_available()},
        {"small checkpoints", "replay in them, by Zstandard", "libzstd-dev", rb_blocks_compress()},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        rb_doctor_line *line = add(r, parts[i].there, parts[i].what);
        snprintf(line->found, sizeof line->found, "%s%s", parts[i].there ? "" : "without: ", parts[i].found);
        if (!line->ok)
            snprintf(line->remedy, sizeof line->remedy, "apt-get install %s, then build again",
                     parts[i].packages);
    }
    rb_doctor_line *curves = add(r, rb_gnuplot_available(), "curves");
    snprintf(curves->found, sizeof curves->found, "%sSVG and PNG, by gnuplot", curves->ok ? "" : "without: ");
    if (!curves->ok) snprintf(curves->remedy, sizeof curves->remedy, "apt-get install gnuplot-nox");
}

int rb_doctor(rb_doctor_line *lines, int most)
{
    report r = {.lines = lines, .most = most};
    look_at_processor(&r);
    look_at_memory(&r);
    look_at_emulator(&r);
    look_at_gymnasium(&r);
    look_at_accelerators(&r);
    look_at_parts(&r);
    return r.count;
}
