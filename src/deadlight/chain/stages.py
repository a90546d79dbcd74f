"""How the stages that take long are kept on disk and come back: the temperature history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deadlight.heat.history import HeatBalance, TemperatureHistory
from deadlight.remark import pack, unpack
from deadlight.store.stage import save_stage

Array = np.ndarray[Any, np.dtype[np.float64]]


def pack_heat(path: Path, history: TemperatureHistory) -> None:
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
    save_stage(path, arrays, facts=facts)


def unpack_heat(arrays: dict[str, Array], facts: dict[str, Any]) -> TemperatureHistory:
    """A temperature history as it was kept."""
    loads = {name: arrays[f"load_{i}"] for i, name in enumerate(facts["loads"])}
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
