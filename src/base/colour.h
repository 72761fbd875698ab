// A colour, as whoever draws has it.
#ifndef RB_BASE_COLOUR_H
#define RB_BASE_COLOUR_H

#include <stdint.h>

typedef struct rb_colour {
    uint8_t red, green, blue;
} rb_colour;

#endif
