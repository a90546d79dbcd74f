"""Law of slow growth and humidity of a case."""

from __future__ import annotations

from pathlib import Path

from deadlight.case.model import Case
from deadlight.case.paths import law_path
from deadlight.errors import CaseError, InputError
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import GrowthLaw
from deadlight.growth.law_of import law_of
from deadlight.material.material import Material


def growth_law(case: Case, material: Material, *, root: Path) -> GrowthLaw:
    """The law of the case for the glass of one pane; "none" if it states none.

    Raises
    ------
    CaseError
        The material lacks the constants, the table is at fault, or the user's law is not installed.
    """
    stated = case.growth
    try:
        return law_of(
            material,
            stated.law,
            n=stated.n,
            v_c=stated.v_c,
            v0=stated.v0,
            beta=stated.beta,
            file=None if stated.file is None else law_path(stated.file, root),
            user=stated.user,
            parameters=stated.parameters,
            threshold=stated.threshold,
        )
    except InputError as error:
        raise CaseError(error.found, place=f"growth: {error.place}", remedy=error.remedy) from error


def humidity_at(case: Case, pane: str) -> Humidity:
    """Humidity at the cracks of a pane on the case's clock: 100 % wherever nothing else was shown."""
    return case.growth.humidity_at(pane)
