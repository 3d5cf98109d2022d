"""Readings of one row seen from another: linear interpolation as row numbers and weights, so that errors follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interpolation:
    """For every target: two source rows, the weight of the second, and whether the source covers the target."""

    first: np.ndarray
    second: np.ndarray
    weight: np.ndarray
    found: np.ndarray

    @classmethod
    def nowhere(cls, targets: int) -> Interpolation:
        """No target is covered."""
        zero = np.zeros(targets, dtype=int)
        return cls(zero, zero, np.zeros(targets), np.zeros(targets, dtype=bool))

    def at(self, values: np.ndarray) -> np.ndarray:
        """Source values (rows,) at the targets."""
        return (1 - self.weight) * values[self.first] + self.weight * values[self.second]

    def variance(self, variances: np.ndarray) -> np.ndarray:
        """Variances at the targets from independent ones (rows,) of the source."""
        same = self.first == self.second
        out = (1 - self.weight) ** 2 * variances[self.first] + self.weight**2 * variances[self.second]
        return np.where(same, variances[self.first], out)

    def on_itself(self) -> np.ndarray:
        """Weight that each target has on the source row of its own number."""
        own = np.arange(self.first.size)
        return (1 - self.weight) * (self.first == own) + self.weight * (self.second == own)

    def back(self, values: np.ndarray, rows: int) -> np.ndarray:
        """Transpose: what each source row gets of values (targets,)."""
        out = np.bincount(self.first, (1 - self.weight) * values, rows)
        return out + np.bincount(self.second, self.weight * values, rows)

    def rows(self, keep: np.ndarray) -> Interpolation:
        """Some of the targets."""
        return Interpolation(self.first[keep], self.second[keep], self.weight[keep], self.found[keep])

    def shared(self) -> float:
        """Mean product of the weights that neighbouring targets have on the same source rows."""
        total = 0.0
        for i, u in ((self.first, 1 - self.weight), (self.second, self.weight)):
            for j, v in ((self.first, 1 - self.weight), (self.second, self.weight)):
                total += float(np.mean((i[:-1] == j[1:]) * u[:-1] * v[1:])) if len(i) > 1 else 0.0
        return total


def interpolation(
    targets: np.ndarray, source: np.ndarray, rows: np.ndarray | None = None, period: float | None = None
) -> Interpolation:
    """How `source` (at the given rows of it) tells the targets.

    Ends may be passed by half a typical distance of points. With a period the source goes round; a target is then found
    where the gap around it is at most four typical distances.
    """
    rows = np.arange(source.size) if rows is None else rows
    x = source[rows] if period is None else np.mod(source[rows], period)
    wanted = targets if period is None else np.mod(targets, period)
    order = np.argsort(x, kind="stable")
    x, rows = x[order], rows[order]
    if x.size < 2:
        # one row tells only its own place
        here = (
            np.abs(wanted - x[0]) <= 1e-9 * max(1.0, abs(float(x[0]))) if x.size else np.zeros(wanted.size, dtype=bool)
        )
        lone = np.full(wanted.size, rows[0] if x.size else 0)
        return Interpolation(lone, lone, np.zeros(wanted.size), here)
    # not the median: turns that follow each other put points side by side
    gaps = np.diff(x)
    typical = float(np.quantile(gaps[gaps > 0], 0.9)) if np.any(gaps > 0) else 0.0
    if period is not None:
        x = np.concatenate([[x[-1] - period], x, [x[0] + period]])
        rows = np.concatenate([rows[-1:], rows, rows[:1]])
    right = np.clip(np.searchsorted(x, wanted, side="left"), 1, x.size - 1)
    left = right - 1
    gap = x[right] - x[left]
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(gap > 0, (wanted - x[left]) / np.where(gap > 0, gap, 1.0), 0.0)
    # rounding of a field or angle must not mix in a neighbour
    weight = np.where(np.abs(weight - np.round(weight)) < 1e-9, np.round(weight), weight)
    if period is None:
        slack = 0.5 * typical
        found = (wanted >= x[0] - slack) & (wanted <= x[-1] + slack) & (np.abs(weight - 0.5) <= 1.0)
    else:
        found = gap <= 4.0 * typical + 1e-9 * period
    return Interpolation(rows[left], rows[right], weight, found)
