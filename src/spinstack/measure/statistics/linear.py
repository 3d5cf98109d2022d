"""Linear least squares: a design matrix taken apart once by the singular values of its columns scaled to length one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Factors(NamedTuple):
    """A design (rows, p) as U diag(S) Vt diag(scale).

    Attributes:
        length: (p,), of the columns of the design.
        scale: (p,), what they are divided by first, as a rule their length.
        U: (rows, p), left singular vectors.
        S: (p,), singular values.
        Vt: (p, p), right singular vectors.
    """

    length: np.ndarray
    scale: np.ndarray
    U: np.ndarray
    S: np.ndarray
    Vt: np.ndarray


def factored(design: np.ndarray, floor: float = 0.0) -> Factors:
    """The factors of a design (rows, p).

    Columns shorter than `floor` times the longest are scaled as it is: what is rounding noise must not be scaled up
    to look like information.
    """
    length = np.linalg.norm(design, axis=0)
    longest = float(length.max(initial=0.0)) or 1.0
    scale = np.where(length > floor * longest, length, longest)
    return Factors(length, scale, *np.linalg.svd(design / scale, full_matrices=False))


def pseudo_inverse(factors: Factors) -> np.ndarray:
    """(p, rows): what makes the least-squares values from the readings; K K^T is their covariance for white noise."""
    seen = slice(rank(factors))
    return np.asarray((factors.Vt[seen].T / factors.S[seen]) @ factors.U[:, seen].T / factors.scale[:, None])


def rank(factors: Factors) -> int:
    """How many combinations of columns are more than rounding."""
    return int(np.sum(len(factors.U) * np.finfo(float).eps * factors.S[0] < factors.S))


def idle(factors: Factors, names: Sequence[str], below: float) -> list[str]:
    """Names of columns shorter than `below` times the longest: the readings do not depend on them."""
    short = ~(factors.length > below * factors.length.max(initial=0.0))
    return [name for name, is_short in zip(names, short, strict=True) if is_short]


def mixed(factors: Factors, names: Sequence[str], below: float, share: float = 1e-3) -> list[str]:
    """Names of columns that the rows cannot tell apart.

    Those with more than `share` in a singular vector whose value is at most `below` times the largest.
    """
    lost = below * factors.S[0] >= factors.S
    most = np.abs(factors.Vt[lost]).max(axis=0, initial=0.0)
    return [name for name, part in zip(names, most, strict=True) if part > share]


def least_squares(design: np.ndarray, target: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Values (p,) for which the squares of weight (target - design values) add up to least."""
    w = np.ones(len(target)) if weight is None else weight
    return np.asarray(pseudo_inverse(factored(design * w[:, None])) @ (target * w))


def least_absolute(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Values (p,) close to the least sum of absolute differences, by reweighting: few readings far off count little."""
    values = least_squares(design, target)
    for _ in range(15):
        rest = np.abs(target - design @ values)
        weight = 1 / np.sqrt(np.maximum(rest, 1e-3 * max(float(np.median(rest)), 1e-300)))
        values = least_squares(design, target, weight)
    return values
