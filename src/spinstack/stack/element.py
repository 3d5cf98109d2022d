"""The base of every element of a film: a frozen record of parameters that composes with ``|``."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from spinstack.stack.parameters import ParameterError, Specification, checked, same

if TYPE_CHECKING:
    from spinstack.stack.film import Film


@dataclass(frozen=True, eq=False, repr=False)
class Element:
    """A layer, an interface or a terminating insulator. Immutable; ``a | b`` makes a film, bottom first."""

    name: str

    #: whether the element carries charge from its lower to its upper face
    conducts: ClassVar[bool] = True
    #: whether the element has a magnetisation of its own
    magnetic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        owner = type(self).__name__
        if not isinstance(self.name, str):
            raise ParameterError(f"{owner}.name: got {self.name!r}, which is not text. Give a name such as 'Pt'.")
        if not self.name or any(c in self.name for c in ".|[]/") or self.name != self.name.strip():
            raise ParameterError(
                f"{owner}.name: got {self.name!r}. Allowed: text without '.', '|', '[', ']' or '/' and no outer "
                "blanks, because paths such as 'Pt.thickness' and result files use them."
            )
        label = f"{owner}({self.name!r})"
        for name, spec in self.specifications().items():
            object.__setattr__(self, name, checked(label, name, getattr(self, name), spec))
        self._check(label)
        _register_with_jax()

    def _check(self, label: str) -> None:
        """Checks that involve several parameters; overridden where there are any."""

    @classmethod
    @cache
    def specifications(cls) -> dict[str, Specification]:
        """The declared parameters by name, in order."""
        return {f.name: f.metadata["specification"] for f in fields(cls) if "specification" in f.metadata}

    @classmethod
    def _library_values(cls, material: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Constructor values of a library material for this kind of element; `changes` may supply what it lacks."""
        from spinstack import materials

        try:
            return materials.parameters(material, kind=cls.__name__, supplied=changes)
        except materials.MaterialError as error:
            raise ParameterError(str(error)) from None

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameter values by name."""
        return {name: getattr(self, name) for name in self.specifications()}

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked anew."""
        unknown = set(changes) - {f.name for f in fields(self)}
        if unknown:
            raise ParameterError(
                f"{type(self).__name__}({self.name!r}) has no field {sorted(unknown)[0]!r}. "
                f"Its fields: {', '.join(self.specifications())}."
            )
        return dataclasses.replace(self, **changes)

    def __or__(self, other: Element | Film) -> Film:
        from spinstack.stack.film import Film

        return Film((self,)) | other

    def __mul__(self, count: int) -> Film:
        from spinstack.stack.film import Film

        return Film((self,)) * count

    __rmul__ = __mul__

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
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        defaults = {f.name: f.default for f in fields(self)}
        shown = [repr(self.name)] if self.name != defaults["name"] else []
        shown += [f"{k}={v!r}" for k, v in self.parameters.items() if not same(v, defaults[k])]
        shown += [
            f"{f.name}={getattr(self, f.name)!r}"
            for f in fields(self)
            if f.name != "name" and f.name not in self.specifications() and getattr(self, f.name) != f.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _flatten(element: Element) -> tuple[tuple[tuple[Any, Any], ...], tuple[Any, ...]]:
    import jax

    spec = element.specifications()
    children = tuple((jax.tree_util.GetAttrKey(name), getattr(element, name)) for name in spec)
    rest = tuple((f.name, getattr(element, f.name)) for f in fields(element) if f.name not in spec)
    return children, rest


def _unflattener(kind: type[Element]) -> Any:
    def unflatten(rest: tuple[Any, ...], children: Any) -> Element:
        # JAX rebuilds trees with placeholders as leaves, so nothing is checked here
        element = object.__new__(kind)
        for name, value in (*rest, *zip(kind.specifications(), children, strict=True)):
            object.__setattr__(element, name, value)
        return element

    return unflatten


_registered: set[type] = set()


def _register_with_jax() -> None:
    """Make every element class and Film a JAX pytree, once JAX is loaded; importing JAX is left to who needs it."""
    if "jax" not in sys.modules or Element in _registered:
        return
    import jax

    from spinstack.stack.film import Film

    pending = [Element]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind is not Element:
            jax.tree_util.register_pytree_with_keys(kind, _flatten, _unflattener(kind))
    jax.tree_util.register_pytree_with_keys(
        Film,
        lambda film: (tuple((jax.tree_util.SequenceKey(i), e) for i, e in enumerate(film.elements)), None),
        lambda _, children: Film._unchecked(tuple(children)),
    )
    _registered.add(Element)
