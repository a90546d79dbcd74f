"""The cell in which a point lies, and where in it: boxes of cells by squares of a grid in plan, then Newton's method."""

from libc.math cimport fabs, isfinite, sqrt
from libc.stdint cimport int64_t

import numpy as np

cdef enum:
    HEX, TET, WEDGE
cdef enum:
    TRIALS = 20
    DEGREE = 4  # of a variable in a monomial, at most
cdef double CONVERGED = 1e-13
cdef double NEAR = 3.0  # a far point may send Newton anywhere: it stays near the cell, where it will be refused
cdef double FAR = 2.0  # after a few trials
cdef double FITS = 1e-9  # distance of what was found from the point, of the cell's size


cdef void _mapped(
    const double[:, ::1] cell, const int64_t[:, ::1] power, const double* xi, double* value, double* slope
) noexcept nogil:
    """Place (3) and its gradient (3, 3), row the component, of one cell's map."""
    cdef double[3][DEGREE + 1] table, steep  # powers, and their slopes
    cdef int64_t i, d, c, e, px, py, pz
    cdef double one, x, y, z
    for d in range(3):
        table[d][0] = 1.0
        steep[d][0] = 0.0
        for e in range(DEGREE):
            table[d][e + 1] = table[d][e] * xi[d]
            steep[d][e + 1] = (e + 1) * table[d][e]
    for c in range(3):
        value[c] = 0.0
        for d in range(3):
            slope[3 * c + d] = 0.0
    for i in range(power.shape[0]):
        px, py, pz = power[i, 0], power[i, 1], power[i, 2]
        one = table[0][px] * table[1][py] * table[2][pz]
        x = steep[0][px] * table[1][py] * table[2][pz]
        y = table[0][px] * steep[1][py] * table[2][pz]
        z = table[0][px] * table[1][py] * steep[2][pz]
        for c in range(3):
            value[c] += one * cell[i, c]
            slope[3 * c] += x * cell[i, c]
            slope[3 * c + 1] += y * cell[i, c]
            slope[3 * c + 2] += z * cell[i, c]


cdef bint _inverse(
    const double[:, ::1] cell, const int64_t[:, ::1] power, const double* target, double size, const double[::1] centre,
    double* at,
) noexcept nogil:
    """Reference coordinates of a point in a cell; False where Newton does not find them."""
    cdef double[3] value, gap, step
    cdef double[9] j
    cdef double largest, reach, off = 0.0
    cdef int trial, c, d
    for d in range(3):
        at[d] = centre[d]
    for trial in range(TRIALS):
        _mapped(cell, power, at, value, j)
        for c in range(3):
            gap[c] = value[c] - target[c]
        _step(j, gap, step)
        largest = 0.0
        reach = 0.0
        for d in range(3):
            at[d] = at[d] - step[d]
            if at[d] > NEAR:
                at[d] = NEAR
            elif at[d] < -NEAR:
                at[d] = -NEAR
            if fabs(step[d]) > largest:
                largest = fabs(step[d])
            if fabs(at[d]) > reach:
                reach = fabs(at[d])
        if largest < CONVERGED or (trial > 3 and reach > FAR):
            break
    _mapped(cell, power, at, value, j)
    for c in range(3):
        off += (value[c] - target[c]) * (value[c] - target[c])
    off = sqrt(off)
    return isfinite(off) and off <= FITS * size


cdef void _step(const double* j, const double* gap, double* step) noexcept nogil:
    """Newton's step by Cramer's rule: cells are of sound shape, and Newton corrects itself."""
    cdef double a = j[4] * j[8] - j[5] * j[7], b = j[3] * j[8] - j[5] * j[6], c = j[3] * j[7] - j[4] * j[6]
    cdef double det = j[0] * a - j[1] * b + j[2] * c
    if fabs(det) < 1e-300:
        step[0] = gap[0]
        step[1] = gap[1]
        step[2] = gap[2]
        return
    step[0] = (
        gap[0] * a - j[1] * (gap[1] * j[8] - j[5] * gap[2]) + j[2] * (gap[1] * j[7] - j[4] * gap[2])
    ) / det
    step[1] = (
        j[0] * (gap[1] * j[8] - j[5] * gap[2]) - gap[0] * b + j[2] * (j[3] * gap[2] - gap[1] * j[6])
    ) / det
    step[2] = (
        j[0] * (j[4] * gap[2] - gap[1] * j[7]) - j[1] * (j[3] * gap[2] - gap[1] * j[6]) + gap[0] * c
    ) / det


