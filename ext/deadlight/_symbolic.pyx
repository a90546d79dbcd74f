"""Symbolic analysis of a sparse Cholesky factorisation, on the graph of nodes.

Elimination tree (Liu, ACM TOMS 12 (1986) 127), column counts by walking row subtrees (Gilbert, Ng & Peyton, SIAM J.
Matrix Anal. Appl. 15 (1994) 1075), supernodes with relaxed amalgamation (Ashcraft & Grimes, ACM TOMS 15 (1989) 291),
postorder with the smallest stack (Liu, ACM TOMS 12 (1986) 249).
"""

from libc.stdint cimport int32_t, int64_t

import numpy as np


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
