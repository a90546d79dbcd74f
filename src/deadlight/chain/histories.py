"""The columns of history.parquet: K at every front point over time, of both tiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.front_answer import FrontAnswer
from deadlight.chain.result import RunResult

Array = np.ndarray[Any, np.dtype[Any]]
K_UNIT = "Pa*m**0.5"
HISTORY_UNITS = {
    "tier": "",
    "front_point": "",
    "K_eff": K_UNIT,
    "K_open": K_UNIT,
    "crack_pressure": "Pa",
    "K_seed": K_UNIT,
    "K_handbook": K_UNIT,
    "K_membrane": K_UNIT,
    "K_bending": K_UNIT,
    "closed_outer": "",
    "closed_inner": "",
    "closed_area": "",
    "residual_bound": K_UNIT,
    "model_low": "",
    "model_high": "",
}
"""Units of the columns beyond those of `store.history.UNITS`.

`tier` is "full" for the crack operator's rows (crack as found, every point of its fronts) and "quick" for the quick
tier's.  `front_point` is the quick tier's front point, or the operator's front, by name.

Operator: `K_eff` is what is held against K_Ic; `K_open` is K_I if the faces could pass through each other;
`crack_pressure` is that of gas and residual stress in the crack; `closed_area` is the share of the crack that is shut.

Quick tier: `K_seed` is K of the crack as found, not grown, `K_handbook` the same by the handbook's formulas (through
cracks: by the plane problem alone); `K_membrane` and `K_bending` are the plane problem's stretching part and the skin
value of its bending part for the grown crack.  A through crack's `K_I` is the largest of a profile over the thickness,
which is these two and what the influence tables add, so not their sum; where the tables do not reach it is
K_membrane + abs(K_bending), not below 0.  `closed_outer` and `closed_inner` are the shares of the length that are shut
on either face and `residual_bound` bounds what the stress that the tables do not hold adds to K (where they do not
reach: all of it that neither stretches nor bends), all three of the crack as found; `model_low` and `model_high` are
the band of K, relative to it, that the simplifications leave at the peak.
"""


def history_columns(result: RunResult) -> dict[str, Array]:
    """Rows of all cracks, a front point after the other, by column name; NaN where a tier does not know a column.

    `front_position` runs from 0 to 1: along the operator's front, and over the quick tier's front points in order.  The
    quick tier's K_I, K_Ic and T_K are those of the grown crack, NaN at a tip that is no more.
    """
    parts = [rows for answer in result.cracks for rows in _of_crack(result, answer)]
    names = list(dict.fromkeys(name for part in parts for name in part))
    blank = [np.full(len(part["time_s"]), np.nan) for part in parts]
    return {name: np.concatenate([part.get(name, none) for part, none in zip(parts, blank)]) for name in names}


def _of_crack(result: RunResult, answer: CrackAnswer) -> Iterator[dict[str, Array]]:
    if answer.full:
        for front in answer.full.fronts:
            yield _of_front(result, answer, front)
    if answer.result:
        for i in range(len(answer.result.tips)):
            yield _of_tip(result, answer, i)


def _common(result: RunResult, time: Array) -> dict[str, Array]:
    altitude = result.environment.altitude
    unknown = np.full(len(time), np.nan)
    return {
        "time_s": time,
        "altitude_m": altitude(time) if altitude else unknown,
        "velocity_m_s": unknown,
    }


def _of_front(result: RunResult, answer: CrackAnswer, front: FrontAnswer) -> dict[str, Array]:
    """The operator's rows of one front, its points one after the other."""
    m, n = front.effective.shape
    assert answer.full is not None
    others = answer.full.other_errors
    size = front.effective.max(axis=1, keepdims=True)
    common = {name: np.tile(values, n) for name, values in _common(result, front.time).items()}
    place = {f"{axis}_m": np.repeat(front.frame.point[:, i], m) for i, axis in enumerate("xyz")}
    k = {f"K_{mode}": front.k[..., i].T.ravel() for i, mode in enumerate(("I", "II", "III"))}
    return {
        "crack": np.full(m * n, answer.stated.name),
        "tier": np.full(m * n, "full"),
        "front_point": np.full(m * n, front.name.replace(" ", "_")),
        "front_position": np.repeat(front.position, m),
        **common,
        **k,
        "K_eff": front.effective.T.ravel(),
        "K_open": front.k_open.T.ravel(),
        "crack_pressure": np.tile(answer.full.scenarios[answer.full.governing].pressure, n),
        "K_Ic": front.toughness.T.ravel(),
        "K_error": np.hypot((front.error / np.where(size > 0.0, size, 1.0)).T.ravel(), others),
        "T_K": front.temperature.T.ravel(),
        "closed_area": np.tile(answer.full.history.closed, n),
        **place,
    }


def _of_tip(result: RunResult, answer: CrackAnswer, i: int) -> dict[str, Array]:
    """The quick tier's rows of one front point."""
    r, quick = answer.result, answer.quick
    assert r is not None and quick is not None
    m = len(r.time)
    unknown = np.full(m, np.nan)
    size = dict(zip(r.size_names, r.size.T))
    with np.errstate(invalid="ignore", divide="ignore"):
        toughness = np.where(r.ratio[:, i] > 0, r.k[:, i] / r.ratio[:, i], np.nan)
    return {
        "crack": np.full(m, answer.stated.name),
        "tier": np.full(m, "quick"),
        "front_point": np.full(m, r.tips[i]),
        "front_position": np.full(m, i / max(len(r.tips) - 1, 1)),
        **_common(result, r.time),
        "K_I": r.k[:, i],
        "K_II": unknown,
        "K_III": unknown,
        "K_Ic": toughness,
        "K_seed": r.seed_k[:, i],
        "K_handbook": unknown if r.handbook_k is None else r.handbook_k[:, i],
        "K_membrane": r.membrane[:, i],
        "K_bending": r.bending[:, i],
        "closed_outer": r.closed_outer,
        "closed_inner": r.closed_inner,
        "residual_bound": r.residual_bound if r.kind == "through" else unknown,
        "model_low": np.full(m, r.model_error[0]),
        "model_high": np.full(m, r.model_error[1]),
        "K_error": np.full(m, quick.numerical_error),
        "T_K": r.front_temperature[:, i],
        "a_m": size.get("a_m", unknown),
        "two_c_m": size["centre_side_depth_m"] - size["rim_side_depth_m"] if r.kind == "through" else 2 * size["c_m"],
    }
