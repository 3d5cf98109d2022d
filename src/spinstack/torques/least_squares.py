"""Linear least squares for torques on the sphere, with honest errors and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.measure.statistics import linear
from spinstack.text import arrays
from spinstack.text.errors import ParameterError
from spinstack.torques.sphere import UNIT

if TYPE_CHECKING:
    import xarray

#: singular values below this part of the largest (columns scaled to one) count as zero
RANK_TOLERANCE = 1e-10


class Rows(NamedTuple):
    """What a fit reads: unit m (n, 3), unit E (n, 2), torque (n, 3) [N/V]."""

    m: np.ndarray
    E: np.ndarray
    torque: np.ndarray


def rows_of(data: xarray.Dataset) -> Rows:
    """The rows of a torque map; ParameterError for missing variables, NaN and zero vectors."""
    missing = [n for n in ("torque", "m", "E") if n not in getattr(data, "data_vars", {})]
    if missing:
        why, remedy = f"{', '.join(missing)} missing", "Give the Dataset of torque_map or torque_data."
        raise ParameterError(why, field="data", remedy=remedy)
    values = {n: data[n].transpose("direction", ...).values for n in ("torque", "m", "E")}
    return Rows(
        arrays.directions(values["m"], "m", (None, 3)),
        arrays.directions(values["E"], "E", (None, 2)),
        arrays.numbers(values["torque"], "torque", (None, 3)),
    )


def tangents(m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (..., 3) along growing polar angle and azimuth at m; at the poles those of azimuth 0."""
    z = np.clip(m[..., 2], -1, 1)
    phi = np.where(np.hypot(m[..., 0], m[..., 1]) > 0, np.arctan2(m[..., 1], m[..., 0]), 0.0)
    c, s, r = np.cos(phi), np.sin(phi), np.hypot(m[..., 0], m[..., 1])
    return np.stack([z * c, z * s, -r], -1), np.stack([-s, c, np.zeros_like(s)], -1)


def solve(
    data: xarray.Dataset, basis: np.ndarray, names: list[str], uncertainty: Any, weights: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Coefficients of `basis` (n, terms, 3) that come closest to the torques of `data`, as Dataset variables and attrs.

    The 2n tangential components are fitted; the part of the torque along m, which no tangent field can meet, is left
    in the residual and reported as `radial_rms`. With `uncertainty` s_i [N/V] (one number, or one a direction; of each
    component) the standard errors follow from it; without, all components have the same unknown error, estimated
    from the residual. `weights` multiply the squares (solid angles, for a projection) and enter the errors.
    """
    rows = rows_of(data)
    count, terms = len(rows.m), basis.shape[1]
    sigma = _per_direction(uncertainty, "uncertainty", count, positive=True)
    w = _per_direction(weights, "weights", count, positive=False)
    free = 2 * count - terms
    if free < 0 or (free == 0 and uncertainty is None):
        raise ParameterError(
            f"{count} directions, {2 * count} torque components, for {terms} terms",
            where="fit",
            field="data",
            allowed=f"at least {terms // 2 + 1} directions{'' if free else ', or an uncertainty'}, or fewer terms",
        )
    frame = np.stack(tangents(rows.m), -2)  # (n, 2, 3)
    A = np.einsum("nac,ntc->nat", frame, basis).reshape(2 * count, terms)
    y = np.einsum("nac,nc->na", frame, rows.torque).reshape(2 * count)
    s2, w2 = np.repeat(sigma, 2), np.repeat(w, 2)
    A_noise, y_noise = A / s2[:, None], y / s2
    root = np.sqrt(w2)
    factors = linear.factored(A_noise * root[:, None], RANK_TOLERANCE)
    rank = int(np.sum(RANK_TOLERANCE * factors.S[0] < factors.S))
    if rank < terms:
        mixed = linear.mixed(factors, names, RANK_TOLERANCE)
        raise ParameterError(
            f"{count} directions, which fix only {rank} of {terms} terms; they cannot tell apart "
            f"{'; '.join(mixed[:8])}{' ...' if len(mixed) > 8 else ''}",
            where="fit",
            field="data",
            remedy="Add directions of m (or E) or fit fewer terms.",
        )
    # covariance of c for unit noise of the scaled rows, weights not being those of the noise
    K = linear.pseudo_inverse(factors) * root
    c = K @ y_noise
    residual_noise = y_noise - A_noise @ c
    covariance = K @ K.T
    if uncertainty is None:
        # expected square of the residual per unit variance: trace of (1 - A K)(1 - A K)^T
        effective = 2 * count - 2 * terms + float(np.sum((A_noise.T @ A_noise) * covariance))
        covariance = covariance * float(residual_noise @ residual_noise) / effective
    residual = rows.torque - np.einsum("t,ntc->nc", c, basis)
    radial = np.einsum("nc,nc->n", rows.torque, rows.m)
    power, missed = float(np.sum(w2 * y**2)), float(np.sum(w2 * (y - A @ c) ** 2))
    variables = {
        "coefficient": ("term", c, {"units": UNIT}),
        "standard_error": ("term", np.sqrt(np.diag(covariance)), {"units": UNIT}),
        "covariance": (("term", "term_2"), covariance, {"units": f"({UNIT})^2"}),
        "residual": (("direction", "component"), residual, {"units": UNIT}),
    }
    attrs = {
        "rank": rank,
        "condition_number": float(factors.S[0] / factors.S[-1]),
        "degrees_of_freedom": free,
        "relative_residual": float(np.sqrt(missed / power)) if power > 0 else 0.0,
        "residual_rms": float(np.sqrt(np.mean((y - A @ c) ** 2))),
        "radial_rms": float(np.sqrt(np.mean(radial**2))),
    }
    if uncertainty is not None:
        attrs["chi_squared"] = float(residual_noise @ residual_noise)
    return variables, attrs


def _per_direction(value: Any, name: str, count: int, positive: bool) -> np.ndarray:
    if value is None:
        return np.ones(count)
    array = arrays.numbers(value, name, (), (count,), low=0, open_low=positive)
    if not array.any():
        raise ParameterError("which are all zero", field=name, got=value, allowed="numbers of at least 0, not all zero")
    return np.broadcast_to(array, (count,)).copy()
