from typing import Any

import numpy as np

LANES: int
CG_LANES: int

class Table:
    def __init__(self, start: float, value: float, slope: float, knot: Any, change: Any) -> None: ...

def vectors(
    nodes: Any,
    shape_k: Any,
    grad: Any,
    shape_m: Any,
    metric: Any,
    volume: Any,
    T: Any,
    k: Table,
    c: Table,
    rho: float,
    datum: float,
    content: Any,
    conduction: Any,
    isa: int,
    threads: int,
) -> None: ...
def gather(first: Any, place: Any, element: Any, out: np.ndarray[Any, Any], threads: int) -> None: ...
def matrices(
    nodes: Any,
    shape_k: Any,
    grad: Any,
    shape_m: Any,
    metric: Any,
    volume: Any,
    T: Any,
    k: Table,
    c: Table,
    rho: float,
    slots: Any,
    capacity: Any,
    conductance: Any,
    isa: int,
    threads: int,
) -> None: ...
def multiply_two(indptr: Any, indices: Any, ab: Any, x: Any, ax: Any, bx: Any, threads: int) -> None: ...
def fill_single(data: Any, place: Any, scale: Any, value: Any, threads: int) -> None: ...
def conjugate_gradients(
    blocks: Any,
    reach: Any,
    start: Any,
    column: Any,
    value: Any,
    inverse: Any,
    x: Any,
    r: Any,
    absolute: float,
    relative: float,
    most: int,
    isa: int,
    threads: int,
) -> tuple[int, float, float]: ...
def combine(w: Any, x: Any, y: Any, z: Any, out: Any, threads: int) -> None: ...
def residual(
    rhs: Any, content: Any, conduction: Any, heat: Any, a: float, inverse: Any, out: Any, threads: int
) -> tuple[float, float]: ...
