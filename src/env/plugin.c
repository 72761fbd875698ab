// Custom environments in shared objects: the family whose names are paths, and the checks between the vector
// and the user's code.
//
//     ./my_env.so  ->  object, loaded once  ->  its table  ->  the class here: the same table with functions that check the results
//
// An instance wraps the user's instance, so that every message names the file and the function, an invalid
// status becomes a valid one, exit() becomes a failure (plugin_call.h), and the spec is checked once, before
// any size depends on it.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/text.h"
#include "env/contract.h"
#include "env/plugin_call.h"
#include "env/plugin_object.h"
#include "env/registry.h"

typedef struct library { // a loaded object; never unloaded, because environments may be using it
    char path[RB_PATH_MAX];
    rb_env_class theirs; // a copy, in which functions that its version did not have are NULL
    rb_env_class class;
    struct library *next;
} library;

typedef struct own {
    const library *from;
    rb_env *theirs;
    rb_env_spec spec;
    const char *left; // the function that called exit(), after which no other is called; NULL: none did
    int exit_status;
} own;

// ---- calls of the user's code

typedef struct task { // a function's arguments and result
    own *o;
    const void *options;
    uint64_t seed;
    int action;
    void *out;
    rb_env_stream *stream;
    rb_error error;
    rb_status status;
    bool is_ready;
} task;

#define THEIRS(t) (&(t)->o->from->theirs)

static void call_create(void *context)
{
    task *t = context;
    t->status = THEIRS(t)->create(&t->o->theirs, t->options, t->seed, &t->error);
}

static void call_destroy(void *context)
{
    task *t = context;
    THEIRS(t)->destroy(t->o->theirs);
}

static void call_spec(void *context)
{
    task *t = context;
    THEIRS(t)->spec(t->o->theirs, t->out);
}

static void call_reset(void *context)
{
    task *t = context;
    t->status = THEIRS(t)->reset(t->o->theirs, &t->error);
}

static void call_step(void *context)
{
    task *t = context;
    t->status = THEIRS(t)->step(t->o->theirs, t->action, t->out, &t->error);
}

static void call_begin(void *context)
{
    task *t = context;
    THEIRS(t)->begin(t->o->theirs, t->action);
}

static void call_ready(void *context)
{
    task *t = context;
    t->is_ready = THEIRS(t)->ready(t->o->theirs);
}

static void call_observe(void *context)
{
    task *t = context;
    THEIRS(t)->observe(t->o->theirs, t->out);
}

static void call_render(void *context)
{
    task *t = context;
    THEIRS(t)->render(t->o->theirs, t->out);
}

static void call_mask(void *context)
{
    task *t = context;
    THEIRS(t)->mask(t->o->theirs, t->out);
}

static void call_save(void *context)
{
    task *t = context;
    t->status = THEIRS(t)->save(t->o->theirs, t->stream, &t->error);
}

static void call_load(void *context)
{
    task *t = context;
    t->status = THEIRS(t)->load(t->o->theirs, t->stream, &t->error);
}

// False: it called exit(), or an earlier function had.
static bool run(task *t, const char *function, rb_plugin_fn fn)
{
    own *o = t->o;
    if (!o->left && !rb_plugin_call(o->from->path, function, fn, t, &o->exit_status)) o->left = function;
    return !o->left;
}

static rb_status has_left(const own *o, rb_error *error)
{
    return rb_error_set(error, RB_ERR_ENV,
                        "%s: %s: called exit(%d), which would have ended the program; a function that fails "
                        "must end with `return rb_env_fail(error, \"why\")`",
                        o->from->path, o->left, o->exit_status);
}

