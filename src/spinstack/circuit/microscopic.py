"""Interfaces with a scattering model: described when a film is lowered, integrated when it is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.scattering.evaluate import Side, interface_response, layer_side
from spinstack.scattering.model import ScatteringModel
from spinstack.scattering.motion import own_torque
from spinstack.scattering.response import mean_free_path
from spinstack.scattering.sides import SidedResponse
from spinstack.scattering.spheres import Sphere
from spinstack.stack import Film

#: relative accuracy of Fermi-surface integrals in films
TOLERANCE = 1e-11
_Z = np.array([0.0, 0.0, 1.0])
_KEPT = (
    "mean", "lost", "mean_field", "lost_field", "inverse_mean", "inverse_lost", "sheet", "torque", "torque_field",
)  # fmt: skip
_KEPT_SIDED = ("flow", "field", "inverse", "sheet", "torque", "torque_field")


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

    def reversed(self) -> Scatterer:
        """The same with all magnets turned round."""
        lower, upper = (side._replace(m=-side.m) for side in (self.lower, self.upper))
        return self._replace(m=-self.m, lower=lower, upper=upper)


def scatterer(film: Film, index: int, m_of: Mapping[int, Any]) -> Scatterer:
    """The interface at `index`; m_of: direction of the magnet at each position."""
    interface: Any = film.elements[index]
    magnet = film.magnet_of(index)

    def side(position: int) -> Neighbour:
        layer: Any = film.elements[position]
        return Neighbour(layer.numbers()["conductivity"], getattr(layer, "polarization", 0.0), m_of.get(position, _Z))

    m = m_of[magnet] if magnet is not None else _Z
    return Scatterer(interface.scattering, m, side(index - 1), side(index + 1), interface.reciprocal)


def response_columns(scatterers: Sequence[Scatterer], batch: tuple[int, ...]) -> dict[str, Any]:
    """Columns of the circuit's table, (rows, ., ., batch or 1), from the responses of interfaces of one kind.

    Every interface is asked for no more than it depends on, and all that have a model of one form are asked at once: a
    sweep over thicknesses integrates each interface once, a superlattice every kind of interface once.
    """
    asked = [_asked(s) for s in scatterers]
    alike: dict[Any, list[int]] = {}
    for i, s in enumerate(scatterers):
        alike.setdefault(jax.tree.structure(s.model), []).append(i)
    rows: dict[int, dict[str, Any]] = {}
    for members in alike.values():
        model, m, lower, upper = jax.tree.map(_joined, *(asked[i] for i in members))
        response, _ = interface_response(model, m, lower, upper, TOLERANCE)
        kept = _KEPT_SIDED if isinstance(response, SidedResponse) else _KEPT
        start = 0
        for i in members:
            small = np.broadcast_shapes(*scatterers[i].shapes())
            stop = start + asked[i][1].shape[-1]
            row = {name: getattr(response, name)[..., start:stop] for name in kept}
            row["reciprocal"] = _of_batch(scatterers[i].reciprocal, small)
            rows[i] = {name: _spread(array, small, batch) for name, array in row.items()}
            start = stop
    out = {}
    for name in rows[0]:
        parts = [rows[i][name] for i in range(len(scatterers))]
        xp, size = array_module(*parts), max(part.shape[-1] for part in parts)
        out[name] = xp.stack([xp.broadcast_to(part, (*part.shape[:-1], size)) for part in parts])
    return out


def motion_columns(scatterers: Sequence[Scatterer], batch: tuple[int, ...]) -> dict[str, Any]:
    """The column `own_torque` (rows, 3, 3, batch or 1): what interfaces do to magnetisations that move."""
    parts = []
    for s in scatterers:
        model, m, _, _ = _asked(s)
        parts.append(_spread(own_torque(model, m, TOLERANCE), np.broadcast_shapes(*s.shapes()), batch))
    xp, size = array_module(*parts), max(part.shape[-1] for part in parts)
    return {"own_torque": xp.stack([xp.broadcast_to(part, (3, 3, size)) for part in parts])}


def _asked(s: Scatterer) -> tuple[ScatteringModel, Any, Side, Side]:
    """Model, m and what arrives from both sides, in the batch that the interface depends on."""
    small = np.broadcast_shapes(*s.shapes())

    def direction(v: Any) -> Any:
        xp = array_module(v)
        return xp.moveaxis(xp.broadcast_to(v, (*small, 3)).reshape(-1, 3), -1, 0)

    model = jax.tree.map(lambda v: _of_batch(v, small), s.model)

    def arriving(layer: Neighbour, sphere: Sphere) -> Side:
        path = mean_free_path(layer.conductivity, s.model.fermi_wavevector)
        return layer_side(sphere, _of_batch(path, small), _of_batch(layer.polarization, small), direction(layer.m))

    below, above = model.spheres()
    return model, direction(s.m), arriving(s.lower, below), arriving(s.upper, above)


def _of_batch(v: Any, batch: tuple[int, ...]) -> Any:
    xp = array_module(v)
    return xp.broadcast_to(xp.asarray(v, dtype=float), batch).reshape(-1)


def _joined(*parts: Any) -> Any:
    return array_module(*parts).concatenate(parts, -1) if len(parts) > 1 else parts[0]


def _spread(a: Any, small: tuple[int, ...], batch: tuple[int, ...]) -> Any:
    """Arrays (..., small size) over the whole batch; of size 1 where they are the same everywhere."""
    if small == () or batch == ():
        return a
    xp, inner = array_module(a), a.shape[:-1]
    wide = (*inner, *(1,) * (len(batch) - len(small)), *small)
    return xp.broadcast_to(a.reshape(wide), (*inner, *batch)).reshape(*inner, -1)
