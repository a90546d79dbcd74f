"""The package says that it is typed, and is: every function and method, and every function of a kernel by its stub."""

import ast
import importlib
import inspect
from importlib import resources
from pathlib import Path

import pytest

import deadlight

SOURCE = Path(deadlight.__file__).parent
MODULES = sorted(p for p in SOURCE.rglob("*.py"))
STUBS = sorted(SOURCE.glob("*.pyi"))


def test_the_mark_ships():
    assert resources.files("deadlight").joinpath("py.typed").is_file()


@pytest.mark.parametrize("stub", STUBS, ids=lambda p: p.stem)
def test_a_stub_ships_for_every_kernel_and_knows_its_functions(stub):
    kernel = importlib.import_module(f"deadlight.{stub.stem}")
    told = {node.name for node in ast.parse(stub.read_text()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    public = {name for name in vars(kernel) if not name.startswith("_") and callable(getattr(kernel, name))}
    own = {name for name in public if not inspect.ismodule(getattr(kernel, name))}
    assert told <= public
    assert own - told <= {"prange", "np"}, f"{stub.name} does not tell of {own - told}"


def test_every_kernel_has_a_stub():
    assert {p.name.split(".")[0] for p in SOURCE.glob("_*.so")} == {p.stem for p in STUBS}


def untyped(source: str) -> list[str]:
    """Functions of a text, and methods of its classes, of which an argument or the result has no type."""
    tree, found = ast.parse(source), []
    for scope in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for node in scope.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                bare = [a.arg for a in taken if a.annotation is None and a.arg not in ("self", "cls")]
                if bare or node.returns is None:
                    found.append(node.name)
    return found


def test_every_function_says_what_it_takes_and_returns():
    assert untyped("def f(x) -> int: ...\ndef g(x: int): ...\nclass A:\n    def h(self, y: int) -> int: ...") == [
        "f",
        "g",
    ]
    assert {p.name: names for p in MODULES if (names := untyped(p.read_text(encoding="utf-8")))} == {}
