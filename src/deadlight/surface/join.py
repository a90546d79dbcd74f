"""Cracks and the skin of their body as one surface mesh for the crack operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.remark import Remark, unique
from deadlight.surface.apart import check_apart
from deadlight.surface.assemble import Stack, assembled, stacked
from deadlight.surface.bevels import without_bevels
from deadlight.surface.body import Body
from deadlight.surface.clearance import check_clearance, check_mouths
from deadlight.surface.clip import clip
from deadlight.surface.crack_mesh import CrackDomain, CrackMesh, extent_of, mesh_crack, usual_size
from deadlight.surface.crack_near import Near, at_pits, nearness
from deadlight.surface.extent import Choice, choose
from deadlight.surface.grading import GROWTH
from deadlight.surface.lens import localised, plain_slits
from deadlight.surface.mesh import SurfaceMesh
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_hole import slit_skin
from deadlight.surface.skin_mesh import Skin, shared_background
from deadlight.surface.skin_patch import patch
from deadlight.surface.slit import SlitSkin

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

NEAR = 3.0  # usual element sizes: skin within this distance is near
SHARE = 1.5  # size of the skin there, as a share of its distance from the crack


@dataclass(frozen=True, eq=False)
class MeshedCracks:
    """Cracks in a body, meshed.

    Attributes
    ----------
    mesh : SurfaceMesh
    body : Body or None
        Whose faces the mesh names: the given one without small bevels that are far from the cracks.
    domains : tuple of CrackDomain
    crack_meshes : tuple of CrackMesh
        One a domain; crack k of the mesh is domain k.
    choice : str
        How much of the skin is meshed, and why.
    far, origin : (k,) int64
        Elements of the mesh that are the background's, bit by bit, and their numbers there.
    back : Skin or None
        The background, where the whole skin is meshed.
    sheet : tuple of int
        For every domain the sheet it comes from.
    remarks : tuple of Remark
    """

    mesh: SurfaceMesh
    body: Body | None
    domains: tuple[CrackDomain, ...]
    crack_meshes: tuple[CrackMesh, ...]
    choice: str
    far: Index
    origin: Index
    back: Skin | None
    sheet: tuple[int, ...]
    remarks: tuple[Remark, ...] = ()


def surface_mesh(
    body: Body | None,
    sheets: Sequence[Sheet],
    *,
    refine: float = 1.0,
    growth: float = GROWTH,
    back: Skin | None = None,
    extent: str = "auto",
    far_size: float | None = None,
    skin: Sequence[list[Line] | None] | None = None,
    **crack_options: Any,
) -> MeshedCracks:
    """Mesh cracks and as much of the skin as they need.

    Parameters
    ----------
    body : Body or None
        None: a solid without end, no skin.
    sheets : sequence of Sheet
        One a crack; a sheet of which several parts lie in the body makes several cracks.
    refine : float
        Divides the element size of the cracks and of the skin, unless `back` is given.
    growth : float
        Of the skin's element size with distance from the cracks.
    back : Skin, optional
        Background of the body without its small bevels, `background(without_bevels(body).plain)`, to share it
        between calls; made if it is needed and not given, and kept with the body.
    extent : "auto", "patch" or "whole"
        Patch of skin round the mouth, or whole skin; "auto" by the rule in `extent.choose`.
    far_size : float, optional
        Element size of the background [m].
    skin : sequence of (list of Line or None), optional
        For every sheet `section(body, sheet)`, or that of more of the same surface, where it is at hand.
    **crack_options
        For `mesh_crack`.

    Raises
    ------
    InputError
        A crack does not fit the body, or cracks cross.
    NotSolved
        No mesh was found.
    """
    if not sheets:
        raise InputError("no crack is given", place="surface mesh", remedy="give at least one sheet")
    clipped = [clip(s, body, lines) for s, lines in zip(sheets, skin or [None] * len(sheets), strict=True)]
    domains = tuple(d for c in clipped for d in c.domains)
    owner = tuple(i for i, c in enumerate(clipped) for _ in c.domains)
    near = nearness(body, domains, [NEAR * usual_size(*extent_of(d)) for d in domains])
    meshes = tuple(
        mesh_crack(d, refine=refine, near=n, fine=at_pits(body, d), place=sheets[i].name, **crack_options)
        for d, n, i in zip(domains, near, owner)
    )
    remarks = unique(r for c in clipped for r in c.remarks)
    if body is not None:
        check_mouths(body, meshes, [sheets[i].name for i in owner])
        check_clearance(body, meshes, [sheets[i].name for i in owner])
    choice = choose(body, meshes, extent)
    cracks = stacked(meshes)
    flags = close_corners(meshes, near, cracks)
    cracks = replace(cracks, grading=replace(cracks.grading, growth=growth, near=flags, share=SHARE / refine))
    check_apart(cracks, [sheets[i].name for i in owner])
    around = _skinned(body, choice, cracks, back, far_size, refine)
    mesh = assembled(cracks, around.slit, None if around.body is None else around.body.loaded)
    far = around.kept + cracks.count
    return MeshedCracks(
        mesh, around.body, domains, meshes, choice.text, far, around.origin, around.back, owner, remarks
    )


def close_corners(meshes: Sequence[CrackMesh], near: Sequence[Near], cracks: Stack) -> Flags:
    """Which points of the grading are close to skin that the crack does not reach there, or to another crack."""
    close = []
    for mesh, samples in zip(meshes, near):
        mine = np.isfinite(samples(mesh.uv))
        for mouth in mesh.mouths:
            mine[mouth.nodes] = False
        close.append(mine)
    return np.asarray(np.concatenate(close)[cracks.corners])


@dataclass(frozen=True, eq=False)
class _Skinned:
    slit: SlitSkin | None
    body: Body | None
    back: Skin | None

    @property
    def kept(self) -> Index:
        return np.zeros(0, dtype=np.int64) if self.slit is None else self.slit.kept

    @property
    def origin(self) -> Index:
        return np.zeros(0, dtype=np.int64) if self.slit is None else self.slit.origin


def _skinned(
    body: Body | None, choice: Choice, cracks: Stack, back: Skin | None, far_size: float | None, refine: float
) -> _Skinned:
    """As much skin as was chosen, with the body whose faces it names."""
    if body is None or choice.kind == "none":
        return _Skinned(None, body, None)
    if choice.kind == "patch":
        return _Skinned(patch(body, choice, cracks.slits, cracks.points, cracks.grading), body, None)
    both = without_bevels(body)
    back = back if back is not None else shared_background(both.plain, far_size, refine)
    size = replace(cracks.grading, far=largest(back)).with_walls(body, back.refine)
    local = localised(both, back, cracks.slits, cracks.points)
    if local is None:
        slits = plain_slits(both, cracks.slits)
        return _Skinned(slit_skin(both.plain, back, slits, cracks.points, size), both.plain, back)
    skin = slit_skin(local.body, back, local.slits, cracks.points, size, local.start)
    return _Skinned(skin, local.body, back)


def largest(skin: Skin) -> float:
    """Longest side of a skin [m]."""
    x = skin.points[skin.cells[:, :3]]
    return float(np.linalg.norm(x - np.roll(x, -1, axis=1), axis=2).max())
