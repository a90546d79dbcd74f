"""Pieces and retention of a pane joined to a case: each case with its arithmetic.

Pane of 200 mm and 10 mm (fused silica, 2200 kg/m3), seat 12 mm and outer gasket 15 mm wide, wall 0.5 mm clear of the
rim; gasket 200 kPa at 200 K, 100 kPa at 500 K, gone at 530 K, friction 0.3.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import shapely

from deadlight.chain.crack_surfaces import Geometry
from deadlight.chain.holding import holding
from deadlight.chain.pieces import SAGITTA, PaneOutcome, cut_stages, pane_outcome
from deadlight.chain.staying import Stage, changes, stay
from deadlight.errors import CaseError, InputError
from deadlight.outcome.skin import plate, skin_of
from support_cuts import wall
from support_outcome import as_found, no_crack, outside, triangle, two_edges, warmth, window

G = 9.80665
RHO, T = 2200.0, 0.010
WHOLE = math.pi * 0.1**2  # [m2]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Case folder and viewport by name, each made once."""
    known = {}

    def of(name: str, change: tuple[str, str]):
        if name not in known:
            folder = tmp_path_factory.mktemp(name)
            viewport = window(folder, change)
            known[name] = folder, viewport, as_found(viewport, folder)
        return known[name]

    return of


def answer(made, name, change, temperature=293.0, **loads) -> PaneOutcome:
    folder, viewport, cracks = made(name, change)
    around = outside(viewport, folder, **loads)
    return pane_outcome(viewport, around, warmth(viewport, 30.0, temperature), "thermal", None, cracks)


def pushed(stay, name, kind="push"):
    return sum((a.force for a in stay.retention.acting if a.name == name and a.kind == kind), np.zeros(3))


def test_wedge_is_held_by_seat_and_pressure(made):
    """Edge cracks at +-20 deg cross at 100 sin 20 / sin 45 = 48.4 mm: wedge of R^2 (20 deg) + triangle - ...

    Its plan is the segment between the rim's ends and the triangle to the crossing at x = 93.97 - 34.20 = 59.77 mm:
    R^2 (0.34907 - sin 20 cos 20) + 34.20 x 34.20 mm2 = 276.8 + 1169.8 = 1446.6 mm2, 31.83 g; 1 kPa on it is 1.4466 N.
    """
    found = answer(made, "wedge", two_edges(), outer=1e3)
    a = math.radians(20.0)
    area = 0.1**2 * (a - math.sin(a) * math.cos(a)) + (0.1 * math.sin(a)) ** 2
    assert area == pytest.approx(1446.6e-6, rel=1e-4)
    rest, wedge = found.pieces
    assert found.cut_time == 0.0 and found.state == "held" and found.first_lost is None
    assert wedge.piece.mass == pytest.approx(area * T * RHO, rel=2e-4)
    assert rest.piece.mass + wedge.piece.mass == pytest.approx(WHOLE * T * RHO, rel=1e-4)
    assert abs(found.closure) < 1e-6
    assert pushed(wedge, "seat")[2] == pytest.approx(1e3 * area, rel=1e-3)
    assert any("no further" in r for r in found.remarks)


def test_cracks_that_do_not_meet_cut_nothing_off(made):
    """44 mm deep they end 4.4 mm before each other: whole pane, 31.4 N of 1 kPa on its seat."""
    found = answer(made, "apart", two_edges("44 mm"), outer=1e3)
    assert found.cut_time is None and len(found.pieces) == 1 and not found.pieces[0].cut
    assert pushed(found.pieces[0], "seat")[2] == pytest.approx(1e3 * WHOLE, rel=1e-3)


