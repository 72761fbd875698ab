// Finding and loading the emulator's shared object and its ROMs: see emulator.h.
#include "env/emulator.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/scripts.h"
#include "base/text.h"

#define ALE_VERSION "0.12.1"

static const char get_atari[] = "./scripts/get-atari";

// ---- paths ----

static rb_status cache_path(char *out, size_t bytes, const char *name, rb_error *error)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int n;
    if (cache && cache[0]) {
        n = snprintf(out, bytes, "%s/rainbow/ale-" ALE_VERSION "/%s", cache, name);
    } else if (home && home[0]) {
        n = snprintf(out, bytes, "%s/.cache/rainbow/ale-" ALE_VERSION "/%s", home, name);
    } else {
        return rb_error_set(error, RB_ERR_MISSING,
                            "can't tell where the Atari emulator is installed: none of RAINBOW_ALE_LIB, "
                            "XDG_CACHE_HOME and HOME is set");
    }
    if (n < 0 || (size_t)n >= bytes)
        return rb_error_set(error, RB_ERR_FILE, "the path of the cache is too long");
    return RB_OK;
}

rb_status rb_emulator_path(char *out, size_t bytes, rb_error *error)
{
    const char *own = getenv("RAINBOW_ALE_LIB");
    if (!own || !own[0]) return cache_path(out, bytes, "librainbow_ale.so", error);
    if (!rb_text_copy(out, bytes, own))
        return rb_error_set(error, RB_ERR_FILE, "RAINBOW_ALE_LIB is too long a path");
    return RB_OK;
}

// ---- the shared object ----

typedef struct loaded {
    char path[RB_PATH_MAX];
    rb_emulator functions;
    struct loaded *next;
} loaded;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static loaded *objects; // one per path, never freed: environments may be using them

static rb_status load(loaded *object, rb_error *error)
{
    const char *path = object->path;
    if (!rb_file_exists(path))
        return rb_error_set(error, RB_ERR_MISSING,
                            "the Atari emulator is not installed (there is no %s): %s installs it", path,
                            rb_scripts_in(get_atari));
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return rb_error_set(error, RB_ERR_MISSING,
                            "the Atari emulator can't be loaded (%s): %s --force builds it again", dlerror(),
                            rb_scripts_in(get_atari));
    const char *absent = NULL;
#define RB_EMULATOR_FIND(result, name, arguments)                                                            \
    *(void **)&object->functions.name = dlsym(handle, "rb_ale_" #name);                                      \
    if (!object->functions.name && !absent) absent = #name;
    RB_ALE_FUNCTIONS(RB_EMULATOR_FIND)
#undef RB_EMULATOR_FIND
    int abi = object->functions.abi ? object->functions.abi() : 0;
    if (!absent && abi == RB_ALE_ABI) return RB_OK;
    dlclose(handle);
    if (abi == 0)
        return rb_error_set(error, RB_ERR_MISSING, "%s is not Rainbow's Atari emulator: %s installs it", path,
                            rb_scripts_in(get_atari));
    return rb_error_set(error, RB_ERR_MISSING,
                        "the Atari emulator %s has another version (its interface is %d, this program's is "
                        "%d): %s installs it",
                        path, abi, RB_ALE_ABI, rb_scripts_in(get_atari));
}

rb_status rb_emulator_open(const rb_emulator **out, rb_error *error)
{
    *out = NULL;
    char path[RB_PATH_MAX];
    rb_status status = rb_emulator_path(path, sizeof path, error);
    if (status) return status;
    pthread_mutex_lock(&lock);
    loaded *object = objects;
    while (object && strcmp(object->path, path) != 0) object = object->next;
    if (!object) {
        object = calloc(1, sizeof *object);
        if (!object) {
            status = rb_error_set(error, RB_ERR_MEMORY, "no memory to load the Atari emulator");
        } else {
            rb_text_copy(object->path, sizeof object->path, path);
            status = load(object, error);
            if (status) {
                free(object);
            } else {
                object->next = objects;
                objects = object;
            }
        }
    }
    if (!status) *out = &object->functions;
    pthread_mutex_unlock(&lock);
    return status;
}

// ---- ROMs ----

// Whether the bytes can be a cartridge: a size that cartridges have (or multi-load tapes, 8,448 bytes per
// load), and not plain text.
static bool is_rom(const unsigned char *data, size_t bytes)
{
    static const size_t sizes[] = {2048,  4096,  8192,  10240,  10495,  10496, 12288,
                                   16384, 32768, 65536, 131072, 262144, 524288};
    bool known = bytes != 0 && bytes % 8448 == 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) known = known || bytes == sizes[i];
    size_t binary = 0;
    for (size_t i = 0; known && i < bytes; i++)
        binary += (data[i] < 32 && (data[i] < 9 || data[i] > 13)) || data[i] > 126;
    return binary > 0;
}

rb_status rb_emulator_rom(char *out, size_t bytes, const char *game, const char *rom_dir, rb_error *error)
{
    char name[128];
    snprintf(name, sizeof name, "%s.bin", game);
    const char *own = getenv("ALE_ROMS_DIR");
    bool found = false;
    rb_status status = RB_OK;
    if (rom_dir && rom_dir[0]) {
        status = rb_path_join(out, bytes, rom_dir, name, error);
        if (status) return status;
        if (!rb_file_exists(out))
            return rb_error_set(error, RB_ERR_MISSING, "there is no ROM of %s: no file %s (atari.rom_dir)",
                                game, out);
        found = true;
    }
    if (!found && own && own[0]) {
        status = rb_path_join(out, bytes, own, name, error);
        if (status) return status;
        found = rb_file_exists(out);
    }
    if (!found) {
        char relative[160];
        snprintf(relative, sizeof relative, "roms/%s", name);
        status = cache_path(out, bytes, relative, error);
        if (status) return status;
        if (!rb_file_exists(out))
            return rb_error_set(error, RB_ERR_MISSING,
                                "there is no ROM of %s (no file %s%s): %s installs those that come with the "
                                "emulator; put your "
                                "own into the directory named by atari.rom_dir or ALE_ROMS_DIR",
                                game, out, own && own[0] ? ", nor one in ALE_ROMS_DIR" : "",
                                rb_scripts_in(get_atari));
    }
    char *data;
    size_t size;
    status = rb_file_read(out, &data, &size, error);
    if (status) return status;
    bool rom = is_rom((const unsigned char *)data, size);
    free(data);
    if (!rom) return rb_error_set(error, RB_ERR_FORMAT, "%s: not the ROM of an Atari cartridge", out);
    return RB_OK;
}
