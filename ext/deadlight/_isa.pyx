"""Asks the processor which instruction sets it has, and the compiler whether OpenMP was built in."""

cdef extern from *:
    """
    #ifdef _OPENMP
    #define DEADLIGHT_HAS_OPENMP 1
    #else
    #define DEADLIGHT_HAS_OPENMP 0
    #endif
    """
    int DEADLIGHT_HAS_OPENMP

cdef extern from "isa.h":
    int isa_best() nogil

openmp = bool(DEADLIGHT_HAS_OPENMP)
best = isa_best()
