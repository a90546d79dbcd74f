"""Writes a cracked pane as an Abaqus / CalculiX deck, so that others can compute its K with their own tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.export import abaqus_text as text
from deadlight.export.cracked_mesh import CrackedMesh, cracked_mesh
from deadlight.export.extension import Extension, extension
from deadlight.export.front_k import FrontK, front_k
from deadlight.export.planar_crack import CrackPlane
from deadlight.export.read_out import keep, write_k
from deadlight.export.seats import Bed, Springs, springs
from deadlight.export.solid import Solid
from deadlight.export.solve import crack_forces, solve, three_points
from deadlight.export.thickness_table import Stress, tensor, write_table
from deadlight.export.traction import Traction
from deadlight.mesh.mesh import Mesh
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

MODULE = "deadlight.export.read_out"
OVERLAP = 0.01
"""Overlap of the faces over their largest opening from which it is said."""
RECIPE = f"""Files
  crack.inp              the deck: CalculiX (ccx 2.20 or later) and Abaqus read it
  crack.npz              the same mesh and the virtual extensions of the front, for reading K out
  k_own.csv              K along the front by deadlight's own finite elements on this very deck
  through_thickness.csv  stress normal to the crack through the thickness, at its middle and tips, uncracked pane

Recipe
  1.  ccx crack                                  a minute or so; writes crack.dat and crack.frd
  2.  python -m {MODULE} .      prints K along the front and writes k_results.csv
      Another code: put its displacements into a table node, ux, uy, uz [m] (results.csv) and add its name to line 2.

  Without deadlight: the node sets CRACK_PLUS and CRACK_MINUS are the two faces, FRONT_1 ... the fronts. At a distance r
  behind the front, at right angles to it, with the opening D = u(CRACK_PLUS) - u(CRACK_MINUS) along the normal,
      K_I = D E / (8 (1 - nu^2)) sqrt(2 pi / r)   for r to 0: fit sqrt(r) and r^1.5; nodes stand at r = h/4 and h.
  K_II the same with the part of D that points ahead of the front, K_III = D_along E / (8 (1 + nu)) sqrt(2 pi / r).
  Or a contour integral that takes the load of the faces into account. Compare a few per cent of the front away from its
  ends: where a front leaves the pane the field is not that of a plane crack.

  A solid model of your own: apply the pane's loads at the instant, or the table of stress to the crack's faces.
