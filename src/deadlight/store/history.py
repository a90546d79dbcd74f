"""`history.parquet`: one row a crack, front position and instant; the unit of every column is in the file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight import __version__
from deadlight.errors import InputError
from deadlight.store import atomic

Array = np.ndarray[Any, Any]
SCHEMA = "1"
UNITS = {
    "crack": "",
    "front_position": "",
    "time_s": "s",
    "K_I": "Pa*m**0.5",
    "K_II": "Pa*m**0.5",
    "K_III": "Pa*m**0.5",
    "K_Ic": "Pa*m**0.5",
    "K_error": "",
    "T_K": "K",
    "velocity_m_s": "m/s",
    "altitude_m": "m",
    "a_m": "m",
    "two_c_m": "m",
    "x_m": "m",
    "y_m": "m",
    "z_m": "m",
}
"""Units of the columns that a run writes; `front_position` is 0 to 1 along the front."""
TEXTS = ("crack", "tier", "front_point")
KNOWN = (*UNITS, *TEXTS)
_MARK = b"PAR1"
REQUIRED = ("crack", "front_position", "time_s", "K_I", "K_II", "K_III", "T_K", "velocity_m_s")


@dataclass(frozen=True, eq=False)
class History:
    """Columns read back; numbers that are not known are NaN."""

    columns: dict[str, Array]
    units: dict[str, str]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Array:
        if name not in self.columns:
            raise InputError(f'no column "{name}"', place="history", remedy=f"there are {', '.join(self.columns)}")
        return self.columns[name]

    def of(self, crack: str) -> History:
        """The rows of one crack."""
        rows = self["crack"] == crack
        return History({name: values[rows] for name, values in self.columns.items()}, self.units)


def write_history(
    path: str | Path, columns: Mapping[str, Array | Sequence[Any]], units: Mapping[str, str] | None = None
) -> Path:
    """Writes the history whole or not at all.

    Parameters
    ----------
    path : path
    columns : dict of name -> (n,) values
        `crack` is text; the others numbers; NaN and infinity are written as missing.  `REQUIRED` ones must be there.
    units : dict of name -> unit
        For columns that `UNITS` does not have.

    Raises
    ------
    InputError
        A required column is missing, lengths differ, or a unit is not stated.
    """
    units = {**UNITS, **(units or {})}
    if missing := [name for name in REQUIRED if name not in columns]:
        raise InputError(f"no column {', '.join(missing)}", place=str(path), remedy="NaN where it is not known")
    return write_columns(path, columns, units)


def write_columns(path: str | Path, columns: Mapping[str, Array | Sequence[Any]], units: Mapping[str, str]) -> Path:
    """Writes columns of one length whole or not at all; `read_history` reads them back.

    Raises
    ------
    InputError
        Lengths differ, or a unit is not stated.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"columns of different length: {lengths}", place=str(path), remedy="one value a row")
    arrays, fields = [], []
    for name, values in columns.items():
        if name not in units:
            raise InputError(
                f'column "{name}" has no unit', place=str(path), remedy='state it in units ("" if it has none)'
            )
        array = _column(values)
        arrays.append(array)
        sum_ = checksum(name, units[name], _values(array))
        fields.append(pa.field(name, array.type, metadata={"unit": units[name], "sha256": sum_}))
    schema = pa.schema(fields, metadata={"deadlight": __version__, "schema": SCHEMA})
    with atomic.replacing(path) as temporary:
        whole = pa.Table.from_arrays(arrays, schema=schema)
        pq.write_table(whole, temporary, compression="zstd", write_page_checksum=True)
    return Path(path)


def _column(values: Any) -> Any:
    import pyarrow as pa

    values = np.asarray(values)
    if values.dtype.kind in "UO":
        return pa.array([str(v) for v in values]).dictionary_encode()
    if values.dtype.kind in "iub":
        return pa.array(values)
    values = values.astype(np.float64)
    return pa.array(values, mask=~np.isfinite(values))


def read_history(path: str | Path) -> History:
    """Reads a history; InputError if it is not one, or cut short."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        _whole(Path(path))
        table = pq.read_table(path, page_checksum_verification=True)  # a damaged value must not be read as another
        names = table.column_names  # a ValueError where they are no text
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(
            f"cannot be read as a history ({error})", place=str(path), remedy="run the case again"
        ) from error
    found = (table.schema.metadata or {}).get(b"schema", b"").decode(errors="replace")
    if found != SCHEMA:
        raise InputError(f"schema {found!r}", place=str(path), remedy=f"this version reads schema {SCHEMA}")
    if len(set(names)) < len(names):
        raise InputError("a column stands twice", place=str(path), remedy="run the case again")
    columns = {name: _values(table[name].combine_chunks()) for name in names}
    filled = [name for name in columns if name in KNOWN and len(columns[name])]
    odd = [name for name in filled if (columns[name].dtype.kind == "O") != (name in TEXTS)]
    if odd:
        raise InputError(f'column "{odd[0]}" of another kind', place=str(path), remedy="run the case again")
    stated = {f.name: f.metadata or {} for f in table.schema}
    units = {name: said.get(b"unit", b"").decode(errors="replace") for name, said in stated.items()}
    for name, values in columns.items():  # pages have checksums, what says which page is whose has none
        sum_ = stated[name].get(b"sha256")
        if sum_ != checksum(name, units[name], values).encode():
            found = "is damaged" if sum_ else "carries no checksum"
            raise InputError(f'column "{name}" {found}', place=str(path), remedy="run the case again")
    return History(columns, units)


def checksum(name: str, unit: str, values: Array) -> str:
    """Of a column: its name, unit and values, NaN of any kind alike."""
    if values.dtype.kind == "O":
        content = "\0".join(values.tolist()).encode()
    else:
        content = np.where(np.isnan(numbers := values.astype(np.float64)), np.nan, numbers).tobytes()
    return hashlib.sha256(f"{name}\0{unit}\0".encode() + content).hexdigest()


def _whole(path: Path) -> None:
    """ValueError unless the file has the frame of a Parquet file, before the native reader sees it.

    Apache Parquet format, "File format": the mark, data, the footer, its length in 4 bytes, the mark.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(size - 8, 0))
        tail = file.read(8)
    if size < 12 or head != _MARK or tail[4:] != _MARK or int.from_bytes(tail[:4], "little") > size - 12:
        raise ValueError("no whole Parquet file")


def _values(array: Any) -> Array:
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type):
        return np.array(array.to_pylist(), dtype=object)
    return np.asarray(array.to_numpy(zero_copy_only=False))
