"""One number in what a stage hands on is replaced by NaN or infinity, and the rest of the chain runs to its verdict.

A run is recorded once: what every stage handed on.  To inject into a stage, the stages before it answer from the
record, its own answer comes from the record with one number replaced, and everything after it is computed.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.chain import files
from deadlight.chain.run import run_case
from deadlight.errors import DeadlightError
from deadlight.finite import first_not_finite
from deadlight.store.summary import Verdict

UNLIMITED = ("until", "limit", "factor", "margin", "margin_after", "errors", "thickness", "radius", "highest")
"""Where infinity is not a fault: it says "no end", "no limit" or "not known"; there only NaN is put."""
STAGES = {
    "window": ("deadlight.chain.run", "build_viewport"),
    "cracks as laid": ("deadlight.chain.run", "lay_cracks"),
    "environment": ("deadlight.chain.solving", "environment_of"),
    "heat model": ("deadlight.chain.solving", "heat_model"),
    "heat": ("deadlight.chain.solving", "solve_heat"),
    "gas of gaps": ("deadlight.chain.solving", "with_wall_temperatures"),
    "stress": ("deadlight.chain.solving", "pane_stress"),
    "K": ("deadlight.chain.solving", "assess_crack"),
    "growth": ("deadlight.chain.solving", "grow"),
    "pieces": ("deadlight.chain.solving", "outcomes_of"),
    "leak": ("deadlight.chain.solving", "leak_of"),
    "loss": ("deadlight.chain.run", "loss_sweep"),
    "bands": ("deadlight.chain.run", "moved_through"),
    "summary": ("deadlight.chain.files", "summarise"),
}
"""Where one stage hands on to the next, in order: module and name under which the chain calls it."""
INSIDE = {
    "K": [
        ("deadlight.chain.quick_answer", "assess"),
        ("deadlight.chain.operator_answer", "stress_intensity"),
        ("deadlight.chain.operator_answer", "fronts_of"),
    ],
    "growth": [("deadlight.growth.crack_shape", "stress_intensity")],
    "pieces": [
        ("deadlight.chain.pieces", "holding"),
        ("deadlight.chain.pieces", "pieces_of"),
        ("deadlight.chain.staying", "standing_together"),
        ("deadlight.chain.staying", "retained_together"),
    ],
    "leak": [("deadlight.chain.leaking", "leaky_gap")],
    "loss": [
        ("deadlight.chain.loss_sweep", "column_sweep"),
        ("deadlight.chain.pane_loss", "run_on"),
        ("deadlight.chain.pane_loss", "next_pane"),
    ],
}
"""Where numbers change hands inside a stage."""


CACHED = functools.cached_property
"""What is worked out from a result again and again is no part of it."""


@dataclass
class Leaf:
    """One number, or one array of numbers, somewhere in a result."""

    path: str
    read: Callable[[], Any]
    write: Callable[[Any], None]


def leaves(value: Any, path: str, write: Callable[[Any], None], seen: set[int]) -> Iterator[Leaf]:
    """Everything that a float can be written to, by attributes, items and closures, whatever its class.

    Written without the walk of `deadlight.finite` on purpose: it must not share its blind spots.
    """
    if isinstance(value, (bool, int, str, bytes, type)) or value is None:
        return
    if isinstance(value, (float, np.ndarray)):  # where there is no number now none can be lost
        if getattr(value, "dtype", np.dtype(float)).kind == "f" and np.isfinite(value).any():
            yield Leaf(path, lambda: value, write)
        return
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}[{key}]", functools.partial(value.__setitem__, key), seen)
    elif isinstance(value, (tuple, list)):
        for i, part in enumerate(value):
            yield from leaves(part, f"{path}[{i}]", functools.partial(_in_place, value, i, write), seen)
    elif isinstance(value, functools.partial):
        yield from leaves(value.func, path, functools.partial(_function, value), seen)
        for i, part in enumerate(value.args):
            yield from leaves(part, f"{path}()", functools.partial(_argument, value, i), seen)
        yield from leaves(value.keywords, f"{path}()", _nowhere, seen)
    elif scipy.sparse.issparse(value):
        yield from leaves(value.data, f"{path}.data", functools.partial(setattr, value, "data"), seen)
    elif callable(value) and hasattr(value, "__closure__"):
        for cell in value.__closure__ or ():
            yield from leaves(cell.cell_contents, f"{path}()", functools.partial(setattr, cell, "cell_contents"), seen)
    elif type(value).__module__.startswith("deadlight") and hasattr(value, "__dict__"):
        cached = {name for name in vars(value) if isinstance(getattr(type(value), name, None), CACHED)}
        for name, part in list(vars(value).items()):
            if name not in cached:
                yield from leaves(part, f"{path}.{name}", functools.partial(_attribute, value, name), seen)


def _attribute(owner: Any, name: str, new: Any) -> None:
    vars(owner)[name] = new


def _in_place(owner: Any, i: int, write: Callable[[Any], None], new: Any) -> None:
    if isinstance(owner, list):
        owner[i] = new
        return
    parts = [*owner[:i], new, *owner[i + 1 :]]
    write(type(owner)(*parts) if hasattr(owner, "_fields") else tuple(parts))


def _function(owner: functools.partial[Any], new: Any) -> None:
    owner.__setstate__((new, owner.args, owner.keywords, vars(owner)))


def _argument(owner: functools.partial[Any], i: int, new: Any) -> None:
    owner.__setstate__((owner.func, (*owner.args[:i], new, *owner.args[i + 1 :]), owner.keywords, vars(owner)))


def _nowhere(new: Any) -> None:
    raise TypeError("this cannot be replaced, only what it holds")


def put(leaf: Leaf, number: float, rng: np.random.Generator) -> str:
    """Writes the number somewhere into a leaf and returns where."""
    old = leaf.read()
    if not isinstance(old, np.ndarray):
        leaf.write(number)
        return leaf.path
    new, there = old.copy(), np.argwhere(np.isfinite(old))
    at = tuple(int(i) for i in there[int(rng.integers(len(there)))])
    new[at] = number
    leaf.write(new)
    return f"{leaf.path}{list(at)}"


KINDS = ("error", "not shown", "verdict", "crash")
"""What a run can come to; the last two must not be."""


@dataclass
class Outcome:
    """What a run with a number replaced came to."""

    stage: str
    place: str
    number: float
    kind: str  # of KINDS
    said: str

    @property
    def clear(self) -> bool:
        return self.kind in KINDS[:2]

    def __str__(self) -> str:
        return f"{self.stage}: {self.place} = {self.number}: {self.kind}: {self.said}"


@dataclass
class Recorded:
    """A case whose run was recorded."""

    case: Any
    root: Any
    answers: dict[str, list[Any]] = field(default_factory=dict)
    verdict: Verdict | None = None

    @classmethod
    def of(cls, case: Any, root: Any) -> Recorded:
        made = cls(case, root)
        with _patched({stage: made._record(stage) for stage in STAGES}):
            made.verdict = _verdict(made._run())
        return made

    def _run(self) -> dict[str, Any]:
        result = run_case(self.case, root=self.root)
        return files.summarise(result, digest="0" * 64).plain()

    def _record(self, stage: str) -> Callable[..., Any]:
        module, name = STAGES[stage]
        real = getattr(importlib.import_module(module), name)

        def recording(*args: Any, **kw: Any) -> Any:
            self.answers.setdefault(stage, []).append(real(*args, **kw))
            return self.answers[stage][-1]

        return recording

    def replayed(self, upto: str) -> dict[str, Callable[..., Any]]:
        """Stages before one answer from the record."""
        order = list(STAGES)
        return {s: _from(self.answers[s]) for s in order[: order.index(upto)] if s in self.answers}

    @property
    def stages(self) -> list[str]:
        """Those that hand on any number."""
        return [s for s, made in self.answers.items() if any(True for _ in leaves(made, s, _nowhere, set()))]

    def plain(self, upto: str = "summary") -> Verdict:
        """The verdict with nothing replaced, stages before one by the record alone."""
        with _patched(self.replayed(upto)):
            return _verdict(self._run())

    def inject(self, stage: str, seed: int) -> Outcome:
        """One number of what a stage hands on, which must have one."""
        rng = np.random.default_rng(seed)
        answers = list(self.answers[stage])
        writes = [functools.partial(answers.__setitem__, i) for i in range(len(answers))]
        every = [list(leaves(made, stage, write, set())) for made, write in zip(answers, writes)]
        some = [found for found in every if found]
        found = some[int(rng.integers(len(some)))]
        leaf = found[int(rng.integers(len(found)))]
        number = _number(leaf, rng)
        old = leaf.read()
        place = put(leaf, number, rng)
        try:
            return self._judged(stage, [place], [number], {**self.replayed(stage), stage: _from(answers)}, {})
        finally:
            leaf.write(old)

    def unseen(self, stage: str) -> list[str]:
        """Numbers of what a stage hands on that could be lost without the guard's notice, one of an array for all."""
        rng, found, answers = np.random.default_rng(0), [], list(self.answers[stage])
        for i in range(len(answers)):
            for leaf in list(leaves(answers[i], stage, functools.partial(answers.__setitem__, i), set())):
                old = leaf.read()
                place = put(leaf, float("nan"), rng)
                if first_not_finite(answers[i], stage) is None:
                    found.append(place)
                leaf.write(old)
        return found

    def calls(self, stage: str, seam: tuple[str, str]) -> bool:
        """Whether a stage of this case comes through a function, and has numbers from it that can be replaced."""
        real, seen = getattr(importlib.import_module(seam[0]), seam[1]), []

        def watched(*args: Any, **kw: Any) -> Any:
            made = real(*args, **kw)
            seen.append(any(True for _ in leaves(made, seam[1], _nowhere, set())))
            return made

        with _patched(self.replayed(stage), {seam: watched}):
            self._run()
        return any(seen)

    def inject_below(self, stage: str, array: np.ndarray[Any, Any], seed: int) -> Outcome:
        """One number of an array that a stage takes from outside the chain, the stage and all after it computed."""
        rng = np.random.default_rng(seed)
        at = tuple(int(rng.integers(n)) for n in array.shape)
        number, old = float(rng.choice([np.nan, np.inf])), array[at]
        array[at] = number
        try:
            return self._judged(stage, [f"array{list(at)}"], [number], self.replayed(stage), {})
        finally:
            array[at] = old

    def inject_inside(self, stage: str, seam: tuple[str, str], seed: int) -> Outcome:
        """One number of the first that a function inside a stage returns, the stage itself computed."""
        rng = np.random.default_rng(seed)
        real = getattr(importlib.import_module(seam[0]), seam[1])
        place: list[str] = []
        numbers: list[float] = []
        back: list[Callable[[], None]] = []

        def changed(*args: Any, **kw: Any) -> Any:
            made = [real(*args, **kw)]
            found = [] if place else list(leaves(made[0], seam[1], functools.partial(made.__setitem__, 0), set()))
            if found:
                leaf = found[int(rng.integers(len(found)))]
                back.append(functools.partial(leaf.write, leaf.read()))
                numbers.append(_number(leaf, rng))
                place.append(put(leaf, numbers[0], rng))
            return made[0]

        try:
            return self._judged(stage, place, numbers, self.replayed(stage), {seam: changed})
        finally:  # what a function returns may hold what the record holds too
            for write in back:
                write()

    def _judged(
        self, stage: str, place: list[str], numbers: list[float], answers: dict[str, Callable[..., Any]],
        inside: dict[tuple[str, str], Callable[..., Any]],
    ) -> Outcome:  # fmt: skip
        try:
            with _patched(answers, inside), np.errstate(all="ignore"):
                summary = self._run()
        except DeadlightError as error:
            kind, said = "error", str(error).splitlines()[0]
        except Exception as error:
            kind, said = "crash", f"{type(error).__name__}: {error}"
        else:
            why = next((reason for reason in summary["reasons"] if reason.startswith("alarm: ")), "")
            kind = "not shown" if why and _verdict(summary) is Verdict.NOT_SHOWN else "verdict"
            said = f"{summary['verdict']}: {why or summary['reasons'][0]}"
        if not place:
            raise LookupError(f"{stage}: nothing was replaced; {kind}: {said}")
        return Outcome(stage, place[0], numbers[0], kind, said)


def _number(leaf: Leaf, rng: np.random.Generator) -> float:
    if any(f".{name}" in leaf.path for name in UNLIMITED):
        return float("nan")
    return float(rng.choice([np.nan, np.nan, np.inf, -np.inf]))


def _verdict(summary: dict[str, Any]) -> Verdict:
    return Verdict(summary["verdict"])


def _from(answers: list[Any]) -> Callable[..., Any]:
    left = iter(answers)
    return lambda *args, **kw: next(left)


@contextlib.contextmanager
def _patched(
    answers: dict[str, Callable[..., Any]], inside: dict[tuple[str, str], Callable[..., Any]] | None = None
) -> Iterator[None]:
    every = {STAGES[stage]: function for stage, function in answers.items()} | (inside or {})
    before = {seam: getattr(importlib.import_module(seam[0]), seam[1]) for seam in every}
    for (module, name), function in every.items():
        setattr(importlib.import_module(module), name, function)
    try:
        yield
    finally:
        for (module, name), function in before.items():
            setattr(importlib.import_module(module), name, function)
