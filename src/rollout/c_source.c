// See c_source.h. All text is written with the prefix `agent_` (and AGENT_) and gets the file's own on its
// way into the file, so the loops that are compiled here are those of the file.
#include "rollout/c_source.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rollout/c_run.h"

extern const char rb_c_maths_text[], rb_c_layers_text[]; // c_maths.h and c_layers.h, embedded by CMake

enum { LINE = 100 };

typedef struct source {
    const rb_c_plan *plan;
    const rb_c_words *words;
    FILE *file;
    char upper[RB_C_NAME_MAX];
    const char *input, *weight; // the types that stand for INPUT and WEIGHT
    const char *suffix;         // of the names of layers
} source;

// ---- names ----

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

void rb_c_name_of(char out[RB_C_NAME_MAX], const char *file)
{
    const char *slash = strrchr(file, '/'), *from = slash ? slash + 1 : file;
    size_t used = 0, bytes = strcspn(from, ".");
    if (!isalpha((unsigned char)*from))
        used = (size_t)snprintf(out, RB_C_NAME_MAX, "%s", bytes ? "agent_" : "agent");
    for (size_t i = 0; i < bytes && used + 1 < RB_C_NAME_MAX; i++)
        out[used++] = is_word(from[i]) ? from[i] : '_';
    out[used] = 0;
}

bool rb_c_name_fits(const char *name)
{
    size_t bytes = 0;
    while (is_word(name[bytes])) bytes++;
    return isalpha((unsigned char)*name) && !name[bytes] && bytes < RB_C_NAME_MAX;
}

// ---- text ----

// Writes text, with this file's words for those that stand for them.
static void put(const source *s, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        size_t end = at + 1;
        if (is_word(text[at]))
            while (end < bytes && is_word(text[end])) end++;
        const size_t size = end - at;
        const char *word = text + at;
        const bool layer = (size == 12 && !memcmp(word, "agent_linear", 12)) ||
                           (size == 10 && !memcmp(word, "agent_conv", 10));
        if (size > 6 && !memcmp(word, "agent_", 6))
            fprintf(s->file, "%s_%.*s%s", s->words->name, (int)size - 6, word + 6, layer ? s->suffix : "");
        else if (size > 6 && !memcmp(word, "AGENT_", 6))
            fprintf(s->file, "%s_%.*s", s->upper, (int)size - 6, word + 6);
        else if (size == 5 && !memcmp(word, "AGENT", 5))
            fputs(s->words->name, s->file);
        else if (size == 6 && !memcmp(word, "WEIGHT", 6))
            fputs(s->weight, s->file);
        else if (size == 5 && !memcmp(word, "INPUT", 5))
            fputs(s->input, s->file);
        else
            fwrite(word, 1, size, s->file);
        at = end;
    }
}

__attribute__((format(printf, 2, 3))) static void say(const source *s, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put(s, text, strlen(text));
}

// A name of someone else's within a comment: it can neither end the comment nor begin a line.
static void put_quoted(const source *s, const char *text)
{
    for (; *text; text++) fputc((unsigned char)*text < ' ' || *text == '\\' ? '?' : *text, s->file);
}

// Copies from an embedded text the paragraph that defines `what`: a function, or a type.
static void copy(const source *s, const char *text, const char *what)
{
    char head[64];
    snprintf(head, sizeof head, "agent_%s", what);
    for (const char *next; text; text = next) {
        next = strstr(text, "\n\n");
        const size_t bytes = next ? (size_t)(next - text) : strlen(text);
        if (next) next += 2;
        for (const char *line = text; line && line < text + bytes;) {
            const size_t length = strcspn(line, "\n");
            const char *found = strstr(line, head);
            const bool defines = !strncmp(line, "static ", 7) || !strncmp(line, "typedef ", 8);
            if (defines && found && found < line + length && !is_word(found[strlen(head)])) {
                put(s, text, bytes);
                say(s, text[bytes - 1] == '\n' ? "\n" : "\n\n");
                return;
            }
            line += length + (line[length] == '\n');
        }
    }
}

// ---- numbers ----

static void put_float(FILE *file, float value)
{
    char text[32];
    snprintf(text, sizeof text, "%.8g", (double)value);
    if (strtof(text, NULL) != value) snprintf(text, sizeof text, "%.9g", (double)value);
    fprintf(file, "%s%sf", text, strpbrk(text, ".e") ? "" : ".0");
}

