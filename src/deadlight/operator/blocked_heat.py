"""Heat blocked by a crack: the jump of temperature across it in time, and the thermal stress that loads it.

The disturbance T* of the uncracked temperature is that of layers on the crack and on the faces near it (a double layer
of density theta, a single layer where temperatures are prescribed); its thermal stress follows from Goodier's
potential of the same layers.  docs/blocked-heat.md derives the equations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.operator.blocked_heat_data import Data, Flux, driving
from deadlight.operator.blocked_heat_faces import Faces, Gap, Insulated, Prescribed, radiating_gap
from deadlight.operator.blocked_heat_setup import build, frequencies
from deadlight.operator.blocked_heat_system import HeatSystem
from deadlight.operator.blocked_heat_time import combined, fit, left_out, tail
from deadlight.operator.pairs import Fineness
from deadlight.remark import Remark
from deadlight.surface.mesh import SurfaceMesh

__all__ = ["BlockedHeat", "Faces", "Gap", "Insulated", "Prescribed", "blocked_heat", "radiating_gap", "thermal_load"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]

Answer = tuple[Complex, Complex, Complex]  # theta, gamma, load at the frequencies

INSULATED = Insulated()
TOLERANCE = 0.05  # default bound of the error over the largest jump, that of the crack operator for K
MEMORY = 4e8  # bytes of matrices held at once
THETA, GAMMA, LOAD = 0, 1, 2  # order of the answers
TAIL_POWER = (1, 0, 2)  # their decay at high frequency, in powers of 1/a, one less under given temperatures
FIT_LIMIT = 0.3  # share of the tolerance that the fit may take before twice as many frequencies are taken
FIT_SHARE = 0.5  # error of the fit over the change when a sample is left out: 0.3 to 0.45 measured
MESH_FACTOR = 3.0  # error of theta over the mesh's measure: 1.6 to 3 on the penny


@dataclass(frozen=True, eq=False)
class BlockedHeat:
    """The disturbance of the temperature by a crack.

    Attributes
    ----------
    time : (m,) float [s], or None for steady states
    theta : (m, n_nodes) float [K]
        T(+) - T(-) on cracks; on faces of the body the density of the same layer, minus the disturbance of the
        temperature where no film acts.
    gamma : (m, n_nodes) float [K/m]
        Jump of the normal derivative on cracks of prescribed temperature; it is this over t in the ring at a front.
    unit_load : (m, n_nodes, 3) float [K m2]
        int (U x C) of both, see `thermal_load`.
    error : float
        Estimated error of theta over its largest value.
    errors : dict of str -> float
        Its parts: "time" (data linear between the instants), "fit" (relaxation through few frequencies), "mesh", "gap",
        "data" (their modes).
    remarks : tuple of Remark
        An alarm when `error` is beyond the tolerance.
    frequencies : (f,) float [rad/s]
        At which the equations were solved.
    """

    time: Array | None
    theta: Array
    gamma: Array
    unit_load: Array
    error: float
    errors: dict[str, float]
    remarks: tuple[Remark, ...]
    frequencies: Array


def blocked_heat(
    mesh: SurfaceMesh,
    *,
    conductivity: float,
    diffusivity: float | None = None,
    time: Array | None = None,
    flux: Flux = None,
    faces: Faces | Mapping[int, Faces] = INSULATED,
    face_film: float | Mapping[int, float] = 0.0,
    steady_start: bool = False,
    tolerance: float = TOLERANCE,
    fineness: Fineness | None = None,
) -> BlockedHeat:
    """Jump of temperature across cracks that stand in the way of heat.

    Parameters
    ----------
    mesh : SurfaceMesh
    conductivity : float [W/mK]
    diffusivity : float [m2/s]
        Needed with `time`.
    time : (m,) float [s], optional
        Rising instants; the data are linear in between.  Without it every row of `flux` is a steady state of its own.
    flux : (m, n_nodes) float, or callable
        Heat flux q.n [W/m2] of the uncracked body through the crack, n its normal: at the crack's nodes (others are not
        looked at), or as a function of points (p, 3) and normals (p, 3) that returns (m, p).
    faces : Insulated, Gap or Prescribed, or one for each crack number
    face_film : float [W/m2K], or one for each face number
        Linearised film coefficient of the body's faces for the disturbance; 0 keeps their flux as it was.
    steady_start : bool
        Whether the first data have acted for ever, or begin to act at the first instant.
    tolerance : float
        Error over the largest jump beyond which the result carries an alarm.

    Raises
    ------
    InputError
        The data are incomplete or of the wrong shape, not finite, or the instants do not rise.
    NotSolved
        The response is not finite, or two surfaces come too close.
    """
    if time is not None and diffusivity is None:
        raise InputError("no diffusivity", place="blocked heat", remedy="give it with the instants")
    data = driving(mesh, faces, flux, time)
    system = build(mesh, data, conductivity, face_film, fineness)
    if data.time is None or diffusivity is None:
        sizes, errors = np.zeros(1), dict[str, float]()
        answer, share = _responses(system, data, sizes)
        history = [np.einsum("mr,n...r->mn...", data.course, a[0].real) for a in answer]
    else:
        sizes, answer, share, history, errors = _transient(system, data, diffusivity, tolerance, steady_start)
    errors |= {"mesh": MESH_FACTOR * share, "gap": _gap_error(system, data, answer[THETA][0]), "data": data.left_out}
    error = float(sum(errors.values()))
    remarks = _remarks(errors, error, tolerance)
    theta, gamma, load = history
    return BlockedHeat(data.time, theta, gamma, load, error, errors, remarks, sizes**2 * (diffusivity or 0.0))


def thermal_load(heat: BlockedHeat, *, alpha: float, nu: float, mu: float) -> Array:
    """Load of the disturbance's thermal stress on the crack and the faces, (m, n_nodes, 3) [N].

    b(v) = int v . sigma n dS with sigma that of Goodier's potential, Phi = m (T* layers), laplacian Phi = m T*,
    m = alpha (1 + nu) / (1 - nu), over every surface: the right side of `CrackOperator` (add the uncracked stress's
    load on the crack; the faces are free of it).

    Parameters
    ----------
    alpha : float [1/K]
        Expansion coefficient.
    nu : float
        Poisson's ratio.
    mu : float [Pa]
        Shear modulus.
    """
    return heat.unit_load * (2 * mu * alpha * (1 + nu) / (1 - nu))


def _responses(system: HeatSystem, data: Data, sizes: Array) -> tuple[Answer, float]:
    """theta, gamma (f, n, r) and load (f, n, 3, r) at every |a|, some at once, and the mesh's measure."""
    n, parts, share = len(data.right), [], 0.0
    matrices = 3 if system.pairs.density.any() else 1
    at_once = max(1, int(MEMORY / (16.0 * matrices * n * n)))
    for first in range(0, len(sizes), at_once):
        some = sizes[first : first + at_once]
        theta, gamma, measure = system.solve(some, data.right, data.right_flux, data.given)
        share = share if first else measure
        parts.append((theta, gamma, system.pairs.loads(some, theta, gamma)))
    theta, gamma, load = (np.concatenate(column) for column in zip(*parts))
    return (theta, gamma, load), share


