from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

CHUNK: int
LANES: int

def colour(nodes: Index, n_nodes: int) -> tuple[Index, Index]: ...
def stiffness(
    points: Array,
    nodes: Index,
    fields: Index,
    slots: Index,
    shape: Array,
    dshape: Array,
    weight: Array,
    lam: Array,
    mu: Array,
    order: Index,
    begin: Index,
    values: Array,
    isa: int,
    threads: int,
) -> float: ...
def apply(
    points: Array,
    nodes: Index,
    fields: Index,
    shape: Array,
    dshape: Array,
    weight: Array,
    lam: Array,
    mu: Array,
    u: Array,
    order: Index,
    begin: Index,
    y: Array,
    isa: int,
    threads: int,
) -> None: ...
