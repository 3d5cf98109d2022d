"""Magnets asked directly: arrays of field and temperature in, arrays out, one compiled program per kind of magnet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import spinstack.numerics.precision  # noqa: F401  (switches JAX to 64 bits)
from spinstack.insulator import sublattices as faces
from spinstack.insulator.brillouin import order
from spinstack.insulator.equilibrium import along_field, neel_vector, uniaxial
from spinstack.insulator.magnet import Magnet
from spinstack.insulator.sublattices import Columns, Sublattice
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack.parameters import ParameterError

#: the pieces of a face from columns, m, B (..., 3, batch) and T
KERNELS: dict[str, Callable[[Columns, Any, Any, Any], list[Sublattice]]] = {
    "WeissMagnet": faces.weiss,
    "WeissFerrimagnet": faces.ferrimagnet,
    "WeissAntiferromagnet": faces.antiferromagnet,
}


@partial(jax.jit, static_argnums=0)
def _pieces(kernel: str, p: dict[str, Any], m: Any, B: Any, T: Any) -> list[Sublattice]:
    return KERNELS[kernel](p, m, B, T)


@partial(jax.jit, static_argnums=0)
def _states(kernel: str, p: dict[str, Any], B: Any, T: Any) -> Any:
    h = faces.zeeman(p, B)
    if kernel == "WeissMagnet":
        return order(faces.weiss_states(p, h, T)[1], p["spin"])[0]
    if kernel == "WeissFerrimagnet":
        x, _ = faces.ferrimagnet_states(p, h, T)
        spins = p["spin_a"], p["spin_b"]
    else:
        x, _ = faces.antiferromagnet_states(p, h, T)
        spins = p["spin"], p["spin"]
    return jnp.stack([order(v, S)[0] for v, S in zip(x, spins, strict=True)], -1)


def _shared(p: dict[str, Any], *values: Any) -> tuple[dict[str, Any], tuple[Any, ...], tuple[int, ...]]:
    """Columns and values flattened to one batch."""
    shapes = [np.shape(v) for v in (*p.values(), *values)]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ParameterError(
            f"m, B, T and the magnet's parameters have batch shapes {sorted(set(shapes))}, which do not broadcast "
            "together."
        ) from None

    def flat(v: Any) -> Any:
        xp = array_module(v)
        return xp.broadcast_to(xp.asarray(v, dtype=float), shape).reshape(-1)

    return {name: flat(v) for name, v in p.items()}, tuple(flat(v) for v in values), shape


def _returned(value: Any, *given: Any) -> Any:
    """NumPy where nothing was traced."""
    if is_traced(value):
        return value
    array = np.asarray(value)
    return array[()] if array.ndim == 0 else array


def pieces(magnet: Magnet, m: Any, B: Any, T: Any) -> list[Sublattice]:
    """See :meth:`Magnet.sublattices`."""
    p = magnet.columns()
    vectors = [v[..., i] for v in (m, B) for i in range(3)]
    p, (*components, T), shape = _shared(p, *vectors, T)
    m, B = (array_module(*v).stack(v) for v in (components[:3], components[3:]))
    out = []
    for piece in _pieces(magnet.kernel, p, m, B, T):
        sink, real, imag = (_returned(v.reshape(shape)) for v in piece[:3])
        along = _returned(jnp.moveaxis(piece.direction, 0, -1).reshape(*shape, 3))
        out.append(Sublattice(sink, real, imag, along))
    return out


def face(magnet: Magnet, B: Any, T: Any) -> tuple[Any, Any]:
    """See :meth:`Magnet.conductances`: summed over sublattices, relative to m (to n, canting left out)."""
    xp = array_module(B)
    zero = xp.zeros_like(B)
    antiferromagnet = magnet.kernel == "WeissAntiferromagnet"
    p, (B, zero, T), shape = _shared(magnet.columns(), B, zero, T)
    m = np.broadcast_to(np.array([[0.0], [0.0], [1.0]]), (3, T.shape[-1]))
    field = array_module(B).stack([zero, zero, zero] if antiferromagnet else [zero, zero, B])
    found = _pieces(magnet.kernel, p, m, field, T)
    sink = sum(f.spin_sink for f in found)
    real = sum(f.mixing_real for f in found)
    imag = sum(f.mixing_imag * f.direction[2] for f in found)
    return _returned(sink.reshape(shape)), _returned((real + 1j * imag).reshape(shape))


def ordered_spin(magnet: Magnet, B: Any, T: Any) -> Any:
    """See :meth:`Magnet.order`."""
    antiferromagnet = magnet.kernel == "WeissAntiferromagnet"
    p, (B, T), shape = _shared(magnet.columns(), 0 * B if antiferromagnet else B, T)
    sigma = _states(magnet.kernel, p, B, T)
    return _returned(sigma.reshape(*shape, *sigma.shape[1:]))


def characteristic_conductance(magnet: Magnet) -> Any:
    """See :attr:`Magnet.characteristic_conductance`."""
    p = magnet.columns()
    names = ("surface_density", "exchange_coupling")
    if names[0] in p:
        return faces.characteristic(p[names[0]], p[names[1]], p["density_of_states"])
    both = [faces.characteristic(p[f"{names[0]}_{i}"], p[f"{names[1]}_{i}"], p["density_of_states"]) for i in "ab"]
    xp = array_module(*both)
    return xp.stack(xp.broadcast_arrays(*both), -1)


def direction(magnet: Magnet, B: Any, T: Any) -> Any:
    """See :meth:`Magnet.equilibrium`."""
    p = magnet.columns()
    axis = np.asarray(magnet.easy_axis)  # type: ignore[attr-defined]
    if magnet.kernel == "WeissAntiferromagnet":
        hard = np.asarray(magnet.hard_axis)  # type: ignore[attr-defined]
        return _returned(_neel_vector(*_batched(B, p["spin_flop_field"]), axis, hard))
    K = p["anisotropy_field"]
    if is_traced(K) or (np.asarray(K) != 0).any():
        return _returned(_uniaxial(*_batched(B, K), axis))
    if not is_traced(B):
        nowhere = (np.asarray(B) == 0).all(-1)
        Tc = magnet.ordering_temperature()
        ordered = True if T is None or is_traced(T) or is_traced(Tc) else np.asarray(T) < np.asarray(Tc)
        unordered = not is_traced(Tc) and (np.asarray(Tc) == 0).all()
        if nowhere.any() and not unordered and (np.asarray(nowhere) & ordered).any():
            raise ParameterError(
                "B: zero, where an ordered magnet without anisotropy has no direction. Give m (the direction that it "
                "keeps), a field, or the magnet an anisotropy_field."
            )
    return _returned(_along_field(B, np.array([0.0, 0.0, 1.0])))


_neel_vector, _uniaxial, _along_field = (jax.jit(f) for f in (neel_vector, uniaxial, along_field))


def _batched(B: Any, value: Any) -> tuple[Any, Any]:
    """B (..., 3) and value (...) at their common batch shape."""
    shape = np.broadcast_shapes(np.shape(B)[:-1], np.shape(value))
    xp = array_module(B, value)
    return xp.broadcast_to(B, (*shape, 3)), xp.broadcast_to(xp.asarray(value, dtype=float), shape)
