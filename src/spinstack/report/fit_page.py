"""The report of a fit: one HTML page that stands alone, from which a referee can judge it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.fitting.outcome import SAME
from spinstack.fitting.samples import SHARED
from spinstack.observables.registry import COORDINATES
from spinstack.report.fit_words import (
    candidate_rows,
    combinations,
    draw_rows,
    drawn_words,
    draws_of,
    goodness,
    interval,
    mechanism_rows,
    prior_words,
    value,
    verdicts,
    warnings,
)  # fmt: skip
from spinstack.report.numbers import number, with_error
from spinstack.report.page import environment, versions
from spinstack.study.conditions import in_words
from spinstack.study.fit import FILMS, FIT, FIXING, MECHANISMS, NEXT, PROFILES, FitStudy, fits
from spinstack.study.fit_curves import words_of
from spinstack.text.plain import visible

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.study.run import Run

#: libraries whose versions belong to a fit
_LIBRARIES = ("numpy", "scipy", "xarray", "jax")
#: errors by which a parameter moves without a set of data that are worth telling
_NOTABLE = 0.3


def render(run: Run, figures: dict[str, str], formats: Sequence[str] = ()) -> str:
    """The page as text; `figures` are addresses that hold them. The same input gives the same text."""
    study: FitStudy = run.study  # type: ignore[assignment]
    made = run.of_kind("")
    found = made[FIT]
    source = Path(study.document.source)
    told = combinations(found)
    draws = draws_of(run)
    return (
        environment()
        .get_template("fit.html")
        .render(
            title=study.title,
            description=visible(study.document.data.get("description", ""), lines=True),
            failures=run.failures,
            goodness=goodness(found),
            fits=fits(found),
            warnings=[*warnings(run), *(d for r in run.results for d in r.doubts)],
            parameters=_parameters(study, run, found),
            tied=_tied(found),
            meter=_meter(study, found),
            known=[c["words"] for c in told if not c["words"].endswith("not determined")],
            lost=[c["words"] for c in told if c["words"].endswith("not determined")],
            nuisances=study.nuisances,
            data=[_data(study, i, found) for i in range(len(study.problem.data))],
            points=_points(study, found),
            samples=_samples(study),
            starts=_starts(found),
            films=[str(n) for n in run.of_kind("")[FILMS]["sample"].values] if FILMS in run.of_kind("") else [],
            figures=figures,
            formats=list(formats),
            versions=versions(_LIBRARIES),
            source=source.name,
            text=study.document.text,
            others=[
                *((Path(d.source).name, d.text, _checksum(d.text)) for d in study.others),
                *((name, "", checksum) for name, checksum in study.files.items()),
            ],
            checksum=_checksum(study.document.text),
            fixing=_fixing(study, made[FIXING]) if FIXING in made else {},
            mechanism=study.mechanism,
            mechanisms=mechanism_rows(made[MECHANISMS]) if MECHANISMS in made else [],
            verdicts=verdicts(run),
            candidates=candidate_rows(made[NEXT]) if NEXT in made else [],
            gained=str(made[NEXT].attrs["of"]) if NEXT in made else "",
            draws=[] if draws is None else draw_rows(draws),
            drawn="" if draws is None else drawn_words(draws),
            profiled=bool(run.of_kind(PROFILES)),
        )
    )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _parameters(study: FitStudy, run: Run, found: xr.Dataset) -> list[dict[str, Any]]:
    profiles = {p.attrs["profile_of"]: p for p in run.of_kind(PROFILES).values()}
    out = []
    for i, one in enumerate(study.problem.coordinates):
        profile = profiles.get(one.name)
        ends = "" if profile is None else interval(profile.attrs["low_95"], profile.attrs["high_95"], one.unit)
        error = float(found["error"][i])
        told = f"{100 * float(found['told'][i]):.0f} %" if one.prior.penalty else ""
        out.append({
            "name": one.name, "value": value(float(found["value"][i]), error, one.unit),
            "prior": prior_words(one.prior, one.unit), "told": told, "interval": ends,
            "verdict": "" if profile is None else str(profile.attrs["verdict"]),
            "undetermined": not np.isfinite(error), "deviation": one.deviation,
        })  # fmt: skip
    return out


def _fixing(study: FitStudy, fixed: xr.Dataset) -> dict[str, Any]:
    """What others would be where one parameter is fixed: of those that all samples share."""
    name = str(fixed.attrs["fixed_parameter"])
    shared = {u.path for u in study.problem.unknowns if u.each == SHARED}
    others = [(k, c) for k, c in enumerate(study.problem.coordinates) if c.path in shared and not c.deviation]
    unit = next(c.unit for c in study.problem.coordinates if c.name == name)
    rows = []
    for i, at in enumerate(fixed["fixed"].values):
        cells = [value(float(fixed["value"][i, k]), float(fixed["error"][i, k]), c.unit)
                 for k, c in others if c.name != name]  # fmt: skip
        rows.append([value(float(at), float("nan"), unit), *cells, f"{float(fixed['rise'][i]):.3g}"])
    return {"name": name, "head": [c.name for _, c in others if c.name != name], "rows": rows}


def _tied(found: xr.Dataset) -> list[tuple[str, str]]:
    if "tied_parameter" not in found.coords:
        return []
    rows = zip(found["tied_parameter"].values, found["tied_value"].values, found["tied_error"].values,
               found["tied_unit"].values, strict=True)  # fmt: skip
    return [(str(n), value(float(v), float(e), str(u))) for n, v, e, u in rows]


def _meter(study: FitStudy, found: xr.Dataset) -> list[dict[str, str]]:
    """What each meter has added, in the deviations that were allowed, and the size of these."""
    if "meter_term" not in found.coords:
        return []
    sizes = []
    for i, one in enumerate(study.problem.data):
        units = [output.unit for output in study.problem.outputs(i)]
        for column in one.shifts:
            k = int(np.argmax(np.abs(column)))
            sizes.append(value(float(abs(column[k])), float("nan"), units[k]))
    rows = zip(found["meter_term"].values, found["meter_value"].values, found["meter_error"].values, sizes, strict=True)
    return [{"name": str(n), "value": with_error(float(v), float(e)), "size": size} for n, v, e, size in rows]


def _observable(study: FitStudy, i: int) -> str:
    """What was measured, with its arguments."""
    data, outputs = study.problem.data[i], study.problem.outputs(i)
    film = next(s.film for s in study.problem.samples if s.name == data.sample)
    quantities = dict.fromkeys(words_of(data, output, film)[0] for output in outputs)
    said = in_words({k: v for k, v in data.arguments.items() if v is not None and np.size(v) <= 6 and k != "solver"})
    solver = data.arguments.get("solver")
    said += [] if solver is None else [f"{type(solver).__name__}, derivatives by differences"]
    return "; ".join(filter(None, (", ".join(quantities), ", ".join(said))))


def _data(study: FitStudy, i: int, found: xr.Dataset) -> dict[str, Any]:
    from scipy.stats import chi2

    one = study.problem.data[i]
    runs = float(found["runs"][i])
    square, count = float(found["chi_square"][i]), int(found["count"][i])
    shifts = found["influence"].values[i]
    order = np.argsort(-np.abs(shifts))[:3]
    names = found["parameter"].values
    moved = [f"{names[k]} {shifts[k]:+.2g}".replace("-", "−") for k in order if abs(shifts[k]) >= _NOTABLE]
    return {
        "name": one.label, "sample": one.sample, "observable": _observable(study, i), "count": count,
        "square": f"{square:.3g}", "p": f"{chi2.sf(square, count):.2g}", "runs": f"{runs:.2g}" if runs < 1 else "",
        "systematic": f"{100 * one.systematic:.3g} %" if one.systematic else "",
        "weight": f"{one.weight:g}" if one.weight != 1 else "", "moved": ", ".join(moved),
    }  # fmt: skip


def _points(study: FitStudy, found: xr.Dataset) -> list[dict[str, str]]:
    out, k = [], 0
    for i, one in enumerate(study.problem.data):
        film = next(s.film for s in study.problem.samples if s.name == one.sample)
        for output in study.problem.outputs(i):
            others = {d: v for d, v in output.at.items() if d not in COORDINATES}
            at = ", ".join(f"{d} {v:g}" if isinstance(v, float) else f"{d} {v}" for d, v in others.items())
            measured, error = float(found["measured"][k]), float(found["measured_error"][k])
            out.append({
                "of": one.label, "what": f"{words_of(one, output, film)[0]} {at}".strip(),
                "measured": with_error(measured, error, output.unit),
                "fitted": number(float(found["fitted"][k]), output.unit),
                "off": f"{(float(found['fitted'][k]) - measured) / error:+.2f}".replace("-", "−"),
            })  # fmt: skip
            k += 1
    return out


def _samples(study: FitStudy) -> list[dict[str, str]]:
    """Every sample: its elements with thicknesses as the file has them, and its groups."""
    out = []
    for sample in study.problem.samples:
        parts = [
            f"{e.name} {e.thickness * 1e9:.4g} nm" if hasattr(e, "thickness") else e.name or type(e).__name__.lower()
            for e in sample.film
        ]
        film = " | ".join(parts) if len(parts) <= 12 else f"{' | '.join(parts[:12])} | … ({len(parts)} elements)"
        groups = ", ".join(f"{k} {v}" for k, v in sample.groups.items())
        out.append({"name": sample.name, "film": film, "groups": groups})
    return out


def _starts(found: xr.Dataset) -> str:
    ends = found["end_chi_square"].values
    ended = ends[np.isfinite(ends)]
    told = f"{found.attrs['agreeing']} of {found.attrs['starts']} starts ended at the best chi-square"
    others = ended[ended > found.attrs["minimum"] + SAME]
    return f"{told}; the others at {others.min():.4g} to {others.max():.4g}" if others.size else told
