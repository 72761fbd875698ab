// The part of the PJRT C interface (OpenXLA) that Rainbow uses, declared from its documented memory layout:
// what a plugin's symbol GetPjrtApi returns, and the arguments of the calls.
//
// Every call takes one struct. It begins with its size, by which a plugin sees which fields its caller knows,
// and a pointer for extensions, which stays NULL. New versions only add fields at a struct's end, where 0
// means that the field is not used, so each struct here ends with room of zeros and says that it has it: a
// plugin that knows more fields finds them, unused.
//
// Lines that end with `// out` are written by the plugin.
#ifndef RB_XLA_PJRT_H
#define RB_XLA_PJRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PJRT_MAJOR = 0, PJRT_MINOR_LEAST = 33 }; // another major version has another layout
enum { PJRT_ROOM = 8 };

#define PJRT_HEAD                                                                                            \
    size_t size;                                                                                             \
    void *extension
#define PJRT_TAIL void *room[PJRT_ROOM]
// A struct of arguments, as its call expects it at first.
#define PJRT_ARGS(type, ...) ((type){.size = sizeof(type), __VA_ARGS__})

// Objects of the plugin.
typedef struct pjrt_error pjrt_error;
typedef struct pjrt_event pjrt_event;
typedef struct pjrt_client pjrt_client;
typedef struct pjrt_device pjrt_device;
typedef struct pjrt_description pjrt_description; // of a device
typedef struct pjrt_executable pjrt_executable;   // loaded on a device
typedef struct pjrt_compiled pjrt_compiled;       // what it was loaded from
typedef struct pjrt_buffer pjrt_buffer;

// ---- errors: a call returns NULL or an error, which the caller frees

typedef struct pjrt_error_args { // free
    PJRT_HEAD;
    pjrt_error *error;
    PJRT_TAIL;
} pjrt_error_args;

typedef struct pjrt_message_args {
    PJRT_HEAD;
    const pjrt_error *error;
    const char *text; // out; lives as long as the error
    size_t bytes;     // out
    PJRT_TAIL;
} pjrt_message_args;

enum { PJRT_RESOURCE_EXHAUSTED = 8 }; // of the codes, that of too little memory

typedef struct pjrt_code_args {
    PJRT_HEAD;
    const pjrt_error *error;
    int code; // out
    PJRT_TAIL;
} pjrt_code_args;

// ---- plugin and client

typedef struct pjrt_plugin_args { // initialise
    PJRT_HEAD;
    PJRT_TAIL;
} pjrt_plugin_args;

typedef struct pjrt_create_args {
    PJRT_HEAD;
    const void *options;
    size_t option_count;
    void *store[4];      // of several processes: two functions with their arguments
    pjrt_client *client; // out
    PJRT_TAIL;
} pjrt_create_args;

typedef struct pjrt_client_args { // destroy
    PJRT_HEAD;
    pjrt_client *client;
    PJRT_TAIL;
} pjrt_client_args;

typedef struct pjrt_client_text_args { // the platform's name or version
    PJRT_HEAD;
    pjrt_client *client;
    const char *text; // out; lives as long as the client
    size_t bytes;     // out
    PJRT_TAIL;
} pjrt_client_text_args;

typedef struct pjrt_devices_args {
    PJRT_HEAD;
    pjrt_client *client;
    pjrt_device *const *devices; // out
    size_t count;                // out
    PJRT_TAIL;
} pjrt_devices_args;

typedef struct pjrt_description_args {
    PJRT_HEAD;
    pjrt_device *device;
    pjrt_description *description; // out
    PJRT_TAIL;
} pjrt_description_args;

typedef struct pjrt_kind_args {
    PJRT_HEAD;
    pjrt_description *description;
    const char *text; // out; lives as long as the device
    size_t bytes;     // out
    PJRT_TAIL;
} pjrt_kind_args;

typedef struct pjrt_amount { // a number that a device may not know
    int64_t value;
    bool known;
} pjrt_amount;

typedef struct pjrt_memory_args {
    PJRT_HEAD;
    pjrt_device *device;
    int64_t in_use; // out, like all that follow
    pjrt_amount peak, allocations, largest, limit, reserved, peak_reserved, reservable, largest_free, pool,
        peak_pool;
    PJRT_TAIL;
} pjrt_memory_args;

// ---- programs

typedef struct pjrt_program {
    PJRT_HEAD;
    const char *code;
    size_t code_bytes;
    const char *format; // "mlir"
    size_t format_bytes;
    PJRT_TAIL;
} pjrt_program;

typedef struct pjrt_compile_args {
    PJRT_HEAD;
    pjrt_client *client;
    const pjrt_program *program;
    const char *options; // a serialised message
    size_t option_bytes;
    pjrt_executable *executable; // out
    PJRT_TAIL;
} pjrt_compile_args;

typedef struct pjrt_executable_args { // destroy
    PJRT_HEAD;
    pjrt_executable *executable;
    PJRT_TAIL;
} pjrt_executable_args;

typedef struct pjrt_compiled_args { // of a loaded program; destroy
    PJRT_HEAD;
    union {
        pjrt_executable *executable;
        pjrt_compiled *destroyed;
    };
    pjrt_compiled *compiled; // out
    PJRT_TAIL;
} pjrt_compiled_args;

