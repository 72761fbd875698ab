// See onnx.h. Every message is allocated from the arena when it is added; writing only packs them.
#include "io/onnx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#ifdef RB_HAVE_PROTOBUF_C
#include <onnx.pb-c.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "ONNX holds values little endian; this writer copies them as they are"
#endif

enum { IR_VERSION = 7, OPSET = 13, ENDS_MAX = 8, ATTRIBUTES_MAX = 8, LIST_STEP = 256 };

struct rb_onnx {
    rb_arena *arena;
    Rb__Onnx__Model model;
    Rb__Onnx__Opset opset, *opsets[1];
    Rb__Onnx__Graph graph;
    Rb__Onnx__Value *inputs[ENDS_MAX], *outputs[ENDS_MAX];
};

bool rb_onnx_available(void)
{
    return true;
}

rb_status rb_onnx_create(rb_onnx **out, const char *name, const char *doc, rb_arena *arena, rb_error *error)
{
    rb_onnx *m = RB_TAKE(arena, rb_onnx, 1);
    *out = m;
    if (!m) return rb_arena_check(arena, error);
    m->arena = arena;
    m->opset = (Rb__Onnx__Opset)RB__ONNX__OPSET__INIT;
    m->opset.version = OPSET;
    m->opsets[0] = &m->opset;
    m->graph = (Rb__Onnx__Graph)RB__ONNX__GRAPH__INIT;
    m->graph.name = rb_arena_text(arena, name);
    m->graph.inputs = m->inputs, m->graph.outputs = m->outputs;
    m->model = (Rb__Onnx__Model)RB__ONNX__MODEL__INIT;
    m->model.ir_version = IR_VERSION;
    m->model.producer = (char *)"Rainbow";
    m->model.producer_version = (char *)RB_VERSION;
    m->model.doc = rb_arena_text(arena, doc);
    m->model.graph = &m->graph;
    m->model.opsets = m->opsets, m->model.n_opsets = 1;
    return rb_arena_check(arena, error);
}

// A new message, a copy of `empty`; NULL: no memory.
static void *make(const rb_onnx *m, const void *empty, size_t bytes)
{
    void *message = rb_arena_take(m->arena, bytes);
    if (message) memcpy(message, empty, bytes);
    return message;
}
#define MAKE(m, type, empty) ((type *)make((m), &(type)empty, sizeof(type)))

// The list of `count` pointers with room for one more: itself, or a longer copy. NULL: no memory.
static void *with_room(const rb_onnx *m, void *list, size_t count)
{
    if (count % LIST_STEP) return list;
    void **longer = RB_TAKE(m->arena, void *, count + LIST_STEP);
    if (longer && count) memcpy(longer, list, count * sizeof *longer);
    return longer;
}

static int64_t *copy_sizes(const rb_onnx *m, const int64_t *sizes, int count)
{
    int64_t *copy = RB_TAKE(m->arena, int64_t, count ? count : 1);
    if (copy && count) memcpy(copy, sizes, (size_t)count * sizeof *sizes);
    return copy;
}

static Rb__Onnx__Type__Dimension *dimension(const rb_onnx *m, int64_t size)
{
    Rb__Onnx__Type__Dimension *d = MAKE(m, Rb__Onnx__Type__Dimension, RB__ONNX__TYPE__DIMENSION__INIT);
    if (!d) return NULL;
    d->size_case = size ? RB__ONNX__TYPE__DIMENSION__SIZE_FIXED : RB__ONNX__TYPE__DIMENSION__SIZE_FREE;
    if (size)
        d->fixed = size;
    else
        d->free = (char *)"N";
    return d;
}

static Rb__Onnx__Value *value(const rb_onnx *m, const char *name, rb_onnx_type type, int dims,
                              const int64_t *shape, const char *doc)
{
    Rb__Onnx__Value *v = MAKE(m, Rb__Onnx__Value, RB__ONNX__VALUE__INIT);
    Rb__Onnx__Type *t = MAKE(m, Rb__Onnx__Type, RB__ONNX__TYPE__INIT);
    Rb__Onnx__Type__Array *a = MAKE(m, Rb__Onnx__Type__Array, RB__ONNX__TYPE__ARRAY__INIT);
    Rb__Onnx__Type__Shape *s = MAKE(m, Rb__Onnx__Type__Shape, RB__ONNX__TYPE__SHAPE__INIT);
    Rb__Onnx__Type__Dimension **d = RB_TAKE(m->arena, Rb__Onnx__Type__Dimension *, dims);
    if (!v || !t || !a || !s || !d) return NULL;
    for (int i = 0; i < dims; i++) d[i] = dimension(m, shape[i]);
    s->n_dimensions = (size_t)dims, s->dimensions = d;
    a->type = (int32_t)type, a->shape = s;
    t->array = a;
    v->name = rb_arena_text(m->arena, name);
    v->doc = rb_arena_text(m->arena, doc);
    v->type = t;
    return v;
}

