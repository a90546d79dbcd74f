"""Every error about what was put in names the place and a remedy."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import deadlight.surface

FILES = sorted(Path(deadlight.surface.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_errors_have_place_and_remedy(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("InputError", "MeshError"):
            given = {k.arg for k in node.keywords}
            assert {"place", "remedy"} <= given, f"{path.name}:{node.lineno}"
