// The direct calculation with which replay is compared: the list of all episodes with all their steps, and
// every definition computed from that list. It assumes only this about the ring: each frame except the one
// after a terminal takes a row, and a stream's newest `rows` are stored.
//
// A frame's content is generated from its number, so any data from replay identifies its frames. A frame is
// 96 bytes, as bytes or floats: most frames differ from the one before in a few bytes, as pictures do; some
// are noise.
#ifndef RB_TESTS_REPLAY_MODEL_H
#define RB_TESTS_REPLAY_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "replay/replay_state.h"

enum { FRAME_BYTES = 96, MODEL_STACK = 4 };

static int model_compress = RB_COMPRESS_NONE; // for the replays of usual_spec
static int model_noise = 9;                   // one byte frame in this many is noise
enum { GOES_ON, TERMINAL, TRUNCATED };

typedef struct model_frame { // and the step taken from it, if any
    int64_t write;           // its index in the order of rows; -1: it has no row
    int stream, episode, at;
    int action;
    float reward;
} model_frame;

typedef struct model_episode {
    int first;  // number of its first frame
    int length; // steps; frames first .. first + length
    int end;
} model_episode;

typedef struct model_stream {
    model_episode *episodes;
    int count, room;
    int64_t writes;
    int *numbers; // numbers of this stream's frames in order: frames of all streams are numbered together, so
                  // an episode's numbers are not consecutive
    int numbers_count, numbers_room;
} model_stream;

typedef struct model {
    rb_replay_spec spec;
    int64_t rows;
    int window;              // rewards in a return now, at most spec.n_step,
    double gamma;            // and their gamma (rb_replay_window)
    const rb_replay *replay; // used only to find the rows that a compressed ring dropped
    model_frame *frames;     // by number; 0 is unused, so that black (zeros) is no frame
    int frame_count, frame_room;
    model_stream *streams;
} model;

static inline void *grown(void *data, int count, int *room, size_t each)
{
    if (count < *room) return data;
    *room = *room ? 2 * *room : 64;
    data = realloc(data, (size_t)*room * each);
    assert_non_null(data);
    return data;
}

static inline void model_init(model *m, const rb_replay_spec *spec)
{
    *m = (model){.spec = *spec,
                 .rows = spec->params.capacity / spec->streams,
                 .window = spec->n_step,
                 .gamma = spec->gamma,
                 .frame_count = 1};
    m->streams = calloc((size_t)spec->streams, sizeof *m->streams);
    assert_non_null(m->streams);
}

static inline void model_free(model *m)
{
    for (int i = 0; i < m->spec.streams; i++) {
        free(m->streams[i].episodes);
        free(m->streams[i].numbers);
    }
    free(m->streams);
    free(m->frames);
}

// Writes the content of the frame with this number.
static inline void frame_fill(rb_obs_kind kind, int number, void *out)
{
    if (kind == RB_OBS_U8) {
        uint32_t words[FRAME_BYTES / 4] = {(uint32_t)number, (uint32_t)number * 2654435761u,
                                           ~(uint32_t)number};
        for (uint32_t i = 3; i < FRAME_BYTES / 4; i++) {
            words[i] = (uint32_t)number / 40 * 0x01010101u;
            if (number % model_noise == model_noise / 2) words[i] = ((uint32_t)number + i) * 2246822519u;
        }
        memcpy(out, words, FRAME_BYTES);
    } else {
        float values[FRAME_BYTES / 4] = {(float)(number & 0xfff), (float)(number >> 12), -(float)number / 3};
        memcpy(out, values, FRAME_BYTES);
    }
}

static inline int frame_number(rb_obs_kind kind, const void *frame)
{
    if (kind == RB_OBS_U8) {
        int32_t number;
        memcpy(&number, frame, sizeof number);
        return number;
    }
    float values[2];
    memcpy(values, frame, sizeof values);
    return (int)values[0] + ((int)values[1] << 12);
}

// The mask of the frame with this number; it allows at least one of the actions.
static inline void mask_fill(const rb_replay_spec *spec, int number, uint8_t *out)
{
    for (int a = 0; a < spec->masked_actions; a++)
        out[a] = a == number % spec->masked_actions ||
                 ((uint32_t)number * 2654435761u + (uint32_t)a * 2246822519u) >> 13 & 1;
}

static inline void allow(const model *m, rb_replay *replay, int stream)
{
    uint8_t mask[64];
    mask_fill(&m->spec, m->frame_count - 1, mask);
    rb_replay_allow(replay, stream, m->spec.masked_actions ? mask : NULL);
}

static inline int new_frame(model *m, int stream, int episode, int at, bool takes_row)
{
    model_stream *s = &m->streams[stream];
    m->frames = grown(m->frames, m->frame_count, &m->frame_room, sizeof *m->frames);
    m->frames[m->frame_count] =
        (model_frame){.write = takes_row ? s->writes++ : -1, .stream = stream, .episode = episode, .at = at};
    s->numbers = grown(s->numbers, s->numbers_count, &s->numbers_room, sizeof *s->numbers);
    s->numbers[s->numbers_count++] = m->frame_count;
    return m->frame_count++;
}

