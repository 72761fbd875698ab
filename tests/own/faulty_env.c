// An environment for tests, as a shared object. By default it keeps the contract; env.options names one fault
// for it to have. Faults of the table itself, which no option can reach, are made by compiling it with
// FAULT_*; WITH_MASK gives it action masks, WITH_BEGIN begin and ready; odd_object.c makes objects that are
// not environments at all.
//
// The game: a walk on a line from 0 to 9 with a random wind; the right end, 9, pays +1, and the left end, 0,
// ends the game.
#include <err.h>
#include <error.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "rainbow/env.h"

struct rb_env {
    uint64_t rng;
    int32_t place, age, steps, ending;
    int32_t begun, asked; // WITH_BEGIN
    char fault[32];
};

static bool has(const rb_env *env, const char *fault)
{
    return !strcmp(env->fault, fault);
}

static uint32_t roll(rb_env *env, uint32_t sides)
{
    env->rng = env->rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(env->rng >> 33) % sides;
}

static int shared_place;     // `static_state` keeps its state here, shared by all instances
static uint64_t shared_dice; // `seedless`
static _Atomic(void *) kept; // `leaks`: the newest block of a chain that only grows, of all threads
static _Atomic int living;   // `single`
static rb_env *made[4096];   // whoever exits is not destroyed: the sanitizer shall find it here
static int made_count;

// A child of the environment's own ends as usual; the environment lives on.
static void exit_in_child(void)
{
    int how = -1;
    const pid_t child = fork();
    if (child == 0) _exit(7);
    waitpid(child, &how, 0);
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 7) abort();
}

static void exit_in_libc(void) // by a call that is not bound to the program's exit
{
    error(1, 0, "no wind");
}

static int overflow(rb_env *env)
{
    volatile char room[4096];
    room[0] = (char)env->age;
    return env->steps ? overflow(env) + room[0] : 0;
}

static rb_status create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    rb_env *env = calloc(1, sizeof *env);
    if (!env) return rb_env_fail(error, "no memory");
    made[__atomic_fetch_add(&made_count, 1, __ATOMIC_RELAXED) % 4096] = env;
    strncpy(env->fault, (const char *)options, sizeof env->fault - 1);
    env->rng = seed * 2 + 1;
    if (has(env, "seedless")) env->rng = shared_dice += 12345;
    if (has(env, "single")) { // one instance at a time, as of a simulator that has a window
        if (atomic_fetch_add(&living, 1)) {
            living--;
            free(env);
            return rb_env_fail(error, "there is only one line");
        }
    }
    if (has(env, "exits_create")) {
        free(env);
        exit(2);
    }
    if (has(env, "no_create") || has(env, "no_instance")) {
        bool said = has(env, "no_instance");
        free(env);
        return said ? RB_OK : rb_env_fail(error, "the %s is shut", "arena");
    }
    *out = env;
    return RB_OK;
}

static void destroy(rb_env *env)
{
    const bool exits = has(env, "exits_destroy");
    if (has(env, "single")) living--;
    free(env);
    if (exits) exit(0);
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    static const char *const names[] = {"left", "right"}, *const half[] = {"left", NULL};
    out->kind = has(env, "bad_kind") ? (rb_obs_kind)7 : RB_OBS_F32;
    out->channels = has(env, "negative_size") ? -4 : has(env, "absurd_size") ? 60000 : 4;
    out->height = out->width = has(env, "absurd_size") ? 60000 : 1;
    out->vector = has(env, "negative_vector") ? -2 : has(env, "lone_vector") ? 3 : 0;
    out->actions = has(env, "no_actions") ? 0 : has(env, "many_actions") ? 1000000 : 2;
    out->action_names = has(env, "half_named") ? half : has(env, "many_actions") ? NULL : names;
    const char *changed = getenv("RB_TEST_ACTIONS"); // plays an object that its author has changed
    if (changed) out->actions = atoi(changed), out->action_names = NULL;
    out->max_episode_steps = has(env, "negative_limit") ? -1 : 60;
    out->frames_per_step = has(env, "negative_frames") ? -3 : 0;
    out->stack = has(env, "deep_stack") ? 1000 : 0;
    out->can_save = !has(env, "new_games") && !has(env, "no_new_games");
    out->screen_height = has(env, "half_screen") || has(env, "no_screen") ? 0 : 8;
    out->screen_width = has(env, "no_screen") ? 0 : 10;
}

