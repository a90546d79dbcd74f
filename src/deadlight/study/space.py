"""From parameters and a design to the rows of a study: always the same for the same seed."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from scipy.stats import qmc

from deadlight.entry.columns import table_rows
from deadlight.errors import CaseError
from deadlight.study.form import MOST_ROWS, Parameter, Range, split
from deadlight.study.read import Study
from deadlight.units import plain_number

Array = np.ndarray[Any, np.dtype[np.float64]]
DIGITS = 12  # of a drawn value: the text states what is run, exactly
LEFT = 1e-3  # of a distribution between its limits: with less of it another one was meant


@dataclass(frozen=True)
class Row:
    """One combination: the case it varies, and text with a unit for every parameter.

    Attributes
    ----------
    index : int
    base : int
        Which of the study's cases.
    values : tuple of (name, text)
    """

    index: int
    base: int
    values: tuple[tuple[str, str], ...]


def rows_of(study: Study) -> tuple[Row, ...]:
    """All rows, those of one case after the other's."""
    combinations = _combinations(study)
    count = len(combinations)
    return tuple(
        Row(base * count + i, base, values) for base in range(len(study.bases)) for i, values in enumerate(combinations)
    )


def _combinations(study: Study) -> list[tuple[tuple[str, str], ...]]:
    form = study.form
    if form.design.kind == "table":
        return _from_table(study)
    if not form.parameters:
        return []
    if form.design.kind == "grid":
        levels = [_levels(p) for p in form.parameters]
        return [
            tuple((p.name, _text(v, p)) for p, v in zip(form.parameters, combination))
            for combination in itertools.product(*levels)
        ]
    unit = _drawn(study)
    columns = [quantile(p.spread, unit[:, i]) for i, p in enumerate(form.parameters)]
    return [
        tuple((p.name, _text(float(column[i]), p)) for p, column in zip(form.parameters, columns))
        for i in range(len(unit))
    ]


def _drawn(study: Study) -> Array:
    """Points of the unit cube: those of the window drawn apart and dealt out evenly."""
    form = study.form
    n, parameters = form.design.samples, form.parameters
    own = [i for i, p in enumerate(parameters) if not p.shared]
    shared = [i for i, p in enumerate(parameters) if p.shared]
    unit = np.empty((n, len(parameters)))
    if own:
        unit[:, own] = _sequence(form.design.kind, len(own), n, form.seed)
    if shared:
        count = min(form.design.windows, n)
        windows = _sequence(form.design.kind, len(shared), count, form.seed + 1)
        # by a permutation: what a window is dealt has nothing to do with the order of the other parameters
        deal = np.random.default_rng(form.seed + 2).permutation(np.arange(n) % count)
        unit[:, shared] = windows[deal]
    return unit


def _sequence(kind: str, dimension: int, count: int, seed: int) -> Array:
    """Points of a low-discrepancy design inside the unit cube."""
    rng = np.random.default_rng(seed)
    if kind == "sobol":
        sampler = qmc.Sobol(dimension, scramble=True, rng=rng)
        points = sampler.random_base2(int(np.ceil(np.log2(max(count, 2)))))[:count]
    else:
        points = qmc.LatinHypercube(dimension, rng=rng).random(count)
    return np.clip(np.asarray(points, dtype=float), 1e-12, 1.0 - 1e-12)