// The number of frame `at` of an episode.
static inline int number_at(const model *m, int stream, const model_episode *e, int at)
{
    return m->streams[stream].numbers[e->first + at];
}

static inline void both_begin(model *m, rb_replay *replay, int stream)
{
    model_stream *s = &m->streams[stream];
    if (s->count > 0 && s->episodes[s->count - 1].end == GOES_ON) {
        if (s->episodes[s->count - 1].length > 0)
            s->episodes[s->count - 1].end = TRUNCATED; // cut
        else {
            s->count--; // it never existed
            s->writes--;
        }
    }
    s->episodes = grown(s->episodes, s->count, &s->room, sizeof *s->episodes);
    s->episodes[s->count++] = (model_episode){.first = s->numbers_count};
    uint8_t frame[FRAME_BYTES];
    frame_fill(m->spec.kind, new_frame(m, stream, s->count - 1, 0, true), frame);
    rb_replay_begin(replay, stream, frame);
    allow(m, replay, stream);
}

static inline void both_append(model *m, rb_replay *replay, int stream, int action, float reward, int end)
{
    model_stream *s = &m->streams[stream];
    model_episode *e = &s->episodes[s->count - 1];
    model_frame *from = &m->frames[number_at(m, stream, e, e->length)];
    from->action = action;
    from->reward = reward;
    e->length++;
    e->end = end;
    uint8_t frame[FRAME_BYTES];
    frame_fill(m->spec.kind, new_frame(m, stream, s->count - 1, e->length, end != TERMINAL), frame);
    rb_replay_append(replay, stream, action, reward, end == TERMINAL, end == TRUNCATED, frame);
    allow(m, replay, stream); // does nothing after a terminal
}

static inline bool frame_is_there(const model *m, int number)
{
    const model_frame *f = &m->frames[number];
    if (m->spec.params.compress && f->write < (int64_t)m->replay->rings[f->stream].packed.oldest)
        return false;
    return f->write >= 0 && f->write >= m->streams[f->stream].writes - m->rows;
}

// Definition: acted on; the window is complete; every frame of the stack is stored.
static inline bool model_drawable(const model *m, int stream, const model_episode *e, int at)
{
    if (at >= e->length) return false;
    if (e->end == GOES_ON && at + m->spec.n_step > e->length) return false;
    for (int back = 0; back < m->spec.stack && back <= at; back++)
        if (!frame_is_there(m, number_at(m, stream, e, at - back))) return false;
    return true;
}

static inline int64_t model_starts(const model *m)
{
    int64_t starts = 0;
    for (int stream = 0; stream < m->spec.streams; stream++) {
        const model_stream *s = &m->streams[stream];
        for (int i = 0; i < s->count; i++)
            for (int at = 0; at < s->episodes[i].length; at++)
                starts += model_drawable(m, stream, &s->episodes[i], at);
    }
    return starts;
}

static inline int64_t model_size(const model *m)
{
    int64_t steps = 0;
    for (int stream = 0; stream < m->spec.streams; stream++) {
        const model_stream *s = &m->streams[stream];
        for (int i = 0; i < s->count; i++)
            for (int at = 0; at < s->episodes[i].length; at++)
                steps += frame_is_there(m, number_at(m, stream, &s->episodes[i], at));
    }
    return steps;
}

// The stack on which an agent acts at step `at` of an episode.
static inline void model_stack(const model *m, int stream, const model_episode *e, int at, uint8_t *out)
{
    for (int i = 0; i < m->spec.stack; i++, out += FRAME_BYTES) {
        int which = at - (m->spec.stack - 1) + i;
        if (which >= 0)
            frame_fill(m->spec.kind, number_at(m, stream, e, which), out);
        else if (m->spec.black_start)
            memset(out, 0, FRAME_BYTES);
        else
            frame_fill(m->spec.kind, number_at(m, stream, e, 0), out);
    }
}

