"""Hostile mesh files, each a control with one thing wrong."""

from __future__ import annotations

import struct
import zlib

from hostile.recipe import Recipe, after, cut, drop, pattern, put, swap

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>\n'
)


def _gmsh() -> list[Recipe]:
    t, b, t4, b4 = "gmsh22-1", "gmsh22-binary-1", "gmsh41-1", "gmsh41-binary-1"
    nodes22 = after(b"$Nodes\n20\n")
    return [
        Recipe("gmsh22-truncated", t, cut(0.6), "truncated|not closed"),
        Recipe("gmsh22-more-nodes-announced", t, swap("$Nodes\n20", "$Nodes\n21"), "announced, .* are there"),
        Recipe("gmsh22-fewer-nodes-announced", t, swap("$Nodes\n20", "$Nodes\n19"), "19 nodes are announced"),
        Recipe("gmsh22-huge-node-count", t, swap("$Nodes\n20", "$Nodes\n999999999999"), "announced"),
        Recipe("gmsh22-negative-count", t, swap("$Nodes\n20", "$Nodes\n-20"), "as the count"),
        Recipe("gmsh22-elements-missing", t, swap("$Elements\n19", "$Elements\n20"), "announced"),
        Recipe("gmsh22-node-does-not-exist", t, swap("1 5 2 1 1 1 2", "1 5 2 1 1 1 999"), "cell 1 names node 999"),
        Recipe("gmsh22-node-twice", t, swap("\n8 60.0", "\n7 60.0"), "node number 7"),
        Recipe("gmsh22-element-twice", t, swap("\n2 6 2", "\n1 6 2"), "element number 1"),
        Recipe("gmsh22-fractional-node", t, swap("\n8 60.0", "\n7.5 60.0"), "broken number"),
        Recipe("gmsh22-nan", t, swap("\n8 60.0", "\n8 nan"), "node 8 .*nan"),
        Recipe("gmsh22-wild-coordinate", t, swap("\n8 60.0", "\n8 6e300"), "node 8 is at"),
        Recipe("gmsh22-letters", t, swap("\n8 60.0", "\n8 6o.0"), "6o.0"),
        Recipe("gmsh22-unknown-type", t, swap("1 5 2 1 1 1 2", "1 93 2 1 1 1 2"), "element type 93"),
        Recipe("gmsh22-section-misspelt", t, swap("$PhysicalNames", "$PhysicalNanes"), "not closed|a section"),
        Recipe("gmsh22-unknown-section", t, lambda d: d + b"$Nodez\n1\n$EndNodez\n", r"section \$Nodez"),
        Recipe("gmsh22-two-meshes", t, lambda d: d + d[d.index(b"$Nodes") :], r"two \$Nodes"),
        Recipe("gmsh22-rubbish-between", t, swap("$Elements\n", "rubbish\n$Elements\n"), "not closed|outside"),
        Recipe("gmsh22-version", t, swap("2.2 0 8", "3.0 0 8"), "4.1 or 2.2"),
        Recipe("gmsh22-names-count", t, swap("$PhysicalNames\n8", "$PhysicalNames\n9"), "names are announced"),
        Recipe("gmsh22-name-twice", t, swap('"thermal.inner"', '"thermal.outer"'), "the same name"),
        Recipe("gmsh22-physical-swapped", t, swap('3 1 "thermal"', '3 1 "lost"'), "thermal"),
        Recipe("gmsh22-inverted", t, swap("2 1 1 1 2 5 4 7 8 11 10", "2 1 1 7 8 11 10 1 2 5 4"), "inverted"),
        Recipe("gmsh22-collapsed", t, swap("1 1 1 2 5 4 7 8 11 10", "1 1 1 2 5 4 7 8 11 11"), "collapsed|edge"),
        Recipe("gmsh22-empty", t, lambda d: b"", "empty"),
        Recipe("gmsh22-binary-truncated", b, cut(0.5), "truncated|not closed"),
        Recipe("gmsh22-binary-no-one", b, put(after(b"2.2 1 8\n"), b"\2\0\0\0"), "number one"),
        Recipe("gmsh22-binary-node-count", b, swap("$Nodes\n20\n", "$Nodes\n21\n"), "announced"),
        Recipe("gmsh22-binary-fewer", b, swap("$Nodes\n20\n", "$Nodes\n19\n"), "more are there"),
        Recipe("gmsh22-binary-nan", b, put(lambda d: nodes22(d) + 4, struct.pack("<d", float("nan"))), "node 1 .*nan"),
        Recipe("gmsh22-binary-type", b, put(after(b"$Elements\n19\n"), struct.pack("<i", 77)), "element type 77"),
        Recipe("gmsh22-binary-block", b, put(after(b"$Elements\n19\n", 4), struct.pack("<i", -4)), "-4 elements"),
        Recipe("gmsh41-node-count", t4, swap("$Nodes\n1 20 1 20", "$Nodes\n1 21 1 20"), "21 nodes are announced"),
        Recipe("gmsh41-block-count", t4, swap("3 1 0 20\n", "3 1 0 999999999999\n"), "announced"),
        Recipe("gmsh41-negative-block", t4, swap("3 1 0 20\n", "3 1 0 -20\n"), "announced"),
        Recipe("gmsh41-tag-range", t4, swap("$Nodes\n1 20 1 20", "$Nodes\n1 20 1 30"), "run from 1 to 20"),
        Recipe("gmsh41-entity-missing", t4, swap("\n3 1 5 1\n", "\n3 9 5 1\n"), "entity 9"),
        Recipe("gmsh41-wrong-dimension", t4, swap("\n3 1 5 1\n", "\n2 3 5 1\n"), "dimension 2"),
        Recipe("gmsh41-left-over", t4, swap("$EndElements", "1 2 3\n$EndElements"), "3 numbers more"),
        Recipe(
            "gmsh41-partitioned", t4, lambda d: d + b"$PartitionedEntities\n0\n$EndPartitionedEntities\n", "partition"
        ),
        Recipe("gmsh41-binary-truncated", b4, cut(0.7), "truncated|not closed"),
        Recipe("gmsh41-binary-count", b4, put(after(b"$Nodes\n"), struct.pack("<Q", 2**62)), "announced"),
        Recipe(
            "gmsh41-binary-negative", b4, put(after(b"$Nodes\n"), struct.pack("<Q", 2**64 - 1)), "negative or above"
        ),
        Recipe("gmsh41-binary-swapped-endian", b4, put(after(b"4.1 1 8\n"), b"\0\0\0\1"), "announced|negative"),
    ]


