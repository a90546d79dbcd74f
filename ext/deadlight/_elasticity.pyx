"""Stiffness of isotropic elasticity: assembly and matrix-free action, the same numbers for any number of threads.

Cells go in chunks of consecutive cells; chunks of one colour share no node, so threads never meet and every
entry is summed in the order of the colours.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int64_t, uint64_t

import numpy as np

cdef extern from *:
    """
    #include <math.h>
    #include "elasticity_lanes.h"
    #define KERNEL_BODY "elasticity_body.h"
    #include "isa_clones.h"
    #define CALL_STIFFNESS(isa, ...) ISA_CALL(isa, stiffness)(__VA_ARGS__)
    #define CALL_APPLY(isa, ...) ISA_CALL(isa, apply)(__VA_ARGS__)
    """
    double CALL_STIFFNESS(int isa, const double* points, const int64_t* nodes, const int64_t* fields, const int64_t* slots,
                          int64_t nn, int64_t nq, const double* shape, const double* dshape, const double* weight,
                          const double* lam, const double* mu, int64_t first, int64_t last, double* values, double* room) nogil
    double CALL_APPLY(int isa, const double* points, const int64_t* nodes, const int64_t* fields, int64_t nn, int64_t nq,
                      const double* shape, const double* dshape, const double* weight, const double* lam, const double* mu,
                      const double* u, int64_t width, int64_t first, int64_t last, double* y, double* room) nogil

CHUNK = 64
LANES = 8


def colour(const int64_t[:, ::1] nodes, int64_t n_nodes):
    """Chunks of 64 cells sorted by colour.

    Returns
    -------
    order : (n_chunks,) int64
        Chunk numbers, one colour after the other.
    begin : (n_colours + 1,) int64
        Where each colour begins in `order`.
    """
    cdef int64_t n_cells = nodes.shape[0], n_chunks = (n_cells + 63) // 64, chunk, c, a, k, alone = 64
    cdef uint64_t used
    mask_np = np.zeros(n_nodes, dtype=np.uint64)
    colours_np = np.zeros(n_chunks, dtype=np.int64)
    cdef uint64_t[::1] mask = mask_np
    cdef int64_t[::1] colours = colours_np
    with nogil:
        for chunk in range(n_chunks):
            used = 0
            for c in range(64 * chunk, min(64 * chunk + 64, n_cells)):
                for a in range(nodes.shape[1]):
                    used |= mask[nodes[c, a]]
            if ~used == 0:  # no free colour among 64: a colour of its own
                colours[chunk] = alone
                alone += 1
                continue
            k = 0
            while (used >> k) & 1:
                k += 1
            colours[chunk] = k
            for c in range(64 * chunk, min(64 * chunk + 64, n_cells)):
                for a in range(nodes.shape[1]):
                    mask[nodes[c, a]] |= (<uint64_t> 1) << k
    order = np.argsort(colours_np, kind="stable")
    _, counts = np.unique(colours_np, return_counts=True)
    return order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


cdef inline int64_t _end(int64_t first, int64_t n_cells) noexcept nogil:
    return first + 64 if first + 64 < n_cells else n_cells


def _workspace(vectors, threads):
    """(threads, 8 * vectors) doubles, each row on its own cache lines."""
    raw = np.empty(threads * vectors * 8 + 8)
    shift = (-raw.ctypes.data % 64) // 8
    return raw[shift: shift + threads * vectors * 8].reshape(threads, vectors * 8)


def stiffness(const double[:, ::1] points, const int64_t[:, ::1] nodes, const int64_t[:, ::1] fields,
              const int64_t[:, :, ::1] slots, const double[:, ::1] shape, const double[:, :, ::1] dshape,
              const double[::1] weight, const double[::1] lam, const double[::1] mu, const int64_t[::1] order,
              const int64_t[::1] begin, double[:, :, ::1] values, int isa, int threads):
    """Adds the stiffness of one block of cells to `values` (nnz, 3, 3) [N/m]; returns the smallest Jacobian determinant.

    `lam`, `mu` [Pa] are Lame's constants at the rows that `fields` names, interpolated with the shape functions.
    """
    cdef int64_t nn = nodes.shape[1], nq = shape.shape[0], n_cells = nodes.shape[0], colour_, at, first, last, start, stop
    if (fields.shape[0] != n_cells or fields.shape[1] != nn or slots.shape[0] != n_cells or slots.shape[1] != nn
            or slots.shape[2] != nn or shape.shape[1] != nn or dshape.shape[0] != nq or dshape.shape[1] != nn
            or dshape.shape[2] != 3 or weight.shape[0] != nq or points.shape[1] != 3 or lam.shape[0] != mu.shape[0]
            or values.shape[1] != 3 or values.shape[2] != 3):
        raise ValueError("stiffness: array shapes do not fit")
    worst_np = np.full(begin[begin.shape[0] - 1], np.inf)
    cdef double[::1] worst = worst_np
    cdef double[:, ::1] work = _workspace(5 * nn + 9 * nn * nq + 9 * nn * (nn + 1) // 2, threads)
    for colour_ in range(begin.shape[0] - 1):
        start, stop = begin[colour_], begin[colour_ + 1]
        for at in prange(start, stop, nogil=True, num_threads=threads, schedule="dynamic"):
            first = 64 * order[at]
            last = _end(first, n_cells)
            worst[at] = CALL_STIFFNESS(isa, &points[0, 0], &nodes[0, 0], &fields[0, 0], &slots[0, 0, 0], nn, nq, &shape[0, 0],
                                       &dshape[0, 0, 0], &weight[0], &lam[0], &mu[0], first, last, &values[0, 0, 0],
                                       &work[threadid(), 0])
    return float(worst_np.min(initial=np.inf))


def apply(const double[:, ::1] points, const int64_t[:, ::1] nodes, const int64_t[:, ::1] fields,
          const double[:, ::1] shape, const double[:, :, ::1] dshape, const double[::1] weight,
          const double[:, ::1] lam, const double[:, ::1] mu, const double[:, :, ::1] u, const int64_t[::1] order,
          const int64_t[::1] begin, double[:, :, ::1] y, int isa, int threads):
    """y += K(lam, mu) u, every column with its own Lame fields.

    u, y : (n_nodes, 3, m) float; lam, mu : (n_fields, m) float [Pa]; m a multiple of 8.
    """
    cdef int64_t nn = nodes.shape[1], nq = shape.shape[0], n_cells = nodes.shape[0], width = u.shape[2]
    cdef int64_t colour_, at, first, last, start, stop
    if (width % 8 or lam.shape[1] != width or mu.shape[1] != width or y.shape[2] != width or u.shape[1] != 3
            or y.shape[1] != 3 or y.shape[0] != u.shape[0] or points.shape[0] != u.shape[0] or points.shape[1] != 3
            or fields.shape[0] != n_cells or fields.shape[1] != nn or shape.shape[1] != nn or dshape.shape[0] != nq
            or dshape.shape[1] != nn or dshape.shape[2] != 3 or weight.shape[0] != nq or lam.shape[0] != mu.shape[0]):
        raise ValueError("apply: array shapes do not fit")
    if width == 0:
        return
    cdef double[:, ::1] work = _workspace(8 * nn + (3 * nn * nq + nq) // 8 + 1, threads)
    for colour_ in range(begin.shape[0] - 1):
        start, stop = begin[colour_], begin[colour_ + 1]
        for at in prange(start, stop, nogil=True, num_threads=threads, schedule="dynamic"):
            first = 64 * order[at]
            last = _end(first, n_cells)
            CALL_APPLY(isa, &points[0, 0], &nodes[0, 0], &fields[0, 0], nn, nq, &shape[0, 0], &dshape[0, 0, 0], &weight[0],
                       &lam[0, 0], &mu[0, 0], &u[0, 0, 0], width, first, last, &y[0, 0, 0], &work[threadid(), 0])
