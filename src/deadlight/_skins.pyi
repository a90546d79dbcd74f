from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

def complementary(matrix: Array, free: Array, iterations: int, slack: float) -> tuple[Array, Flags]: ...
