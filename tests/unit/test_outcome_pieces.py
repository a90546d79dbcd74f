"""How the pieces of a pane are put together and checked, each step with a stand-in for the one before."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.outcome import pieces
from deadlight.outcome.faces import Faces
from deadlight.outcome.piece import Ligament
from deadlight.outcome.pieces import Pieces, _open, _piece, pieces_of
from deadlight.outcome.skin import Skin, plate
from deadlight.remark import Remark
from support_cuts import wall

T, RHO = 0.010, 2200.0
FLAT = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), T)
SQUARE = Skin(FLAT.points + [0.0, 0.0, 0.02], FLAT.triangles, FLAT.label, FLAT.names)  # from z = 20 to 30 mm


def cut(y: float, low: float = 0.018) -> Any:
    return wall(np.array([[-0.2, y], [0.2, y]]), low, 0.032, np.zeros(2))


def found(*cracks: Any, **more: Any) -> Pieces:
    return pieces_of(SQUARE, list(cracks), RHO, **{"check": False, **more})


def alarms(which: Pieces) -> list[str]:
    return [str(r) for r in which.remarks if r.alarm]


@pytest.mark.parametrize("density", [0.0, -1.0, np.nan, np.inf])
def test_a_density_that_is_not_positive_is_refused(density: float) -> None:
    with pytest.raises(InputError, match="density"):
        pieces_of(SQUARE, [], density)


def test_a_density_below_one_is_one() -> None:
    assert pieces_of(SQUARE, [], 0.5, check=False).mass == pytest.approx(5e-5)


def test_polygons_that_cannot_be_laid_over_each_other_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise shapely.errors.GEOSException("side location conflict")

    monkeypatch.setattr(pieces, "stacked", fails)
    with pytest.raises(NotSolved, match="side location"):
        found()


@pytest.mark.parametrize(("closes", "due"), [(None, 1e-5), (3e-4, 3e-4), (0.0, 0.0)])
def test_gaps_below_a_thousandth_of_the_thickness_count_as_cut_unless_stated(
    monkeypatch: pytest.MonkeyPatch, closes: float | None, due: float
) -> None:
    whole, asked = pieces.cuts_of, []

    def given(*args: Any) -> Any:
        asked.append(args[2])
        return whole(*args)

    monkeypatch.setattr(pieces, "cuts_of", given)
    found(closes=closes)
    assert asked == [pytest.approx(due)]


class Flooded:
    """A grid that disagrees some times, and keeps what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wrong: int) -> None:
        self.asked: list[Any] = []
        self.wrong = wrong
        monkeypatch.setattr(pieces, "flooded", self)

    def __call__(self, skin: Any, cuts: Any, *, cell: float | None, widest: float) -> Any:
        self.asked.append((cell, widest))
        number = len(self.asked)
        told = [Remark("small", alarm=False)] + [Remark(f"grid {number}", alarm=True)] * (number <= self.wrong)
        held = [
            Ligament(w, 1.0, np.zeros(3), 1.0, np.zeros(3), k) for w, k in ((3e-3, 0), (1e-3 * number, 0), (1e-3, 1))
        ]
        return SimpleNamespace(
            cell=cell or 8e-3,
            placed=lambda stack: tuple(held),
            differences=lambda stack, allowed: told * (allowed == 0.03),
        )


@pytest.mark.parametrize(
    ("wrong", "cells", "told"),
    [(0, [None], []), (1, [None, 4e-3], []), (2, [None, 4e-3, 2e-3], []), (9, [None, 4e-3, 2e-3], ["grid 3"])],
)
def test_a_grid_that_disagrees_is_halved_twice_before_it_is_believed(
    monkeypatch: pytest.MonkeyPatch, wrong: int, cells: list[float | None], told: list[str]
) -> None:
    grid = Flooded(monkeypatch, wrong)
    answer = found(cut(0.01), check=True)
    assert grid.asked == [(c, pytest.approx(T)) for c in cells]
    assert alarms(answer) == told and len(answer.remarks) == 1 + len(told)
    assert answer.route.endswith("; checked by a flood fill")
    widths = [[lig.width for lig in p.ligaments] for p in answer.pieces]
    assert widths == [pytest.approx(sorted([1e-3 * len(cells), 3e-3])), pytest.approx([1e-3])]


