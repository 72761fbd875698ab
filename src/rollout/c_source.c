// See c_source.h. The parts of the file are written in order, each by one function.
#include "rollout/c_source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "rollout/c_run.h"
#include "rollout/c_text.h"

extern const char rb_c_maths_text[], rb_c_layers_text[]; // c_maths.h and c_layers.h, embedded by CMake

typedef struct source {
    const rb_c_plan *plan;
    const rb_c_words *words;
    rb_c_text text;
} source;

static const char *const types[] = {[RB_C_FLOAT] = "float", [RB_C_INT8] = "int8_t", [RB_C_INT16] = "int16_t"};

static const char *number_type(const rb_c_plan *plan)
{
    return plan->bytes ? "uint8_t" : "float";
}

static void put_opening(const source *s)
{
    const rb_c_plan *p = s->plan;
    const int frames = p->stack > 1 ? p->stack : 1, planes = p->planes / frames;
    rb_c_say(&s->text, "// An agent trained by Rainbow " RB_VERSION " on ");
    rb_c_put_quoted(&s->text, s->words->env);
    rb_c_say(&s->text, ", %" PRId64 " steps: its whole network, in C99, with\n", s->words->step);
    rb_c_say(
        &s->text,
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
        rb_c_say(&s->text, "// Actions, from 0: ");
        rb_c_put_quoted(&s->text, s->words->action_names);
        rb_c_say(&s->text, ".\n");
    }
    rb_c_say(&s->text, "// An observation: %s%s",
             p->bytes                             ? "bytes, unscaled"
             : p->layer[0].kind == RB_C_NORMALISE ? "floats, not normalised"
                                                  : "floats",
             frames > 1 ? ", " : "");
    if (frames > 1)
        rb_c_say(&s->text, "the last %d frames, the oldest first (agent_push keeps them); a frame", frames);
    if (p->height > 1 || p->width > 1)
        rb_c_say(&s->text, ": %d %s of %d x %d, row by row.\n", planes, planes > 1 ? "planes" : "plane",
                 p->height, p->width);
    else
        rb_c_say(&s->text, ": %d %s.\n", planes, planes > 1 ? "numbers" : "number");
    rb_c_say(&s->text, "// %s\n//\n", s->words->agreement);
    rb_c_say(
        &s->text,
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
    rb_c_say(&s->text,
             "#ifndef AGENT_DECLARED\n#define AGENT_DECLARED\n\n#include <stdint.h>\n\n"
             "#define AGENT_ACTIONS %d\n"
             "#define AGENT_ATOMS %d // numbers per action that the network gives\n"
             "#define AGENT_OBSERVATION %" PRId64 " // numbers\n",
             p->actions, p->atoms, rb_c_plan_observation(p));
    if (p->fractions)
        rb_c_say(&s->text, "#define AGENT_FRACTIONS %d // over which a Q-value is the mean\n", p->fractions);
    if (p->stack > 1)
        rb_c_say(
            &s->text,
            "#define AGENT_STACK %d // frames in an observation\n#define AGENT_FRAME (AGENT_OBSERVATION / "
            "%d)\n",
            p->stack, p->stack);
    rb_c_say(&s->text,
             "#define AGENT_SCRATCH %" PRId64 " // floats\n\ntypedef %s agent_number;\n\n"
             "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
             p->scratch, number_type(p));
    rb_c_say(&s->text,
             "#ifndef AGENT_NO_MEMORY\n"
             "int agent_act(const agent_number *observation, const uint8_t *mask); // mask: 0, or "
             "[AGENT_ACTIONS]\n"
             "void agent_q_values(const agent_number *observation, float *q);      // q [AGENT_ACTIONS]\n"
             "#endif\n\n");
    rb_c_say(&s->text,
             "// The same with the caller's memory. scratch [AGENT_SCRATCH]; probabilities%s.\n"
             "void agent_evaluate(float *scratch, const agent_number *observation, float *q, float "
             "*probabilities);\n"
             "int agent_choose(const float *q, const uint8_t *mask);\n",
             p->support ? " [AGENT_ACTIONS][AGENT_ATOMS] of\n// the returns in agent_support, or 0"
             : p->atoms > 1 || p->fractions ? " is not used: the network\n// has quantiles, no atoms"
                                            : " is not used: the network\n// has no atoms");
    if (p->support) rb_c_say(&s->text, "extern const float agent_support[AGENT_ATOMS];\n");
    if (p->stack > 1)
        rb_c_say(
            &s->text,
            "\n// Keeps the frames of an observation. agent_begin comes before each game; agent_push adds "
            "the\n"
            "// newest frame [AGENT_FRAME] and returns the observation. Before the first frame there is %s.\n"
            "typedef struct agent_stack {\n    agent_number frames[AGENT_OBSERVATION];\n    int begun;\n} "
            "agent_stack;\n"
            "void agent_begin(agent_stack *stack);\n"
            "const agent_number *agent_push(agent_stack *stack, const agent_number *frame);\n",
            p->black_start ? "0" : "that frame\n// itself");
    rb_c_say(&s->text, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n\n#ifndef AGENT_DECLARE\n\n");
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
    bool kinds[RB_C_EMBED + 1] = {false};
    for (int i = 0; i < p->count; i++) kinds[p->layer[i].kind] = true;
    const bool pools = kinds[RB_C_MAX_POOL] || kinds[RB_C_MEAN_POOL];
    if (kinds[RB_C_CONV] || pools) rb_c_copy(&s->text, rb_c_maths_text, "shape");
    if (pools) rb_c_copy(&s->text, rb_c_maths_text, "edge"), rb_c_copy(&s->text, rb_c_maths_text, "pool");
    if (kinds[RB_C_EMBED]) rb_c_copy(&s->text, rb_c_maths_text, "embed");
    if (kinds[RB_C_ADD] || p->fractions) rb_c_copy(&s->text, rb_c_maths_text, "add");
    if (kinds[RB_C_LOAD]) rb_c_copy(&s->text, rb_c_maths_text, "load");
    if (kinds[RB_C_NORMALISE]) rb_c_copy(&s->text, rb_c_maths_text, "normalise");
    if (kinds[RB_C_RELU] || p->relu_outputs) rb_c_copy(&s->text, rb_c_maths_text, "relu");
    if (kinds[RB_C_AFFINE]) rb_c_copy(&s->text, rb_c_maths_text, "affine");
    if (kinds[RB_C_LAYER_NORM])
        rb_c_copy(&s->text, rb_c_maths_text, "root"), rb_c_copy(&s->text, rb_c_maths_text, "layer_norm");
    if (kinds[RB_C_CHANNEL_NORM]) {
        if (!kinds[RB_C_LAYER_NORM]) rb_c_copy(&s->text, rb_c_maths_text, "root");
        rb_c_copy(&s->text, rb_c_maths_text, "channel_norm");
    }
    if (p->dueling) rb_c_copy(&s->text, rb_c_maths_text, "join");
    if (p->support)
        rb_c_copy(&s->text, rb_c_maths_text, "exp"), rb_c_copy(&s->text, rb_c_maths_text, "expect");
    else if (p->atoms > 1)
        rb_c_copy(&s->text, rb_c_maths_text, "mean");
    for (int i = 0; i < p->count; i++) {
        if (p->layer[i].kind != RB_C_CONV && p->layer[i].kind != RB_C_LINEAR) continue;
        bool had = false;
        for (int k = 0; k < i; k++)
            had = had || (p->layer[k].kind == p->layer[i].kind && suffix_of(p, k) == suffix_of(p, i));
        if (had) continue;
        s->text.input = rb_c_reads_bytes(p, i) ? "uint8_t" : "float";
        s->text.weight = types[p->layer[i].type];
        s->text.suffix = suffix_of(p, i);
        rb_c_copy(&s->text, rb_c_layers_text, p->layer[i].kind == RB_C_CONV ? "conv" : "linear");
    }
    s->text.suffix = "";
}

static void put_weights(const source *s)
{
    const rb_c_plan *p = s->plan;
    if (p->support) {
        rb_c_say(&s->text, "const float agent_support[AGENT_ATOMS] = {\n");
        for (int z = 0; z < p->atoms; z++) {
            rb_c_put_float(&s->text, p->support[z]);
            fputs(z + 1 == p->atoms ? "};\n" : (z + 1) % 8 ? "," : ",\n", s->text.file);
        }
    }
    for (int i = 0; i < p->count; i++) {
        const rb_c_layer *l = &p->layer[i];
        const int64_t each = l->kind == RB_C_LAYER_NORM ? (int64_t)l->planes * l->pixels : l->planes;
        const char *type = types[l->type];
        if (l->int8) rb_c_put_array(&s->text, type, "weight", i, RB_C_INT8S, l->int8, l->weights);
        if (l->int16) rb_c_put_array(&s->text, type, "weight", i, RB_C_INT16S, l->int16, l->weights);
        if (l->weight) rb_c_put_array(&s->text, type, "weight", i, RB_C_FLOATS, l->weight, l->weights);
        if (l->scale) rb_c_put_array(&s->text, "float", "scale", i, RB_C_FLOATS, l->scale, l->planes);
        if (l->bias) rb_c_put_array(&s->text, "float", "bias", i, RB_C_FLOATS, l->bias, l->planes);
        if (l->mean) rb_c_put_array(&s->text, "float", "mean", i, RB_C_FLOATS, l->mean, l->planes);
        if (l->factor) rb_c_put_array(&s->text, "float", "factor", i, RB_C_FLOATS, l->factor, each);
        if (l->summand) rb_c_put_array(&s->text, "float", "summand", i, RB_C_FLOATS, l->summand, each);
        if (l->embedding)
            rb_c_put_array(&s->text, "float", "embedding", i, RB_C_FLOATS, l->embedding,
                           (int64_t)p->fractions * l->inputs);
    }
}

static void put_layer(const source *s, int i)
{
    const rb_c_plan *p = s->plan;
    const rb_c_layer *l = &p->layer[i];
    char x[48] = "observation", other[48] = "observation", scale[32] = "0";
    if (l->source >= 0) snprintf(x, sizeof x, "scratch + %" PRId64, p->layer[l->source].at);
    if (l->kind == RB_C_ADD && l->other >= 0)
        snprintf(other, sizeof other, "scratch + %" PRId64, p->layer[l->other].at);
    if (l->scale) snprintf(scale, sizeof scale, "agent_scale%d", i);
    const char *suffix = suffix_of(p, i), *indent = i < p->embed ? "    " : "        ";
    const agent_shape *c = &l->shape;
    rb_c_say(&s->text, "%s// %s\n", indent, l->name);
    if (l->kind == RB_C_CONV || l->kind == RB_C_MAX_POOL || l->kind == RB_C_MEAN_POOL)
        rb_c_say(&s->text, "%sstatic const agent_shape shape%d = {%d, %d, %d, %d, %d, %d, %d, %d, %d};\n",
                 indent, i, c->planes, c->height, c->width, c->outputs, c->out_height, c->out_width,
                 c->kernel, c->stride, c->pad);
    fputs(indent, s->text.file);
    switch (l->kind) {
    case RB_C_LOAD:
        rb_c_say(&s->text, "agent_load(scratch + %" PRId64 ", %s, %d, ", l->at, x, l->inputs);
        rb_c_put_float(&s->text, p->scale);
        fputs(", ", s->text.file);
        rb_c_put_float(&s->text, p->offset);
        break;
    case RB_C_NORMALISE:
        rb_c_say(&s->text, "agent_normalise(scratch + %" PRId64 ", %s, %d, agent_mean%d, agent_factor%d, ",
                 l->at, x, l->inputs, i, i);
        rb_c_put_float(&s->text, l->clip);
        break;
    case RB_C_LINEAR:
        rb_c_say(&s->text,
                 "agent_linear%s(scratch + %" PRId64 ", %s, %d, %d, agent_weight%d, %s, agent_bias%d, %d",
                 suffix, l->at, x, l->inputs, l->planes, i, scale, i, l->relu);
        break;
    case RB_C_CONV:
        rb_c_say(&s->text,
                 "agent_conv%s(scratch + %" PRId64 ", %s, &shape%d, agent_weight%d, %s, agent_bias%d, %d",
                 suffix, l->at, x, i, i, scale, i, l->relu);
        break;
    case RB_C_AFFINE:
        rb_c_say(&s->text, "agent_affine(scratch + %" PRId64 ", %s, %d, %d, agent_factor%d, agent_summand%d",
                 l->at, x, l->planes, l->pixels, i, i);
        break;
    case RB_C_LAYER_NORM:
        rb_c_say(&s->text,
                 "agent_layer_norm(scratch + %" PRId64 ", %s, %d, agent_factor%d, agent_summand%d, ", l->at,
                 x, l->inputs, i, i);
        rb_c_put_float(&s->text, s->plan->norm_epsilon);
        break;
    case RB_C_CHANNEL_NORM:
        rb_c_say(&s->text,
                 "agent_channel_norm(scratch + %" PRId64 ", %s, %d, %d, agent_factor%d, agent_summand%d, ",
                 l->at, x, l->planes, l->pixels, i, i);
        rb_c_put_float(&s->text, s->plan->norm_epsilon);
        break;
    case RB_C_RELU:
        rb_c_say(&s->text, "agent_relu(scratch + %" PRId64 ", %s, %d", l->at, x, l->inputs);
        break;
    case RB_C_MAX_POOL:
    case RB_C_MEAN_POOL:
        rb_c_say(&s->text, "agent_pool(scratch + %" PRId64 ", %s, &shape%d, %d", l->at, x, i,
                 l->kind == RB_C_MEAN_POOL);
        break;
    case RB_C_ADD:
        rb_c_say(&s->text, "agent_add(scratch + %" PRId64 ", %s, %s, %d", l->at, x, other, l->inputs);
        break;
    case RB_C_EMBED:
        rb_c_say(&s->text, "agent_embed(scratch + %" PRId64 ", %s, agent_embedding%d + k * %d, %d", l->at, x,
                 i, l->inputs, l->inputs);
        break;
    }
    rb_c_say(&s->text, ");\n");
}

// The outputs of the last layers, in one place.
static void put_outputs(const source *s, const char *indent)
{
    const rb_c_plan *p = s->plan;
    rb_c_say(&s->text, "%s// the outputs\n%sfloat *const outputs = scratch + %" PRId64 ";\n", indent, indent,
             p->layer[p->advantage].at);
    if (p->dueling)
        rb_c_say(&s->text, "%sagent_join(outputs, scratch + %" PRId64 ", AGENT_ACTIONS, AGENT_ATOMS);\n",
                 indent, p->layer[p->value].at);
    if (p->relu_outputs)
        rb_c_say(&s->text, "%sagent_relu(outputs, outputs, AGENT_ACTIONS * AGENT_ATOMS);\n", indent);
}

// The layers of an implicit head, for each fraction.
static void put_fractions(const source *s)
{
    const rb_c_plan *p = s->plan;
    rb_c_say(&s->text, "    for (int a = 0; a < AGENT_ACTIONS; a++) q[a] = 0;\n"
                       "    for (int k = 0; k < AGENT_FRACTIONS; k++) {\n");
    for (int i = p->embed; i < p->count; i++) put_layer(s, i);
    put_outputs(s, "        ");
    rb_c_say(&s->text, "        agent_add(q, q, outputs, AGENT_ACTIONS);\n    }\n"
                       "    for (int a = 0; a < AGENT_ACTIONS; a++) q[a] /= AGENT_FRACTIONS;\n"
                       "    (void)probabilities;\n}\n");
}

static void put_evaluate(const source *s)
{
    const rb_c_plan *p = s->plan;
    rb_c_say(&s->text,
             "\nvoid agent_evaluate(float *scratch, const agent_number *observation, float *q, float "
             "*probabilities)\n{\n");
    for (int i = 0; i < p->embed; i++) put_layer(s, i);
    if (p->fractions) {
        put_fractions(s);
        return;
    }
    put_outputs(s, "    ");
    if (p->support)
        rb_c_say(&s->text, "    agent_expect(q, outputs, AGENT_ACTIONS, AGENT_ATOMS, agent_support);\n"
                           "    if (probabilities)\n"
                           "        for (int i = 0; i < AGENT_ACTIONS * AGENT_ATOMS; i++) probabilities[i] = "
                           "outputs[i];\n}\n");
    else if (p->atoms > 1)
        rb_c_say(&s->text,
                 "    agent_mean(q, outputs, AGENT_ACTIONS, AGENT_ATOMS);\n    (void)probabilities;\n}\n");
    else
        rb_c_say(
            &s->text,
            "    for (int i = 0; i < AGENT_ACTIONS; i++) q[i] = outputs[i];\n    (void)probabilities;\n}\n");
}

static void put_functions(const source *s)
{
    rb_c_say(
        &s->text,
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
    rb_c_say(&s->text,
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
    rb_c_say(&s->text, "\n#ifdef AGENT_SELF_TEST\n");
    rb_c_put_array(&s->text, number_type(p), "test_observation", -1, p->bytes ? RB_C_BYTES : RB_C_FLOATS,
                   s->words->observation, rb_c_plan_observation(p));
    rb_c_put_array(&s->text, "float", "test_q", -1, RB_C_FLOATS, s->words->q, p->actions);
    rb_c_say(
        &s->text,
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
    *text = NULL;
    FILE *file = open_memstream(text, bytes);
    if (!file) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the text of a C file");
    source s = {plan, words, rb_c_text_make(file, words->name)};
    put_opening(&s);
    put_declarations(&s);
    put_loops(&s);
    put_weights(&s);
    put_evaluate(&s);
    put_functions(&s);
    put_self_test(&s);
    rb_c_say(&s.text, "\n#endif\n");
    const bool failed = ferror(file);
    if (fclose(file) || failed) {
        free(*text);
        *text = NULL;
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the text of a C file");
    }
    return RB_OK;
}
