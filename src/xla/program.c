// Programs are compiled and run, and buffers travel to and from the device.
//
// Compiling takes seconds, and agents of the same shape have the same programs, to the letter: so a client
// keeps what it compiled, and a second agent gets the program of the first.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "xla/pjrt_plugin_impl.h"

// One replica, one partition: a serialised message of two fields of its field 3.
static const char options[] = {0x1a, 0x04, 0x20, 0x01, 0x28, 0x01};

// The compiler's sentence begins with a place in the text, "...:12:34: error: ...", or names none.
static void quote_line(const char *text, const char *sentence, char *out, size_t bytes)
{
    long line = 0;
    out[0] = 0;
    for (const char *at = strchr(sentence, ':'); at; at = strchr(at + 1, ':')) {
        char *end;
        const long number = strtol(at + 1, &end, 10);
        if (end > at + 1 && *end == ':' && number > 0) {
            line = number;
            break;
        }
    }
    for (const char *at = text; line > 0 && at; at = strchr(at, '\n'), at = at ? at + 1 : NULL, line--)
        if (line == 1)
            snprintf(out, bytes, "; its line is: %.*s", (int)strcspn(at, "\n"), at + strspn(at, " "));
}

static rb_status compile(rb_program *p, const char *text, size_t bytes, rb_error *error)
{
    const pjrt_program program =
        PJRT_ARGS(pjrt_program, .code = text, .code_bytes = bytes, .format = "mlir", .format_bytes = 4);
    pjrt_compile_args args = PJRT_ARGS(pjrt_compile_args, .client = p->plugin->client, .program = &program,
                                       .options = options, .option_bytes = sizeof options);
    char what[128], line[400];
    rb_error own = {0};
    snprintf(what, sizeof what, "the program %s does not compile", p->name);
    rb_status status = rb_plugin_check(p->plugin, p->plugin->table->client_compile(&args), &own, what);
    p->executable = args.executable;
    if (!status) return RB_OK;
    quote_line(text, own.message, line, sizeof line);
    return rb_error_set(error, status == RB_ERR_MEMORY ? status : RB_ERR_FORMAT, "%.600s%s", own.message,
                        line);
}

// What can't fail in a way that anybody could mend.
static void ignore(const pjrt_table *t, pjrt_error *failed)
{
    if (failed) t->error_destroy(&PJRT_ARGS(pjrt_error_args, .error = failed));
}

// ---- the programs that a client keeps, the newest first

enum { IDLE_MOST = 16 }; // kept though nobody uses them

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void drop(rb_program *p)
{
    const pjrt_table *t = p->plugin->table;
    ignore(t, t->executable_destroy(&PJRT_ARGS(pjrt_executable_args, .executable = p->executable)));
    free(p->text), free(p);
}

static rb_program *find(rb_plugin *plugin, const char *text)
{
    rb_program *p = plugin->programs;
    while (p && strcmp(p->text, text)) p = p->next;
    return p;
}

static void drop_idle(rb_plugin *plugin, int most)
{
    int idle = 0;
    for (rb_program **at = &plugin->programs; *at;) {
        rb_program *p = *at;
        if (p->users || ++idle <= most) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        drop(p);
    }
}

static void drop_all(rb_plugin *plugin)
{
    pthread_mutex_lock(&lock);
    drop_idle(plugin, 0);
    pthread_mutex_unlock(&lock);
}

rb_status rb_program_compile(rb_program **out, rb_plugin *plugin, rb_hlo *hlo, const char *name,
                             const char *dump, rb_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    rb_status status = rb_hlo_text(hlo, name, &text, &bytes, error);
    if (!status && dump) status = rb_file_write(dump, text, bytes, error);
    pthread_mutex_lock(&lock);
    rb_program *p = status ? NULL : find(plugin, text);
    if (p) p->users++;
    pthread_mutex_unlock(&lock);
    if (status || p) {
        free(text);
        *out = p;
        return status;
    }
    p = calloc(1, sizeof *p);
    if (!p) {
        free(text);
        return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for a device's program");
    }
    *p = (rb_program){.plugin = plugin, .text = text, .users = 1};
    p->inputs = rb_hlo_inputs(hlo), p->outputs = rb_hlo_outputs(hlo);
    snprintf(p->name, sizeof p->name, "%s", name);
    status = compile(p, text, bytes, error);
    if (status) {
        free(text), free(p);
        return status;
    }
    pthread_mutex_lock(&lock);
    p->next = plugin->programs, plugin->programs = p;
    plugin->drop_programs = drop_all;
    pthread_mutex_unlock(&lock);
    *out = p;
    return RB_OK;
}

