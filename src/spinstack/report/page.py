"""The report of an analysis: one HTML page that stands alone, its figures inside it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.measure.analysis import ANALYSES
from spinstack.measure.measurement import ATTRIBUTES, history
from spinstack.report.notes import notes, shown, warnings
from spinstack.report.numbers import level, rows, with_error
from spinstack.text.plain import visible
from spinstack.text.version import __version__

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.study.data import DataStudy
    from spinstack.study.results import Result
    from spinstack.study.run import Run

TEMPLATES = Path(__file__).parent / "templates"
#: shown in other places
_OWN = {"history", "metadata", "source", "source_sha256", "title", "spinstack_version"}
#: libraries whose versions belong to a result
_LIBRARIES = ("numpy", "scipy", "xarray", "pandas", "lmfit", "refnx", "xrayutilities")


def render(run: Run, figures: dict[str, str], formats: Sequence[str] = ()) -> str:
    """The page as text; `figures` are addresses that hold them, by the name of the measurement or result.

    The same input gives the same text: no date, no path of a machine beyond what the analysis file says.
    """
    study: DataStudy = run.study  # type: ignore[assignment]
    source = Path(study.document.source)
    cleaned: dict[str, tuple[xr.Dataset, xr.Dataset | None]] = {
        r.name: (run.read[r.inputs[0]], r.dataset) for r in run.results if r.kind == "measurements"
    }
    lost = run.read.keys() - {r.inputs[0] for r in run.results if r.kind == "measurements"}
    cleaned |= {name: (raw, None) for name, raw in run.read.items() if name in lost}
    return (
        environment()
        .get_template("report.html")
        .render(
            title=study.title,
            description=visible(study.document.data.get("description", ""), lines=True),
            failures=run.failures,
            results=[_result(r, figures) for r in run.results if r.kind == "results"],
            measurements=[
                _measurement(n, raw, now, figures, run.doubts.get(n, [])) for n, (raw, now) in cleaned.items()
            ],
            versions=versions(_LIBRARIES),
            source=source.name,
            text=source.read_text(encoding="utf-8-sig"),
            formats=list(formats),
        )
    )


def _result(found: Result, figures: dict[str, str]) -> dict[str, Any]:
    request: Any = found.request
    return {
        "name": found.name,
        "do": request.do,
        "words": ANALYSES[request.do].words,
        "inputs": found.inputs,
        "of": ", ".join(request.of),
        "arguments": [(k, shown(v)) for k, v in request.arguments.items()],
        "rows": rows(found.dataset),
        "tables": _tables(found.dataset),
        "level": level(found.dataset),
        "warnings": [*warnings(found.dataset), *found.doubts],
        "notes": notes(found.dataset),
        "figure": figures.get(found.name),
    }


def _tables(found: xr.Dataset, longest: int = 40) -> list[dict[str, Any]]:
    """Short variables over a dimension of their own, such as amplitudes against temperature."""
    from spinstack.figures.measured_tables import series

    try:
        members = series(found)
    except (KeyError, ValueError):
        return []
    by_axis: dict[str, dict[str, Any]] = {}
    for name, (x, values, errors, unit, _) in members.items():
        if values.size > longest:
            continue
        axis = str(x.name)
        table = by_axis.setdefault(axis, {"head": [_head(axis, str(x.attrs.get("units", "1")))],
                                          "rows": [[f"{v:g}"] for v in x.values]})  # fmt: skip
        table["head"].append(_head(name, unit))
        for row, v, e in zip(table["rows"], values, errors, strict=True):
            row.append(with_error(float(v), float(e)))
    return list(by_axis.values())


def _head(name: str, unit: str) -> str:
    words = name.replace("_", " ")
    return f"{words} ({unit})" if unit not in ("", "1") else words


def _measurement(
    name: str, raw: xr.Dataset, cleaned: xr.Dataset | None, figures: dict[str, str], doubts: list[str]
) -> dict[str, Any]:
    now = raw if cleaned is None else cleaned
    attributes = []
    for key, value in now.attrs.items():
        if key not in _OWN and str(value):
            unit = ATTRIBUTES.get(key, ("", ""))[0]
            attributes.append((key.replace("_", " "), _quantity(float(value), unit) if unit else shown(value)))
    return {
        "name": name,
        "source": Path(str(raw.attrs.get("source", ""))).name,
        "checksum": str(raw.attrs.get("source_sha256", "")),
        "rows_read": raw.sizes["point"],
        "rows_now": None if cleaned is None else cleaned.sizes["point"],
        "attributes": attributes,
        "warnings": doubts,
        "steps": [
            {"step": s["step"], "parameters": [(k, shown(v)) for k, v in s["parameters"].items() if v is not None],
             "remark": s["remark"]}
            for s in history(now)
        ],
        "figure": figures.get(name),
    }  # fmt: skip


def _quantity(value: float, unit: str) -> str:
    """A length as people say it."""
    for factor, prefixed in ((1e-3, "mm"), (1e-6, "µm"), (1e-9, "nm")):
        if unit == "m" and value >= factor:
            return f"{value / factor:.6g} {prefixed}"
    return f"{value:.6g} {unit}"


def environment() -> Any:
    """What makes pages of templates; text of users stays text."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def versions(libraries: Sequence[str]) -> list[tuple[str, str]]:
    """This package and libraries with their versions."""
    found = [("spinstack", __version__)]
    for name in libraries:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return found
