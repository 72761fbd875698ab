// The vector of environments: creating and querying it (vector.h has the rules and their drawing,
// vector_impl.h the layout).
#include "env/vector_impl.h"

#include <assert.h>
#include <string.h>
#include "base/mask.h"
#include "env/contract.h"
#include "env/repeat.h"

static rb_status check_spec(const rb_env_class *class, const rb_env_spec *spec, rb_error *error)
{
    if ((spec->kind != RB_OBS_U8 && spec->kind != RB_OBS_F32) || spec->channels < 1 || spec->height < 1 ||
        spec->width < 1 || spec->vector < 0 || spec->stack < 1 || spec->actions < 1 ||
        spec->max_episode_steps < 0)
        return rb_error_set(error, RB_ERR_ENV,
                            "%s has an invalid spec: observations of %d x %d x %d and %d actions",
                            class->name, spec->channels, spec->height, spec->width, spec->actions);
    if (spec->can_save && (!class->save || !class->load))
        return rb_error_set(error, RB_ERR_ENV,
                            "%s sets can_save in its spec, but has no functions save and load", class->name);
    if (spec->masks && !class->mask)
        return rb_error_set(error, RB_ERR_ENV, "%s sets masks in its spec, but has no function mask",
                            class->name);
    return RB_OK;
}

static bool same_shape(const rb_env_spec *a, const rb_env_spec *b)
{
    return a->kind == b->kind && a->channels == b->channels && a->height == b->height &&
           a->width == b->width && a->vector == b->vector && a->actions == b->actions &&
           a->can_save == b->can_save && a->masks == b->masks;
}

// A training's first environment plays the run's seed itself, as the program that it is compared with does.
// The others have seeds of their own, because with seed + i they would play the games of the next runs'
// seeds.
static uint64_t seed_of(const rb_vector_spec *spec, int i)
{
    const uint64_t index = spec->first_index + (uint64_t)i;
    const char *name = spec->settings.name;
    const bool counts_up = index == 0 || (name && rb_gym_family.has_form(name));
    if (spec->purpose == RB_RNG_ENV && counts_up) return spec->seed + index;
    rb_rng rng = rb_rng_stream(spec->seed, spec->purpose, index);
    return rb_rng_u64(&rng);
}

static rb_status create_environments(rb_vector *vector, const rb_vector_spec *spec, const void *options,
                                     rb_error *error)
{
    for (int i = 0; i < vector->count; i++) {
        vector->slots[i].vector = vector;
        rb_status status = vector->class->create(&vector->slots[i].env, options, seed_of(spec, i), error);
        if (status != RB_OK) return status;
        rb_env_spec own = {0};
        vector->class->spec(vector->slots[i].env, &own);
        if (i == 0) vector->env_spec = own;
        status = check_spec(vector->class, &own, error);
        if (status != RB_OK) return status;
        if (!same_shape(&own, &vector->env_spec))
            return rb_error_set(error, RB_ERR_ENV, "%s: environment %d has a different shape from the first",
                                vector->class->name, i);
    }
    vector->env_spec.masks = vector->env_spec.masks && spec->settings.env.masks;
    return RB_OK;
}

static void take_masks(rb_vector *vector, bool asynchronous, rb_arena *arena)
{
    const size_t bytes = (size_t)vector->count * (size_t)vector->env_spec.actions;
    if (!vector->env_spec.masks) return;
    vector->masks = rb_arena_take(arena, bytes);
    vector->next_masks = rb_arena_take(arena, bytes);
    if (asynchronous) vector->gathered_masks = rb_arena_take(arena, bytes);
}

