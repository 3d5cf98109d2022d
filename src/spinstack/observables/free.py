"""The free parameters of a film: where their numbers lie, what they may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from spinstack.observables.programs import Leaf, Numbers, assembled
from spinstack.stack import Element, Film, ParameterError
from spinstack.stack.parameters import same


class Free:
    """Chosen parameters of one film.

    Attributes:
        film: the film, with a number at each of the paths.
        paths, specifications: as given, and what the film declares for each.
        numbers: of the film, under names that films of the same structure share unless `named`.
        slots: per path the numbers of the film that it stands for.
        x0: the film's own values.
    """

    def __init__(self, film: Film, paths: Sequence[str], named: bool, refuse: Callable[[Film], None]) -> None:
        self.paths, self._refuse = tuple(paths), refuse
        film.check_apart(self.paths, "free")
        self.film = _with_numbers(film, self.paths)
        resolved = [self.film.resolve(path) for path in self.paths]
        self.specifications = tuple(spec for *_, spec in resolved)
        self.numbers = Numbers.of(self.film, named)
        self.slots: list[tuple[int, ...]] = []
        for positions, place, _ in resolved:
            self.slots.append(tuple(self.numbers.slot(i, place.field, place.component, place.part) for i in positions))
        taken = {slot for slots in self.slots for slot in slots}
        self.x0 = self.numbers.values[[slots[0] for slots in self.slots]]
        specs = self.specifications
        self._low = np.array([-np.inf if s.low is None else s.low for s in specs])
        self._high = np.array([np.inf if s.high is None else s.high for s in specs])
        self._open_low, self._open_high = (np.array([getattr(s, n) for s in specs]) for n in ("open_low", "open_high"))
        self._infinite = np.array([s.infinite for s in specs])
        self._touched: dict[int, list[Leaf]] = {}
        for leaf in self.numbers.leaves:
            if not taken.isdisjoint(leaf.slots):
                self._touched.setdefault(leaf.element, []).append(leaf)
        self._seen: set[bytes] = set()

    def check(self, x: np.ndarray) -> None:
        """Raise ParameterError where a point of x (points, parameters) is none that the film may have."""
        inside = (x > self._low) | ((x == self._low) & ~self._open_low)
        inside &= (x < self._high) | ((x == self._high) & ~self._open_high)
        inside &= np.isfinite(x) | ((x == np.inf) & self._infinite)
        if not inside.all():
            point, j = np.argwhere(~inside)[0]
            spec = self.specifications[j]
            raise ParameterError(
                f"in x[{point}, {j}]",
                field=self.paths[j],
                unit=spec.unit,
                got=float(x[point, j]),
                allowed=spec.allowed(),
            )
        given = {slot: x[:, j] for j, slots in enumerate(self.slots) for slot in slots}
        for i, leaves in self._touched.items():  # what an element allows of several parameters together
            values = {leaf.field: assembled(leaf, given, self.numbers.values, x.shape[:1]) for leaf in leaves}
            self.film.elements[i].check_together(values)
        special = (x == 0) * 1 + np.isinf(x) * 2
        alike = (special == special[:1]).all()
        for point in (0,) if alike else range(len(x)):  # what a film allows depends on what is absent
            pattern = special[point].tobytes()
            if pattern not in self._seen:
                self._refuse(self.at(x[point]))
                self._seen.add(pattern)

    def at(self, x: np.ndarray) -> Film:
        """The film with the values x (parameters,)."""
        return self.film.replace(dict(zip(self.paths, x.tolist(), strict=True)))


def _with_numbers(film: Film, paths: Sequence[str]) -> Film:
    """The film with a tensor where a path names a component, with a number where it names one that was left out."""
    for path in paths:
        positions, place, spec = film.resolve(path)
        if spec.kind == "complex":
            raise ParameterError("which is complex", field="free", got=path, remedy=f"Give {path}.real or {path}.imag.")
        laws = {name: law for i in positions for name, law in film.elements[i].laws().items()}
        if place.field in laws:
            inside = ", ".join(f"{path}.{name}" for name in laws[place.field].declared())
            raise ParameterError("which follows a law", field="free", got=path, remedy=f"Its numbers: {inside}.")
        if spec.kind == "table":
            remedy = f"Give {path.rpartition('.')[0]}.factor, which multiplies it."
            raise ParameterError("which is a table", field="free", got=path, remedy=remedy)
        if place.component:
            whole = f"{path[: path.rindex('[')]}[:,:]"
            film = film.replace({whole: film.get(whole)})
        elif any(np.ndim(film.elements[i].value(place.field)) for i in positions):
            remedy = f"Name its components, such as '{path.removesuffix('[:,:]')}[y,x]'."
            raise ParameterError("which is a tensor", field="free", got=path, remedy=remedy)
        elements = list(film.elements)
        for i in positions:
            if elements[i].value(place.field) is None:
                elements[i] = _said(elements[i], place.field, path)
        film = Film(tuple(elements))
    return film


def _said(element: Element, field: str, path: str) -> Element:
    """The element with the value that it takes for what was left out."""
    if element.laws():  # what it would follow from may be none
        raise ParameterError("which has no value in the film", field="free", got=path, remedy="Give it one there.")
    told = element if "." in field else element.replace(**{field: element.numbers().get(field)})
    if told.value(field) is None or not _alike(told.numbers(), element.numbers()):
        raise ParameterError("which has no value in the film", field="free", got=path, remedy="Give it one there.")
    return told


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(same(one[name], other[name]) for name in one)