def test_triangle_is_ejected_by_suction_when_it_sets_in(made):
    """Straight sides and no lip on it: loose while nothing acts, gone outwards once 2 kPa within come up from 15 s.

    Side 2 sqrt(3) x 20 = 69.28 mm, area 2078.5 mm2, 45.73 g; what is left is held by the lip (2 kPa x 29.3e-3 m2).
    """
    found = answer(made, "triangle", triangle(), inner=((0.0, 15.0, 30.0), (0.0, 0.0, 2e3)))
    area = 3.0 * math.sqrt(3.0) * 0.02**2
    piece = found.lost[0]
    assert piece.piece.mass == pytest.approx(area * T * RHO, rel=1e-3)
    assert 15.0 <= found.first_lost <= 16.0
    assert piece.way == pytest.approx([0.0, 0.0, 1.0], abs=1e-3)
    assert piece.state[0] == "loose" and piece.state[-1] == "leaves"
    rest = found.pieces[0]
    assert rest.worst == "held"
    assert found.state == "leaves" and "leaves at" in found.sentence


def test_blocked_vent_drops_the_triangle_inwards(made):
    """Evacuated gap, 101.3 kPa outside: the triangle goes inwards, the rest sits on its seat with 2.97 kN."""
    found = answer(made, "triangle", triangle(), outer=((0.0, 10.0, 30.0), (0.0, 0.0, 101325.0)))
    gone = found.lost[0]
    assert gone.way == pytest.approx([0.0, 0.0, -1.0], abs=1e-3)
    assert 10.0 <= found.first_lost <= 11.0
    rest = found.pieces[0]
    assert rest.worst == "held"
    assert gone.piece.number not in [rest.piece.number]


def test_ten_g_outwards_takes_the_triangle_but_not_the_pane(made):
    """10 g along -z sensed: 45.7 g x 98.07 = 4.48 N on the triangle, nothing against it; the whole pane is clamped.

    Whole pane: 0.691 kg x 98.07 = 67.8 N, pushed by the lip.
    """
    load = ((0.0, 10.0, 20.0, 30.0), [[0, 0, 0], [0, 0, 0], [0, 0, -10 * G], [0, 0, -10 * G]])
    assert answer(made, "triangle", triangle(), acceleration=load).first_lost == pytest.approx(10.5, abs=0.6)
    whole = answer(made, "whole", no_crack(), acceleration=load)
    assert whole.state == "held"
    assert pushed(whole.pieces[0], "lip")[2] == pytest.approx(-WHOLE * T * RHO * 10 * G, rel=1e-3)


def test_ten_g_across_against_the_grip(made):
    """0.3 x 169 kPa x (seat 7.087e-3 + outer 8.717e-3 + bands' round-off) m2 over 67.8 N: 11.8."""
    found = answer(made, "whole", no_crack(), acceleration=(10 * G, 0.0, 0.0))
    bands = sum(math.pi * (0.1**2 - (0.1 - w) ** 2) for w in (0.012, 0.015))
    grip = np.interp(293.0, [200.0, 500.0], [2e5, 1e5])
    assert found.margin == pytest.approx(0.3 * grip * bands / (WHOLE * T * RHO * 10 * G), rel=2e-3)


def test_lost_gasket_lets_the_pane_go_to_its_wall(made):
    """From 293 to 600 K in 30 s: 530 K at 23.16 s, then 10 g across moves it to the wall: loose, not lost.

    The pane grows by 0.5e-6 x 237 x 100 mm = 12 um meanwhile: 0.49 mm to go.
    """
    found = answer(made, "whole", no_crack(), temperature=(293.0, 600.0), acceleration=(10 * G, 0.0, 0.0))
    stay = found.pieces[0]
    assert found.state == "loose" and found.first_lost is None
    turned = dict((s, t) for t, s in changes(stay))
    assert turned["loose"] == pytest.approx(30.0 * (530.0 - 293.0) / 307.0, abs=1.1)
    assert stay.retention.moved[0] == pytest.approx(-0.49e-3, rel=0.03)
    assert "moves by" in stay.why


