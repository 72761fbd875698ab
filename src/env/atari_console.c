// The console: see atari_console.h.
#include "env/atari_console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

// ---- opening ----

rb_status rb_console_open(rb_console *c, const char *rom_path, uint32_t seed, double sticky,
                          int64_t max_frames, rb_error *error)
{
    rb_status status = rb_emulator_open(&c->emulator, error);
    if (status) return status;
    char message[256] = "";
    c->ale = c->emulator->create(rom_path, seed, message, sizeof message);
    if (!c->ale)
        return rb_error_set(error, RB_ERR_ENV, "%s: the emulator can't load it (%s)", rom_path, message);
    c->emulator->size(c->ale, &c->height, &c->width);
    c->sticky = (float)sticky;
    rb_mt19937_seed(&c->rng, seed);
    c->frames_max = max_frames > 0 && max_frames < RB_CONSOLE_FRAMES_MAX ? max_frames : RB_CONSOLE_FRAMES_MAX;
    c->base_capacity =
        2 * c->emulator->save(c->ale, NULL, 0); // its size changes little; a reset reserves more if necessary
    c->base = calloc(1, c->base_capacity + 1);
    c->log = calloc((size_t)c->frames_max, 1);
    if (!c->base || !c->log)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the action log of an Atari game");
    return RB_OK;
}

void rb_console_close(rb_console *c)
{
    if (c->ale) c->emulator->destroy(c->ale);
    free(c->base);
    free(c->log);
    memset(c, 0, sizeof *c);
}

static rb_status failed(const rb_console *c, rb_error *error)
{
    return rb_error_set(error, RB_ERR_ENV, "the Atari emulator failed: %s", c->emulator->message(c->ale));
}

// ---- modes and difficulties ----

enum { CHOICES_MOST = 256 };

static bool has_choice(const int *choices, int count, int64_t wanted)
{
    for (int i = 0; i < count; i++)
        if (choices[i] == wanted) return true;
    return false;
}

