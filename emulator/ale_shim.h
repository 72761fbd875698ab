// A C interface to the Arcade Learning Environment: raw frames and nothing else. Every common rule (sticky
// actions, frame skip, life loss, limits) is implemented on the other side, in src/env.
//
// This header is plain C and under the project's own licence; the functions are in a shared object
// (librainbow_ale.so, GPL-2 like ALE) that is opened at run time, by names made from RB_ALE_FUNCTIONS. Only
// one thread may use an emulator at a time; one process may have many. Functions that can fail return false
// (or NULL) after writing one sentence to `message` (or to the emulator's own: rb_ale_message).
#ifndef RB_ALE_SHIM_H
#define RB_ALE_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RB_ALE_ABI       1
#define RB_ALE_RAM_BYTES 128
#define RB_ALE_ACTIONS   18

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_ale rb_ale;

// X(result, name, arguments): every function, one list for the declarations here and the pointers in
// src/env/emulator.c.
//
//     abi           the object's RB_ALE_ABI; if it differs, no other function may be called.
//     version       ALE's, "0.12.1".
//     create        an emulator with the game in `rom_path` loaded; the caller has checked that the file is
//                   there, is a ROM, and that its name is a supported game's. `seed` seeds the emulator's own
//                   random numbers. Sticky actions are off. Takes about 0.1 s.
//     reset         presses the console's reset button: a new game. RAM and random numbers are not reset.
//     act           emulates one frame with one of the 18 actions held, and adds its reward to *reward. Does
//                   nothing after the game's end.
//     over          the game has ended.
//     lives         the number left, 0 if the game has no lives.
//     size          the screen's, in pixels: width is 160.
//     screen        its palette indices [height][width], valid until the next call that emulates.
//     palette       the screen's colours by index: rgb [256][3]; grey [256] as ALE rounds it. NTSC games
//                   use the 128 even indices.
//     ram           the console's 128 bytes.
//     actions       the legal ones, ascending; all 18 or the game's minimal set. Returns their number, at most
//                   RB_ALE_ACTIONS.
//     modes, difficulties           the game's: returns their number and writes the first `most`.
//     set_mode, set_difficulty      take effect at the next reset.
//     save          the state with the emulator's random numbers: returns its bytes, 0 on failure; writes them if
//                   `capacity` suffices. It holds neither the screen (stale after a load until the next frame)
//                   nor everything that the middle of a game depends on: only the state before a reset
//                   together with every action since is exact.
//     load          loads such a state into an emulator with the same ROM.
#define RB_ALE_FUNCTIONS(X)                                                                                  \
    X(int, abi, (void))                                                                                      \
    X(const char *, version, (void))                                                                         \
    X(rb_ale *, create, (const char *rom_path, uint32_t seed, char *message, size_t message_bytes))          \
    X(void, destroy, (rb_ale * ale))                                                                         \
    X(const char *, message, (const rb_ale *ale))                                                            \
    X(bool, reset, (rb_ale * ale))                                                                           \
    X(bool, act, (rb_ale * ale, int action, double *reward))                                                 \
    X(bool, over, (const rb_ale *ale))                                                                       \
    X(int, lives, (const rb_ale *ale))                                                                       \
    X(void, size, (const rb_ale *ale, int *height, int *width))                                              \
    X(const uint8_t *, screen, (const rb_ale *ale))                                                          \
    X(void, palette, (const rb_ale *ale, uint8_t *rgb, uint8_t *grey))                                       \
    X(void, ram, (const rb_ale *ale, uint8_t *out))                                                          \
    X(int, actions, (const rb_ale *ale, bool minimal, int *out))                                             \
    X(int, modes, (const rb_ale *ale, int *out, int most))                                                   \
    X(int, difficulties, (const rb_ale *ale, int *out, int most))                                            \
    X(bool, set_mode, (rb_ale * ale, int mode))                                                              \
    X(bool, set_difficulty, (rb_ale * ale, int difficulty))                                                  \
    X(size_t, save, (rb_ale * ale, void *out, size_t capacity))                                              \
    X(bool, load, (rb_ale * ale, const void *data, size_t bytes))

#define RB_ALE_DECLARE(result, name, arguments)                                                              \
    __attribute__((visibility("default"))) result rb_ale_##name arguments;
RB_ALE_FUNCTIONS(RB_ALE_DECLARE)
#undef RB_ALE_DECLARE

#ifdef __cplusplus
}
#endif

#endif
