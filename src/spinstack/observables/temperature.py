"""Resistance against temperature, and the gap between out-of-plane and transverse magnetisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.observables.paths import temperatures
from spinstack.observables.planes import check_field, require_turning
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import scanned, tensor_outputs, with_ratio
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import AXES, Axis, Direction, direction, vector
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
    kelvin, coords = _temperatures(T), _coordinate(T)
    dims = ("temperature", "direction") if _named(m) else ("temperature",)
    if _named(m):
        coords["direction"] = list(m)
    attrs = {"B_T": [float(b) for b in B]}
    return Labels(tensor_outputs(dims, f"R_xx at {kelvin[0]:g} K"), coords, attrs)


@labelled_observable("resistance against temperature", _scan_labels, one_film=True)
def temperature_scan(
    film: Film,
    T: Annotated[Temperatures, In("K")],
    *,
    m: Direction | Sequence[Axis] | Mapping[str, Direction] | None = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Resistance against temperature in a fixed field. What depends on temperature are the magnet models.

    Args:
        film: one film (no batch).
        T: temperatures (k,) [K].
        m: as in :func:`sheet_conductance`; or several of "x", "y", "z" for all magnets, a dimension `direction`.
        B: field (3) [T].
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `temperature` (and `direction`): R_xx, R_xy, R_yx, R_yy [Ohm], G_xx ... [S], and MR_xx relative to
        the first temperature.

    Raises:
        ParameterError: T, B or m that are not allowed, a batched film.
    """
    kelvin = _temperatures(T)
    field = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
    if field.ndim != 1:
        raise ParameterError(
            f"of shape {field.shape}", field="B", got=B, allowed="one field, three components in tesla"
        )
    if _named(m):
        G = scanned(film, Conditions(m=direction(m), B=field, T=kelvin[:, None]), 2, solver)
        return with_ratio(G, inverse2(G[..., :1, :, :, :])[..., 0, 0])
    G = scanned(film, Conditions(m=m, B=field, T=kelvin), 1, solver)
    return with_ratio(G, inverse2(G[..., :1, :, :])[..., 0, 0])


def _gap_labels(film: Film, *, T: Any, field: Any, **_: Any) -> Labels:
    words = (
        ("gap", "Ohm", "R_xx(m || z) - R_xx(m || y)"),
        ("ratio", "1", "[R_xx(m || z) - R_xx(m || y)]/R_xx(m || y)"),
        ("R_y", "Ohm", "R_xx with m along y"),
        ("R_z", "Ohm", "R_xx with m along z"),
    )
    outputs = tuple(Output(*one, ("temperature",)) for one in words)
    return Labels(outputs, _coordinate(T), {"field_T": check_field(field)})


@labelled_observable("gap of R_xx between m along z and along y", _gap_labels, one_film=True)
def smr_gap(
    film: Film,
    T: Annotated[Temperatures, In("K")],
    field: Annotated[float, In("T")] = 0.0,
    *,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """The gap ``R_xx(m || z) - R_xx(m || y)`` against temperature.

    Args:
        film: one film (no batch).
        T: temperatures (k,) [K].
        field: magnetic field along m [T]; without, the gap is that of the insulators alone (Zhang et al. 2019).
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `temperature`: gap, R_y, R_z [Ohm] and ratio = gap/R_y.
    """
    kelvin, field = _temperatures(T), check_field(field)
    require_turning(film, field, "smr_gap")
    y, z = (
        inverse2(scanned(film, Conditions(m=m, B=field * np.array(AXES[m]), T=kelvin), 1, solver))[..., 0, 0]
        for m in "yz"
    )
    return {"gap": z - y, "ratio": (z - y) / y, "R_y": y, "R_z": z}


def _temperatures(T: Any) -> Any:
    return temperatures(required(T, "T", "Give temperatures in kelvin."))[0]


def _coordinate(T: Any) -> dict[str, Any]:
    return {"temperature": ("temperature", _temperatures(T), {"units": "K", "long_name": "temperature"})}
