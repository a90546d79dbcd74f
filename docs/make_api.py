"""Reference of the Python API, from the docstrings: one Markdown page a room.

    python docs/make_api.py --out out/api

Only what is public and defined in the room is listed, with its signature; open the pages in any reader of Markdown.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import deadlight

LEFT_OUT = {"cli", "cli_view", "cli_study", "__main__", "terminal"}  # the command line has --help


def modules(room: str) -> Iterator[ModuleType]:
    """Modules of a room that can be imported, in order of name."""
    package = importlib.import_module(f"deadlight.{room}")
    yield package
    for found in pkgutil.iter_modules(getattr(package, "__path__", [])):
        if not found.name.startswith("_") and found.name != "__main__":
            yield importlib.import_module(f"deadlight.{room}.{found.name}")


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Functions and classes defined in a module, without an underscore, documented."""
    for name, value in vars(module).items():
        mine = getattr(value, "__module__", None) == module.__name__
        if mine and not name.startswith("_") and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name, value


def entry(name: str, value: object) -> str:
    """Heading, signature and docstring of one thing."""
    try:
        signature = str(inspect.signature(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        signature = "(...)"
    kind = "class" if inspect.isclass(value) else "function"
    text = inspect.getdoc(value) or ""
    return f"### {name}\n\n{kind} `{name}{signature}`\n\n```text\n{text}\n```\n"


def page(room: str) -> str:
    """The page of a room."""
    parts = [f"# deadlight.{room}\n"]
    for module in modules(room):
        entries = [entry(name, value) for name, value in public(module)]
        if entries:
            parts.append(f"## {module.__name__}\n\n{inspect.getdoc(module) or ''}\n")
            parts += entries
    return "\n".join(parts)


def rooms() -> list[str]:
    """Everything directly under the package but the command line."""
    names = (m.name for m in pkgutil.iter_modules(deadlight.__path__))
    return sorted(name for name in names if name not in LEFT_OUT and not name.startswith("_"))


def make(out: Path) -> list[Path]:
    """Writes all pages and an index; returns their paths."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for room in rooms():
        path = out / f"{room}.md"
        path.write_text(page(room), encoding="utf-8")
        written.append(path)
    index = out / "README.md"
    lines = [f"- [deadlight.{path.stem}]({path.name})" for path in written]
    index.write_text("# Python API\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return [index, *written]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/api"))
    for each in make(parser.parse_args().out):
        print(each)
