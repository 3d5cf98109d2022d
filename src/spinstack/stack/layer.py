"""What all conducting layers have in common."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np

from spinstack.stack.collisions import collisions, following
from spinstack.stack.described import described
from spinstack.stack.element import Element
from spinstack.stack.laws import Law
from spinstack.stack.parameters import BOLTZMANN, BOTH, DRIFT_DIFFUSION, is_open, is_tensor, parameter
from spinstack.text import hooks
from spinstack.text.errors import NOTHING, ParameterError, Problems


@described
class Layer(Element):
    """A conducting layer of finite thickness."""

    #: whether the library of materials has layers of this kind
    in_library: ClassVar[bool] = True

    thickness: float = parameter("m", "thickness of the layer", theories=BOTH, material=False, low=0, open_low=True,
                                 law=False)  # fmt: skip
    conductivity: float | None = parameter(
        "S/m", "conductivity without magnetic field", theories=BOTH, low=0, open_low=True,
        follows="mean_free_path and fermi_wavevector",
    )  # fmt: skip
    spin_diffusion_length: float | None = parameter(
        "m", "length over which a spin accumulation decays", theories=BOTH, low=0, open_low=True, infinite=True,
        follows="spin_flip_length and mean_free_path",
    )  # fmt: skip
    spin_hall_conductivity: float | None = parameter(
        "(hbar/2e) S/m",
        "in place of an angle, theta = spin_hall_conductivity/conductivity; counted in hbar/2e, as S/m alone is taken "
        "(counted in hbar/e the number is half as large)",
        default=None, otherwise=0.0, theories=BOTH, material=False,
    )  # fmt: skip
    # a nested list, or an array whose last two axes are (3, 2), is a tensor; any other array is a batch of numbers
    spin_hall_angle: float = parameter(
        "1",
        "spin Hall angle theta, Q_zy = theta sigma Ex; or the tensor theta[spin, field] (3x2) of a low-symmetry source",
        default=0.0, theories=BOTH, kind="angle", plus=lambda p: p["spin_hall_conductivity"] / p["conductivity"],
    )  # fmt: skip
    # with a diffusion length the layer carries orbital moments beside spin (docs/methods/orbital.md)
    orbital_diffusion_length: float | None = parameter(
        "m",
        "length l_l over which an orbital accumulation decays; with it the film carries orbital moments beside spin, "
        "without it there are none",
        default=None, theories=DRIFT_DIFFUSION, low=0, open_low=True,
    )  # fmt: skip
    orbital_conductivity: float | None = parameter(
        "S/m", "conductivity sigma_l of orbital moments, Q_l = -(sigma_l/2) d mu_l; default: conductivity",
        default=None, theories=DRIFT_DIFFUSION, low=0, open_low=True, otherwise=lambda p: p["conductivity"],
    )  # fmt: skip
    orbital_hall_angle: float | None = parameter(
        "1",
        "orbital Hall angle theta_l, Q_l,zy = theta_l sigma Ex with the charge conductivity: 2 sigma_OH/sigma of an "
        "orbital Hall conductivity in (hbar/e) S/m; default 0", default=None, otherwise=0.0, theories=DRIFT_DIFFUSION,
    )  # fmt: skip
    spin_orbital_conversion: float | None = parameter(
        "1",
        "c of the relaxation: with c > 0 an orbital accumulation makes spin of its own sign, with c < 0 of the other; "
        "default 0",
        default=None, otherwise=0.0, theories=DRIFT_DIFFUSION, low=-1, high=1,
    )  # fmt: skip
    spin_orbital_polarization: float | None = parameter(
        "1",
        "chi of the conductivity: an orbital current carries spin of its own sign (chi > 0) or of the other; default 0",
        default=None, otherwise=0.0, theories=DRIFT_DIFFUSION, low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip
    hall_coefficient: float = parameter(
        "m^3/C", "ordinary Hall coefficient R_H = E_y/(j_x B_z) (negative for electrons)", default=0.0,
        theories=DRIFT_DIFFUSION, acts_in="B",
    )  # fmt: skip
    mean_free_path: float | None = parameter(
        "m",
        "Boltzmann only: v_F times the time between collisions that keep the spin; default: from conductivity and "
        "fermi_wavevector", default=None, theories=BOLTZMANN, counterpart="conductivity", low=0, open_low=True,
    )  # fmt: skip
    spin_flip_length: float | None = parameter(
        "m",
        "Boltzmann only: v_F times the time between spin flips; default: from spin_diffusion_length and mean free path",
        default=None, theories=BOLTZMANN, counterpart="spin_diffusion_length", low=0, open_low=True, infinite=True,
    )  # fmt: skip
    fermi_wavevector: float | None = parameter(
        "1/m",
        "Boltzmann only: k_F of the layer; default: that of a scattering model beside it, else the only one of the "
        "film, else 1.36e10",
        default=None, theories=BOLTZMANN, counterpart="conductivity", low=0, open_low=True,
    )  # fmt: skip

    @classmethod
    def following(cls, given: Collection[str]) -> set[str]:
        """The required fields that follow from the fields `given`."""
        return following(given)

    def _stated(self, name: str) -> Any:
        """What is said of one parameter; what diffusion needs follows from the mean free paths where it is left out."""
        value = super()._stated(name)
        if value is not None or name not in ("conductivity", "spin_diffusion_length"):
            return value
        rates = collisions(self.parameters, self.fermi_wavevector)
        return rates.conductivity(self.fermi_wavevector) if name == "conductivity" else rates.spin_diffusion_length

    @property
    def orbital(self) -> bool:
        """Whether the layer carries orbital moments."""
        return self.orbital_diffusion_length is not None

    @classmethod
    @cache
    def orbital_names(cls) -> tuple[str, ...]:
        """The parameters of the orbital channel."""
        return tuple(name for name in cls.specifications() if "orbital" in name)

    def numbers(self, theory: str = "") -> dict[str, Any]:
        """The parameters as numbers, those of orbital moments only where there are any."""
        p = super().numbers(theory)
        if not self.orbital:
            for name in self.orbital_names():
                p.pop(name, None)
        return p

    def _check(self) -> None:
        given = [name for name in self.specifications() if getattr(self, name) is not None]
        problems = Problems()
        for name in {"conductivity", "spin_diffusion_length"}.difference(given, following(given)):
            with problems:
                spec = self.specifications()[name]
                remedy = f"Give it, or {spec.follows}, from which it follows."
                raise self.refused(name, f"missing, {spec.doc}", got=NOTHING, remedy=remedy)
        problems.end()
        theta = self.spin_hall_angle
        if self.spin_hall_conductivity is not None and (
            isinstance(theta, Law) or (not is_open(theta) and np.any(theta))
        ):
            remedy = "Give one."
            raise self.refused("spin_hall_angle", "beside spin_hall_conductivity, from which it follows", remedy=remedy)
        if not is_tensor(theta):
            return
        axes = max(np.ndim(getattr(self, name)) for name, spec in self.specifications().items() if spec.kind == "real")
        if np.ndim(theta) <= axes:
            raise self.refused(
                "spin_hall_angle",
                f"of shape {np.shape(theta)}, beside a batch of {axes} axes",
                allowed=f"a tensor with {axes} axes before its own, each of length 1 or that of the batch",
                remedy="A batch of numbers does not end in the axes (3, 2) of a tensor: give the whole batch flat.",
            )

    @classmethod
    def of(cls, material: str, *, thickness: float, name: str | None = None, **changes: Any) -> Self:
        """The layer of a library material, for example ``Metal.of("Pt", thickness=5e-9)``.

        Values come from :mod:`spinstack.materials` (each with its source); `changes` override single fields.
        Raises :class:`ParameterError` for a material that is unknown or of another kind.
        """
        if not cls.in_library:
            why = f"which the library does not have: it has no {cls.__name__.lower()}s"
            where = f"{cls.__name__}.of"
            raise ParameterError(why, where=where, field="material", got=material, remedy="Give its numbers.")
        values = hooks.material_values(material, cls.__name__, changes)
        return cls(name or material, **{**values, "thickness": thickness, **changes})
