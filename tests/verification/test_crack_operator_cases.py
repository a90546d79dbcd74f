"""Every case of `deadlight verify` within its tolerance; references and their sources in src/deadlight/verify/data."""

import functools

import numpy as np
import pytest

from deadlight.verify.case import CRACKS, Effort
from deadlight.verify.properties import scatter
from deadlight.verify.run import Verification, all_cases, run_case
from deadlight.verify.table import text

EXACT = (
    "penny_tension", "penny_inclined_45", "ellipse_tension", "ellipse_inclined_w0", "ellipse_inclined_w90",
    "penny_torsion", "penny_linear_pressure",
)  # fmt: skip
SHORT = (
    "halfspace_semicircle", "halfspace_semiellipse", "penny_cooled_faces", "penny_heat_flow", "turned_and_mirrored",
    "reciprocity", "closure",
)  # fmt: skip
OTHER = tuple(case.name for case in all_cases() if case.family not in CRACKS)  # heat, stress, growth, air
LONG = tuple(case.name for case in all_cases() if case.name not in EXACT + SHORT + OTHER)


@functools.cache
def outcome(name, quick=False):
    return run_case(next(case for case in all_cases() if case.name == name), Effort(quick=quick))


def check(name, quick=False):
    found = outcome(name, quick)
    assert found.passed, text(Verification((found,), Effort(quick=quick)))


@pytest.mark.parametrize("name", EXACT + SHORT + OTHER)
def test_case(name):
    check(name)


@pytest.mark.parametrize("name", ["energy_balance", "edge_strip"])
def test_first_rows(name):
    check(name, quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_long_case(name):
    """Fits and recalled tables too: today's answers lie within their stated bands."""
    check(name)


def test_error_estimate_brackets_the_error():
    """Promise: at 95 % of the points at least, and no more than five times the error in the median."""
    found = Verification(tuple(outcome(name) for name in EXACT), Effort())
    share, ratio, count = found.bracketed()
    assert count > 500
    assert share >= 0.95
    assert ratio < 5.0


@pytest.mark.slow
def test_fifty_meshes_of_one_flaw():
    """Half-penny at 50 random places and angles of a block: K at seven angles of the front within 0.3 % of the mean."""
    for each in scatter(50, Effort()).lines:
        assert len(each.error) == 50
        assert np.abs(each.error).max() < 3e-3
