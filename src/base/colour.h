// A colour, shared by all code that draws.
#ifndef RB_BASE_COLOUR_H
#define RB_BASE_COLOUR_H

#include <stdint.h>

typedef struct rb_colour {
    uint8_t red, green, blue;
} rb_colour;

#endif
