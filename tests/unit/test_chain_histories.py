"""Columns of history.parquet: units, K's parts, and the temperature at the front point that K belongs to."""

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.histories import HISTORY_UNITS, history_columns
from deadlight.chain.quick_answer import QuickAnswer
from deadlight.crack.line import crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.section import decompose
from deadlight.crack.seed import Place, Surface, Through
from deadlight.crack.through import ThroughProblem
from deadlight.store.history import UNITS, read_history, write_history

PANE = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
TIME = np.linspace(0.0, 40.0, 21)
SEEDS = (
    Through(two_c=0.012, place=Place(inside_lip=0.0), name="T"),
    Surface(a=1e-3, c=2e-3, place=Place(inside_lip=0.01), name="S"),
)
SLOPE = 2e3  # [K/m] along the line


def answered(seed, bending=0.0, tough=1.0):
    """A crack that grows in a band of tension at the rim, where the temperature rises with the depth below it."""
    line = crack_line(seed, PANE)
    course = np.sin(np.pi * TIME / TIME[-1])[:, None, None]
    profile = (1.4 / (1.0 + np.exp((line.depth - 0.02) / 0.003)) - 0.4)[None, :, None]
    stress = (8e6 if seed.kind == "through" else 40e6) * course * profile + bending * line.zeta
    warm = 300.0 + SLOPE * line.depth[None, :, None] + np.zeros_like(stress)
    result = assess(
        seed, pane=PANE, time=TIME, stress=stress, temperature=warm,
        toughness=lambda t: tough * (0.6e6 + 100.0 * t), nu=0.17, line=line,
    )  # fmt: skip
    quick = QuickAnswer(line, stress, result, (), {"discretisation": 0.013})
    return CrackAnswer(SimpleNamespace(name=seed.name, pane="thermal"), quick=quick)


def plane_problem(answer):
    return ThroughProblem(answer.quick.line, decompose(answer.quick.stress), np.zeros((21, 1)), 0.17)


@pytest.fixture(scope="module")
def run():
    return SimpleNamespace(cracks=[answered(s) for s in SEEDS], environment=SimpleNamespace(altitude=None))


def test_every_column_has_a_unit_and_comes_back(run, tmp_path):
    columns = history_columns(run)
    assert set(columns) <= {*UNITS, *HISTORY_UNITS} and np.all(columns["tier"] == "quick")
    back = read_history(write_history(tmp_path / "h.parquet", columns, HISTORY_UNITS))
    assert len(back) == 21 * 5 and np.all(back["K_error"] == 0.013)
    assert np.isnan(back["altitude_m"]).all()  # a test facility has none


def test_limit_is_at_the_front_s_temperature(run):
    columns = history_columns(run)
    open_ = np.isfinite(columns["K_Ic"])
    assert open_.sum() > 20 and np.allclose(columns["K_Ic"][open_], 0.6e6 + 100.0 * columns["T_K"][open_])


def test_parts_are_those_of_the_plane_problem(run):
    """At every instant's tips, solved again; and K as found by the plane problem alone stands beside K_seed."""
    columns, answer = history_columns(run), run.cracks[0]
    problem = plane_problem(answer)
    for tip, name in enumerate(("rim_side", "centre_side")):
        rows = (columns["crack"] == "T") & (columns["front_point"] == name)
        again = [problem.opening(*size, np.array([n])) for n, size in enumerate(answer.result.size)]
        for column, part in (("K_membrane", "membrane"), ("K_bending", "bending")):
            wanted = np.array([getattr(opening, part)[0, tip] for opening in again])
            there = np.isfinite(columns[column][rows])
            assert there.sum() >= 5 and np.allclose(columns[column][rows][there], wanted[there], atol=1.0)
        line = answer.quick.line
        found = problem.opening(line.outer, line.inner, np.arange(21)).front_max[:, tip]
        assert np.allclose(columns["K_handbook"][rows], found, atol=1.0)


def test_k_is_the_largest_over_the_thickness_of_parts_and_tables(run):
    """K_I = max of K_membrane + zeta K_bending + what the tables add; uniform tension lifts K, by less than 4 %.

    Plane strain in the middle is worth 1/sqrt(1 - nu^2) = 1.5 %; the free skins have less, and the middle their share.
    """
    columns, answer = history_columns(run), run.cracks[0]
    problem, size = plane_problem(answer), answer.result.size
    for tip, name in enumerate(("rim_side", "centre_side")):
        rows = (columns["crack"] == "T") & (columns["front_point"] == name)
        k, open_ = columns["K_I"][rows], columns["K_I"][rows] > 1e3
        profile = [problem.profile(*size[n], np.array([n])).k[0, tip] for n in range(21)]
        assert open_.sum() >= 4
        assert np.allclose(k[open_], np.array([values.max() for values in profile])[open_], rtol=1e-9)
        middle = np.array([values[len(values) // 2] for values in profile])
        assert (k >= middle - 1.0)[open_].all()
        membrane, bending = columns["K_membrane"][rows], columns["K_bending"][rows]
        assert np.abs(bending[open_]).max() < 1e-6 * k[open_].max()
        assert (middle > membrane)[open_].all() and (k < 1.04 * membrane)[open_].all()


def test_without_tables_k_is_the_sum_of_its_parts():
    """A through crack shorter than half a thickness, too tough to grow."""
    short = answered(Through(two_c=0.004, place=Place(inside_lip=0.0), name="T"), bending=3e6, tough=10.0)
    assert any("c/t = 0.2 below 0.25 of the influence tables" in text for text in short.result.warnings)
    columns = history_columns(SimpleNamespace(cracks=[short], environment=SimpleNamespace(altitude=None)))
    k, there = columns["K_I"], columns["K_I"] > 0.0
    parts = np.maximum(columns["K_membrane"] + np.abs(columns["K_bending"]), 0.0)
    assert there.sum() > 20 and np.allclose(parts[there], k[there])
    assert np.abs(columns["K_bending"][there]).max() > 0.05 * k[there].max()


def test_temperature_moves_with_the_tip(run):
    r = run.cracks[0].result
    columns = history_columns(run)
    assert r.first_time is not None and r.size[-1, 1] > r.size[0, 1] + 1e-3
    inner = (columns["crack"] == "T") & (columns["front_point"] == "centre_side")
    assert np.allclose(columns["T_K"][inner], 300.0 + SLOPE * r.size[:, 1], atol=1e-6)
    assert np.isnan(columns["T_K"][(columns["crack"] == "T") & (columns["front_point"] == "rim_side")][-1])


def test_band_and_closed_shares_are_those_of_the_crack(run):
    columns = history_columns(run)
    for a in run.cracks:
        rows = columns["crack"] == a.result.name
        assert np.all(columns["model_low"][rows] == a.result.model_error[0])
        assert np.all(columns["model_high"][rows] == a.result.model_error[1])
    surface = columns["crack"] == "S"
    assert np.isnan(columns["residual_bound"][surface]).all() and np.isnan(columns["closed_outer"][surface]).all()
    first = columns["closed_inner"][columns["crack"] == "T"][:21]
    assert np.array_equal(first, run.cracks[0].result.closed_inner) and first.max() <= 1.0
