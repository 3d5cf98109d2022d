"""What is known of a parameter before the data: a distribution, and the coordinate in which it is fitted."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Protocol

from spinstack.numerics.arrays import array_module
from spinstack.stack.parameters import Specification
from spinstack.text import checks
from spinstack.text.errors import ParameterError, Problems


class Prior(Protocol):
    """A parameter x as a function of a coordinate u.

    Where `penalty`, u is normal with deviation 1 and counts as one more residual; else every u within the bounds is as
    likely as another.
    """

    penalty: bool

    def value(self, u: Any) -> Any:
        """The parameter [SI] at a coordinate, or at an array of them."""
        ...

    def slope(self, u: Any) -> Any:
        """Its derivative by u; one number where it is the same everywhere."""
        ...

    def coordinate(self, x: float) -> float:
        """The coordinate of a value; infinite where it has none."""
        ...

    def bounds(self) -> tuple[float, float]:
        """Of u, by the prior alone."""
        ...


@dataclass(frozen=True)
class Normal:
    """Normally distributed about `mean`.

    Args:
        mean: expected value, in the unit of the parameter.
        deviation: standard deviation, greater than 0.
    """

    mean: float
    deviation: float
    penalty = True

    def __post_init__(self) -> None:
        _check(self, deviation={"low": 0, "open_low": True})

    def value(self, u: Any) -> Any:
        return self.mean + self.deviation * u

    def slope(self, u: Any) -> Any:
        return self.deviation

    def coordinate(self, x: float) -> float:
        return (x - self.mean) / self.deviation

    def bounds(self) -> tuple[float, float]:
        return -math.inf, math.inf


@dataclass(frozen=True)
class LogNormal:
    """A normally distributed logarithm: within a factor `factor` of `median` in 68 % of cases.

    Args:
        median: in the unit of the parameter; negative for a parameter that is surely negative.
        factor: greater than 1.
    """

    median: float
    factor: float
    penalty = True

    def __post_init__(self) -> None:
        _check(self, factor={"low": 1, "open_low": True})
        if self.median == 0:
            raise ParameterError(where="LogNormal", field="median", got=self.median, allowed="a number other than 0")

    def value(self, u: Any) -> Any:
        return self.median * array_module(u).exp(u * math.log(self.factor))

    def slope(self, u: Any) -> Any:
        return self.value(u) * math.log(self.factor)

    def coordinate(self, x: float) -> float:
        return math.log(x / self.median) / math.log(self.factor) if x / self.median > 0 else -math.inf

    def bounds(self) -> tuple[float, float]:
        return -math.inf, math.inf


@dataclass(frozen=True)
class Uniform:
    """Anything from `low` to `high`, all alike.

    Args:
        low: lower end, in the unit of the parameter.
        high: upper end.
    """

    low: float
    high: float
    penalty = False

    def __post_init__(self) -> None:
        _check(self)
        _check_order(self.low, self.high, "Uniform")

    def value(self, u: Any) -> Any:
        return self.low + (self.high - self.low) * u

    def slope(self, u: Any) -> Any:
        return self.high - self.low

    def coordinate(self, x: float) -> float:
        return (x - self.low) / (self.high - self.low)

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


@dataclass(frozen=True)
class LogUniform:
    """Anything from `low` to `high`, all powers of ten alike.

    Args:
        low: lower end, in the unit of the parameter, greater than 0.
        high: upper end.
    """

    low: float
    high: float
    penalty = False

    def __post_init__(self) -> None:
        _check(self, low={"low": 0, "open_low": True})
        _check_order(self.low, self.high, "LogUniform")

    def value(self, u: Any) -> Any:
        return self.low * array_module(u).exp(u * math.log(self.high / self.low))

    def slope(self, u: Any) -> Any:
        return self.value(u) * math.log(self.high / self.low)

    def coordinate(self, x: float) -> float:
        return math.log(x / self.low) / math.log(self.high / self.low) if x > 0 else -math.inf

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


@dataclass(frozen=True)
class Relative:
    """Normally distributed about the value that each sample has in its film: a nominal thickness, a known conductivity.

    Args:
        deviation: relative standard deviation, greater than 0.
    """

    deviation: float

    def __post_init__(self) -> None:
        checks.number(self.deviation, "deviation", low=0, open_low=True, where="Relative")

    def about(self, value: float, path: str) -> Normal:
        """The distribution of one parameter whose nominal value is known."""
        if value == 0:
            why = "of which nothing is a part"
            raise ParameterError(why, where=path, field="value", got=value, remedy="Give a normal prior.")
        return Normal(value, self.deviation * abs(value))


PRIORS = (Normal, LogNormal, Uniform, LogUniform, Relative)
#: deviations from the middle of a prior within which fits begin
NEAR = 2.0


def within(prior: Prior, specification: Specification, path: str) -> tuple[float, float]:
    """Bounds of the coordinate: those of the prior within the range that the parameter is allowed."""
    low, high = prior.bounds()
    ends = []
    for limit, closed_end in (
        (specification.low, not specification.open_low),
        (specification.high, not specification.open_high),
    ):
        if limit is None:
            continue
        u = prior.coordinate(limit)
        if math.isfinite(u) and not closed_end:
            u = prior.coordinate(limit) + (1e-9 if limit == specification.low else -1e-9) * _sense(prior)
        ends.append((u, limit == specification.low))
    for u, is_low in ends:
        if is_low == (_sense(prior) > 0):
            low = max(low, u)
        else:
            high = min(high, u)
    if not low < high:
        why = "which leaves nothing of the range that the parameter is allowed"
        raise ParameterError(why, where=path, field="prior", got=prior, allowed=specification.allowed())
    return low, high


def _sense(prior: Prior) -> int:
    return 1 if prior.slope(0.0) > 0 else -1


def _check(prior: Prior, **ranges: dict[str, object]) -> None:
    problems, where = Problems(), type(prior).__name__
    for one in fields(prior):  # type: ignore[arg-type]
        with problems:
            checks.number(getattr(prior, one.name), one.name, where=where, **ranges.get(one.name, {}))  # type: ignore[arg-type]
    problems.end()


def _check_order(low: float, high: float, where: str) -> None:
    if not low < high:
        raise ParameterError(where=where, field="high", got=high, allowed=f"greater than low, {low:g}")
