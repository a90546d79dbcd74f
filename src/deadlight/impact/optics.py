"""Depths read through glass: refraction at a flat face, straight on and obliquely."""

from __future__ import annotations

import math

from deadlight.errors import InputError


def _inside(index: float, tilt: float) -> float:
    """Cosine of the ray's angle in the glass (Snell)."""
    if not 1.0 <= index < 4.0:
        raise InputError(
            f"refractive index {index:g} is outside 1 .. 4", place="refraction", remedy="fused silica has 1.458"
        )
    if not 0.0 <= tilt < math.radians(80):
        raise InputError(
            f"line of sight {math.degrees(tilt):.3g} deg from the face's normal is outside 0 .. 80 deg",
            place="refraction",
            remedy="look at the face more squarely: nearer to grazing nothing can be measured",
        )
    return math.sqrt(1.0 - (math.sin(tilt) / index) ** 2)


def real_depth(travel: float, *, index: float, tilt: float = 0.0) -> tuple[float, float]:
    """Depth below a face from how far the focus was moved along the line of sight.

    A point at depth t under a flat face is seen at the distance s below the face, along the line of sight, with
    s = t / (n cos t') for rays across the plane of sight and s = t cos(tilt)^2 / (n cos(t')^3) for rays in it, where
    sin(tilt) = n sin(t') (Coddington's equations of a flat face; Born and Wolf 1999, sec. 4.6).  Looked at squarely
    both are t / n.  Rays of a small cone are meant: an objective of large aperture focuses a little deeper.

    Parameters
    ----------
    travel : float [m]
        From focus on the face to focus on the point.
    index : float
        Of refraction of the glass.
    tilt : float [rad]
        Between the line of sight, in front of the face, and its normal.

    Returns
    -------
    (low, high) : float [m]
        The two depths; they are the same for tilt = 0, else focus lies between them.
    """
    cosine = _inside(index, tilt)
    if not (math.isfinite(travel) and travel >= 0.0):
        raise InputError(f"travel {1e3 * travel:g} mm", place="focus", remedy="give a length from the face inwards")
    across = travel * index * cosine
    along = travel * index * cosine**3 / math.cos(tilt) ** 2
    return min(across, along), max(across, along)