// Also while others do: the sanitizer reports a block that no chain holds.
static void add_block(void)
{
    void **block = calloc(1, 4000), *last = kept;
    if (!block) abort();
    do *block = last;
    while (!atomic_compare_exchange_weak(&kept, &last, (void *)block));
}

static rb_status reset(rb_env *env, rb_error *error)
{
    if (has(env, "exits_reset") && env->age > 0) exit(4);
    if (has(env, "fails_reset") && env->age > 0) return rb_env_fail(error, "the line is worn out");
    env->place = 3 + (int32_t)roll(env, 4);
    env->age++;
    env->steps = 0;
    shared_place = env->place;
    if (has(env, "leaks")) add_block();
    return RB_OK;
}

__attribute__((unused)) static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    env->steps++;
    const bool late = env->steps == 5;
    if (late && has(env, "fails_step")) return rb_env_fail(error, "the wind broke");
    if (late && has(env, "fails_silently")) return RB_ERR_ENV;
    if (late && has(env, "strange_status")) return (rb_status)77;
    if (late && has(env, "crashes")) *(volatile int *)(uintptr_t)(env->steps - 5) = 1;
    if (env->age > 100 && has(env, "crashes_late")) *(volatile int *)(uintptr_t)(env->steps - env->steps) = 1;
    if (late && has(env, "divides")) raise(SIGFPE); // some processors give a result
    if (late && has(env, "aborts")) abort();
    const char *end = getenv("RB_TEST_END"); // plays an object that its author has changed
    if (late && end && !strcmp(end, "exit")) exit(0);
    if (late && end && !strcmp(end, "crash")) raise(SIGSEGV);
    if (late && has(env, "exits")) exit(3);
    if (has(env, "exits_slowly")) { // so that threads of the pool make its steps
        usleep(200);
        if (env->age == 3 && env->steps == 3) exit(5);
    }
    if (has(env, "slow") || has(env, "lives"))
        usleep(500); // no fault: for tests that look at the screen meanwhile
    if (late && has(env, "quits")) _exit(0);
    if (late && has(env, "exits_err")) err(0, "no wind");
    if (late && has(env, "exits_in_libc")) exit_in_libc();
    if (late && has(env, "exits_in_child")) exit_in_child();
    if (late && has(env, "overflows")) overflow(env);
    while (late && has(env, "hangs")) pause();
    int32_t *place = has(env, "static_state") ? &shared_place : &env->place;
    *place += (action ? 1 : -1) + (int32_t)roll(env, 3) - 1;
    env->place = *place = *place < 0 ? 0 : *place > 9 ? 9 : *place;
    out->reward = env->place == 9;
    out->terminated = env->place == 0;
    out->life_lost = env->steps % 5 == 0 && has(env, "lives"); // no fault either
    if (has(env, "large_reward")) out->reward = 9e17;          // a return of several of these has no square
    if (late && has(env, "nan_reward")) out->reward = NAN;
    if (late && has(env, "infinite_reward")) out->reward = INFINITY;
    if (late && has(env, "huge_reward")) out->reward = 1e300;
    if (late && has(env, "backward")) out->frames = -1;
    return RB_OK;
}

static void observe(const rb_env *env, void *frame)
{
    static float wandering;
    float *out = frame;
    out[0] = (float)env->place / 9;
    out[1] = (float)(env->steps % 2);
    out[2] = env->place == 9;
    if (!has(env, "short_observation")) out[3] = 1;
    if (has(env, "long_observation")) out[4] = 1;
    if (has(env, "changing_observation")) out[3] = wandering++;
    if (has(env, "nan_observation") && env->steps == 5) out[1] = NAN;
    if (has(env, "exits_observe") && env->steps == 5) exit(0);
    if (has(env, "nan_start") && env->steps == 0) out[1] = NAN;
}

