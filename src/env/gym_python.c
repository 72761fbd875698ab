// Choosing the interpreter for Gymnasium's environments: see gym.h.
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/scripts.h"
#include "base/text.h"
#include "env/gym.h"
#include "env/gym_process.h"

static const char get_gymnasium[] = "./scripts/get-gymnasium";

// Asks for gymnasium's version without importing it, which would take a second. The first word distinguishes
// the line from anything that a package may print at Python's start.
static const char question[] =
    "import sys, importlib.util as u\n"
    "v = '-'\n"
    "if u.find_spec('gymnasium'):\n"
    "    import importlib.metadata as m\n"
    "    try: v = m.version('gymnasium')\n"
    "    except Exception: v = '?'\n"
    "print('\\nrainbow-finds', '.'.join(map(str, sys.version_info[:3])), v, sys.executable)\n";

enum { ANSWER_MOST = 4096, PATIENCE_SECONDS = 30 };

// Reads until the end of file or a timeout.
static void read_all(int fd, char *out, size_t bytes)
{
    const double start = rb_clock_seconds();
    size_t used = 0;
    ssize_t got = 1;
    while (got > 0 && used + 1 < bytes) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        double left = PATIENCE_SECONDS - (rb_clock_seconds() - start);
        if (left <= 0 || poll(&wait, 1, (int)(left * 1000) + 1) == 0) break;
        got = read(fd, out + used, bytes - used - 1);
        if (got > 0) used += (size_t)got;
    }
    out[used] = 0;
}

static rb_status ask(const char *program, rb_gym_python *out, rb_error *error)
{
    const char *const words[] = {program, "-I", "-c", question, NULL};
    char answer[ANSWER_MOST], how[96];
    int ends[2], nothing = rb_gym_descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing < 0 || pipe2(ends, O_CLOEXEC)) {
        if (nothing >= 0) close(nothing);
        return rb_error_set(error, RB_ERR_FILE, "can't query %s: no more files can be opened", program);
    }
    for (int i = 0; i < 2; i++) ends[i] = rb_gym_descriptor(ends[i]);
    pid_t pid;
    rb_gym_spawn spawn = {.words = words, .input = nothing, .output = ends[1], .silent = true};
    rb_status status = rb_gym_process_start(&pid, &spawn, error);
    close(nothing);
    close(ends[1]);
    if (!status) {
        read_all(ends[0], answer, sizeof answer);
        close(ends[0]);
        ends[0] = -1;
        rb_gym_process_end(pid, 1, how, sizeof how);
        char *line = strstr(answer, "rainbow-finds ");
        // Widths are one below the fields' sizes.
        if (!line ||
            sscanf(line, "rainbow-finds %31s %31s %1023[^\n]", out->version, out->gymnasium, out->path) != 3)
            status = rb_error_set(error, RB_ERR_MISSING, "%s is not a usable Python: it %s", program, how);
    }
    if (ends[0] >= 0) close(ends[0]);
    if (!status && !strcmp(out->gymnasium, "-")) *out->gymnasium = 0;
    return status;
}

static bool cache_python(char *out, size_t bytes)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const char *end = "rainbow/gymnasium-" RB_GYMNASIUM_VERSION "/bin/python";
    if (cache && *cache) return snprintf(out, bytes, "%s/%s", cache, end) < (int)bytes;
    if (home && *home) return snprintf(out, bytes, "%s/.cache/%s", home, end) < (int)bytes;
    return false;
}

static rb_status probe_named(const char *named, rb_gym_python *out, rb_error *error)
{
    rb_status status = ask(named, out, error);
    if (status) return rb_error_context(error, status, "gym.python");
    if (*out->gymnasium) return RB_OK;
    return rb_error_set(error, RB_ERR_MISSING,
                        "gym.python: %s has no gymnasium: `%s -m pip install gymnasium` installs it", named,
                        named);
}

rb_status rb_gym_probe(const char *named, rb_gym_python *out, rb_error *error)
{
    *out = (rb_gym_python){0};
    if (named && *named) return probe_named(named, out, error);
    const char *active = getenv("VIRTUAL_ENV");
    char candidates[4][RB_PATH_MAX] = {"", ".venv/bin/python", "python3", ""};
    if (active && *active && snprintf(candidates[0], RB_PATH_MAX, "%s/bin/python", active) >= RB_PATH_MAX)
        *candidates[0] = 0;
    if (!cache_python(candidates[3], RB_PATH_MAX)) *candidates[3] = 0;
    rb_gym_python first = {0};
    for (int i = 0; i < 4; i++) {
        const char *candidate = candidates[i];
        if (!*candidate || (strchr(candidate, '/') && access(candidate, X_OK))) continue;
        if (ask(candidate, out, NULL)) continue;
        if (*out->gymnasium) return RB_OK;
        if (!*first.path) first = *out;
    }
    *out = first;
    if (!*first.path)
        return rb_error_set(error, RB_ERR_MISSING,
                            "Gymnasium's environments need Python, and there is no python3: "
                            "%s installs both; --python=PATH names another interpreter",
                            rb_scripts_in(get_gymnasium));
    return rb_error_set(error, RB_ERR_MISSING,
                        "%s has no gymnasium: %s installs it; --python=PATH names an interpreter that has it",
                        first.path, rb_scripts_in(get_gymnasium));
}
