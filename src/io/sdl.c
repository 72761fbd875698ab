#ifdef RB_HAVE_SDL2

#include "io/sdl.h"

#include <dlfcn.h>
#include <string.h>

static const char file[] = "libSDL2-2.0.so.0";

static rb_status find(void *library, const char *name, void *to, rb_error *error)
{
    void *function = dlsym(library, name);
    memcpy(to, &function, sizeof function); // ISO C has no cast from data to functions
    if (function) return RB_OK;
    return rb_error_set(error, RB_ERR_MISSING, "%s has no %s: install libsdl2-dev, then build again", file,
                        name);
}

// It is never closed, because the libraries that it loads can't be unloaded safely.
rb_status rb_sdl_open(rb_sdl *out, rb_error *error)
{
    void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return rb_error_set(error, RB_ERR_MISSING,
                            "%s, which opens windows, was not found: install libsdl2-2.0-0", file);
    rb_status status = RB_OK;
#define FIND(name)                                                                                           \
    if (!status) status = find(library, #name, &out->name, error);
    RB_SDL_FUNCTIONS(FIND)
    return status;
}

#else

typedef int rb_no_sdl; // ISO C forbids an empty translation unit

#endif
