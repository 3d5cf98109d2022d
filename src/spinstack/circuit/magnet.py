"""Faces of magnetic insulators whose conductances follow from field and temperature."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.circuit.interface import insulator
from spinstack.insulator.magnet import Magnet


def magnet(kind: type[Magnet], p: Mapping[str, Array], m: Array, B: Array, R: Array) -> AffineElement:
    """The faces of magnets of one kind, (rows, batch) columns: the sum over their sublattices.

    m: magnetisation or Neel vector (rows, 3, batch); B (3, batch) [T]; the column `temperature` [K]; R: the frame
    (3, 3, batch) from which spin is seen.
    """
    total: AffineElement | None = None
    for piece in kind.pieces(p, m, jnp.broadcast_to(B, m.shape), p["temperature"]):
        columns = {
            "spin_sink_conductance": piece.spin_sink,
            "mixing_conductance_real": piece.mixing_real,
            "mixing_conductance_imag": piece.mixing_imag,
        }
        face = insulator(columns, piece.direction, R)
        total = face if total is None else AffineElement(*(a + b for a, b in zip(total, face, strict=True)))
    assert total is not None
    return total
