"""The journal of quick cases: one file that only grows, in groups that are whole or not there.

A group is a head of 48 bytes (mark, length of the body, number of cases, SHA-256 of all that follows the mark) and a
body (JSON, deflated).  A group counts once head and body are on disk: `append` returns after fsync.  What a crash cut
short is at the end of the file and is taken off when it is opened for writing.  A group damaged later fails its sum:
its cases are missing, and are run again; the file is then written anew from the good groups.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadlight.errors import MachineError
from deadlight.store import atomic
from deadlight.store.json_file import parse_json, read_plain

MARK = b"DLQJ"
_HEAD = struct.Struct("<4sQI32s")
LONGEST = 1 << 26  # of a body, packed or not: a damaged length must not ask for all memory
GROUP = 1 << 22  # of a body: more is written as several groups
ROOM, THINNEST = 1 << 16, 100  # a body unpacks to so much, and so many times its length: records pack to a tenth
LARGEST = 1 << 31  # of a journal: a million cases of 2 kB
VAIN = 2  # bytes hashed in vain while the next group is sought, of those there are: sound groups cost once
Record = dict[str, Any]
Whole = Callable[[Any], bool]


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


def keyed(record: Any) -> bool:
    """Whether a record has a key: the least that is asked of one."""
    return isinstance(record, dict) and isinstance(record.get("key"), str)


def scan(path: Path, whole: Whole = keyed) -> Scan:
    """Reads a journal; one that does not exist is empty.

    Parameters
    ----------
    whole : callable
        Whether a record is one that may stand there; a group with one that is not is damaged.

    Raises
    ------
    MachineError
        It cannot be read, is no plain file, or larger than `LARGEST`.
    """
    data = _content(path)
    records: list[Record] = []
    groups: list[tuple[int, int]] = []
    damage: list[Damage] = []
    at, bad, torn, vain = 0, -1, True, VAIN * len(data)
    while at < len(data) and vain >= 0:
        stop = _stop(data, at)
        rows = _group(data, at, stop, whole) if stop is not None else None
        if stop is not None and rows is not None:
            if bad >= 0:
                damage.append(Damage(bad, at, tail=False))
            records += rows
            groups.append((at, stop))
            at, bad, torn = stop, -1, True
            continue
        bad = at if bad < 0 else bad
        if stop is not None:  # as long as it should be: no write that was cut short
            torn, vain = False, vain - (stop - at)
        at = data.find(MARK, at + 1)
        at = len(data) if at < 0 else at
    if bad >= 0:
        damage.append(Damage(bad, len(data), tail=torn))
    return Scan(records, groups, damage)


def _content(path: Path) -> bytes:
    try:
        return read_plain(path, LARGEST)
    except FileNotFoundError:
        return b""
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise MachineError(
            f"{path}: cannot be read ({told})\n  remedy: check the disk; without the file its cases are run again"
        ) from error


def _stop(data: bytes, at: int) -> int | None:
    """Where the group at a place ends by its head; None where no head is."""
    if len(data) - at < _HEAD.size:
        return None
    mark, length, _, _ = _HEAD.unpack_from(data, at)
    stop: int = at + _HEAD.size + length
    return stop if mark == MARK and length <= LONGEST and stop <= len(data) else None


def _group(data: bytes, at: int, stop: int, whole: Whole) -> list[Record] | None:
    """Cases of a group; None where it is not one as it was written."""
    _, length, count, sum_ = _HEAD.unpack_from(data, at)
    body = data[at + _HEAD.size : stop]
    if _sum(length, count, body) != sum_:
        return None
    try:
        unpacked = zlib.decompressobj()
        text = unpacked.decompress(body, min(LONGEST, ROOM + THINNEST * length))
        rows = parse_json(text) if unpacked.eof and not unpacked.unused_data else None
    except (ValueError, zlib.error):  # its sum holds, yet nobody wrote this: damage like any other
        return None
    return rows if isinstance(rows, list) and len(rows) == count and all(map(whole, rows)) else None


def _sum(length: int, count: int, body: bytes) -> bytes:
    return hashlib.sha256(struct.pack("<QI", length, count) + body).digest()


def packed(records: Sequence[Record]) -> bytes:
    """A group as bytes."""
    body = zlib.compress(_text(records), 6)
    return _HEAD.pack(MARK, len(body), len(records), _sum(len(body), len(records), body)) + body


def _text(records: Sequence[Record]) -> bytes:
    return json.dumps(list(records), separators=(",", ":"), allow_nan=False).encode()


def _parts(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Records in order, in parts each of which makes a group that is read again."""
    ends = list(itertools.accumulate(len(_text([record])) for record in records))
    begin = 0
    for i in range(len(ends)):
        if i + 1 == len(ends) or ends[i + 1] - (ends[begin - 1] if begin else 0) > GROUP:
            yield records[begin : i + 1]
            begin = i + 1


class Journal:
    """A journal open for writing.

    Attributes
    ----------
    found : Scan
        What was there, damage too; `whole` as for `scan`.

    Raises
    ------
    MachineError
        The disk does not take it.
    """

    def __init__(self, path: Path, whole: Whole = keyed) -> None:
        self.path = path
        self.found = scan(path, whole)
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
        data = _content(self.path)
        atomic.write_bytes(self.path, b"".join(data[start:stop] for start, stop in self.found.groups))

    def append(self, records: Sequence[Record]) -> None:
        """Commits records: on disk, and read back, when this returns.

        Raises
        ------
        MachineError
            The disk is full or failing; the journal is then as it was.
        """
        for part in _parts(records):
            self._append(packed(part))

    def _append(self, group: bytes) -> None:
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
