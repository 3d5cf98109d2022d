"""Torque as a field over the sphere of magnetisation directions: maps, what symmetry allows, fits, efficiencies."""

from spinstack.torques.efficiency import effective_fields, efficiencies, local_components
from spinstack.torques.expansion import evaluate_expansion, expansion_basis, fit_expansion
from spinstack.torques.harmonics import allowed_space, evaluate_harmonics, fit_harmonics, forbidden, vector_harmonic
from spinstack.torques.sphere import Directions, directions, torque_data, torque_map
from spinstack.torques.symmetry import ISOTROPIC, Symmetry, allowed_terms, one_mirror

__all__ = [
    "ISOTROPIC", "Directions", "Symmetry", "allowed_space", "allowed_terms", "directions", "effective_fields",
    "efficiencies", "evaluate_expansion", "evaluate_harmonics", "expansion_basis", "fit_expansion", "fit_harmonics",
    "forbidden", "local_components", "one_mirror", "torque_data", "torque_map", "vector_harmonic",
]  # fmt: skip
