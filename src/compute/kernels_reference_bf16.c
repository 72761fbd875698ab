// The truth for bf16.
#define TOGETHER       2
#define RB_FAMILY      rb_kernels_reference_bf16
#define RB_FAMILY_NAME "reference-bf16"
#include "compute/reference_family.h"
