// Errors: a failure caused by input or by the machine comes back as a status and one sentence in a record
// that the caller owns.
//
// A function that can fail returns rb_status and takes an rb_error as its last argument. The function that
// finds the fault writes the sentence (rb_error_set). Callers on the way up may put their context before it
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
    RB_ERR_FILE,    // a file or directory can't be read, written or made
    RB_ERR_FORMAT,  // a file was read, but its content is invalid
    RB_ERR_MEMORY,  // not enough memory
    RB_ERR_MISSING, // a component is not installed (emulator, interpreter)
    RB_ERR_EXISTS,  // something exists that would be overwritten
    RB_ERR_NUMBER,  // NaN or infinite, but learning needs a finite number
    RB_ERR_ENV,     // an environment failed
    RB_ERR_FULL,    // the disk is full, or the user's share of it is
    RB_INTERRUPTED, // not a failure: stopped on request, state saved (exit status 75 or 130)
} rb_status;

typedef struct rb_error {
    rb_status status;
    char message[1024];
} rb_error;

// Writes the sentence (printf style) and returns `status`, so that a failing function ends with `return
// rb_error_set(...)`. `error` may be NULL.
rb_status rb_error_set(rb_error *error, rb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "context: " before the sentence in the record and returns `status`. `error` may be NULL.
rb_status rb_error_context(rb_error *error, rb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