"""


@dataclass(frozen=True, eq=False)
class Deck:
    """What was written.

    Attributes
    ----------
    files : tuple of Path
    mesh : CrackedMesh
    own : tuple of FrontK
        K along every front by this project's own finite elements on the same mesh and load; empty if not asked for.
    remarks : tuple of Remark
        An alarm where the faces overlap: the K of the linear deck is then not that of the pane.
    """

    files: tuple[Path, ...]
    mesh: CrackedMesh
    own: tuple[FrontK, ...]
    remarks: tuple[Remark, ...] = ()


def write_deck(
    directory: str | Path,
    *,
    body: Mesh | Solid,
    crack: CrackPlane,
    stress: Stress,
    young: float,
    nu: float,
    seats: Sequence[Bed] = (),
    instant: str = "",
    expected: Mapping[str, object] | None = None,
    region: str | None = None,
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0),
    face_pressure: float = 0.0,
    front_size: float | None = None,
    coarse: float | None = None,
    seed: int = 0,
    check: bool = True,
) -> Deck:
    """Writes crack.inp with what is needed to read K out of it.

    The deck is the difference between the cracked and the uncracked pane: the crack's faces carry the stress of the
    uncracked pane (Bueckner 1958, Trans. ASME 80:1225), so that temperature and outer loads need not be repeated.

    Parameters
    ----------
    directory : path
        Made if it is not there; files of the same names are replaced.
    body : Mesh or Solid
        The uncracked pane: a finite-element mesh (its surface is used), or a surface.
    crack : CrackPlane
        Plane and outline; what leaves the body is cut off.
    stress : callable
        (x (p, 3) [m]) -> (p, 6) [Pa], components xx, yy, zz, yz, xz, xy of the uncracked pane at the instant.
    young, nu : float
        Young's modulus [Pa], Poisson's ratio.
    seats : sequence of Bed
        Elastic seats in contact at the instant; without any the body is held at three points, where the reaction is
        zero because the load of the two faces is in equilibrium.
    instant : str
        For the comments, for example "t = 412.5 s (worst of C1)".
    expected : mapping of str to object, optional
        What K to expect and how it was made: printed into deck and README line by line.
    region : str, optional
        Region of `body` that is the pane.
    axis : (3,) float
        Through the thickness, towards space.
    face_pressure : float [Pa]
        Gas pressure on the crack's faces, opens it.
    front_size, coarse, seed :
        See `cracked_mesh`.
    check : bool
        Also solve the deck with this project's own finite elements and write its K.

    Raises
    ------
    InputError
        The crack cannot be cut to the body, a seat touches nothing, or the stress is not finite.
    NotSolved
        No mesh follows the crack.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    solid = Solid.from_mesh(body, region) if isinstance(body, Mesh) else body
    mesh = cracked_mesh(solid, crack, front_size=front_size, coarse=coarse, seed=seed)
    traction = pull(stress, face_pressure)
    force = crack_forces(mesh, traction)
    if not np.isfinite(force).all():
        raise InputError("the stress on the crack is not finite", place="stress of the deck")
    work = _Work(mesh, force, springs(mesh, seats, young=young) if seats else None, young, nu)
    extensions = [extension(mesh, front, traction) for front in mesh.fronts]
    own, remarks = _own(work, extensions) if check else ([], ())
    story = _story(work, instant, expected or {}, own, seats) + [f"  ! {remark}" for remark in remarks]
    files = [folder / name for name in ("crack.inp", "README.txt")]
    files[0].write_text(_deck(work, story), encoding="ascii", errors="replace")
    files[1].write_text(_readme(story), encoding="utf-8")
    files.append(keep(folder / "crack.npz", mesh, extensions, young=young, nu=nu))
    files.append(
        write_table(folder / "through_thickness.csv", solid=solid, crack=mesh.crack, stress=stress,
                    axis=np.asarray(axis, dtype=float), instant=instant)
    )  # fmt: skip
    if own:
        files.append(write_k(folder / "k_own.csv", own, "deadlight's own finite elements on this mesh"))
    return Deck(tuple(files), mesh, tuple(own), remarks)


@dataclass(frozen=True, eq=False)
class _Work:
    mesh: CrackedMesh
    force: Array
    held: Springs | None
    young: float
    nu: float


def _own(work: _Work, extensions: list[Extension]) -> tuple[list[FrontK], tuple[Remark, ...]]:
    """K by our own finite elements, and whether the faces overlap."""
    stiffness = None if work.held is None else work.held.matrix(len(work.mesh.points))
    u = solve(work.mesh, work.force, young=work.young, nu=work.nu, springs=stiffness)
    own = front_k(work.mesh, u, young=work.young, nu=work.nu, extensions=extensions)
    return own, _overlap(work.mesh, u)


def pull(stress: Stress, face_pressure: float = 0.0) -> Traction:
    """(x, n) -> sigma.n + p n [Pa], the load of `solve.crack_forces`."""

    def traction(x: Array, n: Array) -> Array:
        return np.asarray(np.einsum("pij,pj->pi", tensor(np.asarray(stress(x), dtype=float)), n) + face_pressure * n)

    return traction


def _overlap(mesh: CrackedMesh, u: Array) -> tuple[Remark, ...]:
    opening = (u[mesh.pairs[:, 0]] - u[mesh.pairs[:, 1]]) @ mesh.crack.plane.normal
    worst, widest = float(opening.min()), float(np.abs(opening).max())
    if worst >= -OVERLAP * widest:
        return ()
    share = 100.0 * float(np.mean(opening < -OVERLAP * widest))
    return (
        Remark(
            f"the faces of the crack overlap by up to {-worst:.3g} m at {share:.0f} % of their nodes (they open by up "
            f"to {float(opening.max()):.3g} m): without contact the deck's K is not that of the pane",
            alarm=True,
        ),
    )


