"""The columns of history.parquet: K at every front point over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.result import RunResult

Array = np.ndarray[Any, np.dtype[Any]]
K_UNIT = "Pa*m**0.5"
HISTORY_UNITS = {
    "front_point": "",
    "K_seed": K_UNIT,
    "K_membrane": K_UNIT,
    "K_bending": K_UNIT,
    "closed_outer": "",
    "closed_inner": "",
    "residual_bound": K_UNIT,
    "model_low": "",
    "model_high": "",
}
"""Units of the columns that the quick tier adds.

`front_point` is the front point by name; `K_seed` is K of the crack as found, not grown; `K_membrane` and `K_bending`
are the stretching part and the skin value of the bending part of `K_I`; `closed_outer` and `closed_inner` are the
shares of the length that are shut on either face and `residual_bound` bounds what the through-thickness stress that is
neither adds to K, all three of the crack as found; `model_low` and `model_high` are the band of K, relative to it, that
the simplifications leave at the peak.
"""


def history_columns(result: RunResult) -> dict[str, Array]:
    """Rows of all cracks, a front point after the other, by column name.

    K_I, K_Ic and T_K are those of the grown crack's front point, NaN at a tip that is no more.  `front_position` is the
    number of the front point over the last number, 0 to 1.
    """
    parts = [_rows(result, a, i) for a in result.cracks for i in range(len(a.result.tips))]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _rows(result: RunResult, answer: CrackAnswer, i: int) -> dict[str, Array]:
    r, m = answer.result, len(answer.result.time)
    altitude = result.environment.altitude
    unknown = np.full(m, np.nan)
    size = dict(zip(r.size_names, r.size.T))
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
        "K_membrane": r.membrane[:, i],
        "K_bending": r.bending[:, i],
        "closed_outer": r.closed_outer,
        "closed_inner": r.closed_inner,
        "residual_bound": r.residual_bound if r.kind == "through" else unknown,
        "model_low": np.full(m, r.model_error[0]),
        "model_high": np.full(m, r.model_error[1]),
        "K_error": np.full(m, answer.numerical_error),
        "T_K": r.front_temperature[:, i],
        "velocity_m_s": unknown,
        "altitude_m": altitude(r.time) if altitude else unknown,
        "a_m": size.get("a_m", unknown),
        "two_c_m": size["centre_side_depth_m"] - size["rim_side_depth_m"] if r.kind == "through" else 2 * size["c_m"],
    }
