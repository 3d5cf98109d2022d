"""The base of every element of a film: a record of parameters with a name that composes with ``|``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from spinstack.stack.described import Described
from spinstack.stack.parameters import ParameterError

if TYPE_CHECKING:
    from spinstack.stack.film import Film


@dataclass(frozen=True, eq=False, repr=False)
class Element(Described):
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
        super().__post_init__()

    def _label(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @classmethod
    def _library_values(cls, material: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Constructor values of a library material for this kind of element; `changes` may supply what it lacks."""
        from spinstack import materials

        try:
            return materials.parameters(material, kind=cls.__name__, supplied=changes)
        except materials.MaterialError as error:
            raise ParameterError(str(error)) from None

    def __or__(self, other: Element | Film) -> Film:
        from spinstack.stack.film import Film

        return Film((self,)) | other

    def __mul__(self, count: int) -> Film:
        from spinstack.stack.film import Film

        return Film((self,)) * count

    __rmul__ = __mul__

    def __hash__(self) -> int:
        return hash((type(self), self.name))
