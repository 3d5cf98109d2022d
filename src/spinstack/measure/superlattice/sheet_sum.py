"""Sheet conductances of parallel layers add: the linear least squares that both transport analyses share.

With Y = G_xx - i G_xy = 1/(R_xx + i R_xy) every film is Y = sum of (thickness times layer conductivity). The errors
of R_xx and R_xy make a 2x2 covariance of (G_xx, G_xy) for each film, taken at the fitted film and not at the measured
one, which would favour the films that happened to read too resistive.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import Estimate
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.superlattice.samples import Superlattice

_ROUNDS = 8  # reweighting converges in two or three


@dataclass(frozen=True)
class SheetEstimate(Estimate):
    """Fitted layer conductivities (all xx, then all xy), and what the fit says of the films.

    `fitted` (film, 1 or 2) are G_xx and, with Hall data, G_xy, in S; `standardized` is the residual over its error.
    """

    fitted: np.ndarray = field(default_factory=lambda: np.zeros(0))
    standardized: np.ndarray = field(default_factory=lambda: np.zeros(0))


def design(samples: list[Superlattice], interface: bool) -> np.ndarray:
    """(film, layer): conducting thicknesses of A and B in m, and the number of interfaces where asked for."""
    rows = [(*s.conducting_thickness(), *([float(s.interfaces)] if interface else [])) for s in samples]
    return np.asarray(rows, dtype=float)


def fit_sheets(
    lengths: np.ndarray, sheet: np.ndarray, errors: np.ndarray | None, names: tuple[str, ...]
) -> SheetEstimate:
    """Least squares of `sheet` (film, 1 or 2: R_xx and R_xy in Ohm) with standard `errors` of the same shape.

    Without errors all R_xx have one unknown relative error, which the scatter gives (only without Hall data).
    """
    films, layers = lengths.shape
    parts = sheet.shape[1]
    scale = np.linalg.norm(lengths, axis=0)
    relative = lengths / np.where(scale > 0, scale, 1)
    relative = relative / np.linalg.norm(relative, axis=1, keepdims=True)
    if np.linalg.matrix_rank(relative, tol=1e-6) < layers:
        why = f"{films} superlattices do not tell {', '.join(names)} apart: too few different ratios of thicknesses"
        remedy = "Add one with another ratio, or mark in `conducting` which sublayer insulates."
        raise MeasurementError(why, field="samples", remedy=remedy)
    measured = _admittance(sheet)
    by_layer = np.kron(lengths, np.eye(parts)).reshape(films * parts, layers, parts)
    matrix = np.moveaxis(by_layer, 2, 1).reshape(films * parts, parts * layers)  # columns: all xx, then all xy
    at, values = sheet, np.zeros(parts * layers)
    for _ in range(_ROUNDS):
        spread = at[:, :1] if errors is None else errors
        root = _whitening(at, spread)
        white = np.einsum("fij,fjk->fik", root, matrix.reshape(films, parts, -1)).reshape(films * parts, -1)
        target = np.einsum("fij,fj->fi", root, measured).ravel()
        inverse = pseudo_inverse(factored(white))
        values = inverse @ target
        fitted = (matrix @ values).reshape(films, parts)
        if (fitted[:, 0] <= 0).any():
            break  # films of negative conductance have no resistance to weigh with
        at = _admittance(fitted, inverse=True)
    standardized = target - white @ values
    covariance = inverse @ inverse.T
    left = films * parts - parts * layers
    square = float(standardized @ standardized)
    if errors is None:
        # the scatter is all that is known of the error: nothing where nothing is left over
        variance = square / left if left else np.nan
        covariance = covariance * variance
        standardized = standardized / np.sqrt(variance) if left and variance > 0 else standardized
    return SheetEstimate(
        values,
        covariance,
        (measured - fitted).ravel(),
        square,
        left,
        np.inf if errors is not None else left,
        fitted=fitted,
        standardized=standardized.reshape(films, parts),
    )


def _admittance(tensor: np.ndarray, inverse: bool = False) -> np.ndarray:
    """(G_xx, G_xy) of (R_xx, R_xy) and back: 1/(R_xx + i R_xy) = G_xx - i G_xy."""
    if tensor.shape[1] == 1:
        return np.asarray(1 / tensor)
    out = 1 / (tensor[:, 0] + (-1j if inverse else 1j) * tensor[:, 1])
    return np.stack([out.real, out.imag if inverse else -out.imag], axis=1)


def _whitening(sheet: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """(film, i, j): what makes (G_xx, G_xy) of each film unit-variance: diag(1/error) times dR/dG."""
    if sheet.shape[1] == 1:
        return np.asarray((sheet**2 / errors)[:, :, None])
    # Z = 1/Y, Y = G_xx - i G_xy: dZ = -Z^2 (dG_xx - i dG_xy)
    square = (sheet[:, 0] + 1j * sheet[:, 1]) ** 2
    slope = np.empty((len(sheet), 2, 2))
    slope[:, 0, 0], slope[:, 0, 1] = -square.real, -square.imag
    slope[:, 1, 0], slope[:, 1, 1] = -square.imag, square.real
    return np.asarray(slope / errors[:, :, None])
