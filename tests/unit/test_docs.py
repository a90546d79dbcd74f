"""The documentation is true: code runs, cases are valid, links, commands and names exist, rooms import downwards."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from deadlight.case.environment import COLUMNS
from deadlight.case.fields import Form
from deadlight.case.load import parse_case
from deadlight.case.mark import ImpactFile
from deadlight.case.model import Case
from deadlight.chain.viewport import build_viewport
from deadlight.cli import app
from deadlight.crack import disc, growth, line, quick, section, surface_history, through, weight_function
from deadlight.entry import correlations, lowspeed, pressure, trajectory
from deadlight.heat import control, tr_bdf2
from deadlight.linalg import schwarz
from deadlight.material.custom import material_from_table
from deadlight.store.history import REQUIRED, write_history
from deadlight.store.summary import Crack, Run, Summary, Verdict
from deadlight.stress.solve import solve_stress
from deadlight.stress.supports import Seat

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "deadlight"
PAGES = sorted(
    p for folder in ("*", "docs/**/*", "meshes/*", "examples/**/*", "benchmarks/*") for p in ROOT.glob(folder + ".md")
)
GUIDES = [page for page in PAGES if page.parent.name == "docs" or page.name == "README.md"]
# From the ground up: a room imports rooms of earlier lines only.
ROOMS = (
    ("errors",),
    ("finite",),
    ("assumption", "remark", "series", "units", "limits", "kernels", "process", "progress"),
    ("mesh", "material", "linalg"),
    ("fem", "entry"),
    ("heat",),
    ("stress",),
    ("surface",),
    ("operator",),
    ("growth",),
    ("membrane",),
    ("export",),
    ("crack",),
    ("impact",),
    ("outcome",),
    ("store",),
    ("view",),
    ("case",),
    ("verify",),
    ("chain",),
    ("study",),
    ("doctor",),
    ("terminal",),
    ("cli_study",),
    ("cli_view",),
    ("cli",),
    ("__main__",),
)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def fenced(text: str) -> Iterator[tuple[str, str, str]]:
    """(mark, language, content) of every fenced block; the mark is the comment on the line before it, or ""."""
    for found in re.finditer(r"(?:<!--\s*(\w+)\s*-->\s*\n)?^```(\w*)\n(.*?)^```\s*$", text, flags=re.M | re.S):
        yield found[1] or "", found[2], found[3]


def pages_with(mark: str, language: str) -> list[Path]:
    return [p for p in GUIDES if any(b[:2] == (mark, language) for b in fenced(p.read_text(encoding="utf-8")))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a small finished run in out/first, as the pages on results expect."""
    run = tmp_path / "out" / "first"
    run.mkdir(parents=True)
    time = np.tile([0.0, 200.0, 400.0], 2)
    columns: dict[str, Any] = {name: np.full(6, np.nan) for name in REQUIRED} | {
        "crack": np.full(6, "C1"),
        "front_position": np.repeat([0.0, 1.0], 3),
        "time_s": time,
        "K_I": 1e5 + 1e3 * time,
        "K_Ic": np.full(6, 7.5e5),
    }
    write_history(run / "history.parquet", columns)
    Summary(
        deadlight="0", case="test", case_hash="0" * 16, verdict=Verdict.NOT_SHOWN, reasons=["a test"],
        runs=[Run(name="test", verdict=Verdict.NOT_SHOWN)],
        cracks=[Crack(name="C1", pane="thermal", case_type="through", state="dormant", K_over_KIc_max=0.67)],
    ).write(run / "summary.json")  # fmt: skip
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", pages_with("run", "python"), ids=named)
def test_marked_python_runs(page: Path, folder: Path) -> None:
    space: dict[str, Any] = {"__name__": "docs"}
    for mark, language, code in fenced(page.read_text(encoding="utf-8")):
        if (mark, language) == ("run", "python"):
            exec(compile(code, named(page), "exec"), space)


@pytest.mark.parametrize("page", [p for p in PAGES if "```python" in p.read_text(encoding="utf-8")], ids=named)
def test_every_import_in_python_blocks_exists(page: Path) -> None:
    for _, language, code in fenced(page.read_text(encoding="utf-8")):
        for node in ast.walk(ast.parse(code)) if language == "python" else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deadlight"):
                module = importlib.import_module(node.module or "")
                missing = [alias.name for alias in node.names if not hasattr(module, alias.name)]
                assert not missing, f"{named(page)}: {node.module} has no {missing}"


