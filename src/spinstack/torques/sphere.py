"""Torque against the direction of a magnetisation: directions on the sphere, maps of films, measured torques."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.observables import torque
from spinstack.observables.solvers import Solver
from spinstack.stack import Film, ParameterError
from spinstack.stack.film import magnet_labels

if TYPE_CHECKING:
    import xarray

#: torque per area and per field
UNIT = "N/V"


class Directions(NamedTuple):
    """Unit vectors `m` (n, 3) and the solid angle `weight` (n,) [sr] that each stands for; the weights add to 4 pi."""

    m: np.ndarray
    weight: np.ndarray


def directions(n: int = 16) -> Directions:
    """A quadrature on the sphere: n Gauss-Legendre nodes in m_z times 2n equal steps of the azimuth.

    Integrals of polynomials in m up to degree 2n - 1 are exact, so a field of harmonics up to l = n - 1 is recovered.

    Raises:
        ParameterError: n is not a whole number of at least 1.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise ParameterError(f"directions: got n = {n!r}. Allowed: a whole number of at least 1.")
    z, w = np.polynomial.legendre.leggauss(int(n))
    phi = (np.arange(2 * n) + 0.5) * np.pi / n
    r = np.sqrt(1 - z**2)[:, None]
    m = np.stack([r * np.cos(phi), r * np.sin(phi), np.broadcast_to(z[:, None], (n, 2 * n))], -1)
    return Directions(m.reshape(-1, 3), np.repeat(w * np.pi / n, 2 * n))


def torque_map(
    film: Film,
    E: Any = (1.0, 0.0),
    directions: Any = None,
    magnet: str | None = None,
    others: Mapping[str, Any] | None = None,
    B: Any = (0.0, 0.0, 0.0),
    T: float | None = None,
    solver: Solver | None = None,
) -> xarray.Dataset:
    """Torque per area and field on one magnet for many directions of its m, in one solution of the film.

    Args:
        film: one film (no batch).
        E: in-plane field (2); only its direction matters, the torque is linear in it.
        directions: :class:`Directions`, or vectors (n, 3); default ``directions(16)``, 512 of them.
        magnet: name of the magnet; may be left out where the film has one.
        others: directions (3) at which all other magnets are held, by name.
        B: magnetic field (3) [T].
        T: temperature [K], needed by magnet models.

    Returns:
        Dataset over `direction`: torque (direction, component) [N/V, that is N/m per V/m], m, the unit vector E along
        the field (direction, axis), and weight [sr] if the directions have one.

    Raises:
        ParameterError: unknown or missing magnets, zero or non-finite m or E, a batched film.
    """
    if isinstance(film, Film):
        film.require_single("torque_map")
    labels = magnet_labels(film) if isinstance(film, Film) else ()
    held = dict(others or {})
    if magnet is None and len(labels) == 1:
        magnet = labels[0]
    if labels and magnet not in labels:
        raise ParameterError(f"magnet: got {magnet!r}. Allowed: one of {', '.join(map(repr, labels))}.")
    if labels and set(held) != set(labels) - {magnet}:
        wanted = ", ".join(repr(n) for n in labels if n != magnet) or "none"
        raise ParameterError(f"others: got {sorted(held)}. Needed: a direction for each other magnet ({wanted}).")
    points = _sphere() if directions is None else directions
    m, weight = points if isinstance(points, Directions) else (points, None)
    m = unit_vectors(m, "directions", 3)
    field = unit_vectors(E, "E", 2)
    if field.shape != (2,):
        raise ParameterError(f"E: got shape {field.shape}. Allowed: one vector (Ex, Ey); join maps for several fields.")
    if m.ndim != 2:
        raise ParameterError(f"directions: got shape {m.shape}. Allowed: (n, 3).")
    result = torque(film, m={**held, str(magnet): m}, B=B, E=tuple(field), T=T, solver=solver)
    data = torque_data(m, result[magnet].values, field, weight)
    data["torque"].attrs["long_name"] = f"torque on {magnet} per area and field"
    data.attrs |= {k: v for k, v in result.attrs.items() if k != "E_V_per_m"} | {"magnet": str(magnet)}
    for name, vector in held.items():
        data.attrs[f"m_{name}"] = [float(v) for v in np.asarray(vector, float)]
    return data


