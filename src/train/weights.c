#include "train/weights.h"
