"""The films of a fit at its best values, and as sample files that say what is known of each number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.problem import Problem
from spinstack.samples.writer import sample_text
from spinstack.stack import Film
from spinstack.text.plain import visible


class Fitted(NamedTuple):
    """A number of a film that a fit has found."""

    value: float
    error: float
    unit: str
    tied: bool


def fitted_numbers(problem: Problem, found: xr.Dataset, sample: int) -> dict[str, Fitted]:
    """Path -> value and error of everything that the fit has found of one sample; nothing of numbers of no film."""
    out = {}
    own = [(k, c) for k, c in enumerate(problem.coordinates) if sample in c.samples and "." in c.path]
    off = {c.path: k for k, c in own if c.deviation}
    for k, c in own:
        if c.deviation:
            continue
        one = Fitted(float(found["value"][k]), float(found["error"][k]), c.unit, False)
        out[c.path] = _scattered(problem, found, one, k, off[c.path]) if c.path in off else one
    tail = f" of {problem.samples[sample].name}"
    for k, label in enumerate(found["tied_parameter"].values if "tied_parameter" in found.coords else ()):
        path = str(label).removesuffix(tail)
        if path != label and path in {t.path for t in problem.ties}:
            row = found.isel(tied_parameter=k)
            out[path] = Fitted(float(row["tied_value"]), float(row["tied_error"]), str(row["tied_unit"].values), True)
    return out


def _scattered(problem: Problem, found: xr.Dataset, shared: Fitted, k: int, z: int) -> Fitted:
    """The value of a sample that is off the shared one k by coordinate z."""
    c = problem.coordinates[z]
    width = next(u.scatter for u in problem.unknowns if u.path == c.path and u.scatter)
    factor = float(np.exp(width * found["value"].values[z]))
    slopes, at = np.array([factor, shared.value * factor * width]), [k, z]
    error = float(np.sqrt(slopes @ found["covariance"].values[np.ix_(at, at)] @ slopes))
    return shared._replace(value=shared.value * factor, error=error if np.isfinite(shared.error) else np.inf)


def fitted_film(problem: Problem, found: xr.Dataset, sample: int) -> Film:
    """The film of one sample at the best values."""
    numbers = fitted_numbers(problem, found, sample)
    return problem.samples[sample].film.replace({path: one.value for path, one in numbers.items()})


def sample_files(problem: Problem, found: xr.Dataset) -> xr.Dataset:
    """The text of a sample file for every film that was measured: `text` over `sample`.

    Numbers that were fitted have two digits more than their error tells, and are followed by it.
    """
    measured = {d.sample for d in problem.data}
    texts = {s.name: _text(problem, found, i) for i, s in enumerate(problem.samples) if s.name in measured}
    return xr.Dataset({"text": ("sample", [*texts.values()])}, {"sample": [*texts]})


def _text(problem: Problem, found: xr.Dataset, sample: int) -> str:
    numbers = fitted_numbers(problem, found, sample)
    film = problem.samples[sample].film
    rounded = film.replace({path: _rounded(one) for path, one in numbers.items()})
    comments: dict[tuple[int, str], list[str]] = {}
    for path, one in numbers.items():
        elements, place, _ = film.resolve(path)
        part = path.rpartition(f".{place.field}")[2].lstrip(".")
        for i in elements:
            comments.setdefault((i, place.field), []).append(f"{part} {_said(one)}".strip())
    name, p = problem.samples[sample].name, float(found.attrs["p_value"])
    own = sum(d.sample == name for d in problem.data)
    goodness = f"chi-square {found.attrs['chi_square']:.4g} of {found.attrs['degrees_of_freedom']}"
    head = (
        f"fitted to {own} of {len(problem.data)} data sets, those of this sample, together with all others",
        goodness + (f", probability {p:.2g}" if np.isfinite(p) else ": too few data to judge it"),
        "+- are standard errors; numbers without are those of the file",
    )
    written: Mapping[tuple[int, str], str] = {key: "; ".join(said) for key, said in comments.items()}
    return sample_text(rounded, visible(name), written, head)


def _rounded(one: Fitted) -> float:
    if not one.value or not 0 < one.error < np.inf:
        return one.value
    places = int(np.clip(np.floor(np.log10(abs(one.value) / one.error)) + 3, 1, 15))
    return float(f"{one.value:.{places}g}")


def _said(one: Fitted) -> str:
    unit = "" if one.unit == "1" else f" {one.unit}"
    error = f"+- {one.error:.2g}{unit}" if one.error < np.inf else "not determined"
    return f"{error}, {'tied' if one.tied else 'fitted'}"
