"""What the tests of surface meshes share: volume, closedness and lips of a mesh, a window's body."""

from __future__ import annotations

import functools

import numpy as np

from deadlight.mesh.drawings import DRAWINGS
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.window import make_window
from deadlight.surface.body import Body
from deadlight.surface.from_mesh import body_from_mesh

# three-point rule, exact for the quadratic integrands of flat elements
_POINTS = np.array([(1 / 6, 1 / 6), (2 / 3, 1 / 6), (1 / 6, 2 / 3)])


def t6_volume(points, cells) -> float:
    """Volume inside closed six-node triangles, by the divergence theorem."""
    x = points[cells[:, :6]]
    total = 0.0
    for s, t in _POINTS:
        r = 1 - s - t
        n = np.array([r * (2 * r - 1), s * (2 * s - 1), t * (2 * t - 1), 4 * r * s, 4 * s * t, 4 * t * r])
        ns = np.array([1 - 4 * r, 4 * s - 1, 0, 4 * (r - s), 4 * t, -4 * t])
        nt = np.array([1 - 4 * r, 0, 4 * t - 1, -4 * s, 4 * s, 4 * (r - t)])
        place, a, b = (np.einsum("n,enk->ek", f, x) for f in (n, ns, nt))
        total += (place * np.cross(a, b)).sum() / 18
    return total


def side_counts(cells) -> np.ndarray:
    """How many triangles each side belongs to."""
    tri = cells[:, :3]
    sides = np.sort(np.stack([tri, np.roll(tri, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    return np.unique(sides, axis=0, return_counts=True)[1]


def check_meshed(found) -> None:
    """Whether a surface mesh of cracks is sound: ties, lips, places, sides."""
    mesh = found.mesh
    x, skin = mesh.points, mesh.cells[~mesh.on_crack]
    slave, master, value = mesh.ties
    assert sorted(np.unique(mesh.cells[mesh.cells >= 0]).tolist()) == list(range(len(x)))
    assert np.abs(x[slave] - x[master]).max(initial=0) < 1e-12
    np.testing.assert_array_equal(mesh.place[slave], mesh.place[master])
    half = len(slave) // 2
    assert (value[:half] == -1).all() and (value[half:] == 1).all()
    assert len(np.unique(slave)) == half
    fronts = np.concatenate([f.nodes for f in mesh.fronts])
    mouths = mouth_nodes(found)
    assert set(mouths.tolist()) - set(fronts.tolist()) == set(slave.tolist())
    assert np.isin(fronts, mesh.fixed).all()
    _check_lips(mesh, skin, slave[:half], master[:half], master[half:])
    first = np.unique(mesh.place, return_index=True)[1]
    assert np.abs(x - x[first][np.searchsorted(mesh.place[first], mesh.place)]).max() < 1e-12
    if "whole" in found.choice:
        sides = sum(len(m.nodes) // 2 for c in found.crack_meshes for m in c.mouths)
        counts = side_counts(skin)
        assert (counts == 1).sum() == 2 * sides and counts.max() == 2
        if found.back is not None:
            old = found.back
            assert np.array_equal(old.points[old.cells[found.origin]], x[mesh.cells[found.far, :6]])


def mouth_nodes(found) -> np.ndarray:
    """Crack nodes on mouths, in the mesh's numbers."""
    start = np.cumsum([0, *(len(c.points) for c in found.crack_meshes)])
    parts = [m.nodes + s for c, s in zip(found.crack_meshes, start) for m in c.mouths]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _check_lips(mesh, skin, slave, plus, minus) -> None:
    """The plus lip lies on the side of the crack's normal."""
    x, crack = mesh.points, mesh.cells[mesh.on_crack]
    for s, p, m in zip(slave, plus, minus):
        e = crack[(crack == s).any(axis=1)][0]
        n = np.cross(x[e[1]] - x[e[0]], x[e[2]] - x[e[0]])
        up, down = (x[skin[(skin == k).any(axis=1), :3]].mean(axis=(0, 1)) for k in (p, m))
        assert (up - down) @ n > 0


@functools.cache
def window_body(name: str) -> tuple[Body, Mesh, str]:
    """Body of the outermost pane of a shipped window, its mesh and region."""
    drawing = DRAWINGS[name]()
    mesh, region = make_window(drawing), drawing.panes[0].name
    return body_from_mesh(mesh, region), mesh, region


def top(mesh: Mesh, region: str) -> float:
    """Height of a pane's outer face."""
    return float(mesh.points[mesh.region_nodes(region), 2].max())
