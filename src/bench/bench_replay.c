// Times replay alone: what sampling, the returned priorities and a step cost, and how the cost grows with the
// number of steps.
//
// Two replays alternate, one with the requested capacity and one with 10,000 steps; each round samples from,
// updates and appends to each. So each finds the caches as the other left them, and brief load affects both.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/sort.h"
#include "base/text.h"
#include "config/config.h"
#include "env/vector.h"
#include "env/contract.h"
#include "env/vector_spec.h"
#include "rainbow/bench.h"
#include "learner/replay_spec.h"

enum { RECORDED_STEPS = 4000, SMALL_CAPACITY = 10000, APPENDS = 4, WARMUP_ROUNDS = 20 };

// Steps to be replayed repeatedly. A frame that begins an episode ends the previous one, as a terminal.
typedef struct recording {
    size_t frame_bytes;
    uint8_t *frames; // [recorded_steps][frame_bytes]
    bool *begins;    // [recorded_steps]
    int32_t *actions;
    float *rewards;
} recording;

typedef struct bench {
    rb_arena *arena;
    rb_env_spec env;
    int stack;
    recording record;
    rb_replay *replays[2]; // with 10,000 steps, and with the requested capacity
    int64_t at[2];         // position in the recording
    rb_rng rng[2];
    double *times[2][3]; // [rounds] sample, update, append
} bench;

// Paints a typical game: a wall that is taken down, a ball, a paddle, a score.
static void paint(uint8_t *picture, int at)
{
    enum { SIDE = 84 };
    memset(picture, 0, (size_t)SIDE * SIDE);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            bool wall = y >= 24 && y < 42 && (y / 3 * 21 + x / 4) * 37 % 997 > at / 4;
            if (wall) picture[y * SIDE + x] = (uint8_t)(60 + 20 * (y / 3 % 6));
            if (x < 4 || x >= SIDE - 4 || (y >= 7 && y < 12)) picture[y * SIDE + x] = 142;
            if (y < 5 && x >= 20 && x < 40 && (at / 20 * 7919 >> (x + y) % 13 & 1))
                picture[y * SIDE + x] = 142;
        }
    int ball_x = 5 + (at * 3 % 144 < 72 ? at * 3 % 72 : 72 - at * 3 % 72), ball_y = 14 + at * 5 % 64;
    int paddle = 5 + (ball_x * 3 + at / 7) % 66;
    for (int i = 0; i < 4; i++) picture[(ball_y + i / 2) * SIDE + ball_x + i % 2] = 200;
    for (int i = 0; i < 18; i++) picture[(78 + i / 9) * SIDE + paddle + i % 9] = 200;
}

static void make_up(recording *r)
{
    for (int i = 0; i < RECORDED_STEPS; i++) {
        r->begins[i] = i % 800 == 0;
        paint(r->frames + (size_t)i * r->frame_bytes, i % 800);
        r->actions[i] = i % 4;
        r->rewards[i] = i % 20 == 0;
    }
}

static rb_status play(recording *r, rb_vector *envs, rb_error *error)
{
    rb_pool *pool = NULL;
    rb_rng rng = rb_rng_stream(1, RB_RNG_EXPLORE, 0);
    rb_status status = rb_pool_create(&pool, 1, error);
    if (!status) status = rb_vector_reset(envs, error);
    const void *frame = status ? NULL : rb_vector_first_frame(envs, 0);
    for (int i = 0; !status && i < RECORDED_STEPS; i++) {
        memcpy(r->frames + (size_t)i * r->frame_bytes, frame, r->frame_bytes);
        r->actions[i] = rb_vector_random_action(envs, 0, &rng);
        rb_vector_start(envs, pool, &r->actions[i]);
        status = rb_vector_wait(envs, pool, error);
        if (status) break;
        const rb_vector_result *result = rb_vector_results(envs);
        r->rewards[i] = result->learner_reward;
        bool ended = result->terminated || result->truncated;
        if (ended && i + 1 < RECORDED_STEPS) r->begins[i + 1] = true;
        frame = ended ? rb_vector_first_frame(envs, 0) : rb_vector_next_frame(envs, 0);
    }
    r->begins[0] = true;
    rb_pool_destroy(pool);
    return status;
}