typedef enum numbers { FLOATS, BYTES, INT8S, INT16S } numbers;
static const char *const types[] = {[RB_C_FLOAT] = "float", [RB_C_INT8] = "int8_t", [RB_C_INT16] = "int16_t"};

static void put_array(const source *s, const char *type, const char *name, int suffix, numbers kind,
                      const void *values, int64_t count)
{
    say(s, "static const %s agent_%s", type, name);
    if (suffix >= 0) say(s, "%d", suffix);
    say(s, "[%" PRId64 "] = {\n", count);
    const int per_line = kind == FLOATS ? 8 : 25;
    for (int64_t i = 0; i < count; i++) {
        if (kind == FLOATS)
            put_float(s->file, ((const float *)values)[i]);
        else
            fprintf(s->file, "%d",
                    kind == BYTES   ? ((const uint8_t *)values)[i]
                    : kind == INT8S ? ((const int8_t *)values)[i]
                                    : ((const int16_t *)values)[i]);
        fputs(i + 1 == count ? "};\n" : (i + 1) % per_line ? "," : ",\n", s->file);
    }
}

// ---- the file, from its first line to its last ----

static const char *number_type(const rb_c_plan *plan)
{
    return plan->bytes ? "uint8_t" : "float";
}

static void put_opening(const source *s)
{
    const rb_c_plan *p = s->plan;
    const int frames = p->stack > 1 ? p->stack : 1, planes = p->planes / frames;
    say(s, "// An agent trained by Rainbow " RB_VERSION " on ");
    put_quoted(s, s->words->env);
    say(s, ", %" PRId64 " steps: its whole network, in C99, with\n", s->words->step);
    say(s,
        "// %s weights. It needs no library and allocates nothing.\n"
        "//\n"
        "//     int action = agent_act(observation, 0);       the best action\n"
        "//     int action = agent_act(observation, mask);    the best one that mask [%d] allows (1; not: "
        "0);\n"
        "//                                                   -1 if it allows none\n"
        "//     agent_q_values(observation, q);               the expected return of each action, q [%d]\n"
        "//\n",
        p->int8 ? "int8" : "float", p->actions, p->actions);
    if (*s->words->action_names) {
        say(s, "// Actions, from 0: ");
        put_quoted(s, s->words->action_names);
        say(s, ".\n");
    }
    say(s, "// An observation: %s%s", p->bytes ? "bytes, unscaled" : "floats", frames > 1 ? ", " : "");
    if (frames > 1) say(s, "the last %d frames, the oldest first (agent_push keeps them); a frame", frames);
    if (p->height > 1 || p->width > 1)
        say(s, ": %d %s of %d x %d, row by row.\n", planes, planes > 1 ? "planes" : "plane", p->height,
            p->width);
    else
        say(s, ": %d %s.\n", planes, planes > 1 ? "numbers" : "number");
    say(s, "// %s\n//\n", s->words->agreement);
    say(s,
        "// Compile this file with your program: cc -std=c99 -O2 -c AGENT.c. Declarations for other files:\n"
        "//     #define AGENT_DECLARE\n"
        "//     #include \"AGENT.c\"\n"
        "// agent_act and agent_q_values share one static scratch array. Threads, or memory of your own:\n"
        "// define AGENT_NO_MEMORY and call agent_evaluate and agent_choose.\n"
        "// Self-test: cc -std=c99 -D AGENT_SELF_TEST AGENT.c && ./a.out, exit status 0.\n");
}

