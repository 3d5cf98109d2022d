"""Magnets in time: the Landau-Lifshitz-Gilbert equation on a table of the film, many magnets side by side.

``dm/dt = g/(1 + a^2) (L + a m x L)``, ``L = B x m + K l(m)``: fields and the torque of a current stand in the same L,
so that damping mixes them alike. Derivation: docs/methods/moving_magnets.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from spinstack.magnets.landscape import Landscape, fields
from spinstack.magnets.model import MagneticModel
from spinstack.magnets.polynomial import monomials
from spinstack.numerics import compiler
from spinstack.numerics.arrays import array_module
from spinstack.numerics.nothing import NOTHING

#: numbers of a table that a program has one by one; more would be compiled for longer than they save
MOST_NUMBERS = 100

Scheme = Literal["runge_kutta", "heun"]
#: lanes from which on nothing is computed twice
_MANY = 64
#: seconds, about, after which a path that tells how far it is does so; measured seconds of a step, of a term of its
#: table, and of a term in a lane, where the program has the numbers one by one and where it has not
_PIECE = 0.4
_STEP, _FEW, _OF_MANY = 5e-7, (0.0, 2e-9), (1e-6, 3e-9)


class Mechanics(NamedTuple):
    """What moves magnets: landscape, coefficients (terms, magnets, 3) [T per A/m] of the turning by the current, held
    magnets (others, 3), gyromagnetic ratios (magnets,) [rad/(s T)] and damping (magnets,)."""

    land: Landscape
    turning: Any
    held: Any
    ratios: Any
    damping: Any


def turnings(on: Mechanics, degree: int, m: Any, B: Any, K: Any) -> list[list[Any]]:
    """L [T] by magnet and component at m (magnets, 3, ...) in B (3, ...), or by magnet (magnets, 3, ...), and K."""
    drives = _drives(on.turning, monomials(m, degree))
    out = []
    for x, H, drive in zip(m, fields(on.land, m, B, on.held), drives, strict=True):
        out.append([c + K * d for c, d in zip(_cross(H, x), drive, strict=True)])
    return out


def _drives(turning: Any, basis: list[Any]) -> Any:
    """Turning by one A/m, by magnet and component."""
    if isinstance(turning, list):
        # the first monomial is 1
        first, *others = turning
        return [
            [sum((c[i][k] * one for c, one in zip(others, basis[1:], strict=True)), first[i][k]) for k in range(3)]
            for i in range(len(first))
        ]
    xp = array_module(*basis)
    terms = xp.stack(basis)
    return xp.einsum("ticl,tl->icl" if turning.ndim > 3 else "tic,t...->ic...", turning, terms)


def rates(on: Mechanics, degree: int, m: Any, B: Any, K: Any, noise: Any = None) -> list[list[Any]]:
    """dm/dt [1/s] by magnet and component; noise: fields (magnets, 3, ...) [T] beside B."""
    return _turned(on, m, turnings(on, degree, m, B, K), noise)


def _turned(on: Mechanics, m: Any, turning: Any, noise: Any) -> list[list[Any]]:
    """dm/dt [1/s] of L [T]."""
    out = []
    for i, L in enumerate(turning):
        x = m[i]
        if noise is not None:
            L = [a + b for a, b in zip(L, _cross(noise[i], x), strict=True)]
        a = on.damping[i]
        g = on.ratios[i] / (1 + a * a)
        out.append([g * (c + a * d) for c, d in zip(L, _cross(x, L), strict=True)])
    return out


def _cross(a: Any, b: Any) -> list[Any]:
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def _moved(m: Any, rate: Any, dt: Any) -> list[list[Any]]:
    return [[c + dt * d for c, d in zip(x, v, strict=True)] for x, v in zip(m, rate, strict=True)]


def _normal(m: Any) -> list[list[Any]]:
    out = []
    for x in m:
        size = lax.rsqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
        out.append([c * size for c in x])
    return out


def _runge_kutta(rate: Callable[..., Any], m: Any, t: Any, dt: Any) -> list[list[Any]]:
    one = rate(m, t)
    two = rate(_moved(m, one, dt / 2), t + dt / 2)
    three = rate(_moved(m, two, dt / 2), t + dt / 2)
    four = rate(_moved(m, three, dt), t + dt)
    return [
        [c + dt / 6 * (a + 2 * b + 2 * d + e) for c, a, b, d, e in zip(*parts, strict=True)]
        for parts in zip(m, one, two, three, four, strict=True)
    ]


def _heun(rate: Callable[..., Any], m: Any, t: Any, dt: Any) -> list[list[Any]]:
    one = rate(m, t)
    two = rate(_moved(m, one, dt), t + dt)
    return [[c + dt / 2 * (a + b) for c, a, b in zip(*parts, strict=True)] for parts in zip(m, one, two, strict=True)]


_SCHEMES = {"runge_kutta": _runge_kutta, "heun": _heun}


@partial(compiler.jit, static_argnums=(0, 1, 2, 3))
def _path(
    scheme: Scheme, degree: int, shape: Callable[..., Any], thermal: bool, on: Mechanics, m: Any, B: Any, K: Any,
    timing: Any, start: Any, dt: Any, firsts: Any, counts: Any, noise: Any, key: Any,
) -> Any:  # fmt: skip
    def apart(function: Callable[..., Any], *given: Any) -> Any:
        """The same, as a part that nothing is fused with: of several results that share their work XLA would compute
        this anew for each. A branch that is always taken is such a part; with few lanes it costs more than it saves.
        """
        if m[0][0].size < _MANY:
            return function(*given)
        shapes = jax.eval_shape(function, *given)
        return lax.cond(
            dt > 0, function, lambda *_: jax.tree.map(lambda one: jnp.zeros(one.shape, one.dtype), shapes), *given
        )

    def step(k: Any, state: Any) -> Any:
        m, first = state
        t = start + (first + k) * dt
        kick = None
        if thermal:
            # single precision is drawn three times as fast, and no distribution shows it
            drawn = jax.random.normal(jax.random.fold_in(key, first + k), (len(m), 3, *m[0][0].shape), jnp.float32)
            drawn = drawn.astype(jnp.float64)
            kick = [[noise[i] * drawn[i, c] for c in range(3)] for i in range(len(m))]

        def rate(m: Any, t: Any) -> Any:
            L = apart(lambda m, K: turnings(on, degree, m, B, K), m, K * shape(t, timing))
            return apart(lambda m, L: _turned(on, m, L, kick), m, L)

        return _normal(_SCHEMES[scheme](rate, m, t, dt)), first

    def record(m: Any, steps: Any) -> Any:
        first, count = steps
        m, _ = lax.fori_loop(0, count, step, (m, first))
        return m, jnp.stack([jnp.stack(x) for x in m])

    return lax.scan(record, m, (firsts, counts))[1]


def path(
    scheme: Scheme, degree: int, shape: Callable[..., Any], on: Mechanics, m: np.ndarray, B: np.ndarray, K: np.ndarray,
    timing: Any, *, dt: float, every: int, records: int, start: float = 0.0, noise: np.ndarray | None = None,
    seed: int = 0, block: int = 0, said: Callable[[int, int], None] | None = None,
) -> np.ndarray:  # fmt: skip
    """Directions (records, magnets, 3, lanes), one after every so many steps dt [s], from m (magnets, 3, lanes).

    Args:
        shape: of the current, a function of time and `timing`, by which the amplitudes K (lanes,) [A/m] are multiplied.
        B: fields (3, lanes) [T].
        start: time [s] at which m is.
        noise: deviation (magnets,) [T] of each component of the thermal field in one step.
        seed, block: of the random numbers; each block of lanes has its own.
        said: called with how many steps are done, and how many there are, between the pieces into which a long path is
            cut; what it raises ends the path. The pieces join to what one piece gives.
    """
    most = None if said is None else _most_steps(on, np.shape(m)[-1])
    # a program whose constants are numbers of their own is compiled in a tenth of the time
    lanes = np.ndim(on.damping) - 1
    numbers, inside = jax.tree.map(lambda one: _parts(one, lanes), on), [list(one) for one in m]
    if np.count_nonzero(np.any(on.turning, axis=-1) if lanes else on.turning) > MOST_NUMBERS:
        numbers = numbers._replace(turning=np.asarray(on.turning))
    key = jax.random.fold_in(jax.random.key(seed), block)
    field = _parts(np.asarray(B), 1)
    kicks, found = None if noise is None else list(map(float, noise)), []
    for firsts, counts, kept in _pieces(records, every, most):
        piece = np.asarray(_path(
            scheme, degree, shape, noise is not None, numbers, inside, field, K, timing, start, dt, firsts, counts,
            kicks, key,
        ))  # fmt: skip
        inside = [list(one) for one in piece[-1]]
        found.append(piece[kept])
        done = int(firsts[-1] + counts[-1])
        if said is not None and done < records * every:
            said(done, records * every)
    return found[0] if len(found) == 1 else np.concatenate(found)


def _most_steps(on: Mechanics, lanes: int) -> int:
    """Steps of one piece of a path."""
    terms = np.count_nonzero(np.any(on.turning, axis=-1) if np.ndim(on.damping) > 1 else on.turning)
    alone, in_lane = _FEW if terms <= MOST_NUMBERS else _OF_MANY
    return max(1, int(_PIECE / (_STEP + terms * (alone + lanes * in_lane))))


def _pieces(records: int, every: int, most: int | None) -> Iterator[tuple[np.ndarray, np.ndarray, slice]]:
    """Where stretches of steps begin, how many each has, and which of their ends are records: piece by piece.

    No piece has more than `most` steps, and all have as many stretches, so that one program computes them: those that
    are too many have no steps.
    """
    if most is None or records * every <= most:
        yield np.arange(records) * every, np.full(records, every), slice(None)
        return
    if every > most:
        for record in range(records):
            for first in range(0, every, most):
                count = min(most, every - first)
                last = first + count == every
                yield np.array([record * every + first]), np.array([count]), slice(None if last else 1, None)
        return
    several = most // every
    for begun in range(0, records, several):
        numbers = np.minimum(np.arange(begun, begun + several), records)
        counts = np.where(numbers < records, every, 0)
        yield numbers * every, counts, slice(min(several, records - begun))


def _parts(array: Any, lanes: int) -> Any:
    """Nested lists of numbers, or of arrays over lanes; what is zero is no part of the program."""
    if np.ndim(array) > lanes:
        return [_parts(one, lanes) for one in array]
    return NOTHING if not np.any(array) else array if lanes else float(array)


def mechanics(model: MagneticModel, along: np.ndarray, resting: bool = False) -> Mechanics:
    """The mechanics of a model with a current along a direction (2).

    resting: of places at rest alone, which damping has no part in; where it is not known the magnets creep.
    """
    turning = model.table.turning.coefficients @ along
    creep = resting and any(one.damping is None for one in model.moving)
    damping = np.ones(len(model.moving)) if creep else model.dampings
    return Mechanics(model.landscape, turning, model.held, model.gyromagnetic_ratios, damping)
