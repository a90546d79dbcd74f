"""Growth where K is given in closed form: life of a penny, and a run that comes to rest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deadlight.growth.arrest import crossings
from deadlight.growth.arrest import run as run_on
from deadlight.growth.law import PowerLaw
from deadlight.growth.size_history import size_history
from deadlight.verify import closed_forms as exact
from deadlight.verify.case import Case, Effort, Found, line, made, reference

Array = np.ndarray[Any, np.dtype[np.float64]]


def penny_life(effort: Effort) -> Found:
    """Life of a penny under constant stress and a power law."""
    entry = reference("growth")["penny_life"]
    g = entry["given"]
    n, a0, tough = g["n"], g["a"], g["toughness"]
    ratio = exact.penny_tension(g["sigma"], a0) / tough
    life = 2.0 * a0 * (1.0 - ratio ** (n - 2.0)) / ((n - 2.0) * g["v_c"] * ratio**n)
    law = PowerLaw(n=n, v_c=g["v_c"], k_ref=tough)
    found = size_history(
        lambda a, t: 2.0 * g["sigma"] * np.sqrt(a / math.pi), law, start=a0, time=[0.0, 10.0 * life], toughness=tough
    )
    last = math.pi * (tough / (2.0 * g["sigma"])) ** 2
    tolerance = entry["tolerance"]["life"]
    return Found(
        (
            line("life", 0.0, found.end_time, life, unit="", tolerance=tolerance),
            line("radius then", 0.0, float(found.size[-1, 0]), last, unit="", tolerance=tolerance),
        ),
        1,
    )


def pressed_penny(effort: Effort) -> Found:
    """A penny pressed open on an inner patch runs, comes to rest, and has a second size at which it runs for good."""
    entry = reference("growth")["pressed_penny"]
    g, expected, tolerance = entry["given"], entry["reference"], entry["tolerance"]["size"]

    def ratio(a: Array) -> Array:
        a = np.asarray(a, dtype=float)
        patch = 2.0 * g["pressure"] / np.sqrt(math.pi * a) * (a - np.sqrt(np.maximum(a * a - g["patch"] ** 2, 0.0)))
        return np.asarray((patch + 2.0 * g["sigma"] * np.sqrt(a / math.pi)) / g["toughness"])

    size, _ = run_on(ratio, g["patch"])
    runs = crossings(ratio, np.geomspace(g["patch"], 0.1, 200))
    return Found(
        (
            line("radius at rest", 0.0, float(size[0]), expected["rest"], unit="", tolerance=tolerance),
            line("second critical radius", 0.0, runs[-1].size, expected["again"], unit="", tolerance=tolerance),
        ),
        1,
    )


def cases() -> list[Case]:
    """The cases of growth."""
    return [made("growth", "penny_life", penny_life), made("growth", "pressed_penny", pressed_penny)]
