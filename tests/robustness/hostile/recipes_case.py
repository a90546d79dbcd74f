"""Hostile cases and what belongs to them: tables, surfaces, materials, laws, impact files, coupons, stored folders."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hostile import studies, window_case
from hostile.recipe import Change, cut, pattern, put, swap
from hostile.subjects import COUPONS, LAW, MATERIALS, ROOT, TABLE, stl

CRACK = """[growth]
tier = "full"
[[cracks]]
name = "C1"
pane = "thermal"
kind = "file"
file = "crack.stl"
unit = "mm"
"""
THROUGH = """[[cracks]]
name = "C1"
pane = "thermal"
kind = "through"
two_c = "12 mm"
place = { azimuth = "30 deg", inside_lip = "5 mm" }
"""
GROWS = '[growth]\ntier = "full"\nlaw = "table"\nfile = "law.csv"\n' + THROUGH
GROWTH = (
    'slow_growth = {{ ln_v0 = "-1.3", activation_energy = "138 kJ/mol", b = "{b} m**2.5/mol", status = "{status}" }}'
)
_COLUMNS = [f"{c} [mm]" for c in "xyz"] + [f"stress_{c} [MPa]" for c in ("xx", "yy", "zz", "yz", "xz", "xy")]
_PLACES = [(x, y, z) for x in (-90, 0, 90) for y in (-90, 0, 90) for z in (0, 5, 10)]
FIELD = ",".join(_COLUMNS) + "\n" + "".join(f"{x},{y},{z},{1 + z},2,0,0,0,0.5\n" for x, y, z in _PLACES)


@dataclass(frozen=True)
class Other:
    """A file that is no mesh, spoilt among sound ones.

    Attributes
    ----------
    kind : str
        Key of `KINDS`: which verb is asked, of what.
    file : str
        The spoilt file, which the message must name.
    """

    name: str
    kind: str
    change: Change
    says: str


def _fan() -> bytes:
    """The crack surface, standing at the rim of the disc."""
    return stl(False)


def _drawn(more: str, file: str, data: bytes) -> Callable[[Path, Change], tuple[list[str], str]]:
    def make(folder: Path, change: Change) -> tuple[list[str], str]:
        files = {file: change(data)} if file != "case.toml" else {}
        path = window_case.write(folder, window_case.drawn(more), files)
        return ["check", str(path)], file

    return make


def _text(text: bytes, verb: str) -> Callable[[Path, Change], tuple[list[str], str]]:
    """A file by itself."""

    def make(folder: Path, change: Change) -> tuple[list[str], str]:
        path = window_case.write(folder, change(text), {})
        return [verb, str(path)], "case.toml"

    return make


def _alone(file: str, data: bytes, verb: str) -> Callable[[Path, Change], tuple[list[str], str]]:
    def make(folder: Path, change: Change) -> tuple[list[str], str]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(change(data))
        return [verb, str(folder / file)], file

    return make


def _stored(source: str, file: str, verb: str) -> Callable[[Path, Change], tuple[list[str], str]]:
    def make(folder: Path, change: Change) -> tuple[list[str], str]:
        target = folder / source
        shutil.copytree(folder.parent / "store" / source, target)
        (target / file).write_bytes(change((target / file).read_bytes()))
        return [verb, str(target)], file

    return make


STRESS = window_case.drawn(THROUGH).replace(
    'material = "fused_silica"\n',
    'material = "fused_silica"\ninitial_stress = { kind = "field", file = "stress.csv" }\n',
)


def _stress(folder: Path, change: Change) -> tuple[list[str], str]:
    path = window_case.write(folder, STRESS, {"stress.csv": change(FIELD.encode())})
    return ["check", str(path)], "stress.csv"


def _study(file: str) -> Callable[[Path, Change], tuple[list[str], str]]:
    """A study that would be written into the folder of another one: a sound one is read, then told so."""

    def make(folder: Path, change: Change) -> tuple[list[str], str]:
        study, rows = (studies.STUDY if file == "study.toml" else studies.BY_TABLE).encode(), studies.ROWS.encode()
        written = (change(study), rows) if file == "study.toml" else (study, change(rows))
        path = studies.write_study(folder, *written)
        shutil.copytree(folder.parent / "store/study", folder / "out")
        return ["batch", str(path), "--out", str(folder / "out")], file

    return make


KINDS: dict[str, Callable[[Path, Change], tuple[list[str], str]]] = {
    "case": _text(window_case.drawn(THROUGH).encode(), "check"),
    "materials": _text(MATERIALS.encode(), "check"),
    "table": _drawn("", "table.csv", TABLE.encode()),
    "surface": _drawn(CRACK, "crack.stl", _fan()),
    "surface-binary": _drawn(CRACK, "crack.stl", stl(True)),
    "law": _drawn(GROWS, "law.csv", LAW.encode()),
    "stress": _stress,
    "impact": _alone("impact.toml", (ROOT / "examples/shenzhou20/impact.toml").read_bytes(), "impact"),
    "coupons": _alone("coupons.csv", COUPONS.encode(), "coupons"),
    "status": _stored("run", "status.json", "status"),
    "summary": _stored("run", "summary.json", "report"),
    "contents": _stored("run", "pictures/contents.json", "report"),
    "study": _stored("study", "study.json", "status"),
    "source": _stored("begun", "source.txt", "resume"),
    "study-file": _study("study.toml"),
    "study-table": _study("rows.csv"),
}
"""Sound ones of every kind: unchanged, each of them must be taken (but a folder of another case or study)."""


def _case() -> list[Other]:
    def c(name: str, old: str, new: str, says: str) -> Other:
        return Other(f"case-{name}", "case", swap(old, new), says)

    return [
        c("unit-slip", 'two_c = "12 mm"', 'two_c = "12 m"', "cracks.0.two_c .*12 m"),
        c("bare-number", 'two_c = "12 mm"', "two_c = 12", "bare number"),
        c("power-tower", 'two_c = "12 mm"', 'two_c = "9**9**9**9 mm"', "two_c"),
        c("long-number", 'two_c = "12 mm"', 'two_c = "' + "9" * 5000 + ' mm"', "two_c"),
        c("not-finite", 'two_c = "12 mm"', 'two_c = "1e400 mm"', "not finite"),
        c("arabic-digits", 'two_c = "12 mm"', 'two_c = "\\u0661\\u0662 mm"', "two_c"),
        c("code", 'two_c = "12 mm"', "two_c = \"__import__('os').abort()\"", "two_c"),
        c("negative", 'two_c = "12 mm"', 'two_c = "-12 mm"', "above 0"),
        c("key-misspelt", "two_c =", "two_d =", "two_d.*unknown key"),
        c("key-twice", 'kind = "through"', 'kind = "through"\nkind = "edge"', "TOML"),
        c("no-such-pane", 'pane = "thermal"', 'pane = "thermic"', "thermic"),
        c("nested", "schema = 1", "schema = 1\nx = " + "[" * 4000, "nested"),
        c("dotted", "schema = 1", "schema = 1\n" + "a." * 4000 + "b = 1", "nested"),
        c("huge-integer", "schema = 1", "schema = 1\nx = " + "9" * 5000, "TOML"),
        c("schema", "schema = 1", "schema = 2", "schema"),
        c("name-with-escape", 'name = "hostile"', 'name = "\\u001b[2J"', "control characters"),
        c("table-outside", 'file = "table.csv"', 'file = "../../../../etc/hostname"', "outside"),
        c("table-device", 'file = "table.csv"', 'file = "/dev/zero"', "outside"),
        c("table-folder", 'file = "table.csv"', 'file = "."', "not a plain file"),
        c("refine", 'refine = "0.3"', 'refine = "1e9"', "0.2 to 6"),
        c("crack-outside", 'inside_lip = "5 mm"', 'inside_lip = "-500 mm"', "outside the rim"),
        c(
            "temperature",
            'material = "fused_silica"',
            'material = "fused_silica"\ninitial_temperature = "-400 degC"',
            "20",
        ),
        c("material", '"fused_silica"', '"fuzed_silica"', "did you mean fused_silica"),
        Other("case-empty", "case", lambda d: b"", "missing"),
        Other("case-latin1", "case", swap("hostile", "h\xf6stile"), "UTF-8"),
        Other("case-null", "case", swap("hostile", "hos\0tile"), "TOML"),
        Other("case-large", "case", lambda d: d + b"#" * (1 << 20), "bytes"),
        Other("case-truncated", "case", cut(0.7), "missing|TOML|lacks"),
    ]


def _materials() -> list[Other]:
    def m(name: str, old: str, new: str, says: str) -> Other:
        return Other(f"material-{name}", "materials", swap(old, new), says)

    return [
        m("density", '"2200 kg/m**3"', '"2.2 kg/m**3"', "materials.own.density.*no glass"),
        m("modulus", '"72 GPa"', '"72 MPa"', "youngs_modulus.*no glass"),
        m("toughness", '"0.75 MPa*m**0.5"', '"0.75 Pa*m**0.5"', "toughness"),
        m("expansion", '"0.5e-6 1/K"', '"0.5 1/K"', "mean_expansion"),
        m("poisson", '"0.17"', '"0.71"', "poisson"),
        m("rows-out-of-order", '["900 K", "78 GPa"]', '["1900 K", "78 GPa"]', "do not increase"),
        m("row-temperature", '["900 K", "78 GPa"]', '["9e5 K", "78 GPa"]', "row 2.*1 and 4000 K"),
        m("row-short", '["900 K", "78 GPa"]', '["900 K"]', "row 2"),
        m(
            "rows-a-number",
            'table = [["300 K", "0.5e-6 1/K"], ["1000 K", "0.55e-6 1/K"]]',
            "table = 5",
            "expected rows",
        ),
        m("points", '"1120 degC"', '"1300 degC"', "is not below"),
        m("band", '"0.7 MPa*m**0.5", "0.8', '"0.9 MPa*m**0.5", "0.8', "rising order"),
        m("strength-scale", '"90 MPa"', '"90 kPa"', "strength.scale.*unit"),
        m("strength-modulus", 'modulus = "9"', 'modulus = "9000"', "strength.modulus"),
        m("radiation", 'conductivity_includes_radiation_above = "700 K"\n', "", "internal radiation"),
        m("family", 'family = "glass"', 'family = "cheese"', "family is one of"),
        m("base", 'base = "fused_silica"', "base = 5", 'base = "a text"'),
        m("notes", 'family = "glass"', 'family = "glass"\nnotes = 5', "notes"),
        m("band-wide", '"0.7 MPa*m**0.5", "0.8 ', '"0 Pa*m**0.5", "1e30 ', "toughness.band.*no glass"),
        m("radiation-nowhere", '_above = "700 K"', '_above = "1e300 K"', "radiation_above.*3500 K"),
        m("scale", '"fused_silica"', '"fused_silica"\nscale = { poisson = "5" }', "thinner.scale.poisson.*no glass"),
        m("growth", '"fused_silica"', '"fused_silica"\n' + GROWTH.format(b="1e300", status="A"), "slow_growth.b.*10"),
        m("status", '"fused_silica"', '"fused_silica"\n' + GROWTH.format(b="0.2", status="Z"), 'status "Z"'),
        m("unused-too", 'value = "0.8", status', 'value = "8", status', "materials.thinner.emissivity"),
    ]


def _tables() -> list[Other]:
    def t(kind: str, name: str, old: str, new: str, says: str) -> Other:
        return Other(f"{kind}-{name}", kind, swap(old, new), says)

    return [
        t("table", "underscore", "10,75.0", "1_0,75.0", "line 3.*1_0"),
        t("table", "word", "10,75.0", "ten,75.0", 'line 3.*"ten"'),
        t("table", "nan", "10,75.0", "10,nan", "line 3.*nan"),
        t("table", "stray-quote", "10,75.0", '10,"75.0', "line 3"),
        t("table", "decimal-comma", "10,75.0", "10,75,0", "line 3.*values, the header names 4"),
        t("table", "short-row", "10,75.0,7.4,60", "10,75.0", "line 3"),
        t("table", "time-falls", "20,70", "5,70", "does not increase"),
        t("table", "column-twice", "V [km/s],q", "h [km],q", "two columns|no column"),
        t("table", "unit-differs", "h [km]", "h [ft]", "h .ft."),
        t("table", "flying-too-high", "10,75.0", "10,75000", "line 3.*altitude"),
        t("table", "too-fast", "10,75.0,7.4", "10,75.0,7.5e9", "line 3.*speed 7.5e.09.*30000 m/s"),
        t("table", "too-hot", "7.4,60", "7.4,6e7", "line 3.*cold_wall_flux 6e.07.*1e.08"),
        t("table", "too-long", "\n30,60.5", "\n6e7,60.5", "span 6e.07 s.*100000 s"),
        Other("table-slow", "table", _scaled(2, 1e-3), "make a way of"),
        Other("table-low", "table", _scaled(1, 1e-3), "dynamic pressure"),
        Other("table-high-and-slow", "table", _scaled(2, 1e-3, level=True), "nothing falls so slowly"),
        Other("table-binary", "table", lambda d: b"\xff\xfe\0\1" + d, "text"),
        Other("table-empty", "table", lambda d: b"", "lines"),
        t("law", "hole", "0.3,250,0.1,", "0.3,251,0.1,", "rows, but"),
        t("law", "falls", "0.5,250,0.1,1.1e-08", "0.5,250,0.1,1e-13", "falls with K"),
        t("law", "negative", "0.5,250,0.1,1.1e-08", "0.5,250,0.1,-1", "negative"),
        t("law", "unit", "v [m/s]", "v [m]", "v .m."),
        Other("law-no-grid", "law", lambda d: LAW.split("\n")[0].encode() + b"".join(
            b"\n%g,%g,%g,1e-9" % (0.3 + 1e-4 * i, 250 + 0.01 * i, (i + 1) / 3000) for i in range(3000)
        ), "3000 rows, but"),
        t("stress", "unit", "1,2,0,0,0,0.5", "1e9,2,0,0,0,0.5", "at most"),
        t("stress", "column-twice", "stress_yy [MPa]", "stress_xx [MPa]", "columns"),
        t("stress", "word", "-90,-90,0,", "-90,-90,here,", "line 2.*here"),
        t("coupons", "word", "\n61,", "\nsixty,", 'line 2.*"sixty"'),
        t("coupons", "nan", "\n61,", "\nnan,", "line 2.*nan"),
        t("coupons", "no-unit", "strength [MPa]", "strength", "no unit"),
        t("coupons", "row", "\n61,", "\n61,1,", "line 2"),
        t("coupons", "flag", "\n61,1,0,0", "\n61,1,7,0", "line 2, inert.*0 or 1"),
        t("coupons", "slipped", "\n61,1,0,0", "\n1,61,0,0.4", "line 2, censored.*0 or 1"),
        t("coupons", "unit", "\n61,", "\n61e6,", "line 2, strength.*unit"),
        t("coupons", "huge", "\n61,", "\n1e300,", "line 2, strength.*unit"),
        t("coupons", "rate", "\n61,1,0,0", "\n61,0,0,1", "line 2, rate.*unit"),
        Other("coupons-flat", "coupons", lambda d: b"strength [MPa],rate [MPa/s],inert\n" + b"".join(
            [b"%g,%g,0\n" % (100 + 0.01 * i, 10**i) for i in range(4)] + [b"%d,1,1\n" % s for s in (90, 91, 92)]
        ), "ln B"),
        t("impact", "digits", '"370 px"', '"' + "9" * 400 + ' px"', "arms.0.length"),
        t("impact", "far", '"370 px"', '"370000 px"', "arms.0.length.*7.4 m"),
        t("impact", "residual", '"0.2 MPa*m**0.5"', '"50 MPa*m**0.5"', "residual.K.*4e.06"),
        t("coupons", "vertical-tab", ",0\n79", ",0\x0b79", "line 3"),
        t("impact", "value", 'speed = "10 km/s"', 'speed = "10 kg"', "particle.speed"),
        t("impact", "no-error", 'from_lip = { value = "5 mm", error = "1 mm" }', 'from_lip = "5 mm"', "error"),
        t("impact", "depth", "schema = 1", "schema = 1\nx = " + "{a=" * 60, "nested"),
    ]  # fmt: skip


def _scaled(column: int, factor: float, level: bool = False) -> Change:
    """The table with a column in another unit than it says; `level`: it stays at 80 km."""

    def change(data: bytes) -> bytes:
        head, *rows = data.decode().splitlines()
        cells = [row.split(",") for row in rows if not row.startswith("#")]
        for row in cells:
            row[column] = f"{float(row[column]) * factor:g}"
            row[1] = "80" if level else row[1]
        return "\n".join([head, *map(",".join, cells)]).encode()

    return change


def _surfaces() -> list[Other]:
    s, b = "surface", "surface-binary"
    return [
        Other("stl-truncated", s, cut(0.6), "endsolid|truncated"),
        Other("stl-cut-at-a-facet", s, lambda d: d[: d.rindex(b"  facet")], "endsolid"),
        Other("stl-two-numbers", s, pattern(r"vertex ([\d.]+) ([\d.]+) ", r"vertex \1 "), 'line .*"vertex" and three'),
        Other("stl-word", s, pattern(r"vertex [\d.]+", "vertex here"), "here"),
        Other("stl-nan", s, pattern(r"vertex [\d.]+", "vertex nan"), "nan"),
        Other("stl-four-corners", s, pattern(r"(      vertex [^\n]*\n)", r"\1\1"), 'expected "endloop"|expected'),
        Other("stl-rubbish", s, lambda d: b"rubbish\n" + d, "neither"),
        Other("stl-binary-count", b, put(lambda d: 80, struct.pack("<I", 4)), "neither"),
        Other("stl-binary-huge", b, put(lambda d: 80, struct.pack("<I", 2**32 - 1)), "neither"),
        Other("stl-binary-no-head", b, lambda d: d[:34], "neither"),  # a head's length less one triangle's
        Other("stl-binary-nan", b, put(lambda d: 84 + 12, struct.pack("<f", float("nan"))), "coordinate"),
        Other("stl-binary-wild", b, put(lambda d: 84 + 12, struct.pack("<f", 3e38)), "coordinate"),
    ]


def _folders() -> list[Other]:
    deep = b"[" * 100_000
    return [
        Other("status-truncated", "status", cut(0.5), "cannot be read"),
        Other("status-deep", "status", lambda d: deep, "nested"),
        Other("status-list", "status", lambda d: b"[1]", "not the status"),
        Other("status-hash", "status", swap('"0000000000000000"', "5"), "not the status"),
        Other("status-state", "status", swap('"started"', '"done"'), "not the status"),
        Other("summary-truncated", "summary", cut(0.5), "cannot be read"),
        Other("summary-deep", "summary", lambda d: deep, "nested"),
        Other("summary-nan", "summary", pattern(r'"K_over_KIc_max": [\d.]+', '"K_over_KIc_max": NaN'), "NaN"),
        Other("summary-schema", "summary", swap('"schema": 1', '"schema": 99'), "schema 99"),
        Other("summary-verdict", "summary", pattern(r'"verdict": "\w+"', '"verdict": "CERTAINLY"'), "verdict"),
        Other("contents-truncated", "contents", cut(0.5), "cannot be read"),
        Other("contents-outside", "contents", lambda d: json.dumps(
            {"pictures": [{"title": "t", "file": "../../secret.svg", "caption": "", "section": ""}], "tables": []}
        ).encode(), "not a plain file in the folder"),
        Other("contents-shape", "contents", lambda d: b'{"pictures": 5, "tables": []}', "cannot be read"),
        Other("study-truncated", "study", cut(0.5), "damaged"),
        Other("study-sum", "study", swap('"running"', '"finished"'), "sum is wrong"),
        Other("study-deep", "study", lambda d: deep, "nested"),
        Other("source-binary", "source", lambda d: b"\xff\xfe\0", "case file"),
        Other("source-device", "source", lambda d: b"/dev/zero", "not a plain file"),
        Other("source-long", "source", lambda d: b"a" * 100_000, "case file"),
    ]  # fmt: skip


def _studies() -> list[Other]:
    def f(name: str, old: str, new: str, says: str) -> Other:
        return Other(f"study-file-{name}", "study-file", swap(old, new), says)

    def t(name: str, old: str, new: str, says: str) -> Other:
        return Other(f"study-table-{name}", "study-table", swap(old, new), says)

    return [
        f("case-above", '"case.toml"', '"../case.toml"', "outside"),
        f("case-device", '"case.toml"', '"/dev/zero"', "outside"),
        f("case-itself", '"case.toml"', '"study.toml"', "study.toml"),
        f("deviation", 'deviation = "5 K"', 'deviation = "5 degC"', "not a difference of two.*in K"),
        f("weights", '["12", "20"]', '["12", "20"], weights = ["1e308", "1e308"]', "finite sum"),
        f("weights-too-few", '["12", "20"]', '["12", "20"], weights = ["1"]', "expected one each"),
        f("not-finite", '"20 mm"', '"1e999 mm"', "not finite|text with a unit"),
        f("arabic-digits", '"20 mm"', '"\\u0662\\u0660 mm"', "text with a unit"),
        f("levels", "levels = 3", "levels = 1000000000", "levels"),
        f("unit", '"20 mm"', '"20 K"', "is not in mm"),
        f("seed", "seed = 7", "seed = -7", "seed"),
        f("name-nowhere", "cracks.C1.two_c", "cracks.C9.two_c", "there are C1"),
        f("table-above", 'kind = "grid"', 'kind = "table"\nfile = "../rows.csv"', "leave .*parameters.* out"),
        f("output", "growth.n", "output.fields", "does nothing in a study"),
        f("memory", '"4 GB"', '"4 kB"', "memory"),
        Other("study-file-truncated", "study-file", cut(0.4), "missing|TOML"),
        Other("study-file-nested", "study-file", lambda d: b"x = " + b"[" * 4000 + b"\n" + d, "nested"),
        t("column-twice", "growth.n", "cracks.C1.two_c [cm]", "two columns state cracks.C1.two_c"),
        t("unit-in-a-cell", "6.5,16", "6.5 percent,16", "line 3.*6.5 percent.*heading states mm"),
        t("stray-quote", "6.5,16,0.8", '6.5,16,"0.8', "line 3"),
        t("word", "7,20", "seven,20", "line 6.*seven"),
        t("underscore", "7,20", "7_0,20", "line 6.*7_0"),
        t("nan", "7,20", "nan,20", "line 6.*nan"),
        t("row-short", "7,20,1.0,1.1", "7,20", "line 6.*2 values"),
        t("row-long", "7,20,1.0,1.1", "7,20,1.0,1.1,2", "line 6.*5 values"),
        t("heading", "growth.n", "growth n", "does not name a parameter"),
        Other("study-table-empty", "study-table", lambda d: b"", "0 lines"),
        Other("study-table-binary", "study-table", lambda d: b"\xff\xfe" + d, "not text"),
    ]


def _records() -> list[Other]:
    """Records behind sums that hold, each of which is damage."""
    deep = b"[" * 100_000

    def both(name: str, old: str, new: str) -> list[Other]:
        return [Other(f"record-{kind}-{name}", kind, swap(old, new), "") for kind in ("quick", "full")]

    return [
        *both("key-a-list", '"key": "a"', '"key": ["a"]'), *both("no-status", '"status": "done", ', ""),
        *both("status", '"done"', '["done"]'), *both("nan", '"ratio_max": 0.51', '"ratio_max": NaN'),
        *both("infinite", '"ratio_max": 0.51', '"ratio_max": 1e999'), *both("text", "0.62", '"0.62"'),
        *both("crack", '"name": "C1"', '"name": null'), *both("cracks", '"cracks": [', '"cracks": [5, '),
        *both("row", '"row": 0', '"row": true'), *both("elsewhere", '"remarks": ["one"]', '"remarks": [NaN]'),
        Other("record-quick-deep", "quick", lambda d: deep, ""), Other("record-full-deep", "full", lambda d: deep, ""),
        Other("record-quick-object", "quick", lambda d: b"{}", ""),
        Other("record-full-list", "full", lambda d: b"[]", ""),
        Other("record-full-key", "full", swap('"key": "a"', '"key": "../a"'), ""),
    ]  # fmt: skip


RECORDS = _records()
OTHERS = [*_case(), *_materials(), *_tables(), *_surfaces(), *_folders(), *_studies()]
