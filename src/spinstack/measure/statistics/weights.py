"""Weights of rows from their standard errors."""

from __future__ import annotations

import numpy as np

from spinstack.measure.measurement import MeasurementError


def weights(errors: np.ndarray | None, rows: int, field: str) -> np.ndarray:
    """1/error (rows,); ones where there are no errors. Raises :class:`MeasurementError` for errors of zero or less.

    `field` names the errors there.
    """
    if errors is None:
        return np.ones(rows)
    if np.any(errors <= 0):
        why, least = "which would weigh infinitely much", float(np.min(errors))
        raise MeasurementError(why, field=field, got=least, allowed="positive standard errors")
    return 1.0 / errors


def relative(errors: np.ndarray | None, rows: int) -> np.ndarray:
    """Standard errors (rows,) over their root mean square; ones where there are none."""
    return np.ones(rows) if errors is None else errors / np.sqrt(np.mean(errors**2))
