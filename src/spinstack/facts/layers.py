"""What follows from a film's parameters by hand: lengths, resistances, shares, doubts. Needs no solver."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from spinstack.facts.magnets import magnet_warnings
from spinstack.scattering.fermi_sphere import disagreements
from spinstack.stack import Altermagnet, Ferromagnet, Film, Interface, Layer
from spinstack.stack.laws import followed


@dataclass(frozen=True)
class LayerFacts:
    """Derived quantities of one conducting layer [SI].

    `spin_resistance` is ``rho l/(1 - P^2) coth(t/l)``, l = l_sf: psi = mu_s/2 per spin current that enters at one face
    while the other is closed [Ohm m^2]; `transverse_length` is the decay length of spin transverse to m [m]. Of an
    altermagnet m is the Neel vector, P the polarization of a current along z and l = l_sf sqrt(1 - P^2).
    """

    label: str
    kind: str
    thickness: float
    resistivity: float
    sheet_resistance: float
    share: float
    diffusion_lengths: float
    transverse_length: float
    spin_resistance: float


@dataclass(frozen=True)
class InterfaceFacts:
    """Derived quantities of one interface [SI]: 1/G_par = 1/G_up + 1/G_down, area_resistance = 1/(G_up + G_down)."""

    label: str
    area_resistance: float
    asymmetry: float
    parallel: float
    mixing: complex | None
    flip_probability: float


def layer_facts(film: Film) -> dict[int, LayerFacts]:
    """By position in the film, for every conducting layer; `share` is the part of the in-plane current it carries."""
    film = film.at(None)
    labels = film.labels()
    sheets = {i: _sheet(e) for i, e in enumerate(film) if isinstance(e, Layer)}
    total = sum(sheets.values())
    out = {}
    for i, sheet in sheets.items():
        layer: Any = film[i]
        p = layer.numbers()
        length, thickness = p["spin_diffusion_length"], layer.thickness
        longitudinal = p["conductivity"] * (1 - p.get("polarization", 0.0) ** 2)
        if isinstance(layer, Altermagnet):
            left = 1 - (p["splitting"] * p["tau_zz"]) ** 2
            length, longitudinal = length * left**0.5, longitudinal * left
        ratio = thickness / length
        # l coth(t/l) tends to l^2/t and with it to infinity: nothing relaxes the spin
        stretched = length / math.tanh(ratio) if ratio else math.inf
        out[i] = LayerFacts(
            label=labels[i],
            kind=type(layer).__name__,
            thickness=thickness,
            resistivity=1 / p["conductivity"],
            sheet_resistance=1 / sheet,
            share=sheet / total,
            diffusion_lengths=ratio,
            transverse_length=transverse_length(layer),
            spin_resistance=stretched / longitudinal,
        )
    return out


def _sheet(layer: Any) -> float:
    return float(layer.numbers()["conductivity"] * layer.thickness)


def transverse_length(layer: Any) -> float:
    """Decay length [m] of spin transverse to m: 1/Re kappa, kappa^2 = 1/l_sf^2 + 1/l_phi^2 + i/l_J^2."""
    squared = layer.numbers()["spin_diffusion_length"] ** -2 + 0j
    if isinstance(layer, Ferromagnet):
        squared += layer.dephasing_length**-2 + 1j * layer.precession_length**-2
    if isinstance(layer, Altermagnet):
        squared += layer.dephasing_length**-2
    kappa = (squared**0.5).real
    return 1 / kappa if kappa else math.inf


def interface_facts(film: Film) -> dict[int, InterfaceFacts]:
    """By position in the film, for every interface that is given by its coefficients."""
    film = film.at(None)
    labels = film.labels()
    out = {}
    for i, element in enumerate(film):
        if not isinstance(element, Interface) or element.scattering is not None:
            continue
        up, down = cast(float, element.conductance_up), cast(float, element.conductance_down)
        out[i] = InterfaceFacts(
            label=labels[i],
            area_resistance=1 / (up + down),
            asymmetry=(up - down) / (up + down),
            parallel=up * down / (up + down),
            mixing=element.mixing_conductance,
            flip_probability=1 - math.exp(-element.spin_memory_loss),
        )
    return out


def below_scattering(film: Film) -> list[str]:
    """Sentences about mixing conductances below what scattering theory allows."""
    labels = film.labels()
    out = []
    for i, element in enumerate(film):
        if not isinstance(element, Interface) or element.conductances == "corrected":  # the bound is one of bare ones
            continue
        if element.mixing_conductance is not None:
            mean = (cast(float, element.conductance_up) + cast(float, element.conductance_down)) / 2
            for field in ("mixing_conductance", "mixing_conductance_upper"):
                value = getattr(element, field)
                if value is not None and value.real < mean * (1 - 1e-12):
                    out.append(
                        f"{labels[i]}.{field}: its real part, {value.real:.4g} S/m^2, is below (G_up + G_down)/2 = "
                        f"{mean:.4g} S/m^2. Scattering theory has Re G at least that large "
                        "(Brataas, Nazarov and Bauer, 2000)."
                    )
    return out


def warnings(film: Film) -> list[str]:
    """Sentences about values that are allowed but rarely meant."""
    labels = film.labels()
    if followed(film):
        return [
            "some parameters follow laws of the temperature: give one, for what there is to say about their values."
        ]
    film = film.at(None)
    out = below_scattering(film)
    for i, element in enumerate(film):
        if isinstance(element, Interface) and element.reciprocal != 1 and any(
            getattr(element, f) for f in ("filtering", "precession", "rashba_edelstein")
        ):  # fmt: skip
            out.append(
                f"{labels[i]}.reciprocal is {element.reciprocal:g}: the inverse of the interface-generated spin "
                "current is weighted so that Onsager's relation is broken, by choice."
            )
        if isinstance(element, Ferromagnet) and math.isinf(min(element.dephasing_length, element.precession_length)):
            length = element.numbers()["spin_diffusion_length"] * 1e9
            out.append(
                f"{labels[i]}.dephasing_length: not given, so spin transverse to m lives as long as spin along m "
                f"({length:.4g} nm). In 3d ferromagnets it decays within about 1 nm."
            )
        if isinstance(element, Altermagnet) and math.isinf(element.dephasing_length):
            out.append(
                f"{labels[i]}.dephasing_length: not given, so spin transverse to the Neel vector lives as long as spin "
                "along it. The spin splitting turns it by another angle for every direction of an electron."
            )
    if sum(isinstance(e, Ferromagnet) for e in film) > 1:
        out.append(
            "several ferromagnets: with the current in the plane drift-diffusion has no giant magnetoresistance (it is "
            "exactly zero); the Boltzmann solver has it."
        )
    return list(dict.fromkeys([*out, *disagreements(film), *magnet_warnings(film)]))


def perfect_contacts(film: Film) -> list[str]:
    """Labels ``lower|upper`` of neighbouring layers without an interface between them."""
    pairs = pairwise(film)
    return list(dict.fromkeys(f"{a.name}|{b.name}" for a, b in pairs if isinstance(a, Layer) and isinstance(b, Layer)))
