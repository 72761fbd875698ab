// Opens a plugin: finds its table of functions, checks version and size, makes a client and finds the device.
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/scripts.h"
#include "base/text.h"
#include "xla/pjrt_plugin_impl.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static rb_plugin *plugins; // one per path; their objects stay loaded, because their threads may

rb_status rb_plugin_check(const rb_plugin *plugin, pjrt_error *failed, rb_error *error, const char *what)
{
    if (!failed) return RB_OK;
    const pjrt_table *t = plugin->table;
    pjrt_message_args message = PJRT_ARGS(pjrt_message_args, .error = failed);
    pjrt_code_args code = PJRT_ARGS(pjrt_code_args, .error = failed);
    t->error_message(&message);
    pjrt_error *second = t->error_code(&code);
    const bool memory = !second && code.code == PJRT_RESOURCE_EXHAUSTED;
    const int length = message.bytes > 700 ? 700 : (int)message.bytes;
    const rb_status status =
        rb_error_set(error, memory ? RB_ERR_MEMORY : RB_ERR_ENV, "%s: %s%s: %.*s", plugin->path, what,
                     memory ? ": the device has too little memory" : "", length, message.text);
    t->error_destroy(&PJRT_ARGS(pjrt_error_args, .error = failed));
    if (second) t->error_destroy(&PJRT_ARGS(pjrt_error_args, .error = second));
    return status;
}

// ---- the shared object

// The compiler in NVIDIA's plugin needs files of CUDA that come in wheels beside it, and finds them by this
// variable alone.
static void tell_where_cuda_is(const char *path)
{
    static const char *const names[] = {"cu13", "cuda_nvcc"};
    static const char option[] = "--xla_gpu_cuda_data_dir=";
    const char *flags = getenv("XLA_FLAGS"), *slash = strrchr(path, '/');
    for (size_t i = 0; slash && i < sizeof names / sizeof *names; i++) {
        char directory[RB_PATH_MAX], all[2 * RB_PATH_MAX];
        snprintf(directory, sizeof directory, "%.*s/../../nvidia/%s", (int)(slash - path), path, names[i]);
        if (!rb_file_is_directory(directory) || (flags && strstr(flags, option))) continue;
        const int written =
            snprintf(all, sizeof all, "%s%s%s%s", flags ? flags : "", flags ? " " : "", option, directory);
        if (written > 0 && (size_t)written < sizeof all) setenv("XLA_FLAGS", all, 1);
        return;
    }
}

static rb_status load(rb_plugin *p, rb_error *error)
{
    if (!rb_file_exists(p->path))
        return rb_error_set(error, RB_ERR_MISSING,
                            "%s: there is no such file; it must be a PJRT plugin (%s fetches one)", p->path,
                            rb_scripts_in("./scripts/get-accelerator"));
    tell_where_cuda_is(p->path);
    void *object = dlopen(p->path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        const char *why = dlerror();
        return rb_error_set(error, RB_ERR_FORMAT, "%s: it can't be opened as a PJRT plugin: %s", p->path,
                            why ? why : "the system does not tell why");
    }
    pjrt_get_table *get;
    void *symbol = dlsym(object, "GetPjrtApi");
    memcpy(&get, &symbol, sizeof get); // ISO C has no cast from data to functions
    if (!symbol) {
        dlclose(object);
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: it is no PJRT plugin: a shared object without the symbol GetPjrtApi",
                            p->path);
    }
    p->table = get();
    const pjrt_table *t = p->table;
    if (!t) return rb_error_set(error, RB_ERR_FORMAT, "%s: the plugin gives no table of functions", p->path);
    // The version is where it is in all versions; nothing behind it may be read before it is known.
    if (t->size < offsetof(pjrt_table, error_destroy) || t->version.major != PJRT_MAJOR ||
        t->version.minor < PJRT_MINOR_LEAST)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: the plugin has version %d.%d of the PJRT interface, but Rainbow needs %d.%d "
                            "or a later %d.x",
                            p->path, t->version.major, t->version.minor, PJRT_MAJOR, PJRT_MINOR_LEAST,
                            PJRT_MAJOR);
    if (t->size < sizeof *t)
        return rb_error_set(
            error, RB_ERR_FORMAT,
            "%s: the plugin's table of functions has %zu bytes, but version %d.%d must have at "
            "least %zu",
            p->path, t->size, t->version.major, t->version.minor, sizeof *t);
    return RB_OK;
}

// ---- client and device

static void keep_text(char *to, size_t bytes, const char *text, size_t length)
{
    snprintf(to, bytes, "%.*s", length < bytes ? (int)length : (int)bytes - 1, text ? text : "");
    to[strcspn(to, "\n")] = 0;
}

