"""Mutants one after another through the fork server, and what became of each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostile.mutate import mutant
from hostile.server import MEMORY, SECONDS, Server
from hostile.subjects import Subject, subjects

LINES = 12


@dataclass(frozen=True)
class Outcome:
    """One mutant: refused, accepted, or a fault of ours with what was seen."""

    index: int
    subject: str
    kind: str
    seen: str = ""
    seconds: float = 0.0
    memory: int = 0


def verdict(ended: dict[str, Any]) -> tuple[str, str]:
    """Kind and description of how a job ended."""
    answer = ended["answer"] or {}
    if ended["late"] or ended["seconds"] > SECONDS:
        return "hang", f"{ended['seconds']:.1f} s"
    if ended["signal"] is not None or (ended["status"] != 0 and not ended["error"]):
        return "crash", f"signal {ended['signal']}, status {ended['status']}"
    if ended["memory"] > MEMORY:
        return "memory", f"{ended['memory']} bytes"
    if ended["error"]:
        return "traceback", ended["error"][-1500:]
    if "refused" in answer:
        if answer.get("unforeseen"):
            return "traceback", answer["refused"]
        remedy = (
            "remedy:" in answer["refused"] or answer["kind"] == "CaseError"
        )  # there every line says what is expected
        if len(answer["refused"].splitlines()) > LINES or not remedy:
            return "message", answer["refused"]
        return "refused", answer["refused"]
    return ("misread", "; ".join(answer["differences"])) if answer["differences"] else ("accepted", "")


def controls_judged() -> Iterator[Outcome]:
    """Every subject as it is: it must be accepted, and mean the same to the slow readers."""
    with tempfile.TemporaryDirectory(prefix="controls-") as home, Server() as server:
        for index, subject in enumerate(subjects(Path(home) / "store")):
            ended = server.ask(**subject.prepare(Path(home) / subject.name, subject.data))
            kind, seen = verdict(ended)
            yield Outcome(index, subject.name, kind, seen, ended["seconds"], ended["memory"])


def campaign(first: int, count: int, seed: int, names: str = "") -> Iterator[Outcome]:
    """Mutants `first` to `first + count` of a seed, over all subjects in turn (those whose name has `names` in it)."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as home, Server() as server:
        every: list[Subject] = [s for s in subjects(Path(home) / "store") if names in s.name]
        for index in range(first, first + count):
            subject = every[index % len(every)]
            data = mutant(subject.data, f"{seed}/{index}", toml=subject.toml)
            ended = server.ask(**subject.prepare(Path(home) / subject.name, data))
            kind, seen = verdict(ended)
            yield Outcome(index, subject.name, kind, seen, ended["seconds"], ended["memory"])
