"""Sparsity pattern against SciPy's own sum of coordinate entries."""

import numpy as np
import pytest
import scipy.sparse

from deadlight.errors import MeshError
from deadlight.fem.pattern import Pattern


def _blocks(rng: np.random.Generator, n: int) -> list[np.ndarray]:
    return [
        np.array([rng.choice(n, nn, replace=False) for _ in range(cells)])
        for cells, nn in ((40, 10), (25, 20), (10, 4))
    ]


@pytest.mark.parametrize("block", [1, 3])
def test_matrix_is_the_sum_of_element_matrices(block: int) -> None:
    rng = np.random.default_rng(1)
    n = 90
    blocks = _blocks(rng, n)
    pattern = Pattern.build(blocks, n)
    tail = (3, 3) if block == 3 else ()
    elements = [rng.normal(size=(*b.shape, b.shape[1], *tail)) for b in blocks]
    rows, columns, values = [], [], []
    for cells, element in zip(blocks, elements):
        for nodes, entry in zip(cells, element):
            full = entry if block == 1 else entry.transpose(0, 2, 1, 3).reshape(3 * len(nodes), -1)
            unknowns = (block * nodes[:, None] + np.arange(block)).ravel()
            rows.append(np.repeat(unknowns, len(unknowns)))
            columns.append(np.tile(unknowns, len(unknowns)))
            values.append(full.ravel())
    triplets = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    expected = scipy.sparse.coo_matrix(triplets, shape=(block * n, block * n)).tocsr()
    found = pattern.matrix(pattern.scatter(elements), block=block)
    assert found.shape == expected.shape
    assert abs(found - expected).max() < 1e-13
    assert found.has_canonical_format


def test_rows_are_sorted_symmetric_and_have_their_diagonal() -> None:
    n = 95  # nodes 90 .. 94 unused
    pattern = Pattern.build(_blocks(np.random.default_rng(2), 90), n)
    graph = pattern.matrix(np.ones(pattern.nnz))
    assert (graph != graph.T).nnz == 0
    for row in range(n):
        columns = pattern.indices[pattern.indptr[row] : pattern.indptr[row + 1]]
        assert np.all(np.diff(columns) > 0)
    used = np.unique(np.concatenate([b.ravel() for b in _blocks(np.random.default_rng(2), 90)]))
    assert np.array_equal(np.flatnonzero(pattern.diagonal >= 0), used)
    assert np.array_equal(pattern.indices[pattern.diagonal[used]], used)
    assert np.all(np.diff(pattern.indptr)[90:] == 0)


def test_no_cells_is_an_empty_pattern() -> None:
    pattern = Pattern.build([], 3)
    assert pattern.nnz == 0 and pattern.slots == () and pattern.matrix(np.zeros(0)).shape == (3, 3)


@pytest.mark.parametrize("bad", [-1, 5])
def test_node_number_out_of_range_is_refused(bad: int) -> None:
    with pytest.raises(MeshError, match=f"node {bad}"):
        Pattern.build([np.array([[0, 1, 2, bad]])], 5)
