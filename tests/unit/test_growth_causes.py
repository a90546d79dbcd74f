"""Share of K from each cause: parts add up to K with contact, each is its own where the crack is open."""

import numpy as np
import pytest

from deadlight.case.load import load_case
from deadlight.chain.causes import causes_at
from deadlight.chain.run import run_case
from deadlight.errors import InputError
from deadlight.growth.causes import CausesOfK, causes_of_k
from deadlight.operator.field import SteadyStress, as_modes
from deadlight.operator.history import follow, without_overlap
from deadlight.operator.intensity import stress_intensity
from deadlight.surface.from_mesh import body_from_mesh
from deadlight.surface.sheet import Sheet
from support_cases import write_case

X, Y, Z = np.eye(3)
A, E, NU = 1e-3, 70e9, 0.2
TENSION, SHEAR = as_modes([0, 0, 1e6, 0, 0, 0]), as_modes([0, 0, 0, 0, 0.7e6, 0])


def bent(x):
    out = np.zeros((len(x), 6))
    out[:, 2] = 3e9 * x[:, 0]
    return out


@pytest.fixture(scope="module")
def operator():
    penny = Sheet.ellipse(np.zeros(3), Z, X, A, A)
    return stress_intensity(TENSION, penny, young=E, nu=NU, estimate=False, refine=0.7).history.operator


def test_open_crack_each_cause_is_its_own(operator):
    found = causes_of_k(operator, {"pressure": TENSION, "rim": SHEAR}, inside={"residual": 2e6})
    for name, stress in (("pressure", TENSION), ("rim", SHEAR)):
        assert found.k[name][0] == pytest.approx(follow(operator, stress).k[0], abs=1e-3)
    assert found.k["residual"][0] == pytest.approx(2 * found.k["pressure"][0], rel=1e-2, abs=1e2)
    assert found.closed[0] == 0
    shares = [found.shares(0, 0, point) for point in (0, 7, 12)]
    for share in shares:
        assert sum(share.values()) == pytest.approx(1)
        assert share["residual"] == pytest.approx(2 * share["pressure"], rel=1e-2)
        # no cross terms: by energy, K_I of 3 MPa against the shear's own K_II and K_III
    g = [1.0, 1.0, 1 / (1 - NU)]
    rim = float((found.k["rim"][0][0, 7] ** 2) @ g / ((found.total(0)[0, 7] ** 2) @ g))
    assert shares[1]["rim"] == pytest.approx(rim, rel=1e-2)


def test_pressure_in_the_crack_adds_to_a_cause_of_that_name(operator):
    both = causes_of_k(operator, {"pressure": TENSION}, inside={"pressure": np.array([1e6])})
    assert both.k["pressure"][0] == pytest.approx(2 * follow(operator, TENSION).k[0], rel=1e-2, abs=1e2)


def test_partly_shut_crack_adds_up_to_k_with_contact(operator):
    bending = as_modes(bent)
    both = SteadyStress(lambda x: bent(x) + [0, 0, 1e6, 0, 0, 0], np.zeros(1), np.ones((1, 1)))
    whole = follow(operator, both)
    found = causes_of_k(operator, {"heat": bending, "pressure": TENSION})
    assert 0.1 < found.closed[0] == whole.closed[0] < 0.5
    # a sum of parts may be a little below 0 at points that are shut, K with contact may not
    assert without_overlap(found.total(0)) == pytest.approx(whole.k[0], abs=1e-6 * np.abs(whole.k[0]).max())
    open_ = causes_of_k(operator, {"heat": bending, "pressure": TENSION}, contact=False)
    assert open_.total(0) == pytest.approx(whole.k_open[0], abs=1e-6 * np.abs(whole.k_open[0]).max())
    assert np.abs(open_.total(0) - found.total(0)).max() > 0.05 * np.abs(whole.k[0]).max()


def test_shares_are_those_of_the_energy_at_one_point_of_one_front_at_one_instant():
    """nu = 0.5, so K_III counts twice: k M k_cause / k M k by hand, and zero elsewhere."""
    k = {}
    for name, at in (("heat", [3.0, 0.0, 0.0]), ("rim", [1.0, 0.0, 2.0]), ("pressure", [-1.0, 1.0, 0.0])):
        k[name] = (np.full((2, 4, 3), 9.0), np.zeros((2, 4, 3)))
        k[name][1][1, 2] = at
    found = CausesOfK(np.arange(2.0), (), k, np.zeros(2), 0.5)
    np.testing.assert_array_equal(found.total(1)[1, 2], [3.0, 1.0, 2.0])
    np.testing.assert_array_equal(found.total(0), 27.0)
    assert found.shares(1, 1, 2) == pytest.approx({"heat": 9 / 18, "rim": 11 / 18, "pressure": -2 / 18})
    assert found.shares(1, 1, 1) == {"heat": 0.0, "rim": 0.0, "pressure": 0.0}
    assert found.shares(0, 0, 0) == pytest.approx({"heat": 1 / 3, "rim": 1 / 3, "pressure": 1 / 3})


