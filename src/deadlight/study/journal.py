"""The journal of quick cases: one file that only grows, in groups that are whole or not there.

A group is a head of 48 bytes (mark, length of the body, number of cases, SHA-256 of all that follows the mark) and a
body (JSON, deflated).  A group counts once head and body are on disk: `append` returns after fsync.  What a crash cut
short is at the end of the file and is taken off when it is opened for writing.  A group damaged later fails its sum:
its cases are missing, and are run again; the file is then written anew from the good groups.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadlight.errors import MachineError
from deadlight.store import atomic

MARK = b"DLQJ"
_HEAD = struct.Struct("<4sQI32s")
LONGEST = 1 << 30  # of a body: a damaged length must not ask for all memory
Record = dict[str, Any]


@dataclass(frozen=True)
class Damage:
    """Bytes of the journal that are no whole group."""

    start: int
    stop: int
    tail: bool

    def __str__(self) -> str:
        what = "cut short" if self.tail else "damaged"
        return f"journal, bytes {self.start} to {self.stop}: {what}"


@dataclass(frozen=True)
class Scan:
    """What a journal holds.

    Attributes
    ----------
    records : list of dict
        In the order in which they were committed.
    groups : list of (start, stop)
    damage : list of Damage
    """

    records: list[Record]
    groups: list[tuple[int, int]]
    damage: list[Damage]


def scan(path: Path) -> Scan:
    """Reads a journal; one that does not exist is empty."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Scan([], [], [])
    except OSError as error:
        raise MachineError(f"{path}: cannot be read ({error.strerror})\n  remedy: check the disk") from error
    records: list[Record] = []
    groups: list[tuple[int, int]] = []
    damage: list[Damage] = []
    at = 0
    while at < len(data):
        found = _group(data, at)
        if found is not None:
            rows, stop = found
            records += rows
            groups.append((at, stop))
            at = stop
            continue
        on = _next(data, at + 1)
        damage.append(Damage(at, on, tail=on == len(data)))
        at = on
    return Scan(records, groups, damage)


def _group(data: bytes, at: int) -> tuple[list[Record], int] | None:
    """Cases of the group at a place and where it ends; None where no whole one is."""
    if len(data) - at < _HEAD.size:
        return None
    mark, length, count, sum_ = _HEAD.unpack_from(data, at)
    stop = at + _HEAD.size + length
    if mark != MARK or length > LONGEST or stop > len(data):
        return None
    body = data[at + _HEAD.size : stop]
    if _sum(length, count, body) != sum_:
        return None
    try:
        text = zlib.decompressobj().decompress(body, LONGEST)
        rows = json.loads(text)
    except (ValueError, RecursionError, zlib.error):  # its sum holds, yet nobody wrote this: damage like any other
        return None
    whole = isinstance(rows, list) and len(rows) == count and all(isinstance(r, dict) and "key" in r for r in rows)
    return (rows, stop) if whole else None


def _next(data: bytes, at: int) -> int:
    """Where the next whole group begins, or the end."""
    while (at := data.find(MARK, at)) >= 0:
        if _group(data, at) is not None:
            return at
        at += 1
    return len(data)


def _sum(length: int, count: int, body: bytes) -> bytes:
    return hashlib.sha256(struct.pack("<QI", length, count) + body).digest()


def packed(records: Sequence[Record]) -> bytes:
    """A group as bytes."""
    body = zlib.compress(json.dumps(list(records), separators=(",", ":"), allow_nan=False).encode(), 6)
    return _HEAD.pack(MARK, len(body), len(records), _sum(len(body), len(records), body)) + body


class Journal:
    """A journal open for writing.

    Attributes
    ----------
    found : Scan
        What was there, damage too.

    Raises
    ------
    MachineError
        The disk does not take it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = scan(path)
        if any(not part.tail for part in self.found.damage):
            self._rewrite()
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            self._end = self.found.groups[-1][1] if self.found.groups else 0
            if any(not part.tail for part in self.found.damage):
                self._end = os.fstat(self._handle).st_size
            if os.fstat(self._handle).st_size != self._end:
                os.ftruncate(self._handle, self._end)
                os.fsync(self._handle)
            atomic.sync_folder(path.parent)
        except OSError as error:
            raise self._fault(error) from error

    def _rewrite(self) -> None:
        """Only the good groups, whole or not at all."""
        data = self.path.read_bytes()
        atomic.write_bytes(self.path, b"".join(data[start:stop] for start, stop in self.found.groups))

    def append(self, records: Sequence[Record]) -> None:
        """Commits a group: on disk, and read back, when this returns.

        Raises
        ------
        MachineError
            The disk is full or failing; the journal is then as it was.
        """
        if not records:
            return
        group = packed(records)
        try:
            done = 0
            while done < len(group):
                done += os.pwrite(self._handle, group[done:], self._end + done)
            os.fsync(self._handle)
            back = os.pread(self._handle, len(group), self._end)
            if back != group:
                raise OSError(5, "what was written does not read back")
        except OSError as error:
            self._take_back()
            raise self._fault(error) from error
        self._end += len(group)

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._handle, self._end)
            os.fsync(self._handle)
        except OSError:
            pass  # a torn tail is taken off when it is opened again

    def _fault(self, error: OSError) -> MachineError:
        return MachineError(
            f"{self.path}: cannot be written ({error.strerror or error})\n  remedy: free disk space, then resume"
        )

    def close(self) -> None:
        os.close(self._handle)
