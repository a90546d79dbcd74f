"""The quick tier for many cracks in one pane: what they share is prepared once, and a line is sampled beside its crack.

The answer is that of `quick_answer` with the crack as found: the same stress at the same points through the same
equations.  Where a crack runs (K reaches K_Ic) it is not followed here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.case.crack import Crack
from deadlight.chain.flaws import azimuth_of
from deadlight.chain.k_error import departure, next_order, rank_of_error, straight, telling
from deadlight.chain.pane_outline import PaneOutline
from deadlight.chain.quick_answer import USED, Given, QuickAnswer, beside, lay_in, left_out, sheared
from deadlight.chain.viewport import Viewport
from deadlight.crack.as_found import k_as_found
from deadlight.crack.line import IN_PLANE, CrackLine
from deadlight.crack.quick import assess
from deadlight.crack.seed import Seed
from deadlight.errors import CaseError
from deadlight.heat.history import TemperatureHistory
from deadlight.material.material import Material
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class _Sampled:
    """Part of a line, sampled."""

    whole: CrackLine
    part: slice
    modes: Array
    coarse: Array | None
    warm: Array

    def holds(self, whole: CrackLine, part: slice) -> bool:
        """Whether a part of a line is in it."""
        mine = self.whole
        same = len(mine.depth) == len(whole.depth) and mine.length == whole.length and mine.pane == whole.pane
        same = same and bool((mine.origin == whole.origin).all() and (mine.inward == whole.inward).all())
        return same and self.part.start <= part.start and part.stop <= self.part.stop

    def rows(self, part: slice, through: int) -> slice:
        """Of the samples of a part; the height runs fastest."""
        return slice((part.start - self.part.start) * through, (part.stop - self.part.start) * through)


def _wider(whole: CrackLine, part: slice, up_to: float) -> slice:
    """The part, or what a crack so long to either side of the same middle would take."""
    if not up_to > 0.0:
        return part
    middle = 0.5 * (whole.outer + whole.inner)
    longer = dataclasses.replace(whole, outer=max(middle - up_to, 0.0), inner=min(middle + up_to, whole.length))
    wide = beside(longer)
    return slice(min(part.start, wide.start), max(part.stop, wide.stop))


@dataclass(frozen=True, eq=False)
class PreparedPane:
    """A pane through one history, for cracks anywhere in it.

    Attributes
    ----------
    name : str
    history : StressHistory
    material : Material
    outline : PaneOutline
    flat : (n_nodes, 3 r) float [Pa]
        In-plane part of the modes.
    coarse : (n_nodes, 3 r) float or None [Pa]
        The same, linear in every cell; None where a cell is not quadratic.
    warm : (n_nodes, m) float [K]
    kept, size : int, float
        Modes that leave out as much as the stress may be wrong by, and how much they leave out.
    """

    name: str
    history: StressHistory
    material: Material
    outline: PaneOutline
    flat: Array
    coarse: Array | None
    warm: Array
    kept: int
    size: float
    _last: list[_Sampled] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, viewport: Viewport, pane: str, history: StressHistory, heat: TemperatureHistory) -> PreparedPane:
        """From what `Solved` holds."""
        modes = history.modes[:, :, IN_PLANE]
        flat = np.ascontiguousarray(modes.transpose(1, 0, 2).reshape(history.mesh.n_nodes, -1))
        quadratic = all(block.element.quadratic for block in history.mesh.blocks)
        coarse = np.ascontiguousarray(straight(history.mesh) @ flat) if quadratic else None
        warm = np.ascontiguousarray(heat.temperature[:, viewport.mesh.region_nodes(pane)].T)
        kept, size = rank_of_error(history, history.error.total)
        outline = PaneOutline.of(history.mesh, pane)
        return cls(pane, history, viewport.materials[pane], outline, flat, coarse, warm, kept, size)

    def lay(self, crack: Crack) -> tuple[Seed, CrackLine]:
        """Seed and crack line; InputError if the crack does not fit or the quick tier does not know its kind."""
        place = getattr(crack, "place", None)
        if not crack.quick or place is None:
            raise CaseError(
                f"the quick tier has no answer for a crack of this kind ({crack.kind})",
                place=f"crack {crack.name}",
                remedy='tier = "full" in [growth]',
            )
        return lay_in(self.outline.shape(azimuth_of(place)), crack)

    def answer(self, crack: Crack, *, toughness: float = 1.0, up_to: float = 0.0) -> QuickAnswer:
        """The quick tier's answer for the crack as found.

        Parameters
        ----------
        toughness : float
            Factor on K_Ic of the pane's glass.
        up_to : float [m]
            Half length along the line to which it is sampled and kept: more cracks on the same line are to come.

        Raises
        ------
        InputError
            The crack does not fit.
        NotSolved
        """
        seed, whole = self.lay(crack)
        part = beside(whole)
        line = dataclasses.replace(whole, depth=whole.depth[part])
        modes, coarse, temperature = self._sampled(whole, part, up_to)
        amplitudes = self.history.amplitudes
        traction = amplitudes @ modes
        stress = line.acting(*traction)
        warm = np.ascontiguousarray(temperature.T).reshape(-1, *line.shape)
        middle = np.median(warm)
        nu = float(self.material.poisson(middle))
        result = assess(
            seed, pane=line.pane, time=self.history.time, stress=stress, temperature=warm,
            toughness=lambda t: toughness * self.material.toughness(t), nu=nu,
            young=float(self.material.youngs_modulus(middle)), line=line, follow=False,
        )  # fmt: skip
        errors = {
            "discretisation": result.numerical_error,
            **self._errors(seed, line, modes, coarse, result.seed_k, nu),
        }
        beyond = self.material.warnings(float(warm.min()), float(warm.max()), USED)
        told = (*result.warnings, *beyond, *left_out(crack), *sheared(traction[0], stress))
        return QuickAnswer(line, stress, result, told, errors, Given(seed, warm, nu))

    def _sampled(self, whole: CrackLine, part: slice, up_to: float) -> tuple[Array, Array | None, Array]:
        """On part of a line: modes across and along the crack (2, r, p), twice; temperature (p, m)."""
        last = self._last[0] if self._last else None
        if last is None or not last.holds(whole, part):
            last = self._sample(whole, _wider(whole, part, up_to))
            self._last[:] = [last]
        rows = last.rows(part, len(whole.zeta))
        coarse = None if last.coarse is None else np.ascontiguousarray(last.coarse[..., rows])
        return np.ascontiguousarray(last.modes[..., rows]), coarse, last.warm[rows]

    def _sample(self, whole: CrackLine, part: slice) -> _Sampled:
        line = dataclasses.replace(whole, depth=whole.depth[part])
        at = self.history.locator.interpolation(line.points())
        modes = self._modes(line, at @ self.flat)
        coarse = None if self.coarse is None else self._modes(line, at @ self.coarse)
        return _Sampled(whole, part, modes, coarse, at @ self.warm)

    def _modes(self, line: CrackLine, sampled: Array) -> Array:
        """Modes across the crack and along it (2, r, p) from in-plane parts (p, 3 r)."""
        parts = sampled.reshape(len(sampled), -1, 3)
        return np.ascontiguousarray((parts @ line.across_and_along.T).T)

    def _errors(
        self, seed: Seed, line: CrackLine, modes: Array, coarse: Array | None, k: Array, nu: float
    ) -> dict[str, float]:
        """As `k_error.stress_error` and `k_error.mesh_error`, both in one go."""
        peak = float(np.nanmax(k))
        if not peak > 0.0:
            return {"stress": 0.0, "mesh": 0.0}
        share = min(self.history.error.total / self.size, 1.0) if self.size > 0.0 else 0.0
        fewer = modes.copy()
        fewer[:, self.kept :] *= 1.0 - share
        chosen = telling(k)
        amplitudes = self.history.amplitudes[chosen]
        others = [line.acting(*(amplitudes @ each)) for each in (fewer, coarse) if each is not None]
        stress = np.concatenate(others)
        found = k_as_found(seed, line=line, stress=stress, nu=nu)
        gaps = [departure(each, k[chosen], peak) for each in np.split(found, len(others))]
        return {"stress": gaps[0], "mesh": next_order(gaps[1]) if coarse is not None else float("inf")}
