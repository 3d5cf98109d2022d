"""Torque efficiencies for every direction of a magnet, as a map over the sphere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.registry import observables
from spinstack.stack import Film
from spinstack.stack.film import magnet_labels

if TYPE_CHECKING:
    import xarray as xr

#: directions along and around
THETA, PHI = 25, 49


def efficiencies(film: Film) -> xr.Dataset:
    """Torque on each magnet in a field along x [N/m per V/m], along theta and phi, all magnets turned together.

    Variables by magnet: the part along the meridian (theta) and along the parallel (phi), and the size.
    """
    import xarray as xr

    theta, phi = np.linspace(0, np.pi, THETA), np.linspace(0, 2 * np.pi, PHI)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    m = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1)
    along = np.stack([np.cos(t) * np.cos(p), np.cos(t) * np.sin(p), -np.sin(t)], -1)
    around = np.stack([-np.sin(p), np.cos(p), np.zeros_like(p)], -1)
    found = observables()["torque"].dataset(film, m=m)
    out: dict[str, Any] = {}
    for name in magnet_labels(film):
        torque = found[name].values
        for words, direction in (("along theta", along), ("along phi", around)):
            values = (torque * direction).sum(-1)
            out[f"{name}, {words}"] = (("theta", "phi"), values, _said(f"torque on {name} {words}"))
        out[f"{name}, size"] = (
            ("theta", "phi"),
            np.linalg.norm(torque, axis=-1),
            _said(f"size of the torque on {name}"),
        )
    degrees = {"units": "deg"}
    return xr.Dataset(
        out,
        coords={
            "theta": ("theta", np.degrees(theta), {**degrees, "long_name": "angle of m to z"}),
            "phi": ("phi", np.degrees(phi), {**degrees, "long_name": "angle of m in the plane, from x"}),
        },
    )


def _said(words: str) -> dict[str, str]:
    return {"units": "N/m per V/m", "long_name": words}
