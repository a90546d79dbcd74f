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

class Plan:
    n: int
    n_super: int
    def __init__(
        self,
        *,
        first: Index,
        rows: Rows,
        row_start: Index,
        panel: Index,
        children: Index,
        child_start: Index,
        order: Index,
        rank: Index,
    ) -> None: ...
    @property
    def starts(self) -> Index: ...
    @property
    def panels(self) -> Index: ...

class Updates:
    def __init__(self, n: int) -> None: ...

def stack_entries(plan: Plan, members: Index) -> tuple[int, int]: ...
def eliminate(
    plan: Plan,
    updates: Updates,
    members: Index,
    indptr: Index,
    indices: Rows,
    data: Array,
    smallest: Array,
    entries: np.ndarray,
) -> int: ...
def substitute(
    plan: Plan, members: Index, entries: np.ndarray, x: np.ndarray, gathered: np.ndarray, transposed: bool
) -> None: ...