void rb_onnx_input(rb_onnx *m, const char *name, rb_onnx_type type, int dims, const int64_t *shape,
                   const char *doc)
{
    assert(m->graph.n_inputs < ENDS_MAX);
    m->inputs[m->graph.n_inputs++] = value(m, name, type, dims, shape, doc);
}

void rb_onnx_output(rb_onnx *m, const char *name, rb_onnx_type type, int dims, const int64_t *shape,
                    const char *doc)
{
    assert(m->graph.n_outputs < ENDS_MAX);
    m->outputs[m->graph.n_outputs++] = value(m, name, type, dims, shape, doc);
}

void *rb_onnx_tensor(rb_onnx *m, const char *name, rb_onnx_type type, int dims, const int64_t *shape)
{
    assert(dims <= RB_ONNX_DIMS_MAX);
    size_t bytes = type == RB_ONNX_FLOAT ? 4 : type == RB_ONNX_INT64 ? 8 : 1;
    for (int i = 0; i < dims; i++) bytes *= (size_t)shape[i];
    Rb__Onnx__Tensor *t = MAKE(m, Rb__Onnx__Tensor, RB__ONNX__TENSOR__INIT),
                     **tensors = with_room(m, m->graph.tensors, m->graph.n_tensors);
    if (!t || !tensors) return NULL;
    t->n_shape = (size_t)dims, t->shape = copy_sizes(m, shape, dims);
    t->type = (int32_t)type;
    t->name = rb_arena_text(m->arena, name);
    t->values.len = bytes, t->values.data = rb_arena_take(m->arena, bytes ? bytes : 1);
    m->graph.tensors = tensors, tensors[m->graph.n_tensors++] = t;
    return t->values.data;
}

void rb_onnx_node(rb_onnx *m, const char *op, const char *const *inputs, int count, const char *output)
{
    Rb__Onnx__Node *n = MAKE(m, Rb__Onnx__Node, RB__ONNX__NODE__INIT),
                   **nodes = with_room(m, m->graph.nodes, m->graph.n_nodes);
    char **names = RB_TAKE(m->arena, char *, count + 1);
    Rb__Onnx__Attribute **attributes = RB_TAKE(m->arena, Rb__Onnx__Attribute *, ATTRIBUTES_MAX);
    if (!n || !nodes || !names || !attributes) return;
    for (int i = 0; i < count; i++) names[i] = rb_arena_text(m->arena, inputs[i]);
    names[count] = rb_arena_text(m->arena, output);
    n->n_inputs = (size_t)count, n->inputs = names;
    n->n_outputs = 1, n->outputs = names + count;
    n->name = names[count];
    n->op = rb_arena_text(m->arena, op);
    n->attributes = attributes;
    m->graph.nodes = nodes, nodes[m->graph.n_nodes++] = n;
}

// A new attribute of the last node, to be filled; NULL: no memory.
static Rb__Onnx__Attribute *attribute(const rb_onnx *m, const char *name, Rb__Onnx__Attribute__Kind kind)
{
    Rb__Onnx__Attribute *a = MAKE(m, Rb__Onnx__Attribute, RB__ONNX__ATTRIBUTE__INIT);
    if (!a || !m->graph.n_nodes) return NULL; // there is no node only if memory ran out
    Rb__Onnx__Node *n = m->graph.nodes[m->graph.n_nodes - 1];
    assert(n->n_attributes < ATTRIBUTES_MAX);
    a->name = rb_arena_text(m->arena, name);
    a->kind = kind;
    n->attributes[n->n_attributes++] = a;
    return a;
}

