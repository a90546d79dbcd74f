"""Which files a mesh file brings along: includes of a deck, heavy data of XDMF, found by the readers' own rules.

What decides the numbers belongs to the hash of a case; so these must be the files that a reader opens, all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from deadlight.errors import MeshError
from deadlight.mesh import abaqus, nastran, xdmf
from deadlight.mesh.structure import FORMATS, within

LONGEST = 1 << 16  # characters of a line or of a name: no file system has longer paths
_DECKS = {"Abaqus": abaqus.included, "Nastran": nastran.included}


def brought(path: Path, root: Path) -> list[Path]:
    """The files that a mesh file leads to, resolved, each once, in the order in which they are named.

    A file that does not exist, lies outside `root` or is no XML is left to the reader, which refuses it.  Nothing is
    held but one line or one name at a time.

    Parameters
    ----------
    path, root : Path
        The mesh file, and the folder that the others must not leave.

    Raises
    ------
    OSError
        A file cannot be read.
    """
    form = FORMATS.get(path.suffix.lower(), "")
    path = path.resolve()
    found: dict[Path, None] = {path: None}
    if form in _DECKS:
        _included(path, root, _DECKS[form], found)
    elif form == "XDMF":
        _take(_heavy(path), path, root, found)
    return list(found)[1:]


def _included(path: Path, root: Path, included: Callable[[str], str | None], found: dict[Path, None]) -> None:
    """Adds what a deck includes, to any depth, whatever the extension of what is included."""
    queue = [path]
    while queue:
        here = queue.pop(0)
        names = (name for line in _lines(here) if (name := included(line)) is not None)
        queue += _take(names, here, root, found)


def _take(names: Iterator[str], here: Path, root: Path, found: dict[Path, None]) -> list[Path]:
    """Adds the files of these names to those found, and returns those that are new."""
    new = []
    for name in names:
        try:
            other = within(here.parent / name, root, place=str(here))
        except (MeshError, OSError, RuntimeError, ValueError):  # outside, missing, a loop of links, no name at all
            continue
        if other not in found:
            found[other] = None
            new.append(other)
    return new


def _lines(path: Path) -> Iterator[str]:
    """The lines of a deck as its reader splits them; one that is longer than any name is passed over."""
    with open(path, encoding="utf-8", errors="replace") as opened:
        whole = True
        while part := opened.readline(LONGEST):
            begins, whole = whole, part.endswith("\n")
            if begins and (whole or len(part) < LONGEST):
                yield part.removesuffix("\n")


def _heavy(path: Path) -> Iterator[str]:
    """Names of the heavy data in an XDMF file, as far as it is XML."""
    names: list[str] = []
    parser = expat.ParserCreate()
    texts: list[tuple[str, list[str]]] = []  # format and text of the data items that are open

    def start(tag: str, attrib: dict[str, str]) -> None:
        if tag == "DataItem":
            texts.append((attrib.get("Format", "XML"), []))

    def text(part: str) -> None:
        if texts and texts[-1][0].upper() != "XML" and sum(map(len, texts[-1][1])) <= LONGEST:
            texts[-1][1].append(part)

    def end(tag: str) -> None:
        if tag == "DataItem":
            form, parts = texts.pop()
            names.append(xdmf.heavy_file(form, "".join(parts)))

    def doctype(*_: object) -> None:
        raise MeshError("a document type", place=str(path))

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    with open(path, "rb") as opened:
        try:
            while part := opened.read(1 << 20):
                parser.Parse(part, False)
                yield from names
                names.clear()
        except (expat.ExpatError, LookupError, ValueError):  # no XML (MeshError is a ValueError): the reader says so
            yield from names
