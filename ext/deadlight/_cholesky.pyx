"""Multifrontal Cholesky factorisation on SciPy's own BLAS and LAPACK (Duff & Reid, ACM TOMS 9 (1983) 302).

Double or single precision. BLAS is called on blocks of fixed size from our own threads and must run with one thread
itself: the factor is then the same to the bit for any number of threads.
"""

from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset
from scipy.linalg.cython_blas cimport dgemm, dgemv, dsyrk, dtrsm, dtrsv, sgemm, sgemv, ssyrk, strsm, strsv
from scipy.linalg.cython_lapack cimport dpotrf, spotrf

import numpy as np

ctypedef fused real:
    float
    double

cdef enum:
    BLOCK = 192  # columns of a front that are eliminated at a time: enough for BLAS-3
    CHUNK = 64  # columns of an update matrix that a thread adds at a time

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


cdef inline void syrk(int n, int k, real* a, int lda, real keep, real* c, int ldc) noexcept nogil:
    cdef real minus = -1.0
    if real is double:
        dsyrk(b"L", b"N", &n, &k, &minus, a, &lda, &keep, c, &ldc)
    else:
        ssyrk(b"L", b"N", &n, &k, &minus, a, &lda, &keep, c, &ldc)


cdef inline void gemm(char* trans, char* other, int m, int n, int k, real alpha, real* a, int lda, real* b, int ldb,
                      real beta, real* c, int ldc) noexcept nogil:
    if real is double:
        dgemm(trans, other, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc)
    else:
        sgemm(trans, other, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc)


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


cdef void solve_rows(real* panel, int ld, int at, int wide, int begin, int end) noexcept nogil:
    """Rows begin ... end - 1 of block column `at` of a panel, once its diagonal block is factored."""
    trsm(b"R", b"T", end - begin, wide, panel + <int64_t> at * ld + at, ld, panel + <int64_t> at * ld + begin, ld)


cdef void update_columns(real* left, int ld, int k, int begin, int end, int rows, real* to, int ldto,
                         real keep) noexcept nogil:
    """Columns begin ... end - 1 of keep * C - A A' from the diagonal down; A is (rows, k)."""
    cdef real* diagonal = to + <int64_t> begin * ldto + begin
    cdef int wide = end - begin
    syrk(wide, k, left + begin, ld, keep, diagonal, ldto)
    if end < rows:
        gemm(b"N", b"T", rows - end, wide, k, <real> -1.0, left + end, ld, left + begin, ld, keep, diagonal + wide, ldto)


cdef int eliminate_panel(real* panel, int wide, int m, real* work, int threads) noexcept nogil:
    """Factor the panel (wide + m rows) and leave -L21 L21' in `work`; as LAPACK, the first bad column from 1, or 0."""
    cdef int ld = wide + m, at = 0, nb, begin, info, i
    cdef real* left
    while at < wide:
        nb = min(BLOCK, wide - at)
        left = panel + <int64_t> at * ld
        info = potrf(nb, left + at, ld)
        if info:
            return at + info
        begin = at + nb
        for i in prange((ld - begin + BLOCK - 1) // BLOCK, schedule="dynamic", num_threads=threads):
            solve_rows(panel, ld, at, nb, begin + i * BLOCK, min(begin + (i + 1) * BLOCK, ld))
        for i in prange((wide - begin + BLOCK - 1) // BLOCK, schedule="dynamic", num_threads=threads):
            update_columns(left, ld, nb, begin + i * BLOCK, min(begin + (i + 1) * BLOCK, wide), ld, panel, ld,
                           <real> 1.0)
        at += BLOCK
    for i in prange((m + BLOCK - 1) // BLOCK, schedule="dynamic", num_threads=threads):
        update_columns(panel + wide, ld, wide, i * BLOCK, min((i + 1) * BLOCK, m), m, work, m, <real> 0.0)
    return 0


cdef int64_t front(Plan plan, Updates updates, int64_t s, const int64_t[::1] indptr, const int32_t[::1] indices,
                   const double[::1] data, const double[::1] smallest, real* panel, real* work, int32_t* place,
                   int32_t* local, int threads) noexcept nogil:
    """Assemble and eliminate one front; its update matrix is left in `work`. Column of a bad pivot, or -1."""
    cdef int64_t begin = plan.first[s], end = plan.first[s + 1], wide = end - begin, m = height(plan, s)
    cdef int64_t ld = wide + m, i, k, c, mc, split, info, chunk
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
                for chunk in prange((mc - split + CHUNK - 1) // CHUNK, schedule="dynamic", num_threads=threads):
                    add_columns(<real*> updates.at[c], mc, split + chunk * CHUNK, min(split + (chunk + 1) * CHUNK, mc),
                                local, wide, work, m)
        if step == 0:
            info = eliminate_panel(panel, <int> wide, <int> m, work, threads)
            for i in range(info - 1 if info > 0 else wide):
                pivot = panel[i * ld + i]
                if not pivot * pivot > smallest[begin + i]:
                    return begin + i
            if info > 0:
                return begin + info - 1
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
              const int32_t[::1] indices, const double[::1] data, const double[::1] smallest, real[::1] entries,
              int threads):
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
                            place + plan.n, threads)
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
            gemm(b"N", b"N", <int> m, columns, wide, <real> 1.0, panel + wide, ld, x + begin, <int> n, <real> 0.0, work, <int> m)
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
            gemm(b"T", b"N", wide, columns, <int> m, <real> -1.0, panel + wide, ld, work, <int> m, <real> 1.0, x + begin, <int> n)
        trsm(b"L", b"T", wide, columns, panel, ld, x + begin, <int> n)
