"""A plane-stress finite-element model of a disc with a radial edge crack, made for checks alone.

It shares nothing with the integral equation it judges but the element shape functions.  Half a disc, symmetric about
the crack line.  The mesh is polar about the crack tip and carried onto the disc by a Moebius map, so that it is graded
to the tip and follows the rim for any crack depth; the elements at the tip are collapsed, with their mid-side nodes at
the quarter points.
"""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from deadlight.mesh.elements import ELEMENTS, quadrature

QUAD8 = ELEMENTS["quad8"]


def _graded(density, count):
    """Breaks from 0 to 1 with a given density of points, and the middles between them."""
    fine = np.unique(np.concatenate([np.geomspace(1e-7, 1, 6000), 1 - np.geomspace(1e-6, 1, 3000), [0.0]]))
    weight = density(fine)
    share = np.concatenate([[0], np.cumsum(0.5 * (weight[1:] + weight[:-1]) * np.diff(fine))])
    breaks = np.interp(np.linspace(0, 1, count + 1), share / share[-1], fine)
    out = np.empty(2 * count + 1)
    out[0::2], out[1::2] = breaks, 0.5 * (breaks[1:] + breaks[:-1])
    out[0], out[-1] = 0.0, 1.0
    return out


def mesh(depth, radius, *, rings=64, sectors=48):
    """Points (n, 2), cells (m, 8), crack face nodes and ligament nodes; the crack runs from x = radius inwards."""
    tip = 1.0 - depth / radius
    r = _graded(lambda u: 1 / (u + 2e-4) + 1 / (1 - u + 0.003) + 3, rings)
    r[1] = 0.25 * r[2]
    theta = np.pi * _graded(lambda u: 1 / (u + 0.006) + 1 / (1 - u + 0.006) + 2, sectors)
    rr, tt = np.meshgrid(r, theta, indexing="ij")
    w = rr * np.exp(1j * tt)
    z = (w + tip) / (1 + tip * w) * radius
    z.imag[:, [0, -1]] = 0.0
    number = np.arange(z.size).reshape(z.shape)
    number[0, :] = number[0, 0]
    i, j = np.arange(0, 2 * rings, 2)[:, None], np.arange(0, 2 * sectors, 2)[None, :]
    steps = [(0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1)]
    cells = np.stack([number[i + a, j + b] for a, b in steps], axis=-1).reshape(-1, 8)
    used, cells = np.unique(cells, return_inverse=True)
    new = np.full(z.size, -1)
    new[used] = np.arange(len(used))
    points = np.stack([z.real.ravel(), z.imag.ravel()], axis=1)[used]
    return points, cells.reshape(-1, 8), new[number[:, 0]], new[number[:, -1]]


def strain_energy(depth, radius, nu, stress):
    """E times the energy of half the disc per thickness, crack faces pulled by stress(x), ligament held."""
    points, cells, crack, ligament = mesh(depth, radius)
    xi, weight = quadrature("quad", 5)
    elastic = np.array([[1, nu, 0], [nu, 1, 0], [0, 0, (1 - nu) / 2]]) / (1 - nu**2)
    stiffness = np.zeros((len(cells), 16, 16))
    for d, w in zip(QUAD8.dshape(xi), weight):
        jacobian = np.einsum("cni,nj->cij", points[cells], d)
        gradient = np.einsum("nj,cji->cin", d, np.linalg.inv(jacobian))
        b = np.zeros((len(cells), 3, 16))
        b[:, 0, 0::2], b[:, 1, 1::2] = gradient[:, 0], gradient[:, 1]
        b[:, 2, 0::2], b[:, 2, 1::2] = gradient[:, 1], gradient[:, 0]
        stiffness += np.einsum("cij,ik,ckl,c->cjl", b, elastic, b, w * np.linalg.det(jacobian), optimize=True)
    dof = (2 * cells[:, :, None] + np.arange(2)).reshape(len(cells), 16)
    rows, columns = np.repeat(dof, 16, axis=1).ravel(), np.tile(dof, (1, 16)).ravel()
    matrix = sp.coo_matrix((stiffness.ravel(), (rows, columns))).tocsc()
    force = np.zeros(matrix.shape[0])
    s, ws = np.polynomial.legendre.leggauss(6)
    shape = np.stack([s * (s - 1) / 2, 1 - s * s, s * (s + 1) / 2])
    slope = np.stack([s - 0.5, -2 * s, s + 0.5])
    for k in range(0, len(crack) - 2, 2):
        x = points[crack[k : k + 3], 0]
        np.add.at(force, 2 * crack[k : k + 3] + 1, shape @ (stress(x @ shape) * np.abs(x @ slope) * ws))
    held = np.zeros(len(force), dtype=bool)
    held[2 * ligament + 1] = True
    held[2 * ligament[-1]] = True
    free = np.flatnonzero(~held)
    u = splu(matrix[free][:, free]).solve(force[free])
    return 0.5 * float(force[free] @ u)


def stress_intensity(depth, radius, nu, stress):
    """K of the edge crack by the energy released when it grows: K^2 = E dU/da, U twice that of the half."""
    step = 8e-3 * min(depth, 2 * radius - depth)
    more, less = (strain_energy(depth + d, radius, nu, stress) for d in (step, -step))
    return float(np.sqrt(2 * (more - less) / (2 * step)))
