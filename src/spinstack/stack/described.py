"""The base of everything that has parameters: a frozen record, checked when made, a JAX pytree once JAX is loaded."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, Self

from spinstack.stack.parameters import ParameterError, Specification, checked, same


@dataclass(frozen=True, eq=False, repr=False)
class Described:
    """Immutable; every number is declared with :func:`parameter` and checked at construction."""

    #: fields that hold a :class:`Model`, whose parameters are addressed as 'field.name'
    models: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        label = self._label()
        for name, spec in self.specifications().items():
            object.__setattr__(self, name, checked(label, name, getattr(self, name), spec))
        self._check(label)
        register_with_jax()

    def _label(self) -> str:
        return type(self).__name__

    def _check(self, label: str) -> None:
        """Checks that involve several parameters; overridden where there are any."""

    @classmethod
    @cache
    def specifications(cls) -> dict[str, Specification]:
        """The declared parameters by name, in order."""
        return {f.name: f.metadata["specification"] for f in fields(cls) if "specification" in f.metadata}

    def declared(self) -> dict[str, Specification]:
        """The declared parameters of this object and of its models, these as 'field.name'."""
        return self.specifications() | {
            f"{field}.{name}": spec for field, model in self._models() for name, spec in model.declared().items()
        }

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
        unknown = (set(own) - {f.name for f in fields(self)}) | (set(inner) - {field for field, _ in self._models()})
        if unknown:
            raise ParameterError(
                f"{self._label()} has no field {sorted(unknown)[0]!r}. Its fields: {', '.join(self.declared())}."
            )
        for owner, values in inner.items():
            own[owner] = getattr(self, owner).replace(**values)
        return dataclasses.replace(self, **own)

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

    def __repr__(self) -> str:
        specs = self.specifications()
        shown: list[str] = []
        for f in fields(self):
            value = getattr(self, f.name)
            usual = same(value, f.default) if f.name in specs else value == f.default
            if f.name == "name":
                shown[:0] = [] if usual else [repr(value)]
            elif not usual:
                shown.append(f"{f.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


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


def _flatten(thing: Described) -> tuple[tuple[tuple[Any, Any], ...], tuple[Any, ...]]:
    import jax

    names = (*thing.specifications(), *thing.models)
    children = tuple((jax.tree_util.GetAttrKey(name), getattr(thing, name)) for name in names)
    rest = tuple((f.name, getattr(thing, f.name)) for f in fields(thing) if f.name not in names)
    return children, rest


def _unflattener(kind: type[Described]) -> Any:
    names = (*kind.specifications(), *kind.models)

    def unflatten(rest: tuple[Any, ...], children: Any) -> Described:
        # JAX rebuilds trees with placeholders as leaves, so nothing is checked here
        thing = object.__new__(kind)
        for name, value in (*rest, *zip(names, children, strict=True)):
            object.__setattr__(thing, name, value)
        return thing

    return unflatten


_registered: set[type] = set()


def register_with_jax() -> None:
    """Make every described class and Film a JAX pytree once JAX is loaded; importing JAX is left to who needs it."""
    if "jax" not in sys.modules:
        return
    import jax

    from spinstack.stack.film import Film

    pending: list[type[Described]] = [Described]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind not in _registered:
            _registered.add(kind)
            jax.tree_util.register_pytree_with_keys(kind, _flatten, _unflattener(kind))
    if Film not in _registered:
        _registered.add(Film)
        jax.tree_util.register_pytree_with_keys(
            Film,
            lambda film: (tuple((jax.tree_util.SequenceKey(i), e) for i, e in enumerate(film.elements)), None),
            lambda _, children: Film._unchecked(tuple(children)),
        )
