"""Viewer and report in a real headless Chromium: pixels, slider, colour bar, nothing asked for outside, no error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_report import PAYLOADS, summary

from deadlight.view.from_folder import window_view
from deadlight.view.report import Picture, Table, write_report
from deadlight.view.shown import OPENING, STRESS, TEMPERATURE
from deadlight.view.viewer import write_viewer
from support_browser import Browser, needs_browser
from support_view import small_folder, small_view

pytestmark = needs_browser
CANVAS = "document.querySelector('.dl-canvas')"


def ready(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.wait("document.querySelector('.dl-view').dataset.ready !== undefined")
    assert browser.run("document.querySelector('.dl-view').dataset.ready") == "1", browser.complaints


def state(browser: Browser, change: str) -> None:
    """Changes what the viewer shows as its controls do."""
    browser.run(f"(() => {{ const v = document.querySelector('.dl-view').viewer; {change}; v.draw(); }})()")


def bars(browser: Browser) -> dict[str, tuple[float, float]]:
    each = "[b.dataset.field, b.dataset.low, b.dataset.high]"
    told = browser.run(f"[...document.querySelectorAll('.dl-bar')].map(b => {each})")
    return {name: (float(low), float(high)) for name, low, high in told}


def outside(browser: Browser, page: Path) -> list[str]:
    """What was asked for beside the page itself."""
    return [r for r in browser.requests if r != page.resolve().as_uri() and not r.startswith(("data:", "blob:"))]


def moved(a: Any, b: Any) -> float:
    """Share of pixels that differ."""
    return float((np.abs(a - b).max(axis=2) > 0.02).mean())


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return write_viewer(tmp_path / "view.html", small_view())


def test_the_viewer_draws_and_its_controls_change_the_picture(page: Path, tmp_path: Path) -> None:
    with Browser(tmp_path / "profile") as browser:
        ready(browser, page)
        browser.keep("viewer")
        first = browser.picture(CANVAS)
        assert first.shape[0] > 200 and first.std() > 0.05
        browser.run(
            "(() => { const s = document.querySelector('.dl-time'); s.value = s.min;"
            " s.dispatchEvent(new Event('input')); })()"
        )
        start = browser.picture(CANVAS)
        assert moved(first, start) > 0.02, "the slider does not change the picture"
        assert "0 s after entry interface, 120 km" in browser.run("document.querySelector('.dl-told').textContent")
        before = start
        for change in (
            "v.state.time = 300", f"v.state.field = '{STRESS}'", "v.state.cut = false; v.section()",
            "v.state.cut = true; v.state.axis = 'z'; v.section()", "v.state.explode = 1",
            "v.state.explode = 0; v.state.leave = 1",
            "v.state.leave = 0; v.state.axis = 'crack'; v.section(); v.state.hidden.add('pressure')",
            "v.state.field = ''", "v.view.azimuth += 1",
        ):  # fmt: skip
            state(browser, change)
            after = browser.picture(CANVAS)
            assert moved(before, after) > 0.002, change
            before = after
        browser.keep("viewer_changed")
        assert browser.complaints == []
        assert outside(browser, page) == []


def test_colour_bars_show_the_range_of_the_data(page: Path, tmp_path: Path) -> None:
    view = small_view()
    with Browser(tmp_path / "profile") as browser:
        ready(browser, page)
        for field in (TEMPERATURE, STRESS):
            state(browser, f"v.state.field = '{field}'; v.state.perInstant = false")
            found = bars(browser)
            assert found[field] == pytest.approx(view.extremes(field), rel=1e-6)
            assert found[OPENING] == pytest.approx(view.extremes(OPENING), rel=1e-6)
            for step, time in enumerate(view.times):
                state(browser, f"v.state.perInstant = true; v.state.time = {time}")
                low, high = view.extremes(field, step)
                unit = 1.1 * (view.extremes(field)[1] - view.extremes(field)[0]) / 65535  # sent in 16 bits
                assert bars(browser)[field] == pytest.approx((low, high), abs=unit)
        # the colours in the bar are those of the map over that range, top to bottom
        state(browser, f"v.state.field = '{TEMPERATURE}'; v.state.perInstant = false")
        bar = browser.picture("document.querySelector('.dl-bar canvas')")
        from matplotlib import colormaps

        wanted = colormaps["inferno"](np.linspace(1.0, 0.0, bar.shape[0]))[:, :3]
        assert np.abs(bar[:, 5] - wanted).max() < 0.03


def test_k_at_a_picked_point(page: Path, tmp_path: Path) -> None:
    view = small_view()
    with Browser(tmp_path / "profile") as browser:
        ready(browser, page)
        state(browser, "v.state.front = 1; v.state.point = 4; v.state.time = 300")
        front = view.fronts[1]
        ratio = float(front.ratio[30, 4])
        told = browser.run("document.querySelector('[data-ratio]').dataset.ratio")
        assert float(told) == pytest.approx(ratio, rel=1e-5)
        # a click where a front point is seen picks it
        browser.run(
            "(() => { const v = document.querySelector('.dl-view').viewer, r = v.canvas.getBoundingClientRect(),"
            " f = v.d.fronts[0], q = v.screen(v.matrices().camera, [...f.points.slice(6, 9)], r);"
            " v.pick({ clientX: r.left + q[0], clientY: r.top + q[1] }); })()"
        )
        assert browser.run("document.querySelector('.dl-view').viewer.state.front") == 0
        assert browser.run("document.querySelector('.dl-view').viewer.state.point") == 2


def test_a_report_shows_its_viewer_and_no_payload_is_live(tmp_path: Path) -> None:
    """40 payloads as names of cracks, panes, events, assumptions, pictures, tables: none runs or asks for anything."""
    given = summary("plain")
    for key in ("panes", "cracks", "events", "assumptions"):
        given[key] = [entry for payload in PAYLOADS for entry in summary(payload)[key]]
    given |= {"warnings": PAYLOADS, "reasons": PAYLOADS, "provenance": dict(enumerate(PAYLOADS)), "case": PAYLOADS[0]}
    assert len(PAYLOADS) == 40
    view = small_view(title=PAYLOADS[0], crack=PAYLOADS[12], pane=PAYLOADS[2])
    pictures = [Picture(p, b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", p, p) for p in PAYLOADS]
    tables = [Table(p, [p], [[p]], p) for p in PAYLOADS]
    page = write_report(tmp_path / "report.html", given, pictures=pictures, view=view, tables=tables)
    with Browser(tmp_path / "profile") as browser:
        browser.open(tmp_path / "report.html")
        browser.wait("document.querySelector('.dl-view').dataset.ready === '1'")
        assert browser.run("window.getComputedStyle(document.body).maxWidth") != "none"  # its own style counts
        assert browser.run("document.querySelectorAll('script').length") == 2
        alien = "iframe, object, embed, base, link, form, svg, video"
        assert browser.run(f"document.querySelectorAll('{alien}').length") == 0
        assert browser.picture(CANVAS).std() > 0.05
        browser.keep("report_payloads")
        assert browser.dialogs == 0
        assert browser.complaints == []
        assert outside(browser, page) == []


def test_a_folder_is_shown_as_it_was_written(tmp_path: Path) -> None:
    written = small_folder(tmp_path / "run")
    shown = window_view(tmp_path / "run")
    with Browser(tmp_path / "profile") as browser:
        ready(browser, write_viewer(tmp_path / "view.html", shown))
        state(browser, f"v.state.field = '{STRESS}'")
        assert bars(browser)[STRESS] == pytest.approx(written.extremes(STRESS), rel=1e-5)
        assert browser.complaints == []
