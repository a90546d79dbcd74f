"""HDF5 beside an XDMF file: only plain arrays of the announced shape that lie in that very file are read."""

import h5py
import numpy as np
import pytest
from test_mesh_files import XDMF, swap

from deadlight.errors import MeshError
from deadlight.mesh.read import read_mesh

INLINE = 'Dimensions="1 8" Format="XML" Precision="8">\n0 1 2 3 4 5 6 7<'
CELLS = np.arange(8).reshape(1, 8)


def case(folder, fill, inside="/cells"):
    """The cube of `test_mesh_files` with its cells in cells.h5, as `fill` writes them."""
    path = folder / "a.xdmf"
    path.write_text(swap(XDMF, INLINE, f'Dimensions="1 8" Format="HDF" Precision="8">cells.h5:{inside}<'))
    with h5py.File(folder / "cells.h5", "w") as file:
        fill(file)
    return path


def test_a_plain_array_is_read(tmp_path):
    for inside in ("/cells", "cells", "/in/a/group"):
        path = case(tmp_path, lambda f, inside=inside: f.create_dataset(inside, data=CELLS), inside)
        assert read_mesh(path, unit="mm").volumes() == pytest.approx(1e-3)


def external(file):
    file["cells"] = h5py.ExternalLink("other.h5", "/cells")


def soft(file):
    file["there"] = CELLS
    file["cells"] = h5py.SoftLink("/there")


def virtual(file):
    layout = h5py.VirtualLayout((1, 8), "i8")
    layout[:] = h5py.VirtualSource("other.h5", "cells", (1, 8))
    file.create_virtual_dataset("cells", layout)


def raw_file(file):
    file.create_dataset("cells", (1, 8), "i8", external=[("/etc/hostname", 0, 64)])


SPOILT = {
    "external-link": (external, "no data of its own"),
    "soft-link": (soft, "no data of its own"),
    "virtual": (virtual, "not a plain array"),
    "raw-file-outside": (raw_file, "not a plain array"),
    "group": (lambda f: f.create_group("cells"), "not a plain array"),
    "text": (lambda f: f.create_dataset("cells", data=np.array([b"a"] * 8)), "not a plain array"),
    "missing": (lambda f: f.create_dataset("other", data=CELLS), "no data of its own"),
    "shape": (lambda f: f.create_dataset("cells", data=np.arange(16)), r"holds \[16\]"),
    "fractions": (lambda f: f.create_dataset("cells", data=CELLS + 0.5), "expected whole numbers"),
    "index": (lambda f: f.create_dataset("cells", data=CELLS + 100), "node index 100"),
    "announced-only": (
        lambda f: f.create_dataset("cells", (1, 8), "i8", chunks=(1, 8), compression="gzip"), "twice|index|collapsed"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_anything_else_is_refused(tmp_path, name):
    fill, says = SPOILT[name]
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["cells"] = CELLS
    path = case(tmp_path, fill)
    with pytest.raises(MeshError, match=says) as caught:
        read_mesh(path, unit="mm")
    assert "a.xdmf" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 12


def test_a_damaged_file_is_refused(tmp_path):
    path = case(tmp_path, lambda f: f.create_dataset("cells", data=CELLS))
    whole = (tmp_path / "cells.h5").read_bytes()
    for content in (b"", b"no HDF5", whole[:40], whole[: len(whole) // 2]):
        (tmp_path / "cells.h5").write_bytes(content)
        with pytest.raises(MeshError, match=r"HDF5|damaged|no data of its own"):
            read_mesh(path, unit="mm")
