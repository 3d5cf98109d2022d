"""What control films said, written into the sample file of a film that has their layer."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, required
from spinstack.measure.control.explain import NEEDS, NUMBERS
from spinstack.measure.measurement import MeasurementError, warn
from spinstack.stack.film import Film
from spinstack.stack.layer import Layer
from spinstack.text import store
from spinstack.text.document import SampleError, parse_document, read_document
from spinstack.text.plain import visible

#: correlations that are worth a comment
NOTABLE = 0.1


@checked
def sample_layer(
    found: xr.Dataset,
    layer: str,
    sample: Path | None = None,
    *,
    material: str | None = None,
    also: Mapping[str, str] | None = None,
    replace: bool = False,
) -> xr.Dataset:
    """The layer of :func:`explain_control` in a sample file: its numbers, and the text of the file as `sample_file`.

    `layer` is its name in the file `sample`, of which all else stays, comments included; each number gets a line of its
    own, with its error and source behind it. A number that stands there and differs is refused unless `replace`, which
    leaves the old line as a comment. Without `sample` the file has this layer alone, with what the control does not
    tell from the library's `material` or from `also`, field to text ({"spin_diffusion_length": "5 nm"}). The
    conductivity is that of the film at its thickness, as drift-diffusion takes it. An analysis file writes the text
    beside the result; :func:`write_layer` writes a file in its place. Raises :class:`MeasurementError` for a result of
    something else, :class:`SampleError` for a file or a layer that is not there or is not valid.
    """
    from spinstack.samples.changed import NewValue, changed
    from spinstack.samples.reader import film_from_document

    if not isinstance(found, xr.Dataset) or found.attrs.get("analysis") != "explain_control":
        got = found.attrs.get("analysis", "a dataset") if isinstance(found, xr.Dataset) else found
        raise MeasurementError(field="found", got=got, allowed="a result of explain_control")
    names = [n for n in NUMBERS if n in NEEDS and n in found["parameter"].values]
    kind, source = str(found.attrs["kind"]), _source(found)
    if sample is None:
        thickness = required(found.attrs.get("film_thickness"), "film_thickness", "Give it to the control's files.")
        own = {"name": layer, **({"material": material} if material else {}), "thickness": f"{thickness!r} m"}
        rows = [
            f"{field} = {json.dumps(value, ensure_ascii=False)}"
            for field, value in ({"kind": kind} | own | dict(also or {})).items()
        ]
        document = parse_document("\n".join(["spinstack = 1", "", "[[film]]", *rows, ""]), f"layer {layer}")
    elif material or also:
        why = "beside sample, which says it"
        raise MeasurementError(why, field="material, also", got=(material, also), remedy="Leave them out.")
    else:
        document = read_document(sample)
    rows_of = {n: found.sel(parameter=n) for n in names}
    values = {n: NewValue(*_written(row, source)) for n, row in rows_of.items()}
    text = changed(document, layer, kind, values, _correlations(found, names), replace)
    _check_thickness(film_from_document(parse_document(text)), layer, found)
    chosen = found[["value", "error", "unit", "words", "freedom"]].sel(parameter=names)
    kept = {n: v for n, v in found.attrs.items() if n in ("sample", "temperature", "film_thickness")}
    return chosen.drop_attrs().assign_attrs(**kept, layer=layer, sample_file=text)


def write_layer(found: xr.Dataset, layer: str, path: str | os.PathLike[str], **arguments: Any) -> Path:
    """:func:`sample_layer` into a file: into the one that is there, or into a new one."""
    target = Path(path)
    sample = target if target.exists() else None
    text = sample_layer(found, layer, sample, **arguments).attrs["sample_file"]
    try:
        store.write_text(target, text)
    except OSError as error:
        remedy = "Give a file in a folder that exists."
        raise SampleError(f"cannot be written ({error})", source=str(target), remedy=remedy) from error
    return target


def _written(row: xr.Dataset, source: str) -> tuple[str, str]:
    """A number with two digits more than its error tells, and what is said of it."""
    value, error, unit = float(row["value"]), float(row["error"]), str(row["unit"].values)
    places = int(np.clip(np.floor(np.log10(abs(value) / error)) + 3, 1, 15)) if value and error else 15
    said = "" if unit == "1" else f" {unit}"
    number = f"{value:.{places}g}"
    return (number if unit == "1" else f'"{number}{said}"'), f"+- {error:.2g}{said}; {source}"


def _source(found: xr.Dataset) -> str:
    sample, T = found.attrs.get("sample", ""), found.attrs.get("temperature")
    of = " ".join(visible(str(sample)).split())
    return f"control film{' ' + of if of else ''}{'' if T is None else f', {T:.4g} K'}"


def _correlations(found: xr.Dataset, names: list[str]) -> str:
    """Correlations of errors, in words."""
    covariance = found["covariance"].sel(parameter=names, parameter_other=names).values
    size = np.sqrt(np.diag(covariance))
    r = covariance / np.outer(size, size)
    said = [
        f"{a} and {b} {r[i, k]:+.2f}"
        for i, a in enumerate(names)
        for k, b in enumerate(names[:i])
        if abs(r[i, k]) > NOTABLE
    ]
    return f"errors correlate: {', '.join(said)}" if said else ""


def _check_thickness(film: Film, layer: str, found: xr.Dataset) -> None:
    """Warn where the layer of the file is of another thickness than what was found."""
    at = found.attrs.get("film_thickness")
    t = next(e.thickness for e in film.elements if isinstance(e, Layer) and e.name == layer)
    if at is not None and abs(t / at - 1) > 0.01:
        said = f"{layer} is {t * 1e9:.4g} nm thick in the file, the numbers are of {at * 1e9:.4g} nm"
        warn(f"{said}: give explain_control that thickness")
