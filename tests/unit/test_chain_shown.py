"""What is shown of a run in memory is what its folder shows, and the report holds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import load_case
from deadlight.chain.files import write_all
from deadlight.chain.result import RunResult
from deadlight.chain.run import run_case
from deadlight.chain.shown import shown
from deadlight.progress import silent
from deadlight.store.folder import CaseFolder
from deadlight.view.from_folder import window_view
from deadlight.view.shown import OPENING, STRESS, TEMPERATURE
from support_cases import write_case

CHANGES = (
    ('kind = "through"\ntwo_c = "12 mm"\n', 'kind = "surface"\na = "0.3 mm"\nc = "0.3 mm"\n'),
    ("[criteria]", '[growth]\ntier = "full"\n[criteria]'),
    ("[solver]", '[solver]\ncrack_refine = "0.6"'),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, Path]:
    home = tmp_path_factory.mktemp("shown")
    case = write_case(home / "case", *CHANGES)
    result = run_case(load_case(case), root=case.parent)
    with CaseFolder(home / "out", case_hash="0" * 16, case_text=case.read_text()) as target:
        write_all(result, target, digest="0" * 16, progress=silent, pictures=False)
    return result, home / "out"


def test_memory_and_folder_show_the_same(run: tuple[RunResult, Path]) -> None:
    result, folder = run
    read = window_view(folder)
    made = shown(result, read.times)
    np.testing.assert_allclose(made.times, read.times, rtol=1e-12)
    assert [s.name for s in made.solids] == [s.name for s in read.solids]
    for a, b in zip(made.solids, read.solids):
        for name in (TEMPERATURE, STRESS):
            size = np.abs(a.fields[name]).max()
            np.testing.assert_allclose(a.fields[name], b.fields[name], atol=2e-6 * size)
    np.testing.assert_allclose(made.extremes(OPENING), read.extremes(OPENING), rtol=1e-5)
    assert [f.name for f in made.fronts] == [f.name for f in read.fronts]
    assert made.governing_time == read.governing_time
    a, b = made.fronts[0], read.fronts[0]
    rows = np.isin(a.time, b.time)
    np.testing.assert_allclose(a.k[rows], b.k, rtol=1e-9)
    np.testing.assert_allclose(a.error[rows], b.error, rtol=1e-6, atol=1e-3)
    # the largest K/K_Ic that is shown is the one that is judged
    front, instant, point = made.worst
    assert front is not None
    assert front.ratio[instant, point] == pytest.approx(result.cracks[0].judged.ratio_max, rel=1e-9)


def test_the_report_of_a_run_holds_the_viewer(run: tuple[RunResult, Path]) -> None:
    text = (run[1] / "report.html").read_text(encoding="utf-8")
    assert text.count('class="deadlight-view"') == 1 and len(text) < 15e6
    order = ["Two routes to the verdict", "Margins", "What was assumed, and what flips", "Cracks, with the error of K",
             "Environment", "Heat", "Crack operator", "in three dimensions", "Checks", "Everything that was assumed",
             "Credibility", "Provenance"]  # fmt: skip
    places = [text.index(f">{word}") if f">{word}" in text else text.index(word) for word in order]
    assert places == sorted(places)
