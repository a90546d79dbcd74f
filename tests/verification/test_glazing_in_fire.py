"""Windows in fires: a hot centre and a rim shaded by the frame, the physics of a spacecraft window on a soda-lime pane.

The strip: Keski-Rahkonen 1988, Fire and Materials 12:61; its rows are the cosine series theta = F (1 - s/H)
(1 - exp(-b t))/b + sum f_n (1 - exp(-l_n t))/l_n cos(n pi y/H), f_n = 2 F sin(n pi (H - s)/H)/(n pi), l_n =
kappa (n pi/H)^2 + b, b = h/(rho c L), F = q/(rho c L), with sigma = E alpha (T_mean - T) along the strip.  Heat and
stress here are the 3D solutions on a solid strip; nothing of that formula is used.
The panes: whole framed panes from the window generator (examples/glazing_in_fire), see docs/validation-glazing.md.
"""

import functools
import math
from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.crack.disc import line_crack
from deadlight.crack.rim_kernel import Rim
from deadlight.material.library import material
from support_glazing import H, Strip, example, strip

E_ALPHA = 70e9 * 9e-6  # Pa/K
# t, T_centre, T at the shade line, T_edge, T_mean [K], sigma_edge, sigma_centre [Pa]: shade 20 mm, 8 kW/m2, 20 W/m2/K
ROWS = np.array(
    [
        (30, 19.0439, 9.52197, 0.00029497, 17.7743, 11197600.0, -799845.0),
        (120, 70.9063, 35.4537, 1.0399, 66.1792, 41037800.0, -2978060.0),
        (300, 154.411, 77.4223, 13.127, 144.117, 82523900.0, -6485260.0),
        (600, 249.215, 127.104, 43.094, 232.601, 119389000.0, -10467000.0),
        (3000, 396.955, 216.445, 120.12, 370.492, 157734000.0, -16672100.0),
    ]
)
# shade [m], time of first crack [s] and centre minus edge [K] at 40 MPa, from the series above
TREND = np.array(
    [
        (0.01, 140.32, 66.212),
        (0.02, 116.50, 68.094),
        (0.03, 119.42, 70.552),
        (0.04, 124.42, 73.260),
        (0.05, 129.96, 76.190),
    ]
)
TIMES = np.array([20.0, 45, 75, 110, 150, 200, 260, 330])


@pytest.mark.reference("Keski-Rahkonen 1988, Fire and Materials 12:61")
def test_temperature_and_stress_of_the_shaded_strip_in_time() -> None:
    """T and sigma within 0.3 % from 120 s, 0.5 % at 30 s (edge there: cold within 0.01 K); none across the strip."""
    found = strip(ROWS[:, 0])
    names = ("T_centre", "T_line", "T_edge", "T_mean", "sigma_edge", "sigma_centre")
    error = np.abs(np.stack([getattr(found, n) for n in names], axis=1) / ROWS[:, 1:] - 1.0)
    assert abs(found.T_edge[0] - ROWS[0, 3]) < 0.01
    error[0, 2] = 0.0
    print("largest errors, %:", *(f"{n} {100 * e:.3f}" for n, e in zip(names, error.max(axis=0))))
    assert error[0].max() <= 5e-3, error
    assert error[1:].max() <= 3e-3, error
    assert found.across < 0.005 * found.sigma_edge.max()
    assert not found.warnings


@pytest.mark.reference("Pagni & Joshi 1991, Fire Safety Science 3:791")
@pytest.mark.parametrize(("strength", "difference"), [(20e6, 34.014), (40e6, 68.027), (50e6, 85.034)])
def test_first_crack_of_a_cold_edge(strength: float, difference: float) -> None:
    """dT = g sigma_b/(E alpha), g = 1/(1 - s/H), s 20 mm, H 300 mm (Pagni & Joshi 1991, BREAK1), within 1 %.

    Condition: kappa t/s^2 <= 0.1.
    """
    t, found = _quick().first_crack(strength)
    assert t * 0.95 / (2500.0 * 820.0) / 0.02**2 <= 0.1
    assert difference == pytest.approx(strength / E_ALPHA / (1.0 - 0.02 / H), rel=1e-4)
    assert found == pytest.approx(difference, rel=0.01)


@functools.cache
def _quick() -> Strip:
    """Heated so fast, without loss, that the edge is still cold."""
    return strip(np.array([10.0, 20, 30, 40, 50, 60]), flux=20e3, loss=0.0)


@pytest.mark.reference("Keski-Rahkonen 1988, Fire and Materials 12:61")
def test_time_to_first_crack_is_shortest_for_a_shade_of_about_20_mm() -> None:
    """Conduction into a narrow shade, less mean heating by a wide one: times and differences of `TREND` within 0.5 %.

    Measured on 600 x 600 x 6 mm float: first falls, then rises with the shade width, shortest at 20 mm (Fire Technology
    2016, doi 10.1007/s10694-016-0596-0).
    """
    times = np.array([40.0, 80, 100, 115, 130, 145])
    found = np.array([strip(times, shade=s).first_crack(40e6) for s in TREND[:, 0]])
    assert found[:, 0] == pytest.approx(TREND[:, 1], rel=5e-3)
    assert found[:, 1] == pytest.approx(TREND[:, 2], rel=5e-3)
    lowest = np.polyfit(TREND[:3, 0], found[:3, 0], 2)
    assert 0.015 < -lowest[1] / (2.0 * lowest[0]) < 0.030


