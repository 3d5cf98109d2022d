"""Weiss self-consistency: the field on a moment that its neighbours and the magnet's field make together.

Energies in kelvin: h = g mu_B B/k_B. Roots x and their derivatives, to any order; derivation and choice of branch in
docs/methods/magnetic_insulator.md. Arguments of one call have one shape.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.insulator.brillouin import order

#: x at zero temperature: every function of x has its limit there to the last digit
SATURATED = 1e6
_ROUNDS = 400  # Newton takes about 10; at the critical point every round gains a third
_NEWTON_ROUNDS = 60  # for two sublattices, before they are solved in turn
_EPS = 4 * float(np.finfo(float).eps)


@jax.custom_jvp
def one_sublattice(T: Array, h: Array, coupling: Array, S: Array) -> Array:
    """Root x of ``T x = h + coupling sigma(x)``: the largest one, for h against the order the metastable state.

    Where h < 0 allows no state against it, minus the root of |h|. A negative `coupling` (fields that oppose the order)
    has a single root.
    """
    cold = T == 0
    T = jnp.where(cold, 1.0, T)
    sign = jnp.where((coupling < 0) & (h < 0), -1.0, 1.0)
    h = sign * h
    frustrated = coupling < 0
    zero = (h == 0) & (T - coupling * S * (S + 1) / 3 >= -_EPS * T)
    x = jnp.where(frustrated | zero, 0.0, jnp.minimum((h + coupling * S) / T, SATURATED))

    def start_over(lost: Array, x: Array, h: Array, sign: Array) -> tuple[Array, Array, Array]:
        """Where there is no state against the field (h < 0): from the field's side."""
        return (
            jnp.where(lost, jnp.minimum((coupling * S - h) / T, SATURATED), x),
            jnp.where(lost, -h, h),
            jnp.where(lost, -sign, sign),
        )

    x, h, sign = start_over((x <= 0) & (h < 0), x, h, sign)

    def going(state: Any) -> Array:
        return (state[0] < _ROUNDS) & ~state[-1].all()

    def step(state: Any) -> Any:
        count, x, h, sign, done = state
        sigma, slope = order(x, S)
        F, dF = T * x - h - coupling * sigma, T - coupling * slope
        lost = ~done & (h < 0) & ((dF <= 0) | (dF * x <= F))
        fall = F / jnp.where(dF > 0, dF, jnp.inf)
        fall = jnp.where(frustrated, jnp.minimum(fall, 0.0), jnp.maximum(fall, 0.0))
        ended = done | (~lost & (jnp.abs(fall) <= _EPS * jnp.abs(x)))
        x = jnp.where(done, x, x - fall)
        x, h, sign = start_over(lost, x, h, sign)
        return count + 1, x, h, sign, ended

    _, x, _, sign, _ = jax.lax.while_loop(going, step, (0, x, h, sign, zero))
    x = sign * x
    return jnp.where(cold, SATURATED * jnp.sign(x), x)


@one_sublattice.defjvp
def _one_sublattice_jvp(primals: Any, tangents: Any) -> Any:
    T, _, coupling, S = primals
    x = one_sublattice(*primals)

    def drive(T: Array, h: Array, coupling: Array, S: Array) -> Array:
        return h + coupling * order(x, S)[0] - T * x

    _, dx = jax.jvp(drive, primals, tangents)
    slope = T - coupling * order(x, S)[1]
    live = (slope > 0) & (jnp.abs(x) < SATURATED) & (T > 0)
    return x, jnp.where(live, dx, 0.0) / jnp.where(live, slope, 1.0)


