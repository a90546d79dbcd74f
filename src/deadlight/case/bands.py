"""What else may be true: the band of a value that is not known, and other returns or fixes of the same window."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from deadlight.case.fields import Form, Name, Status

Key = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+$")]


class Band(Form):
    """Ends between which a value of the case may lie; the verdict is asked again at both.

    `key` is the dotted key of the case: "supports.thermal.gasket_conductance", or a factor on a table of a material:
    "materials.fused_silica.scale.emissivity".
    """

    key: Key
    low: str
    high: str
    status: Status = "assumption"
    source: str = ""


class Variant(Form):
    """The same window with some keys changed: another return it may have to fly, or a fix that is thought of.

    A `trajectory` counts: the verdict is never better than that of the worst of them.  A `what_if` is shown beside.
    """

    name: Name
    kind: Literal["trajectory", "what_if"] = "what_if"
    set: Annotated[dict[str, Any], Field(min_length=1)]
    note: str = ""