def _decks() -> list[Recipe]:
    a, n, f = "abaqus-1", "nastran-1", "nastran-free-1"
    return [
        Recipe("abaqus-truncated", a, lambda d: d[: d.index(b"*Surface") - 30], "."),
        Recipe("abaqus-keyword-misspelt", a, swap("*Element, type=C3D6", "*Elemnt, type=C3D6"), "line .*ELEMNT"),
        Recipe("abaqus-parameter-misspelt", a, swap(" elset=thermal", " elsett=thermal"), "line .*elsett"),
        Recipe("abaqus-two-words-a-field", a, swap("8, 60.0, 0.0", "8, 60.0 0.0"), "line 12.*8, 60.0 0.0"),
        Recipe("abaqus-field-missing", a, swap("8, 60.0, 0.0", "8, , 0.0"), "line 12"),
        Recipe("abaqus-hexadecimal", a, swap("8, 60.0", "8, 0x10"), "line 12"),
        Recipe("abaqus-node-does-not-exist", a, swap("1, 1, 2, 5", "1, 1, 2, 999"), "node 999"),
        Recipe("abaqus-fractional-node", a, swap("1, 1, 2, 5", "1, 1, 2.5, 5"), "line 27.*whole"),
        Recipe("abaqus-record-too-long", a, swap("2, 2, 3, 6,", "2, 2, 2, 3, 6,"), "line 31.*outside of its record"),
        Recipe("abaqus-record-cut", a, swap("7, 8, 11,\n10", "7, 8, 11\n10"), "line 27.*outside of its record"),
        Recipe(
            "abaqus-include-outside", a, swap("*Node\n", "*Include, input=../../../etc/hostname\n*Node\n"), "outside"
        ),
        Recipe("abaqus-include-loop", a, swap("*Node\n", "*Include, input=m.inp\n*Node\n"), "nested"),
        Recipe("abaqus-include-missing", a, swap("*Node\n", "*Include, input=gone.inp\n*Node\n"), "does not exist"),
        Recipe("abaqus-input-parameter", a, swap("*Node\n", "*Node, input=nodes.txt\n"), "input=nodes.txt"),
        Recipe("abaqus-generate-bomb", a, swap("2, 3, 1\n", "2, 9000000000000, 1\n"), "first, last, step"),
        Recipe("abaqus-generate-backwards", a, swap("2, 3, 1\n", "3, 2, 1\n"), "first, last, step"),
        Recipe("abaqus-set-of-nothing", a, swap("FIRST\n1\n", "FIRST\n77\n"), "do not exist"),
        Recipe("abaqus-superscript", a, swap("FIRST, S2", "\xb2, S2"), "not an element set"),
        Recipe("abaqus-side", a, swap("FIRST, S2", "FIRST, S9"), "S9"),
        Recipe("abaqus-type", a, swap("C3D8R", "C3D9"), "C3D9"),
        Recipe("abaqus-local-system", a, swap("*Node\n", "*Node, system=C\n"), "Cartesian"),
        Recipe("abaqus-null-bytes", a, swap("sound deck", "sound\0deck"), "binary"),
        Recipe("abaqus-element-twice", a, swap("\n3, 2, 6", "\n2, 2, 6"), "element number 2"),
        Recipe("nastran-truncated", n, cut(0.7), "ENDDATA"),
        Recipe("nastran-cell-misspelt", n, swap("CHEXA ", "CHEXB "), "CHEXB"),
        Recipe("nastran-line-missing", n, drop("*"), "fields"),
        Recipe("nastran-blank-coordinate", f, swap("GRID,8,,60.0,", "GRID,8,,,"), "line .*real number"),
        Recipe("nastran-underscore", f, swap("GRID,8,,60.0,", "GRID,8,,1_0.,"), "1_0"),
        Recipe("nastran-nan", f, swap("GRID,8,,60.0,", "GRID,8,,nan,"), '"nan"'),
        Recipe("nastran-system", f, swap("GRID,8,,", "GRID,8,2,"), "coordinate system 2"),
        Recipe("nastran-too-many-fields", f, swap("GRID,8,,60.0,0.0,10.0", "GRID,8,,60.0,0.0,10.0,,,,,7"), "fields"),
        Recipe("nastran-node-twice", f, swap("GRID,8,", "GRID,7,"), "node number 7"),
        Recipe("nastran-node-does-not-exist", f, swap("CHEXA,1,1,1,", "CHEXA,1,1,999,"), "node 999"),
        Recipe("nastran-negative", f, swap("CHEXA,1,1,1,", "CHEXA,1,1,-1,"), '"-1"'),
        Recipe("nastran-huge-number", f, swap("CHEXA,1,", "CHEXA,99999999999999999999,"), "whole number"),
        Recipe("nastran-nine-nodes", f, swap("CHEXA,1,1,1,", "CHEXA,1,1,1,1,"), "nodes|fields"),
        Recipe("nastran-include-outside", f, swap("BEGIN BULK\n", "BEGIN BULK\nINCLUDE '/etc/hostname'\n"), "outside"),
        Recipe("nastran-continuation-of-nothing", f, swap("SOL 101\n", "+,1,2\nSOL 101\n"), "continuation"),
        Recipe("nastran-continuation-of-begin", f, swap("BEGIN BULK\n", "BEGIN BULK\n+,1,2\n"), "continuation"),
    ]


