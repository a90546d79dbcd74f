"""The table of a study on disk: what is damaged is refused, never read as other numbers."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deadlight.errors import InputError
from deadlight.study.table import digest, read_table, write_table

ROWS = pa.table(
    {
        "row": list(range(40)),
        "case": ["lifting", "ballistic"] * 20,
        "cracks.C1.length [mm]": np.linspace(1.0, 40.0, 40),
        "status": ["done"] * 39 + [None],
        "ratio_max": [*np.geomspace(0.1, 3.0, 38), math.nan, None],
        "content": [f"{i:064x}" for i in range(40)],
    }
)


def same(a, b):
    return digest(a) == digest(b)


def test_a_table_comes_back_as_it_was_and_opens_without_us(tmp_path):
    write_table(tmp_path / "summary.parquet", ROWS)
    assert same(read_table(tmp_path), ROWS)
    assert pq.read_table(tmp_path / "summary.parquet").column_names == ROWS.column_names


def test_every_byte_that_changes_leaves_the_same_numbers_or_a_refusal(tmp_path):
    path = tmp_path / "summary.parquet"
    write_table(path, ROWS)
    data, refused = path.read_bytes(), 0
    for at in range(0, len(data), 3):
        hurt = bytearray(data)
        hurt[at] ^= 1 << (at % 8)
        path.write_bytes(hurt)
        try:
            found = read_table(tmp_path)
        except InputError as error:
            refused += 1
            assert "summary.parquet" in str(error) and "deadlight resume" in str(error)
        else:
            assert same(found, ROWS), at
    assert refused > 0.3 * len(data) / 3


@pytest.mark.parametrize("change", ["value", "missing", "name", "order", "no checksum"])
def test_other_contents_under_the_old_checksum_are_refused(tmp_path, change):
    write_table(tmp_path / "summary.parquet", ROWS)
    table = pq.read_table(tmp_path / "summary.parquet")
    mark = table.schema.metadata
    at = table.column_names.index("ratio_max")
    if change in ("value", "missing"):
        values = table["ratio_max"].to_pylist()
        values[3 if change == "value" else -1] = 0.7 if change == "value" else 0.0
        table = table.set_column(at, "ratio_max", pa.array(values, pa.float64()))
    elif change == "name":
        table = table.rename_columns([n if n != "ratio_max" else "highest" for n in table.column_names])
    elif change == "order":
        table = table.take(list(range(39, -1, -1)))
    mark = None if change == "no checksum" else mark
    pq.write_table(table.replace_schema_metadata(mark), tmp_path / "summary.parquet")
    with pytest.raises(InputError, match="checksum"):
        read_table(tmp_path)