// Reports a failure of the user's code: "./my_env.so: step: its message".
static rb_status failed(const library *from, const char *where, rb_status status, rb_error *theirs,
                        rb_error *error)
{
    const int returned = (int)status;
    if (status < RB_OK || status >= RB_INTERRUPTED) status = RB_ERR_ENV; // not a valid status
    theirs->message[sizeof theirs->message - 1] = 0;
    if (theirs->message[0])
        return rb_error_set(error, status, "%s: %s: %s", from->path, where, theirs->message);
    return rb_error_set(error, status,
                        "%s: %s: returned status %d without a message; a function that fails must end with "
                        "`return rb_env_fail(error, \"why\")`",
                        from->path, where, returned);
}

// A function that returns a status.
static rb_status try(task *t, const char *function, rb_plugin_fn fn, rb_error *error)
{
    if (!run(t, function, fn)) return has_left(t->o, error);
    return t->status ? failed(t->o->from, function, t->status, &t->error, error) : RB_OK;
}

// ---- an instance

static _Thread_local const own *blind; // the newest observe or mask of this thread called exit()

rb_status rb_env_check_observed(rb_error *error)
{
    return blind ? has_left(blind, error) : RB_OK;
}

static rb_status plugin_spec_take(own *o, rb_error *error)
{
    rb_env_spec *spec = &o->spec;
    if (!run(&(task){.o = o, .out = spec}, "spec", call_spec)) return has_left(o, error);
    if (!spec->stack) spec->stack = 1;
    if (!spec->frames_per_step) spec->frames_per_step = 1;
    spec->masks = o->from->theirs.mask != NULL;
    if (o->from->theirs.abi < RB_ENV_ABI) spec->vector = 0; // its spec ends before
    rb_status status = rb_env_spec_check(&o->from->theirs, spec, error);
    return status ? rb_error_context(error, status, "%s: spec", o->from->path) : RB_OK;
}

static void plugin_destroy(rb_env *env)
{
    own *o = (own *)env;
    if (blind == o) blind = NULL;
    if (o && o->theirs) run(&(task){.o = o}, "destroy", call_destroy);
    free(o);
}

static const library *loaded(const char *path);

static rb_status plugin_create(rb_env **out, const void *options_of_any, uint64_t seed, rb_error *error)
{
    const rb_env_options *options = options_of_any;
    *out = NULL;
    own *o = calloc(1, sizeof *o);
    if (!o) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %s", options->settings.name);
    o->from = loaded(options->settings.name);
    task t = {.o = o, .options = options->settings.env.options, .seed = seed};
    rb_status status = try(&t, "create", call_create, error);
    if (status)
        o->theirs = NULL; // the user's code frees it
    else if (!o->theirs)
        status = rb_error_set(error, RB_ERR_ENV, "%s: create: returned RB_OK, but made no instance",
                              o->from->path);
    else
        status = plugin_spec_take(o, error);
    if (status)
        plugin_destroy((rb_env *)o);
    else
        *out = (rb_env *)o;
    return status;
}

static void plugin_spec(const rb_env *env, rb_env_spec *out)
{
    *out = ((const own *)env)->spec;
}

static rb_status plugin_reset(rb_env *env, rb_error *error)
{
    own *o = (own *)env;
    task t = {.o = o};
    rb_status status = try(&t, "reset", call_reset, error);
    if (status) return status;
    t.error.message[sizeof t.error.message - 1] = 0;
    if (t.error.message[0]) rb_error_set(error, RB_OK, "%s: %s", o->from->path, t.error.message); // a notice
    return RB_OK;
}

static rb_status plugin_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    own *o = (own *)env;
    task t = {.o = o, .action = action, .out = out};
    *out = (rb_env_step){0};
    rb_status status = try(&t, "step", call_step, error);
    if (!status && !out->frames) out->frames = o->spec.frames_per_step;
    return status;
}

static void plugin_begin(rb_env *env, int action)
{
    run(&(task){.o = (own *)env, .action = action}, "begin", call_begin);
}

static bool plugin_ready(rb_env *env)
{
    task t = {.o = (own *)env};
    return !run(&t, "ready", call_ready) || t.is_ready; // the step that follows reports the failure
}

