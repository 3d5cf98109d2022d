"""What the Boltzmann equation reads in each layer: mean free paths and spin-flip lengths, given or derived, and back.

Loads the solver's package, and JAX with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.stack import Film, Layer, ParameterError

#: fields as the columns of a table show them
_SHORT = {
    "mean_free_path": "λ↑, λ↓", "mean_free_path_up": "λ↑", "mean_free_path_down": "λ↓", "spin_flip_length": "λ_flip",
    "precession_wavenumber": "turn",
}  # fmt: skip


@dataclass(frozen=True)
class BallisticFacts:
    """One layer [SI]: paths between collisions that keep the spin (up, down), that flip it, of any kind (`path`, the
    mean of both spins), and of one exchange turn.

    `conductivity`, `polarization` and `spin_diffusion_length` are what follows from the lengths, beside those of the
    layer; they differ where lengths are given that do not belong to them. `source`: what was given.
    """

    label: str
    path: float
    path_up: float
    path_down: float
    flip_length: float
    turn_length: float
    conductivity: float
    polarization: float
    spin_diffusion_length: float
    given_conductivity: float
    given_spin_diffusion_length: float
    source: str


def asks_for_ballistic(film: Film) -> bool:
    """Whether a layer gives something that only the Boltzmann equation reads."""
    return any(layer.parameters.get(name) is not None for layer in film.layers for name in layer.only_for("boltzmann"))


def ballistic_facts(film: Film) -> tuple[dict[int, tuple[float, float]], dict[int, BallisticFacts], list[str]]:
    """By position in the film: k_F [1/m] and its splitting of every layer; facts; why there are none for the others."""
    film = film.at(None)
    from spinstack.boltzmann.rates import layer_rates
    from spinstack.scattering.fermi_sphere import fermi_spheres
    from spinstack.stack.collisions import Collisions

    try:
        spheres = fermi_spheres(film)
    except ParameterError as error:
        return {}, {}, [str(error)]
    out: dict[int, BallisticFacts] = {}
    refused: list[str] = []
    for i, (label, element) in enumerate(zip(film.labels(), film, strict=True)):
        if not isinstance(element, Layer):
            continue
        layer: Any = element
        try:
            kF, splitting = spheres[i]
            r = layer_rates(layer, np.array([0.0, 0.0, 1.0]), kF, splitting)
        except ParameterError as error:
            refused.append(str(error))
            continue
        given = [name for name in layer.only_for("boltzmann") if layer.parameters.get(name) is not None]
        means, p = Collisions(r.up, r.down, r.flip, splitting, r.anisotropy), layer.numbers()
        out[i] = BallisticFacts(
            label=label,
            path=r.path,
            path_up=_inverse(r.up - r.flip / means.squares[0], r.up),
            path_down=_inverse(r.down - r.flip / means.squares[1], r.down),
            flip_length=1 / r.flip if r.flip else math.inf,
            turn_length=2 * math.pi / abs(r.precession) if r.precession else math.inf,
            conductivity=float(means.conductivity(kF)),
            polarization=means.polarization,
            spin_diffusion_length=float(means.spin_diffusion_length),
            given_conductivity=float(p["conductivity"]),
            given_spin_diffusion_length=float(p["spin_diffusion_length"]),
            source=", ".join(_SHORT[name] for name in given if name in _SHORT) or "none",
        )
    return spheres, out, list(dict.fromkeys(refused))


def _inverse(rate: float, scale: float) -> float:
    """1/rate; infinite where the rate is rounding."""
    return 1 / rate if rate > 1e-12 * scale else math.inf
