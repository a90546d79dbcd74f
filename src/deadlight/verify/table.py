"""The table that `deadlight verify` prints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from deadlight.verify.case import Line, Outcome
from deadlight.verify.run import Verification

HEAD = ("case", "quantity", "unknowns", "error (where)", "estimate", "allowed", "", "s")


def verdict(outcome: Outcome, each: Line) -> str:
    """ "pass" or "MISS" for a judge; "in band" or "OUT OF BAND" for a fit."""
    if outcome.case.judge == "fit":
        return "in band" if each.passed else "OUT OF BAND"
    return "pass" if each.passed else "MISS"


def percent(value: float) -> str:
    """A share in percent, with enough digits to be read."""
    return f"{100 * value:.2g} %" if abs(value) < 1e-4 else f"{100 * value:.2f} %"


def rows(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """Cells of one case, a row a quantity."""
    if outcome.failure:
        why = outcome.failure.splitlines()[0][:60]
        yield (outcome.case.name, why, "", "", "", "", "NOT SOLVED", f"{outcome.seconds:.1f}")
        return
    for number, each in enumerate(outcome.lines):
        i = each.worst
        error, where = each.error[i], f" ({each.where[i]:.3g} {each.unit})".replace(" )", ")") if each.unit else ""
        own = each.estimate[i] / each.scale[i]
        sign = f"{'+' if error > 0 else ''}{percent(error)}"
        first = number == 0
        yield (
            outcome.case.name if first else "",
            each.what,
            str(outcome.unknowns) if first else "",
            sign + where,
            percent(own) if np.isfinite(own) else "",
            percent(each.tolerance[i]),
            verdict(outcome, each),
            f"{outcome.seconds:.1f}" if first else "",
        )


def text(found: Verification) -> str:
    """The whole table with what it comes to."""
    body = [row for outcome in found.outcomes for row in rows(outcome)]
    width = [max(len(row[i]) for row in [HEAD, *body]) for i in range(len(HEAD))]
    right = {2, 7}

    def drawn(row: tuple[str, ...]) -> str:
        return "  ".join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, width))).rstrip()

    lines = [drawn(HEAD), "  ".join("-" * w for w in width), *map(drawn, body), ""]
    for outcome in found.outcomes:
        lines += [f"alarm, {outcome.case.name}: {remark}" for remark in dict.fromkeys(outcome.remarks)]
    return "\n".join([*lines, *summary(found)])


def summary(found: Verification) -> Iterator[str]:
    """Verdict in words, and how the error estimate does."""
    judged = [o for o in found.outcomes if o.case.judge != "fit"]
    fits = [o for o in found.outcomes if o.case.judge == "fit"]
    good = sum(o.passed for o in judged)
    yield f"{good} of {len(judged)} cases with a reference pass ({sum(o.seconds for o in found.outcomes):.0f} s)"
    if fits:
        inside = sum(o.passed for o in fits)
        yield f"{inside} of {len(fits)} sanity checks against fits and recalled tables lie within their band"
    share, ratio, count = found.bracketed()
    if count:
        yield (
            f"error estimate: at or above the true error at {100 * share:.1f} % of {count} points of exact cases; "
            f"median estimate / true {ratio:.1f}"
        )
