"""How much memory a factorisation may take."""

from __future__ import annotations

import os
import re
from pathlib import Path

from deadlight.errors import InputError

# Left to the rest of the program and to the estimate's own error.
_SHARE = 0.8
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def limit() -> float:
    """Memory a factorisation may take [byte]: `DEADLIGHT_MEMORY` ("3 GB"), else 80 % of what is free now.

    Raises
    ------
    InputError
        `DEADLIGHT_MEMORY` is not a size.
    """
    text = os.environ.get("DEADLIGHT_MEMORY", "")
    if text:
        found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)i?B?\s*", text, flags=re.IGNORECASE)
        if not found:
            raise InputError(f'DEADLIGHT_MEMORY="{text}"', place="environment", remedy='a size such as "3 GB"')
        return float(found[1]) * _UNITS[found[2].upper()]
    return _SHARE * available()


def available() -> float:
    """Free memory of the machine, or of the control group this process runs in [byte]; infinite if unknown."""
    free = float("inf")
    try:
        table = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        free = 1024.0 * int(table["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):  # not Linux: the allocation itself will tell
        pass
    try:
        group = Path("/sys/fs/cgroup")
        allowed = (group / "memory.max").read_text().strip()
        if allowed != "max":
            free = min(free, float(allowed) - float((group / "memory.current").read_text()))
    except (OSError, ValueError):  # no control group
        pass
    return free