def test_each_cause_follows_its_own_course_in_time(operator):
    """Amplitudes of two stresses and of a pressure in the crack over three instants, no contact."""
    time, up, down = np.arange(3.0), np.array([[1.0], [2.0], [0.5]]), np.array([[2.0], [0.0], [1.0]])
    pull = SteadyStress(lambda x: np.tile([0, 0, 1e6, 0, 0, 0.0], (len(x), 1)), time, up)
    shear = SteadyStress(lambda x: np.tile([0, 0, 0, 0, 0.7e6, 0.0], (len(x), 1)), time, down)
    found = causes_of_k(
        operator, {"pressure": pull, "rim": shear}, inside={"residual": np.array([0.0, 1e6, 3e6]), "rim": 2e6}
    )
    one, other = follow(operator, TENSION).k[0][0], follow(operator, SHEAR).k[0][0]
    inner = found.k["residual"][0][1]
    np.testing.assert_allclose(found.k["pressure"][0], up[:, :, None] * one, atol=1e-3)
    np.testing.assert_allclose(found.k["residual"][0], np.array([0.0, 1.0, 3.0])[:, None, None] * inner, atol=1e-3)
    np.testing.assert_allclose(found.k["rim"][0], down[:, :, None] * other + 2.0 * inner, atol=1e-3)
    assert inner == pytest.approx(one, rel=1e-2, abs=1e2) and found.closed.tolist() == [0.0] * 3
    np.testing.assert_array_equal(found.time, time)


def test_no_load_has_no_shares(operator):
    none = causes_of_k(operator, {"heat": as_modes(np.zeros(6))})
    assert none.shares(0, 0, 3) == {"heat": 0.0}


def test_different_instants_are_refused(operator):
    later = SteadyStress(bent, np.array([1.0]), np.ones((1, 1)))
    for causes in ({"heat": later, "pressure": TENSION}, {}):
        with pytest.raises(InputError, match="causes"):
            causes_of_k(operator, causes)


@pytest.mark.reference("Newman & Raju 1981, Eng. Fract. Mech. 15:185")
def test_shares_of_a_crack_in_a_run(tmp_path):
    """A flaw in the outer face of a case's pane, pulled by the cabin's pressure and pressed by the heat on that face:
    the causes' sum against K under the stored stress history."""
    path = write_case(tmp_path)
    run = run_case(load_case(path), root=path.parent)
    history, pane = run.stress["thermal"], run.viewport.case.panes[0]
    body = body_from_mesh(history.mesh)
    low, high = history.mesh.points.min(axis=0), history.mesh.points.max(axis=0)
    middle = 0.5 * (low + high)
    flaw = Sheet.ellipse([middle[0] + 0.01, middle[1], high[2]], [0.3, 1, 0], [1, -0.3, 0], 1e-3, 1e-3)
    solved = stress_intensity(history, flaw, body, young=E, nu=NU, estimate=False, refine=0.5).history
    last = len(history.time) - 1
    at = history.time[[last // 2, last]]
    causes = causes_at(run.viewport, pane, run.environment, run.temperature, at)
    found = causes_of_k(solved.operator, causes)
    peak = np.abs(solved.k[0]).max()
    assert np.abs(found.total(0)[1] - solved.k[0][last]).max() < 0.01 * peak
    deepest = len(found.frames[0].point) // 2
    shares = found.shares(0, 1, deepest)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["residual"] == 0
    assert shares["pressure"] > 1 > 0 > shares["heat"]
    # Newman & Raju 1981 (a fit within 5 %), half-penny in bending, deepest: 1.04/sqrt(2.464) (1 - 1.34 a/t) = 0.574
    node = np.linalg.norm(history.mesh.points - [middle[0] + 0.01, middle[1], high[2]], axis=1).argmin()
    surface = causes["pressure"].stress(1)[node, 1]
    assert found.k["pressure"][0][1, deepest, 0] / (surface * np.sqrt(np.pi * 1e-3)) == pytest.approx(0.574, rel=0.05)
