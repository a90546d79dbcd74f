"""Air outside and in gaps: the standard atmosphere, flow through an orifice and through the slit of a crack."""

from __future__ import annotations

import math

import numpy as np

from deadlight.entry.atmosphere import Atmosphere1976
from deadlight.entry.gap import GAS, orifice_flow
from deadlight.outcome.slit import slit_flux, viscosity
from deadlight.verify.case import Case, Effort, Found, line, made, reference


def atmosphere(effort: Effort) -> Found:
    """Temperature, pressure and density at heights of the printed table."""
    entry = reference("entry")["atmosphere_1976"]
    rows = np.array(entry["reference"]["rows"])
    air = Atmosphere1976()(1e3 * rows[:, 0])
    told = (("temperature", air.temperature), ("pressure", air.pressure), ("density", air.density))
    tolerance = entry["tolerance"]
    return Found(
        tuple(
            line(name, rows[:, 0], np.asarray(found), rows[:, k], unit="km", tolerance=tolerance[name])
            for k, (name, found) in enumerate(told, start=1)
        ),
        1,
    )


def orifice(effort: Effort) -> Found:
    """Flow through a nozzle over its choked flow, at the pressure of Mach 0.5."""
    entry = reference("outcome")["orifice"]
    g = entry["given"]
    share = orifice_flow(g["pressure"], g["ratio"] * g["pressure"], g["temperature"]) / orifice_flow(
        g["pressure"], 0.0, g["temperature"]
    )
    choked = orifice_flow(g["pressure"], 0.0, g["temperature"])
    closed = g["pressure"] * math.sqrt(1.4 / (GAS * g["temperature"])) / 1.2**3
    tolerance = entry["tolerance"]
    return Found(
        (
            line(
                "share of the choked flow",
                0.0,
                share,
                entry["reference"]["share"],
                unit="",
                tolerance=tolerance["share"],
            ),
            line("choked flow", 0.0, choked, closed, unit="", tolerance=tolerance["choked"]),
        ),
        1,
    )


def slit(effort: Effort) -> Found:
    """Viscous flow with slip through a narrow slit, and the viscosity of air."""
    entry = reference("outcome")["slit"]
    g, tolerance = entry["given"], entry["tolerance"]
    w, depth, t = g["width"], g["depth"], g["temperature"]
    p1, p2 = g["before"], g["behind"]
    kn = viscosity(t) * math.sqrt(0.5 * math.pi * GAS * t) / p2 / w
    ratio = p1 / p2
    flow = w**3 * p2**2 / (24.0 * viscosity(t) * GAS * t * depth) * (ratio**2 - 1.0 + 12.0 * kn * (ratio - 1.0))
    found = float(slit_flux(p1, math.log(ratio), np.array([w]), depth, wall=t, gas=t)[0])
    air = entry["reference"]["viscosity"]
    return Found(
        (
            line("flow", 0.0, found, flow, unit="", tolerance=tolerance["flow"]),
            line(
                "viscosity of air at 288.15 K", 0.0, viscosity(288.15), air, unit="", tolerance=tolerance["viscosity"]
            ),
        ),
        1,
    )


def cases() -> list[Case]:
    """The cases of air."""
    return [
        made("entry", "atmosphere_1976", atmosphere),
        made("outcome", "orifice", orifice),
        made("outcome", "slit", slit),
    ]
