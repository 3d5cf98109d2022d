"""Numbers measured on a sample, their covariance, and the observable that gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.arrays import read


@dataclass(frozen=True, eq=False)
class Data:
    """Numbers measured on one sample, and the observable that gives them.

    Args:
        sample: name of the sample.
        observable: one of this package's that has derivatives, such as spinstack.magnetoresistance.
        values: (outputs,), in SI units, in the order of the observable's values; NaN for what was not measured.
        errors: standard errors (outputs,), or a covariance (outputs, outputs); any number beside NaN.
        arguments: of the observable, by name.
        variables: of an observable that gives several, those that were measured.
        systematic: relative error that all of these values have in common, such as that of the size of a bar.
        name: what results call them.
        weight: chi-square of these data counts so many times; errors of parameters then are those of as many such data.
        meter: what the meter adds to the values, by name: the change (outputs,), or of all alike, for one standard
            deviation, such as {"offset": 0.01} or {"misalignment": 0.02 * R_xy}. It is integrated out.
    """

    sample: str
    observable: Callable[..., Any]
    values: Any
    errors: Any
    arguments: Mapping[str, Any] = field(default_factory=dict)
    variables: str | Sequence[str] | None = None
    systematic: float = 0.0
    name: str = ""
    weight: float = 1.0
    meter: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What messages and results call them."""
        return self.name or f"{self.sample} {getattr(self.observable, '__name__', 'data')}"

    @cached_property
    def given(self) -> np.ndarray:
        """The values (outputs,) with NaN where nothing was measured."""
        array = _numbers(self.values, "values", self.label, (1,))
        if np.isinf(array).any() or np.isnan(array).all():
            allowed = "finite numbers, NaN for what was not measured"
            raise ParameterError(where=self.label, field="values", got=self.values, allowed=allowed)
        return array

    @cached_property
    def rows(self) -> np.ndarray:
        """Which of the outputs were measured."""
        return np.flatnonzero(np.isfinite(self.given))

    @cached_property
    def measured(self) -> np.ndarray:
        """The values that were measured (rows,)."""
        return np.asarray(self.given[self.rows])

    @cached_property
    def scale(self) -> float:
        """The relative error that all values have in common, checked."""
        return checks.number(self.systematic, "systematic", low=0, where=self.label)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Of what was measured (rows, rows), with all that the values have in common."""
        common = self.scale * self.measured
        return self._own + np.outer(common, common)

    @cached_property
    def _own(self) -> np.ndarray:
        """The covariance without the systematic error."""
        count = self.given.size
        errors = _numbers(self.errors, "errors", self.label, (1, 2))
        if errors.shape not in ((count,), (count, count)):
            allowed = f"{count} standard errors or a covariance ({count}, {count})"
            raise ParameterError(f"of shape {errors.shape}", where=self.label, field="errors", allowed=allowed)
        errors = errors[self.rows] if errors.ndim == 1 else errors[np.ix_(self.rows, self.rows)]
        if not np.isfinite(errors).all():
            raise ParameterError(where=self.label, field="errors", got=self.errors, allowed="finite numbers")
        if errors.ndim == 1 and not np.all(errors > 0):
            raise ParameterError(where=self.label, field="errors", got=float(errors.min()), allowed="greater than 0")
        own = np.diag(errors**2) if errors.ndim == 1 else errors
        return own + self.shifts.T @ self.shifts

    @cached_property
    def shifts(self) -> np.ndarray:
        """What the meter adds for one deviation (entries of `meter`, rows)."""
        out = []
        for name, value in self.meter.items():
            field_name = f"meter.{name}"
            array = _numbers(value, field_name, self.label, (1,))
            if array.size not in (1, self.given.size):
                allowed = f"one number or {self.given.size}"
                raise ParameterError(f"{array.size} numbers", where=self.label, field=field_name, allowed=allowed)
            array = np.broadcast_to(array, self.given.shape)[self.rows]
            if not np.isfinite(array).all() or not array.any():
                allowed = "finite numbers that are not all 0"
                raise ParameterError(where=self.label, field=field_name, got=value, allowed=allowed)
            out.append(array)
        return np.array(out).reshape(len(out), self.rows.size)

    @cached_property
    def whitening(self) -> np.ndarray:
        """(rows, rows): makes residuals of deviation 1, or of the root of the weight."""
        return self._root * self._whitening(self.covariance)

    def misfit(self, values: Any, slopes: np.ndarray | None = None) -> tuple[Any, np.ndarray]:
        """Whitened residuals of what a model gives, and their derivatives.

        The systematic error is one of the scale of the model f, whose sum of squares is the least over a scale 1 + e z
        with z^2 added: with r = L^-1 (f - y) and c = e L^-1 f it is ``r^T (1 + c c^T)^-1 r``. (With e y in the place
        of e f a curve of many points is fitted best by a model near zero, whose scale shrinks the noise as well.)

        Args:
            values: (points, rows), which JAX may trace.
            slopes: their derivatives (points, rows, size).

        Returns:
            (points, rows), and (points, rows, size), empty without `slopes`.
        """
        L = self._inner
        r = (values - self.measured[None]) @ L.T
        J = np.zeros(0) if slopes is None else L @ slopes
        if not self.scale:
            return self._root * r, self._root * J
        c = self.scale * values @ L.T
        s = (c**2).sum(axis=1)[:, None]
        root, along = (1 + s) ** 0.5, (c * r).sum(axis=1)[:, None]
        g = 1 / (root * (1 + root))  # (1 + c c^T)^-1/2 = 1 - g c c^T
        R = r - g * along * c
        if slopes is None:
            return self._root * R, J
        dc = self.scale * J
        ds = 2 * np.einsum("pr,prk->pk", c, dc)[:, None]
        dalong = np.einsum("pr,prk->pk", r, dc)[:, None] + np.einsum("pr,prk->pk", c, J)[:, None]
        dg = -(g**2 * (1 / root + 2) / 2)[..., None] * ds
        J = J - (dg * along[..., None] + g[..., None] * dalong) * c[..., None] - (g * along)[..., None] * dc
        return self._root * R, self._root * J

    @cached_property
    def _root(self) -> float:
        return float(np.sqrt(checks.number(self.weight, "weight", low=0, open_low=True, where=self.label)))

    @cached_property
    def _inner(self) -> np.ndarray:
        return self._whitening(self._own)

    def _whitening(self, C: np.ndarray) -> np.ndarray:
        size = np.sqrt(np.diag(C))
        try:
            factor = np.linalg.cholesky(C / np.outer(size, size))
        except np.linalg.LinAlgError:
            why = "which is no covariance: not symmetric and positive definite"
            raise ParameterError(why, where=self.label, field="errors", got=self.errors) from None
        return np.asarray(np.linalg.inv(factor) / size)


def _numbers(value: Any, field_name: str, where: str, ranks: tuple[int, ...]) -> np.ndarray:
    found = read(value, "")
    if isinstance(found, str):
        raise ParameterError(found, where=where, field=field_name, got=value, allowed="numbers")
    array = np.atleast_1d(np.asarray(found, dtype=float))
    if array.ndim not in ranks or not array.size:
        raise ParameterError(where=where, field=field_name, got=value, allowed="numbers, one for each output")
    return array
