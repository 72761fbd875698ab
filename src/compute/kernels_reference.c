// The truth for f32.
#define TOGETHER       1
#define RB_FAMILY      rb_kernels_reference
#define RB_FAMILY_NAME "reference"
#include "compute/reference_family.h"
