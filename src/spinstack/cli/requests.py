"""What a sample file can ask for: one frozen record a request, values in SI, ready to be computed.

`solver` of a request is the theory that answers it, None for drift-diffusion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from spinstack.stack import Film

Vector = tuple[float, ...]
#: one direction for all magnets, or pairs of magnet name and direction; what is not there finds its own
Directions = Vector | tuple[tuple[str, Vector], ...] | None
#: parameters that a request changes before it computes: pairs of path and value [SI]
Changes = tuple[tuple[str, Any], ...]

PLANES = ("alpha", "beta", "gamma")


def directions(m: Directions) -> Any:
    """`m` as the observables take it: a vector, a mapping or None."""
    if m and not isinstance(m[0], float):
        return dict(m)
    return m or None


def in_words(m: Directions) -> list[str]:
    """Given directions of magnets in words."""
    named = directions(m)
    if isinstance(named, dict):
        return [f"m({name}) = {vector_words(v)}" for name, v in named.items()]
    return [f"m = {vector_words(named)}"] if named else []


def vector_words(v: Any) -> str:
    """A vector as text."""
    return f"({', '.join(f'{c:.4g}' for c in v)})"


def change_words(request: Any) -> list[str]:
    """What the request sets differently from the film of the file, in words."""
    return [f"{path} = {value:.4g}" if not isinstance(value, tuple) else path for path, value in request.changes]


@dataclass(frozen=True)
class Scan:
    """Rotate m and the field in one or several planes; angles [deg], field [T]."""

    name: str
    planes: tuple[Any, ...]
    angles: Vector
    field: float
    T: float | None = None
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class Profile:
    """Spin accumulation and currents against height; B [T], E [V/m]."""

    name: str
    m: Directions
    B: Vector
    E: Vector
    points: int
    T: float | None = None
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class Torque:
    """Torque on each magnet while m rotates in a plane; angles [deg], B [T], E [V/m]."""

    name: str
    plane: str
    angles: Vector
    B: Vector
    E: Vector
    T: float | None = None
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class Perpendicular:
    """Resistance times area with the current along z; B [T]."""

    name: str
    m: Directions
    B: Vector
    T: float | None = None
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class FieldScan:
    """Resistance along a path of fields [T], with strengths and directions or as vectors; T one or several [K]."""

    name: str
    field: tuple[Any, ...]
    direction: Any
    T: float | Vector | None
    m: Directions
    reference: Any
    contributions: bool
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class FieldContributions:
    """The parts of R_xx of a field scan: the insulators alone, precession alone, their interference."""

    name: str
    scan: FieldScan
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class TemperatureScan:
    """Resistance against temperature [K] in a fixed field [T], or the gap between m along z and along y."""

    name: str
    T: Vector
    B: Vector
    m: Any
    gap: bool
    field: float
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class FaceConductances:
    """The conductances of a magnetic insulator's face against field [T] along its order and temperature [K]."""

    name: str
    insulator: str
    B: float | Vector
    T: float | Vector
    changes: Changes = ()
    solver: Any = None


@dataclass(frozen=True)
class Observable:
    """A number per film: its keywords in `options`, the `component` of a vector or tensor, words and unit for axes."""

    kind: str
    units: str
    long_name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    component: tuple[int, ...] = ()

    def function(self, solver: Any = None) -> Any:
        """A function of a film that gives values (...), batch axes of the film first; loads the solver."""
        # a partial of named functions: a sweep knows by its arguments whether a stored result is of this observable
        options = {k: directions(v) if k == "m" else v for k, v in self.options.items()}
        if solver is not None:
            options["solver"] = solver
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
    solver: Any = None


@dataclass(frozen=True)
class Study:
    """Everything a sample file asks for, checked; where the results go if the command line does not say."""

    title: str
    scans: tuple[Scan, ...] = ()
    field_scans: tuple[FieldScan, ...] = ()
    contributions: tuple[FieldContributions, ...] = ()
    temperature_scans: tuple[TemperatureScan, ...] = ()
    face_conductances: tuple[FaceConductances, ...] = ()
    profiles: tuple[Profile, ...] = ()
    torques: tuple[Torque, ...] = ()
    perpendiculars: tuple[Perpendicular, ...] = ()
    maps: tuple[Map, ...] = ()
    directory: str | None = None
    figures: tuple[str, ...] = ("png", "pdf")

    def requests(self) -> tuple[Any, ...]:
        """All requests in the order in which they are computed."""
        resistances = (*self.scans, *self.field_scans, *self.contributions, *self.temperature_scans)
        rest = (*self.profiles, *self.torques, *self.perpendiculars, *self.maps)
        return (*resistances, *self.face_conductances, *rest)
