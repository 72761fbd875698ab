// See scripts.h.
#include "base/scripts.h"

#include <ctype.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[4096]; // "": none is installed
static bool quoted;          // a shell would not read the path as one word

static bool is_plain(const char *path)
{
    for (; *path; path++)
        if (!isalnum((unsigned char)*path) && !strchr("/._-+,:@%", *path)) return false;
    return true;
}

// RB_DATADIR is "share" unless the build chose another directory.
static void find_directory(void)
{
    Dl_info info;
    struct link_map *map = NULL;
    // The name of the program itself is empty there.
    const bool known = dladdr1(directory, &info, (void **)&map, RTLD_DL_LINKMAP) && map && *map->l_name;
    char *place = realpath(known ? map->l_name : "/proc/self/exe", NULL);
    enum { UP_MOST = 3 }; // /usr/lib/x86_64-linux-gnu/librainbow.so.0
    for (int up = 1; place && up <= UP_MOST && !*directory; up++) {
        char *slash = strrchr(place, '/');
        if (!slash) break;
        *slash = 0;
        if (up == 1) continue; // beside the object itself
        char probe[sizeof directory + sizeof "/get-atari"];
        const int n = *RB_DATADIR == '/'
                          ? snprintf(directory, sizeof directory, "%s/rainbow/scripts", RB_DATADIR)
                          : snprintf(directory, sizeof directory, "%s/%s/rainbow/scripts", place, RB_DATADIR);
        snprintf(probe, sizeof probe, "%s/get-atari", directory);
        if (n >= (int)sizeof directory || access(probe, X_OK)) *directory = 0;
    }
    free(place);
    quoted = !is_plain(directory) && !strchr(directory, '\'');
}

typedef struct changed {
    const char *text;
    char *now;
    struct changed *next;
} changed;

static char *change(const char *text)
{
    static const char here[] = "scripts/";
    char *now = NULL;
    size_t bytes;
    FILE *to = open_memstream(&now, &bytes);
    if (!to) return NULL;
    for (const char *at; (at = strstr(text, here)); text = at) {
        const bool dotted = at - text >= 2 && !strncmp(at - 2, "./", 2);
        fwrite(text, 1, (size_t)(at - text) - (dotted ? 2 : 0), to);
        at += strlen(here);
        const size_t name = strspn(at, "abcdefghijklmnopqrstuvwxyz-");
        fprintf(to, "%s%s/%.*s%s", quoted ? "'" : "", directory, (int)name, at, quoted ? "'" : "");
        at += name;
    }
    fputs(text, to);
    return fclose(to) ? free(now), NULL : now;
}

const char *rb_scripts_in(const char *text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static changed *texts;
    pthread_once(&once, find_directory);
    if (!*directory || !strstr(text, "scripts/")) return text;
    pthread_mutex_lock(&lock);
    changed *found = texts;
    while (found && strcmp(found->text, text)) found = found->next;
    if (!found && (found = malloc(sizeof *found))) {
        *found = (changed){.text = text, .now = change(text), .next = texts};
        texts = found;
    }
    pthread_mutex_unlock(&lock);
    return found && found->now ? found->now : text;
}
