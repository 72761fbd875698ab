// Errors: what the world can cause comes back as a status and one sentence in a record that the caller owns.
//
// A function that can fail returns rb_status and takes an rb_error as its last argument. The one that finds
// the fault writes the sentence (rb_error_set); callers on the way up may put their context before it
// (rb_error_context):
//     atari.ini:12: replay.capacity = 5: must be at least 1000
#ifndef RAINBOW_ERROR_H
#define RAINBOW_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rb_status {
    RB_OK = 0,
    RB_ERR_USAGE,   // a key, value or name that the user wrote is wrong (exit status 2)
    RB_ERR_FILE,    // a file or directory can't be read, written or made; the disk is full
    RB_ERR_FORMAT,  // a file was read, and is not what it should be
    RB_ERR_MEMORY,  // the machine has not got the memory
    RB_ERR_MISSING, // a part is not installed (emulator, interpreter)
    RB_ERR_EXISTS,  // something is there that would have been overwritten
    RB_ERR_NUMBER,  // not a number, or infinite, where learning needs a finite one
    RB_ERR_ENV,     // an environment failed
    RB_INTERRUPTED, // not a failure: asked to stop, state saved (exit status 130)
} rb_status;

typedef struct rb_error {
    rb_status status;
    char message[1024];
} rb_error;

// Writes the sentence (printf style) and returns `status`, so that a failing function ends with `return
// rb_error_set(...)`. `error` may be NULL: then only the status is handed back.
rb_status rb_error_set(rb_error *error, rb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "context: " before the sentence in the record and returns `status`, also if `error` is NULL.
rb_status rb_error_context(rb_error *error, rb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
