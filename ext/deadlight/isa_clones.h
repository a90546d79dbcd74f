/* Compiles one kernel body for every instruction set.
 *
 *     #define KERNEL_BODY "stiffness_body.h"
 *     #include "isa_clones.h"
 *
 * The body defines its functions as `static void ISA_NAME(stiffness)(...)`; afterwards stiffness_baseline,
 * stiffness_avx2 and stiffness_avx512 exist and ISA_CALL(isa, stiffness)(...) picks one.
 * The body must not include system headers.  FMA contraction is on inside the clones only.
 */
#include "isa.h"

#ifndef ISA_JOIN
#define ISA_JOIN_(a, b) a##_##b
#define ISA_JOIN(a, b) ISA_JOIN_(a, b)
#define ISA_NAME(f) ISA_JOIN(f, ISA_SUFFIX)
#if ISA_CLONES
#define ISA_CALL(isa, f) ((isa) == ISA_AVX512 ? f##_avx512 : (isa) == ISA_AVX2 ? f##_avx2 : f##_baseline)
#else
#define ISA_CALL(isa, f) f##_baseline
#endif
#endif

#define ISA_SUFFIX baseline
#include KERNEL_BODY
#undef ISA_SUFFIX

#if ISA_CLONES
#define ISA_SUFFIX avx2
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include KERNEL_BODY
#pragma clang attribute pop
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#include KERNEL_BODY
#pragma GCC pop_options
#endif
#undef ISA_SUFFIX

#define ISA_SUFFIX avx512
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#include KERNEL_BODY
#pragma clang attribute pop
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,fma,prefer-vector-width=512")
#include KERNEL_BODY
#pragma GCC pop_options
#endif
#undef ISA_SUFFIX
#endif
#undef KERNEL_BODY
