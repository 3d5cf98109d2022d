"""A film: elements from the bottom to the top, composed with ``|`` and addressed by path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import register_with_jax
from spinstack.stack.element import Element
from spinstack.stack.interface import Interface
from spinstack.stack.metal import Layer
from spinstack.stack.parameters import ParameterError, Specification, same

_PATH = re.compile(
    r"(?P<owner>[^.\[\]]+)(\[(?P<index>-?\d+)\])?\.(?P<field>\w+?(\.(?!real$|imag$)\w+)?)(\.(?P<part>real|imag))?"
)


@dataclass(frozen=True, eq=False, repr=False)
class Film:
    """An immutable stack of elements, bottom first. ``film | layer`` adds on top, ``film * n`` repeats."""

    elements: tuple[Element, ...]

    def __post_init__(self) -> None:
        elements = tuple(self.elements)
        for element in elements:
            if not isinstance(element, Element):
                raise ParameterError(
                    f"Film: got {element!r} of type {type(element).__name__}. "
                    "Allowed: Metal, Ferromagnet, Interface, MagneticInsulator, Vacuum."
                )
        object.__setattr__(self, "elements", elements)
        register_with_jax()

    @classmethod
    def _unchecked(cls, elements: tuple[Any, ...]) -> Film:
        film = object.__new__(cls)
        object.__setattr__(film, "elements", elements)
        return film

    def __or__(self, other: Element | Film) -> Film:
        if isinstance(other, Film):
            return Film(self.elements + other.elements)
        if isinstance(other, Element):
            return Film((*self.elements, other))
        return NotImplemented

    def __ror__(self, other: Element) -> Film:
        return Film((other, *self.elements)) if isinstance(other, Element) else NotImplemented

    def __mul__(self, count: int) -> Film:
        if not isinstance(count, int) or isinstance(count, bool):
            return NotImplemented
        if count < 1:
            raise ParameterError(f"Film: got {count} repeats. Allowed: a whole number from 1.")
        return Film(self.elements * count)

    __rmul__ = __mul__

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

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The conducting layers, bottom first."""
        return tuple(e for e in self.elements if isinstance(e, Layer))

    @property
    def thickness(self) -> Any:
        """Sum of the layer thicknesses [m]."""
        return sum(layer.thickness for layer in self.layers)  # type: ignore[attr-defined]

    @property
    def magnets(self) -> tuple[str, ...]:
        """Names of the magnetic elements, bottom first, each once."""
        return tuple(dict.fromkeys(e.name for e in self.elements if e.magnetic))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the batch that array-valued parameters make of this film; () for a single film."""
        shapes = []
        for element in self.elements:
            for name, value in element.parameters.items():
                tensor = element.declared()[name].kind == "angle" and np.ndim(value) >= 2
                shapes.append(np.shape(value)[:-2] if tensor else np.shape(value))
        return np.broadcast_shapes(*shapes)

    def require_single(self, caller: str) -> None:
        """Raise :class:`ParameterError` where the film stands for a batch of films."""
        if self.batch_shape != ():
            raise ParameterError(
                f"{caller}: got a film with array-valued parameters (a batch of shape {self.batch_shape}). "
                "Allowed: one film; use sweep for many."
            )

    def labels(self) -> tuple[str, ...]:
        """The path owner of each element: its name, or for an interface the names it joins, such as 'Pt|Co'."""
        return tuple(
            self._joined(i) if isinstance(e, Interface) and e.name == "Interface" else e.name
            for i, e in enumerate(self.elements)
        )

    def _joined(self, index: int) -> str:
        def neighbour(step: int) -> str:
            i = index + step
            while 0 <= i < len(self.elements) and isinstance(self.elements[i], Interface):
                i += step
            return self.elements[i].name if 0 <= i < len(self.elements) else ""

        return f"{neighbour(-1)}|{neighbour(+1)}"

    def find(self, owner: str, index: int | None = None) -> tuple[int, ...]:
        """Positions of the elements called `owner`: a name, or two names joined by '|' for an interface.

        A name that occurs several times (a superlattice) means all of them; `index` picks one, counted from the bottom.
        """
        hits = [
            i
            for i, e in enumerate(self.elements)
            if e.name == owner or (isinstance(e, Interface) and self._joined(i) == owner)
        ]
        if not hits:
            known = dict.fromkeys(self.labels())
            raise ParameterError(f"The film has no element {owner!r}. Its elements: {', '.join(known)}.")
        if index is None:
            return tuple(hits)
        if not -len(hits) <= index < len(hits):
            raise ParameterError(f"{owner}[{index}]: the film has {len(hits)} of {owner!r}, counted from 0.")
        return (hits[index],)

    def _resolve(self, path: str) -> tuple[tuple[int, ...], str, str | None]:
        match = _PATH.fullmatch(path) if isinstance(path, str) else None
        if match is None:
            raise ParameterError(
                f"got the path {path!r}. Allowed: 'element.field', for example 'Pt.thickness', 'Pt[0].thickness', "
                "'Pt|Co.filtering' or 'Pt|Co.mixing_conductance.real'."
            )
        found = self.find(match["owner"], int(match["index"]) if match["index"] else None)
        for i in found:
            spec = self.elements[i].declared()
            if match["field"] not in spec:
                raise ParameterError(
                    f"{path!r}: {type(self.elements[i]).__name__} has no parameter {match['field']!r}. "
                    f"Its parameters: {', '.join(spec)}."
                )
            if match["part"] and spec[match["field"]].kind != "complex":
                raise ParameterError(f"{path!r}: {match['field']} is real, so it has no .{match['part']} part.")
        return found, match["field"], match["part"]

    def specification(self, path: str) -> Specification:
        """The declaration (unit, meaning, range) of the parameter at `path`."""
        found, field, _ = self._resolve(path)
        return self.elements[found[0]].declared()[field]

    def __contains__(self, path: str) -> bool:
        try:
            self._resolve(path)
        except ParameterError:
            return False
        return True

    def get(self, path: str) -> Any:
        """The value at `path`; where it names several elements, they must agree."""
        found, field, part = self._resolve(path)
        values = [self.elements[i].value(field) for i in found]
        if not all(same(values[0], v) for v in values[1:]):
            raise ParameterError(
                f"{path!r} names {len(found)} elements with different values. Pick one: "
                f"{', '.join(f'{v!r}' for v in values)} at [0] ... [{len(found) - 1}]."
            )
        return getattr(values[0], part) if part and values[0] is not None else values[0]

    def replace(self, changes: Mapping[str, Any]) -> Film:
        """A film with the values at some paths changed, for example ``film.replace({"Pt.thickness": 3e-9})``.

        Values may be arrays: the film then stands for a batch of films and observables broadcast over it.
        """
        pending: dict[int, dict[str, Any]] = {}
        for path, value in changes.items():
            found, field, part = self._resolve(path)
            for i in found:
                fields = pending.setdefault(i, {})
                if part:
                    old = fields.get(field, self.elements[i].value(field))
                    old = 0j if old is None else old
                    fields[field] = value + 1j * old.imag if part == "real" else old.real + 1j * value
                else:
                    fields[field] = value
        # all changes of an element at once: some parameters are only allowed together
        return Film(tuple(e.replace(**pending[i]) if i in pending else e for i, e in enumerate(self.elements)))

    def parameters(self) -> dict[str, Any]:
        """Every parameter that has a value, by a path that names exactly one element."""
        labels = self.labels()
        seen: dict[str, int] = {}
        out = {}
        for label, element in zip(labels, self.elements, strict=True):
            n = seen[label] = seen.get(label, -1) + 1
            owner = f"{label}[{n}]" if labels.count(label) > 1 else label
            out.update({f"{owner}.{k}": v for k, v in element.parameters.items() if v is not None})
        return out

    def magnet_of(self, index: int) -> int | None:
        """Position of the magnet whose m the element at `index` takes; None where it has none."""
        element = self.elements[index]
        if element.magnetic:
            return index
        if not isinstance(element, Interface):
            return None
        touching: dict[int, int] = {}
        for step in (+1, -1):
            i = index + step
            while 0 <= i < len(self.elements) and isinstance(self.elements[i], Interface):
                i += step
            if 0 <= i < len(self.elements) and self.elements[i].magnetic:
                touching[step] = i
        if element.magnet is not None:
            for i in touching.values():
                if self.elements[i].name == element.magnet:
                    return i
            names = ", ".join(self.elements[i].name for i in touching.values()) or "none"
            raise self._refused(
                index,
                "magnet",
                "which the interface does not touch",
                got=element.magnet,
                remedy=f"Magnets it touches: {names}.",
            )
        return touching.get(+1, touching.get(-1))

    def check(self) -> None:
        """Raise :class:`ParameterError` where the elements do not make a film that can be solved."""
        if not self.layers:
            raise ParameterError("The film has no conducting layer. Add a Metal or a Ferromagnet.")
        for i, element in enumerate(self.elements):
            if not isinstance(element, Interface):
                continue
            below, above = self._joined(i).split("|")
            if not below or not above:
                raise ParameterError(
                    f"The {'lowest' if not below else 'topmost'} element of the film is an interface.",
                    remedy="An interface joins two neighbours; remove it or add a layer (or Vacuum) beyond it.",
                    path=(i,),
                )
            magnet = self.magnet_of(i)
            if element.scattering is not None:
                self._check_scattering(i, magnet)
                continue
            if magnet is None and element.mixing_conductance is not None:
                raise self._refused(
                    i,
                    "mixing_conductance",
                    "given, but the interface touches no magnet",
                    remedy="Leave it out, with conductance_up = conductance_down.",
                )
            if magnet is None and not is_traced(element.precession) and np.any(np.asarray(element.precession) != 0):
                raise self._refused(
                    i, "precession", "given, but the interface touches no magnet", remedy="Leave it out."
                )

    def _refused(self, index: int, field: str, why: str, **fields: Any) -> ParameterError:
        """The error for one field of the element at `index`."""
        return ParameterError(why, where=self.labels()[index], field=field, path=(index, *field.split(".")), **fields)

    def _check_scattering(self, index: int, magnet: int | None) -> None:
        around = [self.elements[i] for i in (index - 1, index + 1)]
        for neighbour in around:
            if not isinstance(neighbour, Layer):
                raise self._refused(
                    index,
                    "scattering",
                    f"the neighbour {neighbour.name!r} is no metal",
                    allowed="a Metal or a Ferromagnet on either side, because electrons arrive from both",
                )
        interface: Any = self.elements[index]
        if magnet is None and (name := interface.scattering.asks_for_magnet()):
            raise self._refused(
                index, f"scattering.{name}", "given, but the interface touches no magnet", remedy="Leave it out."
            )


def magnet_labels(film: Film) -> tuple[str, ...]:
    """One label per magnetic element, bottom first: its name, numbered where the name repeats."""
    names = [e.name for e in film.elements if e.magnetic]
    seen: dict[str, int] = {}
    out = []
    for name in names:
        n = seen[name] = seen.get(name, -1) + 1
        out.append(f"{name}[{n}]" if names.count(name) > 1 else name)
    return tuple(out)
