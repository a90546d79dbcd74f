"""Loops of the heat solver: element vectors and matrices, their assembly, and conjugate gradients in single precision.

Every sum runs in an order that does not depend on the number of threads.
"""

cimport cython
from cython.parallel cimport prange
from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t

import numpy as np

cdef extern from *:
    """
    #define KERNEL_BODY "heat_body.h"
    #include "isa_clones.h"
    #define heat_vectors(isa, ...) ISA_CALL(isa, heat_vectors)(__VA_ARGS__)
    #define heat_matrices(isa, ...) ISA_CALL(isa, heat_matrices)(__VA_ARGS__)
    #define cg_step(isa, ...) ISA_CALL(isa, cg_step)(__VA_ARGS__)
    """
    ctypedef struct heat_table:
        double start, value, slope
        const double* knot
        const double* change
        int n
    void heat_vectors(int isa, int nn, int nk, int nm, const double* shape_k, const double* grad, const double* shape_m,
                      const double* T, const double* metric, const double* volume, const heat_table* k,
                      const heat_table* c, double rho, double datum, double* content, double* conduction) noexcept nogil
    void heat_matrices(int isa, int nn, int nk, int nm, const double* shape_k, const double* grad, const double* shape_m,
                       const double* T, const double* metric, const double* volume, const heat_table* k,
                       const heat_table* c, double rho, double* capacity, double* conductance) noexcept nogil
    double cg_step(int isa, int64_t first, int64_t last, float alpha, const float* p, const float* y, const float* inverse,
                     float* x, float* r, double* largest) noexcept nogil

LANES = 8
CG_LANES = 16
cdef enum:
    L = 8
    S = 16
    MOST = 27  # nodes of the largest element
    CHUNK = 1024  # rows whose partial sums are added as one
    GROUP = 256  # batches computed before they are added


@cython.final
cdef class Table:
    """A property as a sum of ramps: value + slope (T - start) + sum_j change_j max(T - knot_j, 0)."""
    cdef heat_table raw
    cdef const double[::1] knot, change

    def __init__(self, double start, double value, double slope, const double[::1] knot, const double[::1] change):
        if knot.shape[0] != change.shape[0]:
            raise ValueError("knot and change differ in length")
        self.knot, self.change = knot, change
        self.raw.start, self.raw.value, self.raw.slope, self.raw.n = start, value, slope, <int>knot.shape[0]
        self.raw.knot = &knot[0] if knot.shape[0] else NULL
        self.raw.change = &change[0] if knot.shape[0] else NULL


def _check(nodes, shape_k, grad, shape_m, metric, volume):
    nb, nn = nodes.shape[0], nodes.shape[1]
    nk, nm = shape_k.shape[0], shape_m.shape[0]
    expected = ((nb, nn, L), (nk, nn), (nk, nn, 3), (nm, nn), (nb, nk, 6, L), (nb, nm, L))
    found = tuple(tuple(a.shape[i] for i in range(n)) for a, n in zip((nodes, shape_k, grad, shape_m, metric, volume), (3, 2, 3, 2, 4, 3)))
    if found != expected or nn > MOST:
        raise ValueError(f"arrays of shape {found}, expected {expected}, at most {MOST} nodes")


def vectors(const int32_t[:, :, ::1] nodes, const double[:, ::1] shape_k, const double[:, :, ::1] grad,
            const double[:, ::1] shape_m, const double[:, :, :, ::1] metric, const double[:, :, ::1] volume,
            const double[::1] T, Table k, Table c, double rho, double datum,
            double[:, :, ::1] content, double[:, :, ::1] conduction, int isa, int threads):
    """Element heat content and conduction of every batch, into content and conduction (n_batches, nn, LANES)."""
    _check(nodes, shape_k, grad, shape_m, metric, volume)
    cdef Py_ssize_t b, nb = nodes.shape[0]
    cdef int nn = <int>nodes.shape[1], nk = <int>shape_k.shape[0], nm = <int>shape_m.shape[0]
    if content.shape[0] != nb or content.shape[1] != nn or content.shape[2] != L or conduction.shape[0] != nb \
            or conduction.shape[1] != nn or conduction.shape[2] != L:
        raise ValueError("content and conduction must be (n_batches, nn, LANES)")
    for b in prange(nb, nogil=True, num_threads=threads, schedule="static"):
        _vectors(isa, b, nn, nk, nm, nodes, shape_k, grad, shape_m, metric, volume, T, &k.raw, &c.raw, rho, datum, content, conduction)


