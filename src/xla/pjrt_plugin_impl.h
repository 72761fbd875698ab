// The inside of an opened plugin.
#ifndef RB_XLA_PJRT_PLUGIN_IMPL_H
#define RB_XLA_PJRT_PLUGIN_IMPL_H

#include "xla/pjrt.h"
#include "xla/pjrt_plugin.h"

struct rb_plugin {
    char *path;
    const pjrt_table *table;
    pjrt_client *client;
    pjrt_device *device;
    int users, devices;
    char platform[64], version[128], kind[128];
    rb_program *programs;                     // compiled by the client (program.c)
    void (*drop_programs)(rb_plugin *plugin); // those that nobody uses, before the client goes; NULL: none
    rb_plugin *next;
};

struct rb_program {
    rb_plugin *plugin;
    pjrt_executable *executable;
    char name[64], *text;
    int inputs, outputs;
    int users; // agents; 0: it is kept for the next one
    rb_program *next;
};

// RB_OK if `failed` is NULL; else the plugin's sentence after `what`, and the plugin's error is freed.
rb_status rb_plugin_check(const rb_plugin *plugin, pjrt_error *failed, rb_error *error, const char *what);

#endif
