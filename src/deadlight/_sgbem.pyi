from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Byte = np.ndarray[Any, np.dtype[np.int8]]

CHUNK: int

def affine(
    points: Array, nodes_e: Index, nodes_f: Index, sign: Array, same: Byte, lf: Array, ls: Array, w: Array, g: float,
    dof: Index, W: Array, isa: int, threads: int, part_e: Array | None = None, part_f: Array | None = None,
) -> None: ...
def mixed(
    points: Array, cells: Index, kind: Index, corner_e: Array, nodes_f: Index, sign: Array, lf: Array, ls: Array,
    w: Array, g: float, dof: Index, W: Array, isa: int, threads: int,
) -> None: ...
def general(
    points: Array, cells_e: Index, kind_e: Index, corner_e: Array, cells_f: Index, kind_f: Index, corner_f: Array,
    scale: Array, same: Byte, lf: Array, ls: Array, ld: Array, w: Array, g: float, dof: Index, W: Array, isa: int,
    threads: int,
) -> None: ...
def mixed_product(
    points: Array, cells: Index, kind: Index, begin: Index, nodes_f: Index, n_all: int, e: Array, f: Array, g: float,
    dof: Index, W: Array, isa: int, threads: int,
) -> None: ...
def general_product(
    points: Array, cells_e: Index, kind_e: Index, begin: Index, cells_f: Index, kind_f: int, n_all: int, e: Array,
    f: Array, g: float, dof: Index, W: Array, isa: int, threads: int,
) -> None: ...
