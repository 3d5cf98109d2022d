"""Closed forms for a bar of a uniform film with voltage arms: what its shape does to longitudinal and Hall readings.

Derived in docs/methods/hall_bars.md. Lengths are all in one unit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import positive, required, together

#: terms of the series, enough for bars a thousand times as wide as long
_ODD = 2.0 * np.arange(5000) + 1.0


class Junction(NamedTuple):
    """What arms at one place of a bar do.

    Attributes:
        shortening: the length of bar that the current saves where it widens into the arms.
        modulus: k of the contact that the ends of the arms are, seen from the current, 0 for arms without end.
    """

    shortening: float
    modulus: float


def junction(width: float, arm_width: float, arm_length: float, both: bool) -> Junction:
    """An arm of `arm_width` that ends in a contact `arm_length` from the edge of the bar, or two that face each other.

    Exact for long arms and for none (`arm_length` 0: a contact on the edge), between them to exp(-2 pi length/width)
    of what the contact does: 6 % of the modulus and 15 % of the shortening at lengths near zero.
    """
    w = width / 2 if both else width  # a cross is two T on either side of its middle line
    if arm_length == 0:
        u = np.pi * arm_width / (4 * w)
        return Junction(float(4 * w / np.pi * np.log(np.cosh(u))), float(np.tanh(u)))
    k = 2 * w / arm_width
    r = 2 / np.hypot(1, k) * np.exp(-np.pi * (arm_length + w) / arm_width + k * np.arctan(k))
    widened = 2 * arm_width * np.arctan(1 / k) - 2 * w * np.log1p(k**-2)
    shorted = 2 * w * np.log((1 + r**2) / (1 - r**2))
    return Junction(float((widened + shorted) / np.pi), float(2 * r / (1 + r**2)))


def short_bar(length: float, width: float, off_centre: float = 0.0) -> float:
    """Hall voltage over R_xy I of point contacts at `off_centre` from the middle of a bar, for a small Hall angle."""
    q = np.pi * _ODD / width
    # cosh(q x)/cosh(q L/2) without large numbers
    falls = (np.exp(q * (off_centre - length / 2)) + np.exp(-q * (off_centre + length / 2))) / (1 + np.exp(-q * length))
    return float(1 - 8 / np.pi**2 * np.sum(falls / _ODD**2))


def wide_probes(modulus: float) -> float:
    """Hall voltage over R_xy I of two contacts that face each other on a long bar: that of a short bar by duality."""
    from scipy.special import ellipk, ellipkm1

    return short_bar(float(ellipkm1(modulus**2) / ellipk(modulus**2)), 1.0) if modulus > 0 else 1.0


def two_terminal_rise(length: float, width: float) -> float:
    """g in R = (L/w)(R_s + g R_xy^2/R_s) between the end contacts of a bar: their shorts, to the second order."""
    return float(16 * width / (np.pi**3 * length) * np.sum(np.tanh(_ODD * np.pi * length / (2 * width)) / _ODD**3))


def geometry(data: xr.Dataset, what: str = "measurement") -> float:
    """Length over width of a measured bar: resistance along it per sheet resistance."""
    remedy, sizes = "Sheet resistances need both sizes of the bar [m].", ("bar_length", "bar_width")
    together(*(lambda n=n: required(data.attrs.get(n), n, remedy, where=what) for n in sizes))
    length, width = (positive(data.attrs[n], n, unit="m", where=what) for n in sizes)
    return length / width
