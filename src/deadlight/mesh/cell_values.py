"""Integer cell arrays of VTU and XDMF files as named groups of cells."""

from __future__ import annotations

import numpy as np

from deadlight.mesh.raw import Index, RawMesh

MOST_VALUES = 4096


def group_by_value(raw: RawMesh, name: str, column: Index) -> None:
    """An integer cell array: 0/1 marks the group of its name, other values make the groups "name:value".

    Parameters
    ----------
    column : (n_cells,) int64
        In the order of the blocks.
    """
    values = np.unique(column)
    if len(values) > MOST_VALUES:
        return  # cell numbers and the like, not groups
    flag = set(values.tolist()) <= {0, 1}
    ends = np.cumsum([len(b.nodes) for b in raw.blocks])[:-1]
    for value in values:
        if flag and value == 0 and len(values) == 2:
            continue
        marks = flag and value == 1
        for b, part in enumerate(np.split(column, ends)):
            raw.group(name if marks else f"{name}:{value}", b, np.flatnonzero(part == value))
        if marks:
            raw.aliases[f"{name}:1"] = name
