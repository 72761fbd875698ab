// One emulated console, frame by frame, with sticky actions and an exact state.
//
// Sticky actions (Machado et al. 2018) are implemented here and not by ALE, whose saved state lacks the held
// action: in every frame the new action replaces the held one, unless a random draw keeps the held one. The
// draws equal ALE's: a Mersenne Twister with the same seed, two numbers per frame, of which the second (the
// second player's) is not used. NOOP is held after a reset.
//
// State. A snapshot from the middle of a game does not contain everything that later frames depend on. A
// snapshot from before a reset does, together with every action since:
//
//     snapshot | reset | a0 a1 a2 ... a(frames-1)   now
//     ^ base             ^ log: the executed actions
//
// Loading restores the snapshot, resets, and replays the log (20 to 150 microseconds per frame); the
// console's RAM is then compared with the saved one. So an episode can't have more frames than the log: see
// RB_CONSOLE_FRAMES_MAX.
#ifndef RB_ENV_ATARI_CONSOLE_H
#define RB_ENV_ATARI_CONSOLE_H

#include "base/rng.h"
#include "env/emulator.h"
#include "rainbow/env.h"

// The most frames of an episode without a limit (three days of play). The log takes one byte per frame, in
// memory that is not touched until it is written.
enum { RB_CONSOLE_FRAMES_MAX = 1 << 24 };

typedef struct rb_console {
    const rb_emulator *emulator;
    rb_ale *ale;
    int height, width;
    rb_mt19937 rng;
    float sticky;
    int held; // the action executed in the last frame
    uint8_t *base;
    size_t base_bytes, base_capacity;
    uint8_t *log;
    int64_t frames, frames_max; // since the reset; the most allowed
    bool played;                // reset at least once
} rb_console;

// Loads the ROM. `max_frames` as in atari.max_frames (0: RB_CONSOLE_FRAMES_MAX). Zero the struct first; close
// it even after an error.
rb_status rb_console_open(rb_console *console, const char *rom_path, uint32_t seed, double sticky,
                          int64_t max_frames, rb_error *error);
void rb_console_close(rb_console *console);

// Sets the game's mode or difficulty from the next reset on. RB_ERR_USAGE if the game does not have it; the
// error lists those it has. `game` is its name, for the message.
rb_status rb_console_set_mode(rb_console *console, const char *game, int64_t mode, rb_error *error);
rb_status rb_console_set_difficulty(rb_console *console, const char *game, int64_t difficulty,
                                    rb_error *error);

rb_status rb_console_reset(rb_console *console, rb_error *error);
// Plays one frame with one of the 18 actions as the new action. Afterwards rb_console_over or rb_console_full
// may be true; do not call it when one of them is.
rb_status rb_console_frame(rb_console *console, int action, double *reward, rb_error *error);

static inline bool rb_console_over(const rb_console *c)
{
    return c->emulator->over(c->ale);
}
static inline bool rb_console_full(const rb_console *c)
{
    return c->frames >= c->frames_max;
}
static inline int rb_console_lives(const rb_console *c)
{
    return c->emulator->lives(c->ale);
}
static inline const uint8_t *rb_console_screen(const rb_console *c)
{
    return c->emulator->screen(c->ale);
}

rb_status rb_console_save(rb_console *console, rb_env_stream *to, rb_error *error);
rb_status rb_console_load(rb_console *console, rb_env_stream *from, rb_error *error);

#endif