cdef void _vectors(int isa, Py_ssize_t b, int nn, int nk, int nm, const int32_t[:, :, ::1] nodes,
                   const double[:, ::1] shape_k, const double[:, :, ::1] grad, const double[:, ::1] shape_m,
                   const double[:, :, :, ::1] metric, const double[:, :, ::1] volume, const double[::1] T,
                   const heat_table* k, const heat_table* c, double rho, double datum,
                   double[:, :, ::1] content, double[:, :, ::1] conduction) noexcept nogil:
    cdef double[MOST * L] local
    cdef int i
    cdef const int32_t* node = &nodes[b, 0, 0]
    for i in range(nn * L):
        local[i] = T[node[i]]
    heat_vectors(isa, nn, nk, nm, &shape_k[0, 0], &grad[0, 0, 0], &shape_m[0, 0], local, &metric[b, 0, 0, 0],
                 &volume[b, 0, 0], k, c, rho, datum, &content[b, 0, 0], &conduction[b, 0, 0])


def gather(const int64_t[::1] first, const int64_t[::1] place, const double[:, :, ::1] element, double[::1] out, int threads):
    """out[i] += sum of the element entries at place[first[i] : first[i + 1]] (flat positions)."""
    cdef Py_ssize_t i, j, n = out.shape[0]
    cdef const double* flat = &element[0, 0, 0]
    cdef double total
    if first.shape[0] != n + 1:
        raise ValueError("first must have one entry more than out")
    for i in prange(n, nogil=True, num_threads=threads, schedule="static"):
        total = 0.0
        for j in range(first[i], first[i + 1]):
            total = total + flat[place[j]]
        out[i] += total


def matrices(const int32_t[:, :, ::1] nodes, const double[:, ::1] shape_k, const double[:, :, ::1] grad,
             const double[:, ::1] shape_m, const double[:, :, :, ::1] metric, const double[:, :, ::1] volume,
             const double[::1] T, Table k, Table c, double rho, const int64_t[:, :, ::1] slots,
             double[::1] capacity, double[::1] conductance, int isa, int threads):
    """Adds the element matrices of every cell to the values of two sparse matrices; slots (n_cells, nn, nn)."""
    _check(nodes, shape_k, grad, shape_m, metric, volume)
    cdef Py_ssize_t nb = nodes.shape[0], b, first, last, cell, n_cells = slots.shape[0]
    cdef int nn = <int>nodes.shape[1], nk = <int>shape_k.shape[0], nm = <int>shape_m.shape[0]
    cdef int e, l
    if slots.shape[1] != nn or slots.shape[2] != nn or n_cells > nb * L:
        raise ValueError("slots must be (n_cells, nn, nn)")
    cdef double[:, :, ::1] m = np.empty((GROUP, nn * nn, L)), g = np.empty((GROUP, nn * nn, L))
    cdef const int64_t* slot
    with nogil:
        first = 0
        while first < nb:
            last = min(first + GROUP, nb)
            for b in prange(first, last, num_threads=threads, schedule="static"):
                _matrices(isa, b, nn, nk, nm, nodes, shape_k, grad, shape_m, metric, volume, T, &k.raw, &c.raw, rho,
                          &m[b - first, 0, 0], &g[b - first, 0, 0])
            for b in range(first, last):  # one thread: the order of the sums is part of the result
                for l in range(L):
                    cell = b * L + l
                    if cell >= n_cells:
                        break
                    slot = &slots[cell, 0, 0]
                    for e in range(nn * nn):
                        capacity[slot[e]] += m[b - first, e, l]
                        conductance[slot[e]] += g[b - first, e, l]
            first = last


