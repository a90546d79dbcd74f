"""What the quick tier says where its K leaves the influence tables, or the handbook that stands beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.crack.disc import LineCrack
from deadlight.crack.face_problem import FaceK, FaceProblem
from deadlight.crack.influence import ThroughInfluence
from deadlight.crack.influence_table import AXES
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

HANDBOOK_GAP = 0.1  # of the peak K: a larger one is said
# Beyond this and the tables' error one of the two is wrong, where the handbook fits a surface crack: the largest gap
# over its range, nu 0.1 to 0.4 and six stress profiles is 17 % at the point with the larger K (12 % uniform stress).
# Its corner weight functions are up to a third off under steep gradients and judge nothing.
HANDBOOK_ALARM = 0.2
UNSETTLED = 0.05  # share of the peak K that the tables' end may change without an alarm


def table_remarks(
    influence: ThroughInfluence | None, crack: LineCrack, *, thickness: float, nu: float, unsettled: float | None
) -> tuple[Remark, ...]:
    """Where a through crack leaves the tables.

    Parameters
    ----------
    influence : ThroughInfluence or None
        None: K is the plane problem's alone.
    unsettled : float or None
        What a crack beyond the largest c/t may lack, as a share of its peak K; None: of a grown crack, which is
        indicative in any case.
    """
    size, _, poisson = AXES["through"]
    ratio = crack.half_length / thickness
    if influence is None:
        short = ratio < size.smallest
        what = f"c/t = {ratio:.3g} below {size.smallest:g}" if short else f"nu = {nu:g} outside {poisson.smallest:g}"
        what += "" if short else f" ... {poisson.largest:g}"
        return (Remark(f"{what} of the influence tables of through cracks: K is that of the plane problem alone"),)
    found = list(influence.remarks)
    if ratio > size.largest:
        text = f"c/t = {ratio:.3g} above {size.largest:g} of the influence tables: their last values were taken"
        if unsettled is not None:
            text += f"; what has not settled there may change K by {100 * unsettled:.1f} % of its peak"
        found.append(Remark(text, alarm=unsettled is not None and unsettled > UNSETTLED))
    return tuple(found) if unsettled is not None else tuple(Remark(str(each)) for each in found)


def plane_beside(peak: float, plane: float) -> tuple[Remark, ...]:
    """A word on the plane problem's K of a through crack where it stands far off the tables'."""
    if peak <= 0.0 or abs(plane / peak - 1.0) <= HANDBOOK_GAP:
        return ()
    return (
        Remark(
            f"the plane problem alone (plane stress, Reissner's plate) gives {plane / peak:.2f} of the peak K: it knows"
            " neither the stress that only bends and stretches nothing, nor plane strain, nor the rim in bending"
        ),
    )


def handbook_beside(problem: FaceProblem, found: FaceK, handbook: Array, top: int, tip: int) -> tuple[Remark, ...]:
    """A word on the handbook's K (m, n_tips) where it stands far off the tables' at the peak; an alarm if it fits."""
    peak, share = float(found.upper[top, tip]), float(found.error[top, tip])
    if peak <= 0.0 or abs(handbook[top, tip] / peak - 1.0) <= HANDBOOK_GAP:
        return ()
    gap = float(handbook[top, tip]) / peak
    text = f"the handbook (Newman & Raju, weight functions, nu 0.3) gives {gap:.2f} of the peak K at the"
    text += f" {problem.tips[tip]} point"
    if problem.suits_handbook(found, top) and abs(gap - 1.0) > HANDBOOK_ALARM + share / peak:
        return (Remark(f"{text}, although it is made for this crack and stress: one of the two is wrong", alarm=True),)
    return (Remark(f"{text}: it sees the stress on one line only, takes it as tensile, and is not made for this nu"),)
