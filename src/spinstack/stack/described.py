"""The base of everything that has parameters: a frozen record, checked when made, a JAX pytree once JAX is loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import numpy as np

from spinstack.stack.parameters import Specification, checked, same
from spinstack.stack.trees import Tree, register_with_jax
from spinstack.text.errors import ParameterError, Problems

Kind = TypeVar("Kind", bound="type[Described]")
_SINGLE = (float, complex, type(None))


@dataclass_transform(eq_default=False, frozen_default=True)
def described(kind: Kind) -> Kind:
    """A frozen dataclass whose fields stand in the order that ``parameter(after=...)`` says."""
    order = [f.name for f in fields(kind)]
    inherited, behind = set(order), order[-1]
    dataclass(frozen=True, eq=False, repr=False)(kind)
    for f in fields(kind):
        if f.name not in inherited:
            order.insert(order.index(f.metadata.get("after") or behind) + 1, f.name)
            behind = f.name
    kind.__dataclass_fields__ = {name: kind.__dataclass_fields__[name] for name in order}
    return kind


@dataclass(frozen=True, eq=False, repr=False)
class Described(Tree):
    """Immutable; every number is declared with :func:`parameter` and checked at construction."""

    #: fields that hold a :class:`Model`, whose parameters are addressed as 'field.name'
    models: ClassVar[tuple[str, ...]] = ()
    #: whether parameters may follow a law (:mod:`spinstack.stack.laws`) in the place of a number
    follows_laws: ClassVar[bool] = False

    def __post_init__(self) -> None:
        self._check_fields(self.specifications())
        register_with_jax()

    def _check_fields(self, names: Iterable[str]) -> None:
        """Check the fields of these names, and what fields must be together."""
        label, specs = self._label(), self.specifications()
        problems = Problems()
        with problems:
            self._check_words()
        for name in names:
            value, spec = getattr(self, name), specs[name]
            with problems:
                if isinstance(value, Described):
                    value.check_place(self, name)
                else:
                    object.__setattr__(self, name, checked(label, name, value, spec))
        problems.end()
        self._check()

    def _label(self) -> str:
        return type(self).__name__

    def _check_words(self) -> None:
        """Checks of the fields that are no numbers; overridden where there are any."""

    def _check(self) -> None:
        """Checks that involve several parameters; overridden where there are any."""

    def refused(self, field: str, why: str = "", **fields: Any) -> ParameterError:
        """The complaint about one field of this object, with what it holds; `fields` as :class:`SpinstackError`."""
        unit = self.specifications()[field].unit if field in self.specifications() else ""
        return ParameterError(
            why, **{"where": self._label(), "field": field, "unit": unit, "got": getattr(self, field), **fields}
        )

    @classmethod
    @cache
    def specifications(cls) -> dict[str, Specification]:
        """The declared parameters by name, in order."""
        return {f.name: f.metadata["specification"] for f in fields(cls) if "specification" in f.metadata}

    @classmethod
    @cache
    def required(cls) -> tuple[str, ...]:
        """The fields that have no default."""
        return tuple(f.name for f in fields(cls) if f.default is MISSING)

    @classmethod
    def following(cls, given: Collection[str]) -> set[str]:
        """The required fields that follow from the fields `given`."""
        return set()

    def numbers(self, theory: str = "") -> dict[str, Any]:
        """The parameters, or those that `theory` reads, what was left out filled in and angles as 3x2 tensors.

        Raises :class:`ParameterError` where one follows a law: numbers are those of the film at a temperature.
        """
        for name in self.laws():
            remedy = "Ask the film at a temperature, film.at(300)."
            raise self.refused(name, "which follows a law and is no number yet", remedy=remedy)
        out: dict[str, Any] = {}
        for name, spec in self.specifications().items():
            if not theory or theory in spec.theories:
                out[name] = spec.whole(self._stated(name), out)
        return out

    def _stated(self, name: str) -> Any:
        """What is said of one parameter: its value, or what follows from others; overridden where something does."""
        return getattr(self, name)

    def check_place(self, owner: Described, name: str) -> None:
        """Raise :class:`ParameterError` where this cannot stand for the number `name` of `owner`; a law can."""
        why = f"of type {type(self).__name__}"
        raise owner.refused(name, why, allowed=owner.specifications()[name].allowed())

    def inside(self, outer: Specification) -> dict[str, Specification]:
        """What is declared of the numbers of this object as the value of the parameter `outer`."""
        return self.declared()

    def declared(self) -> dict[str, Specification]:
        """The numbers of this object by name, those of its laws and models as 'field.name'."""
        out: dict[str, Specification] = {}
        for name, spec in self.specifications().items():
            value = getattr(self, name)
            if isinstance(value, Described):
                out |= {f"{name}.{inner}": of for inner, of in value.inside(spec).items()}
            else:
                out[name] = spec
        for field, model in self._models():
            out |= {f"{field}.{name}": spec for name, spec in model.declared().items()}
        return out

    def laws(self) -> dict[str, Any]:
        """The laws that parameters follow, by the name of the parameter."""
        return self.kept(Described._laws)

    def _laws(self) -> dict[str, Any]:
        found = ((name, getattr(self, name)) for name in self.specifications())
        return {name: value for name, value in found if isinstance(value, Described)}

    def addressed(self) -> dict[str, Specification]:
        """What a path may name: the numbers, and a law as a whole."""
        laws = self.laws()
        return self.declared() | {name: self.specifications()[name] for name in laws} if laws else self.declared()

    def _models(self) -> list[tuple[str, Described]]:
        return [(field, model) for field in self.models if (model := getattr(self, field)) is not None]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameter values by name, models included."""
        return {name: self.value(name) for name in self.declared()}

    def value(self, name: str) -> Any:
        """The value of one parameter, for example 'filtering' or 'scattering.rashba'."""
        owner, _, inner = name.partition(".")
        return getattr(self, owner).value(inner) if inner else getattr(self, name)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked anew; 'scattering.rashba' names a parameter of a model."""
        own: dict[str, Any] = {}
        inner: dict[str, dict[str, Any]] = {}
        for name, value in changes.items():
            owner, _, rest = name.partition(".")
            if rest:
                inner.setdefault(owner, {})[rest] = value
            else:
                own[name] = value
        known = {f.name for f in fields(self)}
        nested = {*self.laws(), *(field for field, _ in self._models())}
        for both in sorted(own.keys() & inner.keys()):
            why = "given as a whole and by one of its numbers"
            raise ParameterError(why, where=self._label(), field=both, remedy="Give one.")
        for unknown in sorted((set(own) - known) | (set(inner) - nested)):
            raise ParameterError(
                "which is no field of it",
                where=self._label(),
                field=unknown,
                got=changes.get(unknown, inner.get(unknown)),
                allowed=", ".join(self.addressed()),
            )
        for owner, values in inner.items():
            own[owner] = getattr(self, owner).replace(**values)
        changed = self._with(own)
        changed._check_fields(name for name in self.specifications() if name in own)
        return changed

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Copies and what comes back from a file can be changed as little as what was made."""
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self.__dict__.update(state)

    def check_together(self, values: dict[str, Any]) -> None:
        """Raise where `values` of some parameters, each allowed by itself, are not allowed together."""
        own = {name: value for name, value in values.items() if "." not in name}
        for owner, model in (*self._models(), *self.laws().items()):
            inner = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{owner}.")}
            if inner:
                model.check_together(inner)
                own[owner] = model._with(inner)
        self._with(own)._check()

    def _with(self, own: dict[str, Any]) -> Self:
        """A copy with other values in some fields; nothing is checked."""
        changed = object.__new__(type(self))
        for f in fields(self):
            object.__setattr__(changed, f.name, own.get(f.name, getattr(self, f.name)))
        return changed

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            getattr(self, f.name) == getattr(other, f.name)
            if f.name not in self.specifications()
            else same(getattr(self, f.name), getattr(other, f.name))
            for f in fields(self)
        )

    def __hash__(self) -> int:
        return hash(type(self))

    @property
    def plain(self) -> bool:
        """Whether every number is a single one: arrays may be changed behind the back of what is kept of them."""
        own = (getattr(self, name) for name in self.specifications())
        single = all(type(v) in _SINGLE or (isinstance(v, Described) and v.plain) for v in own)
        return single and all(model.plain for _, model in self._models())

    def __repr__(self) -> str:
        return self.kept(Described._written) if self.plain else self._written()

    def _written(self) -> str:
        specs = self.specifications()
        shown: list[str] = []
        for f in fields(self):
            value = getattr(self, f.name)
            usual = value is None or same(value, f.default) if f.name in specs else value == f.default
            if f.name == "name":
                shown[:0] = [] if usual else [repr(value)]
            elif not usual:
                shown.append(f"{f.name}={_readable(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def _branches(self) -> tuple[Iterable[tuple[str | int, Any]], Any]:
        names = (*self.specifications(), *self.models)
        rest = tuple((f.name, getattr(self, f.name)) for f in fields(self) if f.name not in names)
        return [(name, getattr(self, name)) for name in names], rest

    @classmethod
    def _grown(cls, rest: Any, children: Any) -> Self:
        thing = object.__new__(cls)
        for name, value in (*rest, *zip((*cls.specifications(), *cls.models), children, strict=True)):
            object.__setattr__(thing, name, value)
        return thing


def _readable(value: Any) -> str:
    """A value in words; a number as people write it, 1.5e-9 and 3e6, not 1.5000000000000002e-09 and 3000000.0."""
    if isinstance(value, complex):
        real, imaginary = (_number(part).removesuffix(".0") for part in (value.real, value.imag))
        return f"{real}{'' if np.signbit(value.imag) else '+'}{imaginary}j"
    return _number(value) if isinstance(value, float) else repr(value)


def _number(value: float) -> str:
    plain = repr(value) if len(repr(value)) <= 15 else f"{value:.15g}"
    if value == 0 or not np.isfinite(value) or 1e-4 <= abs(value) < 1e5:
        return plain
    mantissa, exponent = f"{value:.14e}".split("e")
    return min(f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}", plain, key=len)


class Model(Described):
    """A microscopic model that an element takes its coefficients from; sample files know it by its `kind`."""

    #: the field of an element that it fills, and its word in a sample file
    fills: ClassVar[str] = ""
    kind: ClassVar[str]
    #: every model by the field it fills and its kind
    known: ClassVar[dict[tuple[str, str], type[Model]]] = {}

    def __init_subclass__(cls, fills: str = "", kind: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.fills = fills or cls.fills
        if kind:
            cls.kind = kind
            Model.known[cls.fills, kind] = cls

    @classmethod
    def filling(cls, field: str) -> dict[str, type[Model]]:
        """The models for one field of an element, by their words in sample files."""
        return {kind: model for (fills, kind), model in Model.known.items() if fills == field}
