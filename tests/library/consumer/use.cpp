// The same program in C++.
#include "use.c"
