"""How the resistance starts to change with field, and the exchange field at which that changes sign."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import numpy as np

from spinstack.insulator.held import without_field
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.observables.finite import ABSENT
from spinstack.observables.registry import Named, Output, arrays, observable
from spinstack.observables.sheet import inverse2
from spinstack.stack import Film, MagneticInsulator, Metal, ParameterError
from spinstack.stack.batches import together
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import Direction, single_direction
from spinstack.text.units import In

_DECADES = 6  # searched on either side of the metal's own conductance
_PER_DECADE = 16
_HALVINGS = 60


_NO_FIELD = {"boltzmann": "no magnetic field in the equation"}


@observable(
    "initial slope of R_xx with field, conductances of the faces held",
    Output("initial_slope", "Ohm/T", "dR_xx/dB at B = 0, conductances of the faces held"),
    why_not=_NO_FIELD,
)
def initial_slope(film: Film, direction: Direction = "z", *, T: Annotated[Any, In("K")] = None) -> Any:
    """Slope dR_xx/dB (...) [Ohm/T] at B -> 0 of Hanle precession alone, B and every m along `direction`.

    The conductances of magnet models are held at their values without field. What a field does to the moments
    themselves comes on top in a measurement, and near T_C is larger by far: that is in :func:`field_scan`. A
    negative slope with an exchange field along B (Gi > 0) is the non-local interplay of Hanle precession and spin Hall
    magnetoresistance (Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Fig. 3).

    Args:
        film: the film, possibly batched.
        direction: "x", "y", "z" or three numbers.
        T: temperature (...) [K], needed by magnet models and laws.
    """
    from spinstack import circuit

    along, T = single_direction(direction, "direction"), Conditions(T=T).T
    held = without_field(film, T)
    G, slope = circuit.sheet_conductance_slope(held, along if held.magnets else None, along)
    R = inverse2(G)
    return -(R @ slope @ R)[..., 0, 0]


def _numbered(film: Film) -> tuple[str, ...]:
    elements = zip(film.owners(), film.elements, strict=True)
    return tuple(owner for owner, e in elements if isinstance(e, MagneticInsulator) and e.magnet is None)


@observable(
    "critical exchange conductance",
    Output(
        "critical_exchange",
        "S/m^2",
        "Gi at which the initial slope of R_xx changes sign",
        attrs={ABSENT: "NaN: the slope keeps its sign"},
    ),
    why_not=_NO_FIELD,
)
def critical_exchange(
    film: Film,
    insulator: Annotated[str | None, Named(_numbered, "insulators given by numbers")] = None,
    direction: Any = "z",
    *,
    T: Annotated[Any, In("K")] = None,
) -> Any:
    """The Gi > 0 (...) [S/m^2] of one insulator at which :func:`initial_slope` changes sign; NaN where it does not.

    Everything else in the film is as it is. The search spans six decades on either side of the conductance per area of
    one diffusion length of the first metal; of several roots it finds the lowest. With ``Gs = Gr = 0`` on one metal
    without ordinary Hall effect it is Eq. 17 of Zhang, Bergeret, Golovach (2019), to leading order in theta.

    Args:
        film: the film, possibly batched; its `insulator` has numbers, not a magnet model.
        insulator: its name, where the film has several.
        direction, T: as in :func:`initial_slope`.
    """
    name, T = _insulator(film, insulator), Conditions(T=T).T
    film = Film.of(film).at(T)
    if not any(isinstance(e, Metal) for e in film.elements):
        why, remedy = "has no metal in which spins could precess", "Add a Metal."
        raise ParameterError(why, where="critical_exchange", field="film", remedy=remedy)
    batch = together({"film": film.batch_shape, "T": np.shape(T)})
    steps = np.linspace(-_DECADES, _DECADES, 2 * _DECADES * _PER_DECADE + 1)

    def slope(film: Film, decades: Any) -> Any:
        """Slope for Gi of so many decades of the metal's own conductance, (points, ...)."""
        scale = _scale(film)
        Gi = array_module(scale).broadcast_to(scale, np.shape(decades)) * 10.0**decades
        changed = film.replace({f"{name}.mixing_conductance.imag": Gi})
        return arrays(initial_slope)(changed, direction, T=T)

    many = np.broadcast_to(steps.reshape(-1, *(1 for _ in batch)), (len(steps), *batch))
    values = slope(film, many)
    if is_traced(values):
        root, found = _traced_root(slope, film, steps, many)
    else:
        root, found = _bisected(partial(slope, film), steps, values, _loop)
    xp = array_module(root)
    return xp.where(found, _scale(film) * 10.0**root, np.nan)[()]


def _scale(film: Film) -> Any:
    """Conductance per area of one diffusion length of the first metal [S/m^2]."""
    p = next(e for e in film.elements if isinstance(e, Metal)).numbers()
    return p["conductivity"] / p["spin_diffusion_length"]


def _bisected(
    slope: Callable[[Any], Any], steps: np.ndarray, values: Any, loop: Callable[[int, Any, Any], Any]
) -> tuple[Any, Any]:
    """The lowest root between the steps (...) and whether there is one; `values` (steps, ...) are the slopes there."""
    xp = array_module(values)
    crosses = xp.sign(values[:-1]) * xp.sign(values[1:]) < 0
    first = xp.argmax(crosses, 0)
    sign = xp.sign(xp.take_along_axis(values, first[None], 0)[0])
    points = xp.asarray(steps)

    def halved(ends: tuple[Any, Any]) -> tuple[Any, Any]:
        low, high = ends
        middle = (low + high) / 2
        before = xp.sign(slope(middle)) == sign
        return xp.where(before, middle, low), xp.where(before, high, middle)

    low, high = loop(_HALVINGS, halved, (points[first], points[first + 1]))
    return (low + high) / 2, crosses.any(0)


def _loop(count: int, step: Callable[[Any], Any], start: Any) -> Any:
    for _ in range(count):
        start = step(start)
    return start


def _traced_root(slope: Callable[[Film, Any], Any], film: Film, steps: np.ndarray, many: np.ndarray) -> tuple[Any, Any]:
    """The root inside a JAX transformation: its derivative follows from the slope's, not from the bisection."""
    import jax

    held = jax.tree.map(jax.lax.stop_gradient, film)
    at = partial(slope, held)
    values = at(many)

    def loop(count: int, step: Callable[[Any], Any], start: Any) -> Any:
        return jax.lax.fori_loop(0, count, lambda _, ends: step(ends), start)

    root, found = _bisected(at, steps, values, loop if is_traced(values) else _loop)
    residual, rate = jax.jvp(at, (root,), (jax.numpy.ones_like(root),))
    # d root = - d slope / (d slope / d root), at the value that bisection found
    return root - (slope(film, root) - residual) / jax.numpy.where(rate == 0, 1.0, rate), found


def _insulator(film: Film, name: str | None) -> str:
    numbered = _numbered(Film.of(film))
    if name is None and len(numbered) == 1:
        name = numbered[0]
    if not isinstance(name, str) or name not in numbered:
        raise ParameterError(
            field="insulator",
            got=name,
            allowed=f"one insulator of the film that is given by numbers ({', '.join(numbered) or 'none'})",
        )
    return name
