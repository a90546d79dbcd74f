/* Which instruction set the batched kernels run with: asked of the processor once, at run time. */
#ifndef DEADLIGHT_ISA_H
#define DEADLIGHT_ISA_H

enum { ISA_BASELINE = 0, ISA_AVX2 = 1, ISA_AVX512 = 2 };

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define ISA_CLONES 1
static inline int isa_best(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ISA_AVX2;
    return ISA_BASELINE;
}
#else
#define ISA_CLONES 0
static inline int isa_best(void) { return ISA_BASELINE; }
#endif
#endif
