"""A pane heated in the middle whose rim is shaded: the cool rim against the hot centre.

Problem: Keski-Rahkonen 1988, Fire and Materials 12:61; cold-edge form: Pagni & Joshi 1991, Fire Safety Science 3:791.
The reference rows are the cosine series theta = F (1 - s/H)(1 - exp(-b t))/b + sum f_n (1 - exp(-l_n t))/l_n cos(n pi
y/H),
f_n = 2 F sin(n pi (H - s)/H)/(n pi), l_n = kappa (n pi/H)^2 + b, b = h/(rho c L), F = q/(rho c L), checked against an
independent finite-volume run and the closed steady form.
"""

import numpy as np
import pytest
from scipy.special import erfc

from deadlight.heat.boundary import Convection, Flux
from deadlight.heat.solve import solve_heat
from support_heat import box, stuff

H, S, K, RHO, C, L = 0.3, 0.02, 0.95, 2500.0, 820.0, 0.006
E_ALPHA = 70e9 * 9e-6  # Pa/K
# t, T_centre, T at the shade line, T_edge, T_mean [K], sigma_edge, sigma_centre [Pa]
ROWS = np.array(
    [
        (30, 19.0439, 9.52197, 0.00029497, 17.7743, 11197600.0, -799845.0),
        (120, 70.9063, 35.4537, 1.0399, 66.1792, 41037800.0, -2978060.0),
        (300, 154.411, 77.4223, 13.127, 144.117, 82523900.0, -6485260.0),
        (600, 249.215, 127.104, 43.094, 232.601, 119389000.0, -10467000.0),
        (3000, 396.955, 216.445, 120.12, 370.492, 157734000.0, -16672100.0),
    ]
)
# The reference is uniform through the thickness: the strip is made 100 times thinner, flux and loss with it.
THIN = 100.0


def strip(times, tolerance, loss, fine):
    y = np.concatenate(
        [np.linspace(0, 0.24, 13), 0.24 + 0.04 * np.linspace(0, 1, fine)[1:], 0.28 + 0.02 * np.linspace(0, 1, fine)[1:]]
    )
    mesh = box([0.0, 0.01], y, [0.0, L / THIN])
    exposed = Flux(face="body.z1", flux=8000.0 / THIN, weight=lambda p: (p[:, 1] < H - S).astype(float))
    cooling = Convection(face="body.z0", coefficient=loss / THIN, temperature=0.0)
    history = solve_heat(
        mesh,
        {"body": stuff(K, RHO, C)},
        boundaries=[exposed, cooling],
        initial=0.0,
        time_span=(0.0, times[-1]),
        tolerance=tolerance,
        output_times=times,
    )
    line = np.flatnonzero((mesh.points[:, 0] == 0.0) & (mesh.points[:, 2] == 0.0))
    line = line[np.argsort(mesh.points[line, 1])]
    assert history.balance.defect.max() <= 1e-8
    y, T = mesh.points[line, 1], history.temperature[:, line]
    dy = np.diff(y)[::2] * 2  # Simpson on the quadratic elements
    mean = ((T[:, :-2:2] + 4 * T[:, 1::2] + T[:, 2::2]) / 6 * dy).sum(axis=1) / H
    return y, T, mean


@pytest.mark.reference("Keski-Rahkonen 1988, Fire and Materials 12:61")
def test_shaded_strip_in_time():
    """0.3 % on temperatures and on sigma = E alpha (T_mean - T) from 120 s, 0.5 % at 30 s; edge at 30 s is
    cold (< 0.01 K).
    """
    y, T, mean = strip(ROWS[:, 0], 1e-3, 20.0, 25)
    line = np.argmin(np.abs(y - (H - S)))
    found = np.stack(
        [T[:, 0], T[:, line], T[:, -1], mean, E_ALPHA * (mean - T[:, -1]), E_ALPHA * (mean - T[:, 0])], axis=1
    )
    error = np.abs(found / ROWS[:, 1:] - 1.0)
    assert abs(found[0, 2] - ROWS[0, 3]) < 0.01
    error[0, 2] = 0.0
    assert error[0].max() <= 5e-3, error
    assert error[1:].max() <= 3e-3, error


@pytest.mark.reference("Pagni & Joshi 1991, Fire Safety Science 3:791")
def test_cold_edge_ratio():
    """edge/centre = 4 i2erfc(s/(2 sqrt(kappa t))) for constant flux without loss: 0.5 %."""
    numbers = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1.0])
    times = numbers * S**2 * RHO * C / K
    _, T, _ = strip(times, 1e-5, 0.0, 41)
    z = 1.0 / (2.0 * np.sqrt(numbers))
    expected = (1.0 + 2.0 * z**2) * erfc(z) - 2.0 * z * np.exp(-(z**2)) / np.sqrt(np.pi)
    assert expected == pytest.approx([0.000219, 0.00563, 0.01905, 0.03702, 0.05679, 0.1507, 0.2799], rel=2e-3)
    assert T[:, -1] / T[:, 0] == pytest.approx(expected, rel=5e-3)
