"""How hot glass lets go of the stress it carries: viscous flow of plate columns, and what is left of a temper.

A column of a plate, free to stretch and to bow beside what the elastic solution already contains.  With the elastic
stress s(z, t) (temper, heat, pressure; equal in both directions) the viscous strain e_v changes it by

    D = M (a + b z - e_v),  M = E/(1 - nu),  a and b such that D has no resultant and no moment,
    d e_v/dt = (s + D)/(6 eta(T)):

equal biaxial stress s has the deviator s/3 in the plane, and the strain rate of a viscous solid is deviator/(2 eta).
At fixed strain s decays with tau = 6 eta/M.  One relaxation time (Maxwell); structural relaxation is in the viscosity
only, as the glass's frozen structure:

above the annealing point, equilibrium (Vogel-Fulcher-Tammann through strain, annealing and softening point); below,
the smaller of that and Arrhenius from the annealing point with the share `ISOSTRUCTURAL` of the equilibrium slope there
(Tool-Narayanaswamy: Narayanaswamy 1971, J. Am. Ceram. Soc. 54:491, shift x H/RT + (1 - x) H/RT_f).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deadlight.assumption import Assumption

Array = np.ndarray[Any, np.dtype[np.float64]]

ISOSTRUCTURAL = 0.5  # x of Tool-Narayanaswamy; 0.4 to 0.7 is usual of oxide glasses (memory)
LONGEST = 2.0  # [s] of a step in time
FLUID, SOLID = 4.0, 25.0  # log10 of the viscosity that keep numbers finite


def log10_viscosity(material: Any, temperature: Array) -> Array:
    """log10 of the viscosity [Pa s] of a glass with a structure frozen at its annealing point, at temperatures [K].

    Parameters
    ----------
    material : Material
        With strain, annealing and softening point.
    """
    temperature = np.asarray(temperature, dtype=float)
    frozen, width = material.annealing_point, 1.0
    ends = np.asarray(material.log10_viscosity(np.array([frozen - width, frozen + width])))
    slope = (ends[0] - ends[1]) / (1.0 / (frozen - width) - 1.0 / (frozen + width))  # d log10 eta / d (1/T)
    kept = float(material.log10_viscosity(frozen)) + ISOSTRUCTURAL * slope * (1.0 / temperature - 1.0 / frozen)
    found = np.minimum(material.log10_viscosity(temperature), np.where(temperature < frozen, kept, math.inf))
    return np.asarray(np.clip(found, FLUID, SOLID))


def viscosity_assumptions(material: Any) -> tuple[Assumption, ...]:
    """What `log10_viscosity` rests on."""
    text = f"frozen structure below {material.annealing_point:.0f} K with {ISOSTRUCTURAL:g} of the equilibrium slope"
    key, source = f"{material.name}.viscosity", "Narayanaswamy 1971; x 0.4 to 0.7"
    return (Assumption(key, text, source, "M", "relaxing of the temper"),)


def thickness_weights(z: Array) -> Array:
    """Trapezoid weights of points through the thickness, their sum 1. (n,) -> (n,)."""
    step = np.diff(z)
    weight = np.zeros(len(z))
    weight[:-1] += 0.5 * step
    weight[1:] += 0.5 * step
    return weight / weight.sum()


def free_part(z: Array) -> Array:
    """Matrix that takes mean and linear part out of a profile at points z. (n, n)."""
    weight = thickness_weights(z)
    s = z - weight @ z
    line = np.outer(s, weight * s) / float(weight @ s**2)
    return np.eye(len(z)) - np.outer(np.ones(len(z)), weight) - line


def relaxed(
    time: Array, temperature: Array, stress: Array, z: Array, *, material: Any, modulus: float | None = None
) -> Array:
    """Change D of the stress of plate columns by viscous flow.

    Parameters
    ----------
    time : (m,) float [s]
    temperature : (m, c, n) float [K]
        Of c columns at n heights.
    stress : (m, c, n) float [Pa]
        Elastic, mean of both directions, tension positive.
    z : (n,) float [m]
        Heights, rising.
    modulus : float, optional [Pa]
        E/(1 - nu); the material's at room temperature if not given.

    Returns
    -------
    (m, c, n) float [Pa]
    """
    m, c, n = temperature.shape
    M = float(material.youngs_modulus(293.15) / (1.0 - material.poisson(293.15))) if modulus is None else modulus
    back = free_part(z)
    viscous = np.zeros((c, n))
    change = np.zeros((m, c, n))
    for i in range(1, m):  # instants depend on each other; columns and heights are arrays
        span = float(time[i] - time[i - 1])
        parts = max(1, math.ceil(span / LONGEST))
        for k in range(parts):
            share = (k + 1.0) / parts
            T = temperature[i - 1] + share * (temperature[i] - temperature[i - 1])
            s = stress[i - 1] + share * (stress[i] - stress[i - 1])
            rate = span / parts / (6.0 * 10.0 ** log10_viscosity(material, T))
            if M * rate.max() < 1e-9:
                continue
            # e (1 + rate M P) = e_old + rate s, implicit: stable however fluid the skin is
            system = np.eye(n) + (M * rate)[:, :, None] * back
            viscous = np.linalg.solve(system, (viscous + rate * s)[:, :, None])[:, :, 0]
        change[i] = -M * (viscous @ back.T)
    return change


def temper_left(profile: Array, change: Array, z: Array) -> Array:
    """Share of a temper that is left: the part of (profile + change) along the profile. (n,), (..., n) -> (...)."""
    weight = thickness_weights(z)
    norm = float(weight @ profile**2)
    return 1.0 + (change * profile) @ weight / norm if norm > 0.0 else np.ones(change.shape[:-1])
