"""Which theory answers a request: the table ``[solver]`` of a sample file, and ``solver`` of a single request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spinstack.cli.reader import Table
from spinstack.cli.requests import FaceConductances, FieldScan, Map, TemperatureScan
from spinstack.stack import Film, ParameterError
from spinstack.text.document import Document

KINDS = ("drift_diffusion", "boltzmann")
_SETTINGS = ("rtol", "specularity")
_WRITE = 'Write "boltzmann" or { kind = "boltzmann", rtol = 1e-4, specularity = [0, 0] }.'
_REMEDY = 'Allowed for it: solver = "drift_diffusion".'
#: observables that follow a magnetic field
_IN_A_FIELD = ("initial_slope", "critical_exchange")


@dataclass
class Theories:
    """The theory of requests that name none, and the settings of the Boltzmann equation for those that do."""

    root: Table
    kind: str = KINDS[0]
    settings: dict[str, Any] = field(default_factory=dict)
    _used: bool = False

    def choose(self, table: Table, request: Any) -> Any:
        """`request` with its solver, which describes its film; else a SampleError that names file and line."""
        own = bool(table.path) and "solver" in table.data
        if not own and isinstance(request, FaceConductances):
            return request  # a property of the insulator alone
        kind, settings = _choice(table, self.settings) if own else (self.kind, self.settings)
        if kind != "boltzmann":
            return request
        self._used = True
        try:
            _check(request, table.film.replace(dict(request.changes)))
            solver = _boltzmann(settings)
        except ParameterError as error:
            if own:
                raise table.error("solver", str(error)) from None
            raise self.root.error("solver", f"{request.name}: {error}") from None
        return replace(request, solver=solver)

    def check_used(self) -> None:
        """Refuse settings of the Boltzmann equation where nothing is solved by it."""
        if self.settings and not self._used:
            raise self.root.inside("solver", self.root.data["solver"], "").error(
                next(iter(self.settings)), 'given, but nothing is solved by the Boltzmann equation. kind = "boltzmann"?'
            )


def read(document: Document, film: Film) -> Theories:
    """The ``[solver]`` table of a sample file; drift-diffusion where there is none."""
    root = Table(document, film, (), document.data)
    if "solver" not in document.data:
        return Theories(root)
    kind, settings = _choice(root, {})
    return Theories(root, kind, settings)


def _choice(table: Table, common: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Word for the theory, and settings of the Boltzmann equation: those of ``solver`` before the common ones."""
    value = table.data["solver"]
    if isinstance(value, str):
        return table.text("solver", KINDS, ""), common
    inner = table.inside("solver", value, _WRITE)
    inner.only("kind", *_SETTINGS)
    if "kind" not in value:
        raise inner.error("kind", f"missing. Allowed: {', '.join(map(repr, KINDS))}.")
    kind, settings = inner.text("kind", KINDS, ""), dict(common)
    if "rtol" in value:
        settings["rtol"] = rtol = inner.quantity("rtol", value["rtol"], "1")
        if not 0 < rtol < 1:
            raise inner.error("rtol", f"got {value['rtol']!r}. Allowed: a number between 0 and 1, for example 1e-4.")
    if "specularity" in value:
        pair = value["specularity"]
        settings["specularity"] = numbers = tuple(
            inner.quantity("specularity", p, "1") for p in (pair if isinstance(pair, list) else [])
        )
        if len(numbers) != 2 or not all(0 <= p <= 1 for p in numbers):
            raise inner.error("specularity", f"got {pair!r}. Allowed: two numbers from 0 to 1, of bottom and top.")
    return kind, settings


def _boltzmann(settings: dict[str, Any]) -> Any:
    import spinstack

    return spinstack.Boltzmann(**settings)


def _check(request: Any, film: Film) -> None:
    """Raise ParameterError where the Boltzmann equation does not describe what a request asks; computes nothing."""
    from spinstack.boltzmann.describe import describe, magnet_positions
    from spinstack.insulator.held import without_field

    if isinstance(request, FieldScan | TemperatureScan | FaceConductances):
        raise ParameterError(f"the Boltzmann equation here has neither magnetic field nor temperature. {_REMEDY}")
    options = request.observable.options if isinstance(request, Map) else {}
    fields = [value for name in ("field", "B") for value in (getattr(request, name, 0.0), options.get(name, 0.0))]
    if any(np.any(np.asarray(B, dtype=float) != 0) for B in fields):
        raise ParameterError(f"the Boltzmann equation here has no magnetic field. Leave it out. {_REMEDY}")
    if isinstance(request, Map) and request.observable.kind in _IN_A_FIELD:
        raise ParameterError(f"{request.observable.kind}: the Boltzmann equation here has no magnetic field. {_REMEDY}")
    T = options.get("T", getattr(request, "T", None))
    for one, words in _films(film, request):
        try:
            describe(without_field(one, T), [np.array([0.0, 0.0, 1.0])] * len(magnet_positions(one)))
        except ParameterError as error:
            raise ParameterError(f"{words}{error}") from None


def _films(film: Film, request: Any) -> Iterator[tuple[Film, str]]:
    """The film; of a map every value of each path, with the ends of the other one."""
    if not isinstance(request, Map):
        yield film, ""
        return
    paths = list(request.over)
    for path in paths:
        others = [p for p in paths if p != path]
        ends = [{p: request.over[p][i] for p in others} for i in (0, -1)] if others else [{}]
        for end in ends:
            for value in request.over[path]:
                changes = end | {path: value}
                yield film.replace(changes), f"{', '.join(f'{p} = {v:.4g}' for p, v in changes.items())}: "