def quantile(spread: Range, share: Array) -> Array:
    """Values of a range, in its unit, at shares of its probability."""
    number = spread.number
    if spread.kind == "uniform":
        return np.asarray(number("low") + share * (number("high") - number("low")))
    if spread.kind == "log_uniform":
        low, high = np.log(number("low")), np.log(number("high"))
        return np.exp(low + share * (high - low))
    if spread.kind == "table":
        weight = np.array(spread.weights or [1.0] * len(spread.values))
        upto = np.cumsum(weight / weight.sum())
        return np.array(spread.numbers())[np.searchsorted(upto, share, side="right").clip(max=len(upto) - 1)]
    if spread.kind == "normal":
        law = stats.norm(number("mean"), number("deviation"))
    else:
        law = stats.lognorm(s=number("deviation"), scale=number("median"))
    low = law.cdf(number("low")) if spread.low is not None else 0.0
    high = law.cdf(number("high")) if spread.high is not None else 1.0
    if not high - low >= LEFT:
        raise CaseError(
            f"{high - low:.2g} of the {spread.kind} distribution lies between {spread.low or 'its lowest value'} and "
            f"{spread.high or 'its highest'}, less than {LEFT:g}",
            place="parameters.spread",
            remedy="move the limits, or its middle",
        )
    with np.errstate(over="ignore"):
        values = np.asarray(law.ppf(low + share * (high - low)))
    if not np.isfinite(values).all():
        raise CaseError(
            f"a {spread.kind} distribution of deviation {spread.deviation} has values that are no number",
            place="parameters.spread",
            remedy="state a smaller deviation",
        )
    return values


def _levels(parameter: Parameter) -> list[float]:
    """Values of a parameter in a grid: a table's own, or from one end of a range to the other."""
    spread = parameter.spread
    if spread.kind == "table":
        return list(spread.numbers())
    if spread.kind == "uniform":
        return np.linspace(spread.number("low"), spread.number("high"), parameter.levels).tolist()
    if spread.kind == "log_uniform":
        return np.geomspace(spread.number("low"), spread.number("high"), parameter.levels).tolist()
    middles = (np.arange(parameter.levels) + 0.5) / parameter.levels
    return quantile(spread, middles).tolist()


def _text(value: float, parameter: Parameter) -> str:
    return f"{value:.{DIGITS}g} {parameter.spread.unit}".strip()


def _from_table(study: Study) -> list[tuple[tuple[str, str], ...]]:
    """Rows of a CSV: a column is a parameter with its unit in brackets; what is empty stays as the case states it."""
    place = str(study.path.parent / str(study.form.design.file))
    try:
        text = study.table.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(f"byte {error.start} is not text", place=place, remedy="a CSV in UTF-8") from error
    header, lines = table_rows(io.StringIO(text, newline=""), place)
    lines = [(number, line) for number, line in lines if any(cell.strip() for cell in line)]
    if not 0 < len(lines) <= MOST_ROWS:
        raise CaseError(f"{len(lines)} rows", place=place, remedy=f"one line for every row, at most {MOST_ROWS}")
    heads = [_head(cell, place) for cell in header]
    names = [name for name, _ in heads]
    if twice := [name for name in names if names.count(name) > 1]:
        raise CaseError(f"two columns state {twice[0]}", place=place, remedy="one column for every parameter")
    return [_table_row(heads, line, f"{place}: line {number}") for number, line in lines]


def _table_row(heads: list[tuple[str, str]], line: list[str], place: str) -> tuple[tuple[str, str], ...]:
    if len(line) != len(heads):
        raise CaseError(f"{len(line)} values", place=place, remedy=f"{len(heads)} values, as there are names")
    values = []
    for (name, unit), cell in zip(heads, line):
        if not cell.strip():
            continue
        try:
            plain_number(cell) if unit else split(cell)
        except ValueError as error:
            told = f'"{cell.strip()[:60]}" is not a number'
            remedy = f"a number alone: the heading states {unit}" if unit else "a number, its unit in the heading"
            raise CaseError(told, place=f"{place}, {name}", remedy=remedy) from error
        values.append((name, f"{cell.strip()} {unit}".strip()))
    return tuple(values)


def _head(cell: str, place: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s*([A-Za-z0-9_.]+)\s*(?:\[([^\]]*)\])?\s*", cell)
    if not found or "." not in found[1]:
        remedy = 'a parameter with its unit, "cracks.C1.two_c [mm]"'
        raise CaseError(f'"{cell}" does not name a parameter', place=place, remedy=remedy)
    return found[1], (found[2] or "").strip()
