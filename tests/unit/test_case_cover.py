"""A cover plate stated in one line is a pane with its gap."""

import numpy as np
import pytest

from deadlight.case.change import changed_case
from deadlight.case.load import load_case
from deadlight.chain.viewport import build_viewport
from deadlight.errors import CaseError, MeshError
from support_loss import write_loss_case

LINE = 'cover = {{ material = "fused_silica", thickness = "5 mm", gap = "{gap}"{more} }}'


def with_line(folder, gap="6 mm", more=""):
    return write_loss_case(folder, ("[window]", "[window]\n" + LINE.format(gap=gap, more=more)))


def test_inside_it_is_the_innermost_pane_and_the_others_stay_where_they_were(tmp_path):
    plain, path = write_loss_case(tmp_path / "a"), with_line(tmp_path / "b")
    case = load_case(path)
    assert [p.name for p in case.panes] == ["thermal", "pressure", "cover"]
    assert case.gaps[-1].between == ("pressure", "cover") and case.gaps[-1].pressure == 101325.0
    before, after = (build_viewport(load_case(p), root=p.parent).mesh for p in (plain, path))
    for face in ("thermal.outer", "pressure.inner"):
        z = [m.points[m.face_nodes(face), 2].mean() for m in (before, after)]
        assert z[0] == pytest.approx(z[1], abs=1e-12)
    assert after.points[after.face_nodes("cover.outer"), 2].mean() == pytest.approx(-6e-3)
    assert np.ptp(after.points[after.region_nodes("cover"), 2]) == pytest.approx(5e-3)


def test_behind_the_outer_pane_the_gap_is_shared(tmp_path):
    case = load_case(with_line(tmp_path, more=', place = "behind_outer", initial_temperature = "280 K"'))
    assert [p.name for p in case.panes] == ["thermal", "cover", "pressure"]
    assert [g.between for g in case.gaps] == [("thermal", "cover"), ("cover", "pressure")]
    assert {g.state for g in case.gaps} == {"vented"} and case.panes[1].initial_temperature == 280.0


def test_a_variant_adds_it(tmp_path):
    path = write_loss_case(tmp_path)
    cover = {"material": "fused_silica", "thickness": "5 mm", "gap": "6 mm"}
    changed = changed_case(load_case(path), {"window.cover": cover}, place="variant")
    assert changed.panes[-1].name == "cover" and len(load_case(path).panes) == 2


@pytest.mark.parametrize(
    ("gap", "more", "told"),
    [("6", "", "unit"), ("6 mm", ', colour = "red"', "colour"), ("6 mm", ', place = "on"', "place")],
)
def test_what_is_wrong_with_it_is_told(tmp_path, gap, more, told):
    with pytest.raises(CaseError, match=told):
        load_case(with_line(tmp_path, gap=gap, more=more))


def test_a_cover_that_meets_a_retainer_is_refused(tmp_path):
    ring = 'retainer = { lip_thickness = "2 mm", wall = "3 mm", seat_thickness = "3 mm", gasket_thickness = "1 mm" }'
    lines = 'name = "pressure"\noutline = { kind = "round", radius = "60 mm" }\n'
    path = write_loss_case(
        tmp_path,
        ("[window]", "[window]\n" + LINE.format(gap="3 mm", more="")),
        (lines, f'{lines}clearance = "0.5 mm"\n{ring}\n'),
    )
    with pytest.raises(MeshError, match="retainers need") as caught:
        build_viewport(load_case(path), root=path.parent)
    assert "window.cover" in str(caught.value)
