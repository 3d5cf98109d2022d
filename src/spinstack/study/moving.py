"""Magnets that move, as a sample file describes them, and what it asks of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from spinstack.magnets.coupling import InterlayerExchange
from spinstack.magnets.macrospin import Macrospin
from spinstack.magnets.neel import NeelVector
from spinstack.magnets.pulse import Alternating, Pulse
from spinstack.observables.rehearsal import rehearse
from spinstack.samples.reader import value_of
from spinstack.stack import Film, ParameterError
from spinstack.stack.described import Described
from spinstack.stack.directions import AXES
from spinstack.stack.film import magnet_labels
from spinstack.stack.parameters import Specification
from spinstack.study import conditions
from spinstack.study.arguments import Meaning, convert, unknown
from spinstack.study.film import FilmRequest
from spinstack.study.moving_entries import NEEDS_DAMPING, SERIES, Start
from spinstack.study.table import Table
from spinstack.text.document import Document
from spinstack.text.errors import NOTHING, Problems, SpinstackError, near_names
from spinstack.text.toml_lines import Key
from spinstack.text.units import parse_quantity

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.magnets import MagneticModel

#: tables that describe magnets
TABLES = ("magnet", "exchange", "motion")
#: fields of a magnet that hold a direction
_AXES: dict[type[Any], tuple[str, ...]] = {
    Macrospin: ("easy_axis", "bias_direction", "cubic_axis"),
    NeelVector: ("easy_axis", "hard_axis"),
}
#: fields by which a Neel vector is told from a magnet
_NEEL = {"spin_flop_field", "hard_field", "hard_axis"}


@dataclass(frozen=True)
class Motion:
    """``[motion]``: how a film is made into a table; arguments of :class:`spinstack.MagneticModel`."""

    degree: int | None = None
    oersted: bool = True
    tolerance: float = 1e-4


#: what stands in ``[motion]``, in SI units; B and T are the conditions in which the film is asked
MOTION = {
    "tolerance": Specification(
        "1", "largest deviation of the table from the film, over the largest torque or the change of the resistance",
        low=0, open_low=True,
    ),
    "degree": Specification("1", "degree of the polynomials in m", low=0, high=12, optional=True),
    "oersted": Specification("1", "whether the field of the currents in other layers acts, too"),
    "B": Specification("T", "field in which the film is asked for its table"),
    "T": Specification("K", "temperature at which the film is asked for its table", low=0, optional=True),
}  # fmt: skip


@dataclass(frozen=True)
class Magnets:
    """Magnets that move, those that are held, what couples them, and how the film is made into a table."""

    moving: tuple[Macrospin | NeelVector, ...]
    held: Mapping[str, Any] = field(default_factory=dict)
    couplings: tuple[InterlayerExchange, ...] = ()
    start: Mapping[str, Any] = field(default_factory=dict)
    motion: Motion = Motion()
    B: Any = (0.0, 0.0, 0.0)
    T: float | None = None

    def model(self, film: Film, solver: Any = None) -> MagneticModel:
        """The model of a film; ParameterError where its magnets are not these."""
        from spinstack.magnets import MagneticModel

        return MagneticModel(
            film, self.moving, dict(self.held), self.couplings, start=dict(self.start) or None,
            degree="auto" if self.motion.degree is None else self.motion.degree, oersted=self.motion.oersted,
            tolerance=self.motion.tolerance, B=self.B, T=self.T, solver=solver,
        )  # fmt: skip


#: in the place of m: the magnets of the file follow the field
FOLLOW = "follow"


@dataclass(frozen=True)
class Followed:
    """In the place of m: magnets that follow the path of fields of a scan, with hysteresis."""

    magnets: Magnets
    film: Film

    def __str__(self) -> str:
        return FOLLOW

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.magnets.moving)

    @property
    def others(self) -> Mapping[str, Any]:
        return self.magnets.held

    def directions_in(self, B: Any) -> dict[str, Any]:
        """As :meth:`spinstack.MagneticModel.directions_in`."""
        return self.magnets.model(self.film).directions_in(B)


class _Asked(Exception):
    """A film would be asked: everything that a request says of itself has been checked."""


class _Unasked:
    """Stands for the table of a film in a rehearsal."""

    def __getattr__(self, name: str) -> Any:
        raise _Asked


@dataclass(frozen=True, kw_only=True)
class MovingRequest(FilmRequest):
    """Something that is asked of magnets that move."""

    magnets: Magnets

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.magnets)

    def points(self) -> int:
        several = (v for n, v in self.arguments.items() if n in SERIES and isinstance(v, list | tuple))
        return math.prod(map(len, several))

    def compute(self) -> xr.Dataset:
        return self.entry.function(self.magnets.model(self.film, self.solver), **self.arguments)

    def rehearse(self, solver: Any = None) -> None:
        """Raise what the magnets, what they need, or `solver` refuse."""
        model = self.magnets.model(self.film)
        model.__dict__["table"] = _Unasked()
        with suppress(_Asked):
            self.entry.function(model, **self.arguments)
        if self.do in NEEDS_DAMPING:
            model.dampings  # noqa: B018  (raises where one is not known)
        if self.arguments.get("T") is not None:
            from spinstack.magnets.steps import volumes

            volumes(model, self.arguments["T"])
        if solver is not None:
            from spinstack.observables.torques import torque

            m = dict.fromkeys(model.names, (0.0, 0.0, 1.0)) | dict(model.others)
            rehearse(torque.observable.array, self.film, {"m": m, "B": self.magnets.B, "T": self.magnets.T}, solver)  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class DampingRequest(FilmRequest):
    """The damping by spin pumping of moments that the file describes, beside the conductances of the film."""

    moments: tuple[Macrospin, ...]

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.moments)

    def compute(self) -> xr.Dataset:
        from spinstack.magnets import damping

        return damping(self.film, self.moments, **self.given)


def with_moments(request: FilmRequest, magnets: Magnets) -> FilmRequest:
    """A request for damping with the moments of the file; any other as it is."""
    if request.do != "damping":
        return request
    moments = tuple(one for one in magnets.moving if isinstance(one, Macrospin))
    own = {f.name: getattr(request, f.name) for f in fields(FilmRequest)}
    return DampingRequest(**own, moments=moments)


def again(request: FilmRequest, film: Film, magnets: Magnets | None = None) -> FilmRequest:
    """A request that has been checked, of a film with other numbers, or of magnets with others."""
    arguments = {
        name: Followed(magnets or value.magnets, film) if isinstance(value, Followed) else value
        for name, value in request.arguments.items()
    }
    found = replace(request, film=film, arguments=arguments)
    if magnets is not None and isinstance(found, MovingRequest):
        return replace(found, magnets=magnets)
    return found if magnets is None else with_moments(found, magnets)


def magnets_of(document: Document, film: Film) -> Magnets | None:
    """The magnets that a document describes, None where it describes none; raises everything that is wrong of them."""
    root = Table.of(document)
    found = read_magnets(root, film)
    root.finish()
    return found


def told(document: Document) -> Iterator[tuple[Described | None, tuple[Key, ...], Mapping[str, Any]]]:
    """Every table of a magnet or a coupling: what it makes, None where it is held or wrong, and its place."""
    for word in ("magnet", "exchange"):
        for table in Table.of(document).entries(word):
            found = None
            if word == "exchange":
                found = _described(table, InterlayerExchange, ("first", "second"))
            elif "held" not in table.data:
                found = _described(table.without("start"), _kind(table.data), ("name",))
            yield found, table.path, table.data


def told_motion(document: Document) -> Mapping[str, Any] | None:
    """What ``[motion]`` holds as it is written; None where no magnet moves, which leaves it nothing to say."""
    root = Table.of(document)
    table = root.one("motion").data
    return table if table or any("held" not in one.data for one in root.entries("magnet")) else None


def motion_place(document: Document) -> tuple[Key, ...]:
    """Where ``[motion]`` stands, or would stand."""
    return tuple(Table.of(document).one("motion").path)


def motion_number(document: Document, name: str) -> float | None:
    """A number of ``[motion]`` in SI units: as it is written, or as it is by default; None where it has none."""
    own = Table.of(document).one("motion")
    if name in own.data:
        with suppress(SpinstackError):
            return float(value_of(document, (*own.path, name), own.data[name], MOTION[name]))
    return Motion.tolerance if name == "tolerance" else None


def axes_of(thing: Described) -> tuple[str, ...]:
    """Fields of a magnet that hold a direction."""
    return _AXES.get(type(thing), ())


def _kind(table: Mapping[str, Any]) -> type[Macrospin | NeelVector]:
    return NeelVector if _NEEL & {*table} else Macrospin


def meaning(film: Film) -> Meaning:
    """What values mean in a request about magnets that move."""
    usual = conditions.meaning(film)
    waves = {Pulse: _wave(Pulse), Alternating: _wave(Alternating)}
    any_of = {**usual.any_of, "m": Start}
    return Meaning(bare=usual.bare, any_of=any_of, beside=usual.beside, kinds=waves)


def _wave(kind: type[Described]) -> Any:
    """How a table becomes a waveform; its current may stand beside it."""

    def read(value: Any) -> Any:
        names = kind.specifications()
        if not isinstance(value, dict):
            raise ParameterError(got=value, allowed=f"a table of {', '.join(names)}")
        problems, found = Problems(), {}
        for key, written in value.items():
            with problems:
                if key not in names:
                    raise unknown(key, written, names)
                try:
                    found[key] = parse_quantity(written, names[key].unit)
                except ParameterError as error:
                    raise error.with_fields(path=(key,)) from None
        for name in kind.required():
            with problems:
                if name not in value and name != "current":
                    raise ParameterError(f"missing, {names[name].doc} [{names[name].unit}]", path=(name,))
        problems.end()
        return kind(**({"current": 0.0} | found))

    return read


def read_magnets(root: Table, film: Film) -> Magnets | None:
    """The magnets that a file describes; None where it describes none. What is wrong is noted."""
    moving, held, start = [], {}, {}
    labels, told = magnet_labels(film), set[str]()
    for table in root.entries("magnet"):
        with table.refusing():
            name = _magnet(table, "name", labels)
            if name in told:
                raise ParameterError("of which another [[magnet]] tells", got=name, path=("name",))
            told.add(name)
        with table.refusing():
            if "name" not in table.data:
                continue
            if "held" in table.data:
                more = sorted({*table.data} - {"name", "held"})
                if more:
                    why = "beside held: a magnet that does not move needs nothing else"
                    raise ParameterError(why, got=table.data[more[0]], remedy="Leave one out.", path=(more[0],))
                held[str(table.data["name"])] = _direction(table, "held")
            else:
                if "start" in table.data:
                    with table.refusing():
                        start[str(table.data["name"])] = _direction(table, "start")
                moving.append(_described(table.without("start"), _kind(table.data), ("name",)))
    couplings = []
    for table in root.entries("exchange"):
        with table.refusing():
            couplings.append(_described(table, InterlayerExchange, ("first", "second")))
            for key in ("first", "second"):
                with table.refusing():
                    if key in table.data:
                        _magnet(table, key, labels)
    given = root.one("motion").without("B", "T").read(Motion, Meaning(), also=("B", "T"))
    about, own = {}, root.one("motion")
    for name in ("B", "T"):
        with own.refusing(name):
            if name in own.data:
                about[name] = convert(
                    own.data[name], conditions.ANY_OF[name], "T" if name == "B" else "K", meaning(film)
                )
    if not moving:
        if (held or couplings or given or about) and not root.problems:
            root.refuse(ParameterError("and no magnet moves", remedy="Give a [[magnet]] its magnetization."), "magnet")
        return None
    if missing := [name for name in labels if name not in told]:
        why = f"and {', '.join(missing)} neither {'moves' if len(missing) == 1 else 'move'} nor is held"
        remedy = f'Give a [[magnet]] with name = "{missing[0]}" and held = "x", or its magnetization.'
        root.refuse(ParameterError(why, remedy=remedy), "magnet")
    made = Magnets(tuple(moving), held, tuple(couplings), start, Motion(**given), **about)
    if root.problems:
        return None
    try:
        made.model(film)
    except SpinstackError as error:
        for one in error.errors:
            if one.field in own.data:
                own.refuse(one.with_fields(path=(one.field,)))
            else:
                root.refuse_as_told(one, "magnet")
    return None if root.problems else made


def _magnet(table: Table, key: str, labels: Sequence[str]) -> str:
    """The name of a magnet of the film."""
    name = _name(table, key)
    if name not in labels:
        allowed, remedy = ", ".join(labels) or "none, the film has no magnet", near_names(name, labels).strip()
        raise ParameterError("which is no magnet of the film", got=name, allowed=allowed, remedy=remedy, path=(key,))
    return name


def _name(table: Table, key: str = "name") -> str:
    name = table.data.get(key)
    if not isinstance(name, str) or not name:
        allowed = "the name of a magnet, in quotes"
        why, got = ("missing", NOTHING) if name is None else ("", name)
        raise ParameterError(why, got=got, allowed=allowed, path=(key,))
    return name


def _direction(table: Table, key: str) -> Any:
    value = table.data[key]
    if isinstance(value, str) and value in AXES:
        return value
    try:
        return convert(value, tuple[float, float, float], "1", Meaning())
    except ParameterError as error:
        raise error.with_fields(allowed='"x", "y", "z" or three numbers', path=(key, *error.path)) from None


def _described(table: Table, kind: type[Any], names: tuple[str, ...]) -> Any:
    """An object of this kind from a table: its names, its parameters with their units, its axes; None where wrong."""
    specs, values, before = kind.specifications(), {}, len(table.problems)
    axes = _AXES.get(kind, ())
    for key, written in table.data.items():
        with table.refusing():
            if key in specs:
                values[key] = value_of(table.document, (*table.path, key), written, specs[key])
            elif key in axes:
                values[key] = _direction(table, key)
            elif key in names:
                values[key] = _name(table, key)
            else:
                raise unknown(key, written, (*names, *specs, *axes, *(("held", "start") if axes else ())))
    for name in (*names, *(n for n in kind.required() if n not in names)):
        with table.refusing():
            if name not in table.data:
                spec = specs.get(name)
                raise ParameterError(f"missing{f', {spec.doc} [{spec.unit}]' if spec else ''}", path=(name,))
    if len(table.problems) > before:
        return None
    with table.refusing():
        try:
            return kind(**values)
        except ParameterError as wrong:
            raise ParameterError.several([e.with_fields(path=(e.field,)) for e in wrong.errors]) from None
    return None