rb_status rb_vector_create_with_class(rb_vector **out, const rb_vector_spec *spec, const rb_env_class *class,
                                      const void *options, rb_arena *arena, rb_error *error)
{
    assert(spec->count >= 1);
    if (class->abi != RB_ENV_ABI)
        return rb_error_set(
            error, RB_ERR_ENV,
            "%s was built for version %d of the environment interface, but this program has version %d",
            class->name, class->abi, RB_ENV_ABI);
    rb_vector *vector = RB_TAKE(arena, rb_vector, 1);
    rb_slot *slots = RB_TAKE(arena, rb_slot, spec->count);
    if (!vector || !slots) return rb_arena_check(arena, error);
    vector->class = class;
    vector->frames = rb_env_frames_of(class);
    vector->slots = slots;
    vector->count = spec->count;
    vector->log = spec->log;
    const rb_repeat_options repeat = {
        .class = class,
        .options = options,
        .skip = spec->settings.env.frame_skip > 1 ? (int)spec->settings.env.frame_skip : 1,
        .sticky = spec->settings.env.sticky,
        .masks = spec->settings.env.masks,
        .limited = !spec->settings.env.max_episode_steps};
    rb_status status = RB_OK;
    if (rb_repeat_wanted(&spec->settings.env)) {
        status = rb_repeat_check(&spec->settings.env, class, spec->settings.gym.pictures == RB_PICTURES_ATARI,
                                 error);
        vector->repeating = rb_repeat_class(class);
        vector->class = &vector->repeating;
        vector->frames = &rb_repeat_frames;
        options = &repeat;
    }
    if (status == RB_OK) status = create_environments(vector, spec, options, error);
    if (status != RB_OK) goto failed;

    const rb_env_spec *env = &vector->env_spec;
    vector->stack = spec->settings.env.stack ? (int)spec->settings.env.stack : env->stack;
    vector->black_start = spec->settings.env.stack_start == RB_STACK_BLACK;
    vector->reward_rule = spec->settings.env.reward;
    vector->reward_scale = spec->settings.env.reward_scale > 0 ? spec->settings.env.reward_scale : 1;
    vector->life_ends = spec->settings.atari.life_loss == RB_LIFE_TERMINAL;
    if (vector->life_ends && vector->frames && vector->frames->idle)
        vector->life_idle_frames = (int)spec->settings.atari.noop_after_life;
    vector->life_costs = spec->settings.atari.life_loss == RB_LIFE_PENALTY;
    vector->limit_steps = spec->settings.env.max_episode_steps ? spec->settings.env.max_episode_steps
                          : env->max_episode_steps             ? env->max_episode_steps
                          : env->ends                          ? 0
                                                               : spec->fallback_limit_steps;
    vector->frame_bytes = rb_env_frame_bytes(env);
    size_t frames = (size_t)vector->count * vector->frame_bytes;
    vector->observations = rb_arena_take(arena, frames * (size_t)vector->stack);
    if (spec->settings.env.asynchronous)
        vector->gathered = rb_arena_take(arena, frames * (size_t)vector->stack);
    take_masks(vector, spec->settings.env.asynchronous, arena);
    vector->next_frames = rb_arena_take(arena, frames);
    vector->first_frames = rb_arena_take(arena, frames);
    vector->screen_bytes = 3 * (size_t)env->screen_height * (size_t)env->screen_width;
    if (spec->keep_screens && vector->class->render && vector->screen_bytes)
        vector->screens = rb_arena_take(arena, (size_t)vector->count * vector->screen_bytes);
    vector->results = RB_TAKE(arena, rb_vector_result, vector->count);
    vector->away = RB_TAKE(arena, int, vector->count);
    status = rb_arena_check(arena, error);
    if (status != RB_OK) goto failed;
    *out = vector;
    return RB_OK;
failed:
    rb_vector_destroy(vector);
    return status;
}

rb_status rb_vector_create(rb_vector **out, const rb_vector_spec *spec, rb_arena *arena, rb_error *error)
{
    const rb_env_class *class;
    rb_status status = rb_env_find(spec->settings.name, &class, error);
    if (status != RB_OK) return status;
    if (*spec->settings.env.options && !rb_env_takes_text(class))
        return rb_error_set(error, RB_ERR_USAGE,
                            "env.options = %s: %s takes no options; only environments in shared objects do",
                            spec->settings.env.options, spec->settings.name);
    struct rb_gym_crew *crew = NULL;
    rb_env_options options = {.settings = spec->settings,
                              .count = spec->count,
                              .workers = spec->settings.env.workers ? (int)spec->settings.env.workers
                                                                    : spec->threads,
                              .screens = spec->screens || spec->keep_screens,
                              .crew = &crew,
                              .stop = spec->stop};
    return rb_vector_create_with_class(out, spec, class, &options, arena, error);
}

