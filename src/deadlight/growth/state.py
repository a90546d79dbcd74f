"""A record in the making as plain arrays, and back: what is kept on disk for a restart.

Geometries are not kept: the moves that made them are, and they are made again by the same moves, bit by bit.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from deadlight.growth.events import Run
from deadlight.growth.follow import Growing, Mark
from deadlight.growth.reading import Reading
from deadlight.growth.record import GrowthStep
from deadlight.growth.shape import Change, Shape, Solved
from deadlight.remark import pack as pack_remarks
from deadlight.remark import unpack as unpack_remarks

Array = np.ndarray[Any, np.dtype[np.float64]]
Arrays = dict[str, np.ndarray[Any, Any]]

_ARRAYS = [f.name for f in dataclasses.fields(Reading) if f.name not in ("area", "closed")]


def pack(state: Growing) -> tuple[Arrays, dict[str, Any]]:
    """Arrays and plain facts of a state."""
    arrays: Arrays = {"trace": np.array(state.trace)}
    steps = []
    for step in state.steps:
        key = f"step{step.number}_"
        arrays |= {key + name: getattr(step.reading, name) for name in _ARRAYS}
        arrays |= {f"{key}front{i}": x for i, x in enumerate(step.fronts)}
        if step.move is not None and step.tilt is not None:
            arrays |= {key + "made_move": step.move, key + "made_tilt": step.tilt}
        steps.append({
            "time": step.time, "indicative": step.indicative, "area": step.reading.area, "energy": step.energy,
            "added": step.added,
            "closed": list(step.reading.closed), "fronts": len(step.fronts), "remarks": pack_remarks(step.remarks),
        })  # fmt: skip
    facts = {
        "steps": steps,
        "marks": [dataclasses.astuple(mark) for mark in state.marks],
        "names": list(state.solved.names),
        "runs": [[r.time, r.start, r.stop, r.crack, list(map(float, r.place)), r.ratio] for r in state.runs],
        "changes": [[t, late, c.what, c.crack, list(map(float, c.place)), c.detail] for t, late, c in state.changes],
        "remarks": pack_remarks(state.remarks),
    }
    return arrays, facts


def unpack(arrays: Arrays, facts: dict[str, Any], seed: Shape, upto: int | None = None) -> Growing:
    """The state again.

    Parameters
    ----------
    seed : Shape
        The cracks as found, from which the stored moves make all other geometries.
    upto : int, optional
        Number of the last geometry that is taken; the last one stored without it.

    Raises
    ------
    GrowthStopped
        A stored move does not fit the seed: the state belongs to other cracks.
    """
    shape, steps = seed, []
    for i, told in enumerate(facts["steps"][: None if upto is None else upto + 1]):
        key = f"step{i}_"
        given = {name: arrays[key + name] for name in _ARRAYS}
        reading = Reading(**given, area=told["area"], closed=tuple(told["closed"]))
        move, tilt = (arrays.get(key + name) for name in ("made_move", "made_tilt"))
        if move is not None and tilt is not None:
            shape = shape.moved(move, tilt).shape
        shape = shape.recalled(reading)
        fronts = tuple(arrays[f"{key}front{j}"] for j in range(told["fronts"]))
        remarks = unpack_remarks(told["remarks"])
        steps.append(
            GrowthStep(
                i, told["time"], reading, fronts, shape, told["indicative"], move, tilt, remarks, told["energy"],
                told.get("added", 0.0),
            )
        )
    return _state(arrays, facts, steps, shape)


def _state(arrays: Arrays, facts: dict[str, Any], steps: list[GrowthStep], shape: Shape) -> Growing:
    """Everything else as it was when the last of the steps was done."""
    last, mark = steps[-1], Mark(*facts["marks"][len(steps) - 1])
    return Growing(
        shape=shape,
        solved=Solved(last.reading, last.fronts, tuple(facts["names"]), last.remarks),
        time=mark.time,
        steps=steps,
        trace=[(float(t), float(a), float(r)) for t, a, r in arrays["trace"][: mark.trace]],
        runs=[Run(t, a, b, crack, np.array(x), r) for t, a, b, crack, x, r in facts["runs"][: mark.runs]],
        changes=[
            (t, late, Change(what, crack, np.array(x), detail))
            for t, late, what, crack, x, detail in facts["changes"][: mark.changes]
        ],
        remarks=list(unpack_remarks(facts["remarks"][: mark.remarks])),
        marks=[Mark(*m) for m in facts["marks"][: len(steps)]],
        indicative=mark.indicative,
    )
