"""Resistance against temperature, and the gap between out-of-plane and transverse magnetisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.observables.paths import temperatures
from spinstack.observables.planes import Mounting, check_field, require_turning
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import scanned, tensor_outputs, with_ratio
from spinstack.observables.turning import SYMBOLS, Turning, Turns, labels_of, magnets_in_words, turned, what_turns
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import AlongField, Axis, Direction, direction, vector
from spinstack.text.checks import required
from spinstack.text.units import In

Temperatures = float | Sequence[float] | np.ndarray


def _named(m: Any) -> bool:
    """Whether m names several directions, which are then a dimension."""
    named = isinstance(m, list | tuple) and len(m) > 0 and all(isinstance(v, str) for v in m)
    if named and len(set(m)) < len(m):
        raise ParameterError("which names a direction twice", field="m", got=m, remedy="Name each once.")
    return named


def _scan_labels(film: Film, *, T: Any, m: Any, B: Any, **_: Any) -> Labels:
    kelvin, coords = _temperatures(T), temperature_coordinate(T)
    dims = ("temperature", "direction") if _named(m) else ("temperature",)
    if _named(m):
        coords["direction"] = list(m)
    attrs = {"B_T": _one_field(B).tolist()} | ({} if _named(m) else magnets_in_words(film, m))
    return Labels(tensor_outputs(dims, f"R_xx at {kelvin[0]:g} K"), coords, attrs)


@labelled_observable("resistance against temperature", _scan_labels, one_film=True)
def temperature_scan(
    film: Film,
    T: Annotated[Temperatures, In("K")],
    *,
    m: Direction | AlongField | Sequence[Axis] | Mapping[str, Direction | AlongField] | None = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Resistance against temperature in a fixed field. Magnet models, and laws that parameters follow, depend on it.

    Args:
        film: one film (no batch).
        T: temperatures (k,) [K].
        m: as in :func:`sheet_conductance`; or several of "x", "y", "z" for all magnets, a dimension `direction`.
        B: field (3) [T].
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `temperature` (and `direction`): R_xx, R_xy = E_y/j_x, R_yx, R_yy [Ohm], G_xx ... [S], and MR_xx
        relative to the first temperature.

    Raises:
        ParameterError: T, B or m that are not allowed, a batched film.
    """
    kelvin = _temperatures(T)
    field = _one_field(B)
    if _named(m):
        G = scanned(film, Conditions(m=direction(m), B=field, T=kelvin[:, None]), 2, solver)
        return with_ratio(G, G[..., :1, :, :, :])
    G = scanned(film, Conditions(m=m, B=field, T=kelvin), 1, solver)
    return with_ratio(G, G[..., :1, :, :])


def _gap_labels(film: Film, *, T: Any, field: Any, turns: Any, m: Any, **_: Any) -> Labels:
    strength = check_field(field)
    found = what_turns(film, turns, strength, m)
    a = SYMBOLS[found.turns]
    words = (
        ("gap", "Ohm", f"R_xx({a} || z) - R_xx({a} || y)"),
        ("ratio", "1", f"[R_xx({a} || z) - R_xx({a} || y)]/R_xx({a} || y)"),
        ("R_y", "Ohm", f"R_xx with {a} along y"),
        ("R_z", "Ohm", f"R_xx with {a} along z"),
    )
    outputs = tuple(Output(*one, ("temperature",)) for one in words)
    return Labels(outputs, temperature_coordinate(T), {"field_T": strength, **labels_of(found, film, strength)})


@labelled_observable("gap of R_xx between the directions z and y", _gap_labels, one_film=True)
def smr_gap(
    film: Film,
    T: Annotated[Temperatures, In("K")],
    field: Annotated[float, In("T")] = 0.0,
    turns: Turns | None = None,
    *,
    m: Any = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """The gap ``R_xx(m || z) - R_xx(m || y)`` against temperature.

    Args:
        film: one film (no batch).
        T: temperatures (k,) [K].
        field: magnetic field along m [T]; without, the gap is that of the insulators alone (Zhang et al. 2019).
        turns, m: as in :func:`angular_scan`; with "field" the gap is between fields along z and along y.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `temperature`: gap, R_y, R_z [Ohm] and ratio = gap/R_y.
    """
    kelvin, field = _temperatures(T), check_field(field)
    require_turning(film, field, "smr_gap")
    found = what_turns(film, turns, field, m)
    y, z = (_along(film, found, angle, field, kelvin, solver) for angle in (0.0, 90.0))
    return {"gap": z - y, "ratio": (z - y) / y, "R_y": y, "R_z": z}


def _along(film: Film, found: Turning, angle: float, field: Any, kelvin: Any, solver: Solver | None) -> Any:
    """R_xx with what turns at one angle of the beta plane."""
    m, B = turned(film, found, "beta", np.array([angle]), Mounting(), field)
    return inverse2(scanned(film, Conditions(m=m, B=B, T=kelvin), 1, solver))[..., 0, 0]


def _one_field(B: Any) -> Any:
    allowed = "one field, three components in tesla, for example B=(0, 0, 1.5)"
    field = vector(B, "B", allowed)
    if field.ndim != 1:
        raise ParameterError(f"of shape {field.shape}", field="B", got=B, allowed=allowed)
    return field


def _temperatures(T: Any) -> Any:
    return temperatures(required(T, "T", "Give temperatures in kelvin."))[0]


def temperature_coordinate(T: Any) -> dict[str, Any]:
    """The dimension of temperatures T (k,) [K], checked."""
    return {"temperature": ("temperature", _temperatures(T), {"units": "K", "long_name": "temperature"})}
