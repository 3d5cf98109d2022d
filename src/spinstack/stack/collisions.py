"""What the numbers of a layer for diffusion and its mean free paths mean for each other: free electrons of one k_F.

Derivation in docs/methods/boltzmann.md, "Parameters"; arguments and answers may be arrays, also traced ones.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED

#: cosines from 0 to 1, exact to rounding for the anisotropies that are allowed
_COSINES, _WEIGHTS = (a[48:] for a in np.polynomial.legendre.leggauss(96))
#: what makes a mean free path
_PATHS = ({"mean_free_path"}, {"mean_free_path_up", "mean_free_path_down"})


class Collisions(NamedTuple):
    """Rates [1/m] at which electrons of either spin leave a direction, spin flips included, and at which spins flip.

    splitting: (k_up - k_down)/(k_up + k_down) of the Fermi wave vectors; `flip` is then the rate of a sphere in the
    middle, that of a spin is flip k^2/k_s^2 (docs/methods/boltzmann.md, "Fermi spheres that differ"). anisotropy: eta
    of up and down, rates are those of electrons that move across m, of others times 1 + eta (k.m)^2.
    """

    up: Any
    down: Any
    flip: Any
    splitting: Any = 0.0
    anisotropy: tuple[Any, Any] = (0.0, 0.0)

    @property
    def shares(self) -> tuple[Any, Any]:
        """Conductivity across m of up and down over that of the same rate in every direction, times :attr:`squares`."""
        up, down = (square * across(eta) for square, eta in zip(self.squares, self.anisotropy, strict=True))
        return up, down

    @property
    def squares(self) -> tuple[Any, Any]:
        """k_s^2 of up and down over that of a sphere in the middle."""
        return (1 + self.splitting) ** 2, (1 - self.splitting) ** 2

    @property
    def polarization(self) -> Any:
        """P of the conductivity."""
        up, down = self.shares
        return (up * self.down - down * self.up) / (up * self.down + down * self.up)

    @property
    def spin_diffusion_length(self) -> Any:
        """l_sf [m], infinite where no spin flips."""
        xp, (up, down) = array_module(self.flip, self.up), self.shares
        relaxation = 3 * self.flip * (self.up / up + self.down / down)
        return xp.where(relaxation > 0, xp.where(relaxation > 0, relaxation, 1.0) ** -0.5, math.inf)[()]

    def conductivity(self, fermi_wavevector: Any) -> Any:
        """sigma [S/m] of free electrons with k_F [1/m]."""
        up, down = self.shares
        return conductance_constant(fermi_wavevector) * (up / self.up + down / self.down) / 6


def conductance_constant(fermi_wavevector: Any) -> Any:
    """C = e^2 k_F^2/(pi^2 hbar) [S/m^2]: j = C <k h_c>, so that sigma = C lambda/3."""
    return ELEMENTARY_CHARGE**2 * fermi_wavevector**2 / (math.pi**2 * PLANCK_REDUCED)


def has_path(given: Collection[str]) -> bool:
    """Whether the fields `given` hold a mean free path."""
    return any(path <= set(given) for path in _PATHS)


def following(given: Collection[str]) -> set[str]:
    """Of the fields that diffusion needs, those that follow from the fields `given`."""
    path, sphere = has_path(given), "fermi_wavevector" in given
    out = {"conductivity"} if path and sphere else set()
    return out | ({"spin_diffusion_length"} if "spin_flip_length" in given and (path or sphere) else set())


def collisions(p: Mapping[str, Any], fermi_wavevector: Any) -> Collisions:
    """The rates of a layer with parameters p, absent or None where not given: mean free paths before conductivity."""
    P = p.get("polarization", 0.0)
    flip_length, splitting = p.get("spin_flip_length"), p.get("fermi_splitting")
    splitting = 0.0 if splitting is None else splitting
    eta = p.get("scattering_anisotropy"), p.get("scattering_anisotropy_down")
    both = (0.0 if eta[0] is None else eta[0], (0.0 if eta[0] is None else eta[0]) if eta[1] is None else eta[1])
    known = Collisions(0.0, 0.0, 0.0, splitting, both)
    (of_up, of_down), (share_up, share_down) = known.squares, known.shares
    if has_path({name for name, value in p.items() if value is not None}):
        mean = p.get("mean_free_path")
        paths = (p["mean_free_path_up"], p["mean_free_path_down"]) if mean is None else (mean * (1 + P), mean * (1 - P))
        up, down = (1 / path for path in paths)
        if flip_length is None:
            # 3 f (sum over spins of (g_s + f/k_s^2)/share_s) = 1/l_sf^2
            once, twice = up / share_up + down / share_down, 1 / (of_up * share_up) + 1 / (of_down * share_down)
            flip = root(once / twice, p["spin_diffusion_length"] ** -2.0 / (3 * twice))
        else:
            flip = 1 / flip_length
        return known._replace(up=up + flip / of_up, down=down + flip / of_down, flip=flip)
    total = 3 * p["conductivity"] / conductance_constant(fermi_wavevector)
    up, down = share_up / (total * (1 + P)), share_down / (total * (1 - P))
    relaxed = 3 * (up / share_up + down / share_down)
    flip = p["spin_diffusion_length"] ** -2.0 / relaxed if flip_length is None else 1 / flip_length
    return known._replace(up=up, down=down, flip=flip)


def across(eta: Any) -> Any:
    """``3 <k_x^2/(1 + eta k_z^2)>`` over the sphere, 1 for eta = 0."""
    if isinstance(eta, float) and eta == 0:
        return 1.0
    square = _COSINES**2
    return ((1.5 * _WEIGHTS * (1 - square)) / (1 + array_module(eta).asarray(eta)[..., None] * square)).sum(-1)


def along(eta: Any) -> Any:
    """``3 <k_z^2/(1 + eta k_z^2)>`` over the sphere."""
    square = _COSINES**2
    return ((3 * _WEIGHTS * square) / (1 + array_module(eta).asarray(eta)[..., None] * square)).sum(-1)


def root(b: Any, c: Any) -> Any:
    """The positive x of x (b + x) = c, without cancellation."""
    return 2 * c / (b + (b * b + 4 * c) ** 0.5)
