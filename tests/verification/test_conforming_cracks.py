"""Conforming cracked meshes against closed forms and independent solutions: what the reference models are worth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ellipe

from deadlight.export.cracked_mesh import cracked_mesh
from deadlight.export.front_k import FrontK, front_k
from deadlight.export.planar_crack import CrackPlane
from deadlight.export.solid import Solid, block
from deadlight.export.solve import crack_forces, solve

X, Y, Z = np.eye(3)
DATA = Path(__file__).parent / "data"


def solved(body: Solid, plane: CrackPlane, pull: np.ndarray, nu: float, size: float, coarse: float) -> FrontK:
    mesh = cracked_mesh(body, plane, front_size=size, coarse=coarse)
    load = lambda x, n: np.broadcast_to(pull, x.shape)  # noqa: E731
    u = solve(mesh, crack_forces(mesh, load), young=1.0, nu=nu)
    return front_k(mesh, u, young=1.0, nu=nu, traction=load)[0]


@pytest.mark.reference("Green & Sneddon 1950, Proc. Camb. Phil. Soc. 46:159", "Irwin 1962, J. Appl. Mech. 29:651")
def test_elliptical_crack() -> None:
    """Green & Sneddon 1950; Irwin 1962: every point of an ellipse 2 : 1 in tension within 0.6 %."""
    a, b = 1.0, 0.5
    k = solved(block([-8] * 3, [8] * 3), CrackPlane.ellipse(np.zeros(3), X, Y, a, b), Z, 0.3, 1 / 12, 3.0)
    phi = np.arctan2(k.x[:, 1] / b, k.x[:, 0] / a)
    shape = (np.sin(phi) ** 2 + (b / a) ** 2 * np.cos(phi) ** 2) ** 0.25
    np.testing.assert_allclose(k.k1, np.sqrt(np.pi * b) / ellipe(1 - b * b / a / a) * shape, rtol=6e-3)


@pytest.mark.reference("Kassir & Sih 1975, Three-dimensional Crack Problems")
def test_inclined_penny_has_all_modes_with_their_signs() -> None:
    """Kassir & Sih 1975: 45 degrees to the load; + face pushed along e1, so K_II > 0 where e1 points ahead."""
    nu, e1 = 0.3, np.array([1.0, 0.0, 1.0]) / np.sqrt(2.0)
    normal = np.cross(e1, Y)
    pull = 0.5 * normal + 0.5 * e1
    k = solved(block([-8] * 3, [8] * 3), CrackPlane.ellipse(np.zeros(3), e1, Y, 1.0, 1.0), pull, nu, 0.12, 3.0)
    angle = np.arctan2(k.x @ Y, k.x @ e1)
    shear = 4.0 / (2.0 - nu) * 0.5 / np.sqrt(np.pi)
    np.testing.assert_allclose(k.k1, 1.0 / np.sqrt(np.pi), rtol=8e-3)
    np.testing.assert_allclose(k.k2, shear * np.cos(angle), atol=0.01 * shear)
    np.testing.assert_allclose(k.k3, (1 - nu) * shear * np.sin(angle), atol=0.01 * shear)


@pytest.mark.reference("Murakami & Nemat-Nasser 1982, Eng. Fract. Mech. 16:373", "Noda & Miyoshi 1996")
def test_half_penny_in_a_half_space() -> None:
    """Hypersingular integral equation (Murakami & Nemat-Nasser 1982; Noda & Miyoshi 1996), nu 0.3, K/sqrt(pi a)."""
    body = block([-12, -12, 0], [12, 12, 12])
    k = solved(body, CrackPlane.ellipse(np.zeros(3), X, Z, 1.0, 1.0), -Y, 0.3, 0.1, 4.0)
    phi = np.degrees(np.arctan2(k.x[:, 2], k.x[:, 0]))
    order = np.argsort(phi)
    at = np.array([20, 30, 45, 60, 75, 90, 105, 120, 135, 150, 160.0])
    expected = np.array([0.69667, 0.68217, 0.66948, 0.66268, 0.65929, 0.65825])
    found = np.interp(at, phi[order], k.k1[order]) / np.sqrt(np.pi)
    np.testing.assert_allclose(found, np.concatenate([expected, expected[-2::-1]]), rtol=4e-3)


@pytest.mark.parametrize("name", ["conforming_bevel.json", "conforming_plate.json"])
def test_frozen_reference_values_are_sound(name: str) -> None:
    """Every case has its positions, values and spread; the spread stays below what the files promise."""
    data = json.loads((DATA / name).read_text(encoding="utf-8"))
    cases = data["cases"].values() if isinstance(data["cases"], dict) else data["cases"]
    for case in cases:
        k, spread = np.array(case.get("K_I", case.get("F"))), np.array(case["spread"])
        assert len(k) == len(spread) == len(case.get("at", case.get("phi_deg")))
        assert (spread < 0.04 * np.abs(k).max()).all() and np.median(spread / np.abs(k).max()) < 0.01


def test_face_and_bevel_again() -> None:
    """The frozen corner crack at a 135 degree edge, made again on a coarser mesh."""
    case = json.loads((DATA / "conforming_bevel.json").read_text(encoding="utf-8"))["cases"]["face_and_bevel"]
    from deadlight.export.solid import prism

    outline = np.array([[1.0, 0.0], [12.0, 0.0], [12.0, 12.0], [0.0, 12.0], [0.0, 1.0]])
    plane = CrackPlane.ellipse(np.array([1.0, 0.0, 0.0]), X, Z, 0.5, 0.5)
    k = solved(prism(outline, -12.0, 12.0), plane, -Y, 0.22, 0.5 / 7, 3.0)
    angle = np.degrees(np.arctan2(k.x[:, 2], k.x[:, 0] - 1.0))
    order = np.argsort(angle)
    inner = slice(2, -2)
    found = np.interp(case["at"], angle[order], k.k1[order])
    np.testing.assert_allclose(found[inner], case["K_I"][inner], rtol=8e-3)
