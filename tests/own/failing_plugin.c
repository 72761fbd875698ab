// A PJRT plugin that is another one, RB_FAILING_PLUGIN, until it fails: it opens that plugin and passes on
// its table of functions, but when it was armed, the N-th program from there on does not start, or the N-th
// copy to the device finds no memory, nor does any after it.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "xla/pjrt.h"

const pjrt_table *GetPjrtApi(void);
void failing_arm(int runs, int uploads);
void failing_memory(long long bytes);

static const pjrt_table *real;
static pjrt_table *own;
static int runs_left, uploads_left; // until it fails; 0: never
static char broken, full;           // their addresses are this plugin's own errors

void failing_arm(int runs, int uploads)
{
    runs_left = runs, uploads_left = uploads;
}

static long long memory = -1; // of the device; below 0: what the plugin says

void failing_memory(long long bytes)
{
    memory = bytes;
}

static bool is_own(const pjrt_error *error)
{
    return (const char *)error == &broken || (const char *)error == &full;
}

static void message(pjrt_message_args *args)
{
    if (!is_own(args->error)) {
        real->error_message(args);
        return;
    }
    args->text =
        (const char *)args->error == &full ? "out of memory, says the test" : "the test pulled a plug";
    args->bytes = strlen(args->text);
}

static pjrt_error *code(pjrt_code_args *args)
{
    if (!is_own(args->error)) return real->error_code(args);
    args->code = (const char *)args->error == &full ? PJRT_RESOURCE_EXHAUSTED : 13;
    return NULL;
}

static void destroy(pjrt_error_args *args)
{
    if (!is_own(args->error)) real->error_destroy(args);
}

// Counts down to 1 and stays there.
static bool fails(int *left)
{
    if (*left > 1)
        --*left;
    else if (*left == 1)
        return true;
    return false;
}

static pjrt_error *run(pjrt_run_args *args)
{
    return fails(&runs_left) ? (pjrt_error *)&broken : real->executable_run(args);
}

static pjrt_error *upload(pjrt_upload_args *args)
{
    return fails(&uploads_left) ? (pjrt_error *)&full : real->client_upload(args);
}

static pjrt_error *device_memory(pjrt_memory_args *args)
{
    if (memory < 0) return real->device_memory(args);
    args->limit = (pjrt_amount){.value = memory, .known = true};
    return NULL;
}

const pjrt_table *GetPjrtApi(void)
{
    const char *path = getenv("RB_FAILING_PLUGIN"), *left = getenv("RB_FAILING_RUNS");
    if (own || !path) return own;
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    pjrt_get_table *get;
    void *symbol = object ? dlsym(object, "GetPjrtApi") : NULL;
    memcpy(&get, &symbol, sizeof get);
    real = symbol ? get() : NULL;
    own = real ? malloc(real->size) : NULL;
    if (!own) return NULL;
    memcpy(own, real, real->size);
    own->error_message = message, own->error_code = code, own->error_destroy = destroy;
    own->device_memory = device_memory;
    own->executable_run = run, own->client_upload = upload;
    if (left) failing_arm(atoi(left), 0);
    return own;
}
