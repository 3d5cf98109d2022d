"""Measured against fitted, as curves that can be drawn: over a parameter of the films, or over angle, field or T."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.data import Data
from spinstack.fitting.problem import Problem
from spinstack.observables.compiled import ModelOutput
from spinstack.observables.fingerprint import known
from spinstack.observables.registry import COORDINATES, observable_of
from spinstack.stack import Film, ParameterError
from spinstack.study.conditions import in_words
from spinstack.study.fit_films import fitted_film, fitted_numbers

#: points of a drawn line, and of a curve below which it has none
LINE, FEWEST = 121, 3
#: dimensions of observables along which they are drawn, and the arguments that give them
_ALONG = {"angle": ("angles", "deg"), "field": ("field", "T"), "temperature": ("T", "K")}


class Curve(NamedTuple):
    """One panel: places, measured values with errors, fitted values, and the line of the model where it is known."""

    x: np.ndarray
    measured: np.ndarray
    error: np.ndarray
    fitted: np.ndarray
    line_x: np.ndarray
    line: np.ndarray
    words: dict[str, str]


def curves(problem: Problem, found: xr.Dataset) -> xr.Dataset:
    """All curves of a fit: `x`, `measured`, `error`, `fitted` over `point`, `line_x`, `line` over `place`.

    Both have a coordinate `curve`, its number; over `panel` stand what is drawn, over what, and units.
    """
    made = [*_over_parameters(problem, found), *_over_conditions(problem, found)]
    words = ("title", "x_name", "x_unit", "y_name", "y_unit")
    sizes, lines = [c.x.size for c in made], [c.line.size for c in made]
    point, place = np.repeat(np.arange(len(made)), sizes), np.repeat(np.arange(len(made)), lines)

    def joined(name: str) -> np.ndarray:
        return np.concatenate([np.zeros(0), *(getattr(c, name) for c in made)])

    return xr.Dataset(
        {name: ("point", joined(name)) for name in ("x", "measured", "error", "fitted")}
        | {name: ("place", joined(name)) for name in ("line_x", "line")}
        | {name: ("panel", [c.words[name] for c in made]) for name in words},
        {"curve": ("point", point), "curve_of_line": ("place", place)},
    )


def _slices(problem: Problem) -> list[slice]:
    ends = np.cumsum([d.measured.size for d in problem.data])
    return [slice(int(end) - d.measured.size, int(end)) for end, d in zip(ends, problem.data, strict=True)]


def _alike(problem: Problem) -> list[list[int]]:
    """Data of one observable with the same arguments, of films of the same elements."""
    films = {s.name: tuple((type(e), e.name) for e in s.film) for s in problem.samples}
    groups: dict[Any, list[int]] = {}
    for i, data in enumerate(problem.data):
        asked = known((dict(data.arguments), data.variables))
        groups.setdefault((films[data.sample], data.observable, i if asked is None else asked), []).append(i)
    return [*groups.values()]


def words_of(data: Data, output: ModelOutput, film: Film) -> tuple[str, str]:
    """The quantity that is measured, and its conditions, in words."""
    asked = observable_of(data.observable)
    assert asked is not None
    arguments = {k: v for k, v in data.arguments.items() if k not in ("angles", "solver") and not isinstance(v, dict)}
    said = [f"{k} {v}" if isinstance(v, str) else w
            for k, v in arguments.items() for w in in_words({k: v})[:1] if np.size(v) <= 3]  # fmt: skip
    every = asked.labels(film, **data.arguments).outputs
    own = next(one for one in every if one.name == output.variable)
    letters = "".join(str(output.at[d]) for d in own.letters or own.dims if d in COORDINATES)
    quantity = asked.words if output.variable == asked.name else output.variable
    return " ".join([quantity, *([letters] if letters else [])]), ", ".join(said)


def _over_parameters(problem: Problem, found: xr.Dataset) -> Iterator[Curve]:
    """Each number of an observable over the one parameter by which the films of its samples differ."""
    slices, names = _slices(problem), [s.name for s in problem.samples]
    for group in _alike(problem):
        members = [names.index(problem.data[i].sample) for i in group]
        numbers = {m: fitted_numbers(problem, found, m) for m in members}
        films = {m: fitted_film(problem, found, m) for m in dict.fromkeys(members)}
        path = _differing([_plain(problem.samples[m].film) for m in films])
        if path is None or len(films) < FEWEST:
            continue
        own = {p for m in members for p, n in numbers[m].items()
               if p != path and n.value != numbers[members[0]].get(p, n).value}  # fmt: skip
        for row in range(problem.data[group[0]].given.size):
            points = []
            for i, m in zip(group, members, strict=True):
                at = np.flatnonzero(problem.data[i].rows == row)
                if at.size:
                    points.append((films[m].get(path), i, slices[i].start + int(at[0])))
            if len(points) < FEWEST:
                continue
            points.sort()
            x = np.array([p[0] for p in points])
            k = [p[2] for p in points]
            data = problem.data[points[0][1]]
            output = problem.outputs(points[0][1])[list(data.rows).index(row)]
            line_x = np.linspace(x[0] * (0.85 if x[0] > 0 else 1.0), x[-1] * (1.05 if x[-1] > 0 else 1.0), LINE)
            line = np.zeros(0) if own else _line(films[members[0]], path, line_x, data, row)
            quantity, said = words_of(data, output, films[members[0]])
            yield Curve(
                x, found["measured"].values[k], found["measured_error"].values[k], found["fitted"].values[k],
                line_x if line.size else np.zeros(0), line,
                {"title": said, "x_name": path, "x_unit": films[members[0]].specification(path).unit,
                 "y_name": quantity, "y_unit": output.unit},
            )  # fmt: skip


def _plain(film: Any) -> dict[str, float]:
    return {p: v for p, v in film.parameters().items() if np.ndim(v) == 0 and not np.iscomplexobj(v)}


def _differing(films: list[dict[str, float]]) -> str | None:
    """The one parameter that differs between films; None where several do, or none."""
    first = films[0]
    found = [p for p, v in first.items() if any(f.get(p) != v for f in films[1:])]
    return found[0] if len(found) == 1 else None


def _line(film: Any, path: str, x: np.ndarray, data: Data, row: int) -> np.ndarray:
    """The number `row` of an observable for films with other values of one parameter."""
    asked = observable_of(data.observable)
    assert asked is not None
    try:
        values = asked.values(film.replace({path: x}), **data.arguments)
    except ParameterError:  # a film beyond the samples may be none
        return np.zeros(0)
    wanted = [data.variables] if isinstance(data.variables, str) else data.variables or [*values]
    flat = [np.asarray(values[n]).reshape(len(x), -1) for n in wanted]
    return np.asarray(np.concatenate(flat, axis=1)[:, row])


def _over_conditions(problem: Problem, found: xr.Dataset) -> Iterator[Curve]:
    """Each curve of one sample over angle, field or temperature."""
    names = [s.name for s in problem.samples]
    for i, (data, own) in enumerate(zip(problem.data, _slices(problem), strict=True)):
        outputs = problem.outputs(i)
        parts: dict[tuple[Any, ...], list[int]] = {}
        for k, output in enumerate(outputs):
            others = tuple((d, str(v)) for d, v in output.at.items() if d not in _ALONG)
            parts.setdefault((output.variable, *others), []).append(k)
        for part, rows in parts.items():
            dim = next((d for d in _ALONG if d in outputs[rows[0]].at), None)
            if dim is None or len(rows) < FEWEST:
                continue
            film = fitted_film(problem, found, names.index(data.sample))
            x = np.array([float(outputs[k].at[dim]) for k in rows])
            at = [own.start + k for k in rows]
            line_x, line = _dense(film, data, dim, x, part)
            # what the values have in common shifts the whole curve, and is no error of its points
            error, shift = _apart(data, found["fitted"].values[own])
            order = np.argsort(x)
            line = line + np.interp(line_x, x[order], shift[rows][order]) if line.size else line
            quantity, said = words_of(data, outputs[rows[0]], film)
            title = ", ".join([data.label, *(" ".join(p) for p in part[1:]), *([said] if said else [])])
            yield Curve(
                x, found["measured"].values[at], error[rows], found["fitted"].values[at] + shift[rows], line_x, line,
                {"title": title, "x_name": dim, "x_unit": _ALONG[dim][1], "y_name": quantity,
                 "y_unit": outputs[rows[0]].unit},
            )  # fmt: skip


def _apart(data: Data, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Errors of the values by themselves, and by how much all that they have in common shifts the fitted ones."""
    y, f = data.scale * data.measured, data.scale * fitted
    alone = data.covariance - np.outer(y, y) - data.shifts.T @ data.shifts
    common = np.outer(f, f) + data.shifts.T @ data.shifts
    error = np.sqrt(np.maximum(np.diag(alone), 0.0))
    return error, common @ np.linalg.solve(alone + common, data.measured - fitted)


def _dense(film: Any, data: Data, dim: str, x: np.ndarray, part: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The model along a condition, between the ends of the data."""
    asked = observable_of(data.observable)
    assert asked is not None
    argument, _ = _ALONG[dim]
    if argument not in data.arguments or np.ndim(data.arguments[argument]) != 1:
        return np.zeros(0), np.zeros(0)
    line_x = np.linspace(x.min(), x.max(), LINE)
    made = asked.dataset(film, **{**data.arguments, argument: tuple(line_x.tolist())})[part[0]]
    at = {d: v for d, v in part[1:] if d in made.dims}
    line = made.sel(at) if at else made
    return (line_x, line.values) if line.ndim == 1 else (np.zeros(0), np.zeros(0))
