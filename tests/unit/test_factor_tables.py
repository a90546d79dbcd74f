"""Printed boundary factors: which question they answer, beside the equations they are compared with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from deadlight.crack.factors import DEGREES, HEIGHTS, face_factors, factors, through_factors
from deadlight.crack.influence import face_influence, through_influence
from deadlight.crack.newman_raju import PlateCrack, corner_k, surface_k
from deadlight.errors import InputError

ASKED = {"a_over_c": 0.5, "a_over_t": 0.4, "c_over_t": 1.0, "near": 0.5, "nu": 0.2}


def rows(found: Any) -> np.ndarray:
    return np.array(found.rows)


@pytest.mark.parametrize("kind", ["surface", "corner"])
def test_a_face_crack_s_table_is_the_influence_tables_and_newman_and_raju(kind: Any) -> None:
    """F = K E(k)/sqrt(pi a) of tension and 1 - 2 z/t at every angle; a = 1 m, c = 2 m, t = 2.5 m."""
    found = rows(factors(kind, **ASKED))
    crack = face_influence(kind, a=1.0, c=2.0, thickness=2.5, nu=0.2)
    plate, equation = PlateCrack(1.0, 2.0, 2.5), corner_k if kind == "corner" else surface_k
    scale = crack.factor(np.ones(1))[0]
    for row, degrees in zip(found, DEGREES):
        phi = math.radians(degrees)
        book = equation(plate, phi)
        assert row[0] == degrees
        for first, (k, error) in ((1, crack.monomial(0, 0, np.array([phi]))), (4, crack.bending(np.array([phi])))):
            assert row[[first, first + 1]] == pytest.approx([k[0] * scale, error[0] * scale])
        assert row[[3, 6]] == pytest.approx([book[0] * scale, book[1] * scale])
    deepest = found[-1]
    assert deepest[1] == pytest.approx(deepest[3], rel=0.08)  # the authors' 5 %, and nu 0.2 for 0.3


def test_a_half_space_bends_as_it_stretches() -> None:
    """a/t = 0: the stress 1 - 2 z/t is 1 over the crack."""
    found = rows(face_factors("surface", 0.5, 0.0, 0.2))
    np.testing.assert_allclose(found[:, [4, 6]], found[:, [1, 3]], rtol=1e-6)


def test_a_through_crack_s_table_is_the_plane_problem_and_what_it_lacks() -> None:
    """Far from a rim the plane problem is 1 in stretching; what is missing is added; bending is odd in the height."""
    found = rows(factors("through", **ASKED | {"near": 0.0}))
    np.testing.assert_allclose(found[:, 0], HEIGHTS)
    missing = through_influence(c=1.0, ligament=math.inf, thickness=1.0, nu=0.2).missing(np.array(HEIGHTS))
    scale = math.sqrt(math.pi)
    for first in (1, 5):  # both tips are alike
        np.testing.assert_allclose(found[:, first + 1], 1.0, atol=2e-3)
        np.testing.assert_allclose(found[:, first] - found[:, first + 1], missing[first // 5, 0] / scale, atol=1e-12)
        np.testing.assert_allclose(
            found[:, first + 2] - found[:, first + 3], missing[first // 5, 1] / scale, atol=1e-12
        )
        np.testing.assert_allclose(found[::-1, first + 3], -found[:, first + 3], atol=1e-12)
        assert found[-1, first + 3] == pytest.approx(found[-2, first + 3] / 0.75)
    np.testing.assert_allclose(found[:, 1:5], found[:, 5:9], atol=2e-3)


def test_near_a_rim_the_rim_s_tip_has_the_larger_k() -> None:
    """c/(c + ligament) = 0.5: ligament and half length alike; isotropic sheet with a straight edge."""
    found = factors("through", **ASKED)
    table = rows(found)
    assert table.shape == (9, 9) and (table[:, 2] > table[:, 6]).all() and (table[:, 6] > 1.0).all()
    assert found.columns == ("2z/t", *("stretch", "plane", "bend", "plane") * 2)
    assert "the rim-side and the inner tip" in found.head[1]


def test_a_longer_crack_far_from_a_rim_is_scaled_by_its_own_length() -> None:
    """c/t = 2: K/(s sqrt(pi c)) of the plane problem is 1 all the same; a nearness of more than 1 is none."""
    np.testing.assert_allclose(rows(through_factors(2.0, 0.0, 0.2))[:, [2, 6]], 1.0, atol=2e-3)
    with pytest.raises(InputError, match="near"):
        through_factors(2.0, 1.01, 0.2)


def test_from_the_rim_there_is_one_tip_and_koiter_s_factor() -> None:
    """K/(s sqrt(pi c)), 2 c deep: 1.1215 sqrt(2) in the plane problem; the same by its other name."""
    found = factors("edge", **ASKED)
    table = rows(found)
    assert table.shape == (9, 5)
    np.testing.assert_allclose(table[:, 2], 1.1215 * math.sqrt(2.0), rtol=1e-3)
    np.testing.assert_array_equal(table, rows(through_factors(1.0, 1.0, 0.2)))
    assert "2 c deep" in found.head[1]


@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        ("surface", {"a_over_c": 0.0}, "a_over_c"),
        ("corner", {"a_over_t": -0.1}, "a_over_t"),
        ("through", {"c_over_t": 0.0}, "c_over_t"),
        ("through", {"near": 1.0}, "near"),
        ("through", {"near": -0.1}, "near"),
        ("surface", {"nu": 0.51}, "nu"),
        ("penny", {}, 'kind = "penny"'),
    ],
)
def test_a_question_without_an_answer_is_refused(kind: str, wrong: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        factors(kind, **ASKED | wrong)


def test_a_table_is_told_in_columns_and_for_machines() -> None:
    found = factors("surface", **ASKED)
    lines = str(found).splitlines()
    assert len(lines) == len(found.head) + 2 + len(found.rows) and lines[len(found.head)] == ""
    assert [float(cell) for cell in lines[-1].split()] == pytest.approx(found.rows[-1], abs=1e-4)
    assert len({len(line) for line in lines[len(found.head) + 1 :]}) == 1
    told = found.describe()
    assert told["about"] == list(found.head) and told["rows"][3] == list(found.rows[3])
