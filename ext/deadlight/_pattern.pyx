"""Node-to-node graph of a mesh and the place of every element entry in it, in one sweep over the nodes."""

from libc.stdint cimport int32_t, int64_t

import numpy as np


cdef void _sort(int32_t* a, int64_t n) noexcept nogil:
    """Shell sort: rows have tens of entries."""
    cdef int64_t gap, i, j
    cdef int32_t x
    cdef int64_t[6] gaps
    gaps[:] = [301, 132, 57, 23, 10, 4]
    cdef int g
    for g in range(7):
        gap = gaps[g] if g < 6 else 1
        i = gap
        while i < n:
            x = a[i]
            j = i
            while j >= gap and a[j - gap] > x:
                a[j] = a[j - gap]
                j -= gap
            a[j] = x
            i += 1


def build(const int64_t[::1] first, const int64_t[::1] nodes, const int64_t[::1] slot_first, int64_t n_nodes):
    """Sparsity of the sum of dense element matrices.

    Parameters
    ----------
    first : (n_cells + 1,) int64
        Where the nodes of each cell begin in `nodes`.
    nodes : (first[-1],) int64
        Node numbers of all cells, each in [0, n_nodes) (the caller checks).
    slot_first : (n_cells + 1,) int64
        Where the entries of each cell begin in the slots.
    n_nodes : int

    Returns
    -------
    indptr : (n_nodes + 1,) int64
    indices : (nnz,) int32, sorted in every row
    slots : (slot_first[-1],) int64
        Position in `indices` of entry (i, j) of each cell, row-major in the cell.
    """
    cdef int64_t n_cells = first.shape[0] - 1
    cdef int64_t cell, node, k, j, nn, here, width, total = 0
    at_np = np.zeros(n_nodes + 1, dtype=np.int64)
    owner_np = np.empty(max(nodes.shape[0], 1), dtype=np.int64)
    place_np = np.empty(max(nodes.shape[0], 1), dtype=np.int32)
    cdef int64_t[::1] at = at_np, owner = owner_np
    cdef int32_t[::1] place = place_np
    indptr_np = np.zeros(n_nodes + 1, dtype=np.int64)
    mark_np = np.full(n_nodes, -1, dtype=np.int64)
    slots_np = np.empty(slot_first[n_cells], dtype=np.int64)
    cdef int64_t[::1] indptr = indptr_np, mark = mark_np, slots = slots_np
    cdef int32_t[::1] indices
    with nogil:
        # which cells touch each node, and as which local node
        for k in range(nodes.shape[0]):
            at[nodes[k] + 1] += 1
        for node in range(n_nodes):
            at[node + 1] += at[node]
        for cell in range(n_cells):
            for k in range(first[cell], first[cell + 1]):
                node = nodes[k]
                owner[at[node]] = cell
                place[at[node]] = <int32_t> (k - first[cell])
                at[node] += 1
        for node in range(n_nodes, 0, -1):
            at[node] = at[node - 1]
        at[0] = 0
        for node in range(n_nodes):
            width = 0
            for k in range(at[node], at[node + 1]):
                for j in range(first[owner[k]], first[owner[k] + 1]):
                    if mark[nodes[j]] != node:
                        mark[nodes[j]] = node
                        width += 1
            total += width
            indptr[node + 1] = total
        for node in range(n_nodes):
            mark[node] = -1
    indices_np = np.empty(total, dtype=np.int32)
    if total == 0:
        return indptr_np, indices_np, slots_np
    indices = indices_np
    with nogil:
        for node in range(n_nodes):
            here = indptr[node]
            width = 0
            for k in range(at[node], at[node + 1]):
                for j in range(first[owner[k]], first[owner[k] + 1]):
                    if mark[nodes[j]] < here:  # slots of earlier rows are all below `here`
                        mark[nodes[j]] = here
                        indices[here + width] = <int32_t> nodes[j]
                        width += 1
            if width == 0:
                continue
            _sort(&indices[here], width)
            for k in range(width):
                mark[indices[here + k]] = here + k
            for k in range(at[node], at[node + 1]):
                cell = owner[k]
                nn = first[cell + 1] - first[cell]
                for j in range(nn):
                    slots[slot_first[cell] + place[k] * nn + j] = mark[nodes[first[cell] + j]]
    return indptr_np, indices_np, slots_np
