"""The columns of history.parquet: K at every front point over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.result import RunResult

Array = np.ndarray[Any, np.dtype[Any]]
HISTORY_UNITS = {"front_point": "", "K_seed": "Pa*m**0.5"}
"""Units of the columns that the quick tier adds: the front point by name, and K of the crack as found, not grown."""


def history_columns(result: RunResult) -> dict[str, Array]:
    """Rows of all cracks, a front point after the other, by column name.

    K_I and K_Ic are those of the grown crack, NaN at a tip that is no more; T_K is that of the front of the crack as found and NaN
    once the crack has grown, because the quick tier does not keep the temperature at a moving tip.  `front_position` is
    the number of the front point over the last number, 0 to 1; `front_point` is its name.
    """
    parts = [_rows(result, a, i) for a in result.cracks for i in range(len(a.result.tips))]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _rows(result: RunResult, answer: CrackAnswer, i: int) -> dict[str, Array]:
    r, m = answer.result, len(answer.result.time)
    altitude = result.environment.altitude
    unknown = np.full(m, np.nan)
    size = dict(zip(r.size_names, r.size.T))
    grown = np.zeros(m, dtype=bool) if r.first_time is None else r.time >= r.first_time
    with np.errstate(invalid="ignore", divide="ignore"):
        toughness = np.where(r.ratio[:, i] > 0, r.k[:, i] / r.ratio[:, i], np.nan)
    return {
        "crack": np.full(m, r.name),
        "front_point": np.full(m, r.tips[i]),
        "front_position": np.full(m, i / max(len(r.tips) - 1, 1)),
        "time_s": r.time,
        "K_I": r.k[:, i],
        "K_II": unknown,
        "K_III": unknown,
        "K_Ic": toughness,
        "K_seed": r.seed_k[:, i],
        "K_error": np.full(m, r.numerical_error),
        "T_K": np.where(grown, np.nan, r.temperature[:, i]),
        "velocity_m_s": unknown,
        "altitude_m": altitude(r.time) if altitude else unknown,
        "a_m": size.get("a_m", unknown),
        "two_c_m": size["centre_side_depth_m"] - size["rim_side_depth_m"] if r.kind == "through" else 2 * size["c_m"],
    }
