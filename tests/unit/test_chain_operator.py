"""From the crack of a case to the operator's answer: where the surface lies, what is judged, and K of known cracks."""

import itertools
import math
import pickle
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.case.load import parse_case
from deadlight.chain.blocked import BLOCKED, measure
from deadlight.chain.crack_points import CrackPoints
from deadlight.chain.flaw_file import read_triangles
from deadlight.chain.flaws import flaw_of, pane_body
from deadlight.chain.front_answer import absolute_error, carried_to_surface, effective
from deadlight.chain.laid import lay_cracks
from deadlight.chain.operator_answer import full_answer
from deadlight.chain.sampled import SampledStress
from deadlight.chain.tiers import tier_gaps
from deadlight.chain.viewport import build_viewport
from deadlight.errors import DeadlightError, InputError, MeshError
from deadlight.material.library import material
from deadlight.stress.history import StressError, StressHistory
from support_cases import write_case

RADIUS, THICK, LIP = 0.1, 0.01, 0.015
AT = {"azimuth": "30 deg", "inside_lip": "5 mm"}
NO_ERROR = StressError(0.0, 0.0, 5e-3, 2e3, (0,), (), 0.0, 0.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A case with one round pane, and its folder."""
    return write_case(tmp_path_factory.mktemp("case")).parent


@pytest.fixture(scope="module")
def viewport(folder):
    return build_viewport(_case(folder, []), root=folder)


def _case(folder, cracks, tier="full", **solver):
    data = tomllib.loads((folder / "case.toml").read_text())
    data |= {
        "cracks": [{"name": f"C{i}", "pane": "thermal", **c} for i, c in enumerate(cracks)],
        "growth": {"tier": tier},
    }
    data["solver"] |= solver
    return parse_case(data)


@pytest.fixture(scope="module")
def flaw(viewport, folder):
    body = pane_body(viewport, "thermal")

    def made(**crack):
        return flaw_of(viewport, _case(folder, [crack]).cracks[0], body, folder)

    return made


def outline(found):
    """The crack's outline in space."""
    return found.sheet.chart.to_space(found.sheet.outlines[0])


def top(found):
    return found.shape.z_middle + THICK / 2


def test_surface_crack_lies_where_it_was_put(flaw):
    found = flaw(kind="surface", a="1 mm", c="2 mm", place=AT)
    far = RADIUS - LIP - 5e-3
    centre = [far * math.cos(math.pi / 6), far * math.sin(math.pi / 6), top(found)]
    assert found.stand.origin == pytest.approx(centre, abs=1e-4)  # the lip of a coarse mesh is a polygon
    ray = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6), 0.0])
    x = outline(found) - found.stand.origin
    assert np.abs(x @ ray).max() == pytest.approx(2e-3, rel=1e-4)  # c along the radius
    assert x[:, 2].min() == pytest.approx(-1e-3, rel=1e-4)  # a into the glass
    assert np.abs(x @ np.cross([0, 0, 1.0], ray)).max() < 1e-12


def test_tilt_and_orientation(flaw):
    base = {"kind": "surface", "a": "1 mm", "c": "2 mm"}
    found = flaw(**base, place={"azimuth": "0 deg", "radius": "20 mm"}, tilt="30 deg")
    assert found.stand.along == pytest.approx([1, 0, 0], abs=1e-12)
    assert found.stand.down == pytest.approx([0, 0.5, -math.sqrt(0.75)], abs=1e-12)  # the deep side goes with azimuth
    found = flaw(**base, place={"x": "0 mm", "y": "20 mm"}, orientation="hoop")
    assert np.abs(found.stand.along) == pytest.approx([1, 0, 0], abs=1e-12)
    found = flaw(**base, place={"azimuth": "90 deg", "radius": "20 mm"}, orientation="angle", angle="-90 deg")
    assert found.stand.along == pytest.approx([1, 0, 0], abs=1e-12)
    found = flaw(**base, place={"azimuth": "0 deg", "radius": "20 mm", "face": "inner"}, tilt="30 deg")
    assert found.stand.down == pytest.approx([0, 0.5, math.sqrt(0.75)], abs=1e-12)
    assert found.stand.origin[2] == pytest.approx(top(found) - THICK, abs=1e-9)


