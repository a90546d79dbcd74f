"""Offsets in the kernels are 64-bit integers: positions in arrays that may have more than 2**31 entries.

A 32-bit integer may only number nodes, rows or columns, or rows inside one front; each such array is listed here.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from deadlight.errors import MachineError
from deadlight.fem.pattern import Pattern
from deadlight.heat.correction import Upper
from deadlight.heat.volume import _incidence
from deadlight.linalg import order

EXT = Path(__file__).resolve().parents[2] / "ext" / "deadlight"
SOURCES = sorted([*EXT.glob("*.pyx"), *EXT.glob("*.pxd"), *EXT.glob("*.h")])
NUMBERS = {
    "_cholesky.pyx": {"rows", "indices", "below", "place", "local"},
    "_heat.pyx": {"nodes", "node", "indices", "column"},
    "_pattern.pyx": {"indices", "place", "a"},  # place: of a node in its cell; a: indices while they are sorted
    "_pairing.pyx": {"mark", "level", "how", "least"},  # marks, levels of a rule, kinds of elements
    "_sgbem.pyx": {"same"},
    "_symbolic.pyx": {"indices", "rows", "out"},
    "sgbem_body.h": {"same"},
}
"""Arrays of 32-bit integers, numbers of things that arrays of offsets count, or marks."""
BRACKETS = r"\s*(?:\[[:,1 ]*\]|\*)\s*"
NARROW = r"\b(?:u?int(?:8|16|32)_t|int|unsigned|short|long)"
ARRAY = re.compile(NARROW + BRACKETS + r"(?:const\s+|restrict\s+)*(\w+)")
INTEGER = r"\b(u?int(?:8|16|32|64)_t|int|unsigned|short|long|Py_ssize_t)"
NAMES = "indptr|first|start|row_start|child_start|rows_start|slots?|slot_first|offset|begin|blocks|reach|panel|dof"
OFFSET = re.compile(f"{INTEGER}{BRACKETS}({NAMES})\\b")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_arrays_of_narrow_integers_are_those_listed(path):
    code = re.sub(r'"""(?:.|\n)*?"""', "", path.read_text(encoding="utf-8"))
    assert set(ARRAY.findall(code)) <= NUMBERS.get(path.name, set())


def test_offsets_are_declared_with_64_bits():
    seen = set()
    for path in SOURCES:
        for kind, name in OFFSET.findall(path.read_text(encoding="utf-8")):
            assert kind == "int64_t", f"{path.name}: {name} is {kind}"
            seen.add(name)
    assert {"indptr", "first", "start", "slots", "offset", "blocks"} <= seen


def test_a_row_of_a_front_begins_at_a_64_bit_product():
    """Fronts may have more than 2**31 entries; `ld`, an int where BLAS wants one, is widened before it multiplies."""
    code = (EXT / "_cholesky.pyx").read_text(encoding="utf-8")
    products = re.findall(r"(\S+ \w+|\(.*?\)) \* (ld\w*)", code)
    narrow = [made for made in re.findall(r"(?:panel|to) \+ (\S+ \w+|\w+) \* ld", code) if "<int64_t>" not in made]
    assert products and not narrow, narrow


def test_offsets_that_python_hands_over_have_64_bits():
    pattern = Pattern.build([np.array([[0, 1, 2, 3]])], 4)
    assert pattern.indptr.dtype == pattern.slots[0].dtype == np.int64
    first, place = _incidence(np.zeros((1, 4, 8), dtype=np.int32), 1, 1)
    assert first.dtype == place.dtype == np.int64
    upper = Upper(np.array([0, 1, 2]), np.array([0, 1], dtype=np.int32), np.zeros(2, dtype=bool))
    assert upper.start.dtype == upper.place.dtype == upper.blocks.dtype == upper.reach.dtype == np.int64


def test_a_graph_that_metis_cannot_count_is_refused():
    many = np.array([0, 2**31], dtype=np.int64)
    graph = order.Graph(many, np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int64), np.array([0, 1]))
    with pytest.raises(MachineError, match="METIS"):
        order.adjacency(graph)
