/* Doubles side by side, as many as one register of the instruction set holds (more would live in memory). */
#ifndef DEADLIGHT_ELASTICITY_LANES_H
#define DEADLIGHT_ELASTICITY_LANES_H
#include <stdint.h>
typedef double vec2 __attribute__((vector_size(16), aligned(8)));
typedef double vec4 __attribute__((vector_size(32), aligned(8)));
typedef double vec8 __attribute__((vector_size(64), aligned(8)));
#endif
