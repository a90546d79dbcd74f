"""Plates, what a stop still covers of them when they have moved, and loads on their pieces: by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.outcome.forces import pressure, weight
from deadlight.outcome.patches import Patch
from deadlight.outcome.piece import Piece
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.skin import Skin, plate, skin_of
from support_square import RHO, SIDE, SQUARE, THICK, halves, whole


def holed() -> Skin:
    """A square hole of 20 mm; outer regions overlap between x = -20 mm and 0, the inner one is a corner."""
    box = shapely.box
    outer = {"a": box(-0.05, -0.05, 0.0, 0.05), "b": box(-0.02, -0.05, 0.05, 0.05)}
    return plate(SQUARE - box(-0.01, -0.01, 0.01, 0.01), THICK, outer=outer, inner={"c": box(0.03, 0.03, 0.2, 0.2)})


def vectors(skin: Skin) -> np.ndarray:
    x = skin.corners
    return 0.5 * np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0])


def test_a_plate_has_its_regions_and_the_first_named_wins() -> None:
    skin = holed()
    v = vectors(skin)
    total = {name: v[skin.label == k].sum(axis=0) for k, name in enumerate(skin.names)}
    half = 0.5 * (SIDE**2 - 0.02**2)
    for name, area in (("a", half), ("b", half), ("c", -(0.02**2)), ("inner", -(2.0 * half - 0.02**2))):
        assert total[name] == pytest.approx([0.0, 0.0, area], abs=1e-10)  # on a grid of 1 nm
    rim = np.linalg.norm(v[skin.label == skin.names.index("rim")], axis=1).sum()
    assert rim == pytest.approx(4 * (SIDE + 0.02) * THICK, rel=1e-9)
    assert skin.volume == pytest.approx(2.0 * half * THICK, rel=1e-9)
    assert np.abs(v.sum(axis=0)).max() < 1e-15


def test_a_skin_with_a_gap_or_a_turned_triangle_is_not_closed() -> None:
    skin = holed()
    assert skin.closed()
    assert not Skin(skin.points, skin.triangles[1:], skin.label[1:], skin.names).closed()
    one = skin.triangles.copy()
    one[0] = one[0][::-1]
    assert not Skin(skin.points, one, skin.label, skin.names).closed()
    with pytest.raises(InputError):
        skin_of(Skin(skin.points, skin.triangles[:, ::-1], skin.label, skin.names))


def strip() -> tuple[Piece, Patch]:
    """A seat of 10 mm along one side, x from -50 to -40 mm."""
    skin = plate(SQUARE, THICK, inner={"seat": shapely.box(-0.05, -0.05, -0.04, 0.05)})
    body = pieces_of(skin, [], RHO, check=False).pieces[0]
    (patch,) = body.patches(regions=(body.regions.index("seat"),))
    return body, patch


@pytest.mark.parametrize(
    ("moved", "corners"),
    [
        ((4e-3, 0.0, 0.0), [(-46, -50), (-46, 50), (-40, -50), (-40, 50)]),
        ((-4e-3, 0.0, 0.0), [(-50, -50), (-50, 50), (-40, -50), (-40, 50)]),
        ((0.0, 3e-3, 0.0), [(-50, -47), (-50, 50), (-40, -47), (-40, 50)]),
        ((0.011, 0.0, 0.0), []),
        ((0.0, 0.0, 0.01), [(-50, 49.5), (-40, 49.6), (-49.5, -50), (-40, -50), (-50, -0.5)]),
    ],
)
def test_a_stop_covers_what_of_the_glass_is_still_over_it(
    moved: tuple[float, float, float], corners: list[tuple[float, float]]
) -> None:
    """The seat stands; the plate's underside (100 mm square) goes by x, y and turns by yaw about its middle.

    Turned by 0.01 its left edge is x = -50 - 0.01 y mm, its upper one y = 50 + 0.01 x mm, and the middle of the left
    one comes to (-50, -0.5) mm.
    """
    body, patch = strip()
    x, y, yaw = moved
    found = patch.covered(np.array([x, y, 0.0, 0.0, 0.0, yaw]), body.centroid)
    assert len(found) == len(corners)
    for c in corners:
        assert np.abs(1e3 * found[:, :2] - c).max(axis=1).min() < 0.02
    if len(found):
        assert np.abs(found[:, 2]).max() < 1e-9


def test_pressure_on_a_pad_has_its_moment() -> None:
    """1 kPa on 20 x 20 mm at (40, 40) mm: -0.4 N, and r x F = (0.04 x -0.4, 0.04 x 0.4, 0) N m."""
    skin = plate(SQUARE, THICK, outer={"pad": shapely.box(0.03, 0.03, 0.05, 0.05)})
    body = pieces_of(skin, [], RHO, check=False).pieces[0]
    found = pressure(body, {"pad": 1e3}, cut=0.0, rest=0.0)
    assert found.force == pytest.approx([0.0, 0.0, -0.4], abs=1e-9)
    assert found.moment == pytest.approx([-0.016, 0.016, 0.0], abs=1e-9)
    with pytest.raises(InputError, match="nowhere"):
        pressure(body, {"nowhere": 1.0}, cut=0.0, rest=0.0)


def test_gas_in_a_leaning_cut_pushes_both_pieces_equally() -> None:
    """1e5 Pa on a face of 100 x 10 mm that leans by 0.2: 100 N along x, 20 N along z."""
    left, right = halves(0.01, 0.2)
    one, two = (pressure(p, {}, cut=1e5, rest=0.0) for p in (left, right))
    assert two.force == pytest.approx([100.0, 0.0, -20.0], rel=1e-6, abs=1e-6)
    assert one.force == pytest.approx(-two.force, rel=1e-6, abs=1e-6)
    turn = sum(f.moment + np.cross(p.centroid, f.force) for p, f in ((left, one), (right, two)))
    assert np.abs(turn).max() < 1e-6


def test_what_is_the_same_all_round_is_exactly_nothing() -> None:
    """On cut faces too, whose corners are rounded to a nanometre: 1e5 Pa would leave micronewtons."""
    for p in halves(0.0137, 0.31):
        same = pressure(p, {}, cut=1e5, rest=1e5)
        assert not same.force.any() and not same.moment.any()
        more = pressure(p, {"outer": 1e5 + 1.0}, cut=1e5, rest=1e5)
        assert more.force[2] == pytest.approx(-p.touched["outer"], rel=1e-6)


def test_weight_goes_with_gravity() -> None:
    body = whole()
    assert weight(body, np.array([0.0, 0.0, -9.8])).force == pytest.approx([0.0, 0.0, -9.8 * body.mass])
    assert body.mass == pytest.approx(0.22, rel=1e-9)
