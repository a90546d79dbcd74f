"""Energy balance of growth: int G dA over the gained area against the change of potential energy, by real solutions."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.growth.advance import advanced
from deadlight.growth.direction import turn
from deadlight.growth.energy import Advance, Balance, balance, crack_area, crossed, mean_release, potential_energy
from deadlight.growth.energy import _of_seats as of_seats
from deadlight.operator.field import StressModes, as_modes
from deadlight.operator.history import CrackHistory
from deadlight.operator.intensity import stress_intensity
from deadlight.surface.sheet import Sheet
from deadlight.verify.embedded import uniaxial
from deadlight.verify.properties import block

Array = np.ndarray[Any, np.dtype[np.float64]]
X, Y, Z = np.eye(3)
A, E, NU = 1e-3, 70e9, 0.2
MIXED = as_modes([0, 0, 1e6, 0, 0.6e6, 0])


def solved(sheet: Sheet, stress: StressModes, body: Any = None, refine: float = 0.7, **more: Any) -> CrackHistory:
    return stress_intensity(stress, sheet, body, young=E, nu=NU, estimate=False, refine=refine, **more).history


@functools.cache
def penny() -> CrackHistory:
    return solved(ellipse(A), MIXED)


def ellipse(a: float, b: float | None = None) -> Sheet:
    return Sheet.ellipse(np.zeros(3), Z, X, a, a if b is None else b)


def advances(history: CrackHistory, moved: list[Array], tilt: list[Array] | None = None) -> list[Advance]:
    fronts = history.operator.mesh.fronts
    tilt = tilt or [np.zeros(len(f.point)) for f in history.frames]
    each = zip(history.frames, fronts, history.k, moved, tilt)
    return [Advance(frame, front.closed, k, to, by) for frame, front, k, to, by in each]


def held(
    before: CrackHistory, after: CrackHistory, stress: StressModes, step: list[Advance], gained: float | None = None
) -> Balance:
    energies = potential_energy(before, stress), potential_energy(after, stress)
    return balance(before, after, step, energies, gained=gained)


@pytest.mark.reference("Sneddon 1946, Proc. R. Soc. A 187:229", "Segedin 1951, Proc. Camb. Phil. Soc. 47:396")
def test_potential_energy_of_a_penny() -> None:
    """-8 (1 - nu^2) a^3 / (3 E) (sigma^2 + tau^2 / (1 - nu/2)): Sneddon 1946; Segedin 1951. Pressure as tension."""
    open_, sheared = 8 * (1 - NU**2) * A**3 / (3 * E) * 1e12, 0.36 / (1 - NU / 2)
    history = penny()
    assert potential_energy(history, MIXED)[0] == pytest.approx(-open_ * (1 + sheared), rel=2e-3)
    assert crack_area(history.operator.mesh) == pytest.approx(np.pi * A**2, rel=1e-4)
    none = as_modes([0, 0, 0, 0, 0.6e6, 0])
    pressed = solved(ellipse(A), none, pressure=1e6)
    assert potential_energy(pressed, none, pressure=1e6)[0] == pytest.approx(-open_ * (1 + sheared), rel=2e-3)


@pytest.mark.parametrize(("da", "db"), [(0.1, 0.1), (0.08, 0.0)])
def test_penny_growing_in_its_plane(da: float, db: float) -> None:
    """All three modes at once, even and uneven advance."""
    one, two = penny(), solved(ellipse(A * (1 + da), A * (1 + db)), MIXED)
    moved = one.frames[0].point * [1 + da, 1 + db, 1]
    found = held(one, two, MIXED, advances(one, [moved]))
    assert abs(found.error[0]) < 0.01
    assert not found.remark().alarm


def test_the_rule_converges_with_the_step() -> None:
    """Exact G and Pi of a penny: the trapezoid's error falls with the square of the step, so it is the rule's own."""
    steps = np.array([0.2, 0.1, 0.05])
    g = np.array([[1 + 0 * d, 1 + d] for d in steps])  # G over a penny grows with a
    exact = ((1 + steps) ** 3 - 1) / 3
    rule = g @ [0.5, 0.5] * ((1 + steps) ** 2 - 1) / 2
    off = np.abs(rule / exact - 1)
    assert off[:-1] / off[1:] == pytest.approx(4, rel=0.2)
    assert off[1] < 0.003


def test_penny_half_shut() -> None:
    """Tension on one half, compression on the other: contact does no work, the shut part of the front gives none."""
    bent = as_modes(lambda x: np.stack([0 * x[:, 0]] * 2 + [1e9 * x[:, 0]] + [0 * x[:, 0]] * 3, axis=-1))
    one, two = solved(ellipse(A), bent), solved(ellipse(1.1 * A), bent)
    assert 0.2 < one.closed[0] < 0.6
    found = held(one, two, bent, advances(one, [1.1 * one.frames[0].point]))
    assert abs(found.error[0]) < 0.03


def test_through_crack_growing_in_a_plate() -> None:
    plate, tension, step = block(6 * A, 6 * A, 1.5 * A), as_modes([0, 1e6, 0, 0, 0, 0]), 0.1 * A

    def through(half: float) -> Sheet:
        return Sheet.line(np.array([[-half, 0, 0], [half, 0, 0]]), Z, (-5 * A, 5 * A))

    one, two = solved(through(A), tension, plate), solved(through(A + step), tension, plate)
    assert len(one.frames) == 2
    found = held(one, two, tension, advances(one, [f.point + step * np.sign(f.point[:, :1]) * X for f in one.frames]))
    assert found.area == pytest.approx(2 * step * 1.5 * A, rel=1e-6)
    assert abs(found.error[0]) < 0.01


def kinked(sheet: Sheet, stress: StressModes, step: float, body: Any = None) -> tuple[Balance, float, float]:
    """One step of the controller, all nodes alike far, by local symmetry: its balance, the largest tilt, and int G dA
    without the kink's F."""
    found = stress_intensity(stress, sheet, body, young=E, nu=NU, estimate=False, refine=0.7)
    one, tilt = found.history, [turn(k[0], NU).tilt for k in found.history.k]
    every = np.concatenate(tilt)
    after = advanced(found.meshed, [sheet], np.full(len(every), step), every, body=body, refine=0.7, back=None)
    assert not after.changes
    two = stress_intensity(
        stress, after.sheets, body, young=E, nu=NU, estimate=False, refine=0.7, meshed=after.meshed
    ).history  # fmt: skip
    step_made = advances(one, list(after.points), tilt)
    balanced = held(one, two, stress, step_made, after.gained)
    straight = mean_release(advances(one, list(after.points)), two, after.gained)[0] * balanced.area
    return balanced, float(np.degrees(np.abs(every).max())), float(straight)


