"""Numbers of an observable as they stand in a table of a fit file: by variable or component, with units and errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spinstack.observables.registry import COORDINATES, Labels, Output
from spinstack.study.fit_meter import Cell
from spinstack.study.table import Table
from spinstack.text.checks import choice
from spinstack.text.errors import ParameterError, near_names
from spinstack.text.units import dimension_of, parse_quantity


def fraction(table: Table, key: str) -> float:
    """A relative error, 0 where there is none."""
    with table.refusing(key):
        value = float(parse_quantity(table.data.get(key, 0), "1").real)
        if not 0 <= value < 10:
            raise ParameterError(got=table.data[key], allowed='a relative error such as "2 %"')
        return value
    return 0.0


def check_unit(table: Table, cells: list[Cell]) -> None:
    """Refuse a unit of numbers that have none, where it is none of what the observable gives."""
    if "unit" not in table.data:
        return
    written = table.data["unit"]
    with table.refusing("unit"):
        if not isinstance(written, str) or not written.strip():
            raise ParameterError(got=written, allowed='a unit such as "Ohm"')
        refused = []
        for unit in dict.fromkeys(_si(cell.unit) for cell in cells):
            try:
                parse_quantity(f"1 {written}", unit)
                return
            except ParameterError as error:
                refused.append(error)
        raise refused[-1].with_fields(got=written)


#: numbers of a variable that are told apart one by one
MOST = 100_000


def cells_of(labels: Labels) -> list[Cell]:
    """Every number of an observable in the order in which it gives them."""
    out: list[Cell] = []
    for output in labels.outputs:
        letters = [dim for dim in output.letters or output.dims if dim in COORDINATES]
        coords = {dim: _coordinate(labels, dim) for dim in output.dims}
        if (count := math.prod(map(len, coords.values()))) > MOST:
            why = f"of {count} numbers of {output.name}"
            raise ParameterError(why, field="observable", allowed=f"at most {MOST}", remedy="Ask at fewer points.")
        for index in np.ndindex(*(len(coords[d]) for d in output.dims)):
            at = {d: coords[d][i] for d, i in zip(output.dims, index, strict=True)}
            component = "".join(at[d] for d in letters)
            others = tuple(f"{d} {at[d]}" for d in output.dims if d not in letters)
            out.append(Cell(output.name, component, others, _unit(output)))
    return out


def _coordinate(labels: Labels, dim: str) -> list[str]:
    found = labels.coords.get(dim, COORDINATES.get(dim))
    if isinstance(found, tuple) and dim not in COORDINATES:
        found = found[1]
    return [v if isinstance(v, str) else f"{v:g}" for v in (found if found is not None else ())]


def _unit(output: Output) -> str:
    return output.units or "1"


class Numbers:
    """Numbers of a table in the order of an observable's cells; NaN for what is not given."""

    def __init__(self, table: Table, cells: list[Cell], of: tuple[int, int] | None) -> None:
        self.table, self.cells, self.of = table, cells, of
        self.variables = list(dict.fromkeys(c.variable for c in cells))
        self.components = list(dict.fromkeys(c.component for c in cells if c.component))

    def read(self, key: str) -> np.ndarray:
        """Numbers of one key, such as values (cells,)."""
        out = np.full(len(self.cells), np.nan)
        value, path = self._own(key)
        for name, numbers, keys in self._parts(key, value, path):
            places = self._places(name)
            with self.table.refusing(*keys):
                out[places] = self._list(numbers, places, key)
        return out

    def errors(self, values: np.ndarray) -> np.ndarray:
        """Standard errors (cells,) of the values, or their covariance (cells, cells)."""
        given = self.table.data.get("errors")
        if given is None:
            example = 'errors = "0.01 Ohm", a list of them as in values, or { relative = "1 %" }'
            self.table.refuse(ParameterError("missing", remedy=f"Give {example}."), "errors")
            return np.ones(len(self.cells))
        if isinstance(given, dict) and {*given} == {"relative"}:
            share = fraction(self.table.inside("errors"), "relative")
            found = share * np.abs(values)
        elif isinstance(given, dict | list):
            found = self.read("errors")
        else:
            found = np.full(len(self.cells), np.nan)
            with self.table.refusing("errors"):
                units = {self.cells[k].unit for k in np.flatnonzero(np.isfinite(values))} or {self.cells[0].unit}
                if len(units) > 1:
                    raise ParameterError(
                        f"for values in {' and '.join(sorted(units))}", got=given, remedy="Give one for each."
                    )
                found[:] = self._number(given, units.pop())
        measured = np.flatnonzero(np.isfinite(values))
        with self.table.refusing("errors"):
            if np.isnan(found[measured]).any() and not np.isnan(found).all():
                raise ParameterError("which lacks some of the values", got=given, allowed="an error for each value")
            if np.any(found[measured] <= 0):
                raise ParameterError(got=given, allowed="greater than 0")
        found = np.where(np.isfinite(values), found, 1.0)
        return self._correlated(found, measured)

    def stated(self) -> np.ndarray:
        """Standard errors (cells,) of what is not measured yet; NaN for what would not be."""
        given = self.table.data.get("errors")
        if given is None:
            self.table.refuse(ParameterError("missing: what the errors would be"), "errors")
            return np.full(len(self.cells), np.nan)
        out = np.full(len(self.cells), np.nan)
        if isinstance(given, dict | list):
            out = self.read("errors")
        for name, number, keys in [] if isinstance(given, dict | list) else self._parts("errors", given, ("errors",)):
            with self.table.refusing(*keys):
                for k in self._places(name):
                    out[k] = self._number(number, self.cells[k].unit)
        with self.table.refusing("errors"):
            if np.any(out[np.isfinite(out)] <= 0):
                raise ParameterError(got=given, allowed="greater than 0")
        return out

    def _correlated(self, errors: np.ndarray, measured: np.ndarray) -> np.ndarray:
        given = self.table.data.get("correlations")
        if given is None:
            return errors
        count = len(measured)
        with self.table.refusing("correlations"):
            try:
                r = np.array(given, dtype=float)
            except (ValueError, TypeError):
                r = np.zeros(0)
            if r.shape != (count, count) or not np.isfinite(r).all():
                raise ParameterError(got=given, allowed=f"a list of {count} lists of {count} numbers from -1 to 1")
            if np.any(np.diag(r) != 1) or not np.allclose(r, r.T) or np.linalg.eigvalsh(r)[0] <= 1e-12:
                why = "which are no correlations: 1 on the diagonal, symmetric, positive definite"
                raise ParameterError(why, got=given)
            out = np.diag(errors**2)
            out[np.ix_(measured, measured)] = r * np.outer(errors[measured], errors[measured])
            return out
        return errors

    def _own(self, key: str) -> tuple[Any, tuple[Any, ...]]:
        """What stands at a key for this sample, and its path."""
        value: Any = self.table.data.get(key)
        if self.of is None or isinstance(value, dict) or value is None:
            return value, (key,)
        place, count = self.of
        if not isinstance(value, list) or len(value) != count:
            self.table.refuse(
                ParameterError(got=value, allowed=f"a list with an entry for each of {count} samples"), key
            )
            return None, (key,)
        return value[place], (key, place)

    def _parts(self, key: str, value: Any, path: tuple[Any, ...]) -> list[tuple[str, Any, tuple[Any, ...]]]:
        """Name, numbers and path of what stands at a key: variables or components by name, or the only one there is."""
        if value is None:
            if key not in self.table.data:
                self.table.refuse(ParameterError("missing: the numbers that were measured"), key)
            return []
        names = self.variables if len(self.variables) > 1 else self.components
        chosen = "variable" if len(self.variables) > 1 else "component"
        if not isinstance(value, dict):
            if not names:
                return [("", value, path)]
            with self.table.refusing():
                remedy = f"Or write {key} = {{ {names[0]} = ... }}."
                if chosen not in self.table.data:
                    raise ParameterError("missing", allowed=", ".join(names), remedy=remedy, path=(chosen,))
                return [(choice(self.table.data[chosen], chosen, names), value, path)]
            return []
        if not value or not names:
            allowed = f"a table of {', '.join(names)}" if names else "a number, or a list of them"
            self.table.refuse(ParameterError(got=value, allowed=allowed), *path)
            return []
        out = []
        for name, numbers in value.items():
            with self.table.refusing(*path, name):
                if name not in names:
                    near = near_names(name, names).strip()
                    raise ParameterError(f"for an unknown {chosen}", got=numbers, allowed=", ".join(names), remedy=near)
                if self.of is None:
                    out.append((name, numbers, (*path, name)))
                elif not isinstance(numbers, list) or len(numbers) != self.of[1]:
                    raise ParameterError(got=numbers, allowed=f"a list with an entry for each of {self.of[1]} samples")
                else:
                    out.append((name, numbers[self.of[0]], (*path, name, self.of[0])))
        return out

    def _places(self, name: str) -> list[int]:
        """Which cells a variable or a component has."""
        letters = self.table.data.get("component") if name in self.variables and len(self.variables) > 1 else None
        return [
            k for k, c in enumerate(self.cells)
            if name in ("", c.variable, c.component) and (letters is None or c.component == letters)
        ]  # fmt: skip

    def _list(self, numbers: Any, places: list[int], key: str) -> list[float]:
        """The numbers of some cells."""
        listed = numbers if isinstance(numbers, list) else [numbers]
        if len(listed) != len(places):
            first, last = (self.cells[places[k]].at for k in (0, -1)) if places else ((), ())
            order = f", from {', '.join(first)} to {', '.join(last)}" if first else ""
            count = f"{len(places)} number{'s' if len(places) != 1 else ''}{order}"
            raise ParameterError(f"which are {len(listed)}", got=numbers, allowed=f"{count}, as the observable gives")
        out = []
        for i, (one, k) in enumerate(zip(listed, places, strict=True)):
            try:
                out.append(self._number(one, self.cells[k].unit, key))
            except ParameterError as error:
                raise error.with_fields(path=(i,) if isinstance(numbers, list) else ()) from None
        return out

    def _number(self, value: Any, unit: str, key: str = "errors") -> float:
        """One number [SI]; one without a unit is in that of the table."""
        written = self.table.data.get("unit")
        if value == "" and key == "values":
            return float("nan")
        if written is not None and isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value!r} {written}"
        return float(parse_quantity(value, _si(unit)).real)


def _si(unit: str) -> str:
    """The unit as quantities have it."""
    dimension_of(unit.replace("Ohm", "ohm"))
    return unit.replace("Ohm", "ohm")