def _bomb(data: bytes) -> bytes:
    """A block that says it is small and unpacks to 200 MB."""
    import base64

    packed = zlib.compress(b"\0" * 200_000_000, 9)
    head = base64.b64encode(struct.pack("<4I", 1, 480, 0, len(packed)))
    start = data.index(b'format="binary">') + len(b'format="binary">')
    return data[:start] + b"\n" + head + base64.b64encode(packed) + data[data.index(b"</DataArray>", start) :]


def _without_checksum(data: bytes) -> bytes:
    """A stream that ends two bytes early: all of its data is there, but not what they are to be checked with."""
    at = data.index(b'"raw">\n_') + len(b'"raw">\n_') + 3 * 8
    (packed,) = struct.unpack("<Q", data[at : at + 8])
    return data[:at] + struct.pack("<Q", packed - 2) + data[at + 8 :]


def _vtu() -> list[Recipe]:
    a, b, z, r, rz = "vtu-ascii-1", "vtu-binary-1", "vtu-zlib-1", "vtu-raw-1", "vtu-raw-zlib-1"
    return [
        Recipe("vtu-truncated", a, cut(0.5), "truncated"),
        Recipe("vtu-doctype", a, swap("<VTKFile", "<!DOCTYPE x>\n<VTKFile"), "line 2.*DOCTYPE"),
        Recipe("vtu-entities", a, swap("<VTKFile", LAUGHS + "<VTKFile"), "DOCTYPE"),
        Recipe("vtu-utf16-doctype", a, _in_utf16, "DOCTYPE|broken XML"),
        Recipe(
            "vtu-includes", a, swap("<Points>", '<Points><xi:include href="/etc/hostname"/>'), "includes|broken XML"
        ),
        Recipe("vtu-deep", a, swap("<Points>", "<a>" * 2000 + "<Points>"), "nested"),
        Recipe("vtu-broken", a, swap("</Points>", ""), "line .*broken XML"),
        Recipe("vtu-encoding", a, swap('version="1.0"?>', 'version="1.0" encoding="nonsense"?>'), "broken XML"),
        Recipe("vtu-points-count", a, swap('NumberOfPoints="20"', 'NumberOfPoints="21"'), "60 numbers, expected 63"),
        Recipe("vtu-huge-count", a, swap('NumberOfPoints="20"', 'NumberOfPoints="99999999999"'), "NumberOfPoints"),
        Recipe("vtu-negative-count", a, swap('NumberOfCells="19"', 'NumberOfCells="-19"'), "NumberOfCells"),
        Recipe("vtu-cells-count", a, swap('NumberOfCells="19"', 'NumberOfCells="18"'), "expected 18"),
        Recipe("vtu-offsets", a, pattern(r'(Name="offsets"[^>]*>\s*)8 ', r"\g<1>7 "), "cell 0 .* has 7 nodes"),
        Recipe("vtu-offsets-fall", a, pattern(r'(Name="offsets"[^>]*>\s*8) 14 ', r"\g<1> 2 "), "cell 1 .*nodes"),
        Recipe("vtu-index", a, pattern(r'(Name="connectivity"[^>]*>\s*)0 ', r"\g<1>999 "), "999"),
        Recipe("vtu-negative-index", a, pattern(r'(Name="connectivity"[^>]*>\s*)0 ', r"\g<1>-1 "), "index -1"),
        Recipe("vtu-sign-alone", a, pattern(r'(Name="connectivity"[^>]*>\s*)0 ', r"\g<1>- "), "sign without"),
        Recipe(
            "vtu-index-overflow", a, pattern(r'(Name="connectivity"[^>]*>\s*)0 ', r"\g<1>99999999999999999999 "), "fit"
        ),
        Recipe("vtu-cell-type", a, pattern(r'(Name="types"[^>]*>\s*)12 ', r"\g<1>42 "), "VTK type 42"),
        Recipe("vtu-type-overflow", a, pattern(r'(Name="types"[^>]*>\s*)12 ', r"\g<1>300 "), "does not fit"),
        Recipe("vtu-group-type", a, swap('type="Int32" Name="region"', 'type="Int31" Name="region"'), 'type "Int31"'),
        Recipe("vtu-array-type", a, swap('type="Float64"', 'type="Float128"'), 'type="Float128"'),
        Recipe("vtu-components", a, swap('NumberOfComponents="3"', 'NumberOfComponents="2"'), "NumberOfComponents"),
        Recipe("vtu-word", a, pattern(r'(Name="Points"[^>]*>\s*)0.0 ', r"\g<1>zero "), 'array "Points".*"zero"'),
        Recipe("vtu-nan", a, pattern(r'(Name="Points"[^>]*>\s*)0.0 ', r"\g<1>nan "), "node 0 .*nan"),
        Recipe(
            "vtu-two-pieces", a, swap("</Piece>", '</Piece><Piece NumberOfPoints="1" NumberOfCells="1"/>'), "2 pieces"
        ),
        Recipe("vtu-no-types", a, swap('Name="types"', 'Name="kinds"'), 'no array "types"'),
        Recipe("vtu-version", a, swap('version="1.0" byte', 'version="9.9" byte'), 'version="9.9"'),
        Recipe("vtu-byte-order", a, swap("LittleEndian", "MiddleEndian"), "byte_order"),
        Recipe("vtu-format", a, swap('format="ascii"', 'format="gzip"'), 'format="gzip"'),
        Recipe("vtu-base64-letter", b, pattern(r'(format="binary">\s*)....', r"\g<1>!!!!"), "damaged data|bytes"),
        Recipe("vtu-base64-cut", b, pattern(r"[A-Za-z0-9+/=]{40}\s*</DataArray>", "</DataArray>"), "damaged|announced"),
        Recipe("vtu-block-size", b, pattern(r'(format="binary">\s*)4AEA', r"\g<1>4AEB"), "bytes, expected"),
        Recipe(
            "vtu-zlib-damaged",
            z,
            pattern(r"[A-Za-z0-9+/]{12}(==?\s*</DataArray>)", r"AAAAAAAAAAAA\g<1>"),
            "damaged|bytes",
        ),
        Recipe("vtu-zlib-bomb", z, _bomb, "damaged data|a block of"),
        Recipe("vtu-compressor", z, swap("vtkZLibDataCompressor", "vtkLZ4DataCompressor"), "LZ4"),
        Recipe("vtu-raw-offset", r, swap('offset="0"', 'offset="999999"'), 'offset="999999"'),
        Recipe("vtu-raw-negative-offset", r, swap('offset="0"', 'offset="-4"'), 'offset="-4"'),
        Recipe("vtu-raw-other-array", r, pattern(r'(Name="offsets"[^>]*offset=)"\d+"', r'\g<1>"0"'), "bytes, expected"),
        Recipe("vtu-raw-size", r, put(after(b'"raw">\n_'), struct.pack("<I", 2**32 - 1)), "4294967295 bytes"),
        Recipe("vtu-raw-not-closed", r, swap("</AppendedData>", ""), "not closed|truncated|does not end"),
        Recipe("vtu-raw-zlib-short-stream", rz, _without_checksum, "packed bytes does not end"),
        Recipe("vtu-raw-zlib-blocks", rz, put(after(b'"raw">\n_'), struct.pack("<Q", 2**40)), "compressed blocks"),
    ]


