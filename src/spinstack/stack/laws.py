"""Laws: what a parameter of an element follows in the place of a number, and the one place where it becomes one.

A law has numbers of its own, which are addressed as 'Pt.conductivity.residual_resistivity', and is asked for the value
of its parameter at a temperature. :func:`at_temperature` is where every theory asks; nothing behind it knows laws.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import Described
from spinstack.stack.directions import scalar
from spinstack.stack.parameters import Specification, checked, is_tensor, parameter, same, tensor
from spinstack.text.errors import ParameterError, SpinstackError

if TYPE_CHECKING:
    from spinstack.stack.element import Element

#: the unit of a number that has the unit, and the range, of the parameter that follows the law
OWN = "of the parameter"


class Law(Described):
    """What a parameter follows. A new one is a class in a file of its own.

    It names its ``kind`` (``class Name(Law, kind="name")``), by which sample files know it, declares its numbers with
    :func:`parameter` (those in the unit of whatever follows it with :func:`own`) and answers :meth:`number`.
    """

    kind: ClassVar[str]
    #: parameters that may follow it; none: any that is a number
    fills: ClassVar[tuple[str, ...]] = ()
    #: other parameters of the same element that it follows
    needs: ClassVar[tuple[str, ...]] = ()
    #: whether its value depends on the temperature by itself, and not only by what it needs
    thermal: ClassVar[bool] = True
    #: what else one may do where there is no temperature, as a sentence
    without_temperature: ClassVar[str] = ""
    #: every law by its kind
    known: ClassVar[dict[str, type[Law]]] = {}

    def __init_subclass__(cls, kind: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if kind:
            cls.kind = kind
            Law.known[kind] = cls

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        """The value at T (...) [K], where other parameters of the element, and numbers of its laws, are p."""
        raise NotImplementedError

    def is_default(self, name: str) -> bool:
        """Whether a number of it is what it would be if it were left out."""
        return same(getattr(self, name), self.__dataclass_fields__[name].default)

    def check_place(self, owner: Described, name: str) -> None:
        """Raise :class:`ParameterError` where the parameter `name` of `owner` cannot follow this law."""
        spec = owner.specifications()[name]
        if not (owner.follows_laws and spec.law):
            raise owner.refused(name, "which cannot follow a law", remedy="Give a number.")
        if self.fills and name not in self.fills:
            remedy = f"{name} may follow {', '.join(laws_of(name))}."
            raise owner.refused(name, f"which is a law of {' and '.join(self.fills)}", remedy=remedy)
        for inner, of in self.inside(spec).items():
            value = getattr(self, inner)
            if self.specifications()[inner].unit == OWN and not is_traced(value):
                if np.iscomplexobj(value) and spec.kind != "complex":
                    raise owner.refused(name, f"with {inner} that are complex", allowed=spec.allowed())
                checked(f"{owner._label()}.{name}", inner, value, of)

    def inside(self, outer: Specification) -> dict[str, Specification]:
        """What is declared of its numbers as the value of the parameter `outer`, whose unit and range some have."""
        return {
            name: spec if spec.unit != OWN else dataclasses.replace(
                outer, doc=spec.doc, kind=_kind(spec, outer), optional=spec.optional, otherwise=None, plus=None,
                follows="",
            )
            for name, spec in self.declared().items()
        }  # fmt: skip


def _kind(spec: Specification, outer: Specification) -> str:
    """The kind of a number of a law in the unit of what follows it; an angle that follows a law is a number."""
    return {"angle": "real"}.get(outer.kind, outer.kind) if spec.kind == "either" else spec.kind


def own(doc: str, **specification: Any) -> Any:
    """A number of a law in the unit, and within the range, of the parameter that follows it."""
    return parameter(OWN, doc, **specification)


def laws_of(name: str) -> list[str]:
    """The laws that a parameter may follow, by the names of their classes."""
    return [law.__name__ for law in Law.known.values() if not law.fills or name in law.fills]


def followed(film: Any) -> list[str]:
    """Paths of the parameters whose law depends on the temperature."""
    labels = film.labels()
    return list(dict.fromkeys(
        f"{labels[i]}.{name}" for i, e in enumerate(film.elements) for name, law in e.laws().items() if law.thermal
    ))  # fmt: skip


def at_temperature(film: Any, T: Any) -> Any:
    """The film with numbers in the place of its laws, at T (...) [K]; the film itself where it has none.

    Raises :class:`ParameterError` where T is None and a law depends on it, and for a value that is not allowed.
    """
    if not film.kept(_has_laws):
        return film
    if T is None:
        if thermal := followed(film):
            why = f"missing, but {', '.join(thermal)} follow{'s' if len(thermal) == 1 else ''} a law of the temperature"
            also = dict.fromkeys(law.without_temperature for e in film.elements for law in e.laws().values())
            remedy = " ".join(
                filter(None, ("Give T in kelvin, for example T=300 (of a film alone film.at(300)).", *also))
            )
            raise ParameterError(why, field="T", remedy=remedy)
    else:
        T = scalar(T, "T", "numbers in kelvin, at least 0", low=0)
    labels = film.labels()
    return type(film)(tuple(_evaluated(e, T, labels[i], i) for i, e in enumerate(film.elements)))


def _has_laws(film: Any) -> bool:
    return any(element.laws() for element in film.elements)


def _evaluated(element: Element, T: Any, label: str, position: int) -> Element:
    laws = element.laws()
    if not laws:
        return element
    specs = element.specifications()
    numbers: dict[str, Any] = {}
    beside = {f"{field}.{name}": law.value(name) for field, law in laws.items() for name in law.specifications()}
    for later in (False, True):  # those that follow other parameters after these
        for name, law in laws.items():
            if bool(law.needs) == later:
                stated = {n: element._with(numbers)._stated(n) for n in law.needs}
                try:
                    value = law.number(T, beside | stated)
                except SpinstackError as error:
                    where = ".".join(filter(None, (label, name, error.where)))
                    raise error.with_fields(where=where, path=(position, name)) from None
                numbers[name] = tensor(value, number=True) if specs[name].kind == "angle" else value
    axes = max(np.ndim(v) - (2 if specs[n].kind == "angle" else 0) for n, v in numbers.items())
    for name, spec in specs.items():  # a tensor beside a batch says that it has an axis of it
        value = getattr(element, name)
        if spec.kind == "angle" and name not in numbers and is_tensor(value) and (new := axes + 2 - np.ndim(value)) > 0:
            numbers[name] = value.reshape((*(1,) * new, *value.shape))
    try:
        return element.replace(**numbers)
    except ParameterError as wrong:
        at = "" if T is None or is_traced(T) or np.ndim(T) else f" at T = {float(T):g} K"
        errors = [e.with_fields(remedy=f"It follows a law{at}. {e.remedy}".strip()) for e in wrong.errors]
        raise SpinstackError.several(errors) from None
