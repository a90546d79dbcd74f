"""Heat blocked by a crack: pair integrals of the surface method for many frequencies at once, and the load they exert.

Every thread computes blocks of its own jobs; then every thread adds those of its own frequencies, in the order of the
jobs.  Loads are summed thread by thread over fixed shares of the jobs.  So the sums have the same order for any number of
threads.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int64_t

import numpy as np

cdef extern from *:
    """
    #include <math.h>
    #include "elasticity_lanes.h"
    #define KERNEL_BODY "blocked_heat_body.h"
    #include "isa_clones.h"
    #define CALL_BLOCKS(isa, ...) ISA_CALL(isa, blocks)(__VA_ARGS__)
    #define CALL_LOADS(isa, ...) ISA_CALL(isa, loads)(__VA_ARGS__)

    /* Adds one block (re, im) of rows e and columns f, or turned over. */
    static void scatter(const double* from, const int64_t* ce, int na, const int64_t* cf, int nb, int turned, double factor,
                        int64_t n, double* W) {
        for (int a = 0; a < na; a++)
            for (int b = 0; b < nb; b++) {
                double* to = W + 2 * (turned ? cf[b] * n + ce[a] : ce[a] * n + cf[b]);
                to[0] += factor * from[a * nb + b];
                to[1] += factor * from[na * nb + a * nb + b];
            }
    }
    """
    void CALL_BLOCKS(int isa, const double* points, const int64_t* cells, const int64_t* kind, const int64_t* pair,
                     const double* corner, const int64_t* flags, const double* density, int64_t first, int64_t last, int64_t n, const double* lf,
                     const double* ls, const double* w, int nf, const double* size, const int64_t* previous, int parts,
                     double* out, int64_t* active, double* room) nogil
    void CALL_LOADS(int isa, const double* points, const int64_t* cells, const int64_t* kind, const int64_t* pair,
                    const double* corner, const int64_t* flags, const double* density, int64_t first, int64_t last, int64_t n, const double* lf,
                    const double* ls, const double* w, int nf, const double* size, const int64_t* previous, int64_t modes,
                    int64_t n_nodes, const double* theta, const double* gamma, double* out, double* room) nogil
    void scatter(const double* f, const int64_t* ce, int na, const int64_t* cf, int nb, int turned, double factor, int64_t n,
                 double* W) nogil

CHUNK = 1024  # jobs whose blocks are held at once
cdef int64_t PIECE = 8  # jobs a thread takes at once: as many as fit side by side
SHARES = 8  # fixed shares of the jobs whose loads are summed apart


def _room(vectors, threads):
    """(threads, 8 * vectors) doubles, each row on its own cache lines."""
    raw = np.empty(threads * vectors * 8 + 8)
    shift = (-raw.ctypes.data % 64) // 8
    return raw[shift: shift + threads * vectors * 8].reshape(threads, vectors * 8)


def _check_kinds(const int64_t[::1] kind, const int64_t[:, ::1] pair):
    """Jobs side by side in one register must agree in the kinds of their elements: whole runs, each a multiple of 8 but the last."""
    cdef int64_t i, j
    for i in range(0, pair.shape[0], 8):
        for j in range(i + 1, min(i + 8, pair.shape[0])):
            if kind[pair[j, 0]] != kind[pair[i, 0]] or kind[pair[j, 1]] != kind[pair[i, 1]]:
                raise ValueError("jobs of different kinds side by side")


def blocks(const double[:, ::1] points, const int64_t[:, ::1] cells, const int64_t[::1] kind, const int64_t[:, ::1] pair,
           const double[:, ::1] corner, const int64_t[::1] flags, const double[::1] density, const double[:, ::1] lf, const double[:, ::1] ls,
           const double[::1] w, const double[::1] size, const int64_t[::1] previous, double[:, :, :, ::1] H,
           double[:, :, :, ::1] K, double[:, :, :, ::1] V, int isa, int threads):
    """Adds the pairs of elements of one rule to H, K, V (frequency, node, node, 2), real and imaginary parts.

    Of the symmetric H and V every pair goes to one place, an element with itself by half: add the transpose in the end.

    pair (jobs, 2): elements; corner (jobs, 12): (s, t) of the corners of both triangles in the rule's order; flags (jobs):
    1 K wanted, 2 V wanted, 4 an element with itself; density (elements): factor of the shape functions of a flux
    density; lf, ls (3, n), w (n): the rule; size (frequencies): |a| [1/m] rising, and previous: the frequency of half
    that |a|, or -1.  K and V may have length 0 when no flag asks for them.
    """
    cdef int64_t jobs = pair.shape[0], n = w.shape[0], start, stop, piece, job, first, last, nodes = H.shape[1], e, f
    cdef int nf = size.shape[0], parts = 4 if K.shape[0] else 1, k, na, nb, block
    if (pair.shape[1] != 2 or corner.shape[0] != jobs or corner.shape[1] != 12 or flags.shape[0] != jobs
            or lf.shape[0] != 3 or lf.shape[1] != n or ls.shape[0] != 3 or ls.shape[1] != n or previous.shape[0] != nf
            or H.shape[0] != nf or H.shape[2] != nodes or H.shape[3] != 2 or kind.shape[0] != cells.shape[0] or density.shape[0] != cells.shape[0]
            or cells.shape[1] != 9 or points.shape[1] != 3 or points.shape[0] != nodes or K.shape[0] != V.shape[0]
            or (parts == 4 and (K.shape[0] != nf or K.shape[1] != nodes or K.shape[2] != nodes or V.shape[1] != nodes
                                or V.shape[2] != nodes or K.shape[3] != 2 or V.shape[3] != 2))):
        raise ValueError("blocks: array shapes do not fit")
    if jobs == 0:
        return
    _check_kinds(kind, pair)
    cdef int64_t[::1] active = np.zeros(min(jobs, CHUNK), dtype=np.int64)
    cdef double half
    cdef double[:, ::1] out = np.empty((min(jobs, CHUNK), parts * nf * 162)), room = _room((105 + 4 * nf) * 16 + parts * nf * 162, threads)
    for start in range(0, jobs, CHUNK):
        stop = min(start + CHUNK, jobs)
        for piece in prange((stop - start + PIECE - 1) // PIECE, nogil=True, num_threads=threads, schedule="dynamic"):
            first = start + piece * PIECE
            last = first + PIECE if first + PIECE < stop else stop
            CALL_BLOCKS(isa, &points[0, 0], &cells[0, 0], &kind[0], &pair[0, 0], &corner[0, 0], &flags[0], &density[0], first, last, n,
                        &lf[0, 0], &ls[0, 0], &w[0], nf, &size[0], &previous[0], parts, &out[first - start, 0],
                        &active[first - start], &room[threadid(), 0])
        for k in prange(nf, nogil=True, num_threads=threads, schedule="dynamic"):
            for job in range(start, stop):
                e = pair[job, 0]
                f = pair[job, 1]
                na = 6 if kind[e] == 0 else 9
                nb = 6 if kind[f] == 0 else 9
                if k >= active[job - start]:
                    continue
                block = 2 * na * nb
                half = 0.5 if flags[job] & 4 else 1.0
                scatter(&out[job - start, k * block], &cells[e, 0], na, &cells[f, 0], nb, 0, half, nodes, &H[k, 0, 0, 0])
                if parts == 4 and flags[job] & 1:
                    scatter(&out[job - start, (nf + k) * block], &cells[e, 0], na, &cells[f, 0], nb, 0, 1.0, nodes,
                            &K[k, 0, 0, 0])
                    if not flags[job] & 4:
                        scatter(&out[job - start, (2 * nf + k) * block], &cells[e, 0], na, &cells[f, 0], nb, 1, 1.0, nodes,
                                &K[k, 0, 0, 0])
                if parts == 4 and flags[job] & 2:
                    scatter(&out[job - start, (3 * nf + k) * block], &cells[e, 0], na, &cells[f, 0], nb, 0, half, nodes,
                            &V[k, 0, 0, 0])


def loads(const double[:, ::1] points, const int64_t[:, ::1] cells, const int64_t[::1] kind, const int64_t[:, ::1] pair,
          const double[:, ::1] corner, const int64_t[::1] flags, const double[::1] density, const double[:, ::1] lf, const double[:, ::1] ls,
          const double[::1] w, const double[::1] size, const int64_t[::1] previous, const double[:, :, :, ::1] theta,
          const double[:, :, :, ::1] gamma, double[:, :, :, :, ::1] load, int isa, int threads):
    """Adds int (U x C) of the pairs of one rule to load (frequency, node, 3, mode, 2).

    theta, gamma (frequency, node, mode, 2): jumps of temperature, and flux densities where flags & 2; the rest as in `blocks`.
    """
    cdef int64_t jobs = pair.shape[0], n = w.shape[0], nodes = points.shape[0], modes = theta.shape[2], share, first, last
    cdef int nf = size.shape[0]
    if (pair.shape[1] != 2 or corner.shape[0] != jobs or corner.shape[1] != 12 or flags.shape[0] != jobs
            or lf.shape[0] != 3 or lf.shape[1] != n or ls.shape[0] != 3 or ls.shape[1] != n or previous.shape[0] != nf
            or kind.shape[0] != cells.shape[0] or density.shape[0] != cells.shape[0] or cells.shape[1] != 9 or points.shape[1] != 3
            or theta.shape[0] != nf or theta.shape[1] != nodes or theta.shape[3] != 2 or gamma.shape[0] != nf
            or gamma.shape[1] != nodes or gamma.shape[2] != modes or gamma.shape[3] != 2 or load.shape[0] != nf
            or load.shape[1] != nodes or load.shape[2] != 3 or load.shape[3] != modes or load.shape[4] != 2):
        raise ValueError("loads: array shapes do not fit")
    if jobs == 0 or modes == 0:
        return
    _check_kinds(kind, pair)
    cdef int64_t shares = min(<int64_t> SHARES, jobs)
    parts_np = np.zeros((shares,) + np.asarray(load).shape)
    cdef double[:, :, :, :, :, ::1] parts = parts_np
    cdef double[:, ::1] room = _room((2 * 51 + 4 * nf + 18) * 16 + 108 * nf * modes, threads)
    for share in prange(shares, nogil=True, num_threads=threads, schedule="dynamic"):
        first = share * jobs // shares // 8 * 8
        last = jobs if share == shares - 1 else (share + 1) * jobs // shares // 8 * 8
        CALL_LOADS(isa, &points[0, 0], &cells[0, 0], &kind[0], &pair[0, 0], &corner[0, 0], &flags[0], &density[0], first, last, n,
                   &lf[0, 0], &ls[0, 0], &w[0], nf, &size[0], &previous[0], modes, nodes, &theta[0, 0, 0, 0],
                   &gamma[0, 0, 0, 0], &parts[share, 0, 0, 0, 0, 0], &room[threadid(), 0])
    np.asarray(load)[...] += parts_np.sum(axis=0)
