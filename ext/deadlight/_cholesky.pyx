"""Supernodal multifrontal Cholesky factorisation on SciPy's own BLAS and LAPACK.

Analysis (node graph): elimination tree (Liu, ACM TOMS 12 (1986) 127), column counts by walking row subtrees
(Gilbert, Ng & Peyton, SIAM J. Matrix Anal. Appl. 15 (1994) 1075), supernodes with relaxed amalgamation
(Ashcraft & Grimes, ACM TOMS 15 (1989) 291), postorder with the smallest stack (Liu, ACM TOMS 12 (1986) 249).
Numerics: multifrontal (Duff & Reid, ACM TOMS 9 (1983) 302), in double or single precision.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset
from scipy.linalg.cython_blas cimport dgemm, dgemv, dsyrk, dtrsm, dtrsv, sgemm, sgemv, ssyrk, strsm, strsv
from scipy.linalg.cython_lapack cimport dpotrf, spotrf

import numpy as np

ctypedef fused real:
    float
    double

# BLAS of either precision, column-major, lower triangle ----------------------------------------------------------


cdef inline int potrf(int n, real* a, int lda) noexcept nogil:
    cdef int info = 0
    if real is double:
        dpotrf(b"L", &n, a, &lda, &info)
    else:
        spotrf(b"L", &n, a, &lda, &info)
    return info


cdef inline void trsm(char* side, char* trans, int m, int n, real* a, int lda, real* b, int ldb) noexcept nogil:
    cdef real one = 1.0
    if real is double:
        dtrsm(side, b"L", trans, b"N", &m, &n, &one, a, &lda, b, &ldb)
    else:
        strsm(side, b"L", trans, b"N", &m, &n, &one, a, &lda, b, &ldb)


cdef inline void syrk(int n, int k, real* a, int lda, real* c, int ldc) noexcept nogil:
    cdef real minus = -1.0, zero = 0.0
    if real is double:
        dsyrk(b"L", b"N", &n, &k, &minus, a, &lda, &zero, c, &ldc)
    else:
        ssyrk(b"L", b"N", &n, &k, &minus, a, &lda, &zero, c, &ldc)


cdef inline void gemm(char* trans, int m, int n, int k, real alpha, real* a, int lda, real* b, int ldb, real beta,
                      real* c, int ldc) noexcept nogil:
    if real is double:
        dgemm(trans, b"N", &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc)
    else:
        sgemm(trans, b"N", &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc)


cdef inline void trsv(char* trans, int n, real* a, int lda, real* x) noexcept nogil:
    cdef int inc = 1
    if real is double:
        dtrsv(b"L", trans, b"N", &n, a, &lda, x, &inc)
    else:
        strsv(b"L", trans, b"N", &n, a, &lda, x, &inc)


cdef inline void gemv(char* trans, int m, int n, real alpha, real* a, int lda, real* x, real beta,
                      real* y) noexcept nogil:
    cdef int inc = 1
    if real is double:
        dgemv(trans, &m, &n, &alpha, a, &lda, x, &inc, &beta, y, &inc)
    else:
        sgemv(trans, &m, &n, &alpha, a, &lda, x, &inc, &beta, y, &inc)


# Analysis ----------------------------------------------------------------------------------------------------------


def node_graph(const int64_t[::1] indptr, const int32_t[::1] indices, const int64_t[::1] node,
               const int64_t[::1] dofs, const int64_t[::1] start):
    """Adjacency of nodes without loops: (indptr int64, indices int32); dofs[start[i]:start[i+1]] belong to node i."""
    cdef int64_t n = start.shape[0] - 1, i, d, p, found = 0
    cdef int32_t j
    cdef int64_t[::1] out_ptr = np.zeros(n + 1, dtype=np.int64)
    cdef int64_t[::1] mark = np.full(n, -1, dtype=np.int64)
    cdef int32_t[::1] out
    for step in range(2):
        found = 0
        mark[:] = -1
        with nogil:
            for i in range(n):
                mark[i] = i
                for d in range(start[i], start[i + 1]):
                    for p in range(indptr[dofs[d]], indptr[dofs[d] + 1]):
                        j = <int32_t> node[indices[p]]
                        if mark[j] != i:
                            mark[j] = i
                            if step:
                                out[found] = j
                            found += 1
                out_ptr[i + 1] = found
        if step == 0:
            out = np.empty(found, dtype=np.int32)
    return np.asarray(out_ptr), np.asarray(out)


def elimination_tree(const int64_t[::1] indptr, const int32_t[::1] indices, const int64_t[::1] order,
                     const int64_t[::1] rank):
    """Parent of every column of the factor, -1 for a root; columns in elimination order."""
    cdef int64_t n = order.shape[0], i, p, k, up
    cdef int64_t[::1] parent = np.full(n, -1, dtype=np.int64)
    cdef int64_t[::1] ancestor = np.full(n, -1, dtype=np.int64)
    with nogil:
        for i in range(n):
            for p in range(indptr[order[i]], indptr[order[i] + 1]):
                k = rank[indices[p]]
                while k != -1 and k < i:
                    up = ancestor[k]
                    ancestor[k] = i
                    if up == -1:
                        parent[k] = i
                    k = up
    return np.asarray(parent)


def row_subtrees(const int64_t[::1] indptr, const int32_t[::1] indices, const int64_t[::1] order,
                 const int64_t[::1] rank, const int64_t[::1] owner, const int64_t[::1] parent,
                 const int64_t[::1] weight, rows_start=None):
    """Walk the row subtrees of the tree `parent` whose vertex owner[k] holds column k.

    Returns the weight of the rows below each vertex, or with `rows_start` the sorted rows themselves (int32).
    """
    cdef int64_t n = order.shape[0], i, p, k, s
    cdef bint fill = rows_start is not None
    cdef int64_t[::1] place = np.array(rows_start) if fill else np.zeros(parent.shape[0], dtype=np.int64)
    cdef int32_t[::1] rows = np.empty(place[place.shape[0] - 1] if fill else 0, dtype=np.int32)
    cdef int64_t[::1] mark = np.full(parent.shape[0], -1, dtype=np.int64)
    with nogil:
        for i in range(n):
            mark[owner[i]] = i
            for p in range(indptr[order[i]], indptr[order[i] + 1]):
                k = rank[indices[p]]
                if k >= i:
                    continue
                s = owner[k]
                while mark[s] != i:
                    mark[s] = i
                    if fill:
                        rows[place[s]] = <int32_t> i
                        place[s] += 1
                    else:
                        place[s] += weight[i]
                    s = parent[s]
    return np.asarray(rows) if fill else np.asarray(place)


def supernodes(const int64_t[::1] parent, const int64_t[::1] below, const int64_t[::1] weight,
               const double[:, ::1] relax):
    """Top column of the supernode each column belongs to: exact merges first, then those that cost few zeros.

    A merged supernode of up to relax[i, 0] columns may hold a fraction relax[i, 1] of explicit zeros.
    """
    cdef int64_t n = parent.shape[0], c, p, following, extra, columns, i, steps = relax.shape[0]
    cdef int64_t[::1] top = np.arange(n, dtype=np.int64)
    cdef int64_t[::1] wide = np.array(weight)
    cdef int64_t[::1] tall = np.asarray(below) + np.asarray(weight)
    cdef double[::1] zeros = np.zeros(n)
    cdef int64_t[::1] first, sibling
    cdef double total, entries
    for sweep in range(2):
        first, sibling = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
        with nogil:
            for c in range(n - 1, -1, -1):  # children lists in ascending order
                if top[c] == c and parent[c] != -1:
                    p = top[parent[c]]
                    sibling[c] = first[p]
                    first[p] = c
            for p in range(n):
                c = first[p] if top[p] == p else -1
                while c != -1:
                    following = sibling[c]
                    extra = wide[c] * (wide[c] + tall[p] - tall[c])
                    columns = wide[c] + wide[p]
                    total = zeros[c] + zeros[p] + extra
                    entries = <double> columns * (wide[c] + tall[p]) - 0.5 * columns * columns
                    i = 0
                    while i < steps - 1 and columns > relax[i, 0]:
                        i += 1
                    if extra == 0 or (sweep and total <= relax[i, 1] * entries):
                        top[c] = p
                        tall[p] += wide[c]
                        wide[p] = columns
                        zeros[p] = total
                    c = following
            for c in range(n - 1, -1, -1):  # parents come later: their top is known when c asks
                top[c] = top[top[c]]
    return np.asarray(top)


def postorder(parent, update):
    """Order of the supernodes that keeps the stack of update matrices (entries `update`) small."""
    cdef int64_t n = len(parent), s
    children = [[] for _ in range(n)]
    peak = [0] * n
    roots = []
    update = [int(u) for u in update]
    for s in range(n):  # parents come after their children
        held, most = 0, 0
        children[s].sort(key=lambda c: update[c] - peak[c])
        for c in children[s]:
            most = max(most, held + peak[c])
            held += update[c]
        peak[s] = max(most, held, update[s])
        (children[parent[s]] if parent[s] >= 0 else roots).append(s)
    order, todo = [], list(reversed(roots))
    while todo:  # parent before its children, last child first: reversed, that is the postorder
        s = todo.pop()
        order.append(s)
        todo.extend(children[s])
    # Depth first with the last child taken first gives the reverse of a postorder within each root.
    return np.array(order[::-1], dtype=np.int64)


# Numerics ----------------------------------------------------------------------------------------------------------


cdef class Plan:
    """The analysis as the numerical kernels see it: supernode s owns columns first[s] ... first[s+1] - 1."""

    cdef readonly int64_t n, n_super
    cdef const int64_t[::1] first, row_start, panel, child_start, children, order, rank
    cdef const int32_t[::1] rows

    def __init__(self, *, first, rows, row_start, panel, children, child_start, order, rank):
        self.first, self.rows, self.row_start, self.panel = first, rows, row_start, panel
        self.children, self.child_start, self.order, self.rank = children, child_start, order, rank
        self.n, self.n_super = len(order), len(first) - 1

    @property
    def starts(self):
        return np.asarray(self.first)

    @property
    def panels(self):
        return np.asarray(self.panel)


cdef class Updates:
    """Update matrices (packed lower triangles) that wait for their parent; `kept` ones are freed here."""

    cdef void** at
    cdef char* kept
    cdef int64_t n

    def __cinit__(self, int64_t n):
        self.n = n
        self.at = <void**> calloc(n, sizeof(void*))
        self.kept = <char*> calloc(n, 1)
        if self.at == NULL or self.kept == NULL:
            raise MemoryError

    def __dealloc__(self):
        cdef int64_t s
        for s in range(self.n if self.at != NULL and self.kept != NULL else 0):
            if self.kept[s]:
                free(self.at[s])
        free(self.at)
        free(self.kept)


cdef inline int64_t height(Plan plan, int64_t s) noexcept nogil:
    return plan.row_start[s + 1] - plan.row_start[s]


cdef inline int64_t packed(int64_t m) noexcept nogil:
    return m * (m + 1) // 2


cdef void add_columns(real* update, int64_t m, int64_t lo, int64_t hi, const int32_t* place, int64_t shift, real* target,
                      int64_t ld) noexcept nogil:
    """Add columns lo ... hi - 1 of a packed lower triangle to rows and columns place - shift of the target."""
    cdef int64_t i, j
    cdef real* to
    cdef real* column
    for j in range(lo, hi):
        column = update + j * m - j * (j + 1) // 2
        to = target + (place[j] - shift) * ld - shift
        for i in range(j, m):
            to[place[i]] += column[i]


cdef void assemble_matrix(Plan plan, int64_t s, const int64_t[::1] indptr, const int32_t[::1] indices,
                          const double[::1] data, const int32_t* place, real* panel) noexcept nogil:
    """Entries of the matrix on and below the diagonal of the supernode's columns."""
    cdef int64_t begin = plan.first[s], end = plan.first[s + 1], ld = end - begin + height(plan, s), j, p, q
    memset(panel, 0, <size_t> (ld * (end - begin)) * sizeof(real))
    for j in range(begin, end):
        for p in range(indptr[plan.order[j]], indptr[plan.order[j] + 1]):
            q = plan.rank[indices[p]]
            if q >= end:
                panel[(j - begin) * ld + place[q]] = <real> data[p]
            elif q >= j:
                panel[(j - begin) * ld + q - begin] = <real> data[p]


