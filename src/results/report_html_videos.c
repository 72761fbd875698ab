// The videos of a report's page: of each game the newest video of the best run that has one.
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "results/html.h"
#include "results/run_facts.h"

enum { VIDEO_BYTES = 24 << 20 }; // of one page, before base64

typedef struct video {
    char path[RB_PATH_MAX]; // "": none
    struct stat about;
} video;

static bool is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec) return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    return a->st_mtim.tv_nsec >= b->st_mtim.tv_nsec; // the same time: the name decides, step_N is in order
}

// Whether `path` itself is of this type. A symbolic link is not followed: a directory from someone else could
// point its videos at any file of the user, who then sends the page away.
static bool is(mode_t type, const char *path, struct stat *about)
{
    return !lstat(path, about) && (about->st_mode & S_IFMT) == type;
}

// The directory of a run's videos, inside the run. False: it has none.
static bool find_directory(const char *run, char *out, size_t bytes)
{
    rb_run_facts facts;
    struct stat about;
    if (rb_run_facts_read(&facts, run, NULL)) return false;
    const char *name = facts.config->params.record.directory;
    const bool inside = *name && *name != '.' && !strchr(name, '/'); // the file may come from anywhere
    const bool found = inside && !rb_path_join(out, bytes, run, name, NULL) && is(S_IFDIR, out, &about);
    rb_run_facts_free(&facts);
    return found;
}

static void find_video(const char *run, video *out)
{
    char directory[RB_PATH_MAX], **names;
    int count;
    *out = (video){0};
    if (!find_directory(run, directory, sizeof directory) || rb_file_list(directory, &names, &count, NULL))
        return;
    for (int i = 0; i < count; i++) {
        video next = {0};
        if (rb_text_ends(names[i], ".mp4") &&
            !rb_path_join(next.path, sizeof next.path, directory, names[i], NULL) &&
            is(S_IFREG, next.path, &next.about) && (!*out->path || is_newer(&next.about, &out->about)))
            *out = next;
    }
    rb_file_list_free(names, count);
}

// The newest video of this game's run with the highest score that has any. False: none has.
static bool find_best(const rb_report *r, int game, video *out)
{
    const rb_report_run *best = NULL;
    for (int i = 0; i < r->run_count; i++) {
        const rb_report_run *run = &r->runs[i];
        video own;
        if (run->game != game || (best && run->score <= best->score)) continue;
        find_video(run->path, &own);
        if (!*own.path) continue;
        best = run;
        *out = own;
    }
    return best;
}

static bool is_mp4(const char *data, size_t bytes)
{
    return bytes > 12 && !memcmp(data + 4, "ftyp", 4);
}

// Why the video is not shown, or NULL after it has been written.
static const char *put_video(FILE *to, const video *shown, const char *game, size_t *left)
{
    char *data;
    size_t bytes;
    if ((size_t)shown->about.st_size > *left) return " is too large for this page";
    if (rb_file_read(shown->path, &data, &bytes, NULL)) return " can't be read";
    const bool good = is_mp4(data, bytes) && bytes <= *left;
    if (good) {
        *left -= bytes;
        rb_html_heading(to, 3, game);
        fprintf(to,
                "<video controls muted loop playsinline preload=\"metadata\" src=\"data:video/mp4;base64,");
        rb_html_base64(to, data, bytes);
        fprintf(to, "\"></video>\n");
    }
    free(data);
    return good ? NULL : " is not an MP4 file";
}

void rb_html_videos(FILE *to, const rb_html_page *page)
{
    const rb_report *r = page->report;
    size_t left = VIDEO_BYTES;
    bool any = false;
    rb_html_heading(to, 2, "Videos");
    for (int g = 0; g < r->game_count; g++) {
        video shown;
        if (!find_best(r, g, &shown)) continue;
        any = true;
        const char *why_not = put_video(to, &shown, r->games[g].name, &left);
        fprintf(to, "<p>");
        rb_html_text(to, shown.path);
        fprintf(to, "%s.</p>\n", why_not ? why_not : ", the newest video of the best run that has one");
    }
    if (!any)
        fprintf(to,
                "<p>No run has a video. <code>rainbow train --record.every_steps=N</code> records some while "
                "it trains; <code>mkdir RUN/videos</code> and <code>rainbow record RUN -o "
                "RUN/videos/game.mp4</code> record one now.</p>\n");
}
