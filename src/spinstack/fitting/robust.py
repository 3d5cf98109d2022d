"""Residuals of which those far off count by their distance, not by its square."""

from __future__ import annotations

import numpy as np

from spinstack.fitting.marginal import Objective

#: errors from which on a residual counts less (pseudo-Huber: Charbonnier, IEEE Trans. Image Process. 6 (1997) 298)
FROM = 1.5


def robust_objective(objective: Objective, points: int) -> Objective:
    """The objective whose first `points` residuals r are sign(r) c sqrt(2 (sqrt(1 + r^2/c^2) - 1)), and the rest as is.

    Their squares are r^2 for small r and 2 c |r| for large ones, so that one reading far off pulls no harder than one
    that is c errors off.
    """

    def function(U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        R, J = objective(U)
        r = R[:, :points] / FROM
        root = np.sqrt(1 + r**2)
        # sqrt(1 + x) - 1 without cancellation
        less = np.sqrt(2 / (root + 1))
        R, J = R.copy(), J.copy()
        R[:, :points] *= less
        J[:, :points] *= (1 / (root * less))[..., None]
        R[np.isnan(R).any(axis=1)] = np.inf
        return R, J

    return function