static void put_declarations(const source *s)
{
    const rb_c_plan *p = s->plan;
    say(s,
        "#ifndef AGENT_DECLARED\n#define AGENT_DECLARED\n\n#include <stdint.h>\n\n"
        "#define AGENT_ACTIONS %d\n"
        "#define AGENT_ATOMS %d // numbers per action that the network gives\n"
        "#define AGENT_OBSERVATION %" PRId64 " // numbers\n",
        p->actions, p->atoms, rb_c_plan_observation(p));
    if (p->stack > 1)
        say(s,
            "#define AGENT_STACK %d // frames in an observation\n#define AGENT_FRAME (AGENT_OBSERVATION / "
            "%d)\n",
            p->stack, p->stack);
    say(s,
        "#define AGENT_SCRATCH %" PRId64 " // floats\n\ntypedef %s agent_number;\n\n"
        "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
        p->scratch, number_type(p));
    say(s, "#ifndef AGENT_NO_MEMORY\n"
           "int agent_act(const agent_number *observation, const uint8_t *mask); // mask: 0, or "
           "[AGENT_ACTIONS]\n"
           "void agent_q_values(const agent_number *observation, float *q);      // q [AGENT_ACTIONS]\n"
           "#endif\n\n");
    say(s,
        "// The same with the caller's memory. scratch [AGENT_SCRATCH]; probabilities%s.\n"
        "void agent_evaluate(float *scratch, const agent_number *observation, float *q, float "
        "*probabilities);\n"
        "int agent_choose(const float *q, const uint8_t *mask);\n",
        p->support ? " [AGENT_ACTIONS][AGENT_ATOMS] of\n// the returns in agent_support, or 0"
                   : " is not used: the network\n// has no atoms");
    if (p->support) say(s, "extern const float agent_support[AGENT_ATOMS];\n");
    if (p->stack > 1)
        say(s,
            "\n// Keeps the frames of an observation. agent_begin comes before each game; agent_push adds "
            "the\n"
            "// newest frame [AGENT_FRAME] and returns the observation. Before the first frame there is %s.\n"
            "typedef struct agent_stack {\n    agent_number frames[AGENT_OBSERVATION];\n    int begun;\n} "
            "agent_stack;\n"
            "void agent_begin(agent_stack *stack);\n"
            "const agent_number *agent_push(agent_stack *stack, const agent_number *frame);\n",
            p->black_start ? "0" : "that frame\n// itself");
    say(s, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n\n#ifndef AGENT_DECLARE\n\n");
}

// The name of a layer's loop ends with the types of its weights and of what it reads, unless they are float.
static const char *suffix_of(const rb_c_plan *p, int i)
{
    static const char *const names[][2] = {[RB_C_FLOAT] = {"", "_bytes"},
                                           [RB_C_INT8] = {"_int8", "_int8_bytes"},
                                           [RB_C_INT16] = {"_int16", "_int16_bytes"}};
    return names[p->layer[i].type][rb_c_reads_bytes(p, i)];
}

// The loops that the layers need, each once.
static void put_loops(source *s)
{
    const rb_c_plan *p = s->plan;
    bool kinds[RB_C_RELU + 1] = {false};
    for (int i = 0; i < p->count; i++) kinds[p->layer[i].kind] = true;
    if (kinds[RB_C_CONV]) copy(s, rb_c_maths_text, "shape");
    if (kinds[RB_C_LOAD]) copy(s, rb_c_maths_text, "load");
    if (kinds[RB_C_RELU] || p->relu_outputs) copy(s, rb_c_maths_text, "relu");
    if (kinds[RB_C_AFFINE]) copy(s, rb_c_maths_text, "affine");
    if (kinds[RB_C_LAYER_NORM]) copy(s, rb_c_maths_text, "root"), copy(s, rb_c_maths_text, "layer_norm");
    if (p->dueling) copy(s, rb_c_maths_text, "join");
    if (p->support) copy(s, rb_c_maths_text, "exp"), copy(s, rb_c_maths_text, "expect");
    for (int i = 0; i < p->count; i++) {
        if (p->layer[i].kind != RB_C_CONV && p->layer[i].kind != RB_C_LINEAR) continue;
        bool had = false;
        for (int k = 0; k < i; k++)
            had = had || (p->layer[k].kind == p->layer[i].kind && suffix_of(p, k) == suffix_of(p, i));
        if (had) continue;
        s->input = rb_c_reads_bytes(p, i) ? "uint8_t" : "float";
        s->weight = types[p->layer[i].type];
        s->suffix = suffix_of(p, i);
        copy(s, rb_c_layers_text, p->layer[i].kind == RB_C_CONV ? "conv" : "linear");
    }
    s->suffix = "";
}

static void put_weights(const source *s)
{
    const rb_c_plan *p = s->plan;
    if (p->support) {
        say(s, "const float agent_support[AGENT_ATOMS] = {\n");
        for (int z = 0; z < p->atoms; z++) {
            put_float(s->file, p->support[z]);
            fputs(z + 1 == p->atoms ? "};\n" : (z + 1) % 8 ? "," : ",\n", s->file);
        }
    }
    for (int i = 0; i < p->count; i++) {
        const rb_c_layer *l = &p->layer[i];
        const int64_t each = l->kind == RB_C_LAYER_NORM ? (int64_t)l->planes * l->pixels : l->planes;
        const char *type = types[l->type];
        if (l->int8) put_array(s, type, "weight", i, INT8S, l->int8, l->weights);
        if (l->int16) put_array(s, type, "weight", i, INT16S, l->int16, l->weights);
        if (l->weight) put_array(s, type, "weight", i, FLOATS, l->weight, l->weights);
        if (l->scale) put_array(s, "float", "scale", i, FLOATS, l->scale, l->planes);
        if (l->bias) put_array(s, "float", "bias", i, FLOATS, l->bias, l->planes);
        if (l->factor) put_array(s, "float", "factor", i, FLOATS, l->factor, each);
        if (l->summand) put_array(s, "float", "summand", i, FLOATS, l->summand, each);
    }
}

static void put_layer(const source *s, int i)
{
    const rb_c_plan *p = s->plan;
    const rb_c_layer *l = &p->layer[i];
    char x[48] = "observation", scale[32] = "0";
    if (l->source >= 0) snprintf(x, sizeof x, "scratch + %" PRId64, p->layer[l->source].at);
    if (l->scale) snprintf(scale, sizeof scale, "agent_scale%d", i);
    const char *suffix = suffix_of(p, i);
    const agent_shape *c = &l->shape;
    say(s, "    // %s\n", l->name);
    if (l->kind == RB_C_CONV)
        say(s, "    static const agent_shape shape%d = {%d, %d, %d, %d, %d, %d, %d, %d, %d};\n", i, c->planes,
            c->height, c->width, c->outputs, c->out_height, c->out_width, c->kernel, c->stride, c->pad);
    say(s, "    ");
    switch (l->kind) {
    case RB_C_LOAD:
        say(s, "agent_load(scratch + %" PRId64 ", %s, %d, ", l->at, x, l->inputs);
        put_float(s->file, p->scale);
        fputs(", ", s->file);
        put_float(s->file, p->offset);
        break;
    case RB_C_LINEAR:
        say(s, "agent_linear%s(scratch + %" PRId64 ", %s, %d, %d, agent_weight%d, %s, agent_bias%d, %d",
            suffix, l->at, x, l->inputs, l->planes, i, scale, i, l->relu);
        break;
    case RB_C_CONV:
        say(s, "agent_conv%s(scratch + %" PRId64 ", %s, &shape%d, agent_weight%d, %s, agent_bias%d, %d",
            suffix, l->at, x, i, i, scale, i, l->relu);
        break;
    case RB_C_AFFINE:
        say(s, "agent_affine(scratch + %" PRId64 ", %s, %d, %d, agent_factor%d, agent_summand%d", l->at, x,
            l->planes, l->pixels, i, i);
        break;
    case RB_C_LAYER_NORM:
        say(s, "agent_layer_norm(scratch + %" PRId64 ", %s, %d, agent_factor%d, agent_summand%d, ", l->at, x,
            l->inputs, i, i);
        put_float(s->file, rb_net_norm_epsilon);
        break;
    case RB_C_RELU:
        say(s, "agent_relu(scratch + %" PRId64 ", %s, %d", l->at, x, l->inputs);
        break;
    }
    say(s, ");\n");
}

static void put_evaluate(const source *s)
{
    const rb_c_plan *p = s->plan;
    const int64_t outputs = p->layer[p->advantage].at;
    say(s, "\nvoid agent_evaluate(float *scratch, const agent_number *observation, float *q, float "
           "*probabilities)\n{\n");
    for (int i = 0; i < p->count; i++) put_layer(s, i);
    say(s, "    // the outputs\n    float *const outputs = scratch + %" PRId64 ";\n", outputs);
    if (p->dueling)
        say(s, "    agent_join(outputs, scratch + %" PRId64 ", AGENT_ACTIONS, AGENT_ATOMS);\n",
            p->layer[p->value].at);
    if (p->relu_outputs) say(s, "    agent_relu(outputs, outputs, AGENT_ACTIONS * AGENT_ATOMS);\n");
    if (p->support)
        say(s, "    agent_expect(q, outputs, AGENT_ACTIONS, AGENT_ATOMS, agent_support);\n"
               "    if (probabilities)\n"
               "        for (int i = 0; i < AGENT_ACTIONS * AGENT_ATOMS; i++) probabilities[i] = "
               "outputs[i];\n}\n");
    else
        say(s,
            "    for (int i = 0; i < AGENT_ACTIONS; i++) q[i] = outputs[i];\n    (void)probabilities;\n}\n");
}

static void put_functions(const source *s)
{
    say(s,
        "\nint agent_choose(const float *q, const uint8_t *mask)\n{\n    int best = -1;\n"
        "    for (int a = 0; a < AGENT_ACTIONS; a++)\n"
        "        if ((!mask || mask[a]) && (best < 0 || q[a] > q[best])) best = a;\n    return best;\n}\n\n"
        "#ifndef AGENT_NO_MEMORY\nstatic float agent_memory[AGENT_SCRATCH];\n\n"
        "void agent_q_values(const agent_number *observation, float *q)\n{\n"
        "    agent_evaluate(agent_memory, observation, q, 0);\n}\n\n"
        "int agent_act(const agent_number *observation, const uint8_t *mask)\n{\n"
        "    float q[AGENT_ACTIONS];\n    agent_q_values(observation, q);\n"
        "    return agent_choose(q, mask);\n}\n#endif\n");
    if (s->plan->stack < 2) return;
    say(s,
        "\nvoid agent_begin(agent_stack *stack)\n{\n    stack->begun = 0;\n}\n\n"
        "const agent_number *agent_push(agent_stack *stack, const agent_number *frame)\n{\n"
        "    const int older = AGENT_OBSERVATION - AGENT_FRAME;\n"
        "    for (int i = 0; i < older; i++)\n"
        "        stack->frames[i] = stack->begun ? stack->frames[i + AGENT_FRAME] : %s;\n"
        "    for (int i = 0; i < AGENT_FRAME; i++) stack->frames[older + i] = frame[i];\n"
        "    stack->begun = 1;\n    return stack->frames;\n}\n",
        s->plan->black_start ? "0" : "frame[i % AGENT_FRAME]");
}

// The test allows for the rounding of another compiler. It is not compiled without AGENT_SELF_TEST.
static void put_self_test(const source *s)
{
    const rb_c_plan *p = s->plan;
    say(s, "\n#ifdef AGENT_SELF_TEST\n");
    put_array(s, number_type(p), "test_observation", -1, p->bytes ? BYTES : FLOATS, s->words->observation,
              rb_c_plan_observation(p));
    put_array(s, "float", "test_q", -1, FLOATS, s->words->q, p->actions);
    say(s,
        "\n// 0: Q-values, action and mask are as they were when the file was written.\n"
        "int main(void)\n{\n    const int best = %d;\n    float q[AGENT_ACTIONS];\n    uint8_t "
        "mask[AGENT_ACTIONS];\n"
        "    agent_q_values(agent_test_observation, q);\n"
        "    for (int a = 0; a < AGENT_ACTIONS; a++) {\n"
        "        const float expected = agent_test_q[a], size = expected < 0 ? -expected : expected;\n"
        "        const float difference = q[a] > expected ? q[a] - expected : expected - q[a];\n"
        "        if (!(difference <= 1e-4f * (1 + size))) return 1;\n        mask[a] = a != best;\n    }\n"
        "    if (agent_act(agent_test_observation, 0) != best) return 2;\n"
        "    const int other = agent_act(agent_test_observation, mask);\n"
        "    return other == best || other < (AGENT_ACTIONS > 1 ? 0 : -1) ? 3 : 0;\n}\n#endif\n",
        s->words->action);
}

rb_status rb_c_source_make(const rb_c_plan *plan, const rb_c_words *words, char **text, size_t *bytes,
                           rb_error *error)
{
    source s = {.plan = plan, .words = words, .input = "float", .weight = "float", .suffix = ""};
    for (size_t i = 0; words->name[i]; i++) s.upper[i] = (char)toupper((unsigned char)words->name[i]);
    *text = NULL;
    s.file = open_memstream(text, bytes);
    if (!s.file) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the text of a C file");
    put_opening(&s);
    put_declarations(&s);
    put_loops(&s);
    put_weights(&s);
    put_evaluate(&s);
    put_functions(&s);
    put_self_test(&s);
    say(&s, "\n#endif\n");
    const bool failed = ferror(s.file);
    if (fclose(s.file) || failed) {
        free(*text);
        *text = NULL;
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the text of a C file");
    }
    return RB_OK;
}