def test_a_grid_that_is_stated_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Flooded(monkeypatch, 9)
    answer = found(cut(0.01), check=True, cell=1e-3, ligaments=2e-3)
    assert grid.asked == [(1e-3, 2e-3)] and alarms(answer) == ["grid 1"]


def test_without_the_check_no_grid_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Flooded(monkeypatch, 9)
    answer = found(cut(0.01))
    assert not grid.asked and not answer.remarks and answer.route.endswith("; not checked by a second route")
    assert [p.ligaments for p in answer.pieces] == [(), ()]


def scaled(monkeypatch: pytest.MonkeyPatch, *factors: float) -> None:
    """Sections whose pieces have so many times their integrals."""
    whole = pieces.stacked

    def given(*args: Any) -> Any:
        stack = whole(*args)
        return dataclasses.replace(stack, integrals=stack.integrals * np.array(factors)[:, None])

    monkeypatch.setattr(pieces, "stacked", given)


@pytest.mark.parametrize(("more", "told"), [(9e-7, False), (-9e-7, False), (1.1e-6, True), (-1.1e-6, True)])
def test_masses_that_differ_from_the_panes_by_a_millionth_are_an_alarm(
    monkeypatch: pytest.MonkeyPatch, more: float, told: bool
) -> None:
    scaled(monkeypatch, 1.0 + more)
    answer = found()
    assert answer.closure == pytest.approx(more, abs=1e-12) and answer.mass == pytest.approx(0.22)
    assert [a.startswith("masses of the pieces differ") for a in alarms(answer)] == [True] * told


@pytest.mark.parametrize(("share", "count"), [(0.9e-9, 1), (1.1e-9, 2)])
def test_what_rounding_leaves_is_no_piece(monkeypatch: pytest.MonkeyPatch, share: float, count: int) -> None:
    """Above a billionth of the pane it is one."""
    scaled(monkeypatch, 1.0, share / 0.4)
    assert len(found(cut(0.01)).pieces) == count


def swollen(monkeypatch: pytest.MonkeyPatch, piece: int, more: float) -> None:
    """Faces of one piece that enclose so much more than it."""
    whole = pieces.faces_of

    def given(*args: Any) -> Faces:
        faces = whole(*args)
        x = faces.corners.copy()
        mine = faces.piece == piece
        middle = np.array([0.0, 0.04, 0.025])
        x[mine] = middle + np.cbrt(1.0 + more) * (x[mine] - middle)
        return dataclasses.replace(faces, corners=x)

    monkeypatch.setattr(pieces, "faces_of", given)


@pytest.mark.parametrize(("y", "more", "told"), [
    (0.01, 0.99e-3, False), (0.01, -0.99e-3, False), (0.01, 1.01e-3, True), (0.01, -1.01e-3, True),
    (0.049998, 5.9e-3, False), (0.049998, 6.1e-3, True),
])  # fmt: skip
def test_faces_may_enclose_a_thousandth_more_and_a_ten_millionth_of_the_pane(
    monkeypatch: pytest.MonkeyPatch, y: float, more: float, told: bool
) -> None:
    """A strip of 2 um is a fifty thousandth of the pane, of which 1e-7 are 5e-3."""
    swollen(monkeypatch, 1, more)
    answer = found(cut(y), closes=1e-9)
    assert answer.pieces[1].volume_error == pytest.approx(more, rel=1e-2)
    wrong = [a for a in alarms(answer) if "other volumes" in a]
    assert len(wrong) == told
    if told:
        assert "pieces [1]" in wrong[0] and f"up to {abs(answer.pieces[1].volume_error):.2g}" in wrong[0]


@pytest.mark.parametrize(("share", "told"), [(0.9e-4, False), (1.1e-4, True)])
def test_lost_faces_are_an_alarm_from_a_ten_thousandth_of_all_faces(
    monkeypatch: pytest.MonkeyPatch, share: float, told: bool
) -> None:
    """2 x 0.01 + 4 x 0.001 m2 of skin, and both sides of a crack of 0.001 m2."""
    whole = pieces.faces_of
    monkeypatch.setattr(pieces, "faces_of", lambda *given: dataclasses.replace(whole(*given), lost=share * 0.026))
    assert len([a for a in alarms(found(cut(0.01))) if "whose they are" in a]) == told


