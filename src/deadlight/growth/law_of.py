"""From a material of the library to its law of slow growth."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Literal

import numpy as np

from deadlight.assumption import STATUSES
from deadlight.errors import MaterialError
from deadlight.growth.law import ExponentialLaw, GrowthLaw, NoGrowth, PowerLaw, SimpleExponential
from deadlight.growth.law_kinds import Kind, check_constants
from deadlight.growth.law_table import TableLaw
from deadlight.growth.law_user import user_law
from deadlight.growth.moisture import Moisture
from deadlight.growth.threshold import Threshold
from deadlight.material.material import Material

TANGENT = 0.6  # K/K_Ic at which the power law of a material touches its exponential one
ROOM_TEMPERATURE = 298.15  # K, of that tangent


def law_of(
    material: Material,
    kind: Kind,
    *,
    n: float | None = None,
    v_c: float | None = None,
    v0: float | None = None,
    beta: float | None = None,
    file: str | os.PathLike[str] | None = None,
    user: str | None = None,
    parameters: Mapping[str, float] | None = None,
    threshold: float | Literal["material"] | None = None,
) -> GrowthLaw:
    """The law of a material.

    Parameters
    ----------
    material : Material
        Its `slow_growth`, `toughness` and, where asked for, `threshold` are taken.
    kind : str
        "none"; "exponential" (v0 and beta, or the material's chemical rate); "power" (n and v_c at K_Ic(T), or a
        tangent to the material's exponential law at 0.6 K_Ic and 298.15 K); "table"; "user" (an installed law).
    n, v_c : float, [m/s]
    v0, beta : float [m/s], [1/(Pa m**0.5)]
    file : path
        CSV of the table, see `TableLaw.from_file`.
    user, parameters : str, mapping
        Name of the installed law, and what is handed to it beside the material.
    threshold : float [Pa m**0.5], "material" or None
        None: no threshold, the safe side.

    Raises
    ------
    InputError, MaterialError
        The material lacks what the law needs, a constant is stated in vain or cannot be.
    """
    check_constants(
        kind, threshold=threshold, n=n, v_c=v_c, v0=v0, beta=beta, file=file, user=user, parameters=parameters or None
    )
    law: GrowthLaw
    if kind == "none":
        return NoGrowth()
    if kind == "exponential":
        law = _exponential(material, v0, beta)
    elif kind == "power":
        law = _power(material, n, v_c)
    elif kind == "table":
        law = TableLaw.from_file(str(file), owner=f"{material.name}.slow_growth")
    else:
        law = user_law(str(user), material, parameters)
    return law if threshold is None else with_threshold(law, material, threshold)


def with_threshold(law: GrowthLaw, material: Material, threshold: float | Literal["material"]) -> Threshold:
    """The law cut off at a stated threshold [Pa m**0.5], or at the material's own."""
    owner = f"{material.name}.threshold"
    if threshold != "material":
        return Threshold(law=law, k0=float(threshold), owner=owner)
    known = material.table("threshold")
    status = known.status if known.status in STATUSES else "R"
    return Threshold(law=law, k0=known, owner=owner, source=known.source, status=status, note=known.note)


def moisture_of(material: Material) -> Moisture:
    """What humidity does to the velocity of a material; without data dryness earns nothing."""
    known = material.slow_growth
    if known is None:
        return Moisture()
    return Moisture(
        exponent=known.humidity_exponent,
        least=known.least_humidity,
        source=known.humidity_source,
        status=known.humidity_status,
        vacuum_source=known.vacuum_source,
        vacuum_status=known.vacuum_status,
    )


def _exponential(material: Material, v0: float | None, beta: float | None) -> GrowthLaw:
    owner = f"{material.name}.slow_growth"
    if v0 is not None and beta is not None:
        return SimpleExponential(v0=v0, beta=beta, owner=owner, moisture=moisture_of(material))
    known = material.slow_growth
    if known is None:
        raise MaterialError(
            "constants of slow growth are not known",
            place=owner,
            remedy=f'state them: [materials.my_{material.name}] base = "{material.name}", slow_growth = {{ ln_v0 = "", '
            'activation_energy = "", b = "" }}, or v0 and beta in [growth]',
        )
    return ExponentialLaw(
        ln_v0=known.ln_v0,
        activation_energy=known.activation_energy,
        b=known.b,
        moisture=moisture_of(material),
        owner=owner,
        source=known.source,
        status=known.status if known.status in STATUSES else "R",
        note=known.note,
    )


def _power(material: Material, n: float | None, v_c: float | None) -> PowerLaw:
    owner, toughness = f"{material.name}.slow_growth", material.toughness
    if n is not None and v_c is not None:
        return PowerLaw(n=n, v_c=v_c, k_ref=toughness, owner=owner, moisture=moisture_of(material))
    exponential = _exponential(material, None, None)
    assert isinstance(exponential, ExponentialLaw)
    T = np.asarray(ROOM_TEMPERATURE)
    k_ic = float(toughness(T))
    k = TANGENT * k_ic
    slope = k * float(exponential.slope(T))
    return PowerLaw(
        n=slope,
        v_c=math.exp(float(exponential.ln_water(np.asarray(k), T)) - slope * math.log(TANGENT)),
        k_ref=toughness,
        owner=owner,
        moisture=exponential.moisture,
        source=exponential.source,
        status=exponential.status,
        note=f"tangent to the exponential law at {TANGENT:g} K_Ic and {ROOM_TEMPERATURE:g} K: slower on either side",
    )
