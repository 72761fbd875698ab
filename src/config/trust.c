#include "config/trust.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "config/config.h"

// No text of a setting and no path that the system opens is longer, so no name is cut: two names that share a
// long beginning are not the same code.
enum { MOST = 64, PATH_BYTES = PATH_MAX + RB_TEXT_MAX, LINE_BYTES = PATH_BYTES + RB_TEXT_MAX + 16 };

// What was allowed, as lines of the file. A process names few pieces of code; more than MOST are not
// remembered.
static char allowed[MOST][LINE_BYTES];
static int allowed_count, kept_count;
static pthread_mutex_t lock =
    PTHREAD_MUTEX_INITIALIZER; // of the three above: any thread may check a configuration
static atomic_bool files_are_trusted;

void rb_config_trust_files(void)
{
    files_are_trusted = true;
}

int rb_trust_key(const char *key)
{
    static const char *const keys[RB_TRUST_KEYS] = {"run.env", "gym.python", "gym.import", "gym.wrappers",
                                                    "compute.device"};
    for (int i = 0; i < RB_TRUST_KEYS; i++)
        if (!strcmp(key, keys[i])) return i;
    return -1;
}

// ---- names of code

// The absolute path, with the links in its directory resolved but not a link at its end: an interpreter of a
// virtual environment is such a link, and its place decides which modules it finds. Names without '/' are
// searched in the user's own PATH.
static bool absolute(char out[PATH_BYTES], const char *path)
{
    char directory[RB_TEXT_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) return rb_text_copy(out, PATH_BYTES, path);
    rb_text_copy(directory, sizeof directory, path);
    directory[slash == path ? 1 : slash - path] = 0;
    char *resolved = realpath(directory, NULL);
    if (!resolved) return false;
    const bool fits = !rb_path_join(out, PATH_BYTES, resolved, slash + 1, NULL);
    free(resolved);
    return fits;
}

// One line for the file, such as "env /home/me/my_env.so"; false: there is no such code, so nothing will run.
static bool name_code(char line[LINE_BYTES], int key, const char *value)
{
    char path[PATH_BYTES];
    if (key == RB_TRUST_IMPORT ||
        key == RB_TRUST_WRAPPERS) { // which module a name means depends on the current directory
        if (!getcwd(path, sizeof path)) *path = 0;
        snprintf(line, LINE_BYTES, "%s %s %s", key == RB_TRUST_IMPORT ? "import" : "wrap", path, value);
        return true;
    }
    char here[RB_TEXT_MAX + 2]; // a device's file is never searched
    if (key == RB_TRUST_DEVICE && !strchr(value, '/')) {
        snprintf(here, sizeof here, "./%s", value);
        value = here;
    }
    if (!absolute(path, value) || (strchr(path, '/') && !rb_file_exists(path))) return false;
    snprintf(line, LINE_BYTES, "%s %s",
             key == RB_TRUST_ENV      ? "env"
             : key == RB_TRUST_DEVICE ? "device"
                                      : "python",
             path);
    return true;
}

// ---- what is remembered

static bool file_path(char out[RB_PATH_MAX], char directory[RB_PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const bool own = state && *state == '/';
    if (!own && !(home && *home)) return false;
    const int bytes = own ? snprintf(directory, RB_PATH_MAX, "%s/rainbow", state)
                          : snprintf(directory, RB_PATH_MAX, "%s/.local/state/rainbow", home);
    return bytes < RB_PATH_MAX && !rb_path_join(out, RB_PATH_MAX, directory, "trusted", NULL);
}

static bool has_line(const char *text, const char *line)
{
    const size_t bytes = strlen(line);
    for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (!strncmp(at, line, bytes) && (at[bytes] == '\n' || !at[bytes])) return true;
    return false;
}

static bool is_allowed(const char *line)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < allowed_count && !found; i++) found = !strcmp(allowed[i], line);
    pthread_mutex_unlock(&lock);
    return found;
}

static bool is_remembered(const char *line)
{
    char path[RB_PATH_MAX], directory[RB_PATH_MAX], *text;
    size_t bytes;
    if (is_allowed(line)) return true;
    if (!file_path(path, directory) || rb_file_read(path, &text, &bytes, NULL)) return false;
    const bool found = has_line(text, line);
    free(text);
    return found;
}

