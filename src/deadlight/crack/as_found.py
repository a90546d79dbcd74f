"""K of a crack as found, not grown, for any stress on its line: what error estimates put in and compare."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.crack.face_problem import FaceProblem
from deadlight.crack.line import CrackLine
from deadlight.crack.section import decompose
from deadlight.crack.seed import EdgeThrough, Seed, Through
from deadlight.crack.through import ThroughProblem

Array = np.ndarray[Any, np.dtype[np.float64]]


def k_as_found(seed: Seed, *, line: CrackLine, stress: Array, nu: float) -> Array:
    """Largest K through the thickness at every front point, contact included, as `quick.assess` gives `seed_k`.

    Parameters
    ----------
    stress : (m, n_line, n_thick) float [Pa]

    Returns
    -------
    (m, n_tips) float [Pa m^0.5]
        NaN at a rim-side tip that is already at the rim.
    """
    if not isinstance(seed, (Through, EdgeThrough)):
        return FaceProblem(seed, line, stress, stress, nu).k(seed.a, seed.c).upper
    problem = ThroughProblem(line, decompose(stress), np.zeros(stress.shape[:2]), nu)
    k = problem.profile(line.outer, line.inner, np.arange(len(stress))).front_max
    return k * np.array([np.nan if line.outer == 0.0 else 1.0, 1.0])
