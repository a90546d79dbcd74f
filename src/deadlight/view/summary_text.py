"""A summary in the terminal: verdict first, then cracks, events and what was assumed."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

COLOURS = {"GO": "green", "GO_WITH_RESTRICTION": "yellow", "NO_GO": "red", "NOT_SHOWN": "magenta"}
SHOWN_ASSUMPTIONS = 12


def print_summary(summary: dict[str, Any], *, console: Console) -> None:
    """Prints the summary contract for a reader; plain text when the console is not a terminal."""
    verdict = summary["verdict"]
    reasons = Text("\n".join(f"- {reason}" for reason in summary["reasons"]))
    console.print(
        Panel(
            reasons,
            title=Text(f" {verdict} ", style=f"bold {COLOURS.get(verdict, 'white')}"),
            subtitle=Text(summary["case"]),
            expand=True,
        )
    )
    if summary["cracks"]:
        console.print(_cracks(summary["cracks"]))
    if summary["panes"]:
        console.print(_panes(summary["panes"]))
    events = _events(summary["events"])
    if events.row_count:
        console.print(events)
    if len(summary.get("runs", ())) > 1 or summary.get("what_ifs"):
        console.print(_runs(summary))
    for warning in summary["warnings"]:
        console.print(Text(f"warning: {warning}", style="yellow"), soft_wrap=True)
    assumed = [a for a in summary["assumptions"] if a["decides"]]
    if assumed:
        console.print(Text("assumed, and it decides:", style="bold"))
        for item in assumed[:SHOWN_ASSUMPTIONS]:
            console.print(
                Text(f"  {item['key']} = {item['value']}  ({item['status']}: {item['source']})"), soft_wrap=True
            )
    others = len(summary["assumptions"]) - len(assumed)
    if others:
        console.print(Text(f"{others} further assumption{'s' * (others > 1)} in report.html", style="dim"))


def _table(*headers: str) -> Table:
    """A table whose headers may hold a unit in brackets, which rich would take for a style."""
    return Table(*(escape(header) for header in headers))


def _cell(value: Any, scale: float = 1.0, digits: int = 3) -> str:
    return "-" if value is None else f"{value * scale:.{digits}g}"


def _cracks(cracks: list[dict[str, Any]]) -> Table:
    table = _table("crack", "pane", "type", "end state", "K/K_Ic max", "at [s]", "2c at end [mm]", "error of K")
    for c in cracks:
        error = "-" if c["numerical_error"] is None else f"{100 * c['numerical_error']:.2g} %"
        table.add_row(
            Text(c["name"]),
            Text(c["pane"]),
            c["case_type"],
            c["state"] or "not followed",
            _cell(c["K_over_KIc_max"]),
            _cell(c["time_of_max_s"]),
            _cell(c["two_c_m"], 1e3),
            error,
        )
    return table


def _panes(panes: list[dict[str, Any]]) -> Table:
    table = _table("pane", "role", "state", "peak temperature [K]", "peak tension [MPa]")
    for p in panes:
        table.add_row(
            Text(p["name"]),
            p["role"],
            p["state"] or "not followed",
            _cell(p["peak_temperature_K"], digits=4),
            _cell(p["peak_tension_Pa"], 1e-6),
        )
    return table


def _runs(summary: dict[str, Any]) -> Table:
    """Returns, which count, and what-ifs, which do not."""
    table = _table("return or what-if", "verdict", "no credit", "credit", "K/K_Ic max", "changed")
    rows = [(run, "") for run in summary["runs"]] + [(run, "what if: ") for run in summary["what_ifs"]]
    for run, kind in rows:
        table.add_row(
            Text(f"{kind}{run['name']}"),
            Text(run["verdict"], style=COLOURS.get(run["verdict"], "white")),
            run["no_credit"] or "-",
            run["credit"] or "-",
            _cell(run["K_over_KIc_max"]),
            Text("; ".join(f"{key} = {value}" for key, value in run["changed"].items())),
        )
    return table


def _events(events: list[dict[str, Any]]) -> Table:
    table = _table("time [s]", "altitude [km]", "what", "where")
    for e in events:
        table.add_row(
            _cell(e["time_s"], digits=4), _cell(e["altitude_m"], 1e-3), Text(e["what"]), Text(e["where"] or "")
        )
    return table
