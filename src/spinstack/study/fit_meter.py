"""``meter = { ... }`` of data in a fit file: what a meter adds to what the film does, to be integrated out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.study.arguments import unknown
from spinstack.study.table import Table
from spinstack.text.errors import ParameterError
from spinstack.text.units import parse_quantity

#: what may be added, and in words what one deviation of it is
KINDS = {
    "offset": "the same to every value",
    "drift": "from the first value to the last, in a line",
    "admixture": "a part of the other of R_xx and R_xy to each",
}
#: what is read beside a variable or a component
_BESIDE = {"xx": "xy", "xy": "xx", "yy": "yx", "yx": "yy"}
_BESIDE |= {f"R_{one}": f"R_{other}" for one, other in _BESIDE.items()}


class Cell(NamedTuple):
    """One number of an observable: its variable, the letters of its component, and labels of other dimensions."""

    variable: str
    component: str
    at: tuple[str, ...]
    unit: str


def read_meter(table: Table, cells: Sequence[Cell], values: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> change of every cell for one deviation; what is wrong is noted.

    Args:
        table: that of the data.
        cells: what each of the values is.
        values: what was measured (cells,), NaN where nothing was.
    """
    given = table.data.get("meter", {})
    if not isinstance(given, dict):
        allowed = "; ".join(f"{name} ({words})" for name, words in KINDS.items())
        table.refuse(ParameterError(got=given, allowed=f"a table of {allowed}"), "meter")
        return {}
    inner = table.inside("meter", data=given)
    out: dict[str, np.ndarray] = {}
    for name, value in given.items():
        if name not in KINDS:
            inner.refuse(unknown(name, value, KINDS))
        elif name == "admixture":
            with inner.refusing(name):
                out |= _admixtures(_number(value, "1"), cells, values)
        else:
            out |= _added(inner, name, value, cells, values)
    return out


def _number(value: Any, unit: str) -> float:
    found = float(parse_quantity(value, unit.replace("Ohm", "ohm")).real)
    if not found > 0:
        raise ParameterError(got=value, allowed="a standard deviation greater than 0")
    return found


def _added(inner: Table, name: str, value: Any, cells: Sequence[Cell], values: np.ndarray) -> dict[str, np.ndarray]:
    """An offset or a drift: one for all variables, or a table of them."""
    measured = np.isfinite(values)
    shape = np.ones(len(cells)) if name == "offset" else np.zeros(len(cells))
    variables = list(dict.fromkeys(c.variable for c, has in zip(cells, measured, strict=True) if has))
    if name == "drift":
        for variable in variables:
            at = [k for k, c in enumerate(cells) if c.variable == variable and measured[k]]
            shape[at] = np.linspace(-0.5, 0.5, len(at)) if len(at) > 1 else 0.0
    out = {}
    for variable in value if isinstance(value, dict) else variables:
        keys = (name, variable) if isinstance(value, dict) else (name,)
        own = np.array([c.variable == variable for c in cells]) & measured
        with inner.refusing(*keys):
            if not own.any():
                raise ParameterError("of which nothing was measured", allowed=", ".join(variables))
            if not shape[own].any():
                raise ParameterError("of a single value", got=value, remedy="Leave it out.")
            unit = next(c.unit for c, has in zip(cells, own, strict=True) if has)
            written = value[variable] if isinstance(value, dict) else value
            label = name if len(variables) == 1 else f"{name} of {variable}"
            out[label] = np.where(own, shape, 0.0) * _number(written, unit)
    return out


def _admixtures(share: float, cells: Sequence[Cell], values: np.ndarray) -> dict[str, np.ndarray]:
    """What contacts that are not opposite mix into each reading: the other one at the same place."""
    places = {(c.component or c.variable, c.at): k for k, c in enumerate(cells) if np.isfinite(values[k])}
    out: dict[str, np.ndarray] = {}
    for (name, at), k in places.items():
        beside = _BESIDE.get(name, "")
        if (other := places.get((beside, at))) is not None:
            out.setdefault(f"{beside} in {name}", np.zeros(len(cells)))[k] = share * values[other]
    if not out:
        remedy = "Give values of both, such as { R_xx = ..., R_xy = ... }."
        raise ParameterError("without a resistance along and one across", got=share, remedy=remedy)
    return {name: column for name, column in out.items() if column.any()}
