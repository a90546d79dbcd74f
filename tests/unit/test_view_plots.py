"""Plots show the data they are given, with units, and the same data give the same bytes."""

import numpy as np
import pytest

from deadlight.view import growth_plots, plots, style


@pytest.fixture
def history():
    t = np.linspace(0, 600, 121)
    return t, 1.2e6 * np.sin(np.pi * t / 600) ** 2, 0.8e6 * np.sin(np.pi * t / 600) ** 2


def test_k_history_has_both_tips_toughness_and_altitude(history):
    t, outer, inner = history
    figure = plots.k_history(
        t,
        {"rim side": outer, "centre side": inner},
        toughness=np.full_like(t, 0.75e6),
        altitude=120e3 - 200 * t,
        events=[(224, "runs"), (226, "peak flux")],
    )
    top, low = figure.axes
    curves = {line.get_label(): line.get_ydata() for line in top.get_lines() if len(line.get_ydata()) == len(t)}
    assert np.allclose(curves["rim side"], outer / 1e6)
    assert np.allclose(curves["centre side"], inner / 1e6)
    assert np.allclose(curves["K_Ic"], 0.75)
    assert "MPa" in top.get_ylabel() and "km" in low.get_ylabel() and "[s]" in low.get_xlabel()
    labels = [text for text in top.texts if text.get_text().strip() in ("runs", "peak flux")]
    assert (
        len(labels) == 2 and len({text.get_position()[1] for text in labels}) == 2
    )  # near events stand in different rows


def test_same_data_same_bytes(history):
    t, outer, inner = history
    first, second = (
        style.svg(plots.histories(t, {"a": outer, "b": inner}, label="K", events=[(100, "x")])) for _ in range(2)
    )
    assert first == second and first.startswith(b"<?xml")
    assert style.png(plots.histories(t, {"a": outer}, label="K")).startswith(b"\x89PNG")


def test_unstable_branch_is_solid_and_stable_dotted():
    area = np.linspace(1e-5, 3e-4, 20)
    ratio = np.sqrt(area / 1e-4) * np.exp(-area / 1e-4)
    axes = growth_plots.resistance([("310 s", area, ratio)]).axes[0]
    branches = axes.get_lines()[1:20]  # after the whole curve: a part between two sizes each
    rising = np.diff(ratio) > 0.0
    assert 3 <= rising.sum() < 17
    assert [part.get_linestyle() for part in branches] == ["-" if up else ":" for up in rising]


def test_crack_line_and_environment_draw(history):
    t, outer, _ = history
    r = np.linspace(0, 0.15, 40)
    figure = plots.crack_line_stress(
        r,
        {"outer skin": 1e7 * r, "inner skin": 2e7 * r},
        tips=(0.12, 0.132),
        lip=0.135,
        rim=0.15,
        time_s=310.0,
        grown=(0.12, 0.15),
    )
    assert "310 s" in figure.get_suptitle()
    figure = plots.environment(
        t,
        flux=outer,
        load_factor=outer / 1e6,
        altitude=120e3 - 200 * t,
        speed=np.full_like(t, 7e3),
        events=[(200, "peak")],
    )
    assert len(figure.axes) == 4


def test_a_facility_has_no_panels_of_a_flight(history):
    t, outer, inner = history
    since = "the start of the run"
    (only,) = plots.k_history(t, {"rim": inner}, toughness=np.full_like(t, 0.75e6), altitude=None, since=since).axes
    assert len(only.get_lines()) == 2
    assert only.get_xlabel() == "time after the start of the run [s]"
    (flux,) = plots.environment(t, flux=outer, since=since).axes
    assert np.allclose(flux.get_lines()[0].get_ydata(), outer / 1e3)
    assert flux.get_xlabel() == "time after the start of the run [s]"


def test_terminal_tables_keep_their_units():
    """Rich takes "[mm]" for a style unless told otherwise."""
    import io

    from rich.console import Console

    from deadlight.view.summary_text import print_summary

    out = io.StringIO()
    crack = {
        "name": "C1", "pane": "thermal", "case_type": "through", "state": "dormant", "K_over_KIc_max": 0.2,
        "time_of_max_s": 300.0, "two_c_m": 0.012, "numerical_error": 0.01,
    }  # fmt: skip
    event = {"time_s": 0.0, "altitude_m": 120e3, "what": "entry interface", "where": None}
    summary = {
        "verdict": "NOT_SHOWN", "reasons": ["x"], "case": "c", "cracks": [crack], "panes": [], "events": [event],
        "warnings": [], "assumptions": [],
    }  # fmt: skip
    print_summary(summary, console=Console(file=out, width=140))
    assert all(unit in out.getvalue() for unit in ("at [s]", "[mm]", "time [s]", "altitude [km]"))


def test_growth_after_months_in_orbit_shows_the_return():
    """75 days before a return of 25 minutes: the return keeps most of the width, the days have their own marks."""
    time = np.array([-75 * 86400.0, -1.0, 0.0, 160.0, 1500.0])
    made = growth_plots.in_time(time, np.full(5, 1e-4), np.linspace(0.1, 0.8, 5), events=[(160.0, "grows slowly")])
    x = made.axes[1].lines[0].get_xdata()
    assert x[0] == pytest.approx(-0.35 * 1500.0) and list(x[2:]) == [0.0, 160.0, 1500.0] and (np.diff(x) > 0).all()
    marks = [t.get_text() for t in made.axes[1].get_xticklabels()]
    assert marks[:3] == ["-75 d", "-37.5 d", "0"]
    short = growth_plots.in_time(time[2:], np.full(3, 1e-4), np.zeros(3))
    assert list(short.axes[1].lines[0].get_xdata()) == list(time[2:])


def test_all_of_the_pane_is_shown_where_fronts_take_up_most_of_it():
    angle = np.linspace(0.0, 2.0 * np.pi, 90)
    rim = 0.15 * np.column_stack([np.cos(angle), np.sin(angle)])
    for reach, shown in ((0.12, True), (0.01, False)):
        fronts = [
            growth_plots.FrontLine(np.array([[x, 0.0, 0.0], [x, 0.0, 0.01]]), 1e-4, False) for x in (-reach, reach)
        ]
        panel = growth_plots.ribs(fronts, outlines=[("rim", rim)], faces=(0.0, 0.01)).axes[0]
        assert (panel.get_ylim()[0] < -150.0) == (panel.get_xlim()[1] > 150.0) == shown