@pytest.mark.parametrize("page", pages_with("case", "toml"), ids=named)
def test_marked_case_parts_fit_the_case_form(page: Path) -> None:
    shipped = tomllib.loads((ROOT / "examples/shenzhou20/case.toml").read_text(encoding="utf-8"))
    for mark, language, text in fenced(page.read_text(encoding="utf-8")):
        if (mark, language) != ("case", "toml"):
            continue
        part = tomllib.loads(text)
        whole = part if "schema" in part else merged(shipped, part)
        if "mesh" in part:
            whole.pop("window", None)
        if "panes" in part.get("window", {}):  # drawn: in place of the ready-made drawing
            whole["window"] = part["window"]
        if part.get("environment", {}).get("trajectory", {}).get("kind") == "table":
            whole["environment"]["trajectory"] = part["environment"]["trajectory"]
        if "arcjet" in part.get("environment", {}):  # of a test article: nothing of the flight holds
            whole |= {"environment": part["environment"], "supports": {}}
        case = parse_case(whole, place=named(page), text=text)
        if case.window is not None and case.window.panes:
            build_viewport(case, root=ROOT)  # the window can be made
        for name, stated in case.materials.items():
            material_from_table(name, stated)


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    both = {**base, **change}
    inner = {
        k: v for k, v in change.items() if isinstance(v, dict) and isinstance(base.get(k), dict) and "value" not in v
    }
    return both | {k: merged(base[k], v) for k, v in inner.items()}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{named(page)}: {target} does not exist"
        if anchor:
            headings = re.findall(r"^#+ +(.*)$", there.read_text(encoding="utf-8"), flags=re.M)
            slugs = {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}
            assert anchor in slugs, f"{named(page)}: no heading for #{anchor} in {named(there)}"


