"""The function of Bloch and Grueneisen, ``4 tau^5 J5(1/tau)``: smooth from 0 on, exact to rounding.

J5(x) is the integral of ``t^5/[(e^t - 1)(1 - e^-t)] = -t^5 d/dt 1/(e^t - 1)`` from 0 to x. Expanded in Bernoulli
numbers it converges for x < 2 pi; by parts it is 120 zeta(5) less a series in e^-x. Derivation in
docs/methods/temperature.md.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import comb, factorial
from typing import Any

import numpy as np

from spinstack.numerics.arrays import array_module

#: J5(infinity) = 5! zeta(5)
WHOLE = 124.43133061720439
#: x at which the two series meet; both have their digits there
_MEET = 3.0
#: terms of the series in powers of (x/2 pi)^2, and of that in e^-x
_POWERS, _EXPONENTIALS = 28, 14
#: x beyond which e^-x x^5 is below any rounding of `WHOLE`
_FAR = 100.0


@cache
def _coefficients() -> np.ndarray:
    """c_n of J5(x) = x^4 sum c_n x^2n."""
    bernoulli: list[Fraction] = []
    for n in range(2 * _POWERS):
        bernoulli.append(Fraction(n == 0) - sum(comb(n, k) * b / (n - k + 1) for k, b in enumerate(bernoulli)))
    return np.array([float(-bernoulli[n] * (n - 1) / ((n + 4) * factorial(n))) for n in range(0, 2 * _POWERS, 2)])


def gruneisen(tau: Any) -> Any:
    """``4 tau^5 J5(1/tau)`` (...) for tau = T/Theta >= 0: ``4 J5(infinity) tau^5`` for small tau, tau for large."""
    xp = array_module(tau)
    tau = xp.asarray(tau, dtype=float)
    hot = tau > 1 / _MEET
    # each branch is given what it can take, so that its derivative is a number where the other one is taken
    y = xp.where(hot, tau, 1.0) ** -2
    high = 0.0
    for c in _coefficients()[::-1]:
        high = high * y + c
    warm = xp.where(hot, tau, 1.0) * high
    x = 1 / xp.where(hot | (tau < 1 / _FAR), 1 / _FAR, tau)
    k = np.arange(1.0, _EXPONENTIALS + 1).reshape((-1, *(1,) * tau.ndim))
    factor: Any = 1.0
    for power, c in enumerate((5, 20, 60, 120, 120), 1):  # x^5 + 5 x^4/k + 20 x^3/k^2 + ... + 120/k^5
        factor = factor * x[None] + c / k**power
    rest = (xp.exp(-k * x[None]) * factor).sum(0)
    return 4 * xp.where(hot, warm, xp.where(hot, 0.0, tau) ** 5 * (WHOLE - rest))