def _transient(
    system: HeatSystem, data: Data, diffusivity: float, tolerance: float, steady_start: bool
) -> tuple[Array, Answer, float, list[Array], dict[str, float]]:
    """Frequencies, answers there, the mesh's measure, histories, parts of the error."""
    assert data.time is not None
    sizes = frequencies(system.pairs.mesh, data.time, diffusivity, closed=system.floating)
    answer, share = _responses(system, data, sizes)
    history, errors = _in_time(data, sizes, diffusivity, answer, steady_start)
    if errors["fit"] > FIT_LIMIT * tolerance:  # twice as many
        more = np.sqrt(2.0) * sizes[sizes > 0][:-1]
        sizes, answer = _merged(sizes, answer, more, _responses(system, data, more)[0])
        history, errors = _in_time(data, sizes, diffusivity, answer, steady_start)
    return sizes, answer, share, history, errors


def _merged(sizes: Array, answer: Answer, more: Array, others: Answer) -> tuple[Array, Answer]:
    order = np.argsort(np.concatenate([sizes, more]))
    theta, gamma, load = (np.concatenate(pair)[order] for pair in zip(answer, others))
    return np.concatenate([sizes, more])[order], (theta, gamma, load)


def _in_time(
    data: Data, sizes: Array, diffusivity: float, answer: Answer, steady_start: bool
) -> tuple[list[Array], dict[str, float]]:
    """Histories of theta, gamma and load, and the parts of the error of theta."""
    assert data.time is not None
    time, course, out = data.time, data.course, []
    errors = {"time": 0.0, "fit": 0.0}
    given = any(isinstance(f, Prescribed) for f in data.faces.values())
    for which, response in enumerate(answer):
        flat = response.reshape(len(sizes), -1, response.shape[-1])
        if not np.abs(flat).any():
            out.append(np.zeros((len(time), *response.shape[1:-1])))
            continue
        omega, samples, instant = sizes**2 * diffusivity, flat, given and which < LOAD
        if which != GAMMA:  # that grows with the frequency after a given temperature
            beyond, more = tail(sizes, flat, TAIL_POWER[which] - given)
            omega, samples = np.append(omega, beyond**2 * diffusivity), np.concatenate([flat, more])
        relaxation = fit(omega, samples, instant=instant)
        states = relaxation.states(time, course, steady_start=steady_start)
        history = combined(states, relaxation.part)
        inner = range(2 if sizes[0] == 0 else 1, len(sizes) - 1)
        miss = left_out(omega, samples, inner, relaxation, states, instant=instant) / np.abs(history).max()
        errors["fit"] = max(errors["fit"], FIT_SHARE * float(miss))
        if len(time) > 2:
            thinned = np.empty_like(course)
            for r in range(course.shape[1]):
                thinned[:, r] = np.interp(time, *_every_other(time, course[:, r]))
            change = relaxation.follow(time, course - thinned, steady_start=steady_start)
            errors["time"] = max(errors["time"], float(np.abs(change).max() / np.abs(history).max()) / 3)
        out.append(history.reshape(len(time), *response.shape[1:-1]))
    return out, errors