static rb_status record(bench *b, const rb_params *p, rb_error *error)
{
    b->env =
        (rb_env_spec){.kind = RB_OBS_U8, .channels = 1, .height = 84, .width = 84, .stack = 4, .actions = 4};
    b->stack = p->env.stack ? (int)p->env.stack : b->env.stack;
    rb_vector *envs = NULL;
    rb_status status = RB_OK;
    if (*p->run.env) {
        const rb_vector_spec spec = rb_vector_spec_make(p, (uint64_t)p->run.seed, 1);
        status = rb_vector_create(&envs, &spec, b->arena, error);
        if (status) return status;
        b->env = *rb_vector_env_spec(envs);
        b->stack = rb_vector_stack(envs);
    }
    recording *r = &b->record;
    r->frame_bytes = rb_env_frame_bytes(&b->env);
    r->frames = rb_arena_take(b->arena, RECORDED_STEPS * r->frame_bytes);
    r->begins = RB_TAKE(b->arena, bool, RECORDED_STEPS);
    r->actions = RB_TAKE(b->arena, int32_t, RECORDED_STEPS);
    r->rewards = RB_TAKE(b->arena, float, RECORDED_STEPS);
    status = rb_arena_check(b->arena, error);
    if (!status && envs)
        status = play(r, envs, error);
    else if (!status)
        make_up(r);
    rb_vector_destroy(envs);
    return status;
}

static void append(bench *b, int which)
{
    const recording *r = &b->record;
    int64_t now = b->at[which], next = (now + 1) % RECORDED_STEPS;
    const uint8_t *frame = r->frames + (size_t)next * r->frame_bytes;
    rb_replay_append(b->replays[which], 0, r->actions[now], r->rewards[now], r->begins[next], false, frame);
    if (r->begins[next]) rb_replay_begin(b->replays[which], 0, frame);
    b->at[which] = next;
}

static void round_of(bench *b, int which, int round)
{
    rb_replay *replay = b->replays[which];
    rb_batch *batch = rb_replay_batch(replay);
    double start = rb_clock_seconds();
    rb_replay_sample(replay, &b->rng[which], 0.5, batch);
    double drawn = rb_clock_seconds();
    for (int i = 0; i < batch->size; i++) batch->priorities[i] = rb_rng_float(&b->rng[which]);
    double learned = rb_clock_seconds();
    rb_replay_update(replay, batch);
    double updated = rb_clock_seconds();
    for (int i = 0; i < APPENDS; i++) append(b, which);
    double appended = rb_clock_seconds();
    if (round < 0) return;
    b->times[which][0][round] = 1e6 * (drawn - start);
    b->times[which][1][round] = 1e6 * (updated - learned);
    b->times[which][2][round] = 1e6 * (appended - updated) / APPENDS;
}

static rb_bench_replay_times times_of(double *const times[3], int rounds)
{
    for (int i = 0; i < 3; i++) rb_sort_ascending(times[i], rounds);
    return (rb_bench_replay_times){.sample = times[0][rounds / 2],
                                   .sample_min = times[0][0],
                                   .update = times[1][rounds / 2],
                                   .update_min = times[1][0],
                                   .append = times[2][rounds / 2],
                                   .append_min = times[2][0]};
}

