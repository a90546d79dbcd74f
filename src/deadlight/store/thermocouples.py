"""`thermocouples.parquet`: what the thermocouples of a test article read; time and one column each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.store.history import write_columns

Array = np.ndarray[Any, Any]


def write_thermocouples(path: str | Path, time: Array, readings: Mapping[str, Array]) -> Path:
    """Writes readings whole or not at all.

    Parameters
    ----------
    time : (m,) float [s]
    readings : dict of name -> (m,) float [K]

    Raises
    ------
    InputError
        A thermocouple named time_s, or lengths that differ.
    """
    columns = {"time_s": time, **readings}
    return write_columns(path, columns, {**dict.fromkeys(readings, "K"), "time_s": "s"})
