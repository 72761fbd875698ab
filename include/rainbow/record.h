// Videos of a playing agent.
#ifndef RAINBOW_RECORD_H
#define RAINBOW_RECORD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_record_options {
    int episodes;                      // whole games, at most
    int64_t most_steps;                // total steps over all games: the video is cut there
    double epsilon;                    // share of random actions
    uint64_t seed;                     // seeds the starts and the random actions
    int threads;                       // 0: one for each processor
    bool plain;                        // show the game only, without the network's input and Q-values
    bool pixels;                       // the same, not enlarged
    int frames_per_second;             // 0: 30; one frame per step
    const volatile sig_atomic_t *stop; // a flag that ends it, with RB_INTERRUPTED and no file; may be NULL
} rb_record_options;

typedef struct rb_record_result {
    char env[128];
    char checkpoint[1024]; // the source of the weights
    int64_t checkpoint_step;
    int64_t steps;      // steps shown, one frame per step
    int games;          // games that ended; the end of each is shown for one more second
    double return_mean; // mean raw return of these; NaN if none ended
    double return_cut;  // return so far of the game that was cut; NaN if none was
    int64_t frames;
    int width, height; // pixels
    double seconds;    // time taken
} rb_record_result;

// Plays games with the weights of `path`, a run's directory (its newest checkpoint) or one checkpoint, and
// writes them as an MP4 file: H.264, one frame per step. A failure leaves no partial
// file. RB_ERR_USAGE: the file's name does not end in .mp4. RB_ERR_MISSING: the libraries that encode videos
// are missing.
rb_status rb_record(const char *path, const char *file, const rb_record_options *options,
                    rb_record_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
