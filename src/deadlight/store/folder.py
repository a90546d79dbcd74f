"""The folder of one case: who may write to it, whether it is finished, and that nothing half-written looks finished.

`status.json` says whose it is (case hash) and how far it is; `summary.json` is written last and alone means finished.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deadlight import __version__
from deadlight.errors import CaseError, MachineError
from deadlight.store import atomic
from deadlight.store.json_file import read_json
from deadlight.store.summary import Summary, read_summary

SCHEMA = 1
SOURCE = "source.txt"
STATUS, SUMMARY, LOCK, CASE, PROVENANCE = "status.json", "summary.json", ".lock", "case.toml", "provenance.json"
STATES = ("started", "running", "failed", "finished")
BOOKKEEPING = {STATUS, LOCK, CASE, SOURCE}


class CaseFolder:
    """A folder open for writing; use it in a `with` block.

    Parameters
    ----------
    path : path
        Made if it does not exist.
    case_hash : str
        Of the validated input and the solver's version.
    case_text : str
        The case as understood, written to `case.toml`.

    Raises
    ------
    CaseError
        The folder holds another case, or files that are not a result.
    MachineError
        Another run is writing to it, or it cannot be written to.
    """

    def __init__(self, path: str | Path, *, case_hash: str, case_text: str) -> None:
        self.path = Path(path)
        self.case_hash = case_hash
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CaseError(
                f"cannot be a folder ({error.strerror})", place=str(path), remedy="another --out"
            ) from error
        _check_owner(self.path, case_hash)
        self._lock = Lock(self.path / LOCK)
        try:
            _check_owner(self.path, case_hash)  # again: now nobody else can change it
            self._take_over(case_text)
        except BaseException:
            self._lock.release()
            raise

    def _take_over(self, case_text: str) -> None:
        for rubbish in (*self.path.glob(f".*{atomic.SUFFIX}"), *self.path.glob(f"*/.*{atomic.SUFFIX}")):
            rubbish.unlink(missing_ok=True)
        self.resumed = (self.path / STATUS).exists()
        if not self.finished:
            (self.path / SUMMARY).unlink(missing_ok=True)  # cut short, or not by the contract
            self.record("started")
            atomic.write_bytes(self.path / CASE, case_text.encode())

    @property
    def finished(self) -> bool:
        """Whether a whole summary of this very case is there."""
        return finished(self.path, self.case_hash)

    def file(self, name: str) -> Path:
        """Path of a file in the folder."""
        return self.path / name

    def record(self, state: str, *, stage: str = "", message: str = "") -> None:
        """Says in `status.json` how far the run is: started, running, failed, finished."""
        data = {
            "schema": SCHEMA, "deadlight": __version__, "case_hash": self.case_hash,
            "state": state, "stage": stage or None, "message": message or None,
        }  # fmt: skip
        atomic.write_bytes(self.path / STATUS, json.dumps(data, indent=1).encode() + b"\n")

    def write_provenance(self, provenance: dict[str, Any]) -> None:
        """Writes `provenance.json`."""
        atomic.write_bytes(self.path / PROVENANCE, json.dumps(provenance, indent=1).encode() + b"\n")

    def finish(self, summary: Summary) -> Path:
        """Writes the summary; the last thing a run does here.

        Raises
        ------
        CaseError
            The summary is of another case.
        """
        if summary.case_hash != self.case_hash:
            raise CaseError(f"summary of {summary.case_hash}", place=str(self.path), remedy=f"that of {self.case_hash}")
        self.record("finished")
        return summary.write(self.path / SUMMARY)

    def close(self) -> None:
        """Gives the folder free."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # Ctrl-C is no failure: such a run is left as "running", which reads as interrupted once nobody writes
            if isinstance(error, Exception) and not self.finished:
                self.record("failed", message=f"{type(error).__name__}: {error}")
        except MachineError:
            pass  # a full disk: the error that brought us here says so better
        finally:
            self.close()


def finished(path: Path, case_hash: str) -> bool:
    """Whether the folder holds a whole summary of the case with this hash."""
    if not (path / SUMMARY).exists():
        return False
    try:
        return read_summary(path / SUMMARY).case_hash == case_hash
    except ValueError:  # cut short: not a result
        return False


def folder_status(path: str | Path) -> dict[str, Any]:
    """What a folder says of itself: the content of `status.json`, with `state` as it really is, and `writing`.

    `state` is "finished" only with a whole summary, and "interrupted" if it was running and nobody writes any more.

    Raises
    ------
    CaseError
        Not a result folder.
    """
    path = Path(path)
    data = _read_status(path)
    if data is None:
        raise CaseError("holds no run", place=str(path), remedy="the folder that was given to --out")
    writing = Lock.held(path / LOCK)
    done = finished(path, data["case_hash"])
    if done:
        data["state"] = "finished"
    elif not writing and data["state"] != "failed":
        data["state"] = "interrupted"
    return {**data, "writing": writing, "summary": SUMMARY if done else None}


def _read_status(path: Path) -> dict[str, Any] | None:
    file = path / STATUS
    if not file.exists():
        return None
    remedy = "remove the folder, or choose another one"
    try:
        data = read_json(file)
    except (OSError, ValueError) as error:
        raise CaseError(f"cannot be read ({error})", place=str(file), remedy=remedy) from error
    keys = ("case_hash", "state")
    whole = isinstance(data, dict) and all(isinstance(data.get(key), str) for key in keys)
    if not whole or data.get("schema") != SCHEMA or data["state"] not in STATES:
        raise CaseError("is not the status of a run by this version", place=str(file), remedy=remedy)
    return data


def _check_owner(path: Path, case_hash: str) -> None:
    data = _read_status(path)
    if data is not None and data["case_hash"] != case_hash and not _nothing_done(path):
        raise CaseError(
            f"holds another case (hash {data['case_hash']}, this one is {case_hash})",
            place=str(path),
            remedy="another --out; a changed case, file or version is another case",
        )
    others = [f.name for f in path.iterdir() if f.name != LOCK and not f.name.endswith(atomic.SUFFIX)]
    if data is None and others:
        remedy = "an empty or new folder for --out"
        raise CaseError(f"holds files that are not a run ({others[0]} ...)", place=str(path), remedy=remedy)


def _nothing_done(path: Path) -> bool:
    """Whether a run was stopped by its own input before any stage ended: the corrected case may take the folder."""
    return {f.name for f in path.iterdir() if not f.name.endswith(atomic.SUFFIX)} <= BOOKKEEPING


class Lock:
    """An advisory lock that the system gives free when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        try:
            self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise MachineError(f"{path}: cannot be written ({error.strerror})\n  remedy: another --out") from error
        if not _lock(self._handle):
            os.close(self._handle)
            raise MachineError(f"{path.parent}: another run is writing here\n  remedy: wait for it, or another --out")

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @staticmethod
    def held(path: Path) -> bool:
        """Whether somebody holds the lock."""
        if not path.exists():
            return False
        handle = os.open(path, os.O_RDWR)
        try:
            return not _lock(handle)
        finally:
            os.close(handle)


def _lock(handle: int) -> bool:
    """Takes the lock if it is free; held until the handle is closed."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
