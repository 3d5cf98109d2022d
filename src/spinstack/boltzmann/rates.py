"""Collision rates of the layers of a film, from what the film says about itself."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.scattering.model import scattering_model
from spinstack.stack import Ferromagnet, Film, Metal, ParameterError

#: k_F [1/m] where neither a scattering model nor a layer gives one
FERMI_WAVEVECTOR = 1.36e10
#: fields of the diffusive theory that have no counterpart here
_ABSENT = (
    "amr_ratio",
    "size_effect_ratio",
    "anomalous_hall_angle",
    "spin_anomalous_hall_angle",
    "polarization_parallel",
)


class Rates(NamedTuple):
    """One layer in numbers [1/m]: out-scattering of spin up, down along the axis and across it, spin flip, precession.

    `up`, `down` are the total rates g_s + g_sf, `across` that of transverse spin; `across_in` the rate at which
    transverse spin is scattered in; `precession` kappa. axis (3,); source and splitter (3, 2) the spin Hall and
    spin-splitter tensors; thickness [m].
    """

    thickness: float
    up: float
    down: float
    flip: float
    across: float
    across_in: float
    precession: float
    axis: np.ndarray
    source: np.ndarray
    splitter: np.ndarray

    @property
    def path(self) -> float:
        """Mean of the mean free paths of up and down [m]: what sets the conductivity."""
        return (1 / self.up + 1 / self.down) / 2

    @property
    def isotropic(self) -> bool:
        """Whether the layer treats spin of every direction alike."""
        return self.up == self.down and self.precession == 0 and self.across == self.up

    @property
    def key(self) -> tuple[float, ...]:
        """What the layer matrix depends on."""
        return tuple(self[:7])


def conductance_constant(fermi_wavevector: float) -> float:
    """C = e^2 k_F^2/(pi^2 hbar) [S/m^2]: j = C <k h_c>, so that sigma = C lambda/3."""
    return float(ELEMENTARY_CHARGE**2 * fermi_wavevector**2 / (math.pi**2 * PLANCK_REDUCED))


def fermi_wavevector(film: Film) -> float:
    """The one k_F [1/m] of a film; raises ParameterError where elements disagree."""
    given: dict[str, float] = {}
    for label, element in zip(film.labels(), film.elements, strict=True):
        value: Any = getattr(element, "fermi_wavevector", None)
        if (model := scattering_model(element)) is not None:
            value = model.fermi_wavevector
        if value is not None:
            given[label] = float(value)
    if len(set(given.values())) > 1:
        raise ParameterError(
            f"fermi_wavevector: got {given}. The Boltzmann equation has one Fermi sphere here: give one value."
        )
    return next(iter(given.values()), FERMI_WAVEVECTOR)


def layer_rates(layer: Any, axis: np.ndarray, kF: float) -> Rates:
    """Rates of a Metal or a Ferromagnet with m along `axis`; see docs/methods/boltzmann.md, "Parameters"."""
    p = layer.parameters
    refuse_absent(layer)
    P = float(p.get("polarization", 0.0))
    given_up, given_down = p.get("mean_free_path_up"), p.get("mean_free_path_down")
    if (given_up is None) != (given_down is None):
        raise ParameterError(f"{layer.name}: got one of mean_free_path_up and mean_free_path_down. Give both.")
    if given_up is not None and p["mean_free_path"] is not None:
        raise ParameterError(f"{layer.name}: got mean_free_path beside mean_free_path_up, _down. Give one or the two.")
    relaxation = float(p["spin_diffusion_length"]) ** -2.0
    flip_length = p["spin_flip_length"]
    if given_up is not None or p["mean_free_path"] is not None:
        mean = p["mean_free_path"]
        up, down = (1 / given_up, 1 / given_down) if given_up is not None else (1 / mean / (1 + P), 1 / mean / (1 - P))
        kept = (up + down) / 2
        # 6 f (g_0 + f) = 1/l_sf^2
        flip = 1 / flip_length if flip_length is not None else _root(kept, relaxation / 6)
        up, down = up + flip, down + flip
    else:
        total = 3 * p["conductivity"] / conductance_constant(kF)
        up, down = 1 / (total * (1 + P)), 1 / (total * (1 - P))
        flip = 1 / flip_length if flip_length is not None else relaxation / (3 * (up + down))
        if flip > min(up, down):
            raise ParameterError(
                f"{layer.name}: spin flips every {1 / flip:.3g} m of path, more often than electrons collide (mean "
                f"free path {1 / max(up, down):.3g} to {1 / min(up, down):.3g} m from the conductivity and "
                f"fermi_wavevector {kF:.3g} 1/m). "
                "Give a longer spin_diffusion_length or spin_flip_length, or mean_free_path for the collisions that "
                "keep the spin."
            )
    mean_rate = (up + down) / 2
    dephasing = _root(mean_rate + 2 * flip, float(p.get("dephasing_length", math.inf)) ** -2.0 / 3)
    kappa = p.get("precession_wavenumber")
    if kappa is None:
        turning = float(p.get("precession_length", math.inf)) ** -2.0
        kappa = turning / (3 * (mean_rate + 2 * dephasing + 2 * flip))
    return Rates(
        thickness=float(layer.thickness),
        up=float(up),
        down=float(down),
        flip=float(flip),
        across=float(mean_rate + dephasing),
        across_in=float(mean_rate - 2 * flip),
        precession=float(kappa),
        axis=np.asarray(axis, dtype=float),
        source=_tensor(p["spin_hall_angle"]),
        splitter=np.zeros((3, 2)) if p.get("spin_splitter") is None else np.asarray(p["spin_splitter"], dtype=float),
    )


def refuse_absent(layer: Any) -> None:
    """Raise where a layer asks for something that the Boltzmann equation here does not contain."""
    if not isinstance(layer, Metal | Ferromagnet):
        raise ParameterError(
            f"{layer.name}: the Boltzmann equation needs layers of Metal and Ferromagnet, got {type(layer).__name__}."
        )
    for name in _ABSENT:
        value = layer.parameters.get(name)
        if value is not None and float(value) != 0:
            raise ParameterError(
                f"{layer.name}.{name}: got {value!r}; the Boltzmann equation has no such term. Leave it out."
            )


def _root(b: float, c: float) -> float:
    """The positive x of x (b + x) = c, without cancellation."""
    return 2 * c / (b + math.sqrt(b * b + 4 * c)) if c > 0 else 0.0


def _tensor(theta: Any) -> np.ndarray:
    if np.ndim(theta) >= 2:
        return np.asarray(theta, dtype=float)
    return float(theta) * np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])
