"""Damping-like and field-like efficiencies from resonance of films with magnets of several thicknesses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.spin_torque.layers import HBAR, MU0
from spinstack.measure.statistics.coverage import justified
from spinstack.measure.statistics.estimate import check_rows, propagated
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.sweeps.hall import CHARGE
from spinstack.measure.sweeps.results import Found, report

#: thicknesses over the smallest one, at least
_SPAN = 1.3


@checked
def st_fmr_series(results: Iterable[xr.Dataset]) -> xr.Dataset:
    """Both efficiencies from xi_fmr of :func:`st_fmr` at three thicknesses of the magnet or more.

    1/xi_fmr = (1/xi_DL) (1 +- hbar xi_FL/(e mu0 M_s t d)), a line in 1/(M_s t d): plus for the metal below the magnet,
    minus above it, where the Oersted field has the other sign. Both efficiencies per current density in the metal, as
    of :func:`spinstack.torque_efficiency`; they have to be the same for all thicknesses, and so must the metal.

    Parameters: xi_DL, xi_FL, and slope and intercept of the line. Errors are those of xi_fmr, wider where the line is
    missed by more than chance allows. Raises :class:`MeasurementError` for results of something else, fewer than three,
    and thicknesses that are about the same. Source: C.-F. Pai et al., Phys. Rev. B 92, 064426 (2015).
    """
    found = list(results) if isinstance(results, Iterable) else [results]
    if any(not isinstance(one, xr.Dataset) or "xi_fmr" not in one.get("parameter", ()) for one in found) or not found:
        allowed = "results of st_fmr with magnetization, magnet_thickness and layer_thickness"
        raise MeasurementError(field="results", got=[_name(one) for one in found], allowed=allowed)
    check_rows(len(found), 2, ("xi_DL", "xi_FL"))
    sides = {str(one.attrs["metal"]) for one in found}
    if len(sides) > 1:
        raise MeasurementError(field="metal", got=sorted(sides), allowed="the same side of the magnet in all results")
    t = np.array([float(one.attrs["magnet_thickness"]) for one in found])
    if t.max() < _SPAN * t.min():
        raise MeasurementError(
            field="magnet_thickness", unit="m", got=sorted(t.tolist()),
            allowed=f"thicknesses of which the largest is {_SPAN:g} times the smallest or more",
        )  # fmt: skip
    Ms, d = (np.array([float(one.attrs[n]) for one in found]) for n in ("magnetization", "layer_thickness"))
    x = HBAR / (CHARGE * MU0 * Ms * t * d)
    xi, error = (np.array([float(one[n].sel(parameter="xi_fmr")) for one in found]) for n in ("value", "error"))
    if np.any(np.abs(xi) < 3 * error):
        why = "which is no more than three errors, so that its inverse says nothing"
        raise MeasurementError(why, field="xi_fmr", got=float(xi[np.argmin(np.abs(xi) / error)]))
    y, sigma = 1 / xi, error / xi**2
    design = np.stack([np.ones(x.size), x], axis=1)
    K = pseudo_inverse(factored(design / sigma[:, None]))
    c = K @ (y / sigma)
    freedom = x.size - 2
    square = float(np.sum(((y - design @ c) / sigma) ** 2))
    factor = justified(square / freedom, freedom)
    C = K @ K.T * factor
    side = 1.0 if sides == {"below"} else -1.0
    xi_DL, xi_FL = 1 / c[0], side * c[1] / c[0]
    J = np.array([[-1 / c[0] ** 2, 0.0], [-side * c[1] / c[0] ** 2, side / c[0]], [1.0, 0.0], [0.0, 1.0]])
    whole = propagated(J, C)
    errors = np.sqrt(np.diag(whole))
    dof = np.inf if factor == 1.0 else float(freedom)
    words = {
        "xi_DL": "damping-like efficiency per current density", "xi_FL": "field-like efficiency per current density",
        "intercept": "1/xi_fmr of a thick magnet", "slope": "1/xi_fmr against hbar/(e mu0 M_s t d)",
    }  # fmt: skip
    values = (xi_DL, xi_FL, *c)
    numbers = {
        n: Found(float(v), float(e), "1", w, dof) for (n, w), v, e in zip(words.items(), values, errors, strict=True)
    }
    curves: dict[str, Any] = {
        "magnet_thickness": ("film", t, {"units": "m", "long_name": "thickness of the magnet"}),
        "inverse": ("film", y, {"units": "1", "long_name": "1/xi_fmr"}),
        "inverse_error": ("film", sigma, {"units": "1"}),
        "inverse_fitted": ("film", design @ c, {"units": "1"}),
        "places": ("film", x, {"units": "1", "long_name": "hbar/(e mu0 M_s t d)"}),
    }
    return report(found[0], numbers, whole, curves=curves, reduced_chi2=square / freedom, metal=next(iter(sides)))


def _name(one: Any) -> str:
    return str(one.attrs.get("analysis", "no result")) if isinstance(one, xr.Dataset) else str(one)
