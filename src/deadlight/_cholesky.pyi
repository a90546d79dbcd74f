from typing import Any

import numpy as np

Index = np.ndarray[Any, np.dtype[np.int64]]
Rows = np.ndarray[Any, np.dtype[np.int32]]
Array = np.ndarray[Any, np.dtype[np.float64]]

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
    threads: int,
) -> int: ...
def substitute(
    plan: Plan, members: Index, entries: np.ndarray, x: np.ndarray, gathered: np.ndarray, transposed: bool
) -> None: ...