def _in_utf16(data: bytes) -> bytes:
    """A document type hidden from a search for its letters; the end of the file is there in plain bytes."""
    text = data.decode().replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE VTKFile>')
    return text.encode("utf-16") + b"<!--</VTKFile>-->"


def _xdmf() -> list[Recipe]:
    x, h = "xdmf-1", "xdmf-binary-1"
    return [
        Recipe("xdmf-truncated", x, cut(0.5), "truncated"),
        Recipe("xdmf-entity", x, swap("<Xdmf", '<!DOCTYPE x [<!ENTITY a SYSTEM "/etc/hostname">]>\n<Xdmf'), "DOCTYPE"),
        Recipe("xdmf-dimensions", x, swap('Dimensions="20 3"', 'Dimensions="21 3"'), "Dimensions announce 63"),
        Recipe(
            "xdmf-huge-dimensions", x, swap('Dimensions="20 3"', 'Dimensions="2000000000 3"'), "Dimensions announce"
        ),
        Recipe("xdmf-topology", x, swap('TopologyType="Mixed"', 'TopologyType="Polyhedron"'), "polyhedron"),
        Recipe("xdmf-mixed-type", x, pattern(r"(<Topology.*?>\s*<DataItem[^>]*>\s*)9 ", r"\g<1>77 "), "type 77"),
        Recipe("xdmf-elements", x, swap('NumberOfElements="19"', 'NumberOfElements="18"'), "18 elements"),
        Recipe("xdmf-index", x, pattern(r"(<Topology.*?>\s*<DataItem[^>]*>\s*9) 0 ", r"\g<1> 555 "), "555"),
        Recipe("xdmf-two-grids", x, swap("</Grid>", "</Grid><Grid/>"), "2 grids"),
        Recipe("xdmf-plane", x, swap("XYZ", "XY"), "three coordinates"),
        Recipe("xdmf-precision", x, swap('Precision="8"', 'Precision="3"'), "precision"),
        Recipe(
            "xdmf-attribute",
            x,
            pattern(r"(Center=\"Cell\">\s*<DataItem[^>]*Dimensions=)\"19\"", r'\g<1>"18"'),
            "19 numbers",
        ),
        Recipe("xdmf-heavy-outside", h, swap(">points.bin<", ">../../../etc/hostname<"), "outside|does not exist"),
        Recipe("xdmf-heavy-missing", h, swap(">points.bin<", ">gone.bin<"), "does not exist"),
        Recipe("xdmf-heavy-other", h, swap(">points.bin<", ">cells.bin<"), "bytes, Dimensions announce"),
        Recipe(
            "xdmf-no-hdf",
            h,
            swap('Format="Binary" Endian="Little">points.bin', 'Format="HDF">points.bin:/x'),
            "no HDF5",
        ),
    ]


MESHES = [*_gmsh(), *_decks(), *_vtu(), *_xdmf()]
