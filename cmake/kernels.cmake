# One source of kernels (src/compute/simd_*.h), compiled once for each instruction set and chosen at run time.
set(RB_KERNEL_FLAGS "" CACHE STRING "more flags for the kernels of this processor: the sanitizers' presets optimise them and check less, for they take most of a test's time")
set(kernel_flags -fno-trapping-math -Wno-psabi)
set(simd ${PROJECT_SOURCE_DIR}/src/compute)
# Only tests run the wide families, whose vectors no processor has: optimising or sanitizing them fully would take minutes of every build.
set_source_files_properties(${simd}/simd_wide.c ${simd}/simd_wide_bf16.c PROPERTIES COMPILE_OPTIONS "${kernel_flags};-O1;-fno-sanitize=all")
# The plain family has all of the sanitizers' checks; the others are the same source.
set_source_files_properties(${simd}/simd_plain.c PROPERTIES COMPILE_OPTIONS "${kernel_flags}")
list(APPEND kernel_flags ${RB_KERNEL_FLAGS})
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(${simd}/simd_avx2.c PROPERTIES COMPILE_OPTIONS "${kernel_flags};-mavx2;-mfma")
  set_source_files_properties(${simd}/simd_avx512.c PROPERTIES COMPILE_OPTIONS
    "${kernel_flags};-mavx2;-mfma;-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mprefer-vector-width=512")
  # The pass VectorCombine of clang 16 and 17 recurses without end over vectors of bfloat, and the compiler crashes.
  if(CMAKE_C_COMPILER_ID STREQUAL "Clang" AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 16 AND CMAKE_C_COMPILER_VERSION VERSION_LESS 18)
    set(bfloat_flags -mllvm -disable-vector-combine)
  endif()
  set_source_files_properties(${simd}/simd_avx512_bf16.c PROPERTIES COMPILE_OPTIONS
    "${kernel_flags};-mavx2;-mfma;-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mavx512bf16;-mprefer-vector-width=512;${bfloat_flags}")
endif()
