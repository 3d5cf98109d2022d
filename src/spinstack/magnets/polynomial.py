"""Functions of one or several unit vectors as polynomials of their components: what dynamics asks a film for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

#: degrees that are tried, and directions at which a polynomial is tried that it was not fitted to
DEGREES, TRIED = (0, 1, 2, 4, 6, 8, 10, 12), 40
#: directions that are asked of a film without a word from the user
MOST_NODES = 30_000
#: part of the largest coefficient that is rounding
_ROUNDING = 1e-13
#: directions of several magnets for every monomial
_EACH = 4
#: changes below this part of the value are not looked at closer
_NOTHING = 1e-9


@cache
def exponents(magnets: int, degree: int) -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """Powers of (x, y, z) of each magnet, of every monomial up to a total degree; z^2 is 1 - x^2 - y^2, so z has 0, 1.

    Of one magnet there are (degree + 1)^2, as many as spherical harmonics.
    """
    own = [(a, b, c) for c in (0, 1) for a in range(degree + 1) for b in range(degree + 1) if a + b + c <= degree]
    every = itertools.product(own, repeat=magnets)
    return tuple(sorted((e for e in every if sum(map(sum, e)) <= degree), key=lambda e: (sum(map(sum, e)), e)))


def monomials(m: Any, degree: int) -> list[Any]:
    """Every monomial at m (magnets, 3, ...), each product of one of a lower degree and a component."""
    made: dict[Any, Any] = {}
    for powers in exponents(len(m), degree):
        if not any(map(sum, powers)):
            made[powers] = m[0][0] * 0 + 1
            continue
        i = next(i for i, e in enumerate(powers) if sum(e))
        k = next(k for k in (2, 0, 1) if powers[i][k])
        lower = tuple(tuple(p - (j == i and q == k) for q, p in enumerate(e)) for j, e in enumerate(powers))
        # that of degree 1 is the component itself, not 1 times it
        made[powers] = made[lower] * m[i][k] if any(map(sum, lower)) else m[i][k]
    return list(made.values())


def basis(m: np.ndarray, degree: int) -> np.ndarray:
    """Every monomial (points, terms) at m (points, magnets, 3)."""
    return np.array(np.broadcast_arrays(*monomials(np.moveaxis(m, 0, -1), degree))).T


class Polynomial(NamedTuple):
    """`coefficients` (terms, ...) of the monomials; `residual`: largest deviation over the largest value."""

    coefficients: np.ndarray
    magnets: int
    degree: int
    residual: float

    def __call__(self, m: np.ndarray) -> np.ndarray:
        """Values (points, ...) at m (points, magnets, 3)."""
        return np.tensordot(basis(m, self.degree), self.coefficients, 1)


def sphere(degree: int) -> np.ndarray:
    """Directions (nodes, 3) that determine every polynomial of that degree, and its square."""
    return quadrature(degree)[0]


def quadrature(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Directions (nodes, 3) and weights (nodes,), sum 1, exact for products of two polynomials of that degree."""
    z, weights = np.polynomial.legendre.leggauss(degree + 1)
    turns = 2 * degree + 2
    phi = (np.arange(turns) + 0.5) * np.pi / (degree + 1)
    r = np.sqrt(1 - z**2)[:, None]
    m = np.stack(np.broadcast_arrays(r * np.cos(phi), r * np.sin(phi), z[:, None]), -1).reshape(-1, 3)
    return m, np.repeat(weights / (2 * turns), turns)


def nodes(magnets: int, degree: int) -> np.ndarray:
    """Directions (nodes, magnets, 3) that determine all monomials of that degree."""
    if magnets == 1:
        return sphere(degree)[:, None]
    # a grid of all magnets would have many more than there are monomials of a total degree
    m = np.random.default_rng(5).standard_normal((_EACH * len(exponents(magnets, degree)), magnets, 3))
    return np.asarray(m / np.linalg.norm(m, axis=-1, keepdims=True))


def fitted(m: np.ndarray, values: np.ndarray, degree: int) -> np.ndarray:
    """Least-squares coefficients (terms, ...) of values (points, ...) at m (points, magnets, 3)."""
    flat = values.reshape(len(values), -1)
    found = np.linalg.lstsq(basis(m, degree), flat, rcond=None)[0]
    # what symmetry forbids is rounding, which dynamics need not carry along
    found[np.abs(found) < _ROUNDING * np.abs(found).max(initial=0.0)] = 0.0
    return found.reshape(-1, *values.shape[1:])


def of_functions(
    functions: Callable[[np.ndarray], Sequence[np.ndarray]],
    magnets: int,
    tolerance: float,
    degree: int | None = None,
    changes: Sequence[bool] = (),
) -> list[Polynomial]:
    """Polynomials of several functions of m (points, magnets, 3), each of the lowest degree that is good enough.

    A residual is the largest deviation over the largest value, or, of functions of which the changes count, over the
    largest deviation from the mean. Where a degree is given, of that one. Whoever calls looks at the residuals: the
    highest degree tried may not do.
    """
    rng = np.random.default_rng(12345)
    away = rng.standard_normal((TRIED, magnets, 3))
    away /= np.linalg.norm(away, axis=-1, keepdims=True)
    tried = [np.asarray(v) for v in functions(away)]
    done: list[Polynomial | None] = [None] * len(tried)
    grids = ((2, 4, 8, 12) if magnets == 1 else (2, 4, 6, 8)) if degree is None else (degree,)
    of_changes = [*changes, *[False] * (len(tried) - len(changes))]
    for top in grids:
        # of three magnets the first grid is all that can be asked
        if degree is None and top > grids[0] and len(sphere(top)) ** magnets > MOST_NODES:
            break
        at = nodes(magnets, top)
        found = [np.asarray(v) for v in functions(at)]
        for k, (values, right) in enumerate(zip(found, tried, strict=True)):
            if done[k] is not None and done[k].residual <= tolerance:  # type: ignore[union-attr]
                continue
            for d in [d for d in DEGREES if d <= top] if degree is None else [degree]:
                made = Polynomial(fitted(at, values, d), magnets, d, 0.0)
                level = values.mean(0) if of_changes[k] else 0.0
                size = max(float(np.abs(v).max(initial=0.0)) for v in (values, right))
                scale = max(float(np.abs(v - level).max(initial=0.0)) for v in (values, right))
                scale = max(scale, _NOTHING * size)
                off = float(np.abs(made(away) - right).max(initial=0.0))
                done[k] = made = made._replace(residual=off / scale if scale else 0.0)
                if made.residual <= tolerance:
                    break
        if all(p is not None and p.residual <= tolerance for p in done):
            break
    return [p for p in done if p is not None]
