// The header of a shared object: what is checked before the system's loader gets the file. The loader itself
// is not fuzzed: a damaged object that passes can crash in it, and a hostile one is a program.
#include "fuzz/fuzz.h"
#include "../../src/env/plugin_object.c" // for check_header

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    rb_error error = {0};
    char *copy = malloc(bytes + 1);
    FUZZ_CHECK(copy);
    if (bytes) memcpy(copy, data, bytes);
    char *exact = realloc(copy, bytes ? bytes : 1);
    rb_status status = check_header("fuzz.so", exact, bytes, &error);
    FUZZ_CHECK(!status || *error.message);
    free(exact);
    return 0;
}
