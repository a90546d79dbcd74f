"""A radial edge crack far into a disc against a finite-element model made for this check.

The case that decides what users are told: a rim that stays cold pulls its own ring with 18 MPa and presses the rest;
the crack does not stop in the compressed centre, because that compression goes when the rim is cut.
"""

import numpy as np
import pytest

from deadlight.crack.disc import line_crack
from deadlight.crack.rim_kernel import Rim
from support_disc_fe import stress_intensity

RADIUS, NU = 0.15, 0.17


def cold_rim():
    """Hoop stress [Pa] on a diameter, rim colder outside 135 mm (Timoshenko & Goodier, thermal stress in a disc)."""
    r = np.linspace(0, RADIUS, 30001)
    strain = -0.5 * (1 + np.tanh((r - 0.135) / 3e-3))
    moment = np.concatenate([[0], np.cumsum(0.5 * (strain[1:] * r[1:] + strain[:-1] * r[:-1]) * np.diff(r))])
    with np.errstate(invalid="ignore", divide="ignore"):
        hoop = moment[-1] / RADIUS**2 + np.where(r > 0, moment / r**2, strain[0] / 2) - strain
    hoop *= 18e6 / hoop[-1]
    assert abs(np.trapezoid(hoop, r)) < 1e-3 * 18e6 * RADIUS  # in equilibrium over the diameter
    return lambda x: np.interp(np.abs(x), r, hoop)


def ours(depth, stress):
    crack = line_crack(0.0, depth, rim=Rim(RADIUS), thickness=0.01, nu=NU, order=48)
    return float(crack.membrane.k[1] @ stress(RADIUS - crack.depth))


@pytest.mark.reference("Koiter 1965, J. Appl. Mech. 32:237")
def test_short_edge_crack_in_the_model_itself():
    """Koiter's 1.1215 sigma sqrt(pi a), and a little more at a/D 0.02."""
    k = stress_intensity(6e-3, RADIUS, NU, lambda x: np.full_like(x, 1e6))
    assert k / (1e6 * np.sqrt(np.pi * 6e-3)) == pytest.approx(1.15, abs=0.02)
    assert ours(6e-3, lambda x: np.full_like(x, 1e6)) == pytest.approx(k, rel=3e-3)


@pytest.mark.parametrize("millimetres", [32, 100, 200, 250])
def test_cold_rim(millimetres):
    stress = cold_rim()
    found, reference = ours(millimetres * 1e-3, stress), stress_intensity(millimetres * 1e-3, RADIUS, NU, stress)
    assert found == pytest.approx(reference, rel=1e-2)
    assert reference > 1.3e6  # above the toughness of silica all the way: no arrest in the centre


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_uniform_tension(share):
    depth = share * 2 * RADIUS
    tension = lambda x: np.full_like(x, 1e6)  # noqa: E731
    assert ours(depth, tension) == pytest.approx(stress_intensity(depth, RADIUS, NU, tension), rel=5e-3)
