"""Arrays of a VTU file: text, base64 or appended data, compressed or not, with every size checked before it is used.

Layout: "VTK XML formats" (VTK file formats, sections on inline and appended data and on compression headers).  A block
is a head of integers and its bytes; in base64 a head that does not fill its last group of three bytes is encoded on
its own.
"""

from __future__ import annotations

import binascii
import lzma
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.number_text import numbers
from deadlight.mesh.xmlfile import Node, at_fault, parse

Array = np.ndarray[Any, Any]
TYPES = {
    "Float32": "f4", "Float64": "f8", "Int8": "i1", "Int16": "i2", "Int32": "i4", "Int64": "i8",
    "UInt8": "u1", "UInt16": "u2", "UInt32": "u4", "UInt64": "u8",
}  # fmt: skip
COMPRESSORS = ("vtkZLibDataCompressor", "vtkLZMADataCompressor")
_APPENDED = re.compile(rb"<AppendedData[^>]*>\s*_")
_ENDS = "the file is truncated or damaged: export the mesh again"


@dataclass(frozen=True, eq=False)
class VtuFile:
    """The parsed file and how its arrays are stored.

    Attributes
    ----------
    appended : bytes
        After the underscore; as base64 if `base64`.
    order : str
        "<" or ">".
    head : numpy dtype
        Of the integers in the head of a block.
    compressor : str
        One of `COMPRESSORS`, or "".
    """

    path: Path
    root: Node
    appended: bytes
    base64: bool
    order: str
    head: np.dtype[Any]
    compressor: str

    @classmethod
    def read(cls, path: Path) -> VtuFile:
        """MeshError if it is no VTU file of a version, byte order and compression that is known."""
        root, appended, base64 = _split(path.read_bytes(), path)

        def one_of(name: str, known: tuple[str, ...]) -> str:
            value = root.attrib.get(name, known[0])
            if value not in known:
                remedy = f"expected {' or '.join(k for k in known if k)}"
                if name == "compressor":
                    remedy = "save it with zlib or without compression"
                raise at_fault(path, root.line, f'{name}="{value[:60]}"', remedy)
            return value

        one_of("type", ("UnstructuredGrid",))
        version = root.attrib.get("version", "0.1")
        if not re.fullmatch(r"[012]\.\d", version):
            remedy = "expected 0.1 to 2.x: export the mesh again"
            raise at_fault(path, root.line, f'version="{version[:20]}"', remedy)
        order = "<" if one_of("byte_order", ("LittleEndian", "BigEndian")) == "LittleEndian" else ">"
        head = np.dtype(order + ("u8" if one_of("header_type", ("UInt32", "UInt64")) == "UInt64" else "u4"))
        return cls(path, root, appended, base64, order, head, one_of("compressor", ("", *COMPRESSORS)))

    def array(self, node: Node, count: int, components: int = 1) -> Array:
        """An array of `count` rows (count, components), or (count,) for one component.

        Raises
        ------
        MeshError
            Another length, an unknown type or format, or damaged data; with the name of the array and its line.
        """
        wanted = TYPES.get(node.attrib.get("type", ""))
        if wanted is None:
            raise self._wrong(node, f'type="{node.attrib.get("type", "")[:40]}"', f"expected one of {', '.join(TYPES)}")
        own = node.attrib.get("NumberOfComponents") or "1"
        if own != str(components) and not (components == 1 and own == "0"):
            raise self._wrong(node, f"NumberOfComponents is {own[:20]}", f"expected {components}")
        dtype, items = np.dtype(wanted), count * components
        form = node.attrib.get("format", "ascii")
        if form == "ascii":
            read = numbers(node.text, dtype)
            if isinstance(read, str):
                raise self._wrong(node, read)
            found = read
        elif form in ("binary", "appended"):
            place, at = self._place(node, form)
            data = self._block(node, place, at, items * dtype.itemsize, self.base64 or form == "binary")
            found = np.frombuffer(data, np.dtype(self.order + wanted)).astype(dtype)
        else:
            raise self._wrong(node, f'format="{form[:20]}"', "expected ascii, binary or appended")
        if len(found) != items:
            raise self._wrong(node, f"{len(found)} numbers, expected {items}", _ENDS)
        return found.reshape(count, components) if components > 1 else found

    def _wrong(self, node: Node, found: str, remedy: str = "export the mesh again") -> MeshError:
        return at_fault(self.path, node.line, f'array "{node.attrib.get("Name", "")[:60]}": {found}', remedy)

    def _place(self, node: Node, form: str) -> tuple[bytes, int]:
        """The bytes that hold the array, and where it begins in them."""
        if form == "binary":
            return "".join(node.text.split()).encode("ascii", "replace"), 0
        offset = node.attrib.get("offset", "").strip()
        if not re.fullmatch(r"[0-9]{1,18}", offset) or int(offset) >= max(len(self.appended), 1):
            raise self._wrong(node, f'offset="{offset[:20]}" in {len(self.appended)} bytes of appended data', _ENDS)
        return self.appended, int(offset)

    def _block(self, node: Node, place: bytes, at: int, size: int, base64: bool) -> bytes:
        """The `size` bytes of a block, its head checked against what is expected and what is there."""
        source = _Source(place, at, base64)
        alone = place is not self.appended  # nothing may follow an array that has its own text
        try:
            if not self.compressor:
                (stated,) = source.head(self.head, 1)
                if stated != size:
                    raise self._wrong(node, f"a block of {stated} bytes, expected {size}", _ENDS)
                return source.body(stated, alone)
            (blocks,) = source.head(self.head, 1)
            if blocks * self.head.itemsize > len(place):
                raise self._wrong(node, f"{blocks} compressed blocks in {len(place)} bytes", _ENDS)
            _, whole, last, *packed = source.head(self.head, 3 + blocks)
            sizes = [whole] * blocks
            if blocks and last:
                sizes[-1] = last
            if sum(sizes) != size:
                raise self._wrong(node, f"blocks of {sum(sizes)} bytes in all, expected {size}", _ENDS)
            data = source.body(sum(packed), alone)
            return self._unpacked(data, packed, sizes)
        except (ValueError, EOFError, zlib.error, lzma.LZMAError) as error:
            if isinstance(error, MeshError):
                raise
            raise self._wrong(node, f"damaged data ({error})", _ENDS) from None

    def _unpacked(self, data: bytes, packed: list[int], sizes: list[int]) -> bytes:
        """Blocks decompressed, never further than they say they go."""
        parts, at = [], 0
        for length, size in zip(packed, sizes):
            chunk = data[at : at + length]
            at += length
            unpack: Any = zlib.decompressobj() if self.compressor == COMPRESSORS[0] else lzma.LZMADecompressor()
            part = unpack.decompress(chunk, size + 1)
            if len(part) != size:
                raise ValueError(f"a block of {len(part)} bytes, {size} announced")
            if not unpack.eof or unpack.unused_data:  # else its own checksum was never looked at
                raise ValueError(f"a block of {length} packed bytes does not end where it says")
            parts.append(part)
        return b"".join(parts)