cdef void _matrices(int isa, Py_ssize_t b, int nn, int nk, int nm, const int32_t[:, :, ::1] nodes,
                    const double[:, ::1] shape_k, const double[:, :, ::1] grad, const double[:, ::1] shape_m,
                    const double[:, :, :, ::1] metric, const double[:, :, ::1] volume, const double[::1] T,
                    const heat_table* k, const heat_table* c, double rho, double* capacity, double* conductance) noexcept nogil:
    cdef double[MOST * L] local
    cdef int i
    cdef const int32_t* node = &nodes[b, 0, 0]
    for i in range(nn * L):
        local[i] = T[node[i]]
    heat_matrices(isa, nn, nk, nm, &shape_k[0, 0], &grad[0, 0, 0], &shape_m[0, 0], local, &metric[b, 0, 0, 0],
                  &volume[b, 0, 0], k, c, rho, capacity, conductance)


def multiply_two(const int64_t[::1] indptr, const int32_t[::1] indices, const double[:, ::1] ab, const double[::1] x,
                 double[::1] ax, double[::1] bx, int threads):
    """ax = A x and bx = B x for two matrices on one pattern, values in pairs ab (nnz, 2), in one sweep."""
    cdef Py_ssize_t i, n = x.shape[0]
    if indptr.shape[0] != n + 1 or ax.shape[0] != n or bx.shape[0] != n or ab.shape[0] != indices.shape[0] or ab.shape[1] != 2:
        raise ValueError("matrix and vectors do not fit")
    for i in prange(n, nogil=True, num_threads=threads, schedule="static"):
        _two_rows(indptr[i], indptr[i + 1], &indices[0], &ab[0, 0], &x[0], &ax[i], &bx[i])


cdef inline void _two_rows(int64_t k, int64_t end, const int32_t* column, const double* ab, const double* x,
                           double* ax, double* bx) noexcept nogil:
    cdef double s = 0.0, t = 0.0, u = 0.0, v = 0.0, p, q  # two chains each: the loop waits for memory, not for sums
    while k + 2 <= end:
        p = x[column[k]]
        q = x[column[k + 1]]
        s += ab[2 * k] * p
        t += ab[2 * k + 1] * p
        u += ab[2 * k + 2] * q
        v += ab[2 * k + 3] * q
        k += 2
    if k < end:
        p = x[column[k]]
        s += ab[2 * k] * p
        t += ab[2 * k + 1] * p
    ax[0] = s + u
    bx[0] = t + v


def fill_single(const double[::1] data, const int64_t[::1] place, const float[::1] scale, float[::1] value, int threads):
    """value = data[place] * scale as float32."""
    cdef Py_ssize_t i, n = place.shape[0]
    if value.shape[0] != n or scale.shape[0] != n:
        raise ValueError("place, scale and value differ in length")
    for i in prange(n, nogil=True, num_threads=threads, schedule="static"):
        value[i] = <float>data[place[i]] * scale[i]


cdef void _half(Py_ssize_t first, Py_ssize_t last, Py_ssize_t reach, const int64_t* start, const int32_t* column,
                const float* value, const float* x, float* y) noexcept nogil:
    """Rows first..last of a symmetric matrix from its upper triangle (diagonal first); y begins at row first."""
    cdef Py_ssize_t i, k, end, a, b
    cdef float xi, s, t
    for i in range(reach - first):
        y[i] = 0.0
    for i in range(first, last):
        k = start[i]
        end = start[i + 1]
        xi = x[i]
        s = value[k] * xi
        t = 0.0
        k += 1
        while k + 2 <= end:
            a = column[k]
            b = column[k + 1]
            s += value[k] * x[a]
            t += value[k + 1] * x[b]
            y[a - first] += value[k] * xi
            y[b - first] += value[k + 1] * xi
            k += 2
        if k < end:
            a = column[k]
            s += value[k] * x[a]
            y[a - first] += value[k] * xi
        y[i - first] += s + t


