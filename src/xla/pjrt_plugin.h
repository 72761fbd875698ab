// A PJRT plugin: a shared object that compiles programs for a device, runs them there, and keeps buffers in
// its memory. It is opened at run time, so Rainbow is built and runs without any.
//
// One plugin has one client in a process, shared by all that open it, because a client may take most of its
// device's memory for itself.
#ifndef RB_XLA_PJRT_PLUGIN_H
#define RB_XLA_PJRT_PLUGIN_H

#include "rainbow/error.h"
#include "xla/hlo.h"

typedef struct rb_plugin rb_plugin;
typedef struct rb_buffer rb_buffer;   // in the device's memory
typedef struct rb_program rb_program; // compiled

typedef struct rb_plugin_facts {
    const char *path, *platform, *version, *kind; // "cuda", the platform's version, "NVIDIA H200"
    int interface;                                // minor version
    int devices;                                  // programs run on the first one
    double memory, free;                          // bytes of the first one; below 0: the plugin does not tell
} rb_plugin_facts;

// Opens the plugin at `path`. RB_ERR_MISSING: there is none, or no device that it can use; RB_ERR_FORMAT: the
// file is no plugin, or one of another version. Close it as often as it was opened.
rb_status rb_plugin_open(rb_plugin **out, const char *path, rb_error *error);
void rb_plugin_close(rb_plugin *plugin); // NULL is fine
rb_plugin_facts rb_plugin_facts_of(rb_plugin *plugin);

// RB_ERR_FORMAT: the program does not compile; the error quotes the line of its text. `dump`: a file that
// gets the text first; NULL: none. While the plugin is open, programs of one text are compiled once.
rb_status rb_program_compile(rb_program **out, rb_plugin *plugin, rb_hlo *hlo, const char *name,
                             const char *dump, rb_error *error);
void rb_program_destroy(rb_program *program);
// The bytes of the device's memory that it takes while it runs, beside its inputs; below 0: the plugin does
// not tell.
double rb_program_needs(const rb_program *program);
// Starts the program; `outputs` are buffers that become valid. Those of `inputs` that an output replaces must
// be freed afterwards all the same, and are not used again.
rb_status rb_program_run(rb_program *program, rb_buffer *const *inputs, int input_count, rb_buffer **outputs,
                         int output_count, rb_error *error);

// `data` is read before the call returns.
rb_status rb_buffer_upload(rb_buffer **out, rb_plugin *plugin, rb_type type, rb_sizes sizes, const void *data,
                           rb_error *error);
// Waits for the program that makes the buffer; `bytes` must be its size.
rb_status rb_buffer_download(rb_buffer *buffer, rb_plugin *plugin, void *to, size_t bytes, rb_error *error);
void rb_buffer_free(rb_buffer *buffer, rb_plugin *plugin); // NULL is fine

#endif
