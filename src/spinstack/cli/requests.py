"""What a sample file can ask for: one frozen record a request, values in SI, ready to be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from spinstack.stack import Film

Vector = tuple[float, ...]
#: one direction for all magnets, or pairs of magnet name and direction; None for a film without magnets
Directions = Vector | tuple[tuple[str, Vector], ...] | None
#: parameters that a request changes before it computes: pairs of path and value [SI]
Changes = tuple[tuple[str, Any], ...]

PLANES = ("alpha", "beta", "gamma")


def directions(m: Directions) -> Any:
    """`m` as the observables take it: a vector, a mapping or None."""
    if m is not None and m and not isinstance(m[0], float):
        return dict(m)
    return m


@dataclass(frozen=True)
class Scan:
    """Rotate m and the field in one or several planes; angles [deg], field [T]."""

    name: str
    planes: tuple[str, ...]
    angles: Vector
    field: float
    changes: Changes = ()


@dataclass(frozen=True)
class Profile:
    """Spin accumulation and currents against height; B [T], E [V/m]."""

    name: str
    m: Directions
    B: Vector
    E: Vector
    points: int
    changes: Changes = ()


@dataclass(frozen=True)
class Torque:
    """Torque on each magnet while m rotates in a plane; angles [deg], B [T], E [V/m]."""

    name: str
    plane: str
    angles: Vector
    B: Vector
    E: Vector
    changes: Changes = ()


@dataclass(frozen=True)
class Perpendicular:
    """Resistance times area with the current along z; B [T]."""

    name: str
    m: Directions
    B: Vector
    changes: Changes = ()


@dataclass(frozen=True)
class Observable:
    """A number per film: its keywords in `options`, the `component` of a vector or tensor, words and unit for axes."""

    kind: str
    units: str
    long_name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    component: tuple[int, ...] = ()

    def function(self) -> Any:
        """A function of a film that gives values (...), batch axes of the film first; loads the solver."""
        # a partial of named functions: a sweep knows by its arguments whether a stored result is of this observable
        options = {k: directions(v) if k == "m" else v for k, v in self.options.items()}
        return partial(evaluate, kind=self.kind, component=self.component, **options)


def evaluate(film: Film, *, kind: str, component: tuple[int, ...], **options: Any) -> Any:
    """The observable `kind` of :mod:`spinstack` for a film, one `component` of it where it is a vector or tensor."""
    import spinstack

    value = getattr(spinstack, kind)(film, **options)
    return {kind: value[(..., *component)] if component else value}


@dataclass(frozen=True)
class Map:
    """An observable over one or two parameter paths; values [SI] by path."""

    name: str
    over: Mapping[str, Vector]
    observable: Observable
    changes: Changes = ()


@dataclass(frozen=True)
class Study:
    """Everything a sample file asks for, checked; where the results go if the command line does not say."""

    title: str
    scans: tuple[Scan, ...] = ()
    profiles: tuple[Profile, ...] = ()
    torques: tuple[Torque, ...] = ()
    perpendiculars: tuple[Perpendicular, ...] = ()
    maps: tuple[Map, ...] = ()
    directory: str | None = None
    figures: tuple[str, ...] = ("png", "pdf")