def commands(text: str) -> Iterator[str]:
    """Command lines: `deadlight ...` in a code span, or at the start of a line of an indented or shell block."""
    plain = re.sub(r"```(\w*)\n.*?```", lambda m: "" if m[1] in ("python", "toml", "json") else m[0], text, flags=re.S)
    yield from re.findall(r"`(deadlight [^`\n]*)`", plain)
    yield from re.findall(r"^(?: {4,}|\$ )(?:\.venv/bin/)?(deadlight [^\n#]*)", plain, flags=re.M)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_exist(page: Path) -> None:
    known: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for command in commands(page.read_text(encoding="utf-8")):
        words = command.split()[1:]
        name = next((w for w in words if not w.startswith("-")), None)
        if name is None:
            continue
        assert name in known, f'{named(page)}: "{command}"; there are {", ".join(known)}'
        options = {o for p in known[name].params for o in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
        unknown = [w for w in words if w.startswith("--") and w.split("=")[0] not in options]
        assert not unknown, f"{named(page)}: {name} has no {unknown}"


def test_every_guide_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    missing = [p.name for p in ROOT.glob("docs/*.md") if p.name != "README.md" and f"({p.name})" not in index]
    assert not missing


def test_every_environment_variable_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    read = {v for p in SOURCE.rglob("*.py") for v in re.findall(r"DEADLIGHT_[A-Z]+", p.read_text(encoding="utf-8"))}
    assert read and not {v for v in read if v not in index}


def test_constants_in_the_theory_are_those_of_the_code() -> None:
    page = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    slow, water = lowspeed.SlowConvection(), lowspeed.WaterQuench()
    vehicle = trajectory.Vehicle(ballistic_coefficient=1.0)
    stated = (
        rf"{correlations.SUTTON_GRAVES * 1e4:g}\cdot10^{{-4}}",
        f"c_p={correlations.AIR_HEAT_CAPACITY:g}",
        f"V_f={slow.fast:g}",
        f"V_s={slow.slow:g}",
        rf"\min\big({slow.reference:g}\,(\rho V/9.8)^{{0.8}},\,{slow.ceiling:g}\big)",
        f"{slow.recovery:g}\\,V^2/2c_p",
        f"{water.coefficient:g} W/m²/K, {water.temperature:g} K, within {water.rise:g} s",
        f"({vehicle.parachute_time:g} s, assumed)",
        rf"/{pressure.VALVE_TIME:g}\,\mathrm s",
        f"contracts by {1 / tr_bdf2.STALE:g} or more",
        f"${control.SAFETY:g}\\,(tol/e)",
        f"at most {control.GROWTH:g} times",
        f"at most {inspect.signature(solve_stress).parameters['max_instants'].default} (`stress_instants`)",
        rf"{100 * inspect.signature(solve_stress).parameters['tolerance'].default:g}\,\%",
        rf"{inspect.signature(solve_stress).parameters['floor_Pa'].default / 1e3:g}\,\mathrm{{kPa}}",
        rf"\tfrac1{{{1 / Seat('f', stiffness=1.0).tangential:g}}}k",
        f"parts of {schwarz._PART} unknowns",
        f"more than {math.degrees(line.OBLIQUE):g}°",
        f"more than {math.degrees(line.SLANTED):g}°",
        f"{disc.ORDER} unknowns, more for cracks over {1e3 * disc.ORDER * through.RESOLVED:g} mm",
        f"le{section.SKIN_FACTOR:g}\\,",
        f"steps of {1e3 * quick.STEP:g} mm or {100 * growth.FINE_STEP:g} %",
        f"{100 * (1 - growth.FAR_SIDE):g} % of the chord",
        f"a/t={surface_history.DEEPEST_SHARE:g}",
        f"{math.degrees(weight_function.SURFACE_ANGLE):g}° below the face",
    )
    missing = [text for text in stated if text not in page]
    assert not missing


def test_the_theory_says_where_it_is_checked() -> None:
    page = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`(test_\w+\.py)`", page))
    assert listed == {p.name for p in ROOT.glob("tests/verification/test_*.py")}


def test_the_case_page_names_every_key_of_the_form() -> None:
    page = (ROOT / "docs/case.md").read_text(encoding="utf-8")
    named_there = set(re.findall(r"`\[*([\w.<>]+)\]*`", page)) | set(re.findall(r"\b(\w+) =", page))
    spoken = {part for word in named_there for part in word.split(".")}
    missing = {key for key in keys_of(Case) if key not in spoken} | {c for c in COLUMNS if c not in spoken}
    assert not missing, f"docs/case.md does not mention {sorted(missing)}"


def test_the_impact_page_names_every_key_of_its_form() -> None:
    page = (ROOT / "docs/howto-impact.md").read_text(encoding="utf-8")
    spoken = set(re.findall(r"`(\w+)`", page)) | set(re.findall(r"\b(\w+) =", page))
    missing = {key for key in keys_of(ImpactFile) if key not in spoken}
    assert not missing, f"docs/howto-impact.md does not mention {sorted(missing)}"


def keys_of(form: type[Form]) -> set[str]:
    """Names of all keys of a form and of the forms in it."""
    found: set[str] = set()
    todo, seen = [form], set()
    while todo:
        here = todo.pop()
        seen.add(here)
        for name, field in here.model_fields.items():
            found.add(field.alias or name)
            inner = [t for t in walk_types(field.annotation) if isinstance(t, type) and issubclass(t, Form)]
            todo += [t for t in inner if t not in seen]
    return found


def walk_types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from walk_types(part)


def test_architecture_names_objects_that_exist() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[^`]+`,? ?)+) \| `([\w/]+\.py)` \|", page, flags=re.M)
    assert len(rows) > 15
    for objects, path in rows:
        module = importlib.import_module("deadlight." + path.removesuffix(".py").replace("/", "."))
        for name in re.findall(r"`(\w+)(?:\(\))?`", objects):
            assert hasattr(module, name), f"{path} has no {name}"


def imports() -> Iterator[tuple[str, str, str]]:
    """(room, room it imports, place) of every import in the package."""
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE)
        room = inside.parts[0] if len(inside.parts) > 1 else inside.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module == "deadlight":
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deadlight."):
                modules = [(node.module or "").split(".")[1]]
            elif isinstance(node, ast.Import):
                modules = [a.name.split(".")[1] for a in node.names if a.name.startswith("deadlight.")]
            for other in modules:
                if other != room and not other.startswith("_"):
                    yield room, other, f"{inside}:{getattr(node, 'lineno', 0)}"


def test_rooms_import_downwards() -> None:
    level = {room: number for number, rooms in enumerate(ROOMS) for room in rooms}
    found = list(imports())
    rooms = {room for room, _, _ in found} | {other for _, other, _ in found}
    assert rooms <= set(level), f"rooms without a place: {sorted(rooms - set(level))}"
    assert set(level) <= rooms, f"rooms of the table that are gone: {sorted(set(level) - rooms)}"
    upwards = [f"{place}: {room} imports {other}" for room, other, place in found if level[other] >= level[room]]
    assert not upwards


def test_architecture_states_the_order_of_the_rooms() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    stated = re.search(r"<!-- rooms -->\s*```\n(.*?)```", page, flags=re.S)
    assert stated is not None
    lines = [tuple(line.split("#")[0].split()) for line in stated[1].strip().splitlines()]
    assert tuple(lines) == ROOMS