static rb_status no_such_choice(const char *game, const char *what, const char *plural, int64_t wanted,
                                const int *choices, int count, rb_error *error)
{
    const char *before = count == 1 ? "only the " : "the ";
    char list[900] = "";
    size_t used = 0;
    for (int i = 0; i < count && used < sizeof list - 16; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%d", i ? ", " : "", choices[i]);
    return rb_error_set(error, RB_ERR_USAGE, "atari.%s = %lld: %s has %s%s %s", what, (long long)wanted, game,
                        before, count == 1 ? what : plural, list);
}

rb_status rb_console_set_mode(rb_console *c, const char *game, int64_t mode, rb_error *error)
{
    int modes[CHOICES_MOST], count = c->emulator->modes(c->ale, modes, CHOICES_MOST);
    if (count > CHOICES_MOST) count = CHOICES_MOST;
    if (!has_choice(modes, count, mode))
        return no_such_choice(game, "mode", "modes", mode, modes, count, error);
    return c->emulator->set_mode(c->ale, (int)mode) ? RB_OK : failed(c, error);
}

rb_status rb_console_set_difficulty(rb_console *c, const char *game, int64_t difficulty, rb_error *error)
{
    int difficulties[CHOICES_MOST], count = c->emulator->difficulties(c->ale, difficulties, CHOICES_MOST);
    if (count > CHOICES_MOST) count = CHOICES_MOST;
    if (!has_choice(difficulties, count, difficulty))
        return no_such_choice(game, "difficulty", "difficulties", difficulty, difficulties, count, error);
    return c->emulator->set_difficulty(c->ale, (int)difficulty) ? RB_OK : failed(c, error);
}

// ---- playing ----

static rb_status base_reserve(rb_console *c, size_t bytes, rb_error *error)
{
    if (bytes <= c->base_capacity) return RB_OK;
    uint8_t *more = realloc(c->base, 2 * bytes);
    if (!more) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the state of an Atari game");
    c->base = more;
    c->base_capacity = 2 * bytes;
    return RB_OK;
}

static rb_status snapshot(rb_console *c, rb_error *error)
{
    size_t bytes = c->emulator->save(c->ale, c->base, c->base_capacity);
    if (bytes > c->base_capacity) {
        rb_status status = base_reserve(c, bytes, error);
        if (status) return status;
        bytes = c->emulator->save(c->ale, c->base, c->base_capacity);
    }
    if (bytes == 0 || bytes > c->base_capacity) return failed(c, error);
    c->base_bytes = bytes;
    return RB_OK;
}

rb_status rb_console_reset(rb_console *c, rb_error *error)
{
    rb_status status = snapshot(c, error);
    if (status) return status;
    if (!c->emulator->reset(c->ale)) return failed(c, error);
    c->frames = 0;
    c->held = 0;
    c->played = true;
    return RB_OK;
}

rb_status rb_console_frame(rb_console *c, int action, double *reward, rb_error *error)
{
    if (rb_console_full(c))
        return rb_error_set(error, RB_ERR_ENV, "an Atari game was stepped after its last frame");
    bool sticks = false;
    if (c->sticky > 0) {
        sticks = rb_mt19937_u32(&c->rng) / 4294967296.0 < (double)c->sticky;
        rb_mt19937_u32(&c->rng); // the second player's
    }
    if (!sticks) c->held = action;
    if (!c->emulator->act(c->ale, c->held, reward)) return failed(c, error);
    c->log[c->frames++] = (uint8_t)c->held;
    return RB_OK;
}

// ---- state ----

// Transfers everything that is plain memory, in both directions; sizes come first, so that loading can
// reserve memory.
static bool transfer(rb_console *c, rb_env_stream *stream)
{
    return stream->transfer(stream, c->base, c->base_bytes) &&
           stream->transfer(stream, c->log, (size_t)c->frames) &&
           stream->transfer(stream, &c->rng, sizeof c->rng) &&
           stream->transfer(stream, &c->held, sizeof c->held);
}

// The emulator's own reader trusts a snapshot: numbers in it select banks of the ROM without a check. So it
// only gets snapshots that are as they were saved, by their XXH3.
typedef struct sizes {
    uint64_t base_bytes, base_hash;
    int64_t frames;
    uint64_t played;
} sizes;

// What indexes something: the generator's place, the held action, and the actions of the log.
static bool is_sound(const rb_console *c)
{
    bool fine = c->rng.at <= 624 && c->held >= 0 && c->held < RB_ALE_ACTIONS;
    for (int64_t i = 0; i < c->frames; i++) fine &= c->log[i] < RB_ALE_ACTIONS;
    return fine;
}

rb_status rb_console_save(rb_console *c, rb_env_stream *to, rb_error *error)
{
    if (!c->played) {
        rb_status status = snapshot(c, error);
        if (status) return status;
    }
    sizes s = {c->base_bytes, XXH3_64bits(c->base, c->base_bytes), c->frames, c->played};
    uint8_t ram[RB_ALE_RAM_BYTES];
    c->emulator->ram(c->ale, ram);
    if (!to->transfer(to, &s, sizeof s) || !transfer(c, to) || !to->transfer(to, ram, sizeof ram))
        return rb_error_set(error, RB_ERR_FILE, "the state of an Atari game can't be written");
    return RB_OK;
}

rb_status rb_console_load(rb_console *c, rb_env_stream *from, rb_error *error)
{
    sizes s;
    uint8_t saved_ram[RB_ALE_RAM_BYTES], ram[RB_ALE_RAM_BYTES];
    const uint64_t base_most = 16 << 20; // far more than any real one: rejects data that is not a state
    if (!from->transfer(from, &s, sizeof s))
        return rb_error_set(error, RB_ERR_FORMAT, "the state of an Atari game is cut short");
    if (s.base_bytes == 0 || s.base_bytes > base_most || s.frames < 0 || s.frames > c->frames_max ||
        s.played > 1)
        return rb_error_set(error, RB_ERR_FORMAT, "not the state of an Atari game with these settings");
    rb_status status = base_reserve(c, s.base_bytes, error);
    if (status) return status;
    c->base_bytes = s.base_bytes;
    c->frames = s.frames;
    c->played = s.played != 0;
    if (!transfer(c, from) || !from->transfer(from, saved_ram, sizeof saved_ram))
        return rb_error_set(error, RB_ERR_FORMAT, "the state of an Atari game is cut short");
    if (!is_sound(c) || XXH3_64bits(c->base, c->base_bytes) != s.base_hash) {
        c->frames = 0;
        rb_mt19937_seed(&c->rng, 0);
        return rb_error_set(error, RB_ERR_FORMAT, "the state of an Atari game is damaged");
    }

    if (!c->emulator->load(c->ale, c->base, c->base_bytes))
        return rb_error_set(
            error, RB_ERR_FORMAT,
            "the state of an Atari game is damaged or belongs to another game (the emulator: %s)",
            c->emulator->message(c->ale));
    bool fine = !c->played || c->emulator->reset(c->ale);
    double reward = 0;
    for (int64_t i = 0; fine && i < c->frames; i++) fine = c->emulator->act(c->ale, c->log[i], &reward);
    if (!fine) return failed(c, error);
    c->emulator->ram(c->ale, ram);
    if (memcmp(ram, saved_ram, sizeof ram) != 0)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "replaying the saved Atari game did not reproduce the saved state: the ROM or "
                            "the emulator is a different one");
    return RB_OK;
}
