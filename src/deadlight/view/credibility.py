"""What a run says about its own credibility, by the factors of NASA-STD-7009 (models and simulations)."""

from __future__ import annotations

from collections import Counter
from typing import Any

STATUS = {"R": "read in a source", "M": "from memory of a source", "D": "derived", "A": "assumed"}


def credibility(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Factor and what there is for it in this run; nothing is graded, that is for the one who signs.

    Parameters
    ----------
    summary : dict
        The contract of summary.json.
    """
    status = Counter(a["status"] for a in summary["assumptions"])
    pedigree = ", ".join(f"{status[key]} {text}" for key, text in STATUS.items() if status[key])
    deciding = [a for a in summary["assumptions"] if a["decides"]]
    errors = [c["numerical_error"] for c in summary["cracks"] if c["numerical_error"] is not None]
    numerical = f"up to {100 * max(errors):.2g} % of K" if errors else "not stated: no crack was solved"
    margins = [m["flips_at_factor"] for m in summary["margins"] if m["flips_at_factor"] is not None]
    turns = f"; the criteria turn at factors {', '.join(f'{x:.3g}' for x in margins)}" if margins else ""
    verification = "deadlight verify and tests/verification: closed forms, tables, other methods; limits in the tests"
    validation = "parts against experiments (glass in fires, an impact); no measured cracked window is public"
    flips = summary.get("flips") or []  # of a summary of an earlier version: none
    moved = f"{len(flips)} values moved through their bands, {sum(f['flips'] for f in flips)} of them turn the verdict"
    return [
        ("Data pedigree", pedigree or "nothing was assumed"),
        ("Verification", verification),
        ("Validation", validation),
        ("Input pedigree", f"{len(deciding)} of {len(summary['assumptions'])} values could turn the verdict"),
        ("Uncertainty characterisation", f"numerical error of K {numerical}; {moved}"),
        ("Results robustness", f"largest K/K_Ic {_largest(summary)}{turns}"),
        ("Use history", "none: no flight decision has rested on this program"),
        ("Management", f"deadlight {summary['deadlight']}, case {summary['case_hash']}; inputs of stages are hashed"),
        ("People", "to be filled in by the engineer who signs"),
    ]


def _largest(summary: dict[str, Any]) -> str:
    ratios = [c["K_over_KIc_max"] for c in summary["cracks"] if c["K_over_KIc_max"] is not None]
    return f"{max(ratios):.3g}" if ratios else "not known"
