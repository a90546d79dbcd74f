from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

def nearest(
    points: Array, first: Index, stop: Index, candidates: Index, low: Array, high: Array, polynomials: Array,
    power: Index, size: Array, centre: Array, family: str, held: float,
) -> tuple[Index, Array, Array]: ...
