"""A penny that blocks heat under a free face: axisymmetric finite elements, for checks alone.

Eight-node elements on a graded tensor grid; shares nothing with the surface method but the element shape functions.
"""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from deadlight.mesh.elements import ELEMENTS, quadrature
from support_heat_axisymmetric import graded

QUAD8 = ELEMENTS["quad8"]


def _grid(radius, depth, reach, fine):
    a, h = radius, fine * radius
    inner = graded(a, 0.0, h, 1.3, 0.15 * a)[::-1]
    r = np.concatenate([inner[:-1], graded(a, reach * a, h, 1.3, 3.0 * a)])
    z = np.concatenate([graded(0.0, -reach * a, h, 1.3, 3.0 * a)[::-1][:-1], graded(0.0, depth, h, 1.3, 0.12 * depth)])
    return tuple(np.sort(np.concatenate([x, 0.5 * (x[1:] + x[:-1])])) for x in (r, z))


def _mesh(radius, depth, reach, fine):
    """Points (n, 2), cells (m, 8), nodes of the lower and the upper face of the crack along the radius."""
    r, z = _grid(radius, depth, reach, fine)
    number = np.arange(len(r) * len(z)).reshape(len(r), len(z))
    points = np.stack(np.meshgrid(r, z, indexing="ij"), axis=-1).reshape(-1, 2)
    row = int(np.argmin(np.abs(z)))
    on = np.flatnonzero(r < radius * (1 - 1e-9))
    upper = len(points) + np.arange(len(on))
    points = np.concatenate([points, points[number[on, row]]])
    above = number.copy()
    above[on, row] = upper
    i, j = (a.ravel() for a in np.meshgrid(np.arange(0, len(r) - 1, 2), np.arange(0, len(z) - 1, 2), indexing="ij"))
    steps = [(0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1)]
    cells = np.stack([np.where(j >= row, above[i + a, j + b], number[i + a, j + b]) for a, b in steps], axis=-1)
    used, flat = np.unique(cells, return_inverse=True)
    new = np.full(len(points), -1)
    new[used] = np.arange(len(used))
    return points[used], flat.reshape(-1, 8), new[number[on, row]], new[upper], new[number[: on[-1] + 2, row]]


