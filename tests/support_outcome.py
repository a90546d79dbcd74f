"""A small window whose pane is held, cut and loaded as a test says."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.case.load import load_case
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.laid import lay_cracks
from deadlight.chain.outside import environment_of
from deadlight.chain.quick_answer import Given, QuickAnswer, lay
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.crack.result import QuickResult
from deadlight.entry.environment import Environment
from deadlight.heat.history import HeatBalance, TemperatureHistory
from deadlight.series import Series
from support_cases import write_case

GASKET = (
    'seat_stiffness = "500 MPa/m"',
    'seat_stiffness = "500 MPa/m"\n'
    'gasket = { grip = [["200 K", "200 kPa"], ["500 K", "100 kPa"], ["530 K", "0 kPa"]], friction = "0.3", '
    'thickness = "1 mm", clearance = "0.5 mm", source = "test" }',
)


OLD = (
    '[[cracks]]\nname = "C1"\npane = "thermal"\nkind = "through"\ntwo_c = "12 mm"\n'
    'place = { azimuth = "30 deg", inside_lip = "5 mm" }\n'
)


def no_crack() -> tuple[str, str]:
    return OLD, ""


def two_edges(depth: str = "55 mm") -> tuple[str, str]:
    """Two edge cracks, 20 deg on either side of +x, that cross 48.4 mm deep and then cut a wedge off the rim."""
    made = ""
    for name, azimuth, angle in (("E1", "-20 deg", "-25 deg"), ("E2", "20 deg", "25 deg")):
        made += (
            f'[[cracks]]\nname = "{name}"\npane = "thermal"\nkind = "edge"\ndepth = "{depth}"\n'
            f'place = {{ azimuth = "{azimuth}" }}\norientation = "angle"\nangle = "{angle}"\n'
        )
    return OLD, made


def triangle() -> tuple[str, str]:
    """Three through cracks 80 mm long, middles 20 mm from the axis: they cut out a triangle of 2 x 34.64 mm."""
    made = ""
    for k in range(3):
        made += (
            f'[[cracks]]\nname = "T{k}"\npane = "thermal"\nkind = "through"\ntwo_c = "80 mm"\n'
            f'place = {{ azimuth = "{120 * k + 10} deg", radius = "20 mm" }}\norientation = "hoop"\n'
        )
    return OLD, made


def window(folder: Path, *changes: tuple[str, str]) -> Viewport:
    """The small case of `support_cases` with a stated gasket."""
    path = write_case(folder, GASKET, *changes)
    return build_viewport(load_case(path), root=folder)


def outside(
    viewport: Viewport, folder: Path, *, outer: Any = 0.0, inner: Any = 0.0, acceleration: Any = (0.0, 0.0, 0.0)
) -> Environment:
    """Pressures [Pa] and sensed acceleration [m/s2], each constant or (times, values)."""
    made = environment_of(viewport, root=folder)
    return dataclasses.replace(
        made, outer_pressure=_series(outer), cabin_pressure=_series(inner), acceleration=_series(acceleration)
    )


def _series(value: Any) -> Series:
    if isinstance(value, tuple) and len(value) == 2:
        return Series(np.array(value[0], dtype=float), np.array(value[1], dtype=float))
    return Series.constant(value)


def warmth(viewport: Viewport, end: float, temperature: Any = 293.0) -> TemperatureHistory:
    """The whole window at one temperature [K]: constant, or rising linearly between a pair."""
    low, high = temperature if isinstance(temperature, tuple) else (temperature, temperature)
    time = np.linspace(0.0, end, 31)
    field = np.linspace(low, high, 31)[:, None] * np.ones(viewport.mesh.n_nodes)
    none = np.zeros(31)
    balance = HeatBalance(**{f.name: none for f in dataclasses.fields(HeatBalance)})
    return TemperatureHistory(time=time, temperature=field, balance=balance)


def as_found(viewport: Viewport, folder: Path) -> list[CrackAnswer]:
    """The cracks of the case as the quick tier lays them, dormant through the whole history."""
    lay_cracks(viewport, folder)
    found = []
    for crack in viewport.case.cracks:
        seed, line, warnings = lay(viewport, crack)
        result = _dormant(seed, line)
        given = Given(seed, np.zeros((2, 1, 1)), 0.17)
        found.append(CrackAnswer(crack, quick=QuickAnswer(line, np.zeros((2, 1, 1)), result, warnings, {}, given)))
    return found


def _dormant(seed: Any, line: Any) -> QuickResult:
    time, none = np.array([0.0, 1.0]), np.zeros((2, 2))
    size = np.array([[line.outer, line.inner]] * 2)
    fields = {f.name: none for f in dataclasses.fields(QuickResult)}
    fields |= {
        "name": seed.name, "kind": "through", "state": "dormant", "end_reason": "", "end_sentence": "", "time": time,
        "tips": ("rim_side", "centre_side"), "size": size, "size_names": ("rim_side_depth_m", "centre_side_depth_m"),
        "first_time": None, "first_tip": None, "ratio_max": 0.0, "time_of_max": 0.0, "margin_after": np.inf,
        "numerical_error": 0.0, "model_error": (0.0, 0.0), "events": (), "warnings": (), "assumptions": (),
        "handbook_k": None,
    }  # fmt: skip
    return QuickResult(**fields)
