#ifdef RB_HAVE_FFMPEG

#include "io/ffmpeg.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { avutil, avcodec, avformat, swscale, LIBRARIES }; // each after the libraries it depends on

#define QUOTED(number)         #number
#define SONAME(library, major) "lib" library ".so." QUOTED(major)
static const char *const names[LIBRARIES] = {
    [avutil] = SONAME("avutil", LIBAVUTIL_VERSION_MAJOR),
    [avcodec] = SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR),
    [avformat] = SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR),
    [swscale] = SONAME("swscale", LIBSWSCALE_VERSION_MAJOR),
};

static rb_status find(void *library, const char *name, void *to, rb_error *error)
{
    void *function = dlsym(library, name);
    memcpy(to, &function, sizeof function); // ISO C has no cast from data to functions
    if (function) return RB_OK;
    return rb_error_set(error, RB_ERR_MISSING,
                        "FFmpeg's libraries have no %s: install libavformat-dev, then build again", name);
}

// The libraries are never closed, because closing would not end their own threads or free their tables.
rb_status rb_ffmpeg_open(rb_ffmpeg *out, rb_error *error)
{
    void *libraries[LIBRARIES];
    for (int i = 0; i < LIBRARIES; i++) {
        libraries[i] = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
        if (!libraries[i])
            return rb_error_set(
                error, RB_ERR_MISSING,
                "%s, which makes videos, was not found: install ffmpeg, or build again with the "
                "libavformat-dev of this machine",
                names[i]);
    }
    rb_status status = RB_OK;
#define FIND(library, name)                                                                                  \
    if (!status) status = find(libraries[library], #name, &out->name, error);
    RB_FFMPEG_FUNCTIONS(FIND)
    if (!status) out->av_log_set_level(AV_LOG_QUIET); // a library must not print
    return status;
}

#else

typedef int rb_no_ffmpeg; // ISO C forbids an empty translation unit

#endif
