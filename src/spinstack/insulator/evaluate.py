"""Kernels of magnets asked directly: arrays of field and temperature in, arrays out.

One program per kind of magnet: other numbers of fields and temperatures compile nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import numpy as np

from spinstack.insulator import equilibrium
from spinstack.insulator.moments import Columns, Sublattice
from spinstack.numerics import compiler
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.numerics.progress import tell
from spinstack.stack.batches import together

#: :meth:`Magnet.pieces` and :meth:`Magnet.ordered` of a magnet
Pieces = Callable[[Columns, Any, Any, Any], list[Sublattice]]
Ordered = Callable[[Columns, Any, Any], Any]

#: cases that a program evaluates together
BLOCK = 64


@partial(compiler.jit, static_argnums=0)
def _compiled(kernel: Callable[..., Any], *arrays: Any) -> Any:
    return kernel(*arrays)


def _by_blocks(kernel: Callable[..., Any], p: Columns, *arrays: Any) -> Any:
    """`kernel` of columns and arrays with the cases last; the last block is filled up with copies of the last case.

    Traced values stay traced and are evaluated as one block.
    """
    leaves = [*p.values(), *arrays]
    size = leaves[-1].shape[-1]
    if size == 0 or any(is_traced(v) for v in leaves):
        return _compiled(kernel, p, *arrays)
    parts = []
    for start in range(0, size, BLOCK):
        tell(start, size)
        cases = np.minimum(np.arange(start, start + BLOCK), size - 1)
        block_of = jax.tree.map(lambda a, cases=cases: np.asarray(a)[..., cases], (p, *arrays))
        with compiler.numbers():
            parts.append(_compiled(kernel, *block_of))
    return jax.tree.map(lambda *found: np.concatenate(found, -1)[..., :size], *parts)


def _shared(p: Columns, names: str, *values: Any) -> tuple[dict[str, Any], tuple[Any, ...], tuple[int, ...]]:
    """Columns and values flattened to one batch; a letter for each value says of which argument it is."""
    named = (*p.items(), *zip(names, values, strict=True))
    shape = together({name: np.shape(v) for name, v in named})

    def flat(v: Any) -> Any:
        xp = array_module(v)
        return xp.broadcast_to(xp.asarray(v, dtype=float), shape).reshape(-1)

    return {name: flat(v) for name, v in p.items()}, tuple(flat(v) for v in values), shape


def _returned(value: Any) -> Any:
    """NumPy where nothing was traced."""
    if is_traced(value):
        return value
    array = np.asarray(value)
    return array[()] if array.ndim == 0 else array


def all_pieces(pieces: Pieces, columns: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
    """The sublattices with the order along m (..., 3) in the field B (..., 3) [T] at T (...) [K]; (...) in front."""
    vectors = [v[..., i] for v in (m, B) for i in range(3)]
    p, (*components, T), shape = _shared(columns, "mmmBBBT", *vectors, T)
    m, B = (array_module(*v).stack(v) for v in (components[:3], components[3:]))
    out = []
    for piece in _by_blocks(pieces, p, m, B, T):
        sink, real, imag = (_returned(v.reshape(shape)) for v in piece[:3])
        along = _returned(array_module(piece.direction).moveaxis(piece.direction, 0, -1).reshape(*shape, 3))
        out.append(Sublattice(sink, real, imag, along))
    return out


def face(pieces: Pieces, columns: Columns, B: Any, T: Any) -> tuple[Any, Any]:
    """Spin sink and mixing conductance (...) [S/m^2] in B (...) along the order, summed over sublattices."""
    p, (B, T), shape = _shared(columns, "BT", B, T)
    m = np.broadcast_to(np.array([[0.0], [0.0], [1.0]]), (3, T.shape[-1]))
    zero = np.zeros(B.shape)
    found = _by_blocks(pieces, p, m, array_module(B).stack([zero, zero, B]), T)
    sink = sum(f.spin_sink for f in found)
    real = sum(f.mixing_real for f in found)
    imag = sum(f.mixing_imag * f.direction[2] for f in found)
    return _returned(sink.reshape(shape)), _returned((real + 1j * imag).reshape(shape))


def ordered_spin(ordered: Ordered, columns: Columns, B: Any, T: Any) -> Any:
    """Ordered spin per moment (...), of sublattices (..., sublattices), in B (...) along the order."""
    p, (B, T), shape = _shared(columns, "BT", B, T)
    sigma = _by_blocks(ordered, p, B, T)
    several, sigma = sigma.ndim > 1, sigma.reshape((*sigma.shape[:-1], *shape))
    return _returned(array_module(sigma).moveaxis(sigma, 0, -1) if several else sigma)


def lowest(energy: Callable[..., Any], B: Any, strengths: Mapping[str, Any], *axes: Any) -> Any:
    """What `energy` finds for B (..., 3), the fields `strengths` (...) by name, and the axes (3) they belong to."""
    shape = together({"B": np.shape(B)[:-1], **{name: np.shape(v) for name, v in strengths.items()}})
    xp = array_module(B, *strengths.values())
    held = (xp.broadcast_to(xp.asarray(v, dtype=float), shape) for v in strengths.values())
    found = _compiled(energy, xp.broadcast_to(B, (*shape, 3)), *held, *(np.asarray(axis) for axis in axes))
    return jax.tree.map(_returned, found)


def along_field(B: Any) -> Any:
    """B/|B| (..., 3), z where there is no field."""
    return _returned(_compiled(equilibrium.along_field, B, np.array([0.0, 0.0, 1.0])))