cdef int64_t front(Plan plan, Updates updates, int64_t s, const int64_t[::1] indptr, const int32_t[::1] indices,
                   const double[::1] data, const double[::1] smallest, real* panel, real* work, int32_t* place,
                   int32_t* local) noexcept nogil:
    """Assemble and eliminate one front; its update matrix is left in `work`. Column of a bad pivot, or -1."""
    cdef int64_t begin = plan.first[s], end = plan.first[s + 1], wide = end - begin, m = height(plan, s)
    cdef int64_t ld = wide + m, i, k, c, mc, split, info
    cdef const int32_t* rows = &plan.rows[0] + plan.row_start[s]
    cdef const int32_t* below
    cdef real pivot
    for i in range(m):
        place[rows[i]] = <int32_t> (wide + i)
    assemble_matrix(plan, s, indptr, indices, data, place, panel)
    for step in range(2):  # children into the panel, then (after the elimination) into the update matrix
        for k in range(plan.child_start[s], plan.child_start[s + 1]):
            c = plan.children[k]
            mc = height(plan, c)
            below = &plan.rows[0] + plan.row_start[c]
            split = 0
            for i in range(mc):
                if below[i] < end:
                    local[i] = <int32_t> (below[i] - begin)
                    split = i + 1
                else:
                    local[i] = place[below[i]]
            if step == 0:
                add_columns(<real*> updates.at[c], mc, 0, split, local, 0, panel, ld)
            else:
                add_columns(<real*> updates.at[c], mc, split, mc, local, wide, work, m)
        if step == 0:
            info = potrf(<int> wide, panel, <int> ld)
            for i in range(info - 1 if info > 0 else wide):
                pivot = panel[i * ld + i]
                if not pivot * pivot > smallest[begin + i]:
                    return begin + i
            if info > 0:
                return begin + info - 1
            if m:
                trsm(b"R", b"T", <int> m, <int> wide, panel, <int> ld, panel + wide, <int> ld)
                syrk(<int> m, <int> wide, panel + wide, <int> ld, work, <int> m)
    return -1


