"""The folder of a study: whose it is, what is finished, what is damaged; nothing half-written looks finished."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deadlight import __version__
from deadlight.errors import CaseError, MachineError
from deadlight.store import atomic
from deadlight.store.folder import Lock
from deadlight.store.json_file import read_json
from deadlight.study import full_store, journal
from deadlight.study.kept import is_case
from deadlight.study.read import Study

ABOUT, COPY, LOCK = "study.json", "study.toml", ".lock"
QUICK, FULL, SHARED, IN_HAND = "quick.journal", "full", "shared", "in_hand.json"
SUMMARY, ANSWERS, MAP, REPORT = "summary.parquet", "answers.json", "map.parquet", "report.html"
MAP_JOURNAL, PICTURES = "map.journal", "pictures"
OWN = (QUICK, FULL, SHARED, COPY, IN_HAND, SUMMARY, ANSWERS, REPORT, MAP_JOURNAL, PICTURES)
"""What a study writes beside `study.json` and the maps `CASE.map.parquet`."""
Record = dict[str, Any]


def read_about(path: Path) -> dict[str, Any]:
    """What a folder says of itself.

    Raises
    ------
    CaseError
        Not the folder of a study, or what it says of itself is damaged.
    """
    place = path / ABOUT
    try:
        content = read_json(place)
        about: dict[str, Any] = content["about"]
        if content["sum"] != _sum(about):
            raise ValueError("its sum is wrong")
        if not all(isinstance(about.get(key), str) for key in ("digest", "name", "source", "state")):
            raise ValueError("a key is missing")
    except FileNotFoundError as error:
        remedy = "the folder that was given to --out"
        raise CaseError("holds no study", place=str(path), remedy=remedy) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        remedy = f"remove it, then deadlight batch STUDY.toml --out {path}: what is finished is kept"
        raise CaseError(f"damaged ({error})", place=str(place), remedy=remedy) from error
    return about


class StudyFolder:
    """A folder open for writing; use it in a `with` block.

    Attributes
    ----------
    quick, full : dict of key -> record
        Cases that are finished and whole.
    damage : list of str
        What was found damaged, and is run again.

    Raises
    ------
    CaseError
        The folder holds another study, or files that are none.
    MachineError
        Another process is writing to it, or it cannot be written to.
    """

    def __init__(self, path: Path, study: Study) -> None:
        self.path, self.study = path, study
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CaseError(
                f"cannot be a folder ({error.strerror})", place=str(path), remedy="another --out"
            ) from error
        self._check_owner()
        self._lock = Lock(path / LOCK)
        try:
            self._check_owner()
            self._begin()
        except BaseException as error:
            self._lock.release()
            if isinstance(error, OSError):
                raise _unwritten(path, error) from error
            raise

    def _check_owner(self) -> None:
        here = [f.name for f in self.path.iterdir() if f.name != LOCK and not f.name.endswith(atomic.SUFFIX)]
        if ABOUT not in here:
            strange = [n for n in here if n not in OWN and not n.endswith(f".{MAP}")]
            if strange:
                remedy = "an empty or new folder for --out"
                raise CaseError(
                    f"holds files that are not a study's ({strange[0]})", place=str(self.path), remedy=remedy
                )
            return
        about = read_about(self.path)
        if about["digest"] != self.study.digest:
            raise CaseError(
                f"holds another study (hash {about['digest']}, this one is {self.study.digest})",
                place=str(self.path),
                remedy="another --out; a changed study, case, file or version is another study",
            )

    def _begin(self) -> None:
        for rubbish in self.path.glob(f".*{atomic.SUFFIX}"):
            rubbish.unlink(missing_ok=True)
        full_store.sweep(self.path / FULL)
        (self.path / FULL).mkdir(exist_ok=True)
        self.damage: list[str] = []
        self.journal = journal.Journal(self.path / QUICK, is_case)
        self.damage += [f"{part}; run again" for part in self.journal.found.damage]
        self.quick = {r["key"]: r for r in self.journal.found.records}
        self.full, broken = full_store.read_all(self.path / FULL)
        self.damage += [f"full/{place.name}: damaged; run again" for place in broken]
        self.say("running")
        atomic.write_bytes(self.path / COPY, self.study.path.read_bytes())

    def say(self, state: str, **facts: Any) -> None:
        """Says in `study.json` how far the study is: running, finished, failed."""
        about = {
            "schema": 1, "deadlight": __version__, "digest": self.study.digest, "name": self.study.form.name,
            "source": str(self.study.path.resolve()), "state": state, **facts,
        }  # fmt: skip
        atomic.write_bytes(self.path / ABOUT, json.dumps({"about": about, "sum": _sum(about)}, indent=1).encode())

    def commit_quick(self, records: list[Record]) -> None:
        """A group of quick cases, on disk when this returns; MachineError if the disk does not take it."""
        self.journal.append(records)
        self.quick |= {r["key"]: r for r in records}

    def commit_full(self, record: Record, histories: full_store.Histories) -> None:
        """A case of the crack operator, on disk when this returns."""
        full_store.write_case(self.path / FULL, record, histories)
        self.full[record["key"]] = record

    def shared(self, key: str) -> Path:
        """Where the heat and stress of a window are kept."""
        return self.path / SHARED / key

    @property
    def crashed(self) -> dict[str, int]:
        """Cases that this process had in hand when it ended without a word, and how often."""
        try:
            found = read_json(self.path / IN_HAND)
        except (OSError, ValueError):
            return {}
        sound = isinstance(found, dict) and all(isinstance(count, int) for count in found.values())
        return found if sound else {}

    def in_hand(self, key: str | None) -> None:
        """Notes which case is being run in this very process; None: it ended."""
        known = self.crashed if key is not None else {}
        place = self.path / IN_HAND
        if key is None:
            place.unlink(missing_ok=True)
        else:  # not flushed: it survives the process, which is what it is for
            try:
                place.write_bytes(json.dumps(known | {key: known.get(key, 0) + 1}).encode())
            except OSError as error:
                raise _unwritten(place, error) from error

    def close(self) -> None:
        """Gives the folder free."""
        self.journal.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, Exception):
                self.say("failed", message=f"{type(error).__name__}: {error}")
        except MachineError:
            pass  # a full disk: the error that brought us here says so better
        finally:
            self.close()


def _unwritten(path: Path, error: OSError) -> MachineError:
    text = f"{path}: cannot be written ({error.strerror or error})"
    return MachineError(f"{text}\n  remedy: free disk space, then resume")


def study_status(path: str | Path) -> dict[str, Any]:
    """What a study's folder holds: state as it really is, cases finished and failed, damage.

    Raises
    ------
    CaseError
        Not the folder of a study.
    """
    path = Path(path)
    about = read_about(path)
    found = journal.scan(path / QUICK, is_case)
    quick = {r["key"]: r for r in found.records}
    full, broken = full_store.read_all(path / FULL)
    writing = Lock.held(path / LOCK)
    if about["state"] == "running" and not writing:
        about["state"] = "interrupted"
    every = [*quick.values(), *full.values()]
    damage = [str(d) for d in found.damage if not (writing and d.tail)] + [f"full/{p.name}: damaged" for p in broken]
    if damage and about["state"] == "finished":
        about["state"] = "damaged"
    return {
        **about,
        "writing": writing,
        "quick": len(quick),
        "full": len(full),
        "failed": sum(r["status"] == "failed" for r in every),
        "damage": damage,
    }


def _sum(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