void rb_vector_destroy(rb_vector *vector)
{
    if (!vector) return;
    for (int i = 0; i < vector->count; i++)
        if (vector->slots[i].env) vector->class->destroy(vector->slots[i].env);
}

const rb_env_spec *rb_vector_env_spec(const rb_vector *vector)
{
    return &vector->env_spec;
}
int rb_vector_count(const rb_vector *vector)
{
    return vector->count;
}
int rb_vector_stack(const rb_vector *vector)
{
    return vector->stack;
}
int64_t rb_vector_limit_steps(const rb_vector *vector)
{
    return vector->limit_steps;
}
const void *rb_vector_observations(const rb_vector *vector)
{
    return vector->observations;
}
const rb_vector_result *rb_vector_results(const rb_vector *vector)
{
    return vector->results;
}
const uint8_t *rb_vector_last_screen(const rb_vector *vector, int i)
{
    return vector->screens ? vector->screens + (size_t)i * vector->screen_bytes : NULL;
}
int64_t rb_vector_game_steps(const rb_vector *vector, int i)
{
    return vector->slots[i].game_steps;
}
bool rb_vector_failed(const rb_vector *vector, int i)
{
    return vector->slots[i].status != RB_OK;
}
bool rb_vector_began(const rb_vector *vector, int i)
{
    return vector->slots[i].began;
}
rb_env *rb_vector_env(rb_vector *vector, int i)
{
    return vector->slots[i].env;
}
const rb_env_class *rb_vector_class(const rb_vector *vector)
{
    return vector->class;
}
bool rb_vector_resumes(const rb_vector *vector)
{
    return vector->env_spec.can_save;
}

const void *rb_vector_next_frame(const rb_vector *vector, int i)
{
    return vector->next_frames + (size_t)i * vector->frame_bytes;
}

const void *rb_vector_first_frame(const rb_vector *vector, int i)
{
    return vector->first_frames + (size_t)i * vector->frame_bytes;
}

const void *rb_vector_observations_of(rb_vector *vector, const int *which, int count)
{
    if (count == vector->count) return vector->observations;
    const size_t bytes = (size_t)vector->stack * vector->frame_bytes;
    for (int k = 0; k < count; k++)
        memcpy(vector->gathered + (size_t)k * bytes, rb_vector_stack_of(vector, which[k]), bytes);
    return vector->gathered;
}

const uint8_t *rb_vector_masks(const rb_vector *vector)
{
    return vector->masks;
}

const uint8_t *rb_vector_masks_of(rb_vector *vector, const int *which, int count)
{
    if (!vector->masks || count == vector->count) return vector->masks;
    for (int k = 0; k < count; k++)
        memcpy(rb_vector_mask_in(vector, vector->gathered_masks, k), rb_vector_mask(vector, which[k]),
               (size_t)vector->env_spec.actions);
    return vector->gathered_masks;
}

const uint8_t *rb_vector_mask(const rb_vector *vector, int i)
{
    return rb_vector_mask_in(vector, vector->masks, i);
}

const uint8_t *rb_vector_next_mask(const rb_vector *vector, int i)
{
    return rb_vector_mask_in(vector, vector->next_masks, i);
}

int32_t rb_vector_random_action(const rb_vector *vector, int i, rb_rng *rng)
{
    const uint8_t *mask = rb_vector_mask(vector, i);
    const int actions = vector->env_spec.actions;
    return rb_mask_nth(mask, actions, (int)rb_rng_below(rng, (uint32_t)rb_mask_count(mask, actions)));
}
