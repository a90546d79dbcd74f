"""VTK XML files (.vtu, .pvd) written directly: no VTK needed, nothing drawn, whole or not there.

VTK file formats, "XML File Formats" (Kitware): appended data, base64, zlib blocks with a UInt64 header
[number of blocks, block size, size of the last block (0 if full), compressed sizes ...].
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import CellBlock
from deadlight.store import atomic

Array = np.ndarray[Any, Any]

VTK_TYPE = {
    "vertex": 1, "line": 3, "tri3": 5, "quad4": 9, "tet4": 10, "hex8": 12, "wedge6": 13,
    "line3": 21, "tri6": 22, "quad8": 23, "quad9": 28,
    "tet10": 24, "hex20": 25, "wedge15": 26, "hex27": 29, "wedge18": 32,
}  # fmt: skip
_BLOCK = 1 << 20
_NAMES = {"f8": "Float64", "f4": "Float32", "i8": "Int64", "i4": "Int32", "u1": "UInt8"}


def encode(values: Array) -> tuple[str, int, bytes]:
    """VTK type name, number of components and appended bytes of an array (n,) or (n, components)."""
    values = np.ascontiguousarray(values)
    kind = _NAMES.get(values.dtype.str[1:])
    if kind is None or not values.dtype.isnative:
        raise InputError(f"values of type {values.dtype}", place="field", remedy="floats, or 8, 32 or 64 bit integers")
    raw = values.tobytes()
    blocks = [zlib.compress(raw[i : i + _BLOCK], 1) for i in range(0, len(raw), _BLOCK)]
    header = np.array([len(blocks), _BLOCK, len(raw) % _BLOCK, *map(len, blocks)], dtype=np.uint64)
    components = values.shape[1] if values.ndim == 2 else 1
    return kind, components, base64.b64encode(header.tobytes()) + base64.b64encode(b"".join(blocks))


class Grid:
    """Points and cells of one part, encoded once and written with many sets of values.

    Parameters
    ----------
    points : (n, 3) float [m]
    blocks : iterable of CellBlock
        Kinds of `VTK_TYPE`; node numbers into `points`.
    """

    def __init__(self, points: Array, blocks: Iterable[CellBlock]) -> None:
        blocks = list(blocks)
        unknown = [b.kind for b in blocks if b.kind not in VTK_TYPE]
        if unknown:
            raise InputError(f'cells of kind "{unknown[0]}"', place="fields", remedy=f"known are {', '.join(VTK_TYPE)}")
        nodes = [np.asarray(b.nodes, dtype=np.int64) for b in blocks]
        flat = np.concatenate([n.ravel() for n in nodes]) if nodes else np.zeros(0, dtype=np.int64)
        if len(flat) and (flat.min() < 0 or flat.max() >= len(points)):
            raise InputError(
                f"a cell names node {flat.max()} of {len(points)}", place="fields", remedy="check the mesh"
            )
        sizes = np.concatenate([np.full(len(n), n.shape[1], dtype=np.int64) for n in nodes] or [np.zeros(0, np.int64)])
        types = [np.full(len(n), VTK_TYPE[b.kind], dtype=np.uint8) for n, b in zip(nodes, blocks)]
        self.n_points, self.n_cells = len(points), len(sizes)
        self._points = encode(np.asarray(points, dtype=np.float64).reshape(-1, 3))
        self._cells = {
            "connectivity": encode(flat),
            "offsets": encode(np.cumsum(sizes)),
            "types": encode(np.concatenate(types) if types else np.zeros(0, np.uint8)),
        }

    def write(
        self, path: str | Path, point_data: Mapping[str, Array] | None = None, *, time: float | None = None
    ) -> Path:
        """Writes a .vtu file.

        Parameters
        ----------
        point_data : dict of "name [unit]" -> (n_points,) or (n_points, components) float
            Written in single precision: these files are for eyes.
        time : float [s]
            Shown by ParaView as the file's time.
        """
        appended: list[bytes] = []
        body = ['<?xml version="1.0"?>', '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian"']
        body[-1] += ' header_type="UInt64" compressor="vtkZLibDataCompressor">'
        body.append("<UnstructuredGrid>")
        if time is not None:
            entry = _array("TimeValue", encode(np.array([time], dtype=np.float64)), appended, ' NumberOfTuples="1"')
            body += ["<FieldData>", entry, "</FieldData>"]
        body.append(f'<Piece NumberOfPoints="{self.n_points}" NumberOfCells="{self.n_cells}">')
        body.append("<PointData>")
        for name, values in (point_data or {}).items():
            body.append(_array(name, encode(self._checked(name, values)), appended))
        body += ["</PointData>", "<Points>", _array("Points", self._points, appended), "</Points>", "<Cells>"]
        body += [_array(name, encoded, appended) for name, encoded in self._cells.items()]
        body += ["</Cells>", "</Piece>", "</UnstructuredGrid>", '<AppendedData encoding="base64">']
        text = "\n".join(body).encode()
        atomic.write_bytes(path, text + b"\n_" + b"".join(appended) + b"\n</AppendedData>\n</VTKFile>\n")
        return Path(path)

    def _checked(self, name: str, values: Array) -> Array:
        if not re.fullmatch(r".+ \[.*\]", name):
            raise InputError(f'field "{name}" has no unit', place="fields", remedy='"temperature [K]"; "[-]" for none')
        values = np.asarray(values, dtype=np.float32)
        if values.ndim not in (1, 2) or len(values) != self.n_points:
            found = f'field "{name}" has shape {values.shape}'
            raise InputError(found, place="fields", remedy=f"one value for each of the {self.n_points} points")
        return values


def _array(name: str, encoded: tuple[str, int, bytes], appended: list[bytes], extra: str = "") -> str:
    kind, components, data = encoded
    offset = sum(map(len, appended))
    appended.append(data)
    return (
        f'<DataArray type="{kind}" Name={quoteattr(name)} NumberOfComponents="{components}"{extra} '
        f'format="appended" offset="{offset}"/>'
    )


def write_pvd(path: str | Path, entries: Sequence[tuple[float, int, str, str]]) -> Path:
    """Writes the list of (time [s], part, part's name, file) that ParaView opens."""
    rows = [
        f'<DataSet timestep="{time!r}" part="{part}" name={quoteattr(name)} file={quoteattr(file)}/>'
        for time, part, name, file in entries
    ]
    head = '<?xml version="1.0"?>\n<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">\n<Collection>'
    atomic.write_bytes(path, "\n".join([head, *rows, "</Collection>", "</VTKFile>\n"]).encode())
    return Path(path)