def test_other_kinds_lie_where_they_were_put(flaw):
    x = outline(flaw(kind="embedded", a="1 mm", c="2 mm", depth="3 mm", place=AT))
    z = flaw(kind="embedded", a="1 mm", c="2 mm", depth="3 mm", place=AT).shape.z_middle + THICK / 2
    assert (z - x[:, 2].max(), z - x[:, 2].min()) == pytest.approx((2e-3, 4e-3), rel=1e-4)
    bowl = flaw(kind="spall", a="2 mm", c="3 mm", depth="1 mm", dish="0.4 mm", place=AT)
    assert z - outline(bowl)[:, 2] == pytest.approx(0.6e-3, abs=2e-6)
    assert z - bowl.sheet.chart.to_space(np.zeros((1, 2)))[0, 2] == pytest.approx(1e-3, abs=2e-6)
    edge = outline(flaw(kind="edge", depth="8 mm", place={"azimuth": "90 deg"}))
    assert edge[:, 1].min() == pytest.approx(RADIUS - 8e-3, abs=1e-5) and edge[:, 1].max() > RADIUS
    assert edge[:, 2].max() > z and edge[:, 2].min() < z - THICK
    corner = flaw(kind="corner", a="2 mm", c="3 mm", place={"azimuth": "90 deg"})
    assert corner.stand.origin == pytest.approx([0, RADIUS, z], abs=1e-5)
    bent = flaw(kind="through", line=[["10 mm", "0 mm"], ["15 mm", "0 mm"], ["15 mm", "5 mm"]])
    assert bent.sheet.chart.length == pytest.approx(10e-3) and bent.stand is None
    crater = flaw(
        kind="crater", pit={"diameter": "1 mm", "depth": "0.4 mm"}, radial={"a": "0.9 mm", "c": "1.5 mm"}, place=AT
    )
    assert "pit" in crater.assumptions[0].value


@pytest.mark.parametrize(
    ("crack", "words"),
    [
        ({"kind": "surface", "a": "1 mm", "c": "2 mm", "place": {"radius": "120 mm"}}, "20 mm outside the rim"),
        ({"kind": "embedded", "a": "1 mm", "c": "2 mm", "depth": "30 mm", "place": AT}, "outside the body"),
        ({"kind": "through", "line": [["-200 mm", "0 mm"], ["200 mm", "0 mm"]]}, "cuts the body in two"),
        ({"kind": "embedded", "a": "1 mm", "c": "2 mm", "depth": "1.01 mm", "place": AT}, "without reaching it"),
    ],
)
def test_crack_that_does_not_fit_is_refused_before_anything_is_solved(folder, crack, words):
    case = _case(folder, [crack])
    with pytest.raises(InputError, match=words) as error:
        lay_cracks(build_viewport(case, root=folder), folder)
    assert "C0" in str(error.value) and error.value.remedy


def test_check_says_where_it_lies_and_what_it_meets(folder):
    cracks = [
        {"kind": "through", "two_c": "12 mm", "place": AT},
        {"kind": "surface", "a": "0.2 mm", "c": "0.2 mm", "place": AT, "tilt": "10 deg"},
        {"kind": "surface", "a": "12 mm", "c": "12 mm", "place": {"radius": "20 mm"}},
    ]
    case = _case(folder, cracks)
    through, surface, deep = lay_cracks(build_viewport(case, root=folder), folder)
    text = " ".join(through.lines)
    for words in (
        "2c = 12 mm",
        "azimuth 30.0 deg",
        "radius 80.06 mm",
        "19.94 mm from the rim",
        "5.00 mm inside the lip",
    ):
        assert words in text
    assert "inner" in text and "outer" in text and "2 fronts" in text and "whole skin" in text and through.quick
    assert "tilted by 10 deg" in surface.lines[0] and "patch" in surface.lines[2]
    assert not deep.quick and "quick tier" in deep.warnings[0]  # deeper than the pane: only the operator takes it
    quick = lay_cracks(build_viewport(_case(folder, cracks[:1], tier="quick"), root=folder), folder)
    assert "5.00 mm inside the lip" in quick[0].lines[0]


