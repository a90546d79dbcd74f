"""Small faults put into a source text, one at a time: what a test suite that checks the numbers has to notice.

Left alone: words of errors, assertions, annotations, decorators, and numbers that are choices and no formula: constants
of a module, defaults of arguments, and limits of round-off below 1e-5.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass

COMPARED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
COMPUTED = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Pow: "*", ast.MatMult: "*"}
ROUND_OFF = 1e-5
TEXT = {ast.And: "or", ast.Or: "and"}


@dataclass(frozen=True)
class Mutant:
    """One change of a source text.

    Attributes
    ----------
    line : int
        Of the change, from 1.
    start, end : int
        Bytes of the text that are replaced.
    old, new : str
    statement : tuple of int
        First and last line of the statement it stands in, of an if or a loop those of its head.
    """

    line: int
    start: int
    end: int
    old: str
    new: str
    statement: tuple[int, int]

    def applied(self, source: str) -> str:
        """The text with the change."""
        data = source.encode()
        return (data[: self.start] + self.new.encode() + data[self.end :]).decode()


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self.begin = [0]
        for line in self.data.splitlines(keepends=True):
            self.begin.append(self.begin[-1] + len(line))
        self.statement = (1, 1)
        self.found: list[Mutant] = []

    def visit(self, node: ast.AST) -> None:
        """Visit a node, knowing the statement it stands in."""
        outer = self.statement
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            self.statement = (node.lineno, max(node.lineno, last))
        super().visit(node)
        self.statement = outer

    def _replace(self, first: int, last: int, new: str, line: int) -> None:
        self.found.append(Mutant(line, first, last, self.data[first:last].decode(), new, self.statement))

    def _span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.begin[node.lineno - 1] + node.col_offset, self.begin[node.end_lineno - 1] + node.end_col_offset

    def _between(self, left: ast.expr, right: ast.expr, wanted: tuple[str, ...], new: str) -> None:
        """Replace the operator between two expressions; brackets and blanks around it stay."""
        first, last = self._span(left)[1], self._span(right)[0]
        gap = self.data[first:last].decode()
        for text in wanted:
            at = gap.find(text)
            if at >= 0 and "#" not in gap[:at]:
                self._replace(first + at, first + at + len(text), new, left.end_lineno or left.lineno)
                return

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in COMPUTED and not _is_text(node.left) and not _is_text(node.right):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}
            self._between(node.left, node.right, (sign[type(node.op)],), COMPUTED[type(node.op)])
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for op, right in zip(node.ops, node.comparators):
            if type(op) in COMPARED:
                signs = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
                self._between(left, right, (signs[type(op)],), COMPARED[type(op)])
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:]):
            self._between(left, right, ("and",) if isinstance(node.op, ast.And) else ("or",), TEXT[type(node.op)])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        first, last = self._span(node.operand)
        if isinstance(node.op, ast.USub | ast.Not):
            self._replace(self._span(node)[0], last, self.data[first:last].decode(), node.lineno)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._replace(*self._span(node), str(not node.value), node.lineno)
        elif isinstance(node.value, int):
            self._replace(*self._span(node), str(node.value + 1), node.lineno)
        elif isinstance(node.value, float) and (node.value == 0.0 or abs(node.value) >= ROUND_OFF):
            self._replace(*self._span(node), repr(1.5 * node.value if node.value else 1.0), node.lineno)

    def visit_If(self, node: ast.If) -> None:
        first, last = self._span(node.test)
        self._replace(first, last, f"not ({self.data[first:last].decode()})", node.lineno)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Words of an error are no number; what decides on it is the condition before."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """An assertion tells the type checker something."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Words."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value, without its annotation."""
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                self.visit(statement)

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                self.visit(statement)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def mutants(source: str, lines: Container[int] | None = None) -> Iterator[Mutant]:
    """All changes of a text, or of some of its lines, that leave it valid Python, in the order of its lines."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    for each in sorted(set(finder.found), key=lambda m: (m.start, m.end, m.new)):
        if lines is not None and each.line not in lines:
            continue
        try:
            compile(each.applied(source), "mutant", "exec")
        except (SyntaxError, ValueError):
            continue
        yield each
