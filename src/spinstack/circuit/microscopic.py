"""Coefficients of interfaces with a scattering model, for the m and the neighbours they have in the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.scattering.evaluate import interface_response
from spinstack.scattering.response import mean_free_path
from spinstack.stack import Film

#: relative accuracy of Fermi-surface integrals in films
TOLERANCE = 1e-11
_Z = np.array([0.0, 0.0, 1.0])
_KEPT = (
    "mean", "lost", "mean_field", "lost_field", "inverse_mean", "inverse_lost", "sheet", "torque", "torque_field",
)  # fmt: skip


def scattering_columns(
    film: Film, where: Sequence[int], m_of: Mapping[int, Any], batch: tuple[int, ...]
) -> dict[str, Any]:
    """Columns of the circuit's table, (rows, ., ., batch or 1), for the interfaces at `where`.

    The in-plane drive follows from the conductivity and the polarisation of the two neighbours, so that interface and
    bulk speak of the same current.
    """
    rows = [_row(film, i, m_of, batch) for i in where]
    size = max(a.shape[-1] for row in rows for a in row.values())
    out = {}
    for name in rows[0]:
        xp: Any = jnp if any(isinstance(row[name], jax.Array) for row in rows) else np
        out[name] = xp.stack([xp.broadcast_to(row[name], (*row[name].shape[:-1], size)) for row in rows])
    return out


def _row(film: Film, index: int, m_of: Mapping[int, Any], batch: tuple[int, ...]) -> dict[str, Any]:
    interface: Any = film.elements[index]
    model = interface.scattering
    magnet = film.magnet_of(index)
    m = m_of[magnet] if magnet is not None else _Z
    values = model.strengths()
    kF = values["fermi_wavevector"]
    sides = []
    for neighbour in (index - 1, index + 1):
        layer: Any = film.elements[neighbour]
        path = mean_free_path(layer.conductivity, kF)
        sides.append((path, getattr(layer, "polarization", 0.0), m_of.get(neighbour, _Z)))
    scalars = [*values.values(), interface.reciprocal, *(v for path, P, _ in sides for v in (path, P))]
    vectors = [m, *(v for *_, v in sides)]
    # only what the interface depends on: a sweep over thicknesses asks each interface once
    small = np.broadcast_shapes(*(np.shape(v) for v in scalars), *(np.shape(v)[:-1] for v in vectors))
    size = int(np.prod(small, dtype=int))

    def flat(v: Any) -> Any:
        xp: Any = jnp if isinstance(v, jax.Array) else np
        return xp.broadcast_to(xp.asarray(v, dtype=float), small).reshape(size)

    def flat_vector(v: Any) -> Any:
        xp: Any = jnp if isinstance(v, jax.Array) else np
        return xp.moveaxis(xp.broadcast_to(v, (*small, 3)).reshape(size, 3), -1, 0)

    lower, upper = ((flat(path), flat(P), flat_vector(v)) for path, P, v in sides)
    response, _ = interface_response(
        {name: flat(v) for name, v in values.items()}, model.sharvin, flat_vector(m), lower, upper, TOLERANCE
    )
    full = int(np.prod(batch, dtype=int))

    def spread(a: Any) -> Any:
        inner = a.shape[:-1]
        if small == () or full == 1:
            return a
        xp: Any = jnp if isinstance(a, jax.core.Tracer) else np
        wide = (*inner, *(1,) * (len(batch) - len(small)), *small)
        return xp.broadcast_to(xp.asarray(a).reshape(wide), (*inner, *batch)).reshape(*inner, full)

    out = {name: spread(array) for name, array in response._asdict().items() if name in _KEPT}
    return out | {"reciprocal": spread(flat(interface.reciprocal))}
