/* Eight doubles side by side, as GCC and Clang lower them to whatever registers there are. */
#ifndef DEADLIGHT_ELASTICITY_LANES_H
#define DEADLIGHT_ELASTICITY_LANES_H
#include <stdint.h>
#define LANES 8
typedef double vec __attribute__((vector_size(64), aligned(8)));
#endif
