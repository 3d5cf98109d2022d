"""Whether damping-like torque and thermal voltages, which have the same angle, are told apart by their fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.linear import least_squares

#: how much of a column has to be its own: beside columns that are alike to more than this, small effects that no model
#: has are taken for signal many times over
ALIKE = 0.02


def apart(J: np.ndarray, signal: int, others: Sequence[int], names: Sequence[str], field: np.ndarray) -> None:
    """Refuse a fit whose column `signal` is made up of the columns `others`, but for a small part."""
    column, rest = J[:, signal], J[:, list(others)]
    if not others:
        return
    own = column - rest @ least_squares(rest, column)
    part = float(np.linalg.norm(own) / np.linalg.norm(column))
    if part < ALIKE:
        low, high = float(field.min()), float(field.max())
        words = " and ".join({"thermal": "a thermal voltage", "nernst": "a Nernst voltage"}[n] for n in names)
        why = (
            f"over which the damping-like torque goes as {words}, but for {part:.2%} of it (correlation "
            f"{np.sqrt(1 - part**2):.5f}): they cannot be told apart"
        )
        remedy = "Measure up to fields of the size of mu0 M_eff and more"
        remedy += ", or say nernst = false if there is none." if "nernst" in names else "."
        raise MeasurementError(
            why, field="field", unit="T", got=(round(low, 6), round(high, 6)),
            allowed=f"at least {ALIKE:.0%} of its own", remedy=remedy,
        )  # fmt: skip


def told_apart(covariance: np.ndarray, signal: int, others: Sequence[int]) -> dict[str, float]:
    """How far the error of the signal is that of the others: inflation, and the correlation with the first of them."""
    if not others:
        return {}
    C = covariance
    within = C[signal, others] @ np.linalg.solve(C[np.ix_(others, others)], C[others, signal])
    left = max(float(C[signal, signal] - within), 1e-300)
    first = others[0]
    correlation = float(C[signal, first] / np.sqrt(C[signal, signal] * C[first, first]))
    return {"inflation": float(np.sqrt(C[signal, signal] / left)), "thermal_correlation": correlation}
