"""Materials: temperature tables with source and status, the library, and the user's own.

Coupon tests live in `coupon`, `weibull` and `fatigue` (not imported here: they need scipy.stats).
"""

from deadlight.material.constants import SlowGrowth, Strength, Tempering
from deadlight.material.custom import material_from_table
from deadlight.material.library import material, names
from deadlight.material.material import Material
from deadlight.material.property import Property

__all__ = ["Material", "Property", "SlowGrowth", "Strength", "Tempering", "material", "material_from_table", "names"]
