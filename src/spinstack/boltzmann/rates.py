"""Collision rates of the layers of a film, from what the film says about itself."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.scattering.model import scattering_model
from spinstack.stack import Film, Layer
from spinstack.text.errors import ParameterError, Problems

#: k_F [1/m] where neither a scattering model nor a layer gives one
FERMI_WAVEVECTOR = 1.36e10


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
    def velocity(self) -> np.ndarray:
        """(2, 2): in-plane velocity of charge per in-plane k; a spin splitter turns a part of it to z."""
        value, turn = np.linalg.eigh(np.eye(2) - self.splitter.T @ self.splitter)
        return np.asarray((turn * np.sqrt(np.maximum(value, 0.0))) @ turn.T)

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
            "which differ; the Boltzmann equation has one Fermi sphere here",
            field="fermi_wavevector",
            unit="1/m",
            got=given,
            remedy="Give one value.",
        )
    return next(iter(given.values()), FERMI_WAVEVECTOR)


def layer_rates(layer: Layer, axis: np.ndarray, kF: float) -> Rates:
    """Rates of a layer with m along `axis`; see docs/methods/boltzmann.md, "Parameters".

    Raises ParameterError for numbers that contradict each other or that the equation cannot take.
    """
    problems = Problems()
    problems.errors += layer.unread("boltzmann", layer.name)
    problems.end()
    p: Any = layer.numbers("boltzmann")
    P = float(p.get("polarization", 0.0))
    mean, given_up, given_down = (p.get(f"mean_free_path{spin}") for spin in ("", "_up", "_down"))
    if (given_up is None) != (given_down is None):
        missing = "mean_free_path_up" if given_up is None else "mean_free_path_down"
        raise ParameterError("missing beside that of the other spin", where=layer.name, field=missing, unit="m",
                             remedy="Give both.")  # fmt: skip
    if given_up is not None and mean is not None:
        raise ParameterError(
            "beside mean_free_path_up and mean_free_path_down",
            where=layer.name,
            field="mean_free_path",
            unit="m",
            got=mean,
            remedy="Give one or the two.",
        )
    relaxation = float(p["spin_diffusion_length"]) ** -2.0
    flip_length = p["spin_flip_length"]
    if given_up is not None or mean is not None:
        up, down = (1 / mean / (1 + P), 1 / mean / (1 - P)) if mean is not None else (1 / given_up, 1 / given_down)
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
                f"spin flips every {1 / flip:.3g} m of path, more often than electrons collide (mean free path "
                f"{1 / max(up, down):.3g} to {1 / min(up, down):.3g} m from the conductivity and fermi_wavevector "
                f"{kF:.3g} 1/m)",
                where=layer.name,
                field="spin_diffusion_length" if flip_length is None else "spin_flip_length",
                unit="m",
                got=p["spin_diffusion_length"] if flip_length is None else flip_length,
                allowed="a longer spin_diffusion_length or spin_flip_length",
                remedy="Or give mean_free_path for the collisions that keep the spin.",
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
        source=np.asarray(p["spin_hall_angle"], dtype=float),
        splitter=np.asarray(p.get("spin_splitter", np.zeros((3, 2))), dtype=float),
    )


def _root(b: float, c: float) -> float:
    """The positive x of x (b + x) = c, without cancellation."""
    return 2 * c / (b + math.sqrt(b * b + 4 * c)) if c > 0 else 0.0
