"""Averages over the Fermi surface: all that an interface does to electrons, in numbers without a unit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import jax
import numpy as np

from spinstack.numerics.arrays import array_module, is_traced

if TYPE_CHECKING:
    from spinstack.scattering.model import ScatteringModel

#: polar and azimuthal points of the refinements of :func:`by_quadrature`; the last where nothing can be refined because
#: parameters are abstract (inside a JAX transformation)
_POINTS, _ABSTRACT_POINTS = (8, 16, 32, 64, 128), 32
#: electrons looked at together
_TOGETHER = 2**15


class Integrals(NamedTuple):
    """Averages of what one interface does, moment labels, rows and columns x, y, z, charge; the batch is last.

    The average is that of a flux, ``<X> = (1/pi) int dphi c dc X``. Axes of length 3 before the batch hold the weights
    1, k_x, k_y: T (4, 4, 3, 3) is ``<q_a q_b T>`` with ``q = (1, k_x, k_y)``, A (3, 3, 3, 3) the same of ``1 - R - T``;
    torque and lattice (3, 4, 3): ``<q_a X>`` of the spin that ends in the magnetisation and in the lattice per sum of
    the g that arrive from both sides; S (4, 4, 3): ``(1/2 pi) int dphi dc q_a T``, the density at z = 0.
    """

    T: Any
    A: Any
    S: Any
    torque: Any
    lattice: Any

    @classmethod
    def of(cls, rows: Any) -> Self:
        """From one array (entries, batch) with one integral after the other."""
        parts = (rows[stop - size : stop] for stop, size in zip(np.cumsum(SIZES), SIZES, strict=True))
        return cls(*(part.reshape(*shape, -1) for part, shape in zip(parts, SHAPES, strict=True)))


SHAPES = ((4, 4, 3, 3), (3, 3, 3, 3), (4, 4, 3), (3, 4, 3), (3, 4, 3))
SIZES = tuple(int(np.prod(shape)) for shape in SHAPES)


@cache
def _parts() -> np.ndarray:
    """(parts, entries): rows that are one integral with one number of weights k, those of short parts repeated."""
    n = Integrals.of(np.arange(sum(SIZES))[:, None])
    parts = [part for X in (n.T, n.A) for part in (X[:, :, 0, 0], X[:, :, 0, 1:], X[:, :, 1:, 1:])]
    parts += [part for X in (n.S, n.lattice) for part in (X[:, :, 0], X[:, :, 1:])]
    return np.stack([np.resize(part, max(part.size for part in parts)) for part in parts])


def change(old: Any, new: Any) -> Any:
    """Largest change (batch) of rows, relative to the largest entry of the same integral or a thousandth of <T>."""
    xp = array_module(new)
    size, moved = xp.abs(new)[_parts()].max(1), xp.abs(new - old)[_parts()].max(1)
    return (moved / xp.maximum(size, 1e-3 * size[:1])).max(0)


def by_quadrature(model: ScatteringModel, m: Any, tolerance: float) -> tuple[Integrals, Any]:
    """Integrals and their error (batch) of any model with parameters (batch) and m (3, batch), electron by electron.

    Gauss-Legendre points in the square root of the cosine and equally spaced azimuths, doubled until two results agree
    to the tolerance. Resonances at grazing incidence converge slowly: a model that knows better has its own integrals.
    """
    size = m.shape[-1]
    if any(is_traced(v) for v in (m, *jax.tree.leaves(model))):
        return Integrals.of(_sums(model, m, _ABSTRACT_POINTS)), array_module(m).full(size, np.nan)
    found = _sums(model, m, _POINTS[0])
    error, rows = np.full(size, np.inf), np.arange(size)
    for points in _POINTS[1:]:
        new = _sums(jax.tree.map(lambda v, rows=rows: np.asarray(v)[rows], model), m[:, rows], points)
        error[rows], found[:, rows] = change(found[:, rows], new), new
        rows = rows[error[rows] > tolerance]
        if rows.size == 0:
            break
    return Integrals.of(found), error


def _sums(model: ScatteringModel, m: Any, points: int) -> Any:
    """Rows (entries, batch) with so many polar and azimuthal points."""
    x, w = np.polynomial.legendre.leggauss(points)
    cosine, dc = ((x + 1) / 2) ** 2, (x + 1) / 2 * w
    phi = 2 * np.pi * (np.arange(points) + 0.5) / points
    electrons = np.stack([np.repeat(cosine, points), np.tile(phi, points), np.repeat(dc, points) * 2 * np.pi / points])
    pieces = max(1, points**2 * m.shape[-1] // _TOGETHER)
    return sum(_share(model, m, *some) for some in np.array_split(electrons, min(pieces, points), 1))


def _share(model: ScatteringModel, m: Any, cosine: np.ndarray, phi: np.ndarray, weight: np.ndarray) -> Any:
    """The share (entries, batch) of some electrons."""
    alone = jax.tree.map(lambda v: v[None], model)
    n = alone.incidence(cosine[:, None], phi[:, None], m.T[None])
    xp = array_module(n.T)
    sine = np.sqrt((1 - cosine) * (1 + cosine))
    q = np.stack([np.ones_like(sine), sine * np.cos(phi), sine * np.sin(phi)])
    once, flux = weight * q, weight * cosine * q
    twice = (flux[:, None] * q).reshape(9, -1)

    def summed(weights: np.ndarray, X: Any) -> Any:
        """(rows, columns, weights, batch) in one axis and the batch."""
        total = xp.tensordot(X, weights, ((0,), (1,)))  # (batch, rows, columns, weights)
        return xp.moveaxis(total.reshape(total.shape[0], -1), 0, -1)

    lost = np.eye(4)[None, None, :3, :3] - n.R[..., :3, :3] - n.T[..., :3, :3]
    rows = [summed(twice, n.T), summed(twice, lost), summed(once, n.T) / 2, summed(flux, n.torque)]
    return xp.concatenate([*rows, summed(flux, n.lattice)]) / np.pi
