"""Elements that end a conductor: a magnetic insulator, and a face through which nothing passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import MagnetModel
from spinstack.stack.element import Element
from spinstack.stack.parameters import ParameterError, Specification, parameter

#: what a magnet model supplies
_FOLLOWING = ("spin_sink_conductance", "mixing_conductance")


@dataclass(frozen=True, eq=False, repr=False)
class MagneticInsulator(Element):
    """A magnetic insulator: ``Q into it = Gs mu + Gr mu_perp + Gi mu x m``, no charge passes.

    The conductances are given as numbers, or follow from field and temperature with a `magnet` such as
    :class:`spinstack.WeissMagnet`.
    """

    models: ClassVar[tuple[str, ...]] = ("magnet",)
    conducts: ClassVar[bool] = False
    magnetic: ClassVar[bool] = True

    @classmethod
    def of(cls, material: str, *, name: str | None = None, **changes: Any) -> Self:
        """The insulator of a library entry, such as ``MagneticInsulator.of("YIG")``; `changes` override fields."""
        return cls(name or material, **{**cls._library_values(material, changes), **changes})

    spin_sink_conductance: float = parameter(
        "S/m^2", "Gs, the part of all of mu that flows in (the negative of Gs in Zhang et al.)", default=0.0, low=0
    )
    mixing_conductance: complex = parameter(
        "S/m^2", "Gr + i Gi of spin transverse to m", default=0j, kind="complex", low=0
    )
    magnet: MagnetModel | None = None

    def declared(self) -> dict[str, Specification]:
        """The parameters; with a magnet those of the magnet, from which the conductances follow."""
        own = super().declared()
        if self.magnet is None:
            return own
        return {name: spec for name, spec in own.items() if name not in _FOLLOWING}

    def _check(self, label: str) -> None:
        if self.magnet is None:
            return
        if not isinstance(self.magnet, MagnetModel):
            raise ParameterError(
                f"{label}.magnet: got {self.magnet!r}. Allowed: a magnet such as spinstack.WeissMagnet(...), or None."
            )
        for name in _FOLLOWING:
            value = getattr(self, name)
            if not is_traced(value) and (np.asarray(value) != 0).any():
                raise ParameterError(
                    f"{label}.{name}: got {value!r} beside a magnet, from which it follows. Leave one of the two out."
                )


@dataclass(frozen=True, eq=False, repr=False)
class Vacuum(Element):
    """A closed face: vacuum, substrate or capping oxide. The outer faces of a film are closed without it, too."""

    name: str = "Vacuum"
    conducts: ClassVar[bool] = False
