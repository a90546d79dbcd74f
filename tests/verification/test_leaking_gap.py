"""A cracked outer pane over a vented gap, through a small two-pane window: balances, difference, heat of the leak."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import load_case
from deadlight.chain.leaking import leak_outcome
from deadlight.chain.viewport import build_viewport
from support_cases import CASE, TABLE
from support_outcome import as_found, outside, warmth

PANES = """[window]
refine = "0.2"
gaps = ["10 mm"]
[[window.panes]]
name = "thermal"
outline = { kind = "round", radius = "100 mm" }
thickness = "10 mm"
lip_width = "15 mm"
seat_width = "12 mm"
[[window.panes]]
name = "next"
outline = { kind = "round", radius = "100 mm" }
thickness = "10 mm"
lip_width = "15 mm"
seat_width = "12 mm"
"""
NEXT = """[[panes]]
name = "next"
role = "pressure"
material = "fused_silica"
[[gaps]]
between = ["thermal", "next"]
state = "vented"
vent = { area = "20 mm**2" }
[supports.thermal]"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leak")
    text = CASE.replace('[mesh]\nfile = "pane.vtu"\nunit = "mm"\n', PANES).replace("[supports.thermal]", NEXT)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    (folder / "table.csv").write_text(TABLE)
    return folder / "case.toml"


def test_open_partly_and_fully_blocked(case: Path) -> None:
    """Outside from 1 Pa to 40 kPa in 30 s; a 12 mm crack 20 um open (0.24 mm2), vent 20 mm2 x 0.6.

    Blocked the crack alone fills 0.31 litres, at the end with w^3 (p1^2 - p2^2)/(24 mu R T t) of its length.
    """
    viewport = build_viewport(load_case(case), root=case.parent)
    answers = [
        dataclasses.replace(a, quick=dataclasses.replace(
            a.quick, result=dataclasses.replace(a.quick.result, slit_area=np.full(2, 12e-3 * 20e-6))
        ))
        for a in as_found(viewport, case.parent)
    ]  # fmt: skip
    times = np.linspace(0.0, 30.0, 16)
    around = outside(viewport, case.parent, outer=(times, np.exp(np.linspace(0.0, np.log(4e4), 16))))
    found = leak_outcome(viewport, around, warmth(viewport, 30.0, 400.0), answers)
    assert found is not None and found.gap == "thermal/next" and set(found.cases) == {"open", "partly", "blocked"}
    for gas in found.cases.values():
        assert gas.mass_balance < 1e-6 and gas.energy_balance < 1e-6
    assert abs(found.difference["open"]) < abs(found.difference["partly"]) < abs(found.difference["blocked"])
    blocked = found.cases["blocked"]
    assert blocked.passed("C1") == pytest.approx(float(blocked.mass[-1] - blocked.mass[0]), rel=5e-3)
    p, q, t, w = 4e4, float(blocked.pressure[-1]), 400.0, 20e-6
    mu = 1.458e-6 * t**1.5 / (t + 110.4)
    # open as an ellipse: the mean of w^3 is (3 pi/16)/(pi/4)^3 of that of the mean opening, of w^2 (2/3)/(pi/4)^2
    plain = 12e-3 * w**3 * (p**2 - q**2) / (24.0 * mu * 287.053 * t * 10e-3)
    kn = mu * np.sqrt(np.pi * 287.053 * t / 2.0) / (0.5 * (p + q)) / w
    viscous = plain * (1.216 + 1.081 * 6.0 * kn)
    assert blocked.flow["C1"][-1] == pytest.approx(viscous, rel=0.05)
    # gas leaves the crack at its own 400 K: only the bound of gas that gave nothing to the crack is hot
    assert found.flux["blocked"] > 1.0 and abs(found.face_flux["blocked"]) < 1e-2 * found.flux["blocked"]
    assert any("quick tier's opening at mid-thickness" in r for r in found.remarks)


def test_pane_without_a_gap_leaks_nowhere(tmp_path: Path) -> None:
    from support_outcome import no_crack, window

    viewport = window(tmp_path, no_crack())
    around = outside(viewport, tmp_path)
    assert leak_outcome(viewport, around, warmth(viewport, 30.0), []) is None
