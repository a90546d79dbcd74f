from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Byte = np.ndarray[Any, np.dtype[np.int8]]

def levels(
    points: Array, cells: Index, n_nodes: Index, centre: Array, radius: Array, size: Array,
    touch_begin: Index, touch: Index, limits: Array, pairs: Index, level: Byte,
) -> int: ...
def close_parts(
    points: Array, cells: Index, how: Byte, least: Byte, pairs: Index, limits: Array, most_deep: int
) -> tuple[Index, Index, Array, Array, Array] | int: ...
