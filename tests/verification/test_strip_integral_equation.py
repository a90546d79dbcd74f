"""Edge crack in a strip by a singular integral equation: an independent judge of the references of `deadlight verify`.

Edge dislocations along the crack line of the strip 0 < x < 1; their stress in the endless plane, what the face x = 0
adds (closed form), and what both faces add beyond that (Fourier integral over an Airy function): Gupta & Erdogan 1974,
J. Appl. Mech. 41:1007, in form.  Gauss-Chebyshev collocation, two numbers of points carried on with their square.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss

from deadlight.verify.case import reference
from deadlight.verify.thermal import quenched_stress


def transforms(x, k):
    """Half Fourier transforms along y of sigma_xx (cosine) and sigma_xy (sine) of a dislocation at distance x."""
    size = 0.5 * np.pi * np.exp(-k * abs(x))
    return np.sign(x) * k * abs(x) * size, (k * abs(x) - 1) * size


def one_face(x, t):
    """sigma_yy at x that the free face x = 0 adds to a dislocation at t. (nx, 1), (nt,) -> (nx, nt)."""
    return 1 / (x + t) - 6 * x / (x + t) ** 2 + 4 * x * x / (x + t) ** 3


def wave_numbers():
    ends = np.concatenate([[0, 0.2, 0.5, 1], np.arange(2, 61, 2.0)])
    g, w = leggauss(12)
    half = 0.5 * np.diff(ends)[:, None]
    return (ends[:-1, None] + half * (g + 1)).ravel(), (half * w).ravel()


def both_faces(x, t):
    """What both faces of the strip add beyond `one_face`. (nx,), (nt,) -> (nx, nt)."""
    out = np.zeros((len(x), len(t)))
    for k, w in zip(*wave_numbers()):
        (s0, h0), (s1, h1) = transforms(0 - t, k), transforms(1 - t, k)
        right = np.stack([s0 / k**2, -h0 / k, s1 / k**2, -h1 / k])  # Airy function and its slope at both faces
        e = np.exp(-k)
        left = np.array([[1, 0, e, e], [-k, 1, k * e, (k - 1) * e], [e, e, 1, 0], [-k * e, (1 - k) * e, k, -1]])
        strip, half = np.linalg.solve(left, right), np.linalg.solve(left[:2, :2], right[:2])
        near, far = np.exp(-k * x), np.exp(-k * (1 - x))
        second = k * np.stack([k * near, (k * x - 2) * near, k * far, (k * (1 - x) - 2) * far], axis=1)
        out += w * 2 / np.pi * (second @ strip - second[:, :2] @ half)
    return out


def k_of(a, stresses, n, strip=True):
    """K_I under stresses on the crack line (functions of x), n collocation points."""
    s, xs = np.cos((np.arange(n) + 0.5) * np.pi / n), np.cos(np.arange(1, n) * np.pi / n)
    t, x = 0.5 * a * (1 + s), 0.5 * a * (1 + xs)
    kernel = 0.5 * a * (one_face(x[:, None], t) + (both_faces(x, t) if strip else 0.0))
    kernel = np.pi / n * (1 / (xs[:, None] - s) + kernel)

    def value_at(v):
        """Weights of the density's smooth part at s = v from those at the Chebyshev points."""
        m = np.arange(n)
        size = np.where(m == 0, 1.0, 2.0) / n
        return (np.cos(m * np.arccos(v)) * size) @ np.cos(np.outer(m, np.arccos(s)))

    matrix = np.vstack([kernel, value_at(-1.0)])  # no root singularity at the mouth
    found = [value_at(1.0) @ np.linalg.solve(matrix, np.append(p(x), 0.0)) for p in stresses]
    return np.pi * np.sqrt(0.5 * np.pi * a) * np.array(found)


def carried_on(a, stresses, n, strip=True):
    coarse, fine = k_of(a, stresses, n, strip), k_of(a, stresses, 2 * n, strip)
    return np.abs(fine + (fine - coarse) / 3)


@pytest.mark.reference("Koiter 1965, J. Appl. Mech. 32:237")
def test_half_plane():
    """Koiter 1965: 1.12152226; linear 0.682862."""
    found = carried_on(1.0, [np.ones_like, lambda x: x], 80, strip=False) / np.sqrt(np.pi)
    np.testing.assert_allclose(found, [1.12152226, 0.682862], rtol=2e-5)


@pytest.mark.reference("Kaya & Erdogan 1987, Q. Appl. Math. 45:105")
def test_strip_in_tension_and_bending():
    """Kaya & Erdogan 1987, table, to the five digits it has."""
    for row in reference("through_edge")["edge_strip"]["reference"]:
        a = row["a_over_w"]
        found = carried_on(a, [np.ones_like, lambda x: 1 - 2 * x], 80) / np.sqrt(np.pi * a)
        np.testing.assert_allclose(found, [row["tension"], row["bending"]], rtol=2e-4)


@pytest.mark.parametrize("depth", [0.3, 0.5])
def test_quenched_plate(depth):
    """The plane finite elements behind `edge_shock_plate` against this: 0.03 % of the largest K of the depth."""
    entry = reference("thermal")["edge_shock_plate"]
    width, rows = entry["given"]["width"], [r for r in entry["reference"] if r["a_over_w"] == depth]
    stress = [quenched_stress(row["fourier"], entry["given"]) for row in rows]
    found = np.sqrt(width) * carried_on(depth, [lambda x, f=f: f(x * width) for f in stress], 120)
    expected = np.array([row["k"] for row in rows])
    print(found, found / expected - 1)
    assert np.abs(found - expected).max() < 5e-4 * expected.max()
