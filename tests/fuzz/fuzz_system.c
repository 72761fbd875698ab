// Texts of the kernel: the limits of a control group, /proc/meminfo and the like, of any content.
#include "fuzz/fuzz.h"
#include "../../src/base/cpu.c" // for number_in

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const double number = number_in(fuzz_file("memory.max", data, bytes), -1);
    FUZZ_CHECK(number == number || number != number);
    return 0;
}
