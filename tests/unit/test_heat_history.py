"""Interpolation of a history, output times, breakpoints; wrong input and warnings."""

import numpy as np
import pytest

from deadlight.errors import InputError, MeshError, NotSolved
from deadlight.heat.boundary import Convection, Flux, Prescribed, Radiation, Source
from deadlight.heat.history import HeatBalance, TemperatureHistory
from deadlight.heat.pair import Gap
from deadlight.heat.solve import solve_heat
from deadlight.series import Series
from support_heat import SILICA, box, stuff

ONE = np.array([0.0, 1.0])
MESH = box(0.01 * ONE, 0.01 * ONE, 0.01 * np.linspace(0, 1, 4))
GLASS = {"body": stuff(1.4, 2200.0, 900.0)}


def history_of(f, time, breakpoints=()):
    none = np.zeros(0)
    return TemperatureHistory(
        time,
        np.array([[f(t)] for t in time]),
        HeatBalance(time, none, {}, none, none),
        np.array(breakpoints, dtype=float),
    )


def test_interpolation_is_exact_for_parabolas_and_third_order():
    time = np.array([0.0, 0.3, 1.0, 1.2, 2.0, 3.0])
    history = history_of(lambda t: 300.0 + 5 * t - 2 * t**2, time)
    for t in np.linspace(0, 3, 31):
        assert history.at(t)[0] == pytest.approx(300.0 + 5 * t - 2 * t**2, rel=1e-13)
    errors = []
    for n in (11, 21):
        h = history_of(np.sin, np.linspace(0, 3, n))
        errors.append(max(abs(h.at(t)[0] - np.sin(t)) for t in np.linspace(0, 3, 301)))
    assert np.log2(errors[0] / errors[1]) >= 2.7
    with pytest.raises(InputError, match="runs from 0 s to 3 s"):
        history.at(3.1)


def test_nothing_is_interpolated_across_a_breakpoint():
    """A kink at 1: exact on both sides of it if it is a breakpoint."""
    history = history_of(lambda t: abs(t - 1.0), np.linspace(0.0, 2.0, 9), breakpoints=[1.0])
    for t in np.linspace(0, 2, 41):
        assert history.at(t)[0] == pytest.approx(abs(t - 1.0), abs=1e-13)


def test_output_times_agree_with_the_dense_history():
    options = dict(boundaries=[Flux(face="body.z1", flux=3e4)], initial=300.0, time_span=(0.0, 20.0), tolerance=0.01)
    dense = solve_heat(MESH, GLASS, **options)
    some = solve_heat(MESH, GLASS, **options, output_times=[0.0, 7.0, 13.3, 20.0])
    assert some.time == pytest.approx([0.0, 7.0, 13.3, 20.0])
    for t, T in zip(some.time, some.temperature):
        assert np.abs(T - dense.at(t)).max() < 0.05
    assert dense.time[0] == 0.0 and dense.time[-1] == 20.0


def test_jump_at_a_breakpoint_takes_each_side_as_it_is():
    """Constant flux until 10 s, then none: the heat let in is q A t exactly (the jump is never averaged)."""
    flux = Series(np.array([0.0, 10.0 - 1e-7, 10.0 + 1e-7, 20.0]), np.array([2e4, 2e4, 0.0, 0.0]))
    seen = []
    history = solve_heat(
        MESH,
        GLASS,
        boundaries=[Flux(face="body.z1", flux=flux)],
        initial=300.0,
        time_span=(0.0, 20.0),
        breakpoints=[10.0],
        progress=lambda t, fraction: seen.append((t, fraction)),
    )
    assert history.balance.loads["flux body.z1"].sum() == pytest.approx(2e4 * 1e-4 * 10.0, rel=1e-6)
    assert 10.0 in history.time
    assert seen[-1] == (20.0, 1.0) and len(seen) == history.info["steps"]


def test_initial_temperatures_by_region_and_node():
    T = 300.0 + MESH.points[:, 2]
    for initial in (T, {"body": 300.0}, 300.0):
        history = solve_heat(MESH, GLASS, initial=initial, time_span=(0.0, 1.0))
        assert history.temperature[0] == pytest.approx(T if initial is T else 300.0)
    assert "1 nodes" not in repr(history) and "K" in repr(history)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (dict(time_span=(5.0, 5.0)), InputError, "time span"),
        (dict(tolerance=0.0), InputError, "tolerance"),
        (dict(initial=np.nan), InputError, "initial temperature nan"),
        (dict(initial=np.zeros(3)), InputError, "shape"),
        (dict(initial={"pane": 300.0}), InputError, "region body"),
        (dict(output_times=[3.0, 2.0]), InputError, "output times"),
        (dict(fixed_step=-1.0), InputError, "fixed step"),
        (dict(boundaries=[Flux(face="body.outer", flux=1.0)]), MeshError, 'no face named "body.outer"'),
        (dict(boundaries=[Source(region="pane", power=1.0)]), MeshError, 'no region named "pane"'),
        (
            dict(boundaries=[Radiation(face="body.z1", emissivity=0.8, sky_temperature=3.0)], initial=0.0),
            InputError,
            "kelvin",
        ),
        (dict(pairs=[Gap(face_a="body.z1", face_b="next.z0", emissivities=(1.0, 1.0))]), MeshError, "next.z0"),
    ],
)
def test_wrong_input_is_named(change, error, text):
    options = dict(initial=300.0, time_span=(0.0, 1.0)) | change
    with pytest.raises(error, match=text):
        solve_heat(MESH, GLASS, **options)


def test_missing_material_and_inverted_cell():
    with pytest.raises(InputError, match="no material for region body"):
        solve_heat(MESH, {}, initial=300.0, time_span=(0.0, 1.0))
    flipped = type(MESH)(MESH.points * [1, 1, -1], MESH.blocks, MESH.faces)
    with pytest.raises(MeshError, match="inverted"):
        solve_heat(flipped, GLASS, initial=300.0, time_span=(0.0, 1.0))


def test_too_many_steps_and_a_boundary_that_is_not_finite():
    heated = dict(boundaries=[Flux(face="body.z1", flux=1e6)], initial=300.0, time_span=(0.0, 100.0), tolerance=1e-3)
    with pytest.raises(NotSolved, match="raise most_steps"):
        solve_heat(MESH, GLASS, **heated, most_steps=5)
    bad = Convection(face="body.z1", coefficient=10.0, temperature=300.0, weight=lambda p: np.full(len(p), np.nan))
    with pytest.raises((NotSolved, InputError)):
        solve_heat(MESH, GLASS, boundaries=[bad], initial=300.0, time_span=(0.0, 1.0))


def test_warnings_for_tables_and_doubled_radiation():
    history = solve_heat(
        MESH,
        {"body": SILICA},
        boundaries=[Prescribed(face="body.z1", temperature=1400.0), Source(region="body", power=1e3)],
        initial=300.0,
        time_span=(0.0, 1.0),
        tolerance=1.0,
    )
    text = "\n".join(history.warnings)
    assert "conductivity used from" in text and "1200 K: held" in text
    assert "counted twice" in text