def torque_data(m: Any, torque: Any, E: Any = (1.0, 0.0), weight: Any = None) -> xarray.Dataset:
    """Computed or measured torques in the form that fits and figures take.

    Args:
        m: directions of the magnetisation (n, 3), of any length but zero.
        torque: torque per area (n, 3) [N/m]; a part along m is kept and reported by the fits.
        E: in-plane field (2) or (n, 2) [V/m]; the torque is divided by its magnitude.
        weight: solid angle (n,) [sr] of each direction, if they form a quadrature.

    Returns:
        Dataset as :func:`torque_map`. Several fields: join their datasets with ``xarray.concat(..., "direction")``.

    Raises:
        ParameterError: shapes that do not match, zero or non-finite vectors.
    """
    import xarray

    unit = unit_vectors(m, "m", 3)
    if unit.ndim != 2:
        raise ParameterError(f"m: got shape {unit.shape}. Allowed: (n, 3).")
    T = numbers(torque, "torque")
    if T.shape != unit.shape:
        raise ParameterError(f"torque: got shape {T.shape} for m of shape {unit.shape}. Allowed: the same shape.")
    fields = unit_vectors(E, "E", 2)
    if fields.shape not in ((2,), (len(unit), 2)):
        raise ParameterError(f"E: got shape {fields.shape} for {len(unit)} directions. Allowed: (2,) or (n, 2).")
    size = np.broadcast_to(np.linalg.norm(numbers(E, "E"), axis=-1), len(unit))
    variables: dict[str, Any] = {
        "torque": (
            ("direction", "component"),
            T / size[:, None],
            {"units": UNIT, "long_name": "torque per area and field"},
        ),
        "m": (("direction", "component"), unit, {"units": "1", "long_name": "direction of m"}),
        "E": (
            ("direction", "axis"),
            np.broadcast_to(fields, (len(unit), 2)).copy(),
            {"units": "1", "long_name": "direction of the field"},
        ),
    }
    if weight is not None:
        w = numbers(weight, "weight")
        if w.shape != (len(unit),) or (w < 0).any():
            raise ParameterError(f"weight: got shape {w.shape}. Allowed: one number of at least 0 for each direction.")
        variables["weight"] = ("direction", w, {"units": "sr", "long_name": "solid angle"})
    return xarray.Dataset(variables, coords={"component": list("xyz"), "axis": list("xy")})


def numbers(value: Any, name: str) -> np.ndarray:
    """`value` as finite floats; else ParameterError."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}: got {value!r}. Allowed: numbers.") from None
    bad = int(np.size(array) - np.isfinite(array).sum())
    if array.size == 0 or bad:
        what = f"{bad} of {array.size} values not finite" if bad else "nothing"
        raise ParameterError(f"{name}: got {what}. Allowed: finite numbers.")
    return array


def unit_vectors(value: Any, name: str, length: int) -> np.ndarray:
    """`value` (..., length) brought to unit length; ParameterError for zero vectors and wrong shapes."""
    array = numbers(value, name)
    if array.ndim == 0 or array.shape[-1] != length:
        raise ParameterError(f"{name}: got shape {array.shape}. Allowed: (..., {length}).")
    norm = np.linalg.norm(array, axis=-1, keepdims=True)
    if (norm == 0).any():
        where = np.argwhere(norm[..., 0] == 0)[0].tolist()
        raise ParameterError(f"{name}: got a vector of length zero{f' at {where}' if where else ''}. Give a direction.")
    return array / norm


_sphere = directions
