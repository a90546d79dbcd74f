"""Materials: temperature tables with source and status, the library, the user's own, and coupon tests."""

from deadlight.material.constants import SlowGrowth, Strength, Tempering
from deadlight.material.library import material, names
from deadlight.material.material import Material
from deadlight.material.property import Property

__all__ = ["Material", "Property", "SlowGrowth", "Strength", "Tempering", "material", "names"]
