// The version of this header; rb_rainbow_version() is that of the library that a program runs with.
#ifndef RAINBOW_VERSION_H
#define RAINBOW_VERSION_H

// CMakeLists.txt reads these three: they are the project's version.
#define RAINBOW_VERSION_MAJOR 0
#define RAINBOW_VERSION_MINOR 1
#define RAINBOW_VERSION_PATCH 0

#define RAINBOW_VERSION_JOIN(major, minor, patch)  #major "." #minor "." #patch
#define RAINBOW_VERSION_WRITE(major, minor, patch) RAINBOW_VERSION_JOIN(major, minor, patch)
#define RAINBOW_VERSION                                                                                      \
    RAINBOW_VERSION_WRITE(RAINBOW_VERSION_MAJOR, RAINBOW_VERSION_MINOR, RAINBOW_VERSION_PATCH) // "0.1.0"

#endif
