"""Interfaces with a scattering model: described when a film is lowered, integrated when it is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.scattering.evaluate import Side, flat, interface_response
from spinstack.scattering.model import ScatteringModel
from spinstack.scattering.response import mean_free_path
from spinstack.stack import Film

#: relative accuracy of Fermi-surface integrals in films
TOLERANCE = 1e-11
_Z = np.array([0.0, 0.0, 1.0])
_KEPT = (
    "mean", "lost", "mean_field", "lost_field", "inverse_mean", "inverse_lost", "sheet", "torque", "torque_field",
)  # fmt: skip


class Neighbour(NamedTuple):
    """The layer on one side of an interface: conductivity [S/m], polarisation and the direction m (..., 3) of it."""

    conductivity: Any
    polarization: Any
    m: Any


class Scatterer(NamedTuple):
    """An interface with a scattering model in its film: the model, its m (..., 3), its neighbours.

    The in-plane drive follows from the conductivity and the polarisation of the two neighbours, so that interface and
    bulk speak of the same current.
    """

    model: ScatteringModel
    m: Any
    lower: Neighbour
    upper: Neighbour
    reciprocal: Any

    def shapes(self) -> list[tuple[int, ...]]:
        """The batch shapes of everything that the response depends on."""
        sides = (self.lower, self.upper)
        numbers = [*jax.tree.leaves(self.model), self.reciprocal, *(v for side in sides for v in side[:2])]
        return [np.shape(v) for v in numbers] + [np.shape(v)[:-1] for v in (self.m, *(side.m for side in sides))]


def scatterer(film: Film, index: int, m_of: Mapping[int, Any]) -> Scatterer:
    """The interface at `index`; m_of: direction of the magnet at each position."""
    interface: Any = film.elements[index]
    magnet = film.magnet_of(index)

    def side(position: int) -> Neighbour:
        layer: Any = film.elements[position]
        return Neighbour(layer.conductivity, getattr(layer, "polarization", 0.0), m_of.get(position, _Z))

    m = m_of[magnet] if magnet is not None else _Z
    return Scatterer(interface.scattering, m, side(index - 1), side(index + 1), interface.reciprocal)


def response_columns(scatterers: Sequence[Scatterer], batch: tuple[int, ...]) -> dict[str, Any]:
    """Columns of the circuit's table, (rows, ., ., batch or 1), from the responses of the interfaces."""
    rows = [_row(s, batch) for s in scatterers]
    size = max(a.shape[-1] for row in rows for a in row.values())
    out = {}
    for name in rows[0]:
        xp = array_module(*(row[name] for row in rows))
        out[name] = xp.stack([xp.broadcast_to(row[name], (*row[name].shape[:-1], size)) for row in rows])
    return out


def _row(s: Scatterer, batch: tuple[int, ...]) -> dict[str, Any]:
    # only what the interface depends on: a sweep over thicknesses asks each interface once
    small = np.broadcast_shapes(*s.shapes())
    size = int(np.prod(small, dtype=int))

    def of_batch(v: Any) -> Any:
        xp = array_module(v)
        return xp.broadcast_to(xp.asarray(v, dtype=float), small).reshape(size)

    def direction(v: Any) -> Any:
        xp = array_module(v)
        return xp.moveaxis(xp.broadcast_to(v, (*small, 3)).reshape(size, 3), -1, 0)

    def arriving(layer: Neighbour) -> Side:
        path = mean_free_path(layer.conductivity, s.model.fermi_wavevector)
        return Side(of_batch(path), of_batch(layer.polarization), direction(layer.m))

    sides = arriving(s.lower), arriving(s.upper)
    response, _ = interface_response(flat(s.model, small), direction(s.m), *sides, TOLERANCE)
    full = int(np.prod(batch, dtype=int))

    def spread(a: Any) -> Any:
        inner = a.shape[:-1]
        if small == () or full == 1:
            return a
        xp: Any = jnp if isinstance(a, jax.core.Tracer) else np
        wide = (*inner, *(1,) * (len(batch) - len(small)), *small)
        return xp.broadcast_to(xp.asarray(a).reshape(wide), (*inner, *batch)).reshape(*inner, full)

    out = {name: spread(array) for name, array in response._asdict().items() if name in _KEPT}
    return out | {"reciprocal": spread(of_batch(s.reciprocal))}
