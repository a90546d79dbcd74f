"""Values that are not known are moved through their bands; other returns and fixes are runs of their own."""

import dataclasses
import json
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from deadlight.case.change import changed, changed_case
from deadlight.case.load import load_case
from deadlight.chain import band_runs, run
from deadlight.chain.band_runs import moved_through
from deadlight.chain.bands import Span, complete, moved, spans_of, too_far
from deadlight.chain.moved import End, Moved
from deadlight.chain.run import run_case, run_case_file
from deadlight.chain.verdict import combined
from deadlight.errors import CaseError, DeadlightError, InputError, NotSolved
from deadlight.material.library import material
from deadlight.material.spread import spread
from deadlight.store.summary import Verdict
from support_cases import write_case

GO, RESTRICTED, NO_GO, UNKNOWN = Verdict.GO, Verdict.GO_WITH_RESTRICTION, Verdict.NO_GO, Verdict.NOT_SHOWN


def small(folder, *changes):
    return load_case(write_case(folder, *changes))


def test_a_key_is_changed_by_name_number_or_into_a_table(tmp_path):
    case = small(tmp_path)
    other = changed_case(
        case,
        {"cracks.C1.two_c": "8 mm", "panes.0.initial_temperature": "270 K", "environment.heating.ratio.value": "0.7"},
        place="test",
    )
    assert other.cracks[0].two_c == pytest.approx(8e-3) and other.panes[0].initial_temperature == 270.0
    assert other.environment.heating.ratio.value == 0.7
    assert case.cracks[0].two_c == pytest.approx(12e-3), "the case itself stays"


@pytest.mark.parametrize(
    ("key", "text"),
    [("panes.outer.material", 'no row "outer"'), ("schema.x.y", "has no keys"), ("cracks.7.two_c", 'no row "7"')],
)
def test_a_key_that_leads_nowhere_is_refused(tmp_path, key, text):
    case = small(tmp_path)
    with pytest.raises(CaseError, match=text):
        changed(case.stated, {key: "1"})


@pytest.mark.parametrize(
    "table",
    [
        '[[bands]]\nkey = "supports.thermal.gasket_conductance"\nlow = "20 W/m/K"\nhigh = "100 W/m**2/K"',
        '[[variants]]\nname = "other"\nset = { "supports.thermal.gasket" = "1" }',
    ],
)
def test_a_band_or_variant_that_is_no_case_is_refused_when_the_file_is_read(tmp_path, table):
    path = write_case(tmp_path, ("[output]", f"{table}\n[output]"))
    with pytest.raises(CaseError, match=r"bands, supports|variants\.other"):
        load_case(path)


def test_scale_of_a_material_is_a_factor_on_the_whole_table(tmp_path):
    plain = material("fused_silica")
    scaled = material("fused_silica", user={"fused_silica": {"scale": {"emissivity": "0.9"}}})
    assert scaled.table("emissivity").value == pytest.approx(0.9 * plain.table("emissivity").value)
    assert scaled.table("conductivity").value == pytest.approx(plain.table("conductivity").value)
    assert scaled.slow_growth == plain.slow_growth and scaled.radiation_above == plain.radiation_above
    with pytest.raises(DeadlightError, match=r"between 0\.1 and 10"):
        material("fused_silica", user={"fused_silica": {"scale": {"emissivity": "90"}}})


def test_spread_of_a_read_value_is_none_and_an_emissivity_stays_below_one():
    assert spread(material("fused_silica"), "density") is None
    low, high, _ = spread(material("fused_silica"), "emissivity")
    assert low < 1.0 < high and high * material("fused_silica").table("emissivity").value.max() <= 1.0 + 1e-12


def test_support_counts_as_moved_only_with_all_its_parts():
    def span(part):
        return Span("supports.thermal", f"supports.thermal.{part}", "1", "2", "3", "")

    parts = ("gasket_conductance", "structure_conductance", "seat_stiffness", "preload")
    assert complete([span(p) for p in parts]) == {"supports.thermal"}
    assert complete([span(p) for p in parts[:3]]) == set()


