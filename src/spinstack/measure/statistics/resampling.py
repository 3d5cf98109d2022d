"""What chance could have measured instead: the residuals of a fit drawn anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spinstack.measure.statistics.autoregressive import settling, whiten


def default_block(rows: int) -> int:
    """Rows of a block that forgets no noise of short memory: 3 rows^(1/3)."""
    return min(rows, int(np.ceil(3 * rows ** (1 / 3))))


def residual_draws(residual: np.ndarray, phi: np.ndarray, spread: float, seed: int) -> Callable[[], np.ndarray]:
    """Draws of noise (rows,) like `residual`: its innovations drawn anew and coloured by the noise model `phi`.

    `spread` enlarges them, for what the fit has absorbed. Without a model plain resampling, B. Efron, Ann. Stat. 7, 1
    (1979); with: P. Buehlmann, Bernoulli 3, 123 (1997).
    """
    from scipy.signal import lfilter

    rows = len(residual)
    innovations = _centred(whiten(phi, residual), spread)
    rng = np.random.default_rng(seed)

    def draw() -> np.ndarray:
        white = rng.choice(innovations, rows + settling(phi))
        return np.asarray(lfilter([1.0], np.concatenate([[1.0], -phi]), white)[-rows:]) if len(phi) else white

    return draw


def block_draws(residual: np.ndarray, length: int, spread: float, seed: int) -> Callable[[], np.ndarray]:
    """Draws of noise (rows,) like `residual`: stretches of `length` rows in random order, with no model of the noise.

    H. R. Kuensch, Ann. Stat. 17, 1217 (1989). A stretch must be longer than the noise remembers.
    """
    rows = len(residual)
    centred = _centred(residual, spread)
    rng = np.random.default_rng(seed)

    def draw() -> np.ndarray:
        starts = rng.integers(0, rows, -(-rows // length))
        return np.asarray(centred[(starts[:, None] + np.arange(length)).ravel()[:rows] % rows])

    return draw


def _centred(values: np.ndarray, spread: float) -> np.ndarray:
    return np.asarray((values - values.mean()) * spread)
