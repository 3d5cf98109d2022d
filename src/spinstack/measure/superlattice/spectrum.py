"""Integrals of an absorption edge as linear functions of the measured points, so that errors follow exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import positive
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.estimate import propagated
from spinstack.measure.statistics.linear import factored, least_squares, pseudo_inverse

Range = tuple[float, float]


class Spectrum:
    """Energies in eV, intensities and their covariance factor; everything asked of it is weights times intensities."""

    def __init__(self, data: xr.Dataset, reading: str, pre_edge: Range, label: str) -> None:
        (energy, value), error, _ = finite_rows(data, "energy", reading=reading)
        order = np.argsort(energy, kind="stable")
        self.label = label
        self.energy, self.value = energy[order], value[order]
        if (np.diff(self.energy) <= 0).any():
            remedy = "Average the repeats first."
            raise MeasurementError("some energies appear twice", where=label, field="energy", remedy=remedy)
        before = self.rows(pre_edge, "pre_edge")
        # the straight line before the edge, at all energies: design @ solve @ intensities
        self._design = np.stack([np.ones(self.energy.size), self.energy - self.energy[before].mean()], axis=1)
        if error is not None:
            self.error = error[order]
            self.noise_from = f"{reading}_error"
        else:
            line, value = self._design[before], self.value[before]
            rest = value - line @ least_squares(line, value)
            self.error = np.full(self.energy.size, np.sqrt(rest @ rest / (before.sum() - 2)))
            self.noise_from = f"scatter of {int(before.sum())} points before the edge"
        self._solve = np.zeros((2, self.energy.size))
        weight = 1 / self.error[before]
        self._solve[:, before] = pseudo_inverse(factored(self._design[before] * weight[:, None])) * weight

    def rows(self, window: Range, name: str) -> np.ndarray:
        """Which points lie in a range; all of a range that is integrated over has to be measured."""
        low, high = window
        inside = (self.energy >= low) & (self.energy <= high)
        if (
            not low < high
            or inside.sum() < 5
            or (name.startswith("window") and (low < self.energy[0] or high > self.energy[-1]))
        ):
            why = f"which holds {int(inside.sum())} points of {self.label}"
            allowed = f"a range with five or more, within {self.energy[0]:.6g} to {self.energy[-1]:.6g} eV"
            raise MeasurementError(why, field=name, unit="eV", got=window, allowed=allowed)
        return np.asarray(inside)

    @property
    def line(self) -> np.ndarray:
        """The straight line before the edge, at all energies."""
        return np.asarray(self._design @ self._solve @ self.value)

    def _above_line(self, weights: np.ndarray) -> np.ndarray:
        return np.asarray(weights - weights @ self._design @ self._solve)

    def height(self, post_edge: Range) -> np.ndarray:
        """Weights of the mean height behind the edge above the baseline."""
        after = self.rows(post_edge, "post_edge")
        return self._above_line(after / after.sum())

    def area(self, window: Range, name: str = "window") -> np.ndarray:
        """Weights of the integral over a range above the baseline, in eV: trapezoids, ends interpolated."""
        self.rows(window, name)
        grid = np.unique(np.r_[window, self.energy[(self.energy > window[0]) & (self.energy < window[1])]])
        steps = np.diff(grid)
        weights = np.zeros(self.energy.size)
        for at, part in zip(grid, (np.r_[steps, 0] + np.r_[0, steps]) / 2, strict=True):
            above = min(max(int(np.searchsorted(self.energy, at)), 1), self.energy.size - 1)
            share = (at - self.energy[above - 1]) / (self.energy[above] - self.energy[above - 1])
            weights[above - 1] += part * (1 - share)
            weights[above] += part * share
        return self._above_line(weights)

    def integrals(
        self,
        windows: Mapping[str, Range],
        post_edge: Range | None,
        steps: Mapping[Any, float] | None,
        step_width: float,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Integrals over windows and their covariance; with `post_edge` in units of the edge jump, less `steps`."""
        areas = np.stack([self.area(window, name) for name, window in windows.items()])
        if post_edge is None:
            return areas @ self.value, self.covariance(*areas)
        height = self.height(post_edge)
        jump = float(height @ self.value)
        if jump <= 3 * np.sqrt(self.covariance(height)[0, 0]):
            why = f"where {self.label} does not lie above the line before it"
            raise MeasurementError(why, field="post_edge", unit="eV", got=post_edge)
        whole = areas @ self.value
        continuum, seen = np.zeros(len(areas)), 1.0
        if steps is not None:
            # read in the same way as the spectrum: a step has a tail before the edge and is not complete behind it
            model = steps_at(self.energy, steps, step_width)
            continuum, seen = areas @ model, float(height @ model)
        slopes = seen / jump * np.hstack([np.eye(len(areas)), -whole[:, None] / jump])
        return whole * seen / jump - continuum, propagated(slopes, self.covariance(*areas, height))

    def covariance(self, *weights: np.ndarray) -> np.ndarray:
        """Covariance of what several weights give."""
        scaled = np.stack(weights) * self.error
        return np.asarray(scaled @ scaled.T)


def steps_at(energy: np.ndarray, steps: Mapping[Any, float], width: float) -> np.ndarray:
    """Arctan steps (energy -> relative height) of half width `width` in eV; their heights together are one."""
    total = sum(steps.values())
    positive(width, "step_width", unit="eV")
    if not total > 0:
        raise MeasurementError(field="steps", got=dict(steps), allowed="energy in eV -> height, above zero together")
    return np.asarray(
        sum(h / total * (0.5 + np.arctan((energy - float(at)) / width) / np.pi) for at, h in steps.items())
    )
