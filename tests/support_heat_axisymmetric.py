"""Finite-volume conduction about an axis around a penny that blocks heat: shares nothing with the surface method."""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu


def graded(start, stop, smallest, growth, largest):
    """Breaks from start to stop, smallest cell at start."""
    out, h = [start], smallest
    while abs(stop - out[-1]) > 1.5 * h:
        out.append(out[-1] + np.sign(stop - start) * h)
        h = min(h * growth, largest)
    return np.array(out + [stop])


def blocked_penny(
    radius, times, *, depth=None, conductivity=1.0, diffusivity=1.0, flux=1.0, film=0.0, gap=0.0, reach=12.0,
    fine=0.008, course=None,
):  # fmt: skip
    """Jump T(+) - T(-) over the radius at `times` of a penny at z = 0; `flux` (+z) was to flow from t = 0 on.

    depth: distance of a face above it with film coefficient `film` (None: no face); gap: coefficient of the crack;
    course: function of time that multiplies the flux (default 1).  The far sides keep their temperature.
    Returns centres of cells (n,) and jump (len(times), n).
    """
    a, h = radius, fine * radius
    inner = graded(a, 0.0, h, 1.15, 0.08 * a)[::-1]
    r = np.concatenate([inner[:-1], graded(a, reach * a, h, 1.15, 2.0 * a)])
    below = graded(0.0, -reach * a, h, 1.15, 2.0 * a)[::-1]
    above = graded(0.0, reach * a if depth is None else depth, h, 1.15, 2.0 * a if depth is None else 0.05 * depth)
    z = np.concatenate([below[:-1], above])
    nr, nz, rc, zc = len(r) - 1, len(z) - 1, 0.5 * (r[1:] + r[:-1]), 0.5 * (z[1:] + z[:-1])
    area = np.pi * (r[1:] ** 2 - r[:-1] ** 2)
    number = np.arange(nr * nz).reshape(nr, nz)
    cross = np.searchsorted(z, -1e-12 * a)  # the face index of z = 0
    on = rc < a
    vertical = conductivity * area[:, None] / np.diff(zc)[None, :]
    jump_face = vertical[:, cross - 1].copy()
    through = 1 / (1 / jump_face + 1 / (gap * area)) if gap else 0.0 * area
    vertical[on, cross - 1] = through[on] if gap else 0.0
    radial = 2 * np.pi * conductivity * r[1:-1, None] * np.diff(z)[None, :] / np.diff(rc)[:, None]
    left = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    right = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    g = np.concatenate([vertical.ravel(), radial.ravel()])
    n = nr * nz
    laplace = sp.coo_matrix(
        (np.r_[g, g, -g, -g], (np.r_[left, right, left, right], np.r_[left, right, right, left])), (n, n)
    ).tocsr()
    extra = np.zeros((nr, nz))
    extra[:, 0] += conductivity * area / (zc[0] - z[0])
    extra[-1] += conductivity * 2 * np.pi * r[-1] * np.diff(z) / (r[-1] - rc[-1])
    if depth is None:
        extra[:, -1] += conductivity * area / (z[-1] - zc[-1])
    elif film:
        extra[:, -1] += area / (1 / film + (z[-1] - zc[-1]) / conductivity)
    stiff = (laplace + sp.diags(extra.ravel())).tocsc()
    mass = (conductivity / diffusivity * area[:, None] * np.diff(z)[None, :]).ravel()
    source = np.zeros((nr, nz))
    # Total flux through the crack is gap * (T(-) - T(+)); the disturbance carries that less `flux`.
    share = np.where(on, 1.0 if not gap else through / (gap * area), 0.0) * area * flux
    source[:, cross - 1] += share
    source[:, cross] -= share
    temperature, found, now = np.zeros(n), [], 0.0
    level, lu, old = course or (lambda t: 1.0), None, 0.0
    for end in times:
        steps = 24
        dt = (end - now) / steps
        if lu is None or abs(dt - old) > 1e-9 * dt:
            lu, old = splu((sp.diags(mass / dt) + stiff * (1 - 0.5**0.5)).tocsc()), dt
        gamma = 1 - 0.5**0.5  # Alexander's two-stage, L-stable
        for _ in range(steps):
            k1 = lu.solve(source.ravel() * level(now + gamma * dt) - stiff @ temperature) / dt
            mid = temperature + (1 - gamma) * dt * k1
            k2 = lu.solve(source.ravel() * level(now + dt) - stiff @ mid) / dt
            temperature = temperature + dt * ((1 - gamma) * k1 + gamma * k2)
            now += dt
        t = temperature.reshape(nr, nz)
        # face values: cell values and the known flux through the face
        flow = level(now) * flux
        lower, upper = t[on, cross - 1], t[on, cross]
        if gap:
            q = (lower - upper) * through[on] / area[on] - share[on] / area[on] * level(now)
        else:
            q = -flow
        # disturbance flux q leaves the lower cell upwards: T_face = T_cell - q dz/2 / k
        low = lower - q * 0.5 * (z[cross] - z[cross - 1]) / conductivity
        high = upper + q * 0.5 * (z[cross + 1] - z[cross]) / conductivity
        found.append(high - low)
    return rc[on], np.array(found)