def conjugate_gradients(const int64_t[::1] blocks, const int64_t[::1] reach, const int64_t[::1] start,
                        const int32_t[::1] column, const float[::1] value, const float[::1] inverse, float[::1] x,
                        float[::1] r, double absolute, double relative, int most, int isa, int threads):
    """Jacobi-preconditioned conjugate gradients in single precision on the upper triangle of a symmetric matrix.

    Parameters
    ----------
    blocks, reach : (n_blocks + 1,), (n_blocks,) int64
        Rows of every block, multiples of CG_LANES, and one past the last row that it touches; each block sums into a
        buffer of its own, so the result does not depend on the threads.
    start, column, value : upper triangle by rows, diagonal first; x, r and inverse have one entry a row
    inverse : inverse of the diagonal
    x : solution, overwritten; r : right-hand side, the residual on return
    absolute, relative : stop when iterations * norm <= absolute, or norm <= relative * first norm; the norm is the largest
        component of D^-1 r (a sum of squares would not see the small elements of a graded mesh)
    most : iterations at most

    Returns
    -------
    iterations, first norm, last norm (-1: the matrix is not positive definite)
    """
    cdef Py_ssize_t n = x.shape[0], n_blocks = reach.shape[0], chunks = (n + CHUNK - 1) // CHUNK, c, i, b
    if n % S or r.shape[0] != n or inverse.shape[0] != n or start.shape[0] != n + 1 or blocks.shape[0] != n_blocks + 1 \
            or column.shape[0] != value.shape[0] or blocks[n_blocks] != n:
        raise ValueError("matrix and vectors do not fit")
    cdef float[::1] p = np.zeros(n, np.float32), y = np.zeros(n, np.float32)
    offsets = np.concatenate([[0], np.cumsum(np.asarray(reach) - np.asarray(blocks)[:n_blocks])]).astype(np.int64)
    cdef const int64_t[::1] offset = offsets
    cdef float[::1] buffer = np.empty(max(int(offsets[n_blocks]), 1), np.float32)
    cdef double[::1] part = np.zeros(chunks), most_of = np.zeros(chunks)
    cdef double rho, rho_new, curvature, first_norm, norm
    cdef float alpha, beta
    cdef int iteration = 0
    with nogil:
        for c in prange(chunks, num_threads=threads, schedule="static"):
            part[c] = cg_step(isa, c * CHUNK, min((c + 1) * CHUNK, n), 0.0, &p[0], &y[0], &inverse[0], &x[0], &r[0], &most_of[c])
        rho = _sum(part)
        first_norm = norm = _largest(most_of)
        for i in range(n):
            x[i] = 0.0
            p[i] = inverse[i] * r[i]
        while iteration < most and norm > 0.0:
            for b in prange(n_blocks, num_threads=threads, schedule="static", chunksize=1):
                _half(blocks[b], blocks[b + 1], reach[b], &start[0], &column[0], &value[0], &p[0], &buffer[offset[b]])
            for c in prange(chunks, num_threads=threads, schedule="static"):
                part[c] = _collect(c * CHUNK, min((c + 1) * CHUNK, n), n_blocks, &blocks[0], &reach[0], &offset[0], &buffer[0], &p[0], &y[0])
            curvature = _sum(part)
            if not curvature > 0.0:
                norm = -1.0
                break
            alpha = <float>(rho / curvature)
            for c in prange(chunks, num_threads=threads, schedule="static"):
                part[c] = cg_step(isa, c * CHUNK, min((c + 1) * CHUNK, n), alpha, &p[0], &y[0], &inverse[0], &x[0], &r[0], &most_of[c])
            rho_new = _sum(part)
            iteration += 1
            norm = _largest(most_of)
            if iteration * norm <= absolute or norm <= relative * first_norm:
                break
            beta = <float>(rho_new / rho)
            rho = rho_new
            for c in prange(chunks, num_threads=threads, schedule="static"):
                for i in range(c * CHUNK, min((c + 1) * CHUNK, n)):
                    p[i] = inverse[i] * r[i] + beta * p[i]
    return iteration, first_norm, norm


