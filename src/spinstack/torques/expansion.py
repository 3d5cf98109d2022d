"""The expansion of spin-orbit torques of an isotropic film in powers of m (Amin, Haney, Stiles, Eq. 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.stack.batches import together
from spinstack.text import arrays
from spinstack.text.checks import whole
from spinstack.torques.least_squares import rows_of, solve
from spinstack.torques.symmetry import LARGEST_DEGREE

if TYPE_CHECKING:
    import xarray

#: the four vector functions of Eq. 6, by name: symbol of the coefficient, formula
TERMS = {
    "field_like": ("a", "p x m"),
    "damping_like": ("b", "m x (p x m)"),
    "field_like_z": ("c", "(m.E) z x m"),
    "damping_like_z": ("d", "(m.E) m x (z x m)"),
}


def expansion_basis(m: Any, order: int = 0, *, E: Any = (1.0, 0.0)) -> np.ndarray:
    """The vector functions of Eq. 6 with ``p = z x E`` and E a unit vector, each times ``m_z^(2l)``, l = 0 ... order.

    Args:
        m: directions (..., 3), brought to unit length.
        order: highest l.
        E: in-plane field (..., 2), brought to unit length (Eq. 6 prints ``m.E``, which is dimensionless only so).

    Returns:
        (..., 4, order + 1, 3): term in the order of :data:`TERMS`, power l, component.

    Raises:
        ParameterError: zero-length vectors, an order that is not a whole number of at least 0.

    Source: V. P. Amin, P. M. Haney, M. D. Stiles, J. Appl. Phys. 128, 151101 (2020), Eq. 6.
    """
    order = whole(order, "order", low=0, high=LARGEST_DEGREE)
    m, field = arrays.directions(m, "m", (..., 3)), arrays.directions(E, "E", (..., 2))
    batch = together({"m": m.shape[:-1], "E": field.shape[:-1]})
    m = np.broadcast_to(m, (*batch, 3))
    e = np.concatenate([np.broadcast_to(field, (*batch, 2)), np.zeros((*batch, 1))], -1)
    z = np.broadcast_to([0.0, 0.0, 1.0], m.shape)
    along = np.sum(m * e, -1, keepdims=True)
    field_like, z_like = np.cross(np.cross(z, e), m), along * np.cross(z, m)
    vectors = np.stack([field_like, np.cross(m, field_like), z_like, np.cross(m, z_like)], -2)
    powers = m[..., 2, None] ** (2 * np.arange(order + 1))
    return vectors[..., :, None, :] * powers[..., None, :, None]


def fit_expansion(data: xarray.Dataset, order: int = 1, uncertainty: Any = None, weights: Any = None) -> xarray.Dataset:
    """Least-squares coefficients a_l, b_l, c_l, d_l of Eq. 6 for a torque map.

    The functions are not orthogonal: what a coefficient is depends on `order`. :func:`fit_harmonics` with
    ``lmax = 2 order + 2`` spans the same fields with functions that are.

    Args:
        data: from :func:`torque_map` or :func:`torque_data`; several fields may be joined.
        order: highest power l of m_z^2; 4 (order + 1) coefficients.
        uncertainty: standard deviation [N/V] of each torque component, one number or one a direction; default: equal
            and unknown, estimated from the residual.
        weights: factors of the squares, one a direction, for example ``data["weight"]``; default 1.

    Returns:
        Dataset over `term` (index ``name:l``): coefficient and standard_error [N/V], coordinates name, symbol, formula,
        power; covariance (term, term_2); residual (direction, component) [N/V]; attributes rank, condition_number,
        degrees_of_freedom, relative_residual, residual_rms, radial_rms (part of the data along m), and chi_squared if
        an uncertainty was given.

    Raises:
        ParameterError: NaN, zero-length m, too few directions, directions that leave terms undetermined.
    """
    import xarray

    rows = rows_of(data)
    basis = expansion_basis(rows.m, order, E=rows.E).reshape(len(rows.m), -1, 3)
    names = [(name, power) for name in TERMS for power in range(order + 1)]
    labels = [f"{name}:{power}" for name, power in names]
    variables, attrs = solve(data, basis, labels, uncertainty, weights)
    return xarray.Dataset(
        variables,
        coords={
            "term": labels,
            "term_2": labels,
            "name": ("term", [n for n, _ in names]),
            "symbol": ("term", [f"{TERMS[n][0]}_{power}" for n, power in names]),
            "formula": ("term", [TERMS[n][1] for n, _ in names]),
            "power": ("term", [power for _, power in names]),
            "component": list("xyz"),
        },
        attrs=attrs | {"basis": "expansion", "order": int(order)},
    )


def evaluate_expansion(fit: xarray.Dataset, m: Any, *, E: Any = (1.0, 0.0)) -> np.ndarray:
    """Torque (..., 3) [N/V] of a result of :func:`fit_expansion` at directions m (..., 3) and field E (..., 2)."""
    basis = expansion_basis(m, int(fit.attrs["order"]), E=E)
    return np.einsum("tl,...tlc->...c", fit["coefficient"].values.reshape(len(TERMS), -1), basis)
