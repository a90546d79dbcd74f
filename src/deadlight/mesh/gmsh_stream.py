"""Numbers of one section of a Gmsh file, one after another, text or binary."""

from __future__ import annotations

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.number_text import numbers
from deadlight.mesh.raw import Array


class Stream:
    """Numbers of one section, text or binary; reading past its end is an error, never a short array."""

    def __init__(self, data: bytes, *, binary: bool, place: str, little: bool = True) -> None:
        self.binary, self.place, self.little, self.at = binary, place, little, 0
        self.data = data
        if not binary:
            found = numbers(data.decode("ascii", "replace"), np.dtype(float))
            if isinstance(found, str):
                raise MeshError(
                    f"found text where a number was expected: {found}", place=place, remedy="export the mesh again"
                )
            self.numbers: Array = found

    def take(self, count: int, kind: str) -> np.ndarray:
        """The next `count` numbers; kind "i4", "u8" or "f8"."""
        left = (len(self.data) - self.at) // int(kind[1]) if self.binary else len(self.numbers) - self.at
        if count < 0 or count > left:
            raise MeshError(
                f"{count} more numbers are announced, {left} are there",
                place=self.place,
                remedy="the file is truncated or its counts are wrong: export the mesh again",
            )
        if self.binary:
            out = np.frombuffer(self.data, ("<" if self.little else ">") + kind, count, self.at)
            self.at += count * int(kind[1])
            if kind == "u8" and count and out.max() > np.iinfo(np.int64).max:
                raise MeshError(
                    "a tag or count is negative or above 2^63", place=self.place, remedy="export the mesh again"
                )
            return out.astype(float if kind == "f8" else np.int64)
        out = self.numbers[self.at : self.at + count]
        self.at += count
        if kind == "f8":
            return out
        if not np.array_equal(out, np.rint(out)) or (count and np.abs(out).max() > 2**53):
            raise MeshError(
                "found a broken number where a whole number was expected",
                place=self.place,
                remedy="export the mesh again",
            )
        return out.astype(np.int64)

    def one(self, kind: str = "u8") -> int:
        return int(self.take(1, kind)[0])

    def end(self) -> None:
        """MeshError unless everything was taken: what is left over was announced nowhere."""
        left = len(self.data[self.at :].strip()) if self.binary else len(self.numbers) - self.at
        if left:
            raise MeshError(
                f"{left} {'bytes' if self.binary else 'numbers'} more are there than announced",
                place=self.place,
                remedy="its counts are wrong: export the mesh again",
            )
