"""What follows by hand from the moments at the face of a magnetic insulator, and from the metal on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from spinstack.numerics.constants import BOHR_MAGNETON, ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.stack import Film, Interface, MagneticInsulator, Metal

#: above it second order in the coupling is no longer a small correction
STRONG = 0.3


@dataclass(frozen=True)
class MomentFacts:
    """Derived quantities of the moments of one insulator, or of one sublattice of it.

    `coupling` is nu J; `scale` is G0 = (pi/hbar) n (e nu J)^2, `sink` is Gs without order, 2 G0 S(S+1)/3; `real` and
    `imag` are Gr and Gi at saturation, G0 S^2 and (e^2/hbar) n nu J S [S/m^2].
    """

    label: str
    kind: str
    ordering_temperature: float
    coupling: float
    scale: float
    sink: float
    real: float
    imag: float


@dataclass(frozen=True)
class MetalFacts:
    """What a face is to be compared with: of a metal that touches an insulator with a magnet model.

    `spin_conductance` is sigma/(2 l) tanh(t/l) [S/m^2]; `diffusion` [m^2/s], `lifetime` l^2/D [s] and `hanle_field`
    hbar/(g mu_B lifetime) [T], in which a spin turns by one radian in its lifetime (None without Hanle effect).
    """

    label: str
    spin_conductance: float
    diffusion: float | None
    lifetime: float | None
    hanle_field: float | None


def moment_facts(film: Film) -> list[MomentFacts]:
    """For every insulator with a magnet model, top first, one entry for each sublattice."""
    out: list[MomentFacts] = []
    for element in reversed(film.elements):
        if isinstance(element, MagneticInsulator) and element.magnet is not None:
            out += [fact for fact in _moments(element.name, element.magnet) if fact not in out]
    return out


def _moments(name: str, model: Any) -> list[MomentFacts]:
    return [
        MomentFacts(
            label=f"{name} {moments.sublattice}".strip(),
            kind=model.kind,
            ordering_temperature=float(model.ordering_temperature()),
            coupling=moments.density_of_states * moments.exchange_coupling,
            scale=(scale := moments.characteristic_conductance),
            sink=2 / 3 * scale * (S := moments.spin) * (S + 1),
            real=scale * S**2,
            imag=moments.exchange_conductance * S,
        )
        for moments in model.moments()
    ]


def metal_facts(film: Film) -> list[MetalFacts]:
    """For every metal that touches an insulator with a magnet model, top first."""
    film = film.at(None)
    labels = film.labels()
    out: list[MetalFacts] = []
    for i in sorted({i for i, _ in _touching(film)}, reverse=True):
        metal: Any = film[i]
        p = metal.numbers()
        length, D = p["spin_diffusion_length"], diffusion(metal)
        lifetime = None if D is None else length**2 / D
        turning = 0.0 if lifetime is None else abs(metal.g_factor) * BOHR_MAGNETON * lifetime
        fact = MetalFacts(
            label=labels[i],
            spin_conductance=p["conductivity"] / (2 * length) * math.tanh(metal.thickness / length),
            diffusion=D,
            lifetime=lifetime,
            hanle_field=PLANCK_REDUCED / turning if turning else None,
        )
        out += [fact] if fact not in out else []
    return out


def diffusion(metal: Metal) -> float | None:
    """Diffusion coefficient [m^2/s]: given, or from sigma = 2 e^2 nu D."""
    if metal.diffusion_coefficient is not None or metal.density_of_states is None:
        return metal.diffusion_coefficient
    return float(metal.numbers()["conductivity"] / (2 * ELEMENTARY_CHARGE**2 * metal.density_of_states))


def magnet_warnings(film: Film) -> list[str]:
    """Sentences about magnets whose values are allowed but rarely meant."""
    out = []
    for fact in moment_facts(film):
        if abs(fact.coupling) > STRONG:
            out.append(
                f"{fact.label}: density_of_states * exchange_coupling is {fact.coupling:.3g}. The conductances are of "
                f"second order in it: weak coupling, well below 1 (here doubted above {STRONG:g})."
            )
    for i, insulator in _touching(film):
        metal: Any = film[i]
        D = diffusion(metal)
        if D is None or not insulator.magnet.moments():
            continue
        own = metal.numbers()["conductivity"] / (2 * ELEMENTARY_CHARGE**2 * D)
        given = insulator.magnet.moments()[0].density_of_states
        if not 0.5 < given / own < 2:
            out.append(
                f"{insulator.name}.magnet.density_of_states is {given:.3g} 1/(J m^3), but {metal.name} has {own:.3g} "
                "1/(J m^3) (sigma/2 e^2 D). Both mean the density of states per spin of the metal."
            )
    return list(dict.fromkeys(out))


def _touching(film: Film) -> list[tuple[int, Any]]:
    """Position of each metal next to an insulator with a magnet model, and the insulator."""
    solid = [i for i, e in enumerate(film) if not isinstance(e, Interface)]
    out = []
    for a, b in pairwise(solid):
        for i, k in ((a, b), (b, a)):
            insulator = film[k]
            if isinstance(film[i], Metal) and isinstance(insulator, MagneticInsulator) and insulator.magnet is not None:
                out.append((i, insulator))
    return out
