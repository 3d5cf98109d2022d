"""What a magnet must answer, and what follows for all of them: conductances, order and direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from spinstack.insulator.moments import Columns, Moments, Sublattice
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack.described import Model
from spinstack.stack.directions import scalar, unit_vector, vector
from spinstack.stack.element import Element
from spinstack.stack.insulator import MagneticInsulator
from spinstack.text import hooks
from spinstack.text.arrays import floats, in_range
from spinstack.text.errors import ParameterError

Axis = tuple[float, float, float]


class Conductances(NamedTuple):
    """`spin_sink` Gs >= 0 and `mixing` Gr + i Gi (...) [S/m^2] of a face: ``Q = Gs mu + Gr mu_perp + Gi mu x m``."""

    spin_sink: Any
    mixing: Any


@dataclass(frozen=True, eq=False, repr=False)
class Magnet(Model, fills="magnet"):
    """What the rest of the package asks of a magnet. A new one is a class in a file of its own.

    It names its ``kind`` (``class Name(Magnet, fills="magnet", kind="name")``), declares its numbers with
    :func:`parameter` and answers the methods that raise here; those of a field and a temperature follow. Films, sample
    files, sweeps, derivatives and figures know nothing else of it.

    :meth:`pieces` and :meth:`ordered` are kernels: static methods in JAX of the numbers in :meth:`columns` alone, which
    are the same for every instance of the class, arrays (..., batch). The class is the key of compiled code.
    """

    #: fields that hold an axis
    axes: ClassVar[tuple[str, ...]] = ()
    #: whether the field of :meth:`conductances` is across the order, where it has none along it
    field_is_across: ClassVar[bool] = False
    #: what the order is called
    order_name: ClassVar[str] = "order"
    #: whether conductances depend on temperature
    thermal: ClassVar[bool] = True

    @classmethod
    def of(cls, material: str, **changes: Any) -> Self:
        """The magnet of a library entry, such as ``WeissMagnet.of("EuS", density_of_states=..., ...)``.

        `changes` supply what the library lacks (the density of states is the metal's) and override what it has.
        """
        return cls(**{**hooks.material_values(material, cls.__name__, changes), **changes})

    def _check(self) -> None:
        for name in self.axes:
            object.__setattr__(self, name, self._unit(name))

    def _unit(self, name: str) -> Axis:
        axis = floats(getattr(self, name))
        if axis is None or axis.shape != (3,) or not np.isfinite(axis).all() or not axis.any():
            raise self.refused(name, allowed="three numbers, a direction such as (0, 0, 1)")
        # a unit vector stays as it is, so that a copy (replace, a saved film) has the same bits
        if abs(np.hypot(np.hypot(*axis[:2]), axis[2]) - 1) > 1e-15:
            axis = in_range(axis) / np.linalg.norm(in_range(axis))
        x, y, z = map(float, axis)
        return (x, y, z)

    def columns(self) -> dict[str, Any]:
        """Every parameter as a number, defaults that depend on others filled in."""
        return self.numbers()

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        """Conductances and directions of the sublattices with the order along m; m, B (..., 3, batch), T (..., batch).

        The face is ``Q into it = sum over sublattices of Gs mu + Gr mu_perp + Gi mu x s``.
        """
        raise NotImplementedError

    @staticmethod
    def ordered(p: Columns, B: Any, T: Any) -> Any:
        """Ordered spin per moment (batch), of sublattices (sublattices, batch), in B (batch) along the order."""
        raise NotImplementedError

    def moments(self) -> list[Moments]:
        """The moments at the face, by sublattice; none where its conductances are numbers that were given."""
        raise NotImplementedError

    def ordering_temperature(self) -> Any:
        """Below it the moments order by themselves [K]."""
        raise NotImplementedError

    @property
    def held(self) -> bool:
        """Whether an anisotropy holds the order at one of its axes."""
        return False

    @property
    def acting_axes(self) -> tuple[str, ...]:
        """The fields of axes that say where the order points."""
        return self.axes if self.held else ()

    @property
    def saturates(self) -> bool:
        """Whether the order can be held in every direction, by a field along it, as far as numbers tell."""
        return not self.held

    @property
    def follows_field(self) -> bool:
        """Whether the order points along the field, and nowhere by itself where there is none."""
        return not self.held

    def pointing(self, B: Any) -> Any:
        """Unit vector (..., 3) of the order in the field B (..., 3) [T]."""
        raise NotImplementedError

    def undecided(self, B: Any) -> Any:
        """Where (...) a field B (..., 3) [T] of plain numbers leaves the direction of the order open."""
        nowhere = (np.asarray(B) == 0).all(-1)
        return nowhere if self.follows_field else np.zeros_like(nowhere)

    @property
    def has_domains(self) -> bool:
        """Whether the order may have several directions in one field."""
        return False

    def domains(self, B: Any) -> list[tuple[Any, Any]]:
        """Share (...) and direction (..., 3) of the populations of domains in a field B (..., 3) [T]."""
        raise NotImplementedError

    def conductances(self, B: Any, T: Any) -> Conductances:
        """Conductances of the face (...) [S/m^2] in the field B (...) [T] along the order, at temperature T (...) [K].

        B is signed: a negative field is against the magnetisation, which stays (metastable) while it can. For an
        antiferromagnet B is across the Neel vector. Raises ParameterError for values that are not finite or T < 0.
        """
        from spinstack.insulator.evaluate import face

        return Conductances(*face(self.pieces, self.columns(), *self._along_order(B, T)))

    def order(self, B: Any, T: Any) -> Any:
        """Ordered spin per moment at the face (...), up to S; of sublattices (..., 2), each along its own direction."""
        from spinstack.insulator.evaluate import ordered_spin

        return ordered_spin(self.ordered, self.columns(), *self._along_order(B, T))

    @property
    def characteristic_conductance(self) -> Any:
        """G0 = (pi/hbar) n2D (e nu J)^2 [S/m^2]; with sublattices (..., 2); empty without moments."""
        found = [moments.characteristic_conductance for moments in self.moments()]
        if not found:
            return np.zeros(0)
        xp = array_module(*found)
        return found[0] if len(found) == 1 else xp.stack(xp.broadcast_arrays(*found), -1)

    def equilibrium(self, B: Any, T: Any = None) -> Any:
        """Unit vector (..., 3) of the magnetisation (of the Neel vector) in the field B (..., 3) [T].

        Raises :class:`ParameterError` where an ordered magnet has neither a field nor an anisotropy that decides; T
        [K], where given, tells which magnets are ordered.
        """
        B = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
        self.check_direction(B, None if T is None else _temperature(T))
        return self.pointing(B)

    def check_direction(self, B: Any, T: Any) -> None:
        """Raise :class:`ParameterError` where :meth:`equilibrium` does, for B and T that are checked."""
        Tc = self.ordering_temperature()
        if is_traced(B):
            return
        nowhere = self.undecided(B)
        if not nowhere.any():
            return
        ordered = True if T is None or is_traced(T) or is_traced(Tc) else np.asarray(T) < np.asarray(Tc)
        unordered = not is_traced(Tc) and (np.asarray(Tc) == 0).all()
        if not unordered and (nowhere & ordered).any():
            raise self.no_direction()

    def no_direction(self) -> ParameterError:
        """The complaint about a field in which the order has no direction."""
        return ParameterError(
            "zero, where an ordered magnet without anisotropy has no direction",
            field="B",
            remedy="Give m (the direction that it keeps), a field, or the magnet an anisotropy_field.",
        )

    def sublattices(self, m: Any, B: Any, T: Any) -> list[Sublattice]:
        """Conductances (...) and direction (..., 3) of the sublattices, whose conductance tensors add.

        m (..., 3): the magnetisation (the Neel vector); the field B (..., 3) [T] acts by its component along it.
        """
        from spinstack.insulator.evaluate import all_pieces

        B = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
        return all_pieces(self.pieces, self.columns(), unit_vector(m), B, _temperature(T))

    def _along_order(self, B: Any, T: Any) -> tuple[Any, Any]:
        B, T = scalar(B, "B", "numbers in tesla"), _temperature(T)
        return 0 * B if self.field_is_across else B, T


class Uniaxial(Magnet):
    """A magnet whose order is along the field, unless its field ``anisotropy_field`` holds it at its ``easy_axis``.

    Args:
        easy_axis: three numbers, of any length.
    """

    axes: ClassVar[tuple[str, ...]] = ("easy_axis",)
    anisotropy_field: float
    easy_axis: Axis

    @property
    def held(self) -> bool:
        return is_traced(self.anisotropy_field) or bool(np.any(self.anisotropy_field))

    @property
    def saturates(self) -> bool:
        return is_traced(self.anisotropy_field) or not self.held

    def pointing(self, B: Any) -> Any:
        from spinstack.insulator.equilibrium import uniaxial
        from spinstack.insulator.evaluate import along_field, lowest

        if not self.held:
            return along_field(B)
        return lowest(uniaxial, B, {"anisotropy_field": self.anisotropy_field}, self.easy_axis)


def _temperature(T: Any) -> Any:
    return scalar(T, "T", "numbers in kelvin, at least 0", low=0)


def magnet_model(element: Element | None) -> Magnet | None:
    """The model that an insulator takes its conductances from."""
    model = element.magnet if isinstance(element, MagneticInsulator) else None
    assert model is None or isinstance(model, Magnet)
    return model
