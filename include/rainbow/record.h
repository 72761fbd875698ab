// Videos of an agent at play.
#ifndef RAINBOW_RECORD_H
#define RAINBOW_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RB_RECORD_FRAMES_PER_SECOND = 30 };

typedef struct rb_record_options {
    int episodes;       // whole games, at most
    int64_t most_steps; // of all of them together: what is longer is cut
    double epsilon;     // share of random actions
    uint64_t seed;      // of starts and random actions
    int threads;        // 0: one for each processor
    bool plain;         // the game alone, without what the network sees and expects
} rb_record_options;

typedef struct rb_record_result {
    char env[128];
    char checkpoint[1024]; // where the weights came from
    int64_t checkpoint_step;
    int64_t steps;      // shown, a frame each
    int games;          // that ended; the end of each is shown for one second more
    double return_mean; // of these, raw; NaN where none ended
    double return_cut;  // so far, of the game that was cut; NaN where none was
    int64_t frames;
    int width, height; // pixels
    double seconds;    // that it took
} rb_record_result;

// Plays games with the weights of `path`, a run's directory (its newest checkpoint) or one checkpoint, and
// writes them as an MP4 file: H.264, 30 frames a second, a frame a step. The file is there as a whole or not
// at all. RB_ERR_USAGE: the file's name does not end in .mp4. RB_ERR_MISSING: no libraries that make videos.
rb_status rb_record(const char *path, const char *file, const rb_record_options *options,
                    rb_record_result *out, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