@pytest.mark.parametrize(
    ("credit", "no_credit", "expected"),
    [
        (RESTRICTED, GO, GO), (NO_GO, GO, RESTRICTED), (UNKNOWN, GO, RESTRICTED), (UNKNOWN, RESTRICTED, RESTRICTED),
        (RESTRICTED, NO_GO, RESTRICTED), (RESTRICTED, UNKNOWN, RESTRICTED), (NO_GO, UNKNOWN, NO_GO),
        (NO_GO, NO_GO, NO_GO), (UNKNOWN, NO_GO, UNKNOWN), (UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_both_routes_together(credit, no_credit, expected):
    assert combined(credit, no_credit) is expected


def end(value, verdict):
    return End(value, verdict, verdict, UNKNOWN, 0.9)


def test_a_band_is_halved_to_where_the_verdict_changes(tmp_path):
    """K/K_Ic taken as proportional to the heating ratio, critical at 0.31."""
    case = small(tmp_path)

    def ask(changed_to, span):
        ratio = changed_to.environment.heating.ratio.value
        return End("", NO_GO if ratio > 0.31 else RESTRICTED, NO_GO, UNKNOWN, ratio / 0.31)

    span = Span("environment.heating.ratio", "environment.heating.ratio.value", "0.2", "1", "1.4", "test")
    found = moved(case, span, ask(case, None), ask)
    assert found.flips and [float(v) for v in found.between] == pytest.approx([0.2, 0.4])
    assert "decides" in found.sentence and "between 0.2 and 0.4" in found.sentence


def test_a_value_is_left_where_k_is_too_far():
    span = Span("glass.emissivity", "materials.glass.scale.emissivity", "0.85", "1", "1.15", "")
    assert too_far(span, 4.15) and too_far(span, 0.5)
    assert not too_far(span, 1.5) and not too_far(span, None) and not too_far(span, float("nan"))
    conductance = Span("supports.t", "supports.t.gasket_conductance", "20 W/m**2/K", "x", "30 W/m**2/K", "")
    assert not too_far(conductance, 100.0)


def test_what_cannot_be_solved_at_an_end_is_not_shown_with_its_reason(tmp_path):
    case = small(tmp_path)

    def ask(changed_to, span):
        if changed_to.environment.heating.ratio.value > 1.0:
            raise NotSolved("no convergence")
        return End("", RESTRICTED, RESTRICTED, UNKNOWN, 0.4)

    span = Span("environment.heating.ratio", "environment.heating.ratio.value", "0.5", "1", "1.4", "test")
    found = moved(case, span, ask(case, None), ask)
    assert found.flips and found.ends[1].verdict is UNKNOWN and "no convergence" in found.ends[1].alarm


def test_verdict_by_what_the_bands_say(tmp_path):
    from test_verdict import GLASS, assumed, crack, judged_of
    from test_verdict import case as stated

    def verdict(*ends, ratio=0.4, first=None):
        base = NO_GO if first else RESTRICTED
        one = Moved("environment.heating.ratio", "p", end("1", base), tuple(end("2", e) for e in ends), "s")
        args = stated(), [crack(ratio, first=first)], [assumed("environment.heating.ratio")], [], GLASS
        judged = judged_of(*args, moved=[one])
        return judged.verdict, [a.key for a in judged.deciding], judged.at_stated

    key = ["environment.heating.ratio"]
    assert verdict(RESTRICTED, RESTRICTED) == (RESTRICTED, [], RESTRICTED)
    assert verdict(NO_GO, RESTRICTED) == (UNKNOWN, key, RESTRICTED)
    assert verdict(GO, RESTRICTED) == (RESTRICTED, key, RESTRICTED)
    assert verdict(NO_GO, NO_GO, ratio=1.2, first=200.0) == (NO_GO, [], NO_GO)
    assert verdict(NO_GO, RESTRICTED, ratio=1.2, first=200.0) == (UNKNOWN, key, NO_GO)


def test_bands_of_a_coarse_model_that_disagrees_do_not_count():
    """The case says GO_WITH_RESTRICTION, the coarse model NO_GO everywhere: nothing flips there, nothing is shown."""
    from test_verdict import GLASS, assumed, crack, judged_of
    from test_verdict import case as stated

    one = Moved("environment.heating.ratio", "p", end("1", NO_GO), (end("2", NO_GO), end("3", NO_GO)), "s")
    args = stated(), [crack(0.4)], [assumed("environment.heating.ratio")], [], GLASS
    judged = judged_of(*args, moved=[one])
    assert (judged.at_stated, judged.verdict) == (RESTRICTED, UNKNOWN)
    assert any("do not count" in reason for reason in judged.reasons)


def only(monkeypatch, *paths):
    """Leaves these values alone to be moved."""
    monkeypatch.setattr(band_runs, "spans_of", lambda *a: [span for span in spans_of(*a) if span.path in paths])


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_bands_are_moved_in_a_run(tmp_path, monkeypatch, every):
    """The pane of the test with bands: K follows the heating, and the summary tells what decides."""
    if not every:
        only(monkeypatch, "environment.heating.ratio.value", "materials.fused_silica.scale.toughness")
    case = small(
        tmp_path,
        ("bands = false", "bands = true"),
        ('ratio = "1.0"', 'ratio = { value = "1.0", band = ["0.2", "1.6"], status = "assumption" }'),
    )
    result = run_case(case, root=tmp_path)
    by_path = {m.path: m for m in result.moved}
    assert {m.key for m in result.moved} >= {"environment.heating.ratio", "fused_silica.toughness"}
    low, high = by_path["environment.heating.ratio.value"].ends[:2]
    assert low.ratio < by_path["environment.heating.ratio.value"].stated.ratio < high.ratio
    weak, strong = by_path["materials.fused_silica.scale.toughness"].ends
    assert weak.ratio / strong.ratio == pytest.approx(1.07 / 0.93, rel=1e-3)  # K does not know its limit
    spans = spans_of(case, dict(result.viewport.materials), result.assumptions)
    assert {s.path for s in spans} >= set(by_path)
    left = {a.key for a in result.judgement.deciding}
    assert "supports.thermal" in left, "it has no band, so it may decide"


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_processes_give_the_same(tmp_path, monkeypatch, every):
    result = run_case(small(tmp_path), root=tmp_path)
    case = small(tmp_path / "moved", ("bands = false", "bands = true"))
    viewport = dataclasses.replace(result.viewport, case=case)
    result = dataclasses.replace(result, viewport=viewport, moved=())
    if not every:
        only(monkeypatch, *(f"materials.fused_silica.scale.{name}" for name in ("mean_expansion", "toughness")))
        monkeypatch.setattr(band_runs, "WORTH", 2)
    pools = []

    def pool(*args):
        pools.append(ProcessPoolExecutor(*args))
        return pools[-1]

    monkeypatch.setattr(band_runs, "ProcessPoolExecutor", pool)
    monkeypatch.setenv("DEADLIGHT_THREADS", "2")
    alone, shared = (moved_through(result, tmp_path / "moved", lambda *_: None, processes=p) for p in (False, True))
    assert alone == shared and len(alone) >= (3 if every else 2)
    assert len(pools) == 1, "the second time in processes"


@dataclasses.dataclass
class Told:
    """What of a result the bands are written to."""

    told: tuple = ()
    moved: tuple = ()


@pytest.mark.parametrize("error", [InputError("a"), NotSolved("b"), BrokenProcessPool("c")])
def test_bands_that_could_not_be_asked_are_an_alarm(monkeypatch, tmp_path, error):
    """Nothing then says that a good verdict holds through them."""

    def failing(*given, **named):
        raise error

    monkeypatch.setattr(run, "moved_through", failing)
    (remark,) = run._with_bands(Told(), tmp_path, lambda *_: None, processes=False).told
    assert remark.alarm and "could not be moved" in remark
    monkeypatch.setattr(run, "moved_through", lambda *given, **named: ("moved",))
    assert run._with_bands(Told(), tmp_path, lambda *_: None, processes=False) == Told((), ("moved",))


def test_other_returns_count_and_what_ifs_stand_beside(tmp_path):
    text = """[[variants]]
name = "hot"
kind = "trajectory"
set = { "environment.heating.ratio" = "1.5" }
[[variants]]
name = "cold"
set = { "environment.heating.ratio" = "0.5" }
[output]"""
    path = write_case(tmp_path / "case", ("[output]", text))
    summary = run_case_file(path, tmp_path / "out", pictures=False)
    assert [run["name"] for run in summary["runs"]][1:] == ["hot"]
    assert [run["name"] for run in summary["what_ifs"]] == ["cold"]
    cold, stated, hot = (run["K_over_KIc_max"] for run in (*summary["what_ifs"], *summary["runs"]))
    assert cold < stated < hot
    assert summary["what_ifs"][0]["changed"] == {"environment.heating.ratio": "0.5"}
    kept = json.loads((tmp_path / "out/variants/hot/summary.json").read_text())
    assert kept["cracks"][0]["K_over_KIc_max"] == hot and kept["what_ifs"] == []
    assert run_case_file(path, tmp_path / "out", pictures=False) == summary
