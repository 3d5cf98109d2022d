"""Derivatives of the layer matrix of a sector by rates and thickness (docs/methods/boltzmann.md, "Derivatives").

Functions of the matrix of the modes change by divided differences between modes, which stay finite where modes meet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.modes import Sector, faces
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates

#: (nu t/2)^2 below which tanh(nu t/2)/nu is its power series, and the coefficients of that
_SMALL = 0.05
_SERIES = (1.0, -1 / 3, 2 / 15, -17 / 315, 62 / 2835, -1382 / 155925, 21844 / 6081075, -929569 / 638512875,
           6404582 / 10854718875, -443861162 / 1856156927625)  # fmt: skip


class Forms(NamedTuple):
    """The derivative of ``eta.(S w)`` over both faces as forms: what leaves weighs eta, what enters is w.

    even, odd: each a pair (n, n) that takes sums (even) or differences (odd) of eta and of w of the two faces to modes;
    by: parameter -> the two forms (n, n) between them.
    """

    even: tuple[np.ndarray, np.ndarray]
    odd: tuple[np.ndarray, np.ndarray]
    by: dict[str, tuple[np.ndarray, np.ndarray]]

    def __call__(self, eta: np.ndarray, w: np.ndarray) -> dict[str, np.ndarray]:
        """(batch, rows, columns) by parameter, eta (batch, 2, n, rows), w (batch, 2, n, columns) at both faces."""
        left = [(a @ f).swapaxes(1, 2) for a, f in zip((self.even[0], self.odd[0]), _sums(eta), strict=True)]
        right = [a @ f for a, f in zip((self.even[1], self.odd[1]), _sums(w), strict=True)]
        return {name: left[1] @ (odd @ right[1]) - left[0] @ (even @ right[0]) for name, (even, odd) in self.by.items()}


def _sums(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values[:, 0] + values[:, 1], values[:, 0] - values[:, 1]


def layer_forms(rates: Rates, sectors: tuple[Sector, ...]) -> tuple[Forms, Forms]:
    """Those of spin up and down together, and of transverse spin, by the fields of `rates`."""
    f = rates.flip
    pair = _forms(sectors[0], rates.thickness, np.array([[rates.up - f, f], [f, rates.down - f]]))
    up, down, flip = (_added(pair.by, names) for names in (
        {"rate0": 1.0, "into00": 1.0}, {"rate1": 1.0, "into11": 1.0},
        {"into00": -1.0, "into11": -1.0, "into01": 1.0, "into10": 1.0},
    ))  # fmt: skip
    turned = _forms(sectors[1], rates.thickness, np.array([[rates.across_in]]))
    rate = turned.by["rate0"]
    by = {"across": rate, "precession": (-1j * rate[0], -1j * rate[1]), "across_in": turned.by["into00"]}
    return (
        pair._replace(by={"thickness": pair.by["thickness"], "up": up, "down": down, "flip": flip}),
        turned._replace(by={"thickness": turned.by["thickness"], **by}),
    )


def _added(by: dict[str, tuple[np.ndarray, np.ndarray]], weights: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    even, odd = (np.sum([weight * by[name][k] for name, weight in weights.items()], 0) for k in (0, 1))
    return even, odd


def _forms(sector: Sector, t: float, into: np.ndarray) -> Forms:
    """By the rates "rate0", ... of the channels, "into00", ... into which they scatter, and "thickness"."""
    n, channels, Y, inverse = len(sector.mu), sector.channels, sector.Y, sector.Y_inverse
    f = faces(sector, t)
    s, one = f.scale[:, None], np.eye(n)
    even, odd = s * np.linalg.inv(one + f.even), np.linalg.inv(one + f.odd) / s
    nu, squares = np.sqrt(sector.nu2), sector.nu2
    e = np.exp(-nu * t)
    tanh, sech2 = (1 - e) / (1 + e), 4 * e / (1 + e) ** 2
    over = np.where(np.abs(nu * t) < 1e-5, t / 2 * (1 - squares * t * t / 12), tanh / np.where(nu == 0, 1.0, nu))
    g, h = _divided(nu, t, e, tanh, over)
    by = {"thickness": (np.diag(squares * sech2 / 2), np.diag(sech2 / 2))}
    # V = A^2/mu^2 - U B U^T in modes: Y^-1 V Y = nu^2, and A^2/mu^2 of one channel is P V + P U B U^T
    U = np.zeros((n, channels), Y.dtype)
    rows = [slice(c * n // channels, (c + 1) * n // channels) for c in range(channels)]
    for c, row in enumerate(rows):
        U[row, c] = (np.sqrt(sector.rate * sector.weight) / sector.mu)[row]
    R, L = inverse @ U, U.T @ Y
    RB, BL = R @ into, into @ L
    for c, row in enumerate(rows):
        A = sector.rate[row.start]
        Q = inverse[:, row] @ Y[row]
        V = Q * (squares[:, None] + squares) + (np.outer(R[:, c], BL[c]) + np.outer(RB[:, c], L[c])) / 2
        values, overs = nu * tanh, over
        by[f"rate{c}"] = (
            (g * V - Q * (values[:, None] + values) / 2) / A,
            (h * V + Q * (overs[:, None] + overs) / 2) / A,
        )
        for k in range(channels):
            W = -np.outer(R[:, c], L[k])
            by[f"into{c}{k}"] = g * W, h * W
    return Forms((Y.T @ even, inverse @ even), (Y.T @ odd, inverse @ odd), by)


def _divided(
    nu: np.ndarray, t: float, e: np.ndarray, tanh: np.ndarray, over: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Divided differences in nu^2 of nu tanh(nu t/2) and of tanh(nu t/2)/nu, (n, n), without cancellation."""
    a, b = nu[:, None], nu[None]
    # tanh differs by (e_b - e_a)/..., written with the slower decay outside
    slower = a.real < b.real
    apart = np.where(slower, b - a, a - b) * t
    ratio = np.where(np.abs(apart) < 1e-9, 1 - apart / 2, -np.expm1(-apart) / np.where(apart == 0, 1.0, apart))
    steep = 2 * t * np.where(slower, e[:, None], e) * ratio / ((1 + e[:, None]) * (1 + e))
    both = a + b
    mean = np.where(both == 0, t / 4, (tanh[:, None] + tanh) / 2 / np.where(both == 0, 1.0, both))
    g = mean + steep / 2
    z = nu * nu * t * t / 4
    za, zb, size = z[:, None], z[None], np.abs(z)
    far = (size[:, None] > 2 * size) | (size > 2 * size[:, None])
    gap, product = np.where(far, a * a - b * b, 1.0), a * b
    h = np.where(far, (over[:, None] - over) / gap, (steep / 2 - mean) / np.where(product == 0, 1.0, product))
    small = np.maximum(size[:, None], size) < _SMALL
    if small.any():
        series, power = np.zeros_like(h), np.zeros_like(h)
        za, zb = np.where(small, za, 0.0), np.where(small, zb, 0.0)
        ahead = np.ones_like(h)
        for c in _SERIES[1:]:  # power: the divided difference of z^n
            power = power * za + ahead
            ahead = ahead * zb
            series += c * power
        h = np.where(small, t**3 / 8 * series, h)
    return g, h


def passage(rates: Rates, d: Directions) -> dict[str, dict[str, np.ndarray]]:
    """Derivatives (N,) of the unscattered passage of spin "up", "down" and "across", by the fields of `rates`."""
    t, out = rates.thickness, {}
    for name, rate in (("up", rates.up), ("down", rates.down), ("across", rates.across - 1j * rates.precession)):
        passed = np.exp(-rate * t / d.mu) / d.mu
        out[name] = {"thickness": -rate * passed, name: -t * passed}
    out["across"]["precession"] = 1j * t * np.exp(-(rates.across - 1j * rates.precession) * t / d.mu) / d.mu
    return out