cdef void pack(real* full, int64_t m, real* to) noexcept nogil:
    cdef int64_t j
    for j in range(m):
        memcpy(to, full + j * m + j, <size_t> (m - j) * sizeof(real))
        to += m - j


def stack_entries(Plan plan, const int64_t[::1] members):
    """Largest stack and largest update matrix (full) of a postordered set of supernodes [entries]."""
    cdef int64_t held = 0, most = 0, largest = 0, s, k
    inside = np.zeros(plan.n_super, dtype=np.int8)
    cdef signed char[::1] mine = inside
    for s in members:
        for k in range(plan.child_start[s], plan.child_start[s + 1]):
            if mine[plan.children[k]]:
                held -= packed(height(plan, plan.children[k]))
        held += packed(height(plan, s))
        mine[s] = 1
        most, largest = max(most, held), max(largest, height(plan, s))
    return most, largest * largest


def eliminate(Plan plan, Updates updates, const int64_t[::1] members, const int64_t[::1] indptr,
              const int32_t[::1] indices, const double[::1] data, const double[::1] smallest, real[::1] entries):
    """Eliminate a postordered set of supernodes into `entries`; updates of the last one are kept for its parent.

    Returns the column whose pivot is not above `smallest`, or -1.
    """
    cdef int64_t most, largest, bad = -1, s, k, c, m, held = 0, step, count = members.shape[0]
    most, largest = stack_entries(plan, members)
    cdef real* stack = <real*> malloc(<size_t> max(most, 1) * sizeof(real))
    cdef real* work = <real*> malloc(<size_t> max(largest, 1) * sizeof(real))
    cdef int32_t* place = <int32_t*> malloc(<size_t> plan.n * 2 * sizeof(int32_t))
    try:
        if stack == NULL or work == NULL or place == NULL:
            raise MemoryError
        with nogil:
            for step in range(count):
                s = members[step]
                m = height(plan, s)
                bad = front(plan, updates, s, indptr, indices, data, smallest, &entries[0] + plan.panel[s], work, place,
                            place + plan.n)
                if bad != -1:
                    break
                for k in range(plan.child_start[s], plan.child_start[s + 1]):
                    c = plan.children[k]
                    if updates.kept[c]:
                        updates.kept[c] = 0
                        free(updates.at[c])
                    else:
                        held -= packed(height(plan, c))
                    updates.at[c] = NULL
                updates.at[s] = stack + held
                if step == count - 1 and m:  # the stack goes, this one stays
                    updates.at[s] = malloc(<size_t> packed(m) * sizeof(real))
                    if updates.at[s] == NULL:
                        bad = -2
                        break
                    updates.kept[s] = 1
                pack(work, m, <real*> updates.at[s])
                held += packed(m)
        if bad == -2:
            raise MemoryError
        return bad
    finally:
        free(stack)
        free(work)
        free(place)