static rb_status describe(rb_plugin *p, rb_error *error)
{
    const pjrt_table *t = p->table;
    pjrt_client_text_args text = PJRT_ARGS(pjrt_client_text_args, .client = p->client);
    rb_status status = rb_plugin_check(p, t->client_name(&text), error, "its platform is unknown");
    if (status) return status;
    keep_text(p->platform, sizeof p->platform, text.text, text.bytes);
    status = rb_plugin_check(p, t->client_version(&text), error, "its version is unknown");
    if (status) return status;
    keep_text(p->version, sizeof p->version, text.text, text.bytes);
    pjrt_devices_args devices = PJRT_ARGS(pjrt_devices_args, .client = p->client);
    status = rb_plugin_check(p, t->client_devices(&devices), error, "its devices are unknown");
    if (status) return status;
    if (!devices.count)
        return rb_error_set(error, RB_ERR_MISSING, "%s: the plugin finds no device on this machine", p->path);
    p->devices = (int)devices.count, p->device = devices.devices[0];
    pjrt_description_args description = PJRT_ARGS(pjrt_description_args, .device = p->device);
    status = rb_plugin_check(p, t->device_description(&description), error, "its device is unknown");
    if (status) return status;
    pjrt_kind_args kind = PJRT_ARGS(pjrt_kind_args, .description = description.description);
    status = rb_plugin_check(p, t->description_kind(&kind), error, "its device's kind is unknown");
    if (!status) keep_text(p->kind, sizeof p->kind, kind.text, kind.bytes);
    return status;
}

static rb_status make_client(rb_plugin *p, rb_error *error)
{
    pjrt_create_args args = PJRT_ARGS(pjrt_create_args, .client = NULL);
    rb_status status = rb_plugin_check(p, p->table->client_create(&args), error,
                                       "the plugin finds no device that it can use");
    if (status) return error && error->status ? error->status = RB_ERR_MISSING : RB_ERR_MISSING;
    p->client = args.client;
    return describe(p, error);
}

static void drop_client(rb_plugin *p)
{
    if (!p->client) return;
    if (p->drop_programs) p->drop_programs(p);
    pjrt_error *failed = p->table->client_destroy(&PJRT_ARGS(pjrt_client_args, .client = p->client));
    if (failed) p->table->error_destroy(&PJRT_ARGS(pjrt_error_args, .error = failed));
    p->client = NULL, p->device = NULL;
}

// ---- opened and closed

static rb_status find(rb_plugin **out, const char *path, rb_error *error)
{
    char real[PATH_MAX]; // a plugin looks for its libraries from where it really is
    if (!realpath(path, real)) snprintf(real, sizeof real, "%s", path);
    for (*out = plugins; *out; *out = (*out)->next)
        if (!strcmp((*out)->path, real)) return RB_OK;
    rb_plugin *p = calloc(1, sizeof *p);
    if (p) p->path = strdup(real);
    if (!p || !p->path) {
        free(p);
        return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for a plugin");
    }
    rb_status status = load(p, error);
    if (!status)
        status =
            rb_plugin_check(p, p->table->plugin_initialise(&PJRT_ARGS(pjrt_plugin_args, .extension = NULL)),
                            error, "the plugin does not start");
    if (status) {
        free(p->path), free(p);
        return status;
    }
    p->next = plugins, plugins = p;
    *out = p;
    return RB_OK;
}

rb_status rb_plugin_open(rb_plugin **out, const char *path, rb_error *error)
{
    pthread_mutex_lock(&lock);
    rb_status status = find(out, path, error);
    if (!status && !(*out)->users) {
        status = make_client(*out, error);
        if (status) drop_client(*out);
    }
    if (!status) (*out)->users++;
    pthread_mutex_unlock(&lock);
    if (status) *out = NULL;
    return status;
}

void rb_plugin_close(rb_plugin *plugin)
{
    if (!plugin) return;
    pthread_mutex_lock(&lock);
    if (!--plugin->users) drop_client(plugin);
    pthread_mutex_unlock(&lock);
}

rb_plugin_facts rb_plugin_facts_of(rb_plugin *p)
{
    rb_plugin_facts facts = {.path = p->path,
                             .platform = p->platform,
                             .version = p->version,
                             .kind = p->kind,
                             .interface = p->table->version.minor,
                             .devices = p->devices,
                             .memory = -1,
                             .free = -1};
    pjrt_memory_args memory = PJRT_ARGS(pjrt_memory_args, .device = p->device);
    pjrt_error *failed = p->table->device_memory(&memory);
    if (failed) {
        p->table->error_destroy(&PJRT_ARGS(pjrt_error_args, .error = failed));
    } else if (memory.limit.known) {
        facts.memory = (double)memory.limit.value;
        facts.free = (double)(memory.limit.value - memory.in_use);
    }
    return facts;
}
