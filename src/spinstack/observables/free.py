"""The free parameters of a film: where their numbers lie, what they may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spinstack.observables.programs import Numbers, anonymous, assembled
from spinstack.stack import Film, ParameterError


class Free:
    """Chosen parameters of one film.

    Attributes:
        film: the film, with a value at each of the paths.
        paths, specifications: as given, and what the film declares for each.
        slots: per path the numbers of the film that it stands for.
        x0: the film's own values.
        numbers: of the film, under names of its own if `keep_names`.
    """

    def __init__(self, film: Film, paths: Sequence[str], keep_names: bool = False) -> None:
        self.paths = tuple(paths)
        self.film = _with_values(film, self.paths)
        self.specifications = tuple(self.film.specification(path) for path in self.paths)
        self.numbers = Numbers.of(self.film if keep_names else anonymous(self.film))
        self.slots: list[tuple[int, ...]] = []
        taken: dict[int, str] = {}
        for path in self.paths:
            positions, place = self.film.resolve(path)
            self.slots.append(tuple(self.numbers.slot(i, place.field, place.component, place.part) for i in positions))
            for slot in self.slots[-1]:
                if slot in taken:
                    raise ParameterError(f"the same number as {taken[slot]!r}", field="free", got=path)
                taken[slot] = path
        self.x0 = self.numbers.values[[slots[0] for slots in self.slots]]
        specs = self.specifications
        self._low = np.array([-np.inf if s.low is None else s.low for s in specs])
        self._high = np.array([np.inf if s.high is None else s.high for s in specs])
        self._open = np.array([[s.open_low for s in specs], [s.open_high for s in specs]])
        self._infinite = np.array([s.infinite for s in specs])
        self._touched: dict[int, list[Any]] = {}
        for leaf in self.numbers.leaves:
            if any(leaf.start <= slot < leaf.start + leaf.count for slot in taken):
                self._touched.setdefault(leaf.element, []).append(leaf)
        self._seen: set[bytes] = set()

    def check(self, x: np.ndarray) -> None:
        """Raise ParameterError where a point of x (points, parameters) is none that the film may have."""
        inside = (x > self._low) | ((x == self._low) & ~self._open[0])
        inside &= (x < self._high) | ((x == self._high) & ~self._open[1])
        inside &= np.isfinite(x) | ((x == np.inf) & self._infinite)
        if not inside.all():
            point, j = np.argwhere(~inside)[0]
            raise ParameterError(
                f"at point {point}",
                field=self.paths[j],
                unit=self.specifications[j].unit,
                got=x[point, j],
                allowed=self.specifications[j].allowed(),
            )
        given = {slot: x[:, j] for j, slots in enumerate(self.slots) for slot in slots}
        for i, leaves in self._touched.items():  # what several parameters of an element allow together
            values = {leaf.field: assembled(leaf, given, self.numbers.values, x.shape[:1]) for leaf in leaves}
            self.film.elements[i].replace(**values)
        zero = x == 0
        for point in range(len(x)) if zero.any() else (0,):  # a film is checked anew where other numbers vanish
            pattern = zero[point].tobytes()
            if pattern not in self._seen:
                self.at(x[point]).check()
                self._seen.add(pattern)

    def at(self, x: np.ndarray) -> Film:
        """The film with the values x (parameters,)."""
        return self.film.replace(dict(zip(self.paths, x.tolist(), strict=True)))


def _with_values(film: Film, paths: Sequence[str]) -> Film:
    """The film with a number, or a tensor, in every place that a path names."""
    for path in paths:
        spec = film.specification(path)
        _, place = film.resolve(path)
        if spec.kind == "complex":
            raise ParameterError("which is complex", field="free", got=path, remedy=f"Give {path}.real or {path}.imag.")
        whole = film.get(place.whole())
        if whole is None:
            ...
    return film
