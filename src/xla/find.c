// See find.h. scripts/get-accelerator keeps a plugin of each kind in a directory of the cache, in which the
// file `plugin` has its path.
#include "xla/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/scripts.h"
#include "base/text.h"

// By device, the best first. The number at the end is that of scripts/get-accelerator's contents.
static const struct {
    const char *device, *kind;
} kinds[] = {
    {"cuda", "cuda13"}, {"cuda", "cuda12"}, {"rocm", "rocm7"}, {"oneapi", "oneapi"}, {"xla:cpu", "cpu"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool fetched(const char *kind, char *path, size_t bytes)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char directory[RB_PATH_MAX], name[RB_PATH_MAX + 16], *text = NULL;
    size_t length = 0;
    if (cache && *cache)
        snprintf(directory, sizeof directory, "%s/rainbow/accelerator-%s-1", cache, kind);
    else if (home && *home)
        snprintf(directory, sizeof directory, "%s/.cache/rainbow/accelerator-%s-1", home, kind);
    else
        return false;
    snprintf(name, sizeof name, "%s/plugin", directory);
    if (rb_file_read(name, &text, &length, NULL)) return false;
    text[strcspn(text, "\n")] = 0;
    const int written = snprintf(path, bytes, "%s/%s", directory, text);
    free(text);
    return written > 0 && (size_t)written < bytes && rb_file_exists(path);
}

bool rb_xla_fetched(int i, char *kind, size_t kind_bytes, char *path, size_t bytes)
{
    for (int k = 0; k < KINDS; k++) {
        if (!fetched(kinds[k].kind, path, bytes) || i-- > 0) continue;
        rb_text_copy(kind, kind_bytes, kinds[k].kind);
        return true;
    }
    return false;
}

static bool known(const char *device)
{
    for (int k = 0; k < KINDS; k++)
        if (!strcmp(kinds[k].device, device)) return true;
    return !strcmp(device, "auto");
}

rb_status rb_xla_find(char *path, size_t bytes, const char *device, rb_error *error)
{
    const bool any = !strcmp(device, "auto");
    if (bytes) *path = 0;
    if (!strcmp(device, "cpu")) return RB_OK;
    for (int k = 0; k < KINDS; k++) {
        const bool matches =
            any ? strncmp(kinds[k].device, "xla:", 4) != 0 : !strcmp(kinds[k].device, device);
        if (matches && fetched(kinds[k].kind, path, bytes)) return RB_OK;
    }
    if (bytes) *path = 0;
    if (any) return RB_OK;
    if (known(device)) {
        const char *kind = device;
        for (int k = KINDS - 1; k >= 0; k--)
            if (!strcmp(kinds[k].device, device)) kind = kinds[k].kind;
        return rb_error_set(error, RB_ERR_MISSING, "compute.device = %s: its plugin is not installed: %s %s",
                            device, rb_scripts_in("./scripts/get-accelerator"), kind);
    }
    if (!strncmp(device, "xla:", 4) && device[4]) {
        if (!rb_text_copy(path, bytes, device + 4))
            return rb_error_set(error, RB_ERR_USAGE, "compute.device = %.100s...: the path is too long",
                                device);
        return RB_OK;
    }
    return rb_error_set(
        error, RB_ERR_USAGE,
        "compute.device = %s: must be cpu, auto, cuda, rocm, oneapi or xla:PATH, the path of a "
        "PJRT plugin",
        device);
}
