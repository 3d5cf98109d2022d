"""A conducting ferromagnetic layer."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from spinstack.stack.described import described
from spinstack.stack.layer import Layer
from spinstack.stack.parameters import BOLTZMANN, BOTH, DRIFT_DIFFUSION, is_open, parameter, reworded


@described
class Ferromagnet(Layer):
    """A ferromagnet: spin-polarised conduction, dephasing, exchange precession, AMR and anomalous Hall effect.

    The in-plane resistivity tensor for j_z = 0 is
    ``rho [1 + amr m m^T + size_effect m_z^2] + rho anomalous_hall_angle m x`` with ``rho = 1/conductivity``.
    """

    magnetic: ClassVar[bool] = True

    conductivity: float | None = reworded(
        Layer, "conductivity", "1/rho for m in the plane and perpendicular to the current"
    )
    spin_diffusion_length: float | None = reworded(
        Layer, "spin_diffusion_length",
        "decay length l_sf of a spin accumulation along m (with AMR and m out of the plane, or different spin "
        "channels along m, times the square root of the conductivity change along z)",
    )  # fmt: skip
    spin_hall_angle: float = reworded(
        Layer, "spin_hall_angle", "spin Hall angle theta independent of m, Q_zy = theta sigma Ex; or a 3x2 tensor"
    )
    mean_free_path: float | None = reworded(
        Layer, "mean_free_path",
        "Boltzmann only: v_F times the time between collisions that keep the spin; default: from conductivity and "
        "fermi_wavevector; of spin up and down this times 1 + and - polarization",
    )  # fmt: skip

    polarization: float = parameter(
        "1", "P = (sigma_up - sigma_down)/sigma of the conductivity, up along m", default=0.0, theories=BOTH,
        after="spin_diffusion_length", low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip
    dephasing_length: float = parameter(
        "m", "decay length of spin transverse to m by dephasing", default=math.inf, theories=BOTH, low=0,
        open_low=True, infinite=True,
    )  # fmt: skip
    precession_length: float = parameter(
        "m", "exchange precession length l_J of spin transverse to m", default=math.inf, theories=BOTH, low=0,
        open_low=True, infinite=True,
    )  # fmt: skip
    amr_ratio: float = parameter(
        "1", "(rho_par - rho_perp)/rho_perp", default=0.0, theories=DRIFT_DIFFUSION, after="spin_hall_angle", low=-1,
        open_low=True,
    )  # fmt: skip
    size_effect_ratio: float = parameter(
        "1", "(rho(m||z) - rho_perp)/rho_perp, geometrical size effect", default=0.0, theories=DRIFT_DIFFUSION,
        low=-1, open_low=True,
    )  # fmt: skip
    anomalous_hall_angle: float = parameter(
        "1", "rho_xy/rho_perp for m||z (electric field along +y for current along +x is positive)", default=0.0,
        theories=DRIFT_DIFFUSION,
    )  # fmt: skip
    spin_anomalous_hall_angle: float | None = parameter(
        "1",
        "spin current along m that goes with the anomalous Hall current, in the same units; "
        "default P * anomalous_hall_angle (the same Hall angle in both spin channels)", default=None,
        theories=DRIFT_DIFFUSION, otherwise=lambda p: p["polarization"] * p["anomalous_hall_angle"],
    )  # fmt: skip
    rotated_spin_hall_angle: float | None = parameter(
        "1",
        "spin current along z per current in the field, with spin along m x (z x E): the rotated spin Hall effect, or "
        "spin swapping (minus its coefficient times P); odd in m; default: none", default=None,
        theories=DRIFT_DIFFUSION, otherwise=0.0, low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip
    polarization_parallel: float | None = parameter(
        "1",
        "polarization of the conductivity along m, where the anisotropy differs between the spin channels; "
        "default: same as polarization", default=None, theories=DRIFT_DIFFUSION,
        otherwise=lambda p: p["polarization"], low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip
    mean_free_path_up: float | None = parameter(
        "m", "Boltzmann only: mean_free_path of the majority", default=None, theories=BOLTZMANN,
        counterpart="conductivity and polarization", after="mean_free_path", low=0, open_low=True,
    )  # fmt: skip
    mean_free_path_down: float | None = parameter(
        "m", "Boltzmann only: mean_free_path of the minority", default=None, theories=BOLTZMANN,
        counterpart="conductivity and polarization", low=0, open_low=True,
    )  # fmt: skip
    precession_wavenumber: float | None = parameter(
        "1/m",
        "Boltzmann only: angle of exchange precession per path of an electron, omega_ex/v_F, positive in the sense "
        "of a field along m; default: from precession_length and mean free path", default=None, theories=BOLTZMANN,
        counterpart="precession_length", after="spin_flip_length",
    )  # fmt: skip

    fermi_splitting: float | None = parameter(
        "1",
        "Boltzmann only: (k_majority - k_minority)/(k_majority + k_minority) of the Fermi wave vectors, whose mean is "
        "fermi_wavevector; default: that of a scattering model beside it, else 0", default=None, theories=BOLTZMANN,
        counterpart="conductivity and polarization", after="fermi_wavevector", low=-1, high=1, open_low=True,
        open_high=True,
    )  # fmt: skip

    scattering_anisotropy: float | None = parameter(
        "1",
        "Boltzmann only: eta of the collision rate, 1 across m, 1 + eta (k.m)^2 for electrons that move at an angle to "
        "it; anisotropic magnetoresistance is positive with it; default 0", default=None, theories=BOLTZMANN,
        counterpart="amr_ratio and size_effect_ratio", low=-0.9, high=10, otherwise=0.0,
    )  # fmt: skip
    scattering_anisotropy_down: float | None = parameter(
        "1",
        "Boltzmann only: that of the minority, where scattering_anisotropy is that of the majority; default: the same",
        default=None, theories=BOLTZMANN, counterpart="amr_ratio and size_effect_ratio", low=-0.9, high=10,
        otherwise=lambda p: p["scattering_anisotropy"],
    )  # fmt: skip

    def _check(self) -> None:
        super()._check()
        self._check_rotated()
        amr, size, P, parallel = self.amr_ratio, self.size_effect_ratio, self.polarization, self.polarization_parallel
        if any(is_open(v) for v in (amr, size, P, parallel)):
            return
        if np.any(np.minimum(amr, 0) + np.minimum(size, 0) <= -1):
            why = f"with size_effect_ratio = {size!r}, which make the resistivity negative for some m"
            raise self.refused("amr_ratio", why, allowed="negative ratios whose sum stays above -1")
        for spin, sign in (("up", 1), ("down", -1)) if parallel is not None else ():
            # anisotropy of one channel, docs/methods/local_law.md
            with np.errstate(over="ignore"):
                own = (1 + np.asarray(amr)) * ((1 + sign * np.asarray(P)) / (1 + sign * np.asarray(parallel))) - 1
            least = np.where(own < -0.5, 4 * np.minimum(own, 0) * (1 + np.minimum(own, 0)), -np.inf)
            if np.any(bad := np.asarray(size) <= least):
                at = int(np.argmax(bad))
                ratio, bound = (np.broadcast_to(v, np.shape(bad)).flat[at] for v in (own, least))
                why = f"which makes the amr ratio of spin {spin} {ratio:.4g} and with size_effect_ratio = {size!r} its "
                why += "resistivity negative for some m"
                allowed = f"size_effect_ratio above {bound:.4g} beside it"
                raise self.refused("polarization_parallel", why, allowed=allowed)

    def _check_rotated(self) -> None:
        """Refuse a rotated spin Hall angle with which the layer gains energy, docs/methods/local_law.md."""
        names = (
            "rotated_spin_hall_angle", "polarization", "polarization_parallel", "amr_ratio", "size_effect_ratio",
            "anomalous_hall_angle", "spin_anomalous_hall_angle",
        )  # fmt: skip
        values = [getattr(self, name) for name in names]
        if self.rotated_spin_hall_angle is None or any(map(is_open, values)):
            return
        rotated, P, parallel, amr, size, hall, spin_hall = values
        parallel = P if parallel is None else parallel
        spin_hall = np.multiply(P, hall) if spin_hall is None else spin_hall
        left: Any = 0.0
        for sign in (1, -1):
            share = (1 + sign * np.asarray(P)) / 2
            own = np.maximum((1 + np.asarray(amr)) * 2 * share / (1 + sign * np.asarray(parallel)) - 1, 0)
            angle = (np.asarray(hall) + sign * np.asarray(spin_hall)) / (2 * share)
            left = left + share / (1 + own + np.maximum(size, 0) + angle**2 / (1 + np.minimum(size, 0)))
        most = np.sqrt(left)
        if np.any(np.abs(rotated) > most * (1 + 1e-12)):
            why = "with which the layer gains energy from the field beside its resistance and Hall angles"
            raise self.refused("rotated_spin_hall_angle", why, allowed=f"sizes up to {float(np.min(most)):.4g}")
