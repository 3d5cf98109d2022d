"""A non-magnetic conducting layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.element import Element
from spinstack.stack.parameters import ParameterError, parameter

#: meaning of the fields that only the Boltzmann equation reads
MEAN_FREE_PATH = (
    "Boltzmann only: v_F times the time between collisions that keep the spin; default: from conductivity and "
    "fermi_wavevector"
)
SPIN_FLIP_LENGTH = (
    "Boltzmann only: v_F times the time between spin flips; default: from spin_diffusion_length and mean free path"
)
FERMI_WAVEVECTOR = (
    "Boltzmann only: k_F of the film, the same everywhere; default: that of the scattering models, else 1.36e10"
)


class Layer(Element):
    """A conducting layer of finite thickness."""

    #: fields that only the Boltzmann equation reads
    ballistic: ClassVar[tuple[str, ...]] = ("mean_free_path", "spin_flip_length", "fermi_wavevector")

    @classmethod
    def of(cls, material: str, *, thickness: float, name: str | None = None, **changes: Any) -> Self:
        """The layer of a library material, for example ``Metal.of("Pt", thickness=5e-9)``.

        Values come from :mod:`spinstack.materials` (each with its source); `changes` override single fields.
        Raises :class:`ParameterError` for a material that is unknown or of another kind.
        """
        values = cls._library_values(material, changes)
        return cls(name or material, **{**values, "thickness": thickness, **changes})


@dataclass(frozen=True, eq=False, repr=False)
class Metal(Layer):
    """A non-magnetic metal with spin Hall effect, Hanle precession and ordinary Hall effect.

    ``Q_z = theta sigma (z x E) - (sigma/2) d mu_s`` with spin relaxation over `spin_diffusion_length`.
    """

    thickness: float = parameter("m", "thickness of the layer", low=0, open_low=True)
    conductivity: float = parameter("S/m", "conductivity without magnetic field", low=0, open_low=True)
    spin_diffusion_length: float = parameter(
        "m", "length over which a spin accumulation decays", low=0, open_low=True, infinite=True
    )
    spin_hall_angle: float = parameter(
        "1",
        "spin Hall angle theta, Q_zy = theta sigma Ex; or the tensor theta[spin, field] (3x2) of a low-symmetry source",
        default=0.0,
        kind="angle",
    )
    spin_splitter: Any = parameter(
        "1",
        "spin-splitter tensor [spin, field] (3x2) of an altermagnet for its actual Neel vector, odd in that vector",
        default=None,
        kind="angle",
    )
    diffusion_coefficient: float | None = parameter(
        "m^2/s", "electron diffusion coefficient D, which sets Hanle precession", default=None, low=0, open_low=True
    )
    density_of_states: float | None = parameter(
        "1/(J m^3)",
        "density of states per spin at the Fermi level; gives D = sigma / (2 e^2 nu) where D is not given",
        default=None,
        low=0,
        open_low=True,
    )
    g_factor: float = parameter("1", "electron g-factor in omega_L = g mu_B B / hbar", default=2.0)
    hall_coefficient: float = parameter(
        "m^3/C", "ordinary Hall coefficient R_H = rho_yx / B_z (negative for electrons)", default=0.0
    )
    mean_free_path: float | None = parameter("m", MEAN_FREE_PATH, default=None, low=0, open_low=True)
    spin_flip_length: float | None = parameter("m", SPIN_FLIP_LENGTH, default=None, low=0, open_low=True, infinite=True)
    fermi_wavevector: float | None = parameter("1/m", FERMI_WAVEVECTOR, default=None, low=0, open_low=True)

    def _check(self, label: str) -> None:
        if self.diffusion_coefficient is not None and self.density_of_states is not None:
            raise ParameterError(
                f"{label}: got both diffusion_coefficient and density_of_states, which fix the same thing. Give one."
            )
        splitter = self.spin_splitter
        if splitter is not None and not is_traced(splitter):
            tensor = np.asarray(splitter)
            if tensor.shape[-2:] != (3, 2):
                raise ParameterError(f"{label}.spin_splitter: got shape {tensor.shape}. Allowed: a 3x2 tensor.")
            if np.linalg.svd(tensor, compute_uv=False).max() > 1:
                raise ParameterError(
                    f"{label}.spin_splitter: got {splitter!r}, whose largest singular value exceeds 1: more spin "
                    "current than charge current would gain energy. Allowed: singular values up to 1."
                )