def test_surface_from_a_file_and_bent_line_fit_the_pane(folder):
    angle = np.linspace(0.0, 2.0 * np.pi, 13)
    ring = np.stack([20.0 + 2.0 * np.cos(angle), 0.3 * np.cos(angle), 5.0 + 1.5 * np.sin(angle)], axis=1)
    text = "solid s\n"
    for a, b in itertools.pairwise(ring):
        lines = "".join(f"vertex {x:.9e} {y:.9e} {z:.9e}\n" for x, y, z in ([20.0, 0.0, 5.0], a, b))
        text += f"facet normal 0 0 0\nouter loop\n{lines}endloop\nendfacet\n"
    (folder / "inside.stl").write_text(text + "endsolid\n")
    cracks = [
        {"kind": "file", "file": "inside.stl", "unit": "mm"},
        {"kind": "through", "line": [["10 mm", "0 mm"], ["15 mm", "0 mm"], ["18 mm", "3 mm"]]},
    ]
    drawn, bent = lay_cracks(build_viewport(_case(folder, cracks), root=folder), folder)
    assert "meets no face" in drawn.lines[1] and "inside.stl" in drawn.lines[0] and not drawn.quick
    assert "3 points" in bent.lines[0] and "2 fronts" in bent.lines[1] and not bent.quick


@pytest.mark.parametrize(
    "crack",
    [
        {"kind": "through", "two_c": "12 mm", "place": AT},
        {"kind": "through", "line": [["10 mm", "0 mm"], ["15 mm", "0 mm"], ["18 mm", "3 mm"]]},
        {"kind": "surface", "a": "1 mm", "c": "2 mm", "place": AT, "tilt": "10 deg"},
        {"kind": "embedded", "a": "1 mm", "c": "2 mm", "depth": "3 mm", "place": AT},
        {"kind": "spall", "a": "1 mm", "c": "2 mm", "depth": "1 mm", "dish": "0.2 mm", "place": AT},
    ],
    ids=["through", "bent", "surface", "embedded", "spall"],
)
def test_laid_crack_goes_to_another_process(folder, crack):
    """Bands are asked in processes of their own, which are sent the cracks as laid."""
    (laid,) = lay_cracks(build_viewport(_case(folder, [crack]), root=folder), folder)
    again = pickle.loads(pickle.dumps(laid))
    assert again.lines == laid.lines


def test_stl_in_both_forms(tmp_path):
    corner = np.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0.0]], [[1, 0, 0], [1, 1, 0], [0, 1, 0.0]]])
    text = "solid s\n"
    for each in corner:
        lines = "".join(f"vertex {x} {y} {z}\n" for x, y, z in each)
        text += f"facet normal 0 0 1\nouter loop\n{lines}endloop\nendfacet\n"
    (tmp_path / "a.stl").write_text(text + "endsolid\n")
    record = np.zeros(2, np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("r", "<u2")]))
    record["c"] = corner
    (tmp_path / "b.stl").write_bytes(b"x" * 80 + (2).to_bytes(4, "little") + record.tobytes())
    for name in ("a.stl", "b.stl"):
        points, triangles = read_triangles(tmp_path / name, unit="mm")
        assert len(points) == 4 and len(triangles) == 2 and points.max() == pytest.approx(1e-3)


FACET = b"facet normal 0 0 1\nouter loop\n" + b"vertex 1 2 3\n" * 3 + b"endloop\nendfacet\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.stl", b"", "whole binary STL"),
        ("a.stl", b"solid\nendsolid\n", "no triangles"),
        ("a.stl", b"solid\n" + FACET[:30], "line 3.*endsolid"),
        ("a.stl", b"solid\nvertex 1 2 3\nendsolid\n", "line 2.*facet normal"),
        ("a.stl", b"solid\n" + FACET.replace(b"1 2 3", b"1 2", 1) + b"endsolid\n", "line 4.*three numbers"),
        ("a.stl", b"solid\n" + FACET.replace(b"1 2 3", b"nan 2 3") + b"endsolid\n", "line 4.*nan.*three numbers"),
        ("a.stl", b"solid\n" + FACET.replace(b"endloop\n", b"") + b"endsolid\n", "line 7.*endloop"),
        ("a.step", b"x", "extension"),
        ("a.stl", bytes(80) + (7).to_bytes(4, "little") + bytes(60), "whole binary STL"),
    ],
)
def test_damaged_surface_files_are_refused(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MeshError, match="(?s)" + words):
        read_triangles(tmp_path / name, unit="mm")


