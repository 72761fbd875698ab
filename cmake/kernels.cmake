# Kernels may contract a*b+c into a fused multiply-add; everything else may not (a CartPole trajectory must not depend on the compiler).
