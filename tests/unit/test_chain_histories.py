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
from deadlight.crack.seed import Place, Surface, Through
from deadlight.store.history import UNITS, read_history, write_history

PANE = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
TIME = np.linspace(0.0, 40.0, 21)
SEEDS = (
    Through(two_c=0.012, place=Place(inside_lip=0.0), name="T"),
    Surface(a=1e-3, c=2e-3, place=Place(inside_lip=0.01), name="S"),
)
SLOPE = 2e3  # [K/m] along the line


def answered(seed):
    """A crack that grows in a band of tension at the rim, where the temperature rises with the depth below it."""
    line = crack_line(seed, PANE)
    course = np.sin(np.pi * TIME / TIME[-1])[:, None, None]
    profile = (1.4 / (1.0 + np.exp((line.depth - 0.02) / 0.003)) - 0.4)[None, :, None]
    stress = (8e6 if seed.kind == "through" else 40e6) * course * profile + np.zeros((21, *line.shape))
    warm = 300.0 + SLOPE * line.depth[None, :, None] + np.zeros_like(stress)
    result = assess(
        seed, pane=PANE, time=TIME, stress=stress, temperature=warm,
        toughness=lambda t: 0.6e6 + 100.0 * t, nu=0.17, line=line,
    )  # fmt: skip
    quick = QuickAnswer(line, stress, result, (), {"discretisation": 0.013})
    return CrackAnswer(SimpleNamespace(name=seed.name, pane="thermal"), quick=quick)


@pytest.fixture(scope="module")
def run():
    return SimpleNamespace(cracks=[answered(s) for s in SEEDS], environment=SimpleNamespace(altitude=None))


def test_every_column_has_a_unit_and_comes_back(run, tmp_path):
    columns = history_columns(run)
    assert set(columns) <= {*UNITS, *HISTORY_UNITS} and np.all(columns["tier"] == "quick")
    back = read_history(write_history(tmp_path / "h.parquet", columns, HISTORY_UNITS))
    assert len(back) == 21 * 5 and np.all(back["K_error"] == 0.013)
    assert np.isnan(back["altitude_m"]).all()  # a test facility has none


def test_k_is_its_parts_and_its_limit_is_at_its_temperature(run):
    columns = history_columns(run)
    through = columns["crack"] == "T"
    k = columns["K_I"][through]
    there = np.isfinite(k)
    parts = np.maximum(columns["K_membrane"] + np.abs(columns["K_bending"]), 0.0)[through]
    assert there.sum() > 20 and np.allclose(parts[there], k[there])
    open_ = np.isfinite(columns["K_Ic"])
    assert np.allclose(columns["K_Ic"][open_], 0.6e6 + 100.0 * columns["T_K"][open_])


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