def test_k_next_to_a_surface_is_carried_on_from_inside():
    arc = np.linspace(0.0, 1.0, 41)
    frame = SimpleNamespace(arc=arc, length=1.0)
    k = np.stack([2.0 + arc, 0 * arc, 1.0 - arc], axis=-1)[None]
    wrong = k.copy()
    wrong[:, [0, 1, -1]] *= 1.3
    fixed, carried = carried_to_surface(wrong, frame, closed=False)
    assert np.flatnonzero(carried).tolist() == [0, 1, 39, 40]
    assert np.allclose(fixed, k) and wrong[0, 0, 0] == pytest.approx(2.6)  # the given array stays
    same, none = carried_to_surface(wrong, frame, closed=True)
    assert same is wrong and not none.any()
    error = absolute_error(k, 0.01 * np.abs(wrong), k, carried)
    assert error[0, 0] == pytest.approx(0.01 * np.linalg.norm(k[0, 2]))
    assert np.allclose(absolute_error(k, 0.01 * k, 2 * k, carried), 2 * absolute_error(k, 0.01 * k, k, carried))


def test_effective_k_is_that_of_the_energy_release():
    assert effective(np.array([3.0, 4.0, 0.0]), 0.2) == pytest.approx(5.0)
    assert effective(np.array([-3.0, 4.0, 0.0]), 0.2) == pytest.approx(4.0)
    assert effective(np.array([0.0, 0.0, 1.0]), 0.2) == pytest.approx(1 / math.sqrt(0.8))


def history(viewport, sigma, course):
    """A uniform stress (6,) [Pa] that follows a course (m,)."""
    mesh, _ = viewport.mesh.submesh("thermal")
    modes = np.tile(np.asarray(sigma, dtype=float), (1, mesh.n_nodes, 1))
    time = np.arange(float(len(course)))
    return StressHistory(
        time, modes, np.asarray(course, dtype=float)[:, None], mesh, NO_ERROR, (), np.zeros(len(course))
    )


def answered(flaw, viewport, *, sigma, course=(0.0, 0.5, 1.0, 0.5), gas=0.0, warm=300.0, **crack):
    found = flaw(**crack)
    stress = history(viewport, sigma, course)
    temperature = np.full((len(course), stress.mesh.n_nodes), warm)
    glass = material("fused_silica")
    return found, full_answer(found, stress, temperature, glass, gas=gas, refine=0.7)


SMALL = {"kind": "surface", "a": "0.2 mm", "c": "0.2 mm", "place": {"azimuth": "0 deg", "radius": "20 mm"}}
PENNY = 2.0 / math.pi * math.sqrt(math.pi * 0.2e-3)  # K of a penny over the stress


def test_small_half_penny_under_uniform_stress(flaw, viewport):
    """Deepest point 1.015 of the embedded penny at nu 0.2, a little less at 0.17; a crossing is linear in time."""
    _, found = answered(flaw, viewport, sigma=[0, 40e6, 0, 0, 0, 0], **SMALL)
    (front,) = found.fronts
    deepest = int(np.argmax(front.depth))
    assert front.depth[deepest] == pytest.approx(0.2e-3, rel=1e-3)
    assert front.k[2, deepest, 0] == pytest.approx(1.013 * 40e6 * PENNY, rel=0.006)
    assert np.abs(front.k[2, :, 1:]).max() < 0.01 * front.k[2].max()
    assert found.time_of_max == 2.0 and found.first_time is None and found.ratio_max < 1.0
    assert 0.0 < found.errors["operator"] < 0.05 and found.errors["stress"] == 0.0
    assert found.highest > found.ratio_max
    assert front.position[0] == 0.0 and front.position[-1] == pytest.approx(1.0)
    _, more = answered(flaw, viewport, sigma=[0, 80e6, 0, 0, 0, 0], **SMALL)
    assert more.first_time == pytest.approx(1.0 / more.ratio_max * 2.0, rel=1e-6)
    assert "below the outer face" in more.first_where


