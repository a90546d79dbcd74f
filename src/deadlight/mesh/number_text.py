"""Text of white-space-separated numbers as an array of a stated type: every word a number that the type holds."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_WHOLE = re.compile(r"[-+]?[0-9]+")
_REAL = re.compile(r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|nan|inf(?:inity)?)", re.IGNORECASE)
_SIGN_ALONE = re.compile(r"[+-](?![0-9])")


def numbers(text: str, dtype: np.dtype[Any]) -> Array | str:
    """The numbers, or what is wrong with them in words.

    Integers are read as such, never through a float: above 2^53 neighbours would fall together.
    """
    wide = np.dtype(np.float64) if dtype.kind == "f" else np.dtype(np.int64)
    if not text.strip():  # numpy makes a number of no text
        return np.zeros(0, dtype=dtype)
    if dtype.kind != "f" and _SIGN_ALONE.search(text):  # to numpy a sign alone is the integer 0
        return "found a sign without a number"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found: Array = np.fromstring(text, dtype=wide, sep=" ")
        except (DeprecationWarning, ValueError):
            return f'found "{_first_bad(text, wide)}", expected numbers of type {dtype.name}'
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return found.astype(dtype)
    low, high = (int(v) for v in (np.iinfo(dtype).min, np.iinfo(dtype).max))
    edge = np.iinfo(np.int64)  # numpy's parser stops there without a word
    if found.min() <= max(low - 1, edge.min) or found.max() >= min(high + 1, edge.max):
        return f"a number does not fit the type {dtype.name}"
    return found.astype(dtype)


def _first_bad(text: str, dtype: np.dtype[Any]) -> str:
    """The first word that is no number, for a message."""
    plain = _REAL if dtype.kind == "f" else _WHOLE
    return next((word[:40] for word in text.split() if not plain.fullmatch(word)), " ".join(text[:40].split()))