@pytest.mark.reference("Kaya & Erdogan 1987, Q. Appl. Math. 45:105")
@pytest.mark.parametrize(("a_over_s", "reference"), [(0.25, 0.5608), (3, 0.4768), (10, 0.261), (20, 0.1846)])
def test_edge_crack_far_out_of_the_cold_band(a_over_s: float, reference: float) -> None:
    """K/(S sqrt(pi s)) for stress S over depth s of a half-plane, zero beyond, 0.5 %; far off 2.593 S s/sqrt(pi a).

    Six-term weight function of the Kaya & Erdogan 1987 equation, mouth force 2.594 in Tada, Paris & Irwin.  The jump is
    smeared over 0.1 s, a change of second order.
    """
    crack = line_crack(0.0, a_over_s, rim=Rim(), order=160, thickness=1.0, nu=0.22)
    stress = np.clip((1.05 - crack.depth) / 0.1, 0.0, 1.0) if a_over_s > 1.0 else np.ones(len(crack.depth))
    k = float(crack.membrane.k[1] @ stress)
    assert k / math.sqrt(math.pi) == pytest.approx(reference, rel=5e-3)
    if a_over_s >= 20:
        assert k == pytest.approx(2.593 / math.sqrt(math.pi * a_over_s), rel=0.02)


@pytest.mark.reference("Koiter 1965, J. Appl. Mech. 32:237")
@pytest.mark.parametrize(("difference", "depth"), [(65.0, 8.49e-05), (70.0, 7.32e-05), (90.0, 4.43e-05)])
def test_edge_flaw_that_a_measured_difference_implies(difference: float, depth: float) -> None:
    """a0 from 0.75 MPa sqrt(m) = 1.1215 E alpha dT sqrt(pi a0): the edge crack has that K, 0.5 %."""
    k = line_crack(0.0, depth, rim=Rim(), thickness=0.006, nu=0.22).membrane.k[1].sum() * E_ALPHA * difference
    assert k == pytest.approx(0.75e6, rel=5e-3)


@functools.cache
def _exposed(**changes: Any) -> Any:
    """A pane of the example; `fire_` marks what belongs to the fire."""
    glazing = example()
    fire = {key.removeprefix("fire_"): v for key, v in changes.items() if key.startswith("fire_")}
    pane = {key: v for key, v in changes.items() if not key.startswith("fire_")}
    return glazing.expose(glazing.Pane(**pane), glazing.Fire(**fire), TIMES)


@functools.cache
def _strengths() -> np.ndarray:
    return example().EdgeStrength().sample(400)


def test_sampled_edge_strengths_scatter_as_cut_edges_do() -> None:
    """Quartiles 41 and 57 MPa by construction; the 5 % and 95 % points then differ by 2 to 3, as said of cut edges."""
    low, first, third, high = np.quantile(example().EdgeStrength().sample(100_000), [0.05, 0.25, 0.75, 0.95])
    assert (first, third) == pytest.approx((41e6, 57e6), rel=0.01)
    assert 2.0 < high / low < 3.0


@pytest.mark.reference("Zhang et al. 2023, Fire 6:281 (experiment)")
def test_framed_float_pane_cracks_at_the_edge_at_the_measured_difference() -> None:
    """600 x 600 x 6 mm, shade 20 mm: 65 K at first crack, edge origin (Zhang et al. 2023, Fire 6:281); 50 to 80 K.

    The edge strength of 41 MPa is the one implied by 65 K; the sampled strengths must put 65 K inside their scatter.
    """
    found = _exposed()
    time, difference = found.first_crack(41e6)
    print(f"float 41 MPa: {float(difference):.1f} K at {float(time):.0f} s")
    assert 50.0 <= difference <= 80.0
    assert 60.0 < time < 300.0
    sampled = found.first_crack(_strengths())[1]
    assert np.isfinite(sampled).mean() > 0.8  # the losses save the strongest edges
    low, median, high = np.nanquantile(sampled, [0.1, 0.5, 0.9])
    print(f"sampled strengths: {low:.1f} {median:.1f} {high:.1f} K (10, 50, 90 %)")
    assert low < 65.0 < high
    reached = found.edge_stress >= _strengths().min()
    assert reached.sum() >= 5
    assert (found.pane_stress[reached] == found.edge_stress[reached]).all()
    away = np.abs(np.abs(found.origin[reached, :2]) - 0.3).max(axis=1)
    assert (np.abs(found.origin[reached, :2]).max(axis=1) > 0.3 - 1e-9).all()
    assert (away > 0.05).all()  # on a side, not at a corner