def _every_other(time: Array, value: Array) -> tuple[Array, Array]:
    """Every second instant, and the last."""
    kept = np.unique(np.append(np.arange(0, len(time), 2), len(time) - 1))
    return time[kept], value[kept]


def _gap_error(system: HeatSystem, data: Data, theta: Complex) -> float:
    """Relative change of the jump over the spread of a gap's coefficient h.  d ln(work) / d ln(h) is the share of
    int h theta^2 in the heat's work (of a symmetric system); the largest jump changes by up to half as much more."""
    spread = max((f.spread for f in data.faces.values() if isinstance(f, Gap)), default=0.0)
    if spread == 0:
        return 0.0
    through = np.abs(np.einsum("nr,nr->r", theta, system.surface @ theta))
    whole = np.abs(np.einsum("nr,nr->r", theta, data.right))
    good = whole > 0
    return 1.5 * spread * float(np.max(through[good] / whole[good], initial=0.0))


def _remarks(errors: dict[str, float], error: float, tolerance: float) -> tuple[Remark, ...]:
    if not error > tolerance and np.isfinite(error):
        return ()
    worst = max(errors, key=lambda name: errors[name])
    cure = {
        "time": "give more instants",
        "fit": "the crack's response has more time scales than were sampled",
        "mesh": "refine the mesh",
        "gap": "the gap's coefficient varies too much to be linearised",
        "data": "the data have more modes than were kept",
    }[worst]
    text = f"heat blocked by the crack: error {100 * error:.2g} % of the largest jump, beyond {100 * tolerance:.2g} %"
    return (Remark(f"{text}, most of it from the {worst} ({100 * errors[worst]:.2g} %): {cure}", alarm=True),)
