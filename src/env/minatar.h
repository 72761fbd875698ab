// The inside of the MinAtar games: what a game offers to the environment around it (env/minatar.c), and the
// dice.
//
// MinAtar (Young and Tian 2019, "MinAtar: an Atari-inspired testbed for thorough and reproducible
// reinforcement learning experiments") plays five games on a board of 10 x 10 cells. A picture has a channel
// for each kind of thing, and a cell of a channel is on or off. All games know the same six actions.
//
// Rules and order of events are those of the published package (PyPI `minatar` 1.0.15), dice included, so
// that the same seed and actions give the same pictures, rewards and ends (tests/env/test_minatar.c). A
// game's state is a struct of integers without padding, so that saving it is copying it.
#ifndef RB_ENV_MINATAR_H
#define RB_ENV_MINATAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/rng.h"
#include "env/registry.h"

enum {
    MINATAR_SIDE = 10,
    MINATAR_CELLS = MINATAR_SIDE * MINATAR_SIDE,
    MINATAR_CHANNELS_MOST = 10,
    MINATAR_STATE_MOST = 4096, // bytes of a game's state
};

enum { MINATAR_NONE, MINATAR_LEFT, MINATAR_UP, MINATAR_RIGHT, MINATAR_DOWN, MINATAR_FIRE, MINATAR_ACTIONS };

typedef struct minatar_result {
    int reward;
    bool over;
} minatar_result;

typedef struct minatar_game {
    const char *name, *id; // "space_invaders", "SpaceInvaders"
    int channels, state_bytes;
    uint8_t minimal[MINATAR_ACTIONS]; // the actions that do something, ascending
    int minimal_count;
    void (*reset)(void *state, rb_mt19937 *rng);
    // `ramping`: whether the game gets harder as it goes on. Not called after the end of a game.
    minatar_result (*act)(void *state, int action, bool ramping, rb_mt19937 *rng);
    void (*draw)(const void *state,
                 uint8_t *cells);     // adds 255 where a thing is; [channels][10][10], zeros before
    int (*ramp)(const void *state);   // how often the game got harder
    bool (*sound)(const void *state); // what was loaded is a state that the rules can work with
} minatar_game;

extern const minatar_game rb_minatar_asterix, rb_minatar_breakout, rb_minatar_freeway, rb_minatar_seaquest,
    rb_minatar_space_invaders;

// NumPy's RandomState on the Mersenne Twister: rand(), and randint(0, n). The latter masks words to as many
// bits as n - 1 has and takes the first that is below n; it draws nothing where n is 1.
double rb_minatar_rand(rb_mt19937 *rng);
uint32_t rb_minatar_below(rb_mt19937 *rng, uint32_t n);

// How often an instance's game got harder since its reset.
int rb_minatar_ramp(const rb_env *env);

static inline bool minatar_inside(int x)
{
    return x >= 0 && x < MINATAR_SIDE;
}

static inline int minatar_clip(int x, int least, int most)
{
    return x < least ? least : x > most ? most : x;
}

static inline void minatar_on(uint8_t *cells, int channel, int x, int y)
{
    cells[channel * MINATAR_CELLS + y * MINATAR_SIDE + x] = 255;
}

#endif