def test_pane_without_a_stop_above_it_is_lost_by_its_support(made):
    """Weight upwards 0.691 kg x 9.807 = 6.78 N; the pressure that holds it down falls from 1 kPa (31.4 N) to none.

    215.7 Pa hold 6.78 N: from 10 to 20 s it falls by 100 Pa/s, so the pane leaves at 17.84 s.
    """
    folder, viewport, _ = made("whole", no_crack())
    outer = ((0.0, 10.0, 20.0, 30.0), (1e3, 1e3, 0.0, 0.0))
    around = outside(viewport, folder, outer=outer, acceleration=(0.0, 0.0, -G))
    held = holding(viewport, around, warmth(viewport, 30.0), "thermal")
    held = dataclasses.replace(held, stops={k: v for k, v in held.stops.items() if k != "lip"})
    skin = skin_of(viewport.mesh.submesh("thermal")[0], "thermal", sagitta=SAGITTA)
    ((_, whole),) = cut_stages(skin, [Geometry(0.0, ())], RHO)
    (found,), _ = stay(held, [Stage(0.0, whole.pieces)])
    weight = WHOLE * T * RHO * G
    assert weight / WHOLE == pytest.approx(215.7, abs=0.1)
    assert found.lost == pytest.approx(20.0 - weight / WHOLE / 100.0, abs=1.0)
    assert found.way == pytest.approx([0.0, 0.0, 1.0], abs=1e-3)


@pytest.mark.parametrize("later", [False, True])
def test_that_nothing_is_cut_off_has_a_second_route(later):
    """A ring of 40 mm but for 0.03 mm: whole by sections, two by the flood fill's cells of 0.5 mm at the finest.

    As the last geometry of a growth, and as the first.
    """
    pane = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), 0.010)
    angle = np.linspace(0.1, 2 * np.pi + 0.1 - 3e-5 / 0.02, 9)
    nearly = wall(0.02 * np.column_stack([np.cos(angle), np.sin(angle)]), -0.002, 0.012, np.zeros(2))
    slot = wall(np.array([[0.0, -0.005], [0.0, 0.005]]), -0.002, 0.012, np.zeros(2))
    cut = wall(np.array([[-0.2, 0.03], [0.2, 0.03]]), -0.002, 0.012, np.zeros(2))
    shapes = [(nearly,), (nearly, cut)] if later else [(slot,), (nearly,)]
    (_, whole), *_ = cut_stages(pane, [Geometry(float(i), each) for i, each in enumerate(shapes)], RHO)
    assert len(whole.pieces) == 1
    assert [str(r).startswith("1 pieces by sections, 2 by the flood fill") for r in whole.remarks if r.alarm] == [True]


def test_vibration_counts_at_a_shock_only(tmp_path):
    """30 g from any side at touchdown, 31.4 N of pressure: lifts at 31.4/0.691 = 45 m/s2, but the lip holds it down."""
    shock = '[retention]\nshocks = [{ at = "10 s", peak = "294 m/s**2", source = "test" }]\n'
    old = no_crack()
    viewport = window(tmp_path, (old[0], shock))
    around = outside(viewport, tmp_path, outer=1e3)
    found = pane_outcome(viewport, around, warmth(viewport, 30.0), "thermal", None, [])
    stay = found.pieces[0]
    at = float(stay.time[np.argmin(stay.factor)])
    assert at == 10.0 and np.isinf(stay.factor[0])
    assert any(a.key == "retention.shock.10.0" for a in found.assumptions)
    with pytest.raises(CaseError):
        window(tmp_path / "bad", (old[0], shock.replace("294 m/s**2", "294 m/s")))


def test_a_pane_without_named_seats_is_not_judged(made):
    """Nothing says what holds it: that is refused, and not a pane that falls out."""
    folder, viewport, _ = made("whole", no_crack())
    faces = {k: v for k, v in viewport.mesh.faces.items() if "seat" not in k}
    bare = dataclasses.replace(viewport, mesh=dataclasses.replace(viewport.mesh, faces=faces))
    with pytest.raises(InputError, match="no named seat"):
        pane_outcome(bare, outside(viewport, folder), warmth(viewport, 30.0), "thermal", None, [])