def test_inclined_penny_kinking() -> None:
    """Plane 45 degrees off the tension: kinks by up to 59 degrees, with K_III between."""
    pull = uniaxial(1e6, np.array([np.sqrt(0.5), 0, np.sqrt(0.5)]))
    found, tilt, straight = kinked(ellipse(A), as_modes(pull), 0.1 * A)
    assert tilt == pytest.approx(58.8, abs=0.5)
    assert abs(found.error[0]) < 0.03
    assert straight < 0.9 * found.released[0]  # with K of the old front as it was, the balance would not hold


def test_inclined_through_crack_kinking() -> None:
    """45 degrees off the tension in a plate: both fronts turn across the pull."""
    end = np.array([[-1, -1, 0], [1, 1, 0]]) * A * np.sqrt(0.5)
    crack, plate = Sheet.line(end, Z, (-5 * A, 5 * A)), block(6 * A, 6 * A, 1.5 * A)
    found, tilt, straight = kinked(crack, as_modes([0, 1e6, 0, 0, 0, 0]), 0.1 * A, plate)
    assert 50 < tilt < 60
    assert abs(found.error[0]) < 0.03
    assert straight < 0.9 * found.released[0]


@pytest.mark.parametrize("law", [3.0, 0.5, -0.5, -3.0])
@pytest.mark.parametrize("pull", [2.0, -2.0])
def test_energy_of_seats_that_lift(law: float, pull: float) -> None:
    """One degree of freedom u = -D with stiffness a and a seat max(law + k u, 0): energy by its own formula."""
    a, k, area, b = 1.5, 2.0, 0.7, pull  # of a u^2/2, a seat that pushes back on u, and a load b on D = -u
    grid = np.linspace(-6, 6, 2_400_001)
    spring = (np.maximum(law + k * grid, 0) ** 2 - max(law, 0.0) ** 2) / (2 * k) - max(law, 0.0) * grid
    total = 0.5 * a * grid**2 + b * grid + area * spring
    d = -float(grid[total.argmin()])
    history = SimpleNamespace(time=np.zeros(1), amplitude=np.ones((1, 1)))
    seats = SimpleNamespace(node=[0], push=np.array([[area]]), law=np.array([[law]]), stiffness=np.array([k]),
                            area=np.array([area]))  # fmt: skip
    found = -0.5 * b * d + of_seats(history, np.array([[d]]), seats)[0]  # type: ignore[arg-type]
    assert found == pytest.approx(float(total.min()), rel=1e-4)


def test_a_wrong_balance_is_an_alarm() -> None:
    one, two = penny(), solved(ellipse(1.05 * A), MIXED)
    step = advances(one, [1.05 * one.frames[0].point])
    energies = potential_energy(one, MIXED), potential_energy(two, MIXED)
    shifted = balance(one, two, step, (energies[0], 1.04 * energies[0]))
    assert shifted.remark().alarm
    assert "limit 3 %" in shifted.remark()
    with pytest.raises(InputError, match="area changed"):
        balance(two, one, step, energies)
    with pytest.raises(InputError, match="no front moved"):
        mean_release(advances(one, [one.frames[0].point]), two, 1e-6)


def test_weights_of_a_front_are_those_of_simpson():
    """Straight, corner, middle, corner: 1/3, 4/3, 2/3, 4/3, 1/3 of the spacing times the way across; none along it."""
    points = np.column_stack([np.arange(5.0), np.zeros(5), np.zeros(5)])
    across, along = np.tile([0.0, 0.5, 0.0], (5, 1)), np.tile([2.0, 0.0, 0.0], (5, 1))
    simpson = 0.5 * np.array([1.0, 4.0, 2.0, 4.0, 1.0]) / 3.0
    np.testing.assert_allclose(crossed(points, across, closed=False), simpson, rtol=1e-12)
    np.testing.assert_allclose(crossed(points, along, closed=False), 0.0, atol=1e-15)


def test_weights_of_a_ring_tell_corners_from_middles():
    """A circle of radius 2 that grows by 1 per share: its perimeter; two thirds of it on the middles."""
    angle = np.linspace(0.0, 2.0 * np.pi, 33)[:-1]
    way = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(32)])
    weight = crossed(2.0 * way, way, closed=True)
    assert weight.sum() == pytest.approx(4.0 * np.pi, rel=1e-4)
    assert weight[1::2].sum() == pytest.approx(2.0 / 3.0 * 4.0 * np.pi, rel=5e-3)