def _story(
    work: _Work, instant: str, expected: Mapping[str, object], own: Sequence[FrontK], seats: Sequence[Bed]
) -> list[str]:
    mesh, held = work.mesh, work.held
    plane = mesh.crack.plane
    rings = ", ".join(f"{1e3 * f.size:.3g} mm" for f in mesh.fronts)
    lines = [
        "Cracked pane, written by deadlight. SI: m, N, Pa.",
        f"Instant: {instant or 'not stated'}",
        "",
        "Load: the stress of the uncracked pane at that instant, as consistent nodal forces on both faces of the crack",
        "(superposition). Displacements and stresses are the change that the crack makes, not those of the pane in",
        "flight; K is the whole K. Where the faces would overlap, the linear deck lets them.",
        f"Material: E = {work.young:.6g} Pa, nu = {work.nu:.6g}.",
        f"Crack: plane through ({_xyz(plane.origin)}) m, normal ({_xyz(plane.normal)}), "
        f"area {mesh.crack.region.area:.6g} m2.",
        f"Mesh: {len(mesh.points)} nodes, {len(mesh.cells)} ten-node tetrahedra; middle nodes of sides that end on the",
        f"front stand at a quarter of the way; first ring {rings} from the front; smallest angle between",
        f"faces {mesh.quality['angle']:.2g} degrees; volume off by {mesh.quality['volume']:.1e}.",
    ]
    if held is None:
        lines.append("Held: six displacements at three nodes; their reactions are zero, as the load is in equilibrium.")
    for bed, area in zip(seats, held.area if held else ()):
        lines.append(
            f"Seat {bed.name}: springs {bed.stiffness:.6g} Pa/m normal, {bed.shear:.6g} Pa/m along the face, "
            f"{area:.6g} m2, pressing and pulling alike."
        )
    lines += ["", "What K to expect:"] + [f"  {key}: {value}" for key, value in expected.items()]
    if not expected:
        lines.append("  not stated")
    for number, k in enumerate(own, 1):
        worst = int(np.argmax(k.k1))
        lines.append(
            f"  front {number}, this deck by deadlight's own finite elements: K_I = {k.k1[worst]:.6g} Pa sqrt(m) at "
            f"({_xyz(k.x[worst])}) m, {k.k1.min():.6g} to {k.k1.max():.6g} along the front (k_own.csv)"
        )
    return lines


def _deck(work: _Work, story: list[str]) -> str:
    mesh, force, held = work.mesh, work.force, work.held
    parts = [
        text.heading([*story, "", f"How to read K: python -m {MODULE} DIR, or README.txt"]),
        text.nodes(mesh.points),
        text.elements(mesh.mesh.blocks, set_name="PANE"),
        text.node_set("CRACK_PLUS", np.unique(mesh.plus)),
        text.node_set("CRACK_MINUS", np.unique(mesh.minus)),
        text.element_set("AT_CRACK_PLUS", _owners(mesh.cells, mesh.plus)),
        text.element_set("AT_CRACK_MINUS", _owners(mesh.cells, mesh.minus)),
    ]
    for number, front in enumerate(mesh.fronts, 1):
        parts.append(text.node_set(f"FRONT_{number}", front.nodes))
    parts.append(text.solid(young=work.young, nu=work.nu, set_name="PANE"))
    if held is None:
        parts.append(text.held(three_points(mesh.points)))
    else:
        parts.append(text.seat_springs(mesh.points, held, first_node=len(mesh.points), first_element=len(mesh.cells)))
    parts.append(text.static_step(text.forces(force, least=1e-15 * float(np.abs(force).max()))))
    return "".join(parts)


def _owners(cells: Index, faces: Index) -> Index:
    """Cells that have one of the faces, by its three middle nodes."""
    middle = np.zeros(int(cells.max()) + 1, dtype=bool)
    middle[faces[:, 3:]] = True
    return np.flatnonzero(middle[cells].sum(axis=1) >= 3)


def _readme(story: list[str]) -> str:
    return "\n".join([*story, "", RECIPE])


def _xyz(x: Array) -> str:
    return ", ".join(f"{v:.6g}" for v in np.asarray(x).tolist())
