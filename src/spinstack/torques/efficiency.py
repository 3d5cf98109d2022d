"""Damping-like and field-like efficiencies and effective fields, in the conventions of the spin-torque literature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.torques import PER_SPIN_CURRENT
from spinstack.text import arrays
from spinstack.text.errors import ParameterError
from spinstack.torques.harmonics import symmetry_of
from spinstack.torques.least_squares import rows_of
from spinstack.torques.symmetry import ISOTROPIC

if TYPE_CHECKING:
    import xarray

#: conductivity per torkance: (2e/hbar) in S/m per N/V
PER_TORQUE = 1 / PER_SPIN_CURRENT


def amplitudes(fit: xarray.Dataset, *, E: Any = (1.0, 0.0)) -> dict[str, tuple[float, float]]:
    """Size and standard error [N/V] of ``m x (p x m)`` (damping_like) and ``p x m`` (field_like) in a fit, p = z x E.

    From :func:`fit_harmonics` they are the degree-1 amplitudes, projections over the whole sphere that no truncation
    changes; from :func:`fit_expansion` the coefficients b_0 and a_0, which hold near m_z = 0 and depend on `order`.

    Raises:
        ParameterError: a fit whose symmetry is neither isotropic nor None.
    """
    _require(fit, "fit", ("coefficient", "covariance"), "fit_harmonics or fit_expansion")
    value, covariance = fit["coefficient"].values, fit["covariance"].values
    labels = [str(t) for t in fit["term"].values]
    if fit.attrs.get("basis") == "expansion":
        rows = {"damping_like": {"damping_like:0": 1.0}, "field_like": {"field_like:0": 1.0}}
    else:
        symmetry = symmetry_of(fit)
        size = np.sqrt(3 / (8 * np.pi))  # a unit vector's field m x (v x m) is sqrt(8 pi/3) times the harmonic
        if symmetry is None:
            ex, ey = arrays.directions(E, "E", (2,))
            parts = {"cos 1 phi": -ey * size, "sin 1 phi": ex * size}
        elif symmetry.fold == ISOTROPIC.fold:
            parts = {"sin (1 phi - phi_E)": size}
        else:
            why = f"whose symmetry is {symmetry}"
            raise ParameterError(why, field="fit", allowed="a fit with symmetry ISOTROPIC, or None at one field")
        # p x m is minus the curl field of p
        rows = {
            "damping_like": {f"gradient l=1 {k}": v for k, v in parts.items()},
            "field_like": {f"curl l=1 {k}": -v for k, v in parts.items()},
        }
    out = {}
    for name, combination in rows.items():
        w = np.zeros(len(labels))
        for label, factor in combination.items():
            w[labels.index(label)] = factor
        out[name] = (float(w @ value), float(np.sqrt(max(w @ covariance @ w, 0.0))))
    return out


def efficiencies(fit: xarray.Dataset, conductivity: float | None = None, *, E: Any = (1.0, 0.0)) -> xarray.Dataset:
    """Spin-torque efficiencies of a fitted torque map.

    ``T = (hbar/2e) |E| [xi_DL^E m x (p x m) + xi_FL^E p x m] + ...`` with ``p = z x E/|E|``, T the torque per area in
    ``dm/dt = -gamma T/(M_s t)``. So a spin current polarised along p that is all absorbed gives xi_DL > 0: a positive
    spin Hall angle below the magnet, or a negative one above it. ``xi^j = xi^E/sigma``.

    Args:
        fit: from :func:`fit_harmonics` or :func:`fit_expansion`; what it takes for "the" damping-like part is said in
            :func:`amplitudes`.
        conductivity: sigma [S/m] of the layer whose current density j = sigma E the efficiency refers to, or
            the film's average.
        E: direction of the field, needed for fits with symmetry None.

    Returns:
        Dataset over `torque` (damping_like, field_like): torkance [N/V], per_field [S/m] and, with a conductivity,
        per_current_density [1], each with its standard error.

    Raises:
        ParameterError: a conductivity that is not positive.
    """
    import xarray

    found = amplitudes(fit, E=E)
    value, error = np.array(list(found.values())).T
    dim = "torque"
    data: dict[str, Any] = {
        "torkance": (dim, value, {"units": "N/V"}),
        "torkance_error": (dim, error, {"units": "N/V"}),
        "per_field": (dim, PER_TORQUE * value, {"units": "S/m", "long_name": "efficiency per field"}),
        "per_field_error": (dim, PER_TORQUE * error, {"units": "S/m"}),
    }
    if conductivity is not None:
        sigma = _positive(conductivity, "conductivity", "S/m")
        words = {"units": "1", "long_name": "efficiency per current density"}
        data["per_current_density"] = (dim, PER_TORQUE * value / sigma, words)
        data["per_current_density_error"] = (dim, PER_TORQUE * error / sigma, {"units": "1"})
    return xarray.Dataset(data, coords={dim: list(found)})


def effective_fields(
    efficiency: xarray.Dataset, magnetization: float, thickness: float, field: float = 1.0
) -> xarray.Dataset:
    """Effective magnetic fields ``B = B_FL p + B_DL m x p`` of the two torques, ``T = M_s t m x B``.

    Their signs are opposite to those of the efficiencies.

    Args:
        efficiency: from :func:`efficiencies`.
        magnetization: M_s [A/m].
        thickness: of the magnet [m].
        field: electric field [V/m].

    Returns:
        Dataset over `torque`: effective_field [T] with its standard error.
    """
    _require(efficiency, "efficiency", ("torkance", "torkance_error"), "efficiencies")
    moment = _positive(magnetization, "magnetization", "A/m") * _positive(thickness, "thickness", "m")
    factor = float(arrays.numbers(field, "field", (), unit="V/m")) / moment
    result = efficiency[["torkance", "torkance_error"]] * factor
    result = result.rename(torkance="effective_field", torkance_error="effective_field_error")
    result["effective_field"] = -result["effective_field"]
    for variable in result.data_vars.values():
        variable.attrs["units"] = "T"
    return result


def local_components(data: xarray.Dataset) -> xarray.Dataset:
    """The functions c_D(m), c_F(m) of Eqs. 4-5: the torque at each m in its damping-like and field-like directions.

    ``T = c_D m x (p x m) + c_F p x m``; NaN where m is along p and both directions vanish.

    Returns:
        Dataset over `direction`: damping_like, field_like [N/V].
    """
    import xarray

    rows = rows_of(data)
    p = np.stack([-rows.E[:, 1], rows.E[:, 0], np.zeros(len(rows.E))], -1)
    field_like = np.cross(p, rows.m)
    square = np.sum(field_like**2, -1)
    square = np.where(square > 1e-24, square, np.nan)
    values = {"damping_like": np.cross(rows.m, field_like), "field_like": field_like}
    return xarray.Dataset(
        {n: ("direction", np.sum(rows.torque * v, -1) / square, {"units": "N/V"}) for n, v in values.items()}
    )


def _require(data: Any, field: str, names: Sequence[str], made_by: str) -> None:
    """Refuse what is not the Dataset that another function gives."""
    if missing := [name for name in names if name not in getattr(data, "data_vars", {})]:
        raise ParameterError(f"{', '.join(missing)} missing", field=field, remedy=f"Give the Dataset of {made_by}.")


def _positive(value: Any, field: str, unit: str) -> float:
    return float(arrays.numbers(value, field, (), low=0, open_low=True, unit=unit))
