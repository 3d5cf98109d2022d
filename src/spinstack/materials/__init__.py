"""Published material parameters, each with unit, uncertainty, temperature and source. Knows nothing above it."""

from spinstack.materials.library import (
    Entry,
    Material,
    MaterialError,
    kinds,
    material,
    names,
    parameters,
    read,
    required,
    table,
)

__all__ = [
    "Entry",
    "Material",
    "MaterialError",
    "kinds",
    "material",
    "names",
    "parameters",
    "read",
    "required",
    "table",
]
