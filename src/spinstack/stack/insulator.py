"""Elements that end a conductor: a magnetic insulator, and a face through which nothing passes."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from spinstack.stack.described import Model, described
from spinstack.stack.element import Element
from spinstack.stack.parameters import BOTH, Specification, is_open, parameter
from spinstack.text import hooks
from spinstack.text.errors import Problems

#: what a magnet model supplies
_FOLLOWING = ("spin_sink_conductance", "mixing_conductance")


@described
class MagneticInsulator(Element):
    """A magnetic insulator: ``Q into it = Gs mu + Gr mu_perp + Gi mu x m``, no charge passes.

    Args:
        magnet: local moments such as :class:`spinstack.WeissMagnet`, from which the two conductances follow in any
            field and at any temperature; left out, the conductances are the numbers given here.
    """

    models: ClassVar[tuple[str, ...]] = ("magnet",)
    conducts: ClassVar[bool] = False
    magnetic: ClassVar[bool] = True
    essential: ClassVar[tuple[str, ...]] = ("mixing_conductance",)

    @classmethod
    def of(cls, material: str, *, name: str | None = None, **changes: Any) -> Self:
        """The insulator of a library entry, such as ``MagneticInsulator.of("YIG")``; `changes` override fields."""
        return cls(name or material, **{**hooks.material_values(material, cls.__name__, changes), **changes})

    spin_sink_conductance: float = parameter(
        "S/m^2", "Gs, the part of all of mu that flows in (the negative of Gs in Zhang et al.)", default=0.0,
        theories=BOTH, low=0,
    )  # fmt: skip
    mixing_conductance: complex = parameter(
        "S/m^2", "Gr + i Gi of spin transverse to m", default=0j, theories=BOTH, kind="complex", low=0
    )
    magnet: Model | None = None

    def declared(self) -> dict[str, Specification]:
        """The parameters; with a magnet those of the magnet, from which the conductances follow."""
        own = super().declared()
        if self.magnet is None:
            return own
        return {name: spec for name, spec in own.items() if name not in _FOLLOWING}

    def _check_words(self) -> None:
        super()._check_words()
        if self.magnet is not None and not (isinstance(self.magnet, Model) and self.magnet.fills == "magnet"):
            raise self.refused("magnet", allowed="a magnet such as spinstack.WeissMagnet(...), or None")

    def _check(self) -> None:
        problems = Problems()
        for name in _FOLLOWING if self.magnet is not None else ():
            value = getattr(self, name)
            with problems:
                if not is_open(value) and (np.asarray(value) != 0).any():
                    remedy = "Leave one of the two out."
                    raise self.refused(name, "beside a magnet, from which it follows", remedy=remedy)
        problems.end()


@described
class Vacuum(Element):
    """A closed face: vacuum, substrate or capping oxide. The outer faces of a film are closed without it, too."""

    name: str = "Vacuum"
    conducts: ClassVar[bool] = False