__attribute__((unused)) static void render(const rb_env *env, uint8_t *rgb)
{
    memset(rgb, has(env, "short_picture") ? 0 : 40, has(env, "short_picture") ? 8 * 10 * 3 - 9 : 8 * 10 * 3);
    if (has(env, "exits_render")) exit(0);
    if (has(env, "crashes_render")) raise(SIGSEGV);
    rgb[env->place * 3] = 255;
    if (has(env, "draw_disturbs")) roll((rb_env *)env, 2);
}

static rb_status save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    bool ignores = has(env, "ignores_stream");
    if (has(env, "save_disturbs")) roll(env, 2);
    if (!to->transfer(to, &env->place, sizeof env->place) && !ignores) return rb_env_fail(error, "no room");
    if (!to->transfer(to, &env->steps, sizeof env->steps) && !ignores) return rb_env_fail(error, "no room");
    if (has(env, "saves_little")) return RB_OK;
    if (!to->transfer(to, &env->rng, sizeof env->rng) && !ignores) return rb_env_fail(error, "no room");
    return RB_OK;
}

__attribute__((unused)) static rb_status load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    bool ignores = has(env, "ignores_stream");
    if (has(env, "no_new_games")) return rb_env_fail(error, "the line is elsewhere");
    if (!from->transfer(from, &env->place, sizeof env->place) && !ignores)
        return rb_env_fail(error, "too short");
    if (!from->transfer(from, &env->steps, sizeof env->steps) && !ignores)
        return rb_env_fail(error, "too short");
    if (has(env, "saves_little") || has(env, "loads_little")) return RB_OK;
    if (!from->transfer(from, &env->rng, sizeof env->rng) && !ignores) return rb_env_fail(error, "too short");
    return RB_OK;
}

#ifdef WITH_MASK
// The step that would end the game at the left end is forbidden.
static void mask(const rb_env *env, uint8_t *allowed)
{
    static int calls; // `mask_changes`
    const bool late = env->steps == 5;
    if (late && has(env, "exits_mask")) exit(3);
    allowed[0] = env->place > 1;
    if (!(late && has(env, "mask_short"))) allowed[1] = 1;
    if (late && has(env, "mask_value")) allowed[1] = 3;
    if (late && has(env, "mask_empty")) allowed[0] = allowed[1] = 0;
    if (has(env, "mask_long")) allowed[2] = 1;
    if (has(env, "mask_changes")) allowed[0] = ++calls % 2 != 0;
}
#endif

#ifdef FAULT_NO_READY
static void begin(rb_env *env, int action)
{
    (void)env, (void)action;
}
#endif

#ifdef WITH_BEGIN // the step is done at the third look
static void begin(rb_env *env, int action)
{
    if (env->begun) abort(); // the step before was not made
    env->begun = 3;
    env->asked = action;
    if (has(env, "begin_disturbs")) roll(env, 2);
}

static bool ready(rb_env *env)
{
    if (has(env, "never_ready")) return false;
    if (!env->begun) abort();
    env->begun -= env->begun > 1;
    return env->begun == 1;
}

static rb_status step_begun(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    if (env->begun && (env->begun != 1 || env->asked != action)) abort();
    env->begun = 0;
    return step(env, action, out, error);
}
#endif

const rb_env_class rb_env_export = {
#ifdef FAULT_VERSION
    .abi = RB_ENV_ABI + 6,
#else
    .abi = RB_ENV_ABI,
#endif
#ifndef FAULT_NO_NAME
    .name = "faulty",
#endif
    .create = create,
    .destroy = destroy,
    .spec = spec,
    .reset = reset,
#ifdef WITH_BEGIN
    .step = step_begun,
    .begin = begin,
    .ready = ready,
#elif !defined FAULT_NO_STEP
    .step = step,
#endif
    .observe = observe,
#ifndef FAULT_NO_RENDER
    .render = render,
#endif
    .save = save,
#ifndef FAULT_NO_LOAD
    .load = load,
#endif
#ifdef FAULT_NO_READY
    .begin = begin,
#endif
#ifdef WITH_MASK
    .mask = mask,
#endif
};