// Compares sample i of a batch with the list; returns the number of its state's newest frame.
static inline int check_sample(const model *m, const rb_batch *batch, int i)
{
    size_t bytes = (size_t)m->spec.stack * FRAME_BYTES;
    const uint8_t *state = (const uint8_t *)batch->states + (size_t)i * bytes;
    int number = frame_number(m->spec.kind, state + bytes - FRAME_BYTES);
    assert_in_range(number, 1, m->frame_count - 1);
    const model_frame *start = &m->frames[number];
    const model_episode *e = &m->streams[start->stream].episodes[start->episode];
    assert_true(model_drawable(m, start->stream, e, start->at));

    uint8_t expected[16 * FRAME_BYTES];
    model_stack(m, start->stream, e, start->at, expected);
    assert_memory_equal(state, expected, bytes);
    assert_int_equal(batch->actions[i], start->action);

    int k = 0;
    double reward = 0, discount = 1;
    for (; k < m->window && start->at + k < e->length; k++) {
        reward += discount * (double)m->frames[number_at(m, start->stream, e, start->at + k)].reward;
        discount *= m->gamma;
    }
    bool terminal = e->end == TERMINAL && start->at + k == e->length;
    assert_true(batch->returns[i] == (float)reward);
    assert_true(batch->discounts[i] == (terminal ? 0.0f : (float)discount));
    // No state after a terminal is stored; the last state takes its place, so that the content is defined.
    model_stack(m, start->stream, e, start->at + k - terminal, expected);
    assert_memory_equal((const uint8_t *)batch->next_states + (size_t)i * bytes, expected, bytes);
    if (m->spec.masked_actions) {
        const int actions = m->spec.masked_actions;
        uint8_t mask[64];
        mask_fill(&m->spec, number, mask);
        assert_memory_equal(batch->masks + i * actions, mask, (size_t)actions);
        mask_fill(&m->spec, number_at(m, start->stream, e, start->at + k - terminal), mask);
        assert_memory_equal(batch->next_masks + i * actions, mask, (size_t)actions);
    } else {
        assert_null(batch->masks);
        assert_null(batch->next_masks);
    }
    return number;
}

// Gathers every drawable start that replay knows and compares it with the list; together they must be all
// starts in the list.
static inline void check_all(const model *m, rb_replay *replay)
{
    int64_t expected = model_starts(m), seen = 0;
    assert_int_equal(rb_replay_starts(replay), expected);
    assert_int_equal(rb_replay_size(replay), model_size(m));
    rb_batch *batch = rb_replay_batch(replay);
    char *met = calloc((size_t)m->frame_count, 1);
    int filled = 0;
    for (int64_t leaf = 0; leaf < replay->tree.size; leaf++) {
        if (rb_sum_tree_get(&replay->tree, leaf) > 0)
            batch->tickets[filled++] = rb_replay_ticket_of(replay, leaf);
        if (filled == 0 || (filled < batch->size && leaf + 1 < replay->tree.size)) continue;
        for (int i = filled; i < batch->size; i++) batch->tickets[i] = batch->tickets[0];
        rb_replay_gather(replay, batch);
        for (int i = 0; i < filled; i++) {
            int number = check_sample(m, batch, i);
            assert_false(met[number]);
            met[number] = 1;
            seen++;
        }
        filled = 0;
    }
    free(met);
    assert_int_equal(seen, expected);
}

static inline rb_replay_spec usual_spec(int streams, int n_step, int stack, int64_t capacity, int batch)
{
    return (rb_replay_spec){.params = {.capacity = capacity,
                                       .alpha = 0.5,
                                       .beta_start = 0.4,
                                       .beta_end = 1,
                                       .beta_steps = 1000,
                                       .priority_epsilon = 1e-6,
                                       .compress = model_compress,
                                       .compress_ratio = 1},
                            .kind = RB_OBS_U8,
                            .channels = 2,
                            .height = 6,
                            .width = 8,
                            .stack = stack,
                            .streams = streams,
                            .n_step = n_step,
                            .gamma = 0.9,
                            .batch = batch};
}

// A replay with its arena and its list.
typedef struct pair {
    rb_arena *arena;
    rb_replay *replay;
    model list;
    rb_rng rng;
} pair;

static inline void pair_open(pair *p, const rb_replay_spec *spec)
{
    rb_error error = {0};
    assert_int_equal(rb_arena_create(&p->arena, &error), RB_OK);
    if (rb_replay_create(&p->replay, spec, p->arena, &error) != RB_OK) fail_msg("%s", error.message);
    model_init(&p->list, spec);
    p->list.replay = p->replay;
    p->rng = rb_rng_stream(7, RB_RNG_TEST, 0);
}

static inline void pair_close(pair *p)
{
    model_free(&p->list);
    rb_arena_destroy(p->arena);
}

// One whole episode whose rewards are 1, 2, 3 ... and whose actions are 1, 2, 3 ...
static inline void play(pair *p, int stream, int length, int end)
{
    both_begin(&p->list, p->replay, stream);
    for (int i = 1; i <= length; i++)
        both_append(&p->list, p->replay, stream, i, (float)i, i == length ? end : GOES_ON);
}

// One step of a random history: lengths of 1 to `longest`, ends of both kinds, occasionally a cut or an empty
// episode. `state` is the number of steps left, 0 between episodes.
static inline void live(pair *p, int stream, int *left, int longest)
{
    if (*left == 0) {
        both_begin(&p->list, p->replay, stream);
        *left = 1 + (int)rb_rng_below(&p->rng, (uint32_t)longest);
        return;
    }
    if (rb_rng_below(&p->rng, 100) ==
        0) { // begins again without an end; in a fresh episode this leaves no trace
        both_begin(&p->list, p->replay, stream);
        return;
    }
    int end = --*left > 0 ? GOES_ON : rb_rng_below(&p->rng, 2) ? TERMINAL : TRUNCATED;
    both_append(&p->list, p->replay, stream, (int)rb_rng_below(&p->rng, 18),
                (float)rb_rng_range(&p->rng, -2, 2), end);
}

#endif
