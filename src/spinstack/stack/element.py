"""The base of every element of a film: a record of parameters with a name that composes with ``|``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spinstack.stack.described import Described
from spinstack.stack.parameters import THEORIES, is_open
from spinstack.text import checks
from spinstack.text.errors import ParameterError
from spinstack.text.plain import visible

if TYPE_CHECKING:
    from spinstack.stack.film import Film


#: of a film; a mistyped number should not fill the memory
_MOST_ELEMENTS = 1_000_000


class Stackable:
    """What composes with ``|`` and ``*`` to a film, bottom first: elements, and films themselves."""

    #: the class of films, which stands above; it says so with ``composed=True``
    _film: ClassVar[type[Film]]

    def __init_subclass__(cls, composed: bool = False, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if composed:
            Stackable._film = cls  # type: ignore[assignment]

    @property
    def _parts(self) -> tuple[Element, ...]:
        raise NotImplementedError

    def __or__(self, other: Stackable) -> Film:
        return self._film(self._parts + other._parts) if isinstance(other, Stackable) else NotImplemented

    def __mul__(self, count: int) -> Film:
        if not checks.is_whole(count):
            return NotImplemented
        most = max(1, _MOST_ELEMENTS // max(1, len(self._parts)))
        return self._film(self._parts * checks.whole(count, "repeats", low=1, high=most, where="Film"))

    __rmul__ = __mul__


@dataclass(frozen=True, eq=False, repr=False)
class Element(Stackable, Described):
    """A layer, an interface or a terminating insulator. Immutable; ``a | b`` makes a film, bottom first.

    Args:
        name: what paths and results call it; without ``.``, ``|``, ``[``, ``]`` or ``/``.
    """

    name: str

    #: whether the element carries charge from its lower to its upper face
    conducts: ClassVar[bool] = True
    #: whether the element has a magnetisation of its own
    magnetic: ClassVar[bool] = False
    follows_laws: ClassVar[bool] = True
    #: what a material of the library must say although there is a default
    essential: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        for name, field in vars(cls).items():
            spec = field.metadata.get("specification") if isinstance(field, dataclasses.Field) else None
            if spec is not None and not spec.theories:
                raise TypeError(
                    f"{cls.__name__}.{name}: no theory reads it, so that it could only be ignored. Say which do: "
                    f"theories=(...), of {', '.join(THEORIES)}."
                )

    def _label(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def _parts(self) -> tuple[Element, ...]:
        return (self,)

    def _check_words(self) -> None:
        name = self.name
        if not isinstance(name, str):
            raise self.refused("name", "which is not text", remedy="Give a name such as 'Pt'.")
        if not name or any(c in name for c in ".|[]/") or name != name.strip():
            allowed = "text without '.', '|', '[', ']' or '/' and no outer blanks"
            raise self.refused(
                "name", allowed=f"{allowed}, because paths such as 'Pt.thickness' and result files use them"
            )
        if name != visible(name):
            raise self.refused("name", "which has characters that nobody sees", allowed="text that can be read")

    @classmethod
    @cache
    def only_for(cls, theory: str) -> tuple[str, ...]:
        """The parameters that no other theory reads."""
        return tuple(name for name, spec in cls.specifications().items() if spec.theories == (theory,))

    @classmethod
    @cache
    def dropped_by(cls, theory: str) -> tuple[str, ...]:
        """The parameters that `theory` would drop, see :meth:`Specification.role`."""
        return tuple(name for name, spec in cls.specifications().items() if spec.role(theory) == "refused")

    def may_refuse(self, theory: str) -> bool:
        """Whether `theory` may have complaints about this element."""
        return bool(self.dropped_by(theory))

    def unread(self, theory: str, where: str) -> Iterator[ParameterError]:
        """The complaints of `theory`: about every parameter that is not as by default and that it would drop."""
        for name in self.dropped_by(theory):
            value, default = getattr(self, name), self.__dataclass_fields__[name].default
            if value is None or is_open(value) or (default is not None and (np.asarray(value) == default).all()):
                continue
            why = f"which {THEORIES[theory]} does not contain"
            yield self.refused(name, why, where=where, remedy="Leave it out.")

    def __hash__(self) -> int:
        return hash((type(self), self.name))
