"""Evaluating a delta barrier: blocks of parameter sets, refined until the asked tolerance is met."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import spinstack.numerics.precision  # noqa: F401  (64-bit floats before any array is made)
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering import response as si
from spinstack.scattering.fermi_surface import Barrier
from spinstack.scattering.tensors import Integrals, integrals
from spinstack.stack import ParameterError
from spinstack.stack.directions import unit_vector

if TYPE_CHECKING:
    from spinstack.scattering.delta_barrier import DeltaBarrier

#: parameter sets evaluated together
BLOCK = 64
#: quadrature points of the successive refinements
LEVELS = (12, 24, 48, 96, 192, 384, 768, 1536)
#: how many of them where Rashba and Dresselhaus coupling act together, whose azimuth is summed, too
_LEVELS_BOTH = 6
#: points where parameters are abstract (inside a JAX transformation) and nothing can be refined
_ABSTRACT_POINTS = 128


class Tensors(NamedTuple):
    """The responses of an interface; rows and columns x, y, z, c at 0-, then at 0+; potentials mu_s and mu_c [V].

    conductance (..., 8, 8) [S/m^2], conductivity (..., 8, 2) [S/m]: currents per potential, per in-plane field;
    inverse (..., 2, 8) [S/m]: in-plane sheet current per potential; sheet (..., 2, 2) [S]: sheet conductance due to
    spin-orbit scattering; torkance (..., 3, 8), torkivity (..., 3, 2): spin current into m [S/m^2], [S/m];
    lattice_torkance, lattice_torkivity: into the lattice; accumulation (..., 4, 8) [1], field_accumulation (..., 4, 2)
    [m]: mu_s and mu_c at z = 0 per potential, per in-plane field; error (...): largest change of <T>, <A> and their kin
    in the last refinement, relative to their largest entry.
    """

    conductance: Any
    conductivity: Any
    inverse: Any
    sheet: Any
    torkance: Any
    lattice_torkance: Any
    torkivity: Any
    lattice_torkivity: Any
    accumulation: Any
    field_accumulation: Any
    error: Any


def _barrier(strengths: Any, m: Any) -> Barrier:
    u0, exchange, rashba, dresselhaus = (jnp.asarray(v) for v in strengths)
    return Barrier(u0, exchange, rashba, dresselhaus, jnp.asarray(m))


def _both(rashba: Any, dresselhaus: Any) -> bool:
    """Whether any set has Rashba and Dresselhaus coupling together, which needs the other azimuthal integral."""
    if is_traced(dresselhaus) or is_traced(rashba):
        return is_traced(dresselhaus) or bool((np.asarray(dresselhaus) != 0).any())
    return bool(((np.asarray(rashba) != 0) & (np.asarray(dresselhaus) != 0)).any())


def _rows(values: list[Any], batch: tuple[int, ...]) -> list[Any]:
    xp = jnp if any(isinstance(v, jax.Array) for v in values) else np
    return [xp.broadcast_to(xp.asarray(v, dtype=float), batch).reshape(-1) for v in values]


def fermi_surface_integrals(strengths: list[Any], m: Any, tolerance: float) -> tuple[Integrals, Any]:
    """Integrals and their error (batch) for u0, u_ex, u_R, u_D (batch) and directions m (3, batch)."""
    both = _both(*strengths[2:])
    if any(is_traced(v) for v in (*strengths, m)):
        return integrals(_barrier(strengths, m), _ABSTRACT_POINTS, both), jnp.full(m.shape[-1], jnp.nan)
    if not (isinstance(tolerance, int | float) and 0 < tolerance < 1):
        raise ParameterError(f"tolerance: got {tolerance!r}. Allowed: a number between 0 and 1, for example 1e-10.")
    packed = np.concatenate([np.stack([np.asarray(v) for v in strengths]), np.asarray(m)])
    result = previous = _blocks(packed, LEVELS[0], both)
    error = np.full(m.shape[-1], np.inf)
    rows = np.arange(m.shape[-1])
    for points in LEVELS[1 : _LEVELS_BOTH if both else None]:
        current = _blocks(packed[:, rows], points, both)
        error[rows] = _change(previous, current)
        for into, new in zip(result, current, strict=True):
            into[..., rows] = new
        unfinished = ~(error[rows] <= tolerance)
        rows, previous = rows[unfinished], [a[..., unfinished] for a in current]
        if rows.size == 0:
            break
    return Integrals(*result), error  # type: ignore[arg-type]


def _change(old: list[np.ndarray], new: list[np.ndarray]) -> np.ndarray:
    """Largest change, relative to the largest entry of the same integral but at least a thousandth of <T>."""
    worst = np.zeros(new[0].shape[-1])
    least = 1e-3 * np.abs(new[0]).max((0, 1))
    for a, b in zip(old, new, strict=True):
        inner = tuple(range(b.ndim - 1))
        worst = np.maximum(worst, np.abs(a - b).max(inner) / np.maximum(np.abs(b).max(inner), least))
    return worst


def _blocks(packed: np.ndarray, points: int, both: bool) -> list[np.ndarray]:
    size = packed.shape[-1]
    block = 1 if size == 1 else BLOCK
    parts = []
    for start in range(0, size, block):
        piece = packed[:, start : start + block]
        piece = np.concatenate([piece, np.repeat(piece[:, -1:], block - piece.shape[-1], 1)], 1)
        b = _barrier(piece[:4], piece[4:])
        parts.append([np.asarray(a) for a in integrals(b, points, both)])
    return [np.concatenate(p, -1)[..., :size] for p in zip(*parts, strict=True)]


def _with_and_without_spin_orbit(strengths: list[Any], m: Any, tolerance: float) -> tuple[Integrals, Integrals, Any]:
    """Integrals, those without spin-orbit coupling, and the error of the first."""
    if not any(is_traced(v) or np.any(v) for v in strengths[2:]):
        n, error = fermi_surface_integrals(strengths, m, tolerance)
        return n, n, error
    none = np.zeros(m.shape[-1])
    if any(is_traced(v) for v in (*strengths, m)):  # one program for both
        pairs = zip(strengths, (*strengths[:2], none, none), strict=True)
        twice = [array_module(*pair).concatenate(pair) for pair in pairs]
        both, error = fermi_surface_integrals(twice, jnp.concatenate([m, m], 1), tolerance)
        size = m.shape[-1]
        return Integrals(*(a[..., :size] for a in both)), Integrals(*(a[..., size:] for a in both)), error[:size]
    n, error = fermi_surface_integrals(strengths, m, tolerance)
    return n, fermi_surface_integrals([*strengths[:2], none, none], m, tolerance)[0], error


def interface_response(
    values: dict[str, Any], sharvin: bool, m: Any, lower: tuple[Any, Any, Any], upper: tuple[Any, Any, Any],
    tolerance: float,
) -> tuple[si.Response, Any]:  # fmt: skip
    """Response and error for parameters (batch) and m (3, batch) between metals of (path (batch), P (batch), m)."""
    strengths = [values[name] for name in ("barrier", "exchange", "rashba", "dresselhaus")]
    n, bare, error = _with_and_without_spin_orbit(strengths, m, tolerance)
    sides = si.Sides(*(si.drive(*(jnp.asarray(v) for v in side)) for side in (lower, upper)))
    G = si.sharvin_conductance(jnp.asarray(values["fermi_wavevector"]))
    return _response(n, bare, sides, jnp.asarray(m), jnp.asarray(values["exchange"]), G, sharvin=sharvin), error


_response = partial(jax.jit, static_argnames="sharvin")(si.response)


def tensors(
    barrier: DeltaBarrier, m: Any, mean_free_path: tuple[Any, Any], polarization: tuple[Any, Any], tolerance: float
) -> Tensors:
    """See :meth:`DeltaBarrier.tensors`."""
    m = unit_vector(m)
    paths, P = _pair("mean_free_path", mean_free_path, 0.0, np.inf), _pair("polarization", polarization, -1.0, 1.0)
    given = barrier.strengths()
    shapes = [np.shape(v) for v in (*given.values(), *paths, *P)] + [np.shape(m)[:-1]]
    try:
        batch = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ParameterError(
            f"m and the parameters have shapes {sorted(set(shapes))}, which do not broadcast."
        ) from None
    size = int(np.prod(batch, dtype=int))
    xp: Any = jnp if isinstance(m, jax.Array) else np
    flat_m = xp.moveaxis(xp.broadcast_to(m, (*batch, 3)).reshape(size, 3), -1, 0)
    values = dict(zip(given, _rows(list(given.values()), batch), strict=True))
    lower, upper = ((*_rows([paths[i], P[i]], batch), flat_m) for i in (0, 1))
    r, error = interface_response(values, barrier.sharvin, flat_m, lower, upper, tolerance)
    arrays = _assembled(r, error)
    xp = jnp if any(is_traced(a) for a in arrays) else np
    out = [xp.moveaxis(xp.asarray(a), -1, 0).reshape((*batch, *a.shape[:-1])) for a in arrays]
    return Tensors(*out)


def _pair(name: str, value: Any, low: float, high: float) -> list[Any]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ParameterError(f"{name}: got {value!r}. Allowed: two values, of the metal below and the one above.")
    for v in value:
        if is_traced(v):
            continue
        try:
            array = np.asarray(v, dtype=float)
        except (TypeError, ValueError):
            raise ParameterError(f"{name}: got {v!r}, which is not a number.") from None
        if not (np.isfinite(array) & (array >= low) & (array <= high)).all():
            raise ParameterError(f"{name}: got {v!r}. Allowed: finite numbers from {low:g} to {high:g}.")
    return list(value)


def _assembled(r: si.Response, error: Any) -> list[Any]:
    """The 8-column form, potentials mu_c instead of 2 mu_c."""
    to_mu = jnp.array([1.0, 1.0, 1.0, 2.0])[None, :, None]

    def both(x: Any) -> Any:
        return jnp.concatenate([x, x], 1)

    mean, lost = r.mean * to_mu, r.lost * to_mu
    inverse = jnp.concatenate([(r.inverse_lost + r.inverse_mean) * to_mu, (r.inverse_lost - r.inverse_mean) * to_mu], 1)
    halve = jnp.array([1.0, 1.0, 1.0, 0.5])
    return [
        jnp.concatenate(
            [
                jnp.concatenate([mean + lost / 2, lost / 2 - mean], 1),
                jnp.concatenate([mean - lost / 2, -lost / 2 - mean], 1),
            ]
        ),
        jnp.concatenate([r.mean_field + r.lost_field / 2, r.mean_field - r.lost_field / 2]),
        inverse,
        r.sheet,
        both(r.torque * to_mu),
        both(r.lattice * to_mu),
        r.torque_field,
        r.lattice_field,
        both(r.accumulation * to_mu) * halve[:, None, None],
        r.accumulation_field * halve[:, None, None],
        error,
    ]