static void allow(const char *line)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < allowed_count && !found; i++) found = !strcmp(allowed[i], line);
    if (!found && allowed_count < MOST && !strchr(line, '\n'))
        rb_text_copy(allowed[allowed_count++], LINE_BYTES, line);
    pthread_mutex_unlock(&lock);
}

static void keep(void)
{
    char path[RB_PATH_MAX], directory[RB_PATH_MAX], *text = NULL;
    size_t bytes = 0;
    if (kept_count == allowed_count || !file_path(path, directory)) return;
    if (rb_file_read(path, &text, &bytes, NULL)) text = NULL, bytes = 0;
    char *whole = malloc(bytes + (size_t)(allowed_count - kept_count) * LINE_BYTES + 2);
    size_t used = bytes;
    if (whole && bytes) memcpy(whole, text, bytes);
    if (whole && bytes && text[bytes - 1] != '\n') whole[used++] = '\n';
    for (int i = kept_count; whole && i < allowed_count; i++)
        if (!text || !has_line(text, allowed[i]))
            used += (size_t)snprintf(whole + used, LINE_BYTES + 1, "%s\n", allowed[i]);
    if (whole && used > bytes && !rb_file_make_directories(directory, NULL))
        rb_file_write(path, whole, used, NULL);
    kept_count = allowed_count;
    free(whole);
    free(text);
}

void rb_trust_keep(void)
{
    pthread_mutex_lock(&lock);
    keep();
    pthread_mutex_unlock(&lock);
}

// ---- the check

static rb_status check(int key, const char *name, const char *value, bool from_file, const char *file,
                       rb_error *error)
{
    static const char *const what[RB_TRUST_KEYS] = {"load the shared object", "start the program",
                                                    "import the Python module", "import the Python wrapper",
                                                    "load the shared object"};
    char line[LINE_BYTES];
    if (!name_code(line, key, value)) return RB_OK;
    if (!from_file || files_are_trusted) {
        allow(line);
        return RB_OK;
    }
    if (is_remembered(line)) return RB_OK;
    const bool module = key == RB_TRUST_IMPORT || key == RB_TRUST_WRAPPERS;
    const char *code = module ? value : strchr(line, ' ') + 1;
    return rb_error_set(
        error, RB_ERR_USAGE,
        "%.250s: %s = %.200s would %s %.300s, which you have never chosen yourself; if you trust "
        "it, repeat the command with --trust",
        file, name, value, what[key], code);
}

rb_status rb_trust_check_env(const char *env, const char *file, rb_error *error)
{
    return rb_config_env_is_file(env) ? check(RB_TRUST_ENV, "run.env", env, true, file, error) : RB_OK;
}

rb_status rb_config_check_trust(const rb_config *config, rb_error *error)
{
    const rb_params *p = &config->params;
    const bool *from = config->from_file;
    const char *file = config->file, *venv = ".venv/bin/python";
    rb_status status = RB_OK;
    const char *plugin = rb_device_file(p->compute.device);
    if (plugin) status = check(RB_TRUST_DEVICE, "compute.device", plugin, from[RB_TRUST_DEVICE], file, error);
    if (status) return status;
    if (rb_config_env_is_file(p->run.env))
        return check(RB_TRUST_ENV, "run.env", p->run.env, from[RB_TRUST_ENV], file, error);
    if (!rb_text_starts(p->run.env, "gym/")) return RB_OK;
    if (!*p->gym.python && rb_file_exists(venv)) // searched there before $PATH (env/gym_python.c)
        status = check(RB_TRUST_PYTHON, "run.env", venv, from[RB_TRUST_ENV], file, error);
    if (*p->gym.python)
        status = check(RB_TRUST_PYTHON, "gym.python", p->gym.python, from[RB_TRUST_PYTHON], file, error);
    if (!status && *p->gym.import)
        status = check(RB_TRUST_IMPORT, "gym.import", p->gym.import, from[RB_TRUST_IMPORT], file, error);
    if (!status && *p->gym.wrappers)
        status =
            check(RB_TRUST_WRAPPERS, "gym.wrappers", p->gym.wrappers, from[RB_TRUST_WRAPPERS], file, error);
    if (!status && strchr(p->run.env, ':')) // Gymnasium imports what stands before it
        status = check(RB_TRUST_IMPORT, "run.env", p->run.env, from[RB_TRUST_ENV], file, error);
    return status;
}
