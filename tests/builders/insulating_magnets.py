"""Magnet models with numbers of their own, and the questions that tests ask of every kind."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import reference_magnets as ref

import spinstack as ss

NU = 6.4e46
J = 0.1 / NU
#: a face as the reference describes it, that of the ferromagnet
FACE = ref.Face(5e18, J, NU)
SPINS = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]

WEISS = {
    "spin": 3.5, "surface_density": 5e18, "exchange_coupling": J, "density_of_states": NU, "curie_temperature": 16.5,
    "g_factor": 2.0, "coordination": 6.0, "surface_coordination": 5.0,
}  # fmt: skip
FERRI = {
    "spin_a": 3.5, "spin_b": 2.5, "surface_density_a": 6e18, "surface_density_b": 5e18, "exchange_coupling_a": 0.8 * J,
    "exchange_coupling_b": J, "density_of_states": NU, "curie_temperature": 286.0, "density_ratio": 1.4,
    "intra_a": 0.0, "intra_b": 2.5, "g_factor": 2.0,
}  # fmt: skip
#: like an iron garnet: three tetrahedral (a) to two octahedral (b) moments of Fe3+, weak couplings inside
GARNET = FERRI | {
    "spin_a": 2.5, "spin_b": 2.5, "density_ratio": 1.5, "curie_temperature": 560.0, "intra_a": -0.3, "intra_b": -0.2
}  # fmt: skip
ANTI = {
    "spin": 2.5, "surface_density": 2e18, "surface_density_b": 1.5e18, "exchange_coupling": J,
    "exchange_coupling_b": 0.8 * J, "density_of_states": NU, "neel_temperature": 67.0, "intra": 0.2, "g_factor": 2.0,
}  # fmt: skip


class Kind(NamedTuple):
    """How to make a magnet, every number of one that has no symmetry, and where it orders [K]."""

    make: Callable[..., Any]
    parameters: Mapping[str, float]
    ordering: float


KINDS = {
    "ferromagnet": Kind(ss.WeissMagnet, WEISS, WEISS["curie_temperature"]),
    "ferrimagnet": Kind(ss.WeissFerrimagnet, FERRI, FERRI["curie_temperature"]),
    "antiferromagnet": Kind(ss.WeissAntiferromagnet, ANTI, ANTI["neel_temperature"]),
}


def weiss(**changes):
    """The ferromagnet of the documentation."""
    values = {"spin": 2, "curie_temperature": 100, "surface_density": 3e18, "exchange_coupling": 1e-48}
    return ss.WeissMagnet(**({"density_of_states": 4e46} | values | changes))


def ferromagnet(**changes):
    """A ferromagnet whose surface is as its bulk."""
    return ss.WeissMagnet(**(WEISS | {"surface_coordination": None} | changes))


def antiferromagnet(**changes):
    """An antiferromagnet with two sublattices alike at the face."""
    return ss.WeissAntiferromagnet(**(ANTI | {"surface_density_b": None, "exchange_coupling_b": None} | changes))


def tesla(kelvin, g_factor=2.0):
    """The field in which a moment g_factor mu_B has this energy [K]."""
    return kelvin / ref.kelvin(1.0, g_factor)


def three(found):
    """Gs, Gr, Gi (3, ...)."""
    return np.stack([found.spin_sink, np.real(found.mixing), np.imag(found.mixing)])


def ask(magnet, B, T):
    """Gs, Gr, Gi (3, ...) and order (..., [2])."""
    return three(magnet.conductances(B, T)), magnet.order(B, T)
