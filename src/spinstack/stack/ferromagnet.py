"""A conducting ferromagnetic layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.metal import FERMI_WAVEVECTOR, MEAN_FREE_PATH, SPIN_FLIP_LENGTH, Layer
from spinstack.stack.parameters import ParameterError, parameter


@dataclass(frozen=True, eq=False, repr=False)
class Ferromagnet(Layer):
    """A ferromagnet: spin-polarised conduction, dephasing, exchange precession, AMR and anomalous Hall effect.

    The in-plane resistivity tensor for j_z = 0 is
    ``rho [1 + amr m m^T + size_effect m_z^2] + rho anomalous_hall_angle m x`` with ``rho = 1/conductivity``.
    """

    magnetic: ClassVar[bool] = True
    ballistic: ClassVar[tuple[str, ...]] = (
        *Layer.ballistic, "mean_free_path_up", "mean_free_path_down", "precession_wavenumber",
    )  # fmt: skip

    def _check(self, label: str) -> None:
        if is_traced(self.amr_ratio) or is_traced(self.size_effect_ratio):
            return
        amr, size = np.minimum(self.amr_ratio, 0), np.minimum(self.size_effect_ratio, 0)
        if np.any(amr + size <= -1):
            raise ParameterError(
                f"{label}: got amr_ratio = {self.amr_ratio!r} with size_effect_ratio = {self.size_effect_ratio!r}, "
                "which make the resistivity negative for some m. Allowed: negative ratios whose sum stays above -1."
            )

    thickness: float = parameter("m", "thickness of the layer", low=0, open_low=True)
    conductivity: float = parameter(
        "S/m", "1/rho for m in the plane and perpendicular to the current", low=0, open_low=True
    )
    spin_diffusion_length: float = parameter(
        "m",
        "decay length l_sf of a spin accumulation along m (with AMR and m out of the plane, or different spin "
        "channels along m, times the square root of the conductivity change along z)",
        low=0,
        open_low=True,
        infinite=True,
    )
    polarization: float = parameter(
        "1",
        "P = (sigma_up - sigma_down)/sigma of the conductivity, up along m",
        default=0.0,
        low=-1,
        high=1,
        open_low=True,
        open_high=True,
    )
    dephasing_length: float = parameter(
        "m", "decay length of spin transverse to m by dephasing", default=math.inf, low=0, open_low=True, infinite=True
    )
    precession_length: float = parameter(
        "m", "exchange precession length l_J of spin transverse to m", default=math.inf, low=0, open_low=True,
        infinite=True,
    )  # fmt: skip
    spin_hall_angle: float = parameter(
        "1", "spin Hall angle theta independent of m, Q_zy = theta sigma Ex; or a 3x2 tensor", default=0.0, kind="angle"
    )
    amr_ratio: float = parameter("1", "(rho_par - rho_perp)/rho_perp", default=0.0, low=-1, open_low=True)
    size_effect_ratio: float = parameter(
        "1", "(rho(m||z) - rho_perp)/rho_perp, geometrical size effect", default=0.0, low=-1, open_low=True
    )
    anomalous_hall_angle: float = parameter(
        "1", "rho_yx/rho_perp for m||z (electric field along +y for current along +x is positive)", default=0.0
    )
    spin_anomalous_hall_angle: float | None = parameter(
        "1",
        "spin current along m that goes with the anomalous Hall current, in the same units; "
        "default P * anomalous_hall_angle (the same Hall angle in both spin channels)",
        default=None,
    )
    polarization_parallel: float | None = parameter(
        "1",
        "polarization of the conductivity along m, where the anisotropy differs between the spin channels; "
        "default: same as polarization",
        default=None,
        low=-1,
        high=1,
        open_low=True,
        open_high=True,
    )
    hall_coefficient: float = parameter(
        "m^3/C", "ordinary Hall coefficient R_H = rho_yx / B_z (negative for electrons)", default=0.0
    )
    mean_free_path: float | None = parameter(
        "m", MEAN_FREE_PATH + "; of spin up and down this times 1 + and - polarization", default=None, low=0,
        open_low=True,
    )  # fmt: skip
    mean_free_path_up: float | None = parameter(
        "m", "Boltzmann only: mean_free_path of the majority", default=None, low=0, open_low=True
    )
    mean_free_path_down: float | None = parameter(
        "m", "Boltzmann only: mean_free_path of the minority", default=None, low=0, open_low=True
    )
    spin_flip_length: float | None = parameter("m", SPIN_FLIP_LENGTH, default=None, low=0, open_low=True, infinite=True)
    precession_wavenumber: float | None = parameter(
        "1/m",
        "Boltzmann only: angle of exchange precession per path of an electron, omega_ex/v_F, positive in the sense "
        "of a field along m; default: from precession_length and mean free path",
        default=None,
    )
    fermi_wavevector: float | None = parameter("1/m", FERMI_WAVEVECTOR, default=None, low=0, open_low=True)
