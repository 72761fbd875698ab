// MD5 (RFC 1321), by which the Arcade Learning Environment knows ROMs. Not for anything that must be secure.
#ifndef RB_BASE_MD5_H
#define RB_BASE_MD5_H

#include <stddef.h>

enum { RB_MD5_TEXT_BYTES = 33 }; // 32 hexadecimal digits and NUL

void rb_md5_text(char out[RB_MD5_TEXT_BYTES], const void *data, size_t bytes);

#endif
