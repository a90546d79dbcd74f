"""A surface or corner crack's problem under a history: stress and temperature brought to its area, tips, bounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from deadlight.crack.face_problem import BEYOND, WIDTH_SHARE, FaceProblem
from deadlight.crack.influence import face_influence
from deadlight.crack.line import crack_line
from deadlight.crack.newman_raju import PlateCrack, corner_k, surface_k, width_factor
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.seed import Corner, Place, Surface

T = 0.010
PANE = PaneShape(thickness=T, lip_inset=0.015, radius=0.150)
A, C = 2e-3, 4e-3
TEN = math.radians(10.0)


def made(
    field: Any, kind: str = "surface", face: Any = "outer", inside: float = 0.035, warm: Any = None
) -> FaceProblem:
    """Stress as a function of depth below the rim and height 2 z/t; a list of them is a history."""
    seed: Any = (
        Surface(a=A, c=C, place=Place(inside_lip=inside, face=face))
        if kind == "surface"
        else Corner(a=A, c=C, place=Place(inside_lip=0.0, face=face))
    )
    line = crack_line(seed, PANE, points=8)
    depth, zeta = line.depth[:, None], line.zeta[None, :]
    fields = field if isinstance(field, list) else [field]
    stress = np.array([f(depth, zeta) + 0.0 * (depth + zeta) for f in fields])
    warmth = stress if warm is None else np.array([warm(depth, zeta)] * len(fields))
    return FaceProblem(seed, line, stress, warmth, 0.2)


def table(kind: Any = "surface") -> Any:
    return face_influence(kind, a=A, c=C, thickness=T, nu=0.2)


def test_uniform_stress_gives_the_tables_k_times_the_width_s() -> None:
    """Middle 50 mm below the rim: lambda = c/b sqrt(a/t); the rim side and the centre side alike."""
    found = made([lambda d, z: 1e6, lambda d, z: 3e6]).k(A, C)
    wide = width_factor(PlateCrack(A, C, T, 0.05), "surface")
    assert 1.0 < wide < 1.01
    expected = table().monomial(0, 0, np.array([0.5 * math.pi, math.pi - TEN, TEN]))[0]
    np.testing.assert_allclose(found.upper[0], 1e6 * wide * expected, rtol=1e-6)
    np.testing.assert_allclose(found.upper[1], 3.0 * found.upper[0], rtol=1e-9)
    np.testing.assert_allclose(found.plain, found.upper)
    assert found.size == (A, C) and found.remarks == ()


@pytest.mark.parametrize("face", ["outer", "inner"])
def test_bending_counts_from_the_crack_s_own_face(face: str) -> None:
    """2 z/t is 1 - 2 (depth)/t from the outer face, -1 + 2 (depth)/t from the inner one."""
    sign = 1.0 if face == "outer" else -1.0
    found = made(lambda d, z: sign * 1e6 * z, face=face).k(A, C)
    expected = table().bending(np.array([0.5 * math.pi, math.pi - TEN, TEN]))[0]
    wide = width_factor(PlateCrack(A, C, T, 0.05), "surface")
    np.testing.assert_allclose(found.plain[0], 1e6 * wide * expected, rtol=1e-6)


def test_stress_that_grows_inwards_lifts_the_centre_s_side() -> None:
    """x/c inwards: the monomial (1, 0); mirrored about the middle the ends change places."""
    grows, falls = (made(lambda d, z, s=s: 1e6 * (1.0 + s * (d - 0.05) / C)).k(A, C).upper[0] for s in (0.5, -0.5))
    one, x = (table().monomial(i, 0, np.array([0.5 * math.pi, math.pi - TEN, TEN]))[0] for i in (0, 1))
    wide = width_factor(PlateCrack(A, C, T, 0.05), "surface")
    np.testing.assert_allclose(grows, 1e6 * wide * (one + 0.5 * x), rtol=1e-6)
    assert grows[2] > grows[1]
    np.testing.assert_allclose(falls, grows[[0, 2, 1]], rtol=1e-6)


def test_a_corner_crack_has_two_points_and_its_own_width() -> None:
    """10 degrees off both faces; x/c from the rim; width: the whole chord of 300 mm."""
    problem = made(lambda d, z: 1e6 * (1.0 + d / C), kind="corner")
    assert problem.tips == ("deepest", "centre_side") and problem.middle == 0.0
    found = problem.k(A, C)
    one, x = (table("corner").monomial(i, 0, np.array([0.5 * math.pi - TEN, TEN]))[0] for i in (0, 1))
    wide = width_factor(PlateCrack(A, C, T, 0.300), "corner")
    np.testing.assert_allclose(found.upper[0], 1e6 * wide * (one + x), rtol=1e-6)


def test_a_crack_partly_in_pressure_is_bounded_by_its_tensile_part() -> None:
    """Upper: not below the superposed value, nor below 0; pressure all over: nothing. Homogeneous of degree one."""
    fields = [lambda d, z: 1e6 * (z - 0.8), lambda d, z: -1e6, lambda d, z: 2e6 * (z - 0.8)]
    found = made(fields).k(A, C)
    assert (found.upper[0] > np.maximum(found.plain[0], 0.0)).all()
    assert not found.upper[1].any() and (found.plain[1] < 0.0).all()
    np.testing.assert_allclose(found.upper[2], 2.0 * found.upper[0], rtol=1e-9)
    tensile = made(lambda d, z: 1e6 * np.maximum(z - 0.8, 0.0)).k(A, C)
    assert (np.abs(found.upper[0] - tensile.upper[0]) < 0.2 * tensile.upper[0]).all()


def test_the_error_is_that_of_the_tables_and_of_the_width() -> None:
    """Uniform stress leaves nothing unfitted: tables' error, 0.7 of what the width adds; 10 % more outside them."""
    for inside, a, c in ((0.035, A, C), (-0.010, A, C), (0.035, 0.5e-3, C)):
        problem = made(lambda d, z: 1e6, inside=inside)
        found, middle = problem.k(a, c), 0.015 + inside
        wide = width_factor(PlateCrack(a, c, T, middle), "surface")
        influence = face_influence("surface", a=a, c=c, thickness=T, nu=0.2, extrapolate=True)
        _, error = influence.monomial(0, 0, problem.angles)
        outside = BEYOND if a < 1e-3 else 0.0
        assert bool(found.remarks) == bool(outside)
        expected = wide * 1e6 * error + (WIDTH_SHARE * (wide - 1.0) + outside) * found.upper[0]
        np.testing.assert_allclose(found.error[0], expected, rtol=1e-6)
    rough = made(lambda d, z: 1e6 * (1.0 + 0.5 * np.cos(d / 0.3e-3))).k(A, C)
    smooth = made(lambda d, z: 1e6).k(A, C)
    assert (rough.error > 2.0 * smooth.error).all()


