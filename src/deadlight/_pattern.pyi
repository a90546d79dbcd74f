from typing import Any

import numpy as np

Index = np.ndarray[Any, np.dtype[np.int64]]

def build(
    first: Index, nodes: Index, slot_first: Index, n_nodes: int
) -> tuple[Index, np.ndarray[Any, np.dtype[np.int32]], Index]: ...
