"""The spin drift-diffusion circuit: a film is elements, elements join, observables read the joined tensor."""

import spinstack.numerics.compiler  # noqa: F401  (64-bit floats before any array is made)
from spinstack.circuit.solve import (
    check,
    element_matrix,
    faces,
    layer_profiles,
    perpendicular,
    sheet_conductance,
    sheet_conductance_slope,
)

__all__ = [
    "check",
    "element_matrix",
    "faces",
    "layer_profiles",
    "perpendicular",
    "sheet_conductance",
    "sheet_conductance_slope",
]
