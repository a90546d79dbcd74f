"""The report of a study: pictures and tables from what its folder holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deadlight import __version__
from deadlight.case.crack import Through
from deadlight.chain.viewport import build_viewport
from deadlight.errors import InputError
from deadlight.store import atomic
from deadlight.study.answers import columns, read_answers
from deadlight.study.folder import ANSWERS, MAP, PICTURES, REPORT, read_about
from deadlight.study.form import split
from deadlight.study.map_checks import CHECKS, NAMES
from deadlight.study.plan import Plan, plan_of
from deadlight.study.read import Base, Study, read_study
from deadlight.study.table import read_table
from deadlight.units import quantity
from deadlight.view import study_plots
from deadlight.view.report import Picture, Table
from deadlight.view.study_report import write_study_report
from deadlight.view.style import svg

CURVES = 6  # fragility curves in the report
MOST_ROWS = 40  # of a table in the report


def report_folder(folder: Path) -> Path:
    """Writes the report of a finished study again.

    Raises
    ------
    InputError
        The study is not finished, or its file is gone.
    """
    about = read_about(folder)
    if not (folder / ANSWERS).exists():
        raise InputError("the study is not finished", place=str(folder), remedy=f"deadlight resume {folder}")
    study = read_study(about["source"])
    return write_report(study, plan_of(study), folder)


def write_report(study: Study, plan: Plan, folder: Path) -> Path:
    """`report.html` and its pictures as files of their own."""
    answers = read_answers(folder)
    pictures = [*_of_returns(study, folder, answers), *_of_maps(study, folder, answers)]
    for i, picture in enumerate(pictures):
        name = "".join(c if c.isalnum() else "_" for c in picture.title.lower())[:60]
        atomic.write_bytes(folder / PICTURES / f"{i:02d}_{name}.svg", picture.data)
    tables = [*_tables(answers), *_audits(folder, answers), *_cases(folder)]
    return write_study_report(folder / REPORT, answers, version=__version__, pictures=pictures, tables=tables)


def _of_returns(study: Study, folder: Path, answers: dict[str, Any]) -> Iterator[Picture]:
    if not answers["returns"]:
        return
    table = read_table(folder)
    for base, found in zip(study.bases, answers["returns"]):
        rows = [r for r in table.to_pylist() if r["case"] == base.name and r["status"] == "done"]
        if not rows:
            continue
        known = columns(table, rows)
        ranked = [c["name"] for c in found["contributors"]] or list(known)
        yield from _chart(base, rows, known, ranked, answers["label"])
        if found["contributors"]:
            yield _ranking(base, found)
        curves = {c["name"]: c for c in found["fragility"]}
        for name in [n for n in ranked if n in curves][:CURVES]:
            yield _curve(base, curves[name], found["confidence"], answers["label"])


def _chart(
    base: Base, rows: list[dict[str, Any]], known: dict[str, Any], ranked: list[str], label: str
) -> Iterator[Picture]:
    """Go/no-go over the two parameters that matter most, this damage marked."""
    pair = [n for n in ranked if n in known][:2]
    if len(pair) < 2:
        return
    factor = base.case.criteria.K_Ic_factor
    times = 1.0 if factor is None else factor.value
    category = np.array(
        [2 if r["ratio_max"] >= 1.0 else 0 if (r["highest"] or np.inf) * times < 1.0 else 1 for r in rows]
    )
    (u, x), (v, y) = known[pair[0]], known[pair[1]]
    here = [stated(base, name, unit) for name, unit in zip(pair, (u, v))]
    mark = (here[0], here[1]) if here[0] is not None and here[1] is not None else None
    names = tuple(f"{n} [{unit}]" if unit else n for n, unit in zip(pair, (u, v)))
    made = study_plots.go_chart(x, y, category, names=(names[0], names[1]), mark=mark)
    yield Picture(
        f"Go/no-go chart, {base.name}", svg(made),
        f"Every case of {base.name} over the two parameters that matter most; the star is the damage as the case "
        f"states it. {label}.", "Go or no-go",
    )  # fmt: skip


def _ranking(base: Base, found: dict[str, Any]) -> Picture:
    c = found["contributors"]
    share, low, high = (np.array([e[k] for e in c]) for k in ("share", "low", "high"))
    made = study_plots.contributors_plot([e["name"] for e in c], share, low, high, [e["rbd_fast"] for e in c])
    return Picture(f"Contributors, {base.name}", svg(made), "What K/K_Ic turns on.", "What it turns on")


def _curve(base: Base, curve: dict[str, Any], confidence: float, label: str) -> Picture:
    bins = {k: np.array([b[k] for b in curve["bins"]], dtype=float) for k in ("middle", "share", "low", "high")}
    mark = stated(base, curve["name"], curve["unit"])
    made = study_plots.fragility_plot(**bins, name=curve["name"], unit=curve["unit"], confidence=confidence, mark=mark)
    text = f"Share of the cases of {base.name} in which K reaches K_Ic; {label}."
    return Picture(f"Fragility over {curve['name']}, {base.name}", svg(made), text, "Fragility")


def stated(base: Base, name: str, unit: str) -> float | None:
    """What the case itself states for a parameter, in a unit; None where it leaves it out."""
    if name.startswith("toughness."):
        return 1.0
    at: Any = base.data
    for part in name.split("."):
        if isinstance(at, list):
            at = next((e for i, e in enumerate(at) if e.get("name") == part or str(i) == part), None)
        else:
            at = at.get(part) if isinstance(at, dict) else None
        if at is None:
            return None
    text = at["value"] if isinstance(at, dict) and "value" in at else at
    try:
        number, own = split(text)
        return number if own == unit else quantity(text, unit)
    except ValueError:
        return None


def _of_maps(study: Study, folder: Path, answers: dict[str, Any]) -> Iterator[Picture]:
    wanted = study.form.map
    for base, found in zip(study.bases, answers["maps"]):
        assert wanted is not None  # there are maps
        table = read_table(folder, f"{base.name}.{MAP}")
        crack = next(c for c in base.case.cracks if c.name == found["crack"])
        mesh, _ = build_viewport(base.case, root=base.root).mesh.submesh(crack.pane)
        outline, lip = hulls(mesh, crack.pane)
        for angle in found["angles"]:
            rows = [r for r in table.to_pylist() if r["angle_rad"] == angle]
            column = {k: np.array([r[k] for r in rows], dtype=float) for k in ("x_m", "y_m", "size_m")}
            made = study_plots.damage_map(
                column["x_m"], column["y_m"], column["size_m"], [r["state"] for r in rows], outline=outline, lip=lip,
                angle=angle, what=found["size"], limits=(wanted.low, wanted.high),
                flagged=np.array([bool(r["flagged"]) for r in rows]), mark=_middle(base, crack, outline),
            )  # fmt: skip
            text = (
                f"Largest tolerable {found['size']} of a {crack.kind} crack in {base.name}: K with the case's factor "
                "and error band stays below K_Ic. Stress of the uncracked pane; one crack at a time."
            )
            yield Picture(
                f"Allowable damage, {base.name}, {np.degrees(angle):.0f} deg", svg(made), text, "Allowable damage"
            )


def hulls(mesh: Any, pane: str) -> tuple[Any, Any]:
    """Outline of a pane and of its outer face in plan."""
    from deadlight.chain.pane_outline import PaneOutline

    found = PaneOutline.of(mesh, pane)
    return found.corner, found.lip


def _middle(base: Base, crack: Any, outline: Any) -> tuple[float, float] | None:
    place = getattr(crack, "place", None)
    if place is None or (isinstance(crack, Through) and crack.line):
        return None
    if place.x is not None:
        return float(place.x), float(place.y)
    from deadlight.chain.viewport import radius_at

    rim = radius_at(outline, place.azimuth)
    radius = place.radius
    if radius is None:
        mesh, _ = build_viewport(base.case, root=base.root).mesh.submesh(crack.pane)
        radius = radius_at(hulls(mesh, crack.pane)[1], place.azimuth) - (place.inside_lip or 0.0)
    radius = min(radius, rim)
    return float(radius * np.cos(place.azimuth)), float(radius * np.sin(place.azimuth))


def _tables(answers: dict[str, Any]) -> Iterator[Table]:
    for found in answers["returns"]:
        rows = []
        for name, key in (
            ("K reaches K_Ic", "reaches"),
            ("the same, if every failed case counts", "reaches_if_failed_count"),
            ("not shown below K_Ic with factor and error band", "not_below_with_factor"),
        ):
            p = found[key]
            share = "-" if p["share"] is None else f"{p['share']:.4f}"
            rows.append(
                [
                    name,
                    f"{p['hits']} of {p['count']}",
                    share,
                    f"{p['low']:.4f} ... {p['high']:.4f}",
                    f"{p['effective']:.0f}",
                ]
            )
        header = ["", "cases", "share", f"{100 * found['confidence']:g} % (Clopper-Pearson)", "independent cases"]
        yield Table(f"Probability, {found['case']}", header, rows, answers["label"])
        ranked = [
            [c["name"], f"{c['share']:.3f}", f"{c['low']:.3f} ... {c['high']:.3f}", f"{c['rank']:+.2f}",
             "-" if c["rbd_fast"] is None else f"{c['rbd_fast']:.3f}", f"{100 * c['saves']:.1f} %"]
            for c in found["contributors"]
        ]  # fmt: skip
        if ranked:
            head = ["parameter", "first order", "band", "rank correlation", "RBD-FAST (SALib)", "wrong guesses saved"]
            yield Table(f"What it turns on, {found['case']}", head, ranked, "; ".join(found["measure_next"]))
        t = found["tiers"]
        if t["count"]:
            rows = [
                [
                    str(t["count"]),
                    f"{100 * t['median_gap']:.1f} %",
                    f"{100 * t['largest_gap']:.1f} %",
                    str(t["within_5_percent"]),
                ]
            ]
            for name, key in (("taken for tolerable, and is not", "missed"), ("the other way", "false_alarm")):
                p = found["audit"][key]
                rows.append([name, f"{p['hits']} of {p['count']}", f"{p['low']:.3f} ... {p['high']:.3f}", ""])
            head = ["cases by both tiers", "median gap of K", "largest", "within 5 %"]
            yield Table(f"Quick tier beside the crack operator, {found['case']}", head, rows)


def _audits(folder: Path, answers: dict[str, Any]) -> Iterator[Table]:
    """The audited places of every map."""
    for found in answers["maps"]:
        rows = [r for r in read_table(folder, f"{found['case']}.{MAP}").to_pylist() if r["full_runs"]]
        shown = [
            [str(r["place"]), f"{1e3 * r['x_m']:.0f}, {1e3 * r['y_m']:.0f}", f"{np.degrees(r['angle_rad']):.0f}",
             "drawn" if r["drawn"] else "smallest", f"{1e3 * r['size_m']:.1f}", _share(r["gap"]),
             "alarm" if r.get("alarm") else "",
             f"{1e3 * r['full_size_m']:.1f}" if r["flagged"] and r["full_size_m"] else "",
             *(("-" if r[f"check_{c}"] is None else f"{r[f'check_{c}']:.3f}") for c in CHECKS)]
            for r in rows
        ]  # fmt: skip
        head = ["place", "x, y [mm]", "angle [deg]", "taken", f"tolerable {found['size']} [mm]", "gap of K",
                "quick tier", "found again [mm]", *(NAMES[c] for c in CHECKS)]  # fmt: skip
        note = "The last columns: largest K/K_Ic with factor and error band at that size; below one it is confirmed."
        if shown:
            yield Table(f"Audit of the map, {found['case']}", head, shown, note)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f} %"


def _cases(folder: Path) -> Iterator[Table]:
    rows = [r for r in read_table(folder).to_pylist() if "ratio_max" in r]
    rows.sort(key=lambda r: -(r["ratio_max"] if r["ratio_max"] == r["ratio_max"] else np.inf))
    shown = [
        [str(r["row"]), r["case"], r["verdict"], r["credit"], r["no_credit"], f"{r['ratio_max']:.3g}", r["reason"],
         r["key"]]
        for r in rows[:MOST_ROWS]
    ]  # fmt: skip
    if shown:
        note = (
            f"the {len(shown)} with the largest K of {len(rows)}; all in summary.parquet"
            if len(rows) > len(shown)
            else ""
        )
        head = ["row", "case", "verdict", "credit", "no credit", "K/K_Ic", "reason", "key"]
        yield Table("Cases", head, shown, note)