void rb_program_destroy(rb_program *p)
{
    if (!p) return;
    pthread_mutex_lock(&lock);
    if (!--p->users) drop_idle(p->plugin, IDLE_MOST);
    pthread_mutex_unlock(&lock);
}

double rb_program_needs(const rb_program *p)
{
    const pjrt_table *t = p->plugin->table;
    const pjrt_long_table *more = (const pjrt_long_table *)t;
    if (t->size < sizeof *more || !more->compiled_needs) return -1;
    pjrt_compiled_args of = PJRT_ARGS(pjrt_compiled_args, .executable = p->executable);
    pjrt_error *failed = t->executable_compiled(&of);
    ignore(t, failed);
    if (failed) return -1;
    pjrt_needs_args needs = PJRT_ARGS(pjrt_needs_args, .compiled = of.compiled);
    failed = more->compiled_needs(&needs);
    ignore(t, failed);
    ignore(t, t->compiled_destroy(&PJRT_ARGS(pjrt_compiled_args, .destroyed = of.compiled)));
    return failed ? -1 : (double)(needs.code + needs.outputs - needs.shared + needs.scratch);
}

rb_status rb_program_run(rb_program *p, rb_buffer *const *inputs, int input_count, rb_buffer **outputs,
                         int output_count, rb_error *error)
{
    char what[128];
    if (input_count != p->inputs || output_count != p->outputs)
        return rb_error_set(error, RB_ERR_USAGE,
                            "the device's program %s: %d inputs and %d outputs instead of %d and %d", p->name,
                            input_count, output_count, p->inputs, p->outputs);
    pjrt_buffer *const *in = (pjrt_buffer *const *)inputs;
    pjrt_buffer **made = (pjrt_buffer **)outputs;
    const pjrt_run_options none = PJRT_ARGS(pjrt_run_options, .launch = 0);
    for (int i = 0; i < output_count; i++) outputs[i] = NULL;
    pjrt_run_args args =
        PJRT_ARGS(pjrt_run_args, .executable = p->executable, .options = &none, .inputs = &in, .devices = 1,
                  .input_count = (size_t)input_count, .outputs = &made);
    snprintf(what, sizeof what, "the program %s failed", p->name);
    return rb_plugin_check(p->plugin, p->plugin->table->executable_run(&args), error, what);
}

// ---- buffers

static rb_status await(rb_plugin *plugin, pjrt_event *event, rb_error *error, const char *what)
{
    const pjrt_table *t = plugin->table;
    if (!event) return RB_OK;
    const rb_status status =
        rb_plugin_check(plugin, t->event_wait(&PJRT_ARGS(pjrt_event_args, .event = event)), error, what);
    ignore(t, t->event_destroy(&PJRT_ARGS(pjrt_event_args, .event = event)));
    return status;
}

rb_status rb_buffer_upload(rb_buffer **out, rb_plugin *plugin, rb_type type, rb_sizes sizes, const void *data,
                           rb_error *error)
{
    static const int types[RB_TYPES] = {PJRT_TYPE_PRED, PJRT_TYPE_U8,  PJRT_TYPE_S32, PJRT_TYPE_U32,
                                        PJRT_TYPE_U64,  PJRT_TYPE_F32, PJRT_TYPE_BF16};
    pjrt_upload_args args = PJRT_ARGS(pjrt_upload_args, .client = plugin->client, .data = data,
                                      .type = types[type], .dims = sizes.of, .dim_count = (size_t)sizes.rank,
                                      .reading = PJRT_READ_DURING_CALL, .device = plugin->device);
    static const char what[] = "data can't be copied to the device";
    rb_status status = rb_plugin_check(plugin, plugin->table->client_upload(&args), error, what);
    if (status) return status;
    *out = (rb_buffer *)args.buffer;
    status = await(plugin, args.done, error, what);
    if (status) rb_buffer_free(*out, plugin), *out = NULL;
    return status;
}

rb_status rb_buffer_download(rb_buffer *buffer, rb_plugin *plugin, void *to, size_t bytes, rb_error *error)
{
    pjrt_download_args args =
        PJRT_ARGS(pjrt_download_args, .buffer = (pjrt_buffer *)buffer, .to = to, .bytes = bytes);
    static const char what[] = "data can't be copied from the device";
    const rb_status status = rb_plugin_check(plugin, plugin->table->buffer_download(&args), error, what);
    return status ? status : await(plugin, args.done, error, what);
}

void rb_buffer_free(rb_buffer *buffer, rb_plugin *plugin)
{
    if (!buffer) return;
    const pjrt_table *t = plugin->table;
    ignore(t, t->buffer_destroy(&PJRT_ARGS(pjrt_buffer_args, .buffer = (pjrt_buffer *)buffer)));
}