def blocked_spall(
    radius, depth, times, *, conductivity, diffusivity, young, nu, alpha, flux=1.0, film=0.0, reach=12.0, fine=0.02
):  # fmt: skip
    """Penny at z = 0 under a free face at z = depth; `flux` (+z) was to flow from t = 0 on; times None: steady.

    The far sides keep their temperature and place.  Returns radii (n,), jump of temperature (m, n) and of displacement
    (m, n, 2) along r and z, + (upper) less - face.
    """
    points, cells, lower, upper, line = _mesh(radius, depth, reach, fine)
    n = len(points)
    xi, weight = quadrature("quad", 5)
    conduct, store = np.zeros((len(cells), 8, 8)), np.zeros((len(cells), 8, 8))
    stiff, expand = np.zeros((len(cells), 16, 16)), np.zeros((len(cells), 16, 8))
    lam, mu = young * nu / ((1 + nu) * (1 - 2 * nu)), young / (2 * (1 + nu))
    elastic = lam * np.ones((4, 4))
    elastic[3, :], elastic[:, 3] = 0.0, 0.0
    elastic += np.diag([2 * mu, 2 * mu, 2 * mu, mu])
    for value, d, w in zip(QUAD8.shape(xi), QUAD8.dshape(xi), weight):
        x = points[cells]
        jacobian = np.einsum("cni,nj->cij", x, d)
        gradient = np.einsum("nj,cji->cin", d, np.linalg.inv(jacobian))
        radius_ = x[:, :, 0] @ value
        volume = 2 * np.pi * radius_ * w * np.linalg.det(jacobian)
        conduct += conductivity * np.einsum("cin,cim,c->cnm", gradient, gradient, volume)
        store += conductivity / diffusivity * np.einsum("n,m,c->cnm", value, value, volume)
        b = np.zeros((len(cells), 4, 16))  # rr, zz, tt, rz
        b[:, 0, 0::2], b[:, 1, 1::2], b[:, 2, 0::2] = gradient[:, 0], gradient[:, 1], value / radius_[:, None]
        b[:, 3, 0::2], b[:, 3, 1::2] = gradient[:, 1], gradient[:, 0]
        stiff += np.einsum("cij,ik,ckl,c->cjl", b, elastic, b, volume, optimize=True)
        push = elastic[:, :3] @ (alpha * np.ones(3))
        expand += np.einsum("cij,i,m,c->cjm", b, push, value, volume, optimize=True)
    dof = (2 * cells[:, :, None] + np.arange(2)).reshape(len(cells), 16)
    k, m = (_assembled(a, cells, cells, (n, n)) for a in (conduct, store))
    s, e = _assembled(stiff, dof, dof, (2 * n, 2 * n)), _assembled(expand, dof, cells, (2 * n, n))
    if film:
        k = k + film * _ring_mass(points, np.flatnonzero(points[:, 1] > depth * (1 - 1e-9)), n)
    weights = _ring_mass(points, line, n) @ np.ones(n)
    source = np.zeros(n)
    source[lower], source[upper] = flux * weights[lower], -flux * weights[lower]
    far = (points[:, 0] > reach * radius * (1 - 1e-9)) | (points[:, 1] < -reach * radius * (1 - 1e-9))
    warm = np.flatnonzero(~far)
    held = np.zeros(2 * n, dtype=bool)
    held[2 * np.flatnonzero(far)] = held[2 * np.flatnonzero(far) + 1] = True
    held[2 * np.flatnonzero(points[:, 0] < 1e-9 * radius)] = True
    loose = np.flatnonzero(~held)
    solver = splu(s[loose][:, loose].tocsc())
    jumps, openings = [], []
    for temperature in _history(k[warm][:, warm], m[warm][:, warm], source[warm], times):
        full, u = np.zeros(n), np.zeros(2 * n)
        full[warm] = temperature
        u[loose] = solver.solve((e @ full)[loose])
        jumps.append(full[upper] - full[lower])
        openings.append(u.reshape(-1, 2)[upper] - u.reshape(-1, 2)[lower])
    return points[lower, 0], np.array(jumps), np.array(openings)


def _assembled(blocks, rows, columns, shape):
    r, c = np.repeat(rows, columns.shape[1], axis=1).ravel(), np.tile(columns, (1, rows.shape[1])).ravel()
    return sp.coo_matrix((blocks.ravel(), (r, c)), shape).tocsr()


def _ring_mass(points, nodes, n):
    """int N N 2 pi r dr along nodes in a row of quadratic edges."""
    nodes = nodes[np.argsort(points[nodes, 0])]
    s, w = np.polynomial.legendre.leggauss(4)
    shape = np.stack([s * (s - 1) / 2, 1 - s * s, s * (s + 1) / 2])
    out = sp.lil_matrix((n, n))
    for i in range(0, len(nodes) - 2, 2):
        at = nodes[i : i + 3]
        r = points[at, 0]
        block = np.einsum("aq,bq,q->ab", shape, shape, w * 2 * np.pi * (r @ shape) * 0.5 * (r[2] - r[0]))
        for a in range(3):
            for b in range(3):
                out[at[a], at[b]] += block[a, b]
    return out.tocsr()


def _history(k, m, source, times):
    if times is None:
        yield splu(k.tocsc()).solve(source)
        return
    gamma, now, t = 1 - 0.5**0.5, 0.0, np.zeros(len(source))
    for end in times:
        dt = (end - now) / 24
        lu = splu((m / dt + gamma * k).tocsc())
        for _ in range(24):  # Alexander's two-stage scheme
            k1 = lu.solve(source - k @ t) / dt
            k2 = lu.solve(source - k @ (t + (1 - gamma) * dt * k1)) / dt
            t = t + dt * ((1 - gamma) * k1 + gamma * k2)
        now = end
        yield t