cdef double _outside(int family, const double* xi) noexcept nogil:
    """How far outside the reference cell; negative inside."""
    cdef double flat, high = fabs(xi[2]) - 1.0, found
    if family == HEX:
        found = max(max(fabs(xi[0]), fabs(xi[1])) - 1.0, high)
    elif family == TET:
        found = max(-min(min(xi[0], xi[1]), xi[2]), xi[0] + xi[1] + xi[2] - 1.0)
    else:
        flat = max(-min(xi[0], xi[1]), xi[0] + xi[1] - 1.0)
        found = max(flat, high)
    return found


cdef double _central(const double[:, ::1] low, const double[:, ::1] high, int64_t cell, const double* x) noexcept nogil:
    """Distance of a point from the middle of a cell's box, in its sizes; negative where the point is not in the box."""
    cdef double found = 0.0, off
    cdef int d
    for d in range(3):
        if not (low[cell, d] <= x[d] <= high[cell, d]):
            return -1.0
        off = fabs(x[d] - 0.5 * (low[cell, d] + high[cell, d])) / max(high[cell, d] - low[cell, d], 1e-300)
        if off > found:
            found = off
    return found


def nearest(
    const double[:, ::1] points, const int64_t[::1] first, const int64_t[::1] stop, const int64_t[::1] candidates,
    const double[:, ::1] low, const double[:, ::1] high, const double[:, :, ::1] polynomials,
    const int64_t[:, ::1] power, const double[::1] size, const double[::1] centre, str family, double held,
):
    """For each point the cell that holds it best, where in it, and how far outside it.

    The cell in whose box a point lies most centrally is tried first, and all others if it does not hold the point.
    Of cells that hold it as well the first counts.

    Parameters
    ----------
    points : (p, 3) float [m]
    first, stop : (p,) int64
        Where the candidates of a point begin and end in `candidates`.
    candidates : int64
        Cells, ascending for a point, each in 0 ... n_cells - 1 (the caller checks).
    low, high : (n_cells, 3) float [m]
        Boxes of the cells.
    polynomials : (n_cells, n, 3) float [m]
        Coefficients of the monomials of each cell's map.
    power : (n, 3) int64
        Exponents of the monomials, each in 0 ... 4 (checked).
    size : (n_cells,) float [m]
    centre : (3,) float
        Where Newton begins.
    family : "hex", "tet" or "wedge"
    held : float
        How far outside counts as inside.

    Returns
    -------
    cell : (p,) int64
        -1 where no cell's box holds the point, or Newton finds it in none.
    xi : (p, 3) float
    outside : (p,) float
        inf without a cell.
    """
    cdef int64_t p = points.shape[0], n = power.shape[0], i, k, here, central
    cdef int kind = {"hex": HEX, "tet": TET, "wedge": WEDGE}[family]
    cdef int64_t cells = polynomials.shape[0]
    if not (points.shape[1] == power.shape[1] == polynomials.shape[2] == low.shape[1] == high.shape[1] == 3):
        raise ValueError("not three coordinates")
    if polynomials.shape[1] != n or not (low.shape[0] == high.shape[0] == size.shape[0] == cells):
        raise ValueError("shapes of the cells do not go together")
    if first.shape[0] != p or stop.shape[0] != p or centre.shape[0] != 3:
        raise ValueError("shapes of the candidates or the centre")
    if n and (np.min(power) < 0 or np.max(power) > DEGREE):
        raise ValueError("exponents beyond 0 ... 4")
    cell_np, xi_np, outside_np = np.full(p, -1, dtype=np.int64), np.full((p, 3), np.nan), np.full(p, np.inf)
    cdef int64_t[::1] cell = cell_np
    cdef double[:, ::1] xi = xi_np
    cdef double[::1] outside = outside_np
    cdef double[3] at
    cdef double off, least, inside
    cdef int d
    with nogil:
        for i in range(p):
            central = -1
            least = 0.0
            for k in range(first[i], stop[i]):
                off = _central(low, high, candidates[k], &points[i, 0])
                if off >= 0.0 and (central < 0 or off < least):
                    central = candidates[k]
                    least = off
            if central < 0:
                continue
            for k in range(first[i] - 1, stop[i]):
                here = central if k < first[i] else candidates[k]
                if k >= first[i] and (here == central or _central(low, high, here, &points[i, 0]) < 0.0):
                    continue
                if not _inverse(polynomials[here], power, &points[i, 0], size[here], centre, at):
                    continue
                inside = _outside(kind, at)
                off = max(inside, 0.0)
                if off < outside[i] or (off == outside[i] and here < cell[i]):
                    outside[i] = off
                    cell[i] = here
                    for d in range(3):
                        xi[i, d] = at[d]
                if (k < first[i] and off <= held) or inside < -held:  # well inside: in no other
                    break
    return cell_np, xi_np, outside_np