static rb_status measure(bench *b, int rounds, rb_bench_replay_result *out, rb_error *error)
{
    for (int which = 0; which < 2; which++)
        for (int i = 0; i < 3; i++) b->times[which][i] = RB_TAKE(b->arena, double, rounds);
    double *ratios = RB_TAKE(b->arena, double, rounds);
    rb_status status = rb_arena_check(b->arena, error);
    if (status) return status;
    for (int round = -WARMUP_ROUNDS; round < rounds; round++)
        for (int which = 0; which < 2; which++) round_of(b, which, round);
    for (int i = 0; i < rounds; i++)
        ratios[i] = (b->times[1][0][i] + b->times[1][1][i]) / (b->times[0][0][i] + b->times[0][1][i]);
    rb_sort_ascending(ratios, rounds);
    out->ratio = ratios[rounds / 2];
    out->ratio_low = ratios[rounds / 4];
    out->ratio_high = ratios[rounds * 3 / 4];
    out->of_10000 = times_of(b->times[0], rounds);
    out->times = times_of(b->times[1], rounds);
    out->steps = rb_replay_size(b->replays[1]);
    out->frame_bytes = (double)b->record.frame_bytes;
    out->bytes_per_frame = rb_replay_frames_bytes(b->replays[1]) / (double)out->steps;
    return RB_OK;
}

// False, with a message in `out`, if the machine lacks the memory.
static bool fits(bench *b, const rb_replay_spec specs[2], rb_bench_replay_result *out)
{
    double need = rb_replay_bytes(&specs[0]) + rb_replay_bytes(&specs[1]), room = rb_cpu_memory_available();
    out->planned_bytes = rb_replay_bytes(&specs[1]);
    if (need + RECORDED_STEPS * (double)b->record.frame_bytes <= 0.9 * room) return true;
    char need_text[32], room_text[32];
    rb_text_bytes(need_text, sizeof need_text, need);
    rb_text_bytes(room_text, sizeof room_text, room);
    snprintf(out->skipped, sizeof out->skipped, "needs %s, and the machine has %s free", need_text,
             room_text);
    return false;
}

static rb_status fill(bench *b, const rb_replay_spec specs[2], rb_error *error)
{
    for (int which = 0; which < 2; which++) {
        rb_status status = rb_replay_create(&b->replays[which], &specs[which], b->arena, error);
        if (status) return status;
        b->rng[which] = rb_rng_stream(1, RB_RNG_SAMPLE, (uint64_t)which);
        rb_replay_begin(b->replays[which], 0, b->record.frames);
        for (int64_t i = 0; i < specs[which].params.capacity; i++) append(b, which);
    }
    return RB_OK;
}

rb_status rb_bench_replay(const rb_config *config, const rb_bench_replay_options *options,
                          rb_bench_replay_result *out, rb_error *error)
{
    *out = (rb_bench_replay_result){0};
    if (options->rounds < 1) return rb_error_set(error, RB_ERR_USAGE, "a benchmark needs at least 1 round");
    if (config->params.agent.rollout_steps)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "agent.rollout_steps = %lld learns without replay, so there is none to measure: set "
            "it to 0, or choose another preset",
            (long long)config->params.agent.rollout_steps);
    rb_params p = config->params;
    p.env.count = 1;
    bench b = {0};
    rb_status status = rb_arena_create(&b.arena, error);
    if (!status) status = record(&b, &p, error);
    if (!status) {
        const rb_replay_spec whole = rb_replay_spec_make(&p, &b.env, b.stack);
        rb_replay_spec specs[2] = {whole, whole};
        if (specs[0].params.capacity > SMALL_CAPACITY) specs[0].params.capacity = SMALL_CAPACITY;
        *out = (rb_bench_replay_result){.capacity = p.replay.capacity,
                                        .batch = specs[1].batch,
                                        .n_step = specs[1].n_step,
                                        .rounds = options->rounds,
                                        .prioritized = p.replay.prioritized};
        snprintf(out->env, sizeof out->env, "%s", *p.run.env ? p.run.env : "made up");
        snprintf(out->compress, sizeof out->compress, "%s",
                 p.replay.compress == RB_COMPRESS_LZ4 ? "lz4" : "none");
        if (fits(&b, specs, out)) {
            status = fill(&b, specs, error);
            if (!status) status = measure(&b, options->rounds, out, error);
        }
    }
    rb_arena_destroy(b.arena);
    return status;
}
