"""Scattering data between Fermi spheres: where on the spheres of both sides their channels are.

Sums over them are in :mod:`spinstack.scattering.data_flow`. Derived in docs/methods/boltzmann.md, "Scattering data".
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import numpy as np

from spinstack.scattering.data_arrays import Arrays, partners
from spinstack.scattering.hemisphere import Degrees, resolved
from spinstack.text.errors import ParameterError

#: how far directions and speeds of channels may be from those of a sphere
_SPHERE = 0.05
#: opposite k have opposite velocities up to this
_OPPOSITE = 1e-6
#: the fewest functions that know a current along an interface and one through it
_FEWEST = Degrees(2, 1)
_SIDES = ("below", "above")


class Points(NamedTuple):
    """The channels of one Fermi sphere.

    open (K, modes): whether they are; direction (K, modes, 3): unit vectors of the velocity, the size of z last, 0
    where closed; weight (K, modes) [1/m^2]: of the channels, by flux, all of them half the square of the Fermi wave
    vector.
    """

    open: np.ndarray
    direction: np.ndarray
    weight: np.ndarray

    @property
    def radius(self) -> float:
        """The Fermi wave vector of the sphere with as many channels [1/m]."""
        return float(np.sqrt(2 * self.weight.sum()))


class Channels(NamedTuple):
    """The spheres below and above, that of both spins or, on a split side, those of the spins along m and against it;
    degrees: the most functions of direction that the points of every sphere tell apart."""

    sides: tuple[tuple[Points, ...], tuple[Points, ...]]
    degrees: Degrees


def refuse(why: str, field: str, remedy: str = "") -> NoReturn:
    """Raise: what drift-diffusion takes and the Boltzmann equation does not."""
    raise ParameterError(
        why, where="ScatteringData", field=field,
        allowed="for the Boltzmann equation data of metals with Fermi spheres",
        remedy=f"{remedy} Or take ss.DriftDiffusion()." if remedy else "Take ss.DriftDiffusion().",
    )  # fmt: skip


def place(a: Arrays, i: int) -> str:
    """A wave vector, in words."""
    return f"at k = ({a.k[i, 0]:.6g}, {a.k[i, 1]:.6g}) 1/m"


def channels(a: Arrays) -> Channels:
    """The channels of data as points on Fermi spheres; raises ParameterError where they are not that."""
    if a.velocity is None and max(a.modes) > 1:
        refuse("missing, while there are several modes at one k, whose directions follow from it", "velocity")
    below, above = (tuple(_points(a, side, s) for s in range(1 + a.split[side])) for side in (0, 1))
    least = [resolved(p.direction[p.open], p.weight[p.open]) for p in (*below, *above)]
    degrees = Degrees(min(d.radial for d in least), min(d.harmonics for d in least))
    if degrees.radial < _FEWEST.radial or degrees.harmonics < _FEWEST.harmonics:
        refuse(f"of which {len(a.k)} do not tell a current along the interface from one through it", "k", "Give more.")
    return Channels((below, above), degrees)


def _points(a: Arrays, side: int, s: int) -> Points:
    K, where = len(a.k), _SIDES[side]
    open_ = a.open[:, a.side(side)].reshape(K, -1, 2)[..., s] > 0
    if not open_.any():
        refuse(f"of which no channel {where} is one", "open")
    weight = a.weight[:, None] * open_ / (2 * np.pi)
    radius = np.sqrt(2 * weight.sum())
    q = a.k / radius
    if a.velocity is None:
        outside = ((q**2).sum(-1) >= 1) & open_[:, 0]
        if outside.any():
            refuse(f"which {where} is 1 outside the sphere of {radius:.6g} 1/m that has as many channels, "
                   f"{place(a, int(outside.argmax()))}", "open", "Give velocity.")  # fmt: skip
        n = np.concatenate([q, np.sqrt(np.maximum(1 - (q**2).sum(-1, keepdims=True), 0.0))], -1)[:, None]
        _check_filled(n, weight, where, "weight")
        return Points(open_, n * open_[..., None], weight)
    v = a.velocity[:, a.side(side)].reshape(K, -1, 2, 3)
    # both spins of a mode are one channel here
    v = v[..., s, :] if a.split[side] else v.mean(2)
    speed = np.linalg.norm(v, axis=-1)
    mean = float((weight * speed).sum() / weight.sum())
    n = np.where(open_, 1 / np.where(open_, speed, 1.0), 0.0)[..., None] * v

    def check(off: np.ndarray, words: str, allowed: float = _SPHERE, remedy: str = "") -> None:
        off = np.where(open_, off, 0.0).max(-1)
        worst = int(off.argmax())
        if off[worst] > allowed:
            refuse(f"which {where} {words} by {off[worst]:.2g} {place(a, worst)}", "velocity", remedy)

    check(np.abs(speed / mean - 1), "differs in size from its mean")
    if a.modes[side] == 1:
        check(np.abs(n[..., :2] - q[:, None]).max(-1), f"is not along k on a sphere of {radius:.6g} 1/m but off it")
    back = partners(a.k, float(np.abs(a.k).max()))
    check(np.abs(n - np.array([-1.0, -1.0, 1.0]) * n[back]).max(-1), "is not opposite for the same mode at -k",
          _OPPOSITE, "Mode p at -k has to be the partner of mode p at k.")  # fmt: skip
    _check_filled(n, weight, where, "velocity")
    return Points(open_, n, weight)


def _check_filled(n: np.ndarray, weight: np.ndarray, where: str, field: str) -> None:
    """Refuse directions n (K, modes, 3) that with their weights (K, modes) are not those of a sphere."""
    share = weight[..., None] / weight.sum()
    off = np.abs(((share * n**2).sum((0, 1))) - np.array([0.25, 0.25, 0.5])).max()
    if off > _SPHERE:
        why = f"with which the channels {where} do not fill a sphere: mean squares of v/|v| are {off:.2g} off"
        refuse(why, field, "Weights are areas of the in-plane zone.")
