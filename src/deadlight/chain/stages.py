"""How the stages that take long are kept on disk and come back: the temperature history."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.heat.history import HeatBalance, TemperatureHistory
from deadlight.remark import pack, unpack
from deadlight.store.stage import StageStore

HEAT = "heat"
Array = np.ndarray[Any, np.dtype[np.float64]]


def pack_heat(store: StageStore, history: TemperatureHistory) -> None:
    """Keeps a temperature history with its balance."""
    b = history.balance
    arrays = {"time": history.time, "temperature": history.temperature, "breakpoints": history.breakpoints}
    arrays |= {"b_time": b.time, "b_content": b.content, "b_prescribed": b.prescribed, "b_gross": b.gross}
    arrays |= {f"load_{i}": values for i, values in enumerate(b.loads.values())}
    facts = {
        "loads": list(b.loads),
        "warnings": pack(history.warnings),
        "info": history.info,
        "unpaired": history.unpaired,
    }
    store.save(HEAT, arrays, facts)


def unpack_heat(
    arrays: dict[str, Array], facts: dict[str, Any], *, nodes: int, end: float | None = None
) -> TemperatureHistory:
    """A temperature history as it was kept.

    Parameters
    ----------
    nodes : int
        Of the mesh.
    end : float [s], optional
        Where the history must end.

    Raises
    ------
    ValueError, KeyError
        It is not the history of such a mesh and time.
    """
    time = arrays["time"]
    m, steps = len(time), len(arrays["b_content"])
    loads = {name: arrays[f"load_{i}"] for i, name in enumerate(facts["loads"])}
    shapes = {"time": (m,), "temperature": (m, nodes), "breakpoints": (len(arrays["breakpoints"]),)}
    shapes |= {"b_time": (steps + 1,), "b_content": (steps,), "b_prescribed": (steps,), "b_gross": (steps,)}
    shapes |= {f"load_{i}": (steps,) for i in range(len(loads))}
    for name, shape in shapes.items():
        found = arrays[name]
        if found.shape != shape or found.dtype != np.float64 or not np.isfinite(found).all():
            raise ValueError(f"{name} of shape {found.shape}, type {found.dtype}, expected {shape} finite numbers")
    whole = m > 0 and bool((np.diff(time) > 0.0).all())
    if not whole or (end is not None and not np.allclose((time[0], time[-1]), (0.0, end))):
        raise ValueError("time does not run from the first to the last instant")
    balance = HeatBalance(arrays["b_time"], arrays["b_content"], loads, arrays["b_prescribed"], arrays["b_gross"])
    return TemperatureHistory(
        arrays["time"],
        arrays["temperature"],
        balance,
        arrays["breakpoints"],
        unpack(facts["warnings"]),
        facts["info"],
        facts["unpaired"],
    )
