"""VTU files with raw appended data (ParaView's default) turned into inline base64, which meshio reads without mistakes.

meshio renumbers the offsets of such files while it searches by them, so an array can silently take another's data.
Layout: "VTK XML formats" (VTK file formats, section on appended data and compression headers).
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from deadlight.errors import MeshError


def inlined(path: Path) -> ElementTree.Element:
    """Root of the XML with every appended array moved into its own element.

    Raises
    ------
    MeshError
        An offset or a block size points past the end of the data, or the XML is broken.
    """
    raw = path.read_bytes()
    start = re.search(rb"<AppendedData[^>]*>\s*_", raw)
    stop = raw.rfind(b"</AppendedData>")
    if start is None or stop < start.end():
        raise MeshError("no appended data", place=str(path), remedy="the file is truncated: export it again")
    head, data, tail = raw[: start.start()], raw[start.end() : stop], raw[stop + len(b"</AppendedData>") :]
    try:
        root = ElementTree.fromstring(head + tail)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise MeshError(f"broken XML: {error}", place=str(path), remedy="export the mesh again") from None
    order = "<" if root.get("byte_order", "LittleEndian") == "LittleEndian" else ">"
    header = np.dtype(order + ("u8" if root.get("header_type") == "UInt64" else "u4"))
    compressed = root.get("compressor") is not None
    for array in root.iter("DataArray"):
        if array.get("format") == "appended":
            offset = array.attrib.pop("offset", "").strip()
            array.set("format", "binary")
            array.text = _block(
                data, int(offset) if offset.isdigit() else -1, header, compressed, array.get("Name", ""), path
            )
    return root


def _block(data: bytes, at: int, header: np.dtype[np.unsignedinteger], compressed: bool, name: str, path: Path) -> str:
    """One array as base64: its header (on its own if compressed) and its bytes."""

    def take(first: int, count: int) -> np.ndarray:
        if first < 0 or first + count * header.itemsize > len(data):
            raise MeshError(
                f'array "{name}" starts past the end of the data', place=str(path), remedy="the file is truncated"
            )
        return np.frombuffer(data, header, count, first)

    count = int(take(at, 1)[0])
    items = 1
    if compressed:
        items = 3 + count
        count = sum(int(size) for size in take(at, items)[3:])
    body = at + items * header.itemsize
    if body + count > len(data):
        raise MeshError(
            f'array "{name}" has {count} bytes, {len(data) - body} are there',
            place=str(path),
            remedy="the file is truncated",
        )
    if compressed:
        return base64.b64encode(data[at:body]).decode() + base64.b64encode(data[body : body + count]).decode()
    return base64.b64encode(data[at : body + count]).decode()
