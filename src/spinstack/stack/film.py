"""A film: elements from the bottom to the top, composed with ``|`` and addressed by path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from spinstack.stack import neighbours
from spinstack.stack.batches import together
from spinstack.stack.element import Element, Stackable
from spinstack.stack.interface import Interface
from spinstack.stack.laws import at_temperature
from spinstack.stack.layer import Layer
from spinstack.stack.parameters import Specification, same
from spinstack.stack.places import Place
from spinstack.stack.trees import Tree, register_with_jax
from spinstack.text import hooks
from spinstack.text.errors import ParameterError, Problems, near_names, shown


def as_film(given: Any) -> Any:
    """One layer alone as a film; anything else as it is."""
    return Film((given,)) if isinstance(given, Layer) else given


@dataclass(frozen=True, eq=False, repr=False)
class Film(Stackable, Tree, composed=True):
    """An immutable stack of elements, bottom first. ``film | layer`` adds on top, ``film * n`` repeats.

    Args:
        elements: layers, interfaces and what ends the film, bottom first.
    """

    elements: tuple[Element, ...]

    def __post_init__(self) -> None:
        elements: Any = self.elements
        elements = tuple(elements) if isinstance(elements, Iterable) else (elements,)
        for i, element in enumerate(elements):
            if not isinstance(element, Element):
                raise ParameterError(
                    f"of type {type(element).__name__}",
                    where="Film",
                    got=element,
                    allowed="Metal, Ferromagnet, Altermagnet, Interface, TunnelJunction, MagneticInsulator, Vacuum",
                    path=(i,),
                )
        object.__setattr__(self, "elements", elements)
        register_with_jax()

    @staticmethod
    def of(film: Any) -> Film:
        """`film` where it is one, one layer as a film; raises :class:`ParameterError` for anything else."""
        film = as_film(film)
        if not isinstance(film, Film):
            why = f"of type {type(film).__name__}"
            raise ParameterError(why, field="film", got=film, allowed="a Film", remedy="Compose elements with |.")
        return film

    @property
    def _parts(self) -> tuple[Element, ...]:
        return self.elements

    def _branches(self) -> tuple[Iterable[tuple[str | int, Any]], Any]:
        return enumerate(self.elements), None

    @classmethod
    def _grown(cls, rest: Any, children: Any) -> Self:
        film = object.__new__(cls)
        object.__setattr__(film, "elements", tuple(children))
        return film

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def __getitem__(self, index: int) -> Element:
        return self.elements[index]

    def __eq__(self, other: object) -> bool:
        return self.elements == other.elements if isinstance(other, Film) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.elements)

    def __repr__(self) -> str:
        return "\n| ".join(repr(e) for e in self.elements).join(("(", ")"))

    def _repr_html_(self) -> str:
        """The cross-section, where a notebook shows the film."""
        return hooks.film_html(self)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The conducting layers, bottom first."""
        return tuple(e for e in self.elements if isinstance(e, Layer))

    @property
    def thickness(self) -> Any:
        """Sum of the layer thicknesses [m]."""
        return sum(layer.thickness for layer in self.layers)

    @property
    def magnets(self) -> tuple[str, ...]:
        """Names of the magnetic elements, bottom first, each once."""
        return tuple(dict.fromkeys(e.name for e in self.elements if e.magnetic))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch that array-valued parameters make of this film; () for a single film."""
        shapes = set()
        for element in self.elements:
            for name, spec in element.declared().items():
                value = element.value(name)
                if value is not None and not isinstance(value, float | complex):
                    shapes.add(spec.batch(value))
        return together(self.batches()) if len(shapes) > 1 else next(iter(shapes), ())

    def batches(self) -> dict[str, tuple[int, ...]]:
        """Shape of the batch of every parameter by its path."""
        return {path: self.specification(path).batch(value) for path, value in self.parameters().items()}

    def require_single(self, caller: str) -> None:
        """Raise :class:`ParameterError` where the film stands for a batch of films."""
        if self.batch_shape != ():
            raise ParameterError(
                f"with array-valued parameters, a batch of shape {self.batch_shape}",
                where=caller,
                field="film",
                allowed="one film",
                remedy="Use sweep for many.",
            )

    def labels(self) -> tuple[str, ...]:
        """The path owner of each element: its name, or for an interface the names it joins, such as 'Pt|Co'."""
        return neighbours.labels(self.elements)

    def find(self, owner: str, index: int | None = None) -> tuple[int, ...]:
        """Positions of the elements called `owner`: a name, or two names joined by '|' for an interface.

        A name that occurs several times (a superlattice) means all of them; `index` picks one, counted from the bottom.
        """
        hits = [
            i
            for i, e in enumerate(self.elements)
            if e.name == owner or (isinstance(e, Interface) and neighbours.joined(self.elements, i) == owner)
        ]
        if not hits:
            known = dict.fromkeys(self.labels())
            raise ParameterError(
                "which the film does not have",
                field="element",
                got=owner,
                allowed=", ".join(known),
                remedy=near_names(owner, known).strip(),
            )
        if index is None:
            return tuple(hits)
        if not -len(hits) <= index < len(hits):
            allowed = f"0 to {len(hits) - 1}, since the film has {len(hits)} of {owner!r}, counted from 0"
            raise ParameterError(where=f"{owner}[{index}]", field="index", got=index, allowed=allowed)
        return (hits[index],)

    def resolve(self, path: str) -> tuple[tuple[int, ...], Place, Specification]:
        """Positions of the elements that `path` names, the path taken apart, and what is declared at it."""
        place = Place.of(path)
        found = self.find(place.owner, place.nth)
        specs = [self.elements[i].addressed() for i in found]
        for i, spec in zip(found, specs, strict=True):
            if place.field not in spec:
                self._refuse_words(i, place)
                kind = type(self.elements[i]).__name__
                raise ParameterError(
                    f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind} has no such parameter",
                    where=place.owner,
                    field=place.field,
                    allowed=", ".join(spec),
                    remedy=near_names(place.field, spec).strip(),
                )
            place.check(spec[place.field])
        return found, place, place.specification(specs[0][place.field])

    def _refuse_words(self, index: int, place: Place) -> None:
        """Raise about a field that holds no number."""
        element: Any = self.elements[index]
        owner, _, field = place.field.rpartition(".")
        for name in owner.split(".") if owner else ():
            element = getattr(element, name, None)
        if field in getattr(type(element), "__dataclass_fields__", {}):
            why = "which holds no number, so that no path leads to it"
            remedy = f"Make the element anew: element.replace({field}=...)."
            raise ParameterError(why, where=place.owner, field=place.field, got=getattr(element, field), remedy=remedy)

    def check_apart(self, paths: Iterable[str], field: str = "path") -> None:
        """Raise :class:`ParameterError` about the first of `paths` that names a number which one before names, too."""
        taken: dict[Any, tuple[int, str]] = {}
        for nth, path in enumerate(paths):
            found, place, _ = self.resolve(path)
            for i in found:
                for number in place.numbers(self.elements[i].addressed()[place.field]):
                    before, other = taken.setdefault((i, place.field, number), (nth, path))
                    if before != nth:
                        why = f"which names a number that {other!r} names, too"
                        raise ParameterError(why, field=field, got=path, remedy="Give each number by one path.")

    def specification(self, path: str) -> Specification:
        """The declaration (unit, meaning, range) of the parameter at `path`, or of its part or component."""
        return self.resolve(path)[2]

    def __contains__(self, path: str) -> bool:
        try:
            self.resolve(path)
        except ParameterError:
            return False
        return True

    def get(self, path: str) -> Any:
        """The value at `path`; where it names several elements, they must agree."""
        found, place, _ = self.resolve(path)
        elements = [self.elements[i] for i in found]
        values = [place.get(e.value(place.field), e.addressed()[place.field]) for e in elements]
        if not all(same(values[0], v) for v in values[1:]):
            raise ParameterError(
                f"which names {len(found)} elements with different values: {', '.join(map(shown, values))}",
                field="path",
                got=path,
                remedy=f"Pick one, [0] to [{len(found) - 1}].",
            )
        return values[0]

    def replace(self, changes: Mapping[str, Any]) -> Film:
        """A film with the values at some paths changed, for example ``film.replace({"Pt.thickness": 3e-9})``.

        Values may be arrays: the film then stands for a batch of films and observables broadcast over it. A spin Hall
        angle stays the number or the tensor that it is: an array of another shape than (..., 3, 2) is a batch of
        numbers, ``"Pt.spin_hall_angle[y,x]"`` is one component (a number or a batch), ``"Pt.spin_hall_angle[:,:]"`` the
        tensor, or with axes in front a batch of tensors.
        """
        pending: dict[int, dict[str, Any]] = {}
        problems, resolved = Problems(), []
        for path in changes:
            with problems:
                resolved.append(self.resolve(path))
        problems.end()
        if len(changes) > 1:
            self.check_apart(changes)
        for (found, place, _), value in zip(resolved, changes.values(), strict=True):
            for i in found:
                fields, element = pending.setdefault(i, {}), self.elements[i]
                old = fields.get(place.field, element.value(place.field))
                fields[place.field] = place.put(old, value, element.addressed()[place.field])
        # all changes of an element at once: some parameters are only allowed together
        return Film(tuple(e.replace(**pending[i]) if i in pending else e for i, e in enumerate(self.elements)))

    def owners(self) -> tuple[str, ...]:
        """The path owner that names exactly one element, of each."""
        return numbered(self.labels())

    def parameters(self) -> dict[str, Any]:
        """Every parameter that has a value, by a path that names exactly one element."""
        return {
            f"{owner}.{name}": value
            for owner, element in zip(self.owners(), self.elements, strict=True)
            for name, value in element.parameters.items()
            if value is not None
        }

    def at(self, T: Any) -> Film:
        """The film at T (...) [K]: numbers in the place of the laws that its parameters follow, itself without any.

        Several temperatures make a batch of films, which broadcasts with array-valued parameters. Raises
        :class:`ParameterError` for a temperature at which a law has no value, and where T is None and one depends on
        it.
        """
        return at_temperature(self, T)

    def magnets_of(self, index: int) -> tuple[int, ...]:
        """Positions of the magnets whose m the element at `index` takes: two of a tunnel junction, the lower first."""
        return neighbours.magnets_of(self.elements, index)

    def magnet_of(self, index: int) -> int | None:
        """Position of the one magnet that the element at `index` belongs to; None where it has none, or two."""
        found = self.magnets_of(index)
        return found[0] if len(found) == 1 else None

    def require_read(self, theory: str) -> None:
        """Raise :class:`ParameterError` for everything that `theory`, a key of THEORIES, would drop."""
        problems = Problems()
        for i, element in enumerate(self.elements):
            if element.may_refuse(theory):
                problems.errors += [
                    error.with_fields(path=(i, error.field)) for error in element.unread(theory, self.labels()[i])
                ]
        problems.end()

    def check(self) -> None:
        """Raise :class:`ParameterError` where the elements do not make a film that can be solved."""
        if not self.layers:
            remedy = "Add a Metal or a Ferromagnet."
            raise ParameterError("has no conducting layer", field="film", path=(), remedy=remedy)
        neighbours.check(self.elements)


def magnet_labels(film: Film) -> tuple[str, ...]:
    """One label per magnetic element, bottom first: its name, numbered where the name repeats."""
    return numbered([e.name for e in film.elements if e.magnetic])


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each with its number where it repeats."""
    count, seen = Counter(names), Counter[str]()
    out = []
    for name in names:
        out.append(f"{name}[{seen[name]}]" if count[name] > 1 else name)
        seen[name] += 1
    return tuple(out)
