"""The form of the stress a pane carries before any load."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import model_validator

from deadlight.case.fields import FileName, Form, LengthUnit, Strength


class InitialStress(Form):
    """Stress the pane carries before any load.

    A `field` is a table with the columns "x [mm]", "y [mm]", "z [mm]", "stress_xx [MPa]" ..., or a VTU with point data
    "stress_xx [MPa]" ... and the `unit` of its coordinates; axes and origin are those of the mesh.
    """

    kind: Literal["none", "temper_profile", "field"] = "none"
    surface_compression: Strength | None = None
    file: FileName | None = None
    unit: LengthUnit | None = None

    @model_validator(mode="after")
    def _complete(self) -> InitialStress:
        if (self.kind == "temper_profile") != (self.surface_compression is not None):
            raise ValueError(
                'temper_profile needs surface_compression, for example "69 MPa", and only temper_profile takes it'
            )
        if (self.kind == "field") != (self.file is not None):
            raise ValueError('field needs file, for example "stress.csv", and only field takes it')
        form = Path(self.file).suffix.lower() if self.file else ""
        if self.file and form not in (".csv", ".txt", ".tsv", ".vtu"):
            raise ValueError(f'found file = "{self.file}", expected a table (.csv, .txt, .tsv) or a .vtu')
        if (form == ".vtu") != (self.unit is not None):
            raise ValueError(
                'a VTU does not state the unit of its coordinates: unit = "mm"; a table does, in its header, '
                "and takes no unit here"
            )
        return self
