"""Columns of the linear model of a scan: harmonics of its angle, drift in its time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from spinstack.measure.checks import whole
from spinstack.measure.measurement import MeasurementError


def check_orders(orders: Any, field: str = "orders") -> tuple[int, ...]:
    """Orders of harmonics as different, growing whole numbers from 1."""
    allowed = "different whole numbers from 1, such as (1, 2, 4)"
    if isinstance(orders, str) or not isinstance(orders, Iterable):
        raise MeasurementError(field=field, got=orders, allowed=allowed)
    found = sorted(whole(n, field, low=1) for n in orders)
    if len(set(found)) < len(found):
        raise MeasurementError(field=field, got=orders, allowed=allowed)
    return tuple(found)


def harmonic_columns(angle: np.ndarray, orders: Sequence[int]) -> np.ndarray:
    """Columns cos(n angle), sin(n angle) for every order, (rows, 2 orders); angle in deg."""
    phase = np.deg2rad(angle)
    columns = [f(n * phase) for n in orders for f in (np.cos, np.sin)]
    return np.column_stack(columns) if columns else np.zeros((len(angle), 0))


def scaled(values: np.ndarray) -> np.ndarray:
    """Values, such as times, scaled to -1 to 1; zero where they do not change."""
    low, high = float(values.min()), float(values.max())
    return (2 * values - low - high) / (high - low) if high > low else np.zeros(len(values))


def drift_columns(time: np.ndarray, degree: int) -> np.ndarray:
    """Legendre polynomials 1 to `degree` of the scaled time: without mean over an evenly measured scan."""
    from numpy.polynomial.legendre import legvander

    return legvander(time, degree)[:, 1:]