@pytest.mark.parametrize("count", [4, 30])
def test_sections_go_through_faces_of_which_it_is_not_known_whose_they_are(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Each height once, the lowest 24 that are within the pane."""
    whole, heights, seen = pieces.faces_of, [], 0
    stack = pieces.stacked
    inside = np.linspace(0.0201, 0.0299, count)

    def given(*args: Any) -> Faces:
        nonlocal seen
        seen += 1
        unseen = np.concatenate([[SQUARE.high, 0.019], inside[::-1], [SQUARE.low, 0.031], inside])
        return dataclasses.replace(whole(*args), lost=1e-9 if seen == 1 else 0.0, unseen=unseen)

    def through(*args: Any) -> Any:
        heights.append(args[2:])
        return stack(*args)

    monkeypatch.setattr(pieces, "faces_of", given)
    monkeypatch.setattr(pieces, "stacked", through)
    assert len(found(cut(0.01)).pieces) == 2
    assert heights[0] == () and len(heights) == seen == 2
    assert np.array_equal(heights[1][0], pieces.spread_over(inside, 24))


def test_a_piece_has_its_middle_inertia_and_volume_error_from_integrals_and_faces() -> None:
    """A box 2 x 3 x 4 with its middle at (5, -6, 7), of density 10; faces of a box twice as tall."""
    size, middle, volume = np.array([2.0, 3, 4]), np.array([5.0, -6, 7]), 24.0
    second = volume * (np.diag(size**2 / 12.0) + np.outer(middle, middle))
    m = np.array([volume, *volume * middle, *second[[0, 0, 1, 0, 1, 2], [0, 1, 1, 2, 2, 2]]])
    tall = plate(shapely.box(4, -7.5, 6, -4.5), 8.0)
    n = len(tall.triangles)
    none = np.full(n, -1)
    faces = Faces(tall.corners + [0, 0, 5], np.full(n, 3), tall.label, none, none, 0.0)
    piece = _piece(3, m, 10.0, faces, tall.names, ())
    assert (piece.volume, piece.mass) == (24.0, 240.0) and piece.centroid == pytest.approx(middle)
    assert piece.inertia == pytest.approx(np.diag([20.0 * (9 + 16), 20.0 * (4 + 16), 20.0 * (4 + 9)]), abs=1e-9)
    assert piece.volume_error == pytest.approx(1.0)
    tilted = m.copy()
    tilted[[5, 7, 8]] += [1.0, 2.0, 3.0]  # xy, xz, yz
    off = _piece(3, tilted, 10.0, faces, tall.names, ()).inertia - piece.inertia
    assert off == pytest.approx(-10.0 * np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]]), abs=1e-9)


@pytest.mark.parametrize(("gap", "told"), [(0.9e-4, False), (1.1e-4, True)])
def test_a_small_piece_closes_to_a_ten_thousandth_of_its_own_faces(gap: float, told: bool) -> None:
    """Squares of 1 m2 and of 100 m2, each from both sides; the small one's are not alike by its gap times 2 m2."""
    flat = np.array([[0.0, 0, 0], [2, 0, 0], [0, 1, 0]])
    more = flat * np.array([1.0 + 2.0 * gap, 1, 1])
    corners = np.array([more, flat[::-1], 10.0 * flat, 10.0 * flat[::-1]])
    none = np.full(4, -1)
    faces = Faces(corners, np.array([0, 0, 1, 1]), none, none, none, 0.0)
    made: Any = [SimpleNamespace(number=k, faces=faces.of(k)) for k in (0, 1)]
    assert [r.alarm for r in _open(made, faces)] == [True] * told


@pytest.mark.parametrize("count", [0, 1, 24, 25, 200])
def test_sections_through_many_faces_are_spread_from_the_lowest_to_the_highest(count: int) -> None:
    heights = np.linspace(1.0, 2.0, count)
    found = pieces.spread_over(heights, 24)
    assert len(found) == min(count, 24) and np.isin(found, heights).all() and (np.diff(found) > 0).all()
    assert not count or (found[0], found[-1]) == (heights[0], heights[-1])
    assert count < 2 or np.diff(found).max() < 2.0 / (len(found) - 1)