@pytest.mark.reference("Skelly, Roby & Beyler 1991 (experiment, second hand)")
def test_thin_covered_pane_cracks_and_the_open_one_does_not() -> None:
    """Skelly, Roby & Beyler 1991: 90 K with the edge covered (theory 70 K; 70 to 110 K allowed), no loss with it open.

    Thickness 2.4 mm is recalled, 0.50 x 0.28 m and the 20 mm cover are assumed.
    """
    size = {"width": 0.50, "height": 0.28, "thickness": 0.0024}
    covered = _exposed(**size).first_crack(_strengths())[1]
    assert np.isfinite(covered).mean() > 0.95
    low, median, high = np.nanquantile(covered, [0.1, 0.5, 0.9])
    print(f"thin covered pane: {low:.1f} {median:.1f} {high:.1f} K (10, 50, 90 %)")
    assert 70.0 <= median <= 110.0
    assert low < 90.0 < high
    bare = _exposed(**size, fire_covered=False)
    assert bare.difference.max() < 10.0
    assert bare.pane_stress.max() < 0.5 * _strengths().min()


@pytest.mark.reference("Fire Technology 2016, doi 10.1007/s10694-016-0596-0 (experiment)")
def test_whole_panes_have_the_shortest_time_near_20_mm_too() -> None:
    """The trend in whole 3D panes with real losses, bowing and gaskets: 10 and 50 mm take longer than 20."""
    time = {s: float(_exposed(shade=s).first_crack(41e6)[0]) for s in (0.01, 0.02, 0.05)}
    print("first crack at 41 MPa:", time)
    assert time[0.02] < 0.97 * min(time[0.01], time[0.05])


@pytest.mark.reference("Mowrer 1998 (experiment, abstract)")
def test_low_expansion_and_toughened_panes_hold_where_annealed_ones_crack() -> None:
    """Radiant 2 to 18 kW/m2: toughened and glass-ceramic panes did not break, annealed ones did (Mowrer 1998).

    Fused silica stands for the glass-ceramic (E alpha alike).  Toughened: the sampled edges plus 100 MPa, the step from
    40 K to 200 K of rated difference; 13 mm of cover, a usual bite, assumed.
    """
    strong = _exposed(shade=0.013, fire_flux=18e3)
    top = int(np.argmax(strong.edge_stress))
    assert 0 < top < len(TIMES) - 1  # the maximum over time is inside
    print(f"18 kW/m2, float: edge {strong.edge_stress.max() / 1e6:.1f} MPa, weakest {_strengths().min() / 1e6:.1f} MPa")
    assert np.isfinite(strong.first_crack(_strengths())[0]).all()
    assert strong.edge_stress.max() < _strengths().min() + 100e6
    ceramic = _exposed(shade=0.013, fire_flux=18e3, glass=material("fused_silica"))
    assert ceramic.difference.max() > 100.0
    assert ceramic.pane_stress.max() < 0.6 * _strengths().min()

def _pane_of(**changes: Any) -> tuple[Any, Any]:
    """A pane of the example before its cracks, and the example's functions for them."""
    glazing, cracking = example(), example("cracking")
    fire = {key.removeprefix("fire_"): v for key, v in changes.items() if key.startswith("fire_")}
    pane = {key: v for key, v in changes.items() if not key.startswith("fire_")}
    return cracking, cracking.heated(glazing.Pane(**pane), glazing.Fire(**fire), TIMES)


def test_a_covered_pane_breaks_into_islands_and_an_open_one_stays_whole() -> None:
    """Thin pane, sampled flaws: from the covered edge across the hot centre, islands, pieces that only glass holds.

    Skelly, Roby & Beyler 1991: with the edge covered at least part of the pane was lost, with it open none.
    """
    size = {"width": 0.50, "height": 0.28, "thickness": 0.0024}
    cracking, covered = _pane_of(**size)
    run = cracking.started(covered, seed=1)
    assert run.go(150)
    found = run.result()
    net = found.network
    (origin,) = found.origins
    assert np.isclose(np.abs(origin), [0.25, 0.14], atol=1e-6).any()
    difference = float(np.interp(found.first, covered.exposure.time, covered.exposure.difference))
    assert 60.0 < difference < 130.0  # the scatter of the sampled strengths
    middle = shapely.box(-0.125, -0.07, 0.125, 0.07)
    assert shapely.intersects(middle, shapely.linestrings([[net.points[a], net.points[b]] for a, b in net.edges])).any()
    cells = net.cells()
    free = cracking.without_frame(covered, cells)
    assert len(cells) > 3 and len(free) > 1
    print(f"first crack {found.first:.0f} s, {difference:.0f} K; {len(cells)} pieces, {len(free)} without frame")
    _, bare = _pane_of(**size, fire_covered=False)
    for seed in range(1, 11):
        run = cracking.started(bare, seed=seed)
        assert run.go(3) and run.result().first is None
