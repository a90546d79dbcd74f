"""From the case's arc-jet run to the environment of a test article, and its thermocouples to points in the glass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse
from scipy.interpolate import LinearNDInterpolator

from deadlight.case.arcjet import ArcJet
from deadlight.case.arcjet import Plateau as StatedPlateau
from deadlight.case.arcjet import Thermocouple as StatedThermocouple
from deadlight.chain.viewport import Viewport
from deadlight.entry.arcjet import Plateau, arcjet
from deadlight.entry.environment import Environment, Thermocouple
from deadlight.entry.gap import GapSpec
from deadlight.errors import CaseError, InputError
from deadlight.fem.locate import Locator
from deadlight.heat.history import TemperatureHistory
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]
PLACE = "environment.arcjet"
# What is covered of a side of a pane belongs to that side: a thermocouple may sit under the lip or on the seat.
SIDES = {"outer": ("outer", "lip", "seat_outer"), "inner": ("inner", "seat_inner")}


def arcjet_environment(stated: ArcJet, viewport: Viewport, *, gaps: list[GapSpec]) -> Environment:
    """The run of a test article on one clock, 0 at its start.

    Raises
    ------
    LoadError
        A stream colder than the calorimeter.
    CaseError
        A thermocouple that is not in the glass.
    """
    points = tuple(_point(viewport, each) for each in stated.thermocouples)
    sampling(viewport, points)  # one outside the glass is told before the minutes are spent
    time, temperature = zip(*stated.holder_temperature)
    return arcjet(
        plateaus=_without_breaks(stated),
        ramp=stated.ramp,
        cool_down=stated.cool_down,
        calorimeter_temperature=stated.calorimeter_temperature,
        chamber_pressure=stated.chamber_pressure,
        chamber_temperature=stated.chamber_temperature,
        chamber_convection=stated.chamber_convection,
        back_pressure=stated.back_pressure,
        holder_temperature=Series(np.array(time), np.array(temperature), "holder_temperature", "K"),
        thermocouples=points,
        gaps=gaps,
    )


def _without_breaks(stated: ArcJet) -> list[Plateau]:
    """The plateaus one right after the other from time 0; a break is one without flux at the chamber's pressure."""
    found: list[Plateau] = []
    clock = 0.0
    for each in stated.plateaus:
        if each.from_ > clock:
            found.append(_out_of_stream(stated, each, each.from_ - clock))
        found.append(
            Plateau(
                duration=each.until - each.from_,
                enthalpy=each.recovery_enthalpy,
                cold_wall_flux=each.cold_wall_flux,
                film=each.film,
                pressure=each.pressure,
                radiative_flux=each.radiative_flux,
            )
        )
        clock = each.until
    return found


def _out_of_stream(stated: ArcJet, following: StatedPlateau, duration: float) -> Plateau:
    return Plateau(
        duration=duration, enthalpy=following.recovery_enthalpy, cold_wall_flux=0.0, pressure=stated.chamber_pressure
    )


def _point(viewport: Viewport, stated: StatedThermocouple) -> Thermocouple:
    """Position in the window's frame; of one on a face the height is that of the face there."""
    if stated.position is not None:
        return Thermocouple(stated.name, stated.position)
    assert stated.face is not None and stated.radius is not None  # the case form demands both
    pane = stated.pane or viewport.case.panes[0].name
    azimuth = stated.azimuth or 0.0
    x, y = stated.radius * math.cos(azimuth), stated.radius * math.sin(azimuth)
    mesh = viewport.mesh
    faces = [f"{pane}.{face}" for face in SIDES[stated.face] if viewport.has_face(f"{pane}.{face}")]
    reach = 0.0
    for face in faces:  # one by one: they may be steps of different height
        points = mesh.points[mesh.face_nodes(face)]
        height = float(LinearNDInterpolator(points[:, :2], points[:, 2])(x, y))
        if not math.isnan(height):
            return Thermocouple(stated.name, (x, y, height))
        reach = max(reach, float(np.hypot(points[:, 0], points[:, 1]).max()))
    raise CaseError(
        f"radius {1e3 * stated.radius:g} mm lies beyond {', '.join(faces)}",
        place=f"{PLACE}.thermocouples, {stated.name}",
        remedy=f"they reach {1e3 * reach:.4g} mm from the axis",
    )


def sampling(viewport: Viewport, thermocouples: tuple[Thermocouple, ...]) -> scipy.sparse.csr_matrix:
    """Matrix (p, n_nodes of the whole mesh) from nodal temperatures to those of the thermocouples.

    Raises
    ------
    CaseError
        One lies in no pane.
    """
    mesh = viewport.mesh
    parts = [mesh.submesh(name) for name in viewport.pane_names()]
    locators = [(Locator.build(pane), nodes) for pane, nodes in parts] if thermocouples else []
    rows = [_row(each, locators, mesh.n_nodes) for each in thermocouples]
    return scipy.sparse.vstack(rows, format="csr") if rows else scipy.sparse.csr_matrix((0, mesh.n_nodes))


def _row(thermocouple: Thermocouple, locators: list[tuple[Locator, Any]], n_nodes: int) -> scipy.sparse.csr_matrix:
    place = f"{PLACE}.thermocouples, {thermocouple.name}"
    told: list[InputError] = []
    for locator, nodes in locators:
        try:
            row = locator.interpolation(np.array([thermocouple.position]), place=place).tocoo()
        except InputError as error:
            told.append(error)
            continue
        return scipy.sparse.csr_matrix((row.data, (row.row, nodes[row.col])), shape=(1, n_nodes))
    where = ", ".join(f"{1e3 * x:.4g}" for x in thermocouple.position)
    remedy = "; ".join(error.remedy for error in told).replace("the body", "the glass")
    raise CaseError(f"({where}) mm lies outside the glass", place=place, remedy=remedy)


def readings(viewport: Viewport, environment: Environment, heat: TemperatureHistory) -> dict[str, Array]:
    """Temperature at every thermocouple: name -> (m,) [K] at the instants of the heat history."""
    values = sampling(viewport, environment.thermocouples) @ heat.temperature.T
    return {each.name: np.asarray(row) for each, row in zip(environment.thermocouples, values)}
