"""Joule heat of the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spinstack.magnets.model import MagneticModel

if TYPE_CHECKING:
    import xarray


def heat(model: MagneticModel, m: np.ndarray, K: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Joule heat per area (points, elements) [W/m^2] of a sheet current K (points,) [A/m] along a direction (2).

    What the field does on the current of each element: its share times R K.
    """
    E = model.table.resistance(m) @ along
    return np.einsum("pea,pa->pe", model.table.currents(m) @ along, E) * np.square(K)[:, None]


def heat_of(model: MagneticModel, m: np.ndarray, K: np.ndarray, along: np.ndarray) -> xarray.DataArray:
    """The same with labels (point, element)."""
    import xarray

    return xarray.DataArray(
        heat(model, m, K, along), {"element": list(model.film.owners())}, ("point", "element"),
        attrs={"units": "W/m^2", "long_name": "Joule heat per area"},
    )  # fmt: skip
