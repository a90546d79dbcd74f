from typing import Any

import numpy as np

_Array = np.ndarray[Any, np.dtype[np.float64]]
_Index = np.ndarray[Any, np.dtype[np.int64]]

def blocks(
    points: _Array,
    cells: _Index,
    kind: _Index,
    pair: _Index,
    corner: _Array,
    flags: _Index,
    density: _Array,
    lf: _Array,
    ls: _Array,
    w: _Array,
    size: _Array,
    previous: _Index,
    H: _Array,
    K: _Array,
    V: _Array,
    isa: int,
    threads: int,
) -> None: ...
def loads(
    points: _Array,
    cells: _Index,
    kind: _Index,
    pair: _Index,
    corner: _Array,
    flags: _Index,
    density: _Array,
    lf: _Array,
    ls: _Array,
    w: _Array,
    size: _Array,
    previous: _Index,
    theta: _Array,
    gamma: _Array,
    load: _Array,
    isa: int,
    threads: int,
) -> None: ...