typedef struct pjrt_needs_args {
    PJRT_HEAD;
    pjrt_compiled *compiled;
    int64_t code, inputs, outputs, shared,
        scratch;     // out: bytes on the device; shared: outputs in inputs' place
    int64_t host[5]; // out
    PJRT_TAIL;
} pjrt_needs_args;

typedef struct pjrt_run_options {
    PJRT_HEAD;
    void *callbacks[2];
    size_t callback_counts[2];
    int launch;
    PJRT_TAIL;
} pjrt_run_options;

typedef struct pjrt_run_args {
    PJRT_HEAD;
    pjrt_executable *executable;
    const pjrt_run_options *options;
    pjrt_buffer *const *const *inputs; // [devices][inputs]
    size_t devices, input_count;
    pjrt_buffer **const *outputs; // [devices][outputs], written
    pjrt_event **done;            // [devices], written; NULL: not wanted
    pjrt_device *device;          // NULL: the one that it was compiled for
    PJRT_TAIL;
} pjrt_run_args;

// ---- buffers

// Types of a buffer's numbers.
enum {
    PJRT_TYPE_PRED = 1,
    PJRT_TYPE_S32 = 4,
    PJRT_TYPE_S64 = 5,
    PJRT_TYPE_U8 = 6,
    PJRT_TYPE_U32 = 8,
    PJRT_TYPE_U64 = 9,
    PJRT_TYPE_F32 = 11,
    PJRT_TYPE_F64 = 12,
    PJRT_TYPE_BF16 = 13
};
// What may happen to the caller's memory: read during the call only, or until its event.
enum { PJRT_READ_DURING_CALL = 0, PJRT_READ_UNTIL_DONE = 1 };

typedef struct pjrt_upload_args {
    PJRT_HEAD;
    pjrt_client *client;
    const void *data;
    int type;
    const int64_t *dims;
    size_t dim_count;
    const int64_t *strides; // NULL: dense
    size_t stride_count;
    int reading;
    pjrt_device *device;
    void *memory, *layout; // NULL: the device's own
    pjrt_event *done;      // out: the data was read
    pjrt_buffer *buffer;   // out
    PJRT_TAIL;
} pjrt_upload_args;

typedef struct pjrt_download_args {
    PJRT_HEAD;
    pjrt_buffer *buffer;
    const void *layout; // NULL: the buffer's
    void *to;
    size_t bytes;
    pjrt_event *done; // out
    PJRT_TAIL;
} pjrt_download_args;

typedef struct pjrt_buffer_args { // destroy
    PJRT_HEAD;
    pjrt_buffer *buffer;
    PJRT_TAIL;
} pjrt_buffer_args;

typedef struct pjrt_event_args { // destroy, wait
    PJRT_HEAD;
    pjrt_event *event;
    PJRT_TAIL;
} pjrt_event_args;

// ---- the table of functions, with the places that Rainbow does not use left open

typedef struct pjrt_table {
    size_t size;
    void *extension;
    struct {
        size_t size;
        void *extension;
        int major, minor;
    } version;
    void (*error_destroy)(pjrt_error_args *);
    void (*error_message)(pjrt_message_args *);
    pjrt_error *(*error_code)(pjrt_code_args *);
    pjrt_error *(*plugin_initialise)(pjrt_plugin_args *);
    void *plugin_attributes;
    pjrt_error *(*event_destroy)(pjrt_event_args *);
    void *event_ready, *event_error;
    pjrt_error *(*event_wait)(pjrt_event_args *);
    void *event_on_ready;
    pjrt_error *(*client_create)(pjrt_create_args *);
    pjrt_error *(*client_destroy)(pjrt_client_args *);
    pjrt_error *(*client_name)(pjrt_client_text_args *);
    void *client_process;
    pjrt_error *(*client_version)(pjrt_client_text_args *);
    void *client_all_devices;
    pjrt_error *(*client_devices)(pjrt_devices_args *); // those that this process can use
    void *client_lookups[3];
    pjrt_error *(*client_compile)(pjrt_compile_args *);
    void *client_assignment;
    pjrt_error *(*client_upload)(pjrt_upload_args *);
    void *description_id, *description_process, *description_attributes;
    pjrt_error *(*description_kind)(pjrt_kind_args *);
    void *description_texts[2];
    pjrt_error *(*device_description)(pjrt_description_args *);
    void *device_parts[4];
    pjrt_error *(*device_memory)(pjrt_memory_args *);
    void *memories[5];
    pjrt_error *(*compiled_destroy)(pjrt_compiled_args *);
    void *compileds[9];
    pjrt_error *(*executable_destroy)(pjrt_executable_args *); // of a loaded one, like the next
    pjrt_error *(*executable_compiled)(pjrt_compiled_args *);
    void *executable_parts[3];
    pjrt_error *(*executable_run)(pjrt_run_args *);
    void *executable_load[2];
    pjrt_error *(*buffer_destroy)(pjrt_buffer_args *);
    void *buffer_parts[11];
    pjrt_error *(*buffer_download)(pjrt_download_args *);
} pjrt_table;

typedef struct pjrt_long_table { // of a plugin whose table is so large; used, but not needed
    pjrt_table table;
    void *others[25];
    pjrt_error *(*compiled_needs)(pjrt_needs_args *);
} pjrt_long_table;

typedef const pjrt_table *pjrt_get_table(void); // the symbol GetPjrtApi

#endif
