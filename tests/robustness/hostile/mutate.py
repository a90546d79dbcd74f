"""Mutants of a sound file: one to three small changes, the same for the same seed."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
ODD = [
    b"0", b"-1", b"1", b"2", b"3", b"7", b"8", b"255", b"65536", b"2147483648", b"4294967295", b"9223372036854775807",
    b"18446744073709551616", b"99999999999999999999999", b"1e308", b"1e-308", b"1e400", b"nan", b"inf", b"-inf", b"0.5",
    b"1.0", b"-0.0", b"1e3", b"1d3", b"0x10", b"1_0", b"1,5", b"", b" ", b"abc", b"+", b"-", b".", b"1e", b"\xc2\xb2",
    b"\xd9\xa3", b"00000012", b"1.5e", b"--1", b"1 2",
]  # fmt: skip
UNITS = [
    b"m", b"mm", b"km", b"cm", b"um", b"in", b"ft", b"kg", b"s", b"K", b"degC", b"Pa", b"MPa", b"GPa", b"m/s", b"deg",
    b"rad", b"%", b"W/m**2", b"", b"furlong", b"m**2", b"mm**2", b"MPa*m**0.5", b"1/K", b"kg/m**3",
]  # fmt: skip
Change = Callable[[bytes, random.Random], bytes]


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _byte(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + rng.randrange(2) :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.choice([1, 2, 4, 8, 16, 64, 256])
    return data[:at] + data[at + length :]


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.choice([1, 2, 4, 8, 16, 64, 256])
    return data[: at + length] + data[at:]


def _number(data: bytes, rng: random.Random) -> bytes:
    found = list(NUMBER.finditer(data))
    if not found:
        return _flip(data, rng)
    hit = rng.choice(found)
    old = hit.group()
    new = rng.choice(ODD)
    if rng.random() < 0.5 and re.fullmatch(rb"-?\d{1,15}", old):
        new = str(int(old) + rng.choice([-1, 1, -2, 10, 1000])).encode()
    elif rng.random() < 0.3:
        new = rng.choice(found).group()
    return data[: hit.start()] + new + data[hit.end() :]


def _digit(data: bytes, rng: random.Random) -> bytes:
    """One digit of a number become another: such a file is often sound, and then means something else."""
    hit = rng.choice(list(re.finditer(rb"[0-9]", data)) or [None])
    if hit is None:
        return _flip(data, rng)
    return data[: hit.start()] + str(rng.randrange(10)).encode() + data[hit.end() :]


def _count(data: bytes, rng: random.Random) -> bytes:
    """A number among the first of the file, where the counts stand."""
    found = list(NUMBER.finditer(data))[:40]
    if not found:
        return _flip(data, rng)
    hit = rng.choice(found)
    old = hit.group()
    plain = len(old) < 15 and math.isfinite(float(old))  # 1e999 is none
    new = str(int(float(old)) + rng.choice([-1, 1, 2, 100, 10**6])).encode() if plain else b"1"
    return data[: hit.start()] + new + data[hit.end() :]


def _lines(data: bytes, rng: random.Random) -> bytes:
    rows = data.split(b"\n")
    at, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    how = rng.randrange(5)
    if how == 0:
        rows.insert(at, rows[at])
    elif how == 1:
        del rows[at]
    elif how == 2:
        rows[at], rows[other] = rows[other], rows[at]
    elif how == 3:
        rows.insert(at, rows[other])
    else:
        rows[at] = rows[at][: rng.randrange(len(rows[at]) + 1)]
    return b"\n".join(rows)


def _words(data: bytes, rng: random.Random) -> bytes:
    """Two words exchanged, one left out, or its case changed."""
    found = list(re.finditer(rb"[A-Za-z_$*][A-Za-z0-9_.]*", data))
    if len(found) < 2:
        return _flip(data, rng)
    a, b = sorted(rng.sample(range(len(found)), 2))
    first, second = found[a], found[b]
    how = rng.randrange(3)
    if how == 0:
        swapped = data[: first.start()] + second.group() + data[first.end() : second.start()] + first.group()
        return swapped + data[second.end() :]
    new = b"" if how == 1 else first.group().swapcase()
    return data[: first.start()] + new + data[first.end() :]


def _quoted(data: bytes, rng: random.Random) -> bytes:
    """A quoted value: another number, another unit, without its quotes, or another value of the file."""
    found = list(re.finditer(rb'"([^"\n]*)"', data))
    if not found:
        return _number(data, rng)
    hit = rng.choice(found)
    number, _, unit = hit.group(1).partition(b" ")
    how = rng.randrange(5)
    if how == 0:
        new = b'"' + rng.choice(ODD) + b" " + unit + b'"'
    elif how == 1:
        new = b'"' + number + b" " + rng.choice(UNITS) + b'"'
    elif how == 2:
        new = number
    elif how == 3:
        new = rng.choice(found).group()
    else:
        factor = rng.choice([b"e3", b"e-3", b"0", b"e6", b".5"])
        new = b'"' + number + factor + b" " + unit + b'"'
    return data[: hit.start()] + new + data[hit.end() :]


CHANGES: list[Change] = [
    _flip, _byte, _cut, _truncate, _repeat, _number, _number, _digit, _digit, _count, _lines, _lines, _words
]  # fmt: skip
TOML_CHANGES: list[Change] = [
    _flip, _byte, _truncate, _number, _digit, _lines, _words, _quoted, _quoted, _quoted, _quoted
]  # fmt: skip


def mutant(data: bytes, seed: str, *, toml: bool = False) -> bytes:
    """The mutant of a seed; it differs from the file."""
    rng = random.Random(seed)
    while True:
        made = data
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            if made:
                made = rng.choice(TOML_CHANGES if toml else CHANGES)(made, rng)
        if made != data:
            return made
