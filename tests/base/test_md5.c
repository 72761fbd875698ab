// MD5: the digests of RFC 1321, and lengths around a block, compared with those of Python's hashlib.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/md5.h"

static void test_known_digests(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    char out[RB_MD5_TEXT_BYTES];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        rb_md5_text(out, known[i][0], strlen(known[i][0]));
        assert_string_equal(out, known[i][1]);
    }
}

static void test_lengths_around_a_block(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        const char *digest;
    } known[] = {
        {55, "8d24280288a696559fd8d5aa1b6d8c6e"},  {56, "ef2c72b7254c92459e498eddd4ace573"},
        {57, "5e319059f1ba9373988437b589fb9f21"},  {63, "c4c8c6d513f4e1604eb18508a1769364"},
        {64, "a2fcb39a253b9b785b1f97518fa37683"},  {65, "e49fe82d0bb12967a196c85de313e446"},
        {119, "1640deea49ebb258ec6ede18d4b2d2d7"}, {120, "05f879f7b542a7ebf0605adff67d4423"},
        {128, "fe942895e9aae953f3e246e5fd00739d"}, {4096, "a69b23aaf71dc476ca3e39e8a11274d9"},
    };
    unsigned char data[4096];
    char out[RB_MD5_TEXT_BYTES];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)(7 * i);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        rb_md5_text(out, data, known[i].bytes);
        assert_string_equal(out, known[i].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_digests),
                                       cmocka_unit_test(test_lengths_around_a_block)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
