"""Which rule every pair of elements of a crack needs: pairs that are apart, and parts of those that are close.

Pairs come in tiles, as their blocks are summed: what neighbouring pairs add to the matrix lies close together in memory.
"""

from libc.math cimport sqrt
from libc.stdint cimport int64_t, int8_t

import numpy as np

cdef int64_t TILE_E = 16, TILE_F = 64  # elements
cdef int64_t MOST_PARTS = 100000  # of one close pair: beyond, splitting it has no end
cdef int64_t MOST_IN_ALL = 2000000, MOST_EACH = 100  # of all close pairs: two surfaces all but on each other


def levels(const double[:, ::1] points, const int64_t[:, ::1] cells, const int64_t[::1] n_nodes, const double[:, ::1] centre,
           const double[::1] radius, const double[::1] size, const int64_t[::1] touch_begin, const int64_t[::1] touch,
           const double[::1] limits, int64_t[:, ::1] pairs, int8_t[:, ::1] level):
    """Pairs e < f that do not touch, and how fine either element's rule must be.

    A level is the number of `limits` (falling) that distance over own size stays under. Returns the number of pairs;
    with `pairs` (n, 2) of length 0 nothing is written.
    """
    cdef int64_t ne = cells.shape[0], e, f, k, i, j, count = 0, room = pairs.shape[0], e0, e1, f0, f1, tile_e, tile_f
    cdef double dx, dy, dz, d, best, q
    cdef int level_e, level_f
    mark_np = np.zeros((TILE_E, ne), dtype=np.int8)
    cdef int8_t[:, ::1] mark = mark_np
    with nogil:
        for tile_e in range((ne + TILE_E - 1) // TILE_E):  # tiles: what they add to the matrix stays in the cache
            e0 = tile_e * TILE_E
            e1 = e0 + TILE_E if e0 + TILE_E < ne else ne
            for e in range(e0, e1):
                for k in range(touch_begin[e], touch_begin[e + 1]):
                    mark[e - e0, touch[k]] = 1
            for tile_f in range((ne - e0 + TILE_F - 1) // TILE_F):
                f0 = e0 + tile_f * TILE_F
                f1 = f0 + TILE_F if f0 + TILE_F < ne else ne
                for e in range(e0, e1):
                    for f in range(e + 1 if e + 1 > f0 else f0, f1):
                        if mark[e - e0, f]:
                            continue
                        if room:
                            dx = centre[e, 0] - centre[f, 0]
                            dy = centre[e, 1] - centre[f, 1]
                            dz = centre[e, 2] - centre[f, 2]
                            d = sqrt(dx * dx + dy * dy + dz * dz) - radius[e] - radius[f]
                            if d < limits[0] * (size[e] if size[e] > size[f] else size[f]):
                                best = 1e300
                                for i in range(n_nodes[e]):
                                    for j in range(n_nodes[f]):
                                        dx = points[cells[e, i], 0] - points[cells[f, j], 0]
                                        dy = points[cells[e, i], 1] - points[cells[f, j], 1]
                                        dz = points[cells[e, i], 2] - points[cells[f, j], 2]
                                        q = dx * dx + dy * dy + dz * dz
                                        if q < best:
                                            best = q
                                d = sqrt(best)
                            level_e = 0
                            while level_e < limits.shape[0] and d < limits[level_e] * size[e]:
                                level_e = level_e + 1
                            level_f = 0
                            while level_f < limits.shape[0] and d < limits[level_f] * size[f]:
                                level_f = level_f + 1
                            pairs[count, 0] = e
                            pairs[count, 1] = f
                            level[count, 0] = level_e
                            level[count, 1] = level_f
                        count = count + 1
            for e in range(e0, e1):
                for k in range(touch_begin[e], touch_begin[e + 1]):
                    mark[e - e0, touch[k]] = 0
    return count


cdef enum:
    STRAIGHT, CURVED, SQUARE  # how an element is drawn: by 3, 6 or 9 of its nodes


cdef int[9] NODE_S = [0, 2, 2, 0, 1, 2, 1, 0, 1]
cdef int[9] NODE_T = [0, 0, 2, 2, 0, 1, 2, 1, 1]


cdef inline void quadratic(double x, double* to) noexcept nogil:
    to[0], to[1], to[2] = (1.0 - x) * (1.0 - 2.0 * x), 4.0 * x * (1.0 - x), x * (2.0 * x - 1.0)


cdef int drawn(int how, double s, double t, double* weight) noexcept nogil:
    """Weights of an element's nodes in the place of its point (s, t); how many."""
    cdef double r = 1.0 - s - t
    cdef double[3] fs
    cdef double[3] ft
    cdef int k
    if how == STRAIGHT:
        weight[0], weight[1], weight[2] = r, s, t
        return 3
    if how == CURVED:
        weight[0], weight[1], weight[2] = r * (2.0 * r - 1.0), s * (2.0 * s - 1.0), t * (2.0 * t - 1.0)
        weight[3], weight[4], weight[5] = 4.0 * r * s, 4.0 * s * t, 4.0 * t * r
        return 6
    quadratic(s, fs)
    quadratic(t, ft)
    for k in range(9):
        weight[k] = fs[NODE_S[k]] * ft[NODE_T[k]]
    return 9


cdef double part_points(int how, const double* x, const double* part, double* to) noexcept nogil:
    """Corners, middles of sides and centre (7, 3) of a part of an element with nodes x (9, 3); its longest side."""
    cdef int k, i, m, count
    cdef double s, t, longest = 0.0, square, d
    cdef double[9] weight
    for k in range(7):
        if k < 3:
            s, t = part[2 * k], part[2 * k + 1]
        elif k < 6:
            s, t = 0.5 * (part[2 * (k - 3)] + part[2 * ((k - 2) % 3)]), 0.5 * (part[2 * (k - 3) + 1] + part[2 * ((k - 2) % 3) + 1])
        else:
            s, t = (part[0] + part[2] + part[4]) / 3.0, (part[1] + part[3] + part[5]) / 3.0
        count = drawn(how, s, t, weight)
        for i in range(3):
            to[3 * k + i] = 0.0
            for m in range(count):
                to[3 * k + i] += weight[m] * x[3 * m + i]
    for k in range(3):
        square = 0.0
        for i in range(3):
            d = to[3 * ((k + 1) % 3) + i] - to[3 * k + i]
            square = square + d * d
        if square > longest:
            longest = square
    return sqrt(longest)


cdef void quarter(const double* c, int which, double* to) noexcept nogil:
    """One of the four parts of a part: three at its corners, one between the middles of its sides."""
    cdef int i
    cdef double m[6]
    for i in range(2):
        m[i], m[2 + i], m[4 + i] = 0.5 * (c[i] + c[2 + i]), 0.5 * (c[2 + i] + c[4 + i]), 0.5 * (c[4 + i] + c[i])
    for i in range(2):
        if which == 0:
            to[i], to[2 + i], to[4 + i] = c[i], m[i], m[4 + i]
        elif which == 1:
            to[i], to[2 + i], to[4 + i] = m[i], c[2 + i], m[2 + i]
        elif which == 2:
            to[i], to[2 + i], to[4 + i] = m[4 + i], m[2 + i], c[4 + i]
        else:
            to[i], to[2 + i], to[4 + i] = m[i], m[2 + i], m[4 + i]


cdef struct Element:
    int how, least  # how it is drawn, and the coarsest level that integrates its own functions
    double x[27]


cdef struct Parts:
    int64_t count, room, first
    int most_deep, n_limits
    double limits[8]
    int64_t* pair
    int64_t* level
    double* part_e
    double* part_f
    double* scale


cdef bint split(Parts* to, int64_t pair, const Element* e, const Element* f, const double* pe, const double* pf, double scale,
                int deep) noexcept nogil:
    """Parts of a pair that are far enough apart for the finest rule, depth first; false where there is no end."""
    cdef double a[21]
    cdef double b[21]
    cdef double part[6]
    cdef double size_e = part_points(e.how, e.x, pe, a), size_f = part_points(f.how, f.x, pf, b), best = 1e300, d, dx, dy, dz
    cdef int i, j, level_e = 0, level_f = 0
    for i in range(7):
        for j in range(7):
            dx, dy, dz = a[3 * i] - b[3 * j], a[3 * i + 1] - b[3 * j + 1], a[3 * i + 2] - b[3 * j + 2]
            d = dx * dx + dy * dy + dz * dz
            if d < best:
                best = d
    d = sqrt(best)
    while level_e < to.n_limits and d < to.limits[level_e] * size_e:
        level_e += 1
    while level_f < to.n_limits and d < to.limits[level_f] * size_f:
        level_f += 1
    if level_e < to.n_limits and level_f < to.n_limits:
        level_e, level_f = max(level_e, e.least), max(level_f, f.least)
        if to.room:
            if to.count >= to.room:
                return False
            to.pair[to.count], to.scale[to.count] = pair, scale
            to.level[2 * to.count], to.level[2 * to.count + 1] = level_e, level_f
            for i in range(6):
                to.part_e[6 * to.count + i], to.part_f[6 * to.count + i] = pe[i], pf[i]
        to.count += 1
        return True
    if deep == to.most_deep or to.count - to.first > MOST_PARTS:
        return False
    for i in range(4):
        if level_e == to.n_limits and size_e > size_f * (1 - 1e-6):
            quarter(pe, i, part)
            if not split(to, pair, e, f, part, pf, 0.25 * scale, deep + 1):
                return False
        else:
            quarter(pf, i, part)
            if not split(to, pair, e, f, pe, part, 0.25 * scale, deep + 1):
                return False
    return True


cdef void fill_element(const double[:, ::1] points, const int64_t[::1] cell, int how, int least, Element* to) noexcept nogil:
    cdef int m, i, count = 3 if how == STRAIGHT else 6 if how == CURVED else 9
    to.how, to.least = how, least
    for m in range(count):
        for i in range(3):
            to.x[3 * m + i] = points[cell[m], i]


def close_parts(const double[:, ::1] points, const int64_t[:, ::1] cells, const int8_t[::1] how, const int8_t[::1] least,
                const int64_t[:, ::1] pairs, const double[::1] limits, int most_deep):
    """Parts of close pairs of elements (n, 2) that are apart enough for the finest rule: triangles within either element.

    how (e,): 0 straight triangle, 1 curved one, 2 square, which comes as two triangles.  Returns pair (n,), level (n, 2), corners
    (s, t) of the parts (n, 6) twice, their share of both areas (n,); or the number of the first pair that cannot be split far
    enough.
    """
    cdef int64_t n = pairs.shape[0], k, one
    cdef int i, j
    cdef Parts to
    cdef Element e, f
    cdef double[3][6] whole = [[0.0, 0.0, 1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0, 0.0, 1.0]]
    cdef const double* pe
    cdef const double* pf
    cdef bint square_e, square_f
    cdef int64_t[::1] pair
    cdef int64_t[:, ::1] level
    cdef double[:, ::1] part_e, part_f
    cdef double[::1] scale
    if (points.shape[1] != 3 or cells.shape[1] != 9 or how.shape[0] != cells.shape[0] or least.shape[0] != cells.shape[0]
            or pairs.shape[1] != 2 or limits.shape[0] > 8):
        raise ValueError("close_parts: array shapes do not fit")
    for k in range(n):
        for i in range(2):
            one = pairs[k, i]
            if one < 0 or one >= cells.shape[0] or how[one] < STRAIGHT or how[one] > SQUARE:
                raise ValueError("close_parts: a pair of elements that are not there")
            for j in range(3 if how[one] == STRAIGHT else 6 if how[one] == CURVED else 9):
                if cells[one, j] < 0 or cells[one, j] >= points.shape[0]:
                    raise ValueError("close_parts: a node that is not there")
    to.n_limits, to.most_deep, to.room = <int>limits.shape[0], most_deep, 0
    for k in range(limits.shape[0]):
        to.limits[k] = limits[k]
    for again in range(2):  # how many, then which
        to.count = 0
        for k in range(n):
            to.first = to.count
            fill_element(points, cells[pairs[k, 0]], how[pairs[k, 0]], least[pairs[k, 0]], &e)
            fill_element(points, cells[pairs[k, 1]], how[pairs[k, 1]], least[pairs[k, 1]], &f)
            square_e, square_f = e.how == SQUARE, f.how == SQUARE
            for i in range(1 + square_e):
                for j in range(1 + square_f):
                    pe, pf = whole[i + square_e], whole[j + square_f]
                    if not split(&to, k, &e, &f, pe, pf, 1.0, 0) or to.count > MOST_IN_ALL + MOST_EACH * n:
                        return k
        if again == 0:
            pair, level = np.empty(to.count, np.int64), np.empty((to.count, 2), np.int64)
            part_e, part_f, scale = np.empty((to.count, 6)), np.empty((to.count, 6)), np.empty(to.count)
            to.room = to.count
            if not to.room:
                break
            to.pair, to.level, to.scale = &pair[0], &level[0, 0], &scale[0]
            to.part_e, to.part_f = &part_e[0, 0], &part_f[0, 0]
    return np.asarray(pair), np.asarray(level), np.asarray(part_e), np.asarray(part_f), np.asarray(scale)
