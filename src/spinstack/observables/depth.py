"""What happens inside the film: accumulations, spin currents and current density against z."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.observables.planes import check_temperature, temperature_attribute
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.solvers import Solver, answers
from spinstack.stack import Film, Layer, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.orbital import has_orbital
from spinstack.text import arrays
from spinstack.text.checks import whole
from spinstack.text.units import In

_OUTPUTS = (
    Output("mu", "V", "spin accumulation mu_up - mu_down", ("point", "spin")),
    Output("Q", "A/m^2", "spin current along z", ("point", "spin")),
    Output("mu_c", "V", "electrochemical potential", ("point",)),
    Output("j_c", "A/m^2", "charge current along z", ("point",)),
    Output("j", "A/m^2", "in-plane current density", ("point", "axis")),
    Output("z", "m", "height above the bottom face", ("point",)),
)
_ORBITAL = (
    Output("mu_orbital", "V", "orbital accumulation", ("point", "spin")),
    Output("Q_orbital", "A/m^2", "orbital current along z", ("point", "spin")),
)


def _labels(film: Film, *, points: int, z: Any, T: Any, E: Any, current: Any, **_: Any) -> Labels:
    layers = [owner for owner, e in zip(film.owners(), film.elements, strict=True) if isinstance(e, Layer)]
    names = (
        [n for n in layers for _ in range(_points(points))] if z is None else [layers[i] for i, _ in _places(film, z)]
    )
    attrs = Conditions(E=E, current=current).drive | temperature_attribute(T)
    return Labels(_outputs(film), {"layer": ("point", names)}, attrs, along={"point": "z"})


def _outputs(film: Film) -> tuple[Output, ...]:
    return (*_OUTPUTS, *_ORBITAL) if has_orbital(film) else _OUTPUTS


@labelled_observable("accumulations and currents against height", _labels, one_film=True)
def profile(
    film: Film,
    points: int = 41,
    z: Annotated[Sequence[float] | float | None, In("m")] = None,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[float | None, In("K")] = None,
    E: Annotated[Any, In("V/m")] = None,
    current: Annotated[float | None, In("A/m^2")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Potentials and currents through the film in an in-plane field E without current along z, or with such a current.

    Args:
        film: one film (no batch).
        points: points per layer, both faces included, so interfaces show as steps.
        z: heights above the bottom face [m] to look at instead; a height between two layers gives a value for each
            of them, the lower one first.
        m, B, T: as in :func:`sheet_conductance`, one vector (or one per magnet).
        E: in-plane field (2) [V/m]; default 1 V/m along x, which makes every value "per V/m".
        current: charge current density along z [A/m^2] between two reservoirs that hold the spin accumulation at the
            outer faces at zero, in the place of E.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over z [m] (from the bottom face): mu (z, spin) [V], Q (z, spin) [A/m^2], mu_c, j_c (z) [V], [A/m^2],
        j (z, axis) the in-plane current density [A/m^2]; coordinate layer (z) the layer's name, numbered
        where it repeats. Of a film with orbital moments also mu_orbital and Q_orbital (z, spin) [V], [A/m^2], along the
        same axes. mu_c is zero at the bottom face of each stretch of conducting layers.

    Raises:
        ParameterError: heights outside the film.

    Example::

        inside = ss.profile(film, z=[1e-9, 5e-9], m="y")
        inside.mu.sel(spin="y")
    """
    points = _points(points)
    at = Conditions(m=m, B=B, T=check_temperature(T), E=E, current=current)
    theory = answers(solver, film, at, "profile")
    if z is None:
        found = theory.profile(film, at, np.linspace(0.0, 1.0, points))
        return {output.name: found[output.name] for output in _outputs(film)}
    places = _places(film, z)
    fractions = np.unique([0.0, 1.0, *(f for _, f in places)])
    found = theory.profile(film, at, fractions)
    rows = np.array([i * len(fractions) + int(np.searchsorted(fractions, f)) for i, f in places])
    return {output.name: np.take(found[output.name], rows, found["z"].ndim - 1) for output in _outputs(film)}


def _points(points: Any) -> int:
    """The points of a layer: no more than anybody looks at, so few that they can be held."""
    return whole(points, "points", low=2, high=10_000_000)


def _places(film: Film, z: Any) -> list[tuple[int, float]]:
    """The layer, counted from the bottom, and the fraction of its thickness of every height."""
    heights = np.atleast_1d(arrays.numbers(z, "z", (), (None,), unit="m"))
    thickness = [e.thickness for e in film.elements if isinstance(e, Layer)]
    if any(map(is_traced, thickness)):
        remedy = "Take the points of the layers, or differences of values."
        raise ParameterError("beside thicknesses inside a JAX transformation", field="z", got=z, remedy=remedy)
    faces = np.concatenate([[0.0], np.cumsum(thickness)])
    near = 1e-9 * faces[-1]  # a face that was added up in another order is that face
    out = []
    for height in heights:
        found = [
            (i, float(np.clip((height - low) / (high - low), 0.0, 1.0)))
            for i, (low, high) in enumerate(pairwise(faces))
            if low - near <= height <= high + near
        ]
        if not found:
            raise ParameterError(field="z", unit="m", got=float(height), allowed=f"0 to {faces[-1]:.9g}")
        out += [(i, round(f) if abs(f - round(f)) * (faces[i + 1] - faces[i]) <= near else f) for i, f in found]
    return out