void rb_onnx_int(rb_onnx *m, const char *name, int64_t whole)
{
    Rb__Onnx__Attribute *a = attribute(m, name, RB__ONNX__ATTRIBUTE__KIND__INT);
    if (a) a->whole = whole;
}

void rb_onnx_ints(rb_onnx *m, const char *name, int count, const int64_t *values)
{
    Rb__Onnx__Attribute *a = attribute(m, name, RB__ONNX__ATTRIBUTE__KIND__INTS);
    if (a) a->n_wholes = (size_t)count, a->wholes = copy_sizes(m, values, count);
}

void rb_onnx_float(rb_onnx *m, const char *name, float number)
{
    Rb__Onnx__Attribute *a = attribute(m, name, RB__ONNX__ATTRIBUTE__KIND__FLOAT);
    if (a) a->number = number;
}

void rb_onnx_note(rb_onnx *m, const char *key, const char *text)
{
    Rb__Onnx__Note *n = MAKE(m, Rb__Onnx__Note, RB__ONNX__NOTE__INIT),
                   **notes = with_room(m, m->model.notes, m->model.n_notes);
    if (!n || !notes) return;
    n->key = rb_arena_text(m->arena, key);
    n->value = rb_arena_text(m->arena, text);
    m->model.notes = notes, notes[m->model.n_notes++] = n;
}

rb_status rb_onnx_write(const rb_onnx *m, const char *path, rb_error *error)
{
    rb_status status = rb_arena_check(m->arena, error);
    if (status) return status;
    double most = 0;
    for (size_t i = 0; i < m->graph.n_tensors; i++) most += (double)m->graph.tensors[i]->values.len;
    if (most > 2e9)
        return rb_error_set(error, RB_ERR_USAGE,
                            "%s: the weights take %.1f GB, but an ONNX file holds 2 GB at most", path,
                            most / 1e9);
    const size_t bytes = rb__onnx__model__get_packed_size(&m->model);
    uint8_t *packed = malloc(bytes);
    if (!packed)
        return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write its %zu bytes", path, bytes);
    rb__onnx__model__pack(&m->model, packed);
    status = rb_file_write(path, packed, bytes, error);
    free(packed);
    return status;
}
#else // no model can be created, so only the first two functions are ever called
bool rb_onnx_available(void)
{
    return false;
}

rb_status rb_onnx_create(rb_onnx **out, const char *name, const char *doc, rb_arena *arena, rb_error *error)
{
    (void)name, (void)doc, (void)arena;
    *out = NULL;
    return rb_error_set(error, RB_ERR_MISSING,
                        "this program was built without protobuf-c, which ONNX files need: install "
                        "libprotobuf-c-dev and protobuf-c-compiler, then build again");
}

void rb_onnx_input(rb_onnx *m, const char *name, rb_onnx_type type, int dims, const int64_t *shape,
                   const char *doc)
{
    (void)m, (void)name, (void)type, (void)dims, (void)shape, (void)doc;
}

void rb_onnx_output(rb_onnx *m, const char *name, rb_onnx_type type, int dims, const int64_t *shape,
                    const char *doc)
{
    (void)m, (void)name, (void)type, (void)dims, (void)shape, (void)doc;
}

void *rb_onnx_tensor(rb_onnx *m, const char *name, rb_onnx_type type, int dims, const int64_t *shape)
{
    (void)m, (void)name, (void)type, (void)dims, (void)shape;
    return NULL;
}

void rb_onnx_node(rb_onnx *m, const char *op, const char *const *inputs, int count, const char *output)
{
    (void)m, (void)op, (void)inputs, (void)count, (void)output;
}

void rb_onnx_int(rb_onnx *m, const char *name, int64_t whole)
{
    (void)m, (void)name, (void)whole;
}

void rb_onnx_ints(rb_onnx *m, const char *name, int count, const int64_t *values)
{
    (void)m, (void)name, (void)count, (void)values;
}

void rb_onnx_float(rb_onnx *m, const char *name, float number)
{
    (void)m, (void)name, (void)number;
}

void rb_onnx_note(rb_onnx *m, const char *key, const char *text)
{
    (void)m, (void)key, (void)text;
}

rb_status rb_onnx_write(const rb_onnx *m, const char *path, rb_error *error)
{
    (void)m, (void)path, (void)error;
    return RB_ERR_MISSING;
}
#endif