class _Source:
    """Head and body of one block in raw or base64 bytes."""

    def __init__(self, place: bytes, at: int, base64: bool) -> None:
        self.place, self.at, self.base64 = place, at, base64
        self.head_size, self.alone = 0, False

    def head(self, dtype: np.dtype[Any], count: int) -> list[int]:
        """The first `count` integers of the block."""
        self.head_size = count * dtype.itemsize
        if self.base64:
            chars = self.place[self.at : self.at + 4 * -(-self.head_size // 3)]
            self.alone = chars.endswith(b"=")
            data = binascii.a2b_base64(chars, strict_mode=True)[: self.head_size]
        else:
            data = self.place[self.at : self.at + self.head_size]
        if len(data) < self.head_size:
            raise EOFError("it ends within its head")
        return [int(v) for v in np.frombuffer(data, dtype)]

    def body(self, size: int, last: bool) -> bytes:
        """The `size` bytes after the head; with `last` nothing may follow them."""
        if not self.base64:
            data = self.place[self.at + self.head_size : self.at + self.head_size + size]
        else:
            first = self.at + (4 * -(-self.head_size // 3) if self.alone else 0)
            skip = 0 if self.alone else self.head_size
            chars = self.place[first : first + 4 * -(-(skip + size) // 3)]
            if last and first + len(chars) != len(self.place):
                raise ValueError(f"{len(self.place) - first - len(chars)} characters more than announced")
            data = binascii.a2b_base64(chars, strict_mode=True)[skip : skip + size] if chars else b""
        if len(data) < size:
            raise EOFError(f"{size} bytes are announced, {len(data)} are there")
        return data


def _split(raw: bytes, path: Path) -> tuple[Node, bytes, bool]:
    """The XML without its appended data, that data, and whether it is base64."""
    start = _APPENDED.search(raw)
    if start is None:
        return parse(raw, path, closing="VTKFile"), b"", False
    stop = raw.rfind(b"</AppendedData>")
    if stop < start.end():
        raise MeshError("the appended data is not closed", place=str(path), remedy=_ENDS)
    root = parse(raw[: start.end()] + raw[stop:], path, closing="VTKFile")
    parts = root.all("AppendedData")
    encoding = parts[0].attrib.get("encoding", "") if len(parts) == 1 else ""
    if encoding not in ("raw", "base64"):
        found = f'{len(parts)} parts of appended data, encoding="{encoding[:20]}"'
        raise MeshError(found, place=str(path), remedy='expected one, encoding="raw" or "base64"')
    data = raw[start.end() : stop]
    return root, b"".join(data.split()) if encoding == "base64" else data, encoding == "base64"
