from collections.abc import Sequence
from typing import Any

import numpy as np

Index = np.ndarray[Any, np.dtype[np.int64]]
Rows = np.ndarray[Any, np.dtype[np.int32]]
Array = np.ndarray[Any, np.dtype[np.float64]]

def node_graph(indptr: Index, indices: Rows, node: Index, dofs: Index, start: Index) -> tuple[Index, Rows]: ...
def elimination_tree(indptr: Index, indices: Rows, order: Index, rank: Index) -> Index: ...
def row_subtrees(
    indptr: Index,
    indices: Rows,
    order: Index,
    rank: Index,
    owner: Index,
    parent: Index,
    weight: Index,
    rows_start: Index | None = None,
) -> np.ndarray: ...
def supernodes(parent: Index, below: Index, weight: Index, relax: Array) -> Index: ...
def postorder(parent: Sequence[int], update: Sequence[int]) -> Index: ...
