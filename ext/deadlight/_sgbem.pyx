"""Dense matrix of the crack operator: the blocks of pairs of elements, and their sum.

Blocks of a chunk of pairs are computed by all threads; then every thread adds those of its own rows.  So the sums have
the same order, and the matrix the same bits, for any number of threads.  Only the upper triangle is filled: with neighbouring
elements and nodes close in number, what one element adds lies close together in memory.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int64_t, int8_t

import numpy as np

cdef extern from *:
    """
    #include <math.h>
    #include "elasticity_lanes.h"
    #define KERNEL_BODY "sgbem_body.h"
    #include "isa_clones.h"
    #define CALL_AFFINE(isa, ...) ISA_CALL(isa, affine)(__VA_ARGS__)
    #define CALL_MIXED(isa, ...) ISA_CALL(isa, mixed)(__VA_ARGS__)
    #define CALL_GENERAL(isa, ...) ISA_CALL(isa, general)(__VA_ARGS__)
    #define CALL_MIXED_PRODUCT(isa, ...) ISA_CALL(isa, mixed_product)(__VA_ARGS__)
    #define CALL_GENERAL_PRODUCT(isa, ...) ISA_CALL(isa, general_product)(__VA_ARGS__)

    /* Nodes of an element whose opening is not 0 by nature: those of the ring off the front. Returns how many. */
    static int active(int64_t kind, const int64_t* cell, int64_t* nodes) {
        static const int off_front[6] = {2, 3, 5, 6, 7, 8};
        int n = kind == 1 ? 9 : 6;
        for (int a = 0; a < n; a++) nodes[a] = cell[kind > 1 ? off_front[a] : a];
        return n;
    }

    /* Adds the blocks of one pair that belong to rows row0 <= row < row1 (in nodes) of the upper triangle of W. */
    static void scatter(const double* block, const int64_t* ne, int na, const int64_t* nf, int nb, const int64_t* dof,
                        int same, double* W, int64_t ld, int64_t row0, int64_t row1) {
        for (int a = 0; a < na; a++) {
            int64_t A = dof[ne[a]];
            if (A < 0) continue;
            for (int b = 0; b < nb; b++) {
                int64_t B = dof[nf[b]], row = A < B ? A : B;
                if (B < 0 || row < row0 || row >= row1) continue;
                const double* m = block + 9 * (a * nb + b);
                if (same && A > B) continue;
                if (A <= B) {
                    double* to = W + 3 * A * ld + 3 * B;
                    for (int i = 0; i < 3; i++, to += ld) { to[0] += m[3 * i]; to[1] += m[3 * i + 1]; to[2] += m[3 * i + 2]; }
                }
                if (!same && A >= B) {
                    double* to = W + 3 * B * ld + 3 * A;
                    for (int i = 0; i < 3; i++, to += ld) { to[0] += m[i]; to[1] += m[3 + i]; to[2] += m[6 + i]; }
                }
            }
        }
    }

    static void scatter_elements(const double* block, const int64_t* cell_e, int64_t kind_e, const int64_t* cell_f,
                                 int64_t kind_f, const int64_t* dof, int same, double* W, int64_t ld, int64_t row0, int64_t row1) {
        int64_t ne[9], nf[9];
        int na = active(kind_e, cell_e, ne), nb = active(kind_f, cell_f, nf);
        scatter(block, ne, na, nf, nb, dof, same, W, ld, row0, row1);
    }
    """
    void CALL_AFFINE(int isa, const double* points, const int64_t* nodes_e, const int64_t* nodes_f, const double* sign,
                     const double* part_e, const double* part_f, int64_t first, int64_t last, int64_t n, const double* lf,
                     const double* ls, const double* w, double g, double* out) nogil
    void CALL_MIXED(int isa, const double* points, const int64_t* cells, const int64_t* kind, const double* corner_e,
                    const int64_t* nodes_f, const double* sign, int64_t first, int64_t last, int64_t n, const double* lf,
                    const double* ls, const double* w, double g, double* out, double* room) nogil
    void CALL_GENERAL(int isa, const double* points, const int64_t* cells_e, const int64_t* kind_e, const double* corner_e,
                      const int64_t* cells_f, const int64_t* kind_f, const double* corner_f, int64_t first, int64_t last,
                      int64_t n, const double* lf, const double* ls, const double* ld, const double* w, const double* scale,
                      const int8_t* same, double g, double* out, double* room) nogil
    void CALL_MIXED_PRODUCT(int isa, const double* points, const int64_t* cells, const int64_t* kind, const int64_t* begin,
                            const int64_t* nodes_f, int64_t run, int64_t n_all, int64_t n_e, const double* e,
                            int64_t n_f, const double* f, double g, double* out, double* room) nogil
    void CALL_GENERAL_PRODUCT(int isa, const double* points, const int64_t* cells_e, const int64_t* kind_e,
                              const int64_t* begin, const int64_t* cells_f, int kind_f, int64_t run,
                              int64_t n_all, int64_t n_e, const double* e, int64_t n_f, const double* f, double g, double* out,
                              double* room) nogil
    void scatter(const double* block, const int64_t* ne, int na, const int64_t* nf, int nb, const int64_t* dof, int same,
                 double* W, int64_t ld, int64_t row0, int64_t row1) nogil
    void scatter_elements(const double* block, const int64_t* cell_e, int64_t kind_e, const int64_t* cell_f, int64_t kind_f,
                          const int64_t* dof, int same, double* W, int64_t ld, int64_t row0, int64_t row1) nogil

CHUNK = 512  # pairs whose blocks are held at once
cdef int64_t PIECE = 32  # pairs a thread takes at once


def _row_ranges(int64_t n, int threads):
    """Node rows of the upper triangle in equal shares of its area."""
    return np.round(n * (1 - np.sqrt(1 - np.arange(threads + 1) / threads))).astype(np.int64)


def _room(vectors, threads):
    raw = np.empty(threads * vectors * 8 + 8)
    shift = (-raw.ctypes.data % 64) // 8
    return raw[shift: shift + threads * vectors * 8].reshape(threads, vectors * 8)


def affine(const double[:, ::1] points, const int64_t[:, ::1] nodes_e, const int64_t[:, ::1] nodes_f, const double[::1] sign,
           const int8_t[::1] same, const double[:, ::1] lf, const double[:, ::1] ls, const double[::1] w, double g,
           const int64_t[::1] dof, double[:, ::1] W, int isa, int threads, const double[:, ::1] part_e=None,
           const double[:, ::1] part_f=None):
    """Adds pairs of straight triangles under one rule. nodes_e, nodes_f (jobs, 6); lf, ls (3, n); dof: node -> row or -1.

    part_e, part_f (jobs, 6): (s, t) of the corners of the part of either triangle that is meant; sign: its share of both areas.
    """
    cdef int64_t jobs = nodes_e.shape[0], n = w.shape[0], start, stop, piece, job, first, last
    cdef int t
    if (nodes_f.shape[0] != jobs or nodes_e.shape[1] != 6 or nodes_f.shape[1] != 6 or sign.shape[0] != jobs
            or same.shape[0] != jobs or lf.shape[1] != n or ls.shape[1] != n or W.shape[0] != W.shape[1]):
        raise ValueError("affine: array shapes do not fit")
    cdef const double* parts_e = NULL
    cdef const double* parts_f = NULL
    if (part_e is None) != (part_f is None):
        raise ValueError("affine: parts of both triangles, or of none")
    if part_e is not None:
        if part_e.shape[0] != jobs or part_f.shape[0] != jobs or part_e.shape[1] != 6 or part_f.shape[1] != 6:
            raise ValueError("affine: parts do not fit")
        if jobs:
            parts_e, parts_f = &part_e[0, 0], &part_f[0, 0]
    if jobs == 0:
        return
    cdef double[:, ::1] out = np.empty((min(jobs, CHUNK), 324))
    cdef int64_t[::1] rows = _row_ranges(W.shape[0] // 3, threads)
    for start in range(0, jobs, CHUNK):
        stop = min(start + CHUNK, jobs)
        for piece in prange((stop - start + PIECE - 1) // PIECE, nogil=True, num_threads=threads, schedule="dynamic"):
            first = start + piece * PIECE
            last = first + PIECE if first + PIECE < stop else stop
            CALL_AFFINE(isa, &points[0, 0], &nodes_e[0, 0], &nodes_f[0, 0], &sign[0], parts_e, parts_f, first, last, n, &lf[0, 0],
                        &ls[0, 0], &w[0], g, &out[first - start, 0])
        for t in prange(threads, nogil=True, num_threads=threads, schedule="static"):
            for job in range(start, stop):
                scatter(&out[job - start, 0], &nodes_e[job, 0], 6, &nodes_f[job, 0], 6, &dof[0], same[job], &W[0, 0],
                        W.shape[1], rows[t], rows[t + 1])


def mixed(const double[:, ::1] points, const int64_t[:, ::1] cells, const int64_t[::1] kind, const double[:, ::1] corner_e,
          const int64_t[:, ::1] nodes_f, const double[::1] sign, const double[:, ::1] lf, const double[:, ::1] ls,
          const double[::1] w, double g, const int64_t[::1] dof, double[:, ::1] W, int isa, int threads):
    """Adds pairs of an element of any kind with a straight triangle. cells (jobs, 9), corner_e (jobs, 6), nodes_f (jobs, 6)."""
    cdef int64_t jobs = cells.shape[0], n = w.shape[0], start, stop, piece, job, first, last
    cdef int t
    if (nodes_f.shape[0] != jobs or cells.shape[1] != 9 or nodes_f.shape[1] != 6 or sign.shape[0] != jobs or n % 8
            or kind.shape[0] != jobs or corner_e.shape[0] != jobs or corner_e.shape[1] != 6 or lf.shape[1] != n
            or ls.shape[1] != n or W.shape[0] != W.shape[1]):
        raise ValueError("mixed: array shapes do not fit")
    if jobs == 0:
        return
    cdef double[:, ::1] out = np.empty((min(jobs, CHUNK), 486)), room = _room(27 * 21 + 48 * 8, threads)
    cdef int64_t[::1] rows = _row_ranges(W.shape[0] // 3, threads)
    for start in range(0, jobs, CHUNK):
        stop = min(start + CHUNK, jobs)
        for piece in prange((stop - start + PIECE - 1) // PIECE, nogil=True, num_threads=threads, schedule="dynamic"):
            first = start + piece * PIECE
            last = first + PIECE if first + PIECE < stop else stop
            CALL_MIXED(isa, &points[0, 0], &cells[0, 0], &kind[0], &corner_e[0, 0], &nodes_f[0, 0], &sign[0], first, last, n,
                       &lf[0, 0], &ls[0, 0], &w[0], g, &out[first - start, 0], &room[threadid(), 0])
        for t in prange(threads, nogil=True, num_threads=threads, schedule="static"):
            for job in range(start, stop):
                scatter_elements(&out[job - start, 0], &cells[job, 0], kind[job], &nodes_f[job, 0], 0, &dof[0], 0, &W[0, 0],
                                 W.shape[1], rows[t], rows[t + 1])


def general(const double[:, ::1] points, const int64_t[:, ::1] cells_e, const int64_t[::1] kind_e, const double[:, ::1] corner_e,
            const int64_t[:, ::1] cells_f, const int64_t[::1] kind_f, const double[:, ::1] corner_f, const double[::1] scale,
            const int8_t[::1] same, const double[:, ::1] lf, const double[:, ::1] ls, const double[:, ::1] ld,
            const double[::1] w, double g, const int64_t[::1] dof, double[:, ::1] W, int isa, int threads):
    """Adds pairs of elements of any kind. corner (jobs, 6): (s, t) of the triangle's corners in the rule's order; ld: lf - ls;
    same: 1 a triangle with itself, 2 with the other half of its square."""
    cdef int64_t jobs = cells_e.shape[0], n = w.shape[0], start, stop, piece, job, first, last
    cdef int t
    if (cells_f.shape[0] != jobs or cells_e.shape[1] != 9 or cells_f.shape[1] != 9 or scale.shape[0] != jobs or n % 8
            or kind_e.shape[0] != jobs or kind_f.shape[0] != jobs or corner_e.shape[0] != jobs or corner_f.shape[0] != jobs
            or same.shape[0] != jobs or lf.shape[1] != n or ls.shape[1] != n
            or ld.shape[1] != n or W.shape[0] != W.shape[1]):
        raise ValueError("general: array shapes do not fit")
    if jobs == 0:
        return
    cdef double[:, ::1] out = np.empty((min(jobs, CHUNK), 729)), room = _room(2 * 27 * 27 + 4 * 27 * 8, threads)
    cdef int64_t[::1] rows = _row_ranges(W.shape[0] // 3, threads)
    for start in range(0, jobs, CHUNK):
        stop = min(start + CHUNK, jobs)
        for piece in prange((stop - start + 3) // 4, nogil=True, num_threads=threads, schedule="dynamic"):
            first = start + piece * 4
            last = first + 4 if first + 4 < stop else stop
            CALL_GENERAL(isa, &points[0, 0], &cells_e[0, 0], &kind_e[0], &corner_e[0, 0], &cells_f[0, 0], &kind_f[0],
                         &corner_f[0, 0], first, last, n, &lf[0, 0], &ls[0, 0], &ld[0, 0], &w[0], &scale[0], &same[0], g,
                         &out[first - start, 0], &room[threadid(), 0])
        for t in prange(threads, nogil=True, num_threads=threads, schedule="static"):
            for job in range(start, stop):
                scatter_elements(&out[job - start, 0], &cells_e[job, 0], kind_e[job], &cells_f[job, 0], kind_f[job], &dof[0],
                                 same[job] == 1, &W[0, 0], W.shape[1], rows[t], rows[t + 1])


def mixed_product(const double[:, ::1] points, const int64_t[:, ::1] cells, const int64_t[::1] kind, const int64_t[::1] begin,
                  const int64_t[:, ::1] nodes_f, int64_t n_all, const double[:, ::1] e, const double[:, ::1] f, double g,
                  const int64_t[::1] dof, double[:, ::1] W, int isa, int threads):
    """Adds runs of pairs of an element of any kind with straight triangles, all pairs of a point of either.

    cells (runs, 9), kind (runs,); nodes_f (jobs, 6), of run i those from begin[i] to begin[i + 1]; all blocks are held at once.
    e (3, n_e): s, t, weight, padded to a multiple of 8 from n_all on; f (4, n_f): barycentric coordinates, weight.
    """
    cdef int64_t runs = cells.shape[0], n_e = e.shape[1], n_f = f.shape[1], job, run
    cdef int t
    if (begin.shape[0] != runs + 1 or kind.shape[0] != runs or cells.shape[1] != 9 or nodes_f.shape[1] != 6 or n_e % 8 or n_all > n_e
            or e.shape[0] != 3 or f.shape[0] != 4 or W.shape[0] != W.shape[1] or begin[0] != 0 or begin[runs] != nodes_f.shape[0]):
        raise ValueError("mixed_product: array shapes do not fit")
    if runs == 0:
        return
    cdef double[:, ::1] out = np.empty((begin[runs], 486)), room = _room(21 * n_all + 3 * n_f + 4 * n_e, threads)
    cdef int64_t[::1] rows = _row_ranges(W.shape[0] // 3, threads)
    for run in prange(runs, nogil=True, num_threads=threads, schedule="dynamic"):
        CALL_MIXED_PRODUCT(isa, &points[0, 0], &cells[0, 0], &kind[0], &begin[0], &nodes_f[0, 0], run, n_all, n_e, &e[0, 0], n_f,
                           &f[0, 0], g, &out[begin[run], 0], &room[threadid(), 0])
    for t in prange(threads, nogil=True, num_threads=threads, schedule="static"):
        for run in range(runs):
            for job in range(begin[run], begin[run + 1]):
                scatter_elements(&out[job, 0], &cells[run, 0], kind[run], &nodes_f[job, 0], 0, &dof[0], 0, &W[0, 0],
                                 W.shape[1], rows[t], rows[t + 1])


def general_product(const double[:, ::1] points, const int64_t[:, ::1] cells_e, const int64_t[::1] kind_e, const int64_t[::1] begin,
                    const int64_t[:, ::1] cells_f, int64_t kind_f, int64_t n_all, const double[:, ::1] e, const double[:, ::1] f,
                    double g, const int64_t[::1] dof, double[:, ::1] W, int isa, int threads):
    """Adds runs of pairs of an element of any kind with elements of one kind, all pairs of a point of either.

    cells_e (runs, 9), kind_e (runs,); cells_f (jobs, 9), of run i those from begin[i] to begin[i + 1]; all blocks are held at once.
    e, f (3, n): s, t, weight, of e padded to a multiple of 8 from n_all on.
    """
    cdef int64_t runs = cells_e.shape[0], n_e = e.shape[1], n_f = f.shape[1], job, run
    cdef int t
    if (begin.shape[0] != runs + 1 or kind_e.shape[0] != runs or cells_e.shape[1] != 9 or cells_f.shape[1] != 9 or n_e % 8
            or n_all > n_e or e.shape[0] != 3 or f.shape[0] != 3 or W.shape[0] != W.shape[1] or begin[0] != 0
            or begin[runs] != cells_f.shape[0]):
        raise ValueError("general_product: array shapes do not fit")
    if runs == 0:
        return
    cdef double[:, ::1] out = np.empty((begin[runs], 729)), room = _room(108 * n_all + 30 * n_f + 4 * n_e, threads)
    cdef int64_t[::1] rows = _row_ranges(W.shape[0] // 3, threads)
    for run in prange(runs, nogil=True, num_threads=threads, schedule="dynamic"):
        CALL_GENERAL_PRODUCT(isa, &points[0, 0], &cells_e[0, 0], &kind_e[0], &begin[0], &cells_f[0, 0], <int>kind_f, run, n_all, n_e,
                             &e[0, 0], n_f, &f[0, 0], g, &out[begin[run], 0], &room[threadid(), 0])
    for t in prange(threads, nogil=True, num_threads=threads, schedule="static"):
        for run in range(runs):
            for job in range(begin[run], begin[run + 1]):
                scatter_elements(&out[job, 0], &cells_e[run, 0], kind_e[run], &cells_f[job, 0], kind_f, &dof[0], 0, &W[0, 0],
                                 W.shape[1], rows[t], rows[t + 1])
