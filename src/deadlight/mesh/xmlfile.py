"""XML of mesh files, read without entities, document types or includes, every element with its line.

The parser itself refuses a document type, whatever the encoding of the file: text searched for in the bytes could be
hidden in another encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from deadlight.errors import MeshError

DEPTH = 32
"""Elements within elements; VTU and XDMF need 7."""


@dataclass(eq=False)
class Node:
    """One element: name, attributes, line in the file, elements inside, text."""

    tag: str
    attrib: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def all(self, tag: str) -> list[Node]:
        """The elements of a name directly inside."""
        return [child for child in self.children if child.tag == tag]

    def walk(self) -> Iterator[Node]:
        """This element and all within."""
        yield self
        for child in self.children:
            yield from child.walk()


def at_fault(path: Path, line: int, found: str, remedy: str = "export the mesh again") -> MeshError:
    """An error about a line of the file."""
    return MeshError(found, place=f"{path}, line {line}", remedy=remedy)


class _Builder:
    def __init__(self, path: Path, parser: expat.XMLParserType) -> None:
        self.path, self.parser = path, parser
        self.root: Node | None = None
        self.open: list[Node] = []

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if tag.lower() in ("xi:include", "include"):
            raise at_fault(self.path, line, "the XML includes other files", "write one self-contained file")
        node = Node(tag, attrib, line)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)
        if len(self.open) > DEPTH:
            raise at_fault(self.path, line, f"elements are nested more than {DEPTH} deep")

    def end(self, tag: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        if self.open:
            self.open[-1].parts.append(text)

    def doctype(self, *_: object) -> None:
        line = self.parser.CurrentLineNumber
        raise at_fault(self.path, line, "the XML has a DOCTYPE or ENTITY", "mesh files need none: remove it")


def parse(data: bytes, path: Path, *, closing: str) -> Node:
    """The root element of a file's bytes.

    Parameters
    ----------
    closing : str
        Name of the root element, with which the file must end.

    Raises
    ------
    MeshError
        No well-formed XML, cut short, another root, a document type, an include or nesting beyond reason.
    """
    if f"</{closing}>".encode() not in data[-4096:]:
        raise MeshError(
            f"the file does not end with </{closing}>",
            place=str(path),
            remedy="it is truncated: export the mesh again",
        )
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 20
    builder = _Builder(path, parser)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise at_fault(path, error.lineno, f"broken XML: {expat.ErrorString(error.code)}") from None
    except (LookupError, ValueError) as error:  # an encoding that does not exist or is not supported
        raise MeshError(f"broken XML: {error}", place=str(path), remedy="save it as UTF-8") from None
    root = builder.root
    if root is None or root.tag != closing:
        found = "nothing" if root is None else f"<{root.tag[:40]}>"
        raise MeshError(f"found {found}, expected <{closing}>", place=str(path), remedy="export the mesh again")
    return root