@jax.custom_jvp
def two_sublattices(T: Array, h: tuple[Array, Array], coupling: Any, S: tuple[Array, Array]) -> tuple[Array, Array]:
    """Roots (x_a, x_b) of ``T x_i = h_i + sum_j coupling[i][j] sigma_j``, the state reached from full order."""
    cold = T == 0
    T = jnp.where(cold, 1.0, T)
    (aa, ab), (ba, bb) = coupling

    def fields(sa: Array, sb: Array) -> tuple[Array, Array]:
        return h[0] + aa * sa + ab * sb, h[1] + ba * sa + bb * sb

    def limited(v: Array) -> Array:
        return jnp.clip(v, -SATURATED, SATURATED)

    def residual(x: tuple[Array, Array]) -> tuple[Any, Any, Any, Array]:
        (sa, da), (sb, db) = order(x[0], S[0]), order(x[1], S[1])
        fa, fb = fields(sa, sb)
        F = T * x[0] - fa, T * x[1] - fb
        scale = 1 / (T + jnp.abs(fa) + jnp.abs(fb))
        return (limited(fa / T), limited(fb / T)), F, (da, db), scale * (jnp.abs(F[0]) + jnp.abs(F[1]))

    none = (h[0] == 0) & (h[1] == 0) & ((1 - _EPS) * critical_temperature(coupling, S) <= T)
    start_a, start_b = (jnp.where(none, 0.0, limited(f / T)) for f in fields(*S))
    start = start_a, start_b

    def settled(new: tuple[Array, Array], old: tuple[Array, Array]) -> Array:
        moved = jnp.abs(new[0] - old[0]) + jnp.abs(new[1] - old[1])
        return moved <= _EPS * (jnp.abs(new[0]) + jnp.abs(new[1]))

    def newton(state: Any) -> Any:
        count, x, evaluated, done = state
        iterated, F, (da, db), size = evaluated
        Jaa, Jab, Jba, Jbb = T - aa * da, -ab * db, -ba * da, T - bb * db
        det = Jaa * Jbb - Jab * Jba
        safe = jnp.where(det > 0, det, 1.0)
        tried = x[0] - (Jbb * F[0] - Jab * F[1]) / safe, x[1] - (Jaa * F[1] - Jba * F[0]) / safe
        at = residual(tried)
        good = (det > 0) & (Jaa > 0) & (at[3] <= size)
        xa, xb = (jnp.where(done, v, jnp.where(good, n, p)) for v, n, p in zip(x, tried, iterated, strict=True))
        new = xa, xb
        return count + 1, new, residual(new), done | settled(new, x) | (good & (at[3] <= _EPS / 4))

    def alternate(state: Any) -> Any:
        """One sublattice at a time in the field of the other: monotone from full order, whatever the couplings."""
        count, x, done = state
        xa = one_sublattice(T, h[0] + ab * order(x[1], S[1])[0], aa, S[0])
        xb = one_sublattice(T, h[1] + ba * order(xa, S[0])[0], bb, S[1])
        new = jnp.where(done, x[0], xa), jnp.where(done, x[1], xb)
        return count + 1, new, done | settled(new, x)

    def going(rounds: int) -> Any:
        return lambda state: (state[0] < rounds) & ~state[-1].all()

    _, x, _, done = jax.lax.while_loop(going(_NEWTON_ROUNDS), newton, (0, start, residual(start), none))
    again = jnp.where(done, x[0], start[0]), jnp.where(done, x[1], start[1])
    _, x, done = jax.lax.while_loop(going(_NEWTON_ROUNDS), alternate, (0, again, done))
    _, x, _, done = jax.lax.while_loop(going(_NEWTON_ROUNDS), newton, (0, x, residual(x), done))
    _, x, _ = jax.lax.while_loop(going(4 * _ROUNDS), alternate, (0, x, done))

    xa, xb = (jnp.where(cold, SATURATED * jnp.sign(v), limited(v)) for v in x)
    return xa, xb


@two_sublattices.defjvp
def _two_sublattices_jvp(primals: Any, tangents: Any) -> Any:
    T, _, coupling, S = primals
    x = two_sublattices(*primals)

    def drive(T: Array, h: Any, coupling: Any, S: Any) -> Any:
        sigma = [order(v, s)[0] for v, s in zip(x, S, strict=True)]
        return tuple(h[i] + coupling[i][0] * sigma[0] + coupling[i][1] * sigma[1] - T * x[i] for i in (0, 1))

    _, (da, db) = jax.jvp(drive, primals, tangents)
    slopes = [order(v, s)[1] for v, s in zip(x, S, strict=True)]
    (aa, ab), (ba, bb) = coupling
    Jaa, Jab = T - aa * slopes[0], -ab * slopes[1]
    Jba, Jbb = -ba * slopes[0], T - bb * slopes[1]
    det = Jaa * Jbb - Jab * Jba
    live = (det > 0) & (T > 0) & (jnp.abs(x[0]) < SATURATED) & (jnp.abs(x[1]) < SATURATED)
    da, db, det = (jnp.where(live, v, o) for v, o in ((da, 0.0), (db, 0.0), (det, 1.0)))
    return x, ((Jbb * da - Jab * db) / det, (Jaa * db - Jba * da) / det)


def critical_temperature(coupling: Any, S: tuple[Array, Array]) -> Array:
    """Where two sublattices order: the larger eigenvalue of C_i coupling[i][j], C = S(S+1)/3."""
    (aa, ab), (ba, bb) = coupling
    Ca, Cb = (s * (s + 1) / 3 for s in S)
    mean, half = (Ca * aa + Cb * bb) / 2, (Ca * aa - Cb * bb) / 2
    return mean + jnp.sqrt(half**2 + Ca * Cb * ab * ba)