def substitute(Plan plan, const int64_t[::1] members, const real[::1] entries, real[::1, :] x, real[::1, :] gathered,
               bint transposed):
    """Solve L x = b, or L' x = b, in place on a postordered set of supernodes (x in elimination order).

    What rows further up have to subtract is collected in `gathered`, zero at first and one per thread on disjoint
    subtrees; with x itself as `gathered` it is subtracted at once.
    """
    cdef int64_t columns = x.shape[1], step, s, tallest = 1, count = members.shape[0]
    if columns == 0 or count == 0:
        return
    for s in members:
        tallest = max(tallest, height(plan, s))
    cdef real* work = <real*> malloc(<size_t> (tallest * columns) * sizeof(real))
    if work == NULL:
        raise MemoryError
    with nogil:
        for step in range(count):
            s = members[count - 1 - step] if transposed else members[step]
            if transposed:
                backward(plan, s, <real*> &entries[0] + plan.panel[s], &x[0, 0], <int> columns, work)
            else:
                forward(plan, s, <real*> &entries[0] + plan.panel[s], &x[0, 0], &gathered[0, 0], <int> columns, work)
    free(work)


cdef void forward(Plan plan, int64_t s, real* panel, real* x, real* gathered, int columns,
                  real* work) noexcept nogil:
    cdef int64_t n = plan.n, begin = plan.first[s], m = height(plan, s), i, j
    cdef int wide = <int> (plan.first[s + 1] - begin), ld = <int> (wide + m)
    cdef const int32_t* rows = &plan.rows[0] + plan.row_start[s]
    cdef real* column
    if gathered != x:
        for j in range(columns):
            for i in range(begin, begin + wide):
                x[j * n + i] -= gathered[j * n + i]
    if columns == 1:
        trsv(b"N", wide, panel, ld, x + begin)
        if m:
            gemv(b"N", <int> m, wide, <real> 1.0, panel + wide, ld, x + begin, <real> 0.0, work)
    else:
        trsm(b"L", b"N", wide, columns, panel, ld, x + begin, <int> n)
        if m:
            gemm(b"N", <int> m, columns, wide, <real> 1.0, panel + wide, ld, x + begin, <int> n, <real> 0.0, work, <int> m)
    for j in range(columns if m else 0):
        column = gathered + j * n
        if gathered == x:
            for i in range(m):
                column[rows[i]] -= work[j * m + i]
        else:
            for i in range(m):
                column[rows[i]] += work[j * m + i]


cdef void backward(Plan plan, int64_t s, real* panel, real* x, int columns, real* work) noexcept nogil:
    cdef int64_t n = plan.n, begin = plan.first[s], m = height(plan, s), i, j
    cdef int wide = <int> (plan.first[s + 1] - begin), ld = <int> (wide + m)
    cdef const int32_t* rows = &plan.rows[0] + plan.row_start[s]
    cdef real* column
    for j in range(columns if m else 0):
        column = x + j * n
        for i in range(m):
            work[j * m + i] = column[rows[i]]
    if columns == 1:
        if m:
            gemv(b"T", <int> m, wide, <real> -1.0, panel + wide, ld, work, <real> 1.0, x + begin)
        trsv(b"T", wide, panel, ld, x + begin)
    else:
        if m:
            gemm(b"T", wide, columns, <int> m, <real> -1.0, panel + wide, ld, work, <int> m, <real> 1.0, x + begin, <int> n)
        trsm(b"L", b"T", wide, columns, panel, ld, x + begin, <int> n)
