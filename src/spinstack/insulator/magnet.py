"""What all magnets have in common: how they are asked for conductances, order and direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np

from spinstack.stack.described import MagnetModel
from spinstack.stack.directions import scalar, vector
from spinstack.stack.element import Element
from spinstack.stack.insulator import MagneticInsulator
from spinstack.text import hooks
from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from spinstack.insulator.sublattices import Sublattice

Axis = tuple[float, float, float]


class Conductances(NamedTuple):
    """`spin_sink` Gs >= 0 and `mixing` Gr + i Gi (...) [S/m^2] of a face: ``Q = Gs mu + Gr mu_perp + Gi mu x m``."""

    spin_sink: Any
    mixing: Any


@dataclass(frozen=True, eq=False, repr=False)
class Magnet(MagnetModel):
    """Local moments in Weiss mean field, coupled to the electrons of a metal by ``-J S.s`` at the face.

    Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019); derived in docs/methods/magnetic_insulator.md. Weak coupling,
    ``density_of_states * exchange_coupling`` well below 1. Parameters may be arrays; they broadcast with B and T.
    """

    #: the circuit's name of the kernel and of the columns it takes
    kernel: ClassVar[str]
    #: fields that hold an axis
    axes: ClassVar[tuple[str, ...]] = ("easy_axis",)

    @classmethod
    def of(cls, material: str, **changes: Any) -> Self:
        """The magnet of a library entry, such as ``WeissMagnet.of("EuS", density_of_states=..., ...)``.

        `changes` supply what the library lacks (the density of states is the metal's) and override what it has.
        """
        return cls(**{**hooks.material_values(material, cls.__name__, changes), **changes})

    def _check(self, label: str) -> None:
        for name in self.axes:
            object.__setattr__(self, name, _unit(label, name, getattr(self, name)))

    def columns(self) -> dict[str, Any]:
        """Every parameter as a number, defaults that depend on others filled in."""
        return dict(self.parameters)

    def ordering_temperature(self) -> Any:
        """Below it the moments order by themselves [K]."""
        raise NotImplementedError

    def conductances(self, B: Any, T: Any) -> Conductances:
        """Conductances of the face (...) [S/m^2] in the field B (...) [T] along the order, at temperature T (...) [K].

        B is signed: a negative field is against the magnetisation, which stays (metastable) while it can. For an
        antiferromagnet B is across the Neel vector. Raises ParameterError for values that are not finite or T < 0.
        """
        from spinstack.insulator.evaluate import face

        B, T = self._conditions(B, T)
        return Conductances(*face(self, B, T))

    def order(self, B: Any, T: Any) -> Any:
        """Ordered spin per moment at the face (...), up to S; of sublattices (..., 2), each along its own direction."""
        from spinstack.insulator.evaluate import ordered_spin

        B, T = self._conditions(B, T)
        return ordered_spin(self, B, T)

    @property
    def characteristic_conductance(self) -> Any:
        """G0 = (pi/hbar) n2D (e nu J)^2 [S/m^2]; with sublattices (..., 2)."""
        from spinstack.insulator.evaluate import characteristic_conductance

        return characteristic_conductance(self)

    def equilibrium(self, B: Any, T: Any = None) -> Any:
        """Unit vector (..., 3) of the magnetisation (of the Neel vector) in the field B (..., 3) [T].

        Raises :class:`ParameterError` where an ordered magnet without anisotropy has no field to follow; T [K], where
        given, tells which magnets are ordered.
        """
        from spinstack.insulator.evaluate import direction

        B = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
        return direction(self, B, None if T is None else _temperature(T))

    def sublattices(self, m: Any, B: Any, T: Any) -> list[Sublattice]:
        """Conductances (...) and direction (..., 3) of the sublattices, whose conductance tensors add.

        m (..., 3): the magnetisation (the Neel vector); the field B (..., 3) [T] acts by its component along it.
        """
        from spinstack.insulator.evaluate import pieces
        from spinstack.stack.directions import unit_vector

        B = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
        return pieces(self, unit_vector(m), B, _temperature(T))

    @staticmethod
    def _conditions(B: Any, T: Any) -> tuple[Any, Any]:
        return scalar(B, "B", "numbers in tesla"), _temperature(T)


def _temperature(T: Any) -> Any:
    return scalar(T, "T", "numbers in kelvin, at least 0", low=0)


def _unit(label: str, name: str, value: Any) -> Axis:
    try:
        axis = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        axis = np.empty(0)
    if axis.shape != (3,) or not np.isfinite(axis).all() or not axis.any():
        raise ParameterError(f"{label}.{name}: got {value!r}. Allowed: three numbers, a direction such as (0, 0, 1).")
    length = np.linalg.norm(axis)
    # a unit vector stays as it is, so that a copy (replace, a saved film) has the same bits
    x, y, z = (float(v) for v in (axis if abs(length - 1) <= 1e-15 else axis / length))
    return (x, y, z)


def either(first: Any, otherwise: Any) -> Any:
    """`first`, or `otherwise` where it was left out."""
    return otherwise if first is None else first


def magnet_model(element: Element | None) -> Magnet | None:
    """The model that an insulator takes its conductances from."""
    model = element.magnet if isinstance(element, MagneticInsulator) else None
    assert model is None or isinstance(model, Magnet)
    return model
