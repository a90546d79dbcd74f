"""The free-body diagram and the force table say what the balance found."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from deadlight.outcome.force_table import force_table, stated
from deadlight.outcome.forces import pressure, shaken
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import Retention, retained
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Gasket, Support
from deadlight.view.free_body import Arrow, free_body
from deadlight.view.style import png

SQUARE = shapely.box(-0.05, -0.05, 0.05, 0.05)
PANE = plate(SQUARE, 0.01, inner={"seat": SQUARE - SQUARE.buffer(-0.01)})


@pytest.fixture(scope="module")
def held() -> Retention:
    piece = pieces_of(PANE, [], 2200.0, check=False).pieces[0]
    seat = Support("seat", ("seat",), 0.2)
    return retained(piece, [seat], [pressure(piece, {"outer": 1e3}, cut=0, rest=0)])


def test_table_adds_up_to_nothing(held: Retention) -> None:
    """1 kPa on 0.01 m2: 10 N on the seat."""
    lines = force_table(held).splitlines()
    assert lines[0] == stated(held) and "held" in lines[0]
    row = {line.split()[0]: line.split() for line in lines[2:5]}
    assert float(row["pressure"][4]) == pytest.approx(-10.0)
    assert float(row["seat"][4]) == pytest.approx(10.0)
    assert [float(x) for x in row["sum"][1:7]] == [0.0] * 6


def test_table_says_which_way_a_piece_goes() -> None:
    piece = pieces_of(PANE, [], 2200.0, check=False).pieces[0]
    seat = Support("seat", ("seat",), 0.2)
    lost = retained(piece, [seat], [pressure(piece, {"inner": 1e3, "seat": 1e3}, cut=0, rest=0)])
    assert "leaves along (+0.00, +0.00, +1.00)" in force_table(lost)
    assert "unbalanced" in force_table(lost)


def test_figure_has_an_arrow_for_every_force(held: Retention) -> None:
    piece = pieces_of(PANE, [], 2200.0, check=False).pieces[0]
    arrows = [Arrow(a.name, a.kind, a.force, a.place) for a in held.acting]
    made = free_body(piece.faces.corners, piece.faces.crack >= 0, arrows, title="a pane")
    above, side = made.axes
    assert len(above.lines) == len(arrows)  # along z: dots from above
    assert len([t for t in side.texts if t.arrow_patch is not None]) == len(arrows)
    texts = [t.get_text() for t in made.legends[0].get_texts()]
    assert any("seat (push): (0, 0, 10) N" in t for t in texts)
    assert png(made, dpi=40).startswith(b"\x89PNG")


def test_vibration_lies_inside_its_corners() -> None:
    """Every direction of the ball is a convex combination of the corners: support function at least the radius."""
    corner = shaken(1.0, 2.0)
    d = np.random.default_rng(1).normal(size=(100_000, 3))
    d /= np.linalg.norm(d, axis=1)[:, None]
    reach = (corner @ d.T).max(axis=0)
    assert reach.min() >= 2.0 - 1e-9 and reach.min() < 2.01


def test_grip_follows_its_table() -> None:
    cord = Gasket(1e-3, np.array([300.0, 500.0, 530.0]), np.array([2e5, 1e5, 0.0]), 0.3, "test", "A")
    assert cord.at(400.0) == (1.5e5, ())
    assert cord.at(600.0) == (0.0, ())
    grip, remarks = cord.at(250.0)
    assert grip == 2e5 and remarks[0].alarm
    lost = Support("lip", ("seat",), 0.2, clearance=5e-4, gasket=cord, temperature=540.0)
    assert lost.gap == pytest.approx(1.5e-3)
    assert Support("lip", ("seat",), 0.2, clearance=5e-4, gasket=cord, temperature=400.0).gap == 0.0