def test_temperature_is_read_at_the_tips() -> None:
    """Deepest: a below the face; the ends on the face, c off the middle."""
    found = made(lambda d, z: 1e6, warm=lambda d, z: 300.0 + 1e4 * d + 50.0 * z).tip_temperature(A, C)
    expected = [300.0 + 500.0 + 50.0 * (1.0 - 2.0 * A / T), 850.0 - 40.0, 850.0 + 40.0]
    np.testing.assert_allclose(found[0], expected)
    corner = made(lambda d, z: 1e6, kind="corner", warm=lambda d, z: 300.0 + 1e4 * d + 50.0 * z)
    np.testing.assert_allclose(corner.tip_temperature(A, C)[0], [300.0 + 30.0, 350.0 + 40.0])


@pytest.mark.parametrize(("kind", "equation"), [("surface", surface_k), ("corner", corner_k)])
def test_the_handbook_s_k_of_uniform_stress_is_the_plate_equation(kind: str, equation: Any) -> None:
    problem = made([lambda d, z: 1e6, lambda d, z: -1e6], kind=kind)
    found = problem.handbook(A, C)
    plate = PlateCrack(A, C, T, 0.300 if kind == "corner" else 0.05)
    deep = 0.5 * math.pi - (TEN if kind == "corner" else 0.0)
    np.testing.assert_allclose(found[0, 0], 1e6 * equation(plate, deep)[0], rtol=1e-6)
    np.testing.assert_allclose(found[0, 1:], 1e6 * equation(plate, TEN)[0], rtol=1e-6)
    assert not found[1].any()


def test_the_handbook_takes_a_stress_along_the_face_at_two_thirds_of_c() -> None:
    """And a fifth and seven tenths of c of a corner crack."""
    slope = made(lambda d, z: 1e6 * (d - 0.05) / C + 2e6)
    even = made(lambda d, z: 1e6).handbook(A, C)[0]
    np.testing.assert_allclose(slope.handbook(A, C)[0] / even, [2.0, 2.0 - 2.0 / 3.0, 2.0 + 2.0 / 3.0], rtol=1e-6)
    corner = made(lambda d, z: 1e6 * d / C, kind="corner").handbook(A, C)[0]
    np.testing.assert_allclose(corner / made(lambda d, z: 1e6, kind="corner").handbook(A, C)[0], [0.2, 0.7], rtol=1e-6)
    off = C * 2.0 / 3.0
    np.testing.assert_allclose(slope.positions(C), [(0.05, 0.05), (0.05 - off, 0.05 - C), (0.05 + off, 0.05 + C)])


@pytest.mark.parametrize(
    ("field", "kind", "size", "suits"),
    [
        (lambda d, z: 1e6, "surface", (A, C), True),
        (lambda d, z: 1e6 * (1.5 + z), "surface", (A, C), True),
        (lambda d, z: 1e6, "corner", (A, C), False),
        (lambda d, z: 1e6, "surface", (0.5e-3, C), False),  # a/c 0.125
        (lambda d, z: 1e6 * (z - 0.9), "surface", (A, C), False),  # partly in pressure
        (lambda d, z: 1e6 * (1.0 + 0.1 * (d - 0.05) / C), "surface", (A, C), True),
        (lambda d, z: 1e6 * (1.0 + 0.9 * (d - 0.05) / C), "surface", (A, C), False),  # varies along the face
    ],
)
def test_what_the_handbook_is_made_for(field: Any, kind: str, size: tuple[float, float], suits: bool) -> None:
    problem = made([lambda d, z: -1e6, field], kind=kind)
    assert problem.suits_handbook(problem.k(*size), 1) == suits
    assert not problem.suits_handbook(problem.k(*size), 0)