static void plugin_observe(const rb_env *env, void *frame)
{
    own *o = (own *)env;
    const bool seen = run(&(task){.o = o, .out = frame}, "observe", call_observe);
    blind = seen ? NULL : o;
    if (!seen) memset(frame, 0, rb_env_frame_bytes(&o->spec));
}

static void plugin_mask(const rb_env *env, uint8_t *allowed)
{
    own *o = (own *)env;
    blind = run(&(task){.o = o, .out = allowed}, "mask", call_mask) ? NULL : o;
}

// A picture that is missing harms no training; the instance's next step reports the failure.
static void plugin_render(const rb_env *env, uint8_t *rgb)
{
    run(&(task){.o = (own *)env, .out = rgb}, "render", call_render);
}

static rb_status plugin_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    return try(&(task){.o = (own *)env, .stream = to}, "save", call_save, error);
}

static rb_status plugin_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    return try(&(task){.o = (own *)env, .stream = from}, "load", call_load, error);
}

// ---- the objects that were loaded

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static library *libraries;

static const library *loaded(const char *path)
{
    pthread_mutex_lock(&lock);
    const library *found = libraries;
    while (found && strcmp(found->path, path) != 0) found = found->next;
    pthread_mutex_unlock(&lock);
    return found;
}

static rb_status add(const library **out, const char *path, rb_error *error)
{
    library *new = calloc(1, sizeof *new);
    if (!new) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %s", path);
    rb_status status = RB_OK;
    if (!rb_text_copy(new->path, sizeof new->path, path))
        status = rb_error_set(error, RB_ERR_USAGE, "%.80s...: the path is too long", path);
    if (!status) status = rb_plugin_object_load(&new->theirs, new->path, error);
    if (status) {
        free(new);
        return status;
    }
    new->class = (rb_env_class){
        .abi = RB_ENV_ABI,
        .name = new->path, // the name in messages
        .create = plugin_create,
        .destroy = plugin_destroy,
        .spec = plugin_spec,
        .reset = plugin_reset,
        .step = plugin_step,
        .observe = plugin_observe,
        .render = new->theirs.render ? plugin_render : NULL,
        .save = new->theirs.save ? plugin_save : NULL,
        .load = new->theirs.load ? plugin_load : NULL,
        .begin = new->theirs.begin ? plugin_begin : NULL,
        .ready = new->theirs.ready ? plugin_ready : NULL,
        .mask = new->theirs.mask ? plugin_mask : NULL,
    };
    pthread_mutex_lock(&lock);
    new->next = libraries;
    libraries = new;
    pthread_mutex_unlock(&lock);
    *out = new;
    return RB_OK;
}

bool rb_env_takes_text(const rb_env_class *class)
{
    return class->create == plugin_create;
}

// ---- the family

// The family lists no names, because the objects are the user's.
static int count(void)
{
    return 0;
}

static const rb_env_entry *entry(int i)
{
    (void)i;
    return NULL;
}

static bool has_form(const char *name)
{
    return strchr(name, '/') && (rb_text_ends(name, ".so") || rb_file_exists(name));
}

static rb_status find(const char *name, const rb_env_class **out, rb_error *error)
{
    const library *from = loaded(name);
    rb_status status = from ? RB_OK : add(&from, name, error);
    *out = from ? &from->class : NULL;
    return status;
}

static void defaults(const char *name, const char **preset, const char **values)
{
    (void)name;
    *preset = "general";
    *values = "";
}

// For "my_env.so", which lacks the directory: the loader would search the library directories for it.
static bool near(const char *name, char out[RB_ENV_NAME_MAX])
{
    if (strchr(name, '/') || !rb_file_exists(name) || !rb_text_ends(name, ".so") ||
        strlen(name) + 3 > RB_ENV_NAME_MAX)
        return false;
    out[0] = '.';
    out[1] = '/';
    return rb_text_copy(out + 2, RB_ENV_NAME_MAX - 2, name);
}

const rb_env_family rb_plugin_family = {count,    entry, has_form, find,
                                        defaults, near,  NULL,     "a custom environment (./FILE.so)"};
