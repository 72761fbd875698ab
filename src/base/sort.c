#include "base/sort.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void rb_sort_ascending(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
}
