"""Makes image.txt, the golden file of tests/env/test_image.c: CRC-32 of what OpenCV makes of pictures of noise.

  area H W h w crc     cv2.resize to h x w with INTER_AREA
  grey n crc           cv2.cvtColor RGB2GRAY of n pixels
Noise: x <- 1664525 x + 1013904223 modulo 2^32 from 1; bytes are x >> 24, in rows from the top (for grey: R G B R G B ...).

    python make_image.py > image.txt        (needs opencv-python, numpy)
"""
import zlib
import cv2, numpy as np


def noise(count):
    x, out = 1, np.empty(count, np.uint8)
    for i in range(count):
        x = (1664525 * x + 1013904223) % 2**32
        out[i] = x >> 24
    return out


print("# opencv", cv2.__version__, "numpy", np.__version__)
for H, W, h, w in [(210, 160, 84, 84), (210, 160, 42, 42), (210, 160, 60, 60), (210, 160, 16, 16), (210, 160, 160, 160),
                   (210, 160, 128, 96), (214, 160, 84, 84), (220, 160, 84, 84), (230, 160, 84, 84), (230, 160, 42, 42),
                   (250, 160, 84, 84), (250, 160, 42, 42), (210, 160, 83, 83), (210, 160, 79, 79),
                   (210, 160, 105, 80), (210, 160, 42, 40), (210, 160, 70, 160), (210, 160, 210, 160), (210, 160, 84, 80)]:
    picture = noise(H * W).reshape(H, W)
    print("area", H, W, h, w, f"{zlib.crc32(cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA).tobytes()):08x}")
count = 200000
print("grey", count, f"{zlib.crc32(cv2.cvtColor(noise(3 * count).reshape(1, count, 3), cv2.COLOR_RGB2GRAY).tobytes()):08x}")
