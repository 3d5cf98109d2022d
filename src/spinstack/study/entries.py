"""What a sample file can ask for: every observable by its name, and a few of them in other words.

The signature of an entry's function is the vocabulary of its table. An observable needs no line here: it is an entry as
soon as it is registered (:func:`spinstack.observables.registry.observables`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from spinstack.figures.finding import figure
from spinstack.observables.planes import PLANES, Plane, directions
from spinstack.observables.registry import Observable, observables
from spinstack.stack import Film
from spinstack.stack.film import magnet_labels
from spinstack.study.arguments import hints
from spinstack.study.conditions import thermal
from spinstack.text.units import In

if TYPE_CHECKING:
    import xarray as xr

Angles = Annotated[Sequence[float], In("deg")]
_TURN = range(361)


@dataclass(frozen=True)
class Entry:
    """A table of a sample file: `word` asks for `observable`, `function` gives its labelled values.

    `signature` has the arguments; `instead` and `beside` are switches of the table that ask for another observable, in
    place of this one or with it; `name` is what results are called by default; `refused` says why a film has no answer.
    """

    word: str
    observable: Observable
    function: Callable[..., xr.Dataset]
    signature: Callable[..., Any]
    name: str
    instead: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    refused: Callable[[Film], str] = lambda film: ""

    @property
    def hints(self) -> dict[str, Any]:
        """Annotations of the arguments."""
        return {n: h for n, h in hints(self.signature).items() if n not in ("film", "model", "solver")}

    @property
    def takes_solver(self) -> bool:
        """Whether a theory of transport answers."""
        return "solver" in hints(self.signature)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that the table may have."""
        others = sorted(self.only_of_others(self))
        solver = ("solver",) if self.takes_solver else ()
        return ("name", *self.hints, *self.instead, *others, *self.beside, "set", *solver)

    def only_of_others(self, asked: Entry) -> set[str]:
        """Arguments of the observables that a switch chooses, but not of the one that is asked."""
        every = (self, *map(self.of, self.instead.values()))
        return {name for one in every for name in one.hints} - {*asked.hints}

    def undrawn(self, film: Film, arguments: Mapping[str, Any]) -> bool:
        """Whether the figure of this observable has nothing to draw, because the result is single numbers."""
        if self.signature is not self.observable.array:
            return False
        if any(output.dims for output in self.observable.labels(film, **arguments).outputs):
            return False
        return figure(self.observable.name, self.observable.module) is not None

    def of(self, other: str) -> Entry:
        """The entry for another observable, asked for in the same table."""
        return plain_entry(observables()[other], self.word, self.name)


def plain_entry(one: Observable, word: str = "", name: str = "", **more: Any) -> Entry:
    """The entry of an observable with its own arguments."""
    return Entry(word or one.name, one, one.dataset, one.array, name or word or one.name, **more)


def _scan(film: Film, plane: Plane | Sequence[Plane] = tuple(PLANES), **arguments: Any) -> Any:
    """A single plane keeps its dimension, so that every scan of a file has the same."""
    planes = [plane] if isinstance(plane, str) else plane
    return observables()["angular_scan"].dataset(film, planes, **arguments)


def _turning_torque(
    film: Film,
    plane: Plane = "beta",
    angles: Angles = _TURN,
    *,
    m: Any = None,
    B: Any = (0.0, 0.0, 0.0),
    T: Any = None,
    E: Any = None,
    current: Annotated[float | None, In("A/m^2")] = None,
    solver: Any = None,
) -> Any:
    """m: the magnets that do not turn."""
    u = directions(plane, angles)
    held = m or {}
    along = {n: held.get(n, held.get(n.partition("[")[0], u)) for n in magnet_labels(film)} if held else u
    found = observables()["torque"].dataset(film, m=along, B=B, T=T, E=E, current=current, solver=solver)
    words = f"angle {plane} of m ({' to '.join('xyz'[axis] for axis in PLANES[plane])})"
    angle = ("angle", [float(a) for a in angles], {"units": "deg", "long_name": words})
    return found.rename(batch_0="angle").assign_coords(angle=angle, plane=plane)


def _without_temperature(film: Film) -> str:
    if thermal(film):
        return ""
    return "nothing in the film depends on temperature. Give an insulator a magnet model, or a parameter a law."


def entries() -> dict[str, Entry]:
    """Every entry by the word of its table; the solver is not loaded for it."""
    known = observables()
    for switched in ("field_contributions", "smr_gap"):
        known.pop(switched)
    special = (
        Entry("scan", scan := known.pop("angular_scan"), _scan, scan.array, "angular_scan"),
        plain_entry(known.pop("field_scan"), beside={"contributions": "field_contributions"}),
        plain_entry(known.pop("temperature_scan"), instead={"gap": "smr_gap"}, refused=_without_temperature),
        *(plain_entry(known.pop(name)) for name in ("face_conductances", "profile")),
        Entry("torque", known.pop("torque"), _turning_torque, _turning_torque, "torque"),
        plain_entry(known.pop("perpendicular_resistance"), "perpendicular"),
        plain_entry(known.pop("damping_conductance"), "damping"),
    )
    return {entry.word: entry for entry in (*special, *map(plain_entry, known.values()))}


#: keys of a map
MAP_KEYS = ("name", "over", "observable", "T", "set", "solver")


def mapped() -> dict[str, Observable]:
    """The observables that a map can show: those whose labels are not of one film."""
    return {name: one for name, one in observables().items() if not one.one_film}
