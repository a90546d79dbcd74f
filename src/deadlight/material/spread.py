"""How far a value from memory or assumption may be off where its table does not say: factors on the whole table."""

from __future__ import annotations

from deadlight.material.material import Material

SPREAD = {
    "toughness": (0.93, 1.07),  # fused silica 0.72 to 0.80 MPa m^0.5 in the literature; one glass, other methods
    "youngs_modulus": (0.97, 1.03),
    "mean_expansion": (0.90, 1.10),  # data sheets of fused silica: 0.51e-6 +- 0.05e-6 between 273 and 373 K
    "conductivity": (0.85, 1.15),  # laser flash and guarded plate of one silica differ that much above 700 K
    "specific_heat": (0.95, 1.05),
    "emissivity": (0.85, 1.15),  # 0.73 to 0.95 at room temperature: thickness, roughness, soot
}
"""Assumptions of this program (status A), of the size by which sources differ."""


def spread(material: Material, name: str) -> tuple[float, float, str] | None:
    """Factors on a table of a material, low and high, and where they come from; None where nothing is known.

    The table's own band counts first; it is a band of its first value.
    """
    table = material.properties.get(name)
    if table is None or table.status not in "MA":
        return None
    if table.band is not None:
        low, high = (end / float(table.value[0]) for end in table.band)
        return low, high, f"band of {table.source}"
    if name not in SPREAD:
        return None
    low, high = SPREAD[name]
    if name == "emissivity":
        high = min(high, 1.0 / float(table.value.max()))
    return low, high, "spread between sources, assumed"
