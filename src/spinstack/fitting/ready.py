"""Mechanisms of the magnetoresistance of a magnet on a metal, ready-made, with priors that say where they are from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spinstack.fitting.masks import Mechanism
from spinstack.fitting.priors import Normal, Prior, Uniform
from spinstack.fitting.problem import Problem
from spinstack.fitting.samples import Sample, Unknown
from spinstack.stack import Altermagnet, Film, ParameterError
from spinstack.stack.orbital import has_orbital
from spinstack.text import checks

#: what each effect may be before the data, and where that is from: docs/methods/mechanisms.md
PRIORS: Mapping[str, Prior] = {
    # in the materials library heavy metals have 0.05 to 0.28 of either sign, RuO2 0.14; the opposite sign elsewhere
    "spin_hall_angle": Normal(0.0, 0.1),
    # DeltaBarrier gives 1e4 to 1e5 S/m for Rashba parts of 0.04 to 0.2 of the Fermi energy (docs/interface_table.md)
    "filtering": Normal(0.0, 1e5),
    "rashba_edelstein": Normal(0.0, 1e5),
    # tenths of a per cent in nickel-iron: Rijks et al., Phys. Rev. B 56 (1997) 362
    "size_effect_ratio": Normal(0.0, 3e-3),
    "anomalous_hall_angle": Normal(0.0, 0.02),
    # tan 17 deg = 0.31 calculated for RuO2 (Gonzalez-Hernandez et al., Phys. Rev. Lett. 126 (2021) 127701); experiments
    # disagree whether there is any
    "spin_splitter": Normal(0.0, 0.15),
    "splitting": Normal(0.0, 0.15),
    # 2 sigma_OH/sigma with up to 8e3 (hbar/e)/(Ohm cm) of either sign (arXiv:2203.17037) at a few MS/m
    "orbital_hall_angle": Normal(0.0, 0.3),
    # nobody knows: all that is allowed
    "spin_orbital_conversion": Uniform(-1.0, 1.0),
}

#: what may couple an antiferromagnet to the electrons, and which part of it is real and positive
COUPLINGS = {"exchange_coupling": "", "mixing_conductance": ".real"}


def ready_mechanisms(
    problem: Problem,
    *,
    metal: str,
    magnet: str,
    splitter: str = "y,x",
    antiferromagnet: str = "",
    priors: Mapping[str, Prior] | None = None,
    only: Sequence[str] = (),
) -> list[Mechanism]:
    """The usual mechanisms for films of a metal with a magnet, and control films of the magnet alone.

    "none", "spin Hall", "IGSC without inverse", "IGSC with inverse" (each beside the spin Hall effect, which turns its
    spin current into a charge current), "size effect" (of the magnet, in every film), "size effect of the bilayer"
    (not in films without the metal), "anomalous Hall", "Rashba-Edelstein", "spin splitter", "antiferromagnetic", and
    "spin Hall and size effect", "spin Hall and spin splitter"; where the films carry orbital moments, "orbital Hall"
    (of the metal, turned into spin by the magnet) and "spin Hall and orbital Hall". Where the metal is an
    :class:`spinstack.Altermagnet`, "altermagnet" and "spin Hall and altermagnet", by its splitting as the crystal lies,
    stand in the place of those with a spin splitter.

    Args:
        problem: whose films they are for.
        metal: name of the metal in the films.
        magnet: name of the magnet.
        splitter: component [spin, current] of the spin splitter that symmetry allows, such as "x,y" where the Neel
            vector lies along x.
        antiferromagnet: name of the antiferromagnetic insulator, a magnet model whose `exchange_coupling` (of
            :class:`spinstack.Antiferromagnet` the real part of its `mixing_conductance`) is unknown; without one there
            is no antiferromagnetic mechanism.
        priors: in place of those of this module, by parameter: spin_hall_angle, filtering, rashba_edelstein,
            size_effect_ratio, anomalous_hall_angle, spin_splitter, splitting, orbital_hall_angle,
            spin_orbital_conversion, exchange_coupling, mixing_conductance.
        only: names of those that are wanted; default all.

    Raises:
        ParameterError: names that no film has, no film with both, unknown names of mechanisms or priors.
    """
    given = dict(priors or {})
    for name in given:
        checks.choice(name, "priors", dict.fromkeys([*PRIORS, *COUPLINGS]))
    prior = {**PRIORS, **given}
    both = [s for s in problem.samples if _has(s, metal) and _has(s, magnet)]
    if not both:
        why = "which no film has beside each other"
        raise ParameterError(why, field="metal", got=f"{metal!r} and {magnet!r}", allowed=", ".join(_names(problem)))
    film = both[0].film
    interface = _interface(film, metal, magnet)
    bilayers = tuple(s.name for s in both)
    control = len(bilayers) < len(problem.samples)

    def unknown(path: str, samples: Sequence[str] = ()) -> Unknown:
        return Unknown(path, prior[path.split(".")[-1].partition("[")[0]], samples=samples)

    hall = unknown(f"{metal}.spin_hall_angle")
    size = unknown(f"{magnet}.size_effect_ratio")
    ordered = any(e.name == metal and isinstance(e, Altermagnet) for e in film)
    split = unknown(f"{metal}.splitting" if ordered else f"{metal}.spin_splitter[{splitter}]")
    splits = "altermagnet" if ordered else "spin splitter"
    made = [Mechanism("none"), Mechanism("spin Hall", [hall])]
    if interface:
        filtering, inverse = unknown(f"{interface}.filtering"), f"{interface}.reciprocal"
        made += [
            Mechanism("IGSC without inverse", [hall, filtering], fixed={inverse: 0.0}),
            Mechanism("IGSC with inverse", [hall, filtering], fixed={inverse: 1.0}),
        ]
    made.append(Mechanism("size effect", [size]))
    if control:
        made.append(Mechanism("size effect of the bilayer", [unknown(size.path, bilayers)]))
    made.append(Mechanism("anomalous Hall", [unknown(f"{magnet}.anomalous_hall_angle")]))
    if interface:
        edelstein = unknown(f"{interface}.rashba_edelstein")
        made.append(Mechanism("Rashba-Edelstein", [hall, edelstein], fixed={inverse: 1.0}))
    made.append(Mechanism(splits, [split]))
    if antiferromagnet:
        made.append(Mechanism("antiferromagnetic", [hall, _coupled(film, antiferromagnet, given)]))
    made += [
        Mechanism("spin Hall and size effect", [hall, size]),
        Mechanism(f"spin Hall and {splits}", [hall, split]),
    ]
    if has_orbital(film):
        orbital = [unknown(f"{metal}.orbital_hall_angle"), unknown(f"{magnet}.spin_orbital_conversion")]
        made += [Mechanism("orbital Hall", orbital), Mechanism("spin Hall and orbital Hall", [hall, *orbital])]
    by_name = {m.name: m for m in made}
    for name in only:
        checks.choice(name, "only", by_name)
    return [by_name[name] for name in only] if only else made


def _coupled(film: Film, name: str, given: Mapping[str, Prior]) -> Unknown:
    """What couples the antiferromagnet of that name to the electrons."""
    declared = {path for element in film if element.name == name for path in element.declared()}
    coupling, part = next(
        (one for one in COUPLINGS.items() if f"magnet.{one[0]}" in declared), ("exchange_coupling", "")
    )
    if coupling not in given:
        why = "missing: the coupling of the antiferromagnet to the electrons depends on the magnet"
        raise ParameterError(why, field="priors", allowed=f"an entry {coupling}")
    return Unknown(f"{name}.magnet.{coupling}{part}", given[coupling])


def _names(problem: Problem) -> list[str]:
    return list(dict.fromkeys(e.name for s in problem.samples for e in s.film.elements))


def _has(sample: Sample, name: str) -> bool:
    return any(e.name == name for e in sample.film.elements)


def _interface(film: Film, metal: str, magnet: str) -> str:
    """The path of the interface between the two; nothing where they are in perfect contact."""
    for name in (f"{metal}|{magnet}", f"{magnet}|{metal}"):
        if f"{name}.filtering" in film:
            return name
    return ""