cdef double _collect(Py_ssize_t first, Py_ssize_t last, Py_ssize_t n_blocks, const int64_t* blocks, const int64_t* reach,
                     const int64_t* offset, const float* buffer, const float* p, float* y) noexcept nogil:
    """y[first:last] from the buffers of all blocks that touch these rows; returns the part of p.y."""
    cdef Py_ssize_t b, i, low, high, j
    cdef double total = 0.0
    cdef double[S] dot
    for i in range(first, last):
        y[i] = 0.0
    for b in range(n_blocks):
        low = max(first, blocks[b])
        high = min(last, reach[b])
        for i in range(low, high):
            y[i] += buffer[offset[b] + i - blocks[b]]
    for j in range(S):
        dot[j] = 0.0
    i = first
    while i < last:
        for j in range(S):
            dot[j] += p[i + j] * y[i + j]
        i += S
    for j in range(S):
        total += dot[j]
    return total


cdef double _sum(double[::1] part) noexcept nogil:
    cdef double total = 0.0
    cdef Py_ssize_t i
    for i in range(part.shape[0]):
        total += part[i]
    return total


cdef double _largest(double[::1] part) noexcept nogil:
    cdef double found = 0.0
    cdef Py_ssize_t i
    for i in range(part.shape[0]):
        found = max(found, part[i])
    return found


def combine(const double[::1] w, const double[::1] x, const double[::1] y, const double[::1] z, double[::1] out, int threads):
    """out = w0 x + w1 y + w2 z."""
    cdef Py_ssize_t i, n = out.shape[0]
    cdef double a = w[0], b = w[1], c = w[2]
    if x.shape[0] != n or y.shape[0] != n or z.shape[0] != n or w.shape[0] != 3:
        raise ValueError("vectors differ in length")
    for i in prange(n, nogil=True, num_threads=threads, schedule="static"):
        out[i] = a * x[i] + b * y[i] + c * z[i]


def residual(const double[::1] rhs, const double[::1] content, const double[::1] conduction, const double[::1] heat, double a,
             const double[::1] inverse, double[::1] out, int threads):
    """out = rhs - content + a (heat - conduction), 0 where inverse is 0; returns the largest |inverse out| and the sum."""
    cdef Py_ssize_t c, n = out.shape[0], chunks = (n + CHUNK - 1) // CHUNK
    cdef double[::1] part = np.zeros(chunks), most_of = np.zeros(chunks)
    if rhs.shape[0] != n or content.shape[0] != n or conduction.shape[0] != n or heat.shape[0] != n or inverse.shape[0] != n:
        raise ValueError("vectors differ in length")
    for c in prange(chunks, nogil=True, num_threads=threads, schedule="static"):
        _residual(c * CHUNK, min((c + 1) * CHUNK, n), &rhs[0], &content[0], &conduction[0], &heat[0], a, &inverse[0], &out[0], &part[c], &most_of[c])
    return _largest(most_of), _sum(part)


cdef void _residual(Py_ssize_t first, Py_ssize_t last, const double* rhs, const double* content, const double* conduction,
                    const double* heat, double a, const double* inverse, double* out, double* total, double* most) noexcept nogil:
    cdef Py_ssize_t i
    cdef double r, z, s = 0.0, m = 0.0
    for i in range(first, last):
        r = rhs[i] - content[i] + a * (heat[i] - conduction[i])
        if inverse[i] == 0.0:
            r = 0.0
        out[i] = r
        s += r
        z = fabs(r * inverse[i])
        if z > m:
            m = z
    total[0] = s
    most[0] = m