def test_pressure_and_residual_act_like_the_same_remote_tension(flaw, viewport):
    band = {"kind": "impact", "pressure": ["0 MPa", "40 MPa"], "status": "derived", "source": "test"}
    _, found = answered(flaw, viewport, sigma=[0, 40e6, 0, 0, 0, 0], **SMALL, residual=band)
    low, high = found.scenarios
    assert found.governing == 1 and high.ratio_max == pytest.approx(2 * low.ratio_max, rel=2e-3)
    assert any("40 MPa in the crack" in a.value and a.status == "D" for a in found.assumptions)
    _, gas = answered(flaw, viewport, sigma=[0, 1.0, 0, 0, 0, 0], gas=np.full(4, 40e6), **SMALL)
    assert gas.ratio_max == pytest.approx(low.ratio_max, rel=2e-3)
    stated = {"kind": "impact", "K": ["0.3 MPa*m**0.5"]}
    _, known = answered(flaw, viewport, sigma=[0, 1.0, 0, 0, 0, 0], **SMALL, residual=stated)
    assert max(front.k[..., 0].max() for front in known.fronts) == pytest.approx(0.3e6, rel=0.03)


def test_a_shut_crack_has_no_k_one(flaw, viewport):
    _, found = answered(flaw, viewport, sigma=[0, -40e6, 0, 0, 0, 0], **SMALL)
    assert found.ratio_max < 0.02 and found.history.closed[2] > 0.95


def test_whether_the_heat_that_a_crack_blocks_matters(flaw, viewport):
    found = flaw(kind="spall", a="2 mm", c="2 mm", depth="1 mm", place={"radius": "20 mm"})
    stress = history(viewport, [0, 0, 1e6, 0, 0, 0], [0.0, 1.0])
    z = stress.mesh.points[:, 2]
    steep = 300.0 + 6e4 * (z - z.min())  # 600 K through the pane
    points, sampled = CrackPoints.of(found), SampledStress.of(stress)
    assert points.radius == pytest.approx(2e-3, rel=1e-3)
    assert points.pull(sampled) == pytest.approx([0.0, 1e6])
    for temperature, slope, matters in ((np.full_like(z, 300.0), 0.0, False), (steep, 6e4, True)):
        across = points.slope(found, sampled, np.tile(temperature, (2, 1)))
        assert np.abs(across) == pytest.approx(slope, abs=1e-4)
        jump, share = measure(across, points.radius, material("fused_silica"), 600.0)
        assert jump == pytest.approx(4 / math.pi * 2e-3 * slope, rel=1e-3, abs=1e-6) and (share > BLOCKED) is matters


def test_gap_to_the_quick_tier_is_explained_or_flagged():
    time = np.arange(3.0)
    frame = SimpleNamespace(point=np.array([[0.0, 0, 0], [0, 0, -1]]))
    k = np.zeros((3, 2, 3))
    k[:, :, 0] = np.array([0.5, 1.0, 0.7])[:, None]
    front = SimpleNamespace(name="rim side", k=k, frame=frame, effective=k[..., 0])
    full = SimpleNamespace(
        scenarios=[SimpleNamespace(fronts=(front, SimpleNamespace(**{**front.__dict__, "name": "x"})))]
    )
    there = SimpleNamespace(stand=SimpleNamespace(), stated=SimpleNamespace(kind="through"))
    for seed, flagged in ((1.05, False), (1.3, True), (0.7, True)):
        seed_k = np.array([[0.4], [seed], [0.6]])
        result = SimpleNamespace(tips=("rim_side",), time=time, seed_k=seed_k, model_error=(-0.05, 0.04))
        (gap,) = tier_gaps(there, full, SimpleNamespace(result=result), (0.01, 0.01))
        assert gap.instant == 1 and gap.gap == pytest.approx(seed - 1.0) and gap.flagged is flagged
        assert not gap.remark.alarm and "rim side" in gap.remark


def test_errors_are_deliberate(flaw):
    with pytest.raises(DeadlightError):
        flaw(kind="file", file="none.stl", unit="mm")
