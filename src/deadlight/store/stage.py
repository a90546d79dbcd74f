"""What a finished stage leaves on disk so that an interrupted run goes on from it: arrays, checked by their digest."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from deadlight.errors import MachineError
from deadlight.store import atomic

Arrays = dict[str, np.ndarray[Any, Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class StageStore:
    """The kept stages of one run or window.

    Attributes
    ----------
    folder : Path
    of : str
        Hash of all that the stages depend on; it stands in each of them, and one of another run is not taken.
    """

    folder: Path
    of: str

    def save(self, name: str, arrays: Arrays, facts: dict[str, Any]) -> None:
        """Keeps a stage; MachineError if the disk does not take it."""
        save_stage(self.folder / f"{name}.stage", arrays, facts=facts, of=self.of)

    def load(self, name: str, read: Callable[[Arrays, dict[str, Any]], T]) -> T | None:
        """What `read` makes of arrays and facts; None where there are none, or they are not what it expects.

        A digest is no signature: what is inside may be anything, and a stage that cannot be used is computed again.
        """
        stored = load_stage(self.folder / f"{name}.stage", of=self.of)
        if stored is None:
            return None
        try:
            return read(*stored)
        except MachineError:
            raise
        except Exception:  # a name, a type or a shape that no stage of ours has
            return None


def save_stage(path: str | Path, arrays: Arrays, *, facts: dict[str, Any], of: str) -> None:
    """Writes arrays and plain facts, whole or not at all, with a digest over both.

    Parameters
    ----------
    of : str
        Hash of what the stage depends on.
    """
    buffer = io.BytesIO()
    head = json.dumps({"of": of, "stage": Path(path).stem, "facts": facts}).encode()
    np.savez(buffer, **arrays, facts=np.frombuffer(head, dtype=np.uint8))  # type: ignore[arg-type]
    data = buffer.getvalue()
    atomic.write_bytes(path, hashlib.sha256(data).digest() + data)


def load_stage(path: str | Path, *, of: str) -> tuple[Arrays, dict[str, Any]] | None:
    """Arrays and facts, or None where there is no such file, it is damaged, of another stage or of another hash."""
    path = Path(path)
    try:
        content = path.read_bytes() if path.is_file() else b""  # a pipe would be waited for
    except (OSError, MemoryError):
        return None
    digest, data = content[:32], content[32:]
    if hashlib.sha256(data).digest() != digest:
        return None
    try:
        arrays = _arrays(data)
        head = json.loads(arrays.pop("facts").tobytes().decode())
        if (head["of"], head["stage"]) != (of, path.stem) or not isinstance(head["facts"], dict):
            return None
        return arrays, head["facts"]
    except Exception:  # whatever a damaged archive, header or text raises, up to memory and recursion
        return None


def _arrays(data: bytes) -> Arrays:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
            raise ValueError("packed: what is kept never is, and a packed one may grow without bound")
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):  # a member that is no array comes as bytes
        raise ValueError("not only arrays")
    return arrays
