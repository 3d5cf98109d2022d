"""Faces of magnetic insulators whose conductances follow from field and temperature."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.circuit.interface import insulator
from spinstack.insulator.magnet import Magnet


def sublattices(kind: type[Magnet], p: Mapping[str, Array], m: Array, B: Array) -> dict[str, Array]:
    """Magnets of one kind as magnetic insulators: columns (rows, batch), sublattices one after the other.

    m: magnetisation or Neel vector (rows, 3, batch); B (3, batch) [T]; the column `temperature` [K]. Beside the columns
    of an insulator `direction` (rows, 3, batch).
    """
    pieces = list(kind.pieces(p, m, jnp.broadcast_to(B, m.shape), p["temperature"]))
    names = {
        "spin_sink_conductance": "spin_sink",
        "mixing_conductance_real": "mixing_real",
        "mixing_conductance_imag": "mixing_imag",
        "direction": "direction",
    }
    return {
        name: jnp.concatenate([jnp.asarray(getattr(piece, field)) for piece in pieces]) for name, field in names.items()
    }


def magnet(p: Mapping[str, Array], rows: int, R: Array) -> AffineElement:
    """The faces of so many magnets: the sum over their `sublattices`; R: the frame from which spin is seen."""
    face = insulator(p, p["direction"], R)
    return AffineElement(*(a.reshape(-1, rows, *a.shape[1:]).sum(0) for a in face))
