"""Torque against the direction of a magnetisation: directions on the sphere, maps of films, measured torques."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.observables.solvers import Solver
from spinstack.observables.torques import torque
from spinstack.stack.directions import direction
from spinstack.stack.film import Film, magnet_labels
from spinstack.text import arrays
from spinstack.text.checks import whole
from spinstack.text.errors import ParameterError

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
    n = whole(n, "n", low=1, where="directions")
    z, w = np.polynomial.legendre.leggauss(n)
    phi = (np.arange(2 * n) + 0.5) * np.pi / n
    r = np.sqrt(1 - z**2)[:, None]
    m = np.stack([r * np.cos(phi), r * np.sin(phi), np.broadcast_to(z[:, None], (n, 2 * n))], -1)
    return Directions(m.reshape(-1, 3), np.repeat(w * np.pi / n, 2 * n))


def torque_map(
    film: Film,
    directions: Any = None,
    magnet: str | None = None,
    others: Mapping[str, Any] | None = None,
    *,
    B: Any = (0.0, 0.0, 0.0),
    T: float | None = None,
    E: Any = (1.0, 0.0),
    solver: Solver | None = None,
) -> xarray.Dataset:
    """Torque per area and field on one magnet for many directions of its m, in one solution of the film.

    Args:
        film: one film (no batch).
        directions: :class:`Directions`, or vectors (n, 3); default ``directions(16)``, 512 of them.
        magnet: name of the magnet; may be left out where the film has one.
        others: directions (3), or axes "x", "y", "z", at which all other magnets are held, by name.
        B: magnetic field (3) [T].
        T: temperature [K], needed by magnet models and laws.
        E: in-plane field (2); only its direction matters, the torque is linear in it.
        solver: theory, as in :func:`torque`.

    Returns:
        Dataset over `direction`: torque (direction, component) [N/V, that is N/m per V/m], m, the unit vector E along
        the field (direction, axis), and weight [sr] if the directions have one.

    Raises:
        ParameterError: unknown or missing magnets, zero or non-finite m or E, a batched film.
    """
    film = Film.of(film)
    film.require_single("torque_map")
    labels = magnet_labels(film)
    if others is not None and not isinstance(others, Mapping):
        raise ParameterError(field="others", got=others, allowed="a mapping from magnet name to direction, or None")
    held = {name: direction(value, f"others[{name!r}]") for name, value in (others or {}).items()}
    if magnet is None and len(labels) == 1:
        magnet = labels[0]
    if labels and magnet not in labels:
        raise ParameterError(field="magnet", got=magnet, allowed=f"one of {', '.join(map(repr, labels))}")
    if labels and set(held) != set(labels) - {magnet}:
        wanted = ", ".join(repr(n) for n in labels if n != magnet) or "none"
        allowed = f"a direction for each other magnet ({wanted})"
        raise ParameterError(field="others", got=sorted(held), allowed=allowed)
    points = _sphere() if directions is None else directions
    m, weight = points if isinstance(points, Directions) else (points, None)
    m = arrays.directions(m, "directions", (None, 3))
    field = arrays.directions(E, "E", (2,), remedy="Give one direction; join maps for several fields.")
    result = torque(film, m={**held, str(magnet): m}, B=B, E=tuple(field), T=T, solver=solver)
    data = torque_data(m, result[magnet].values, weight, E=field)
    data["torque"].attrs["long_name"] = f"torque on {magnet} per area and field"
    data.attrs |= {k: v for k, v in result.attrs.items() if k != "E_V_per_m"} | {"magnet": str(magnet)}
    for name, vector in held.items():
        data.attrs[f"m_{name}"] = vector.tolist()
    return data


def torque_data(m: Any, torque: Any, weight: Any = None, *, E: Any = (1.0, 0.0)) -> xarray.Dataset:
    """Computed or measured torques in the form that fits and figures take.

    Args:
        m: directions of the magnetisation (n, 3), of any length but zero.
        torque: torque per area (n, 3) [N/m]; a part along m is kept and reported by the fits.
        weight: solid angle (n,) [sr] of each direction, if they form a quadrature.
        E: in-plane field (2) or (n, 2) [V/m]; the torque is divided by its magnitude.

    Returns:
        Dataset as :func:`torque_map`. Several fields: join their datasets with ``xarray.concat(..., "direction")``.

    Raises:
        ParameterError: shapes that do not match, zero or non-finite vectors.
    """
    import xarray

    unit = arrays.directions(m, "m", (None, 3))
    T = arrays.numbers(torque, "torque", unit.shape)
    fields = arrays.directions(E, "E", (2,), (len(unit), 2))
    size = np.broadcast_to(np.linalg.norm(np.asarray(E, float), axis=-1), len(unit))
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
        w = arrays.numbers(weight, "weight", (len(unit),), low=0)
        variables["weight"] = ("direction", w, {"units": "sr", "long_name": "solid angle"})
    return xarray.Dataset(variables, coords={"component": list("xyz"), "axis": list("xy")})


_sphere = directions
