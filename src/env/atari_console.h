// One emulated console, frame by frame, with sticky actions and an exact state.
//
// Sticky actions (Machado et al. 2018) are decided here and not by ALE, whose saved state forgets the action
// that is held: in every frame the new action replaces the held one unless a draw says that the held one goes
// on. Draws are ALE's: a Mersenne Twister of the same seed, two numbers a frame, of which the second (the
// second player's) is not used. NOOP is held after a reset.
//
// State. A snapshot from the middle of a game does not hold everything the future depends on; one from before
// a reset does, together with every action since:
//
//     snapshot | reset | a0 a1 a2 ... a(frames-1)   now
//     ^ base             ^ log: the actions that were executed
//
// To load is to restore the snapshot, reset, and play the log again (20 to 150 microseconds a frame); the
// console's RAM is then held against the saved one. So an episode can have no more frames than the log: see
// RB_CONSOLE_FRAMES_MAX.
#ifndef RB_ENV_ATARI_CONSOLE_H
#define RB_ENV_ATARI_CONSOLE_H

#include "base/rng.h"
#include "env/emulator.h"
#include "rainbow/env.h"

// Frames of an episode that may go on without limit (three days of play); the log takes a byte a frame, of
// memory that is touched only when it is written.
#define RB_CONSOLE_FRAMES_MAX (INT64_C(1) << 24)

typedef struct rb_console {
    const rb_emulator *emulator;
    rb_ale *ale;
    int height, width;
    rb_mt19937 rng;
    float sticky;
    int held; // the action that the last frame executed
    uint8_t *base;
    size_t base_bytes, base_capacity;
    uint8_t *log;
    int64_t frames, frames_max; // since the reset, and how many there may be
    bool played;                // reset at least once
} rb_console;

// Loads the ROM. `max_frames` as in atari.max_frames (0: RB_CONSOLE_FRAMES_MAX). Zero the struct before;
// close it also after an error.
rb_status rb_console_open(rb_console *console, const char *rom_path, uint32_t seed, double sticky,
                          int64_t max_frames, rb_error *error);
void rb_console_close(rb_console *console);

// The game's mode or difficulty from the next reset on. One that it has not: RB_ERR_USAGE, with those that it
// has. `game` is its name, for the sentence.
rb_status rb_console_set_mode(rb_console *console, const char *game, int64_t mode, rb_error *error);
rb_status rb_console_set_difficulty(rb_console *console, const char *game, int64_t difficulty,
                                    rb_error *error);

rb_status rb_console_reset(rb_console *console, rb_error *error);
// One frame with one of the 18 actions asked for, after which rb_console_over or rb_console_full may hold;
// not to be called when one does.
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
