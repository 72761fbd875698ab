"""Makes small.safetensors and mixed.safetensors with the Python package, for tests/io/test_safetensors.c.

    python make_safetensors.py small.safetensors mixed.safetensors

Tensor number k in order of names holds 0.5 * i - k at place i. The versions are in the file's metadata.
"""

import sys

import numpy as np
import safetensors
from safetensors.numpy import save_file

SHAPES = {
    "trunk.0.weight": (2, 3, 2, 2),
    "advantage.0.weight": (3, 5),
    "advantage.0.bias": (3,),
    "single": (),
    "nothing": (0, 4),
    'odd "name"\n\u00fc': (1, 1),
}

tensors = {}
for k, name in enumerate(sorted(SHAPES)):
    count = int(np.prod(SHAPES[name]))
    tensors[name] = (0.5 * np.arange(count, dtype=np.float32) - k).reshape(SHAPES[name])
note = f"safetensors {safetensors.__version__}, numpy {np.__version__}"
save_file(tensors, sys.argv[1], metadata={"made by": note})

save_file({
    "a bytes": np.arange(200, 209, dtype=np.uint8).reshape(3, 3),
    "b whole": np.arange(70000, 69995, -1, dtype=np.int32),
    "c bytes": np.arange(200, 202, dtype=np.uint8),
    "d floats": 0.5 * np.arange(3, dtype=np.float32),
}, sys.argv[2])
