// What an agent takes of the device's memory: told and checked before the start.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "xla/xla_impl.h"

typedef struct needs {
    double weights, batches, frames, update, free; // weights: without a checkpoint's copy of them; update,
                                                   // free: below 0 if the plugin does not tell
} needs;

static needs needs_of(xla *x)
{
    made *m = NULL;
    needs n = {.update = -1, .free = rb_plugin_facts_of(x->plugin).free};
    for (int i = 0; i < x->tensors; i++) {
        const tensor *t = &x->tensor[i];
        const int copies = 1 + (x->shape.target != NULL) + (t->trained ? 2 : 0);
        if (t->kept) n.weights += (double)(t->count * sizeof(float)) * copies;
    }
    // Of an update's batch, and of the next one, which is sent while it runs.
    const double samples = 2.0 * (double)x->spec.agent.batch;
    n.batches = samples * (double)x->observation_bytes * (x->shape.target ? 2 : 1);
    if (x->spec.slots)
        n.frames = (double)(x->spec.slots + 2) * (double)x->observation_bytes / (double)x->spec.frames;
    const int with = rb_xla_with_of(x->spec.masked, x->spec.intense);
    if (!rb_xla_program_of(x, &m, UPDATE, (int)x->spec.agent.batch, with, NULL))
        n.update = rb_program_needs(m->program);
    return n;
}

static void memory_text(const needs *n, char *out, size_t bytes)
{
    char weights[32], batches[32], frames[32], update[64] = "", available[64] = "";
    rb_text_bytes(weights, sizeof weights, n->weights);
    rb_text_bytes(batches, sizeof batches, n->batches);
    snprintf(out, bytes, "weights, moments and target %s, as much for a checkpoint, batches %s", weights,
             batches);
    rb_text_bytes(frames, sizeof frames, n->frames);
    const size_t before = strlen(out);
    if (n->frames > 0 && before < bytes)
        snprintf(out + before, bytes - before, ", frames of replay %s", frames);
    if (n->update >= 0) rb_text_bytes(update, sizeof update, n->update);
    if (n->free >= 0) rb_text_bytes(available, sizeof available, n->free);
    const size_t used = strlen(out);
    if (used < bytes)
        snprintf(out + used, bytes - used, "%s%s%s%s%s", *update ? ", an update " : "", update,
                 *available ? "; " : "", available, *available ? " free" : "");
}

void rb_xla_memory(rb_device *device, char *out, size_t bytes)
{
    const needs n = needs_of(of(device));
    memory_text(&n, out, bytes);
}

rb_status rb_xla_check_memory(xla *x, rb_error *error)
{
    char text[256], all[32];
    const needs n = needs_of(x);
    const double need = 2 * n.weights + n.batches + n.frames + (n.update > 0 ? n.update : 0);
    if (n.free < 0 || need <= n.free) return RB_OK;
    memory_text(&n, text, sizeof text);
    rb_text_bytes(all, sizeof all, need);
    return rb_error_set(error, RB_ERR_MEMORY,
                        "this agent needs %s of the device's memory (%s); a smaller agent.batch or network%s "
                        "needs less",
                        all, text, n.frames > 0 ? ", or replay.on_device = false," : "");
}
