"""Contact of the skins of a crack: linear complementarity at many instants, each begun from the contact before it."""

from libc.math cimport fabs, sqrt
from libc.stdint cimport int64_t

import numpy as np

ctypedef unsigned char flag


cdef bint _factored(const double[:, ::1] matrix, const int64_t* at, int64_t n, double[:, ::1] lower) noexcept nogil:
    """Cholesky factor of the rows and columns `at` of a matrix; False where it is not positive definite."""
    cdef int64_t i, j, k
    cdef double sum
    for i in range(n):
        for j in range(i + 1):
            sum = matrix[at[i], at[j]]
            for k in range(j):
                sum -= lower[i, k] * lower[j, k]
            if i == j:
                if not sum > 0.0:
                    return False
                lower[i, i] = sqrt(sum)
            else:
                lower[i, j] = sum / lower[j, j]
    return True


cdef void _pressed(
    const double[:, ::1] lower, const int64_t* at, int64_t n, const double* free, double* force
) noexcept nogil:
    """Forces at `at` that close the gaps there."""
    cdef int64_t i, k
    cdef double sum
    for i in range(n):
        sum = -free[at[i]]
        for k in range(i):
            sum -= lower[i, k] * force[at[k]]
        force[at[i]] = sum / lower[i, i]
    for i in range(n - 1, -1, -1):
        sum = force[at[i]]
        for k in range(i + 1, n):
            sum -= lower[k, i] * force[at[k]]
        force[at[i]] = sum / lower[i, i]


def complementary(const double[:, ::1] matrix, const double[:, ::1] free, int64_t iterations, double slack):
    """Forces f >= 0 with gap = free + matrix f >= 0 and f gap = 0, row by row, by primal-dual active sets.

    Parameters
    ----------
    matrix : (k, k) float
        Symmetric positive definite.
    free : (m, k) float
        Gap without contact.
    iterations : int
        Changes of the active set that a row may take.
    slack : float
        Share of the largest gap of a row by which faces may overlap.

    Returns
    -------
    force : (m, k) float
    solved : (m,) bool
        False where the active set cycled, or the matrix is not positive definite.
    """
    cdef int64_t k = matrix.shape[0], m = free.shape[0], row, i, j, n, _, start
    if matrix.shape[1] != k or free.shape[1] != k:
        raise ValueError("shapes of matrix and gaps do not go together")
    force_np, solved_np = np.zeros((m, k)), np.zeros(m, dtype=np.uint8)
    cdef double[:, ::1] force = force_np, lower = np.zeros((k, k))
    cdef flag[::1] solved = solved_np, on = np.zeros(k, dtype=np.uint8), new = np.zeros(k, dtype=np.uint8)
    cdef int64_t[::1] at = np.zeros(max(k, 1), dtype=np.int64)
    cdef double gap, scale
    cdef bint known = False, same, any_, sound
    n = 0
    if not k:
        return force_np, np.ones(m, dtype=bool)
    with nogil:
        for row in range(m):
            scale = 0.0
            any_ = False
            for i in range(k):
                scale = max(scale, fabs(free[row, i]))
                any_ = any_ or free[row, i] < 0.0
            if not any_:
                solved[row] = 1
                continue
            for start in range(2):  # from the contact of the row before; once more from what overlaps
                if start == 1 or not known:
                    known = False
                    for i in range(k):
                        on[i] = free[row, i] < 0.0
                for _ in range(iterations):
                    if not known:
                        n = 0
                        for i in range(k):
                            if on[i]:
                                at[n] = i
                                n += 1
                        sound = _factored(matrix, &at[0], n, lower)
                        if not sound:
                            break
                        known = True
                    for i in range(k):
                        force[row, i] = 0.0
                    _pressed(lower, &at[0], n, &free[row, 0], &force[row, 0])
                    same = True
                    for i in range(k):
                        if on[i]:
                            new[i] = force[row, i] > 0.0
                        else:
                            gap = free[row, i]
                            for j in range(n):
                                gap = gap + matrix[i, at[j]] * force[row, at[j]]
                            new[i] = gap < -slack * scale
                        same = same and new[i] == on[i]
                    if same:
                        solved[row] = 1
                        break
                    for i in range(k):
                        on[i] = new[i]
                    known = False
                if solved[row]:
                    break
            if not solved[row]:
                known = False
    return force_np, solved_np.view(bool)
