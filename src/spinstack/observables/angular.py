"""Angle-dependent magnetoresistance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.observables.planes import (
    PLANES,
    Current,
    Mounting,
    Plane,
    check_angles,
    check_field,
    check_plane,
    check_temperature,
    directions,
    plane_axes,
    temperature_attribute,
)
from spinstack.observables.registry import Labels, labelled_observable
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import scanned, tensor_outputs, with_ratio
from spinstack.observables.turning import SYMBOLS, Turns, labels_of, turned, what_turns
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.text.units import In


def check_planes(plane: Any) -> tuple[list[Plane], bool]:
    """The planes and whether they are a dimension."""
    several = isinstance(plane, list | tuple)
    planes = [check_plane(p) for p in (plane if several else [plane])]
    if not planes or len(set(planes)) < len(planes):
        raise ParameterError(field="plane", got=plane, allowed="'alpha', 'beta', 'gamma', each at most once")
    return planes, several


def scan_angles(angles: Any) -> Any:
    """The angles of a scan, a full turn where none are given."""
    return np.arange(361.0) if angles is None else check_angles(angles)


def _labels(
    film: Film, *, plane: Any, angles: Any, field: Any, turns: Any, current: Any, tilt: Any, tilt_azimuth: Any,
    contact_angle: Any, m: Any, T: Any, **_: Any,
) -> Labels:  # fmt: skip
    planes, several = check_planes(plane)
    degrees, strength = scan_angles(angles), check_field(field)
    mounting = Mounting.checked(current, tilt, tilt_azimuth, contact_angle)
    found = what_turns(film, turns, strength, m)
    symbol, words = SYMBOLS[found.turns], "the field" if found.turns == "field" else "m"
    u = np.stack([directions(p, degrees, mounting) for p in planes])
    u = u if several else u[0]
    dims = ("plane", "angle") if several else ("angle",)
    axes = [plane_axes(p, mounting.current) for p in planes]
    sense = [f"{first} to {second}" for first, second in axes]
    coords: dict[str, Any] = {
        "plane": list(planes) if several else planes[0],
        "sense": ("plane", sense, {"long_name": f"sense in which {words} turns"}) if several else sense[0],
        "angle": ("angle", degrees, {"units": "deg", "long_name": f"angle of {words} in the plane"}),
        "axis": list("xyz"),
    }
    if found.turns == "magnetisation":
        coords["m"] = ((*dims, "axis"), u, {"units": "1", "long_name": "direction of the magnets that turn"})
    if strength or found.turns == "field":
        coords["B"] = ((*dims, "axis"), strength * u, {"units": "T", "long_name": "magnetic field"})
    near = "nearest to" if mounting.tilted else "along"
    at = [f"{symbol} {near} {first}" for first, _ in axes]
    along = 2 * mounting.current
    reference = "; ".join(f"R_{along} at {p} = 0 deg ({words})" for p, words in zip(planes, at, strict=True))
    attrs = {"field_T": strength, **labels_of(found, film, strength, mounting), **temperature_attribute(T)}
    return Labels(tensor_outputs(dims, reference, mounting.current), coords, attrs)


@labelled_observable("magnetoresistance against angle", _labels, one_film=True)
def angular_scan(
    film: Film,
    plane: Plane | Sequence[Plane] = tuple(PLANES),
    angles: Annotated[Sequence[float] | np.ndarray | None, In("deg")] = None,
    field: Annotated[float, In("T")] = 0.0,
    turns: Turns | None = None,
    current: Current = "x",
    tilt: Annotated[float, In("deg")] = 0.0,
    tilt_azimuth: Annotated[float, In("deg")] = 0.0,
    contact_angle: Annotated[float, In("deg")] = 0.0,
    *,
    m: Any = None,
    T: Annotated[float | None, In("K")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Resistance while the magnetisation, or a field that the magnets find their place in, turns in a plane.

    Args:
        film: one film (no batch).
        plane: "alpha" (x to y), "beta" (y to z), "gamma" (x to z), or several of them, a dimension `plane`.
        angles: degrees, default 0 to 360 in steps of 1.
        field: magnetic field along the turning direction [T].
        turns: "magnetisation": every magnet is held along the turning direction, saturated; refused for a magnet model
            that no field holds there (a Neel vector, an anisotropy). "field": the field turns, magnet models take their
            direction of lowest energy, and `m` says what the other magnets do. Default: the magnetisation where all
            magnets can be held, else the field.
        current: "x", or "y": the planes then begin with the current along y (alpha y to -x, beta -x to z, gamma y to z)
            and the ratio is MR_yy.
        tilt, tilt_azimuth: polar and azimuthal angle [deg] of the rotation axis about that of the plane, the azimuth
            from the first axis of the plane towards the second.
        contact_angle: by how much the voltage contacts are turned about z [deg]; changes R, not G.
        m: magnets that do not turn, as a mapping from name to direction; with turns="field" as in
            :func:`sheet_conductance`, such as "along B".
        T: temperature [K], needed by magnet models and laws.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `angle` (and `plane`): R_xx, R_xy = E_y/j_x, R_yx, R_yy [Ohm], G_xx, G_xy = j_x/E_y, G_yx, G_yy
        [S], MR_xx, and the direction m or the field B. MR_xx = (R_xx - R_ref)/R_ref, R_ref the resistance at angle 0 of
        the plane (computed even where the scan does not contain it). Where the field leaves a magnet free, at one
        angle, its direction is that just before. Attributes `turns`, `magnets` and `setup` say what turns, what
        each magnet does and how the film is mounted.

    Raises:
        ParameterError: unknown plane, angles or field that are not finite, magnets that cannot be held or have no
            direction, a batched film.
    """
    planes, several = check_planes(plane)
    degrees, strength = scan_angles(angles), check_field(field)
    mounting = Mounting.checked(current, tilt, tilt_azimuth, contact_angle)
    found = what_turns(film, turns, strength, m)
    xp = array_module(degrees)
    each = [turned(film, found, p, xp.append(degrees, 0.0), mounting, strength) for p in planes]
    stacked = _stacked if several else _only
    at = Conditions(m=stacked([m for m, _ in each]), B=stacked([B for _, B in each]), T=check_temperature(T))
    G = scanned(film, at, 1 + several, solver)
    return with_ratio(G[..., :-1, :, :], G[..., -1:, :, :], mounting.current, mounting.contact_angle)


def _only(parts: list[Any]) -> Any:
    return parts[0]


def _stacked(parts: list[Any]) -> Any:
    """Directions of all planes in one array (planes, angles, 3); what is the same for all stays as it is."""
    if isinstance(parts[0], Mapping):
        return {name: _stacked([part[name] for part in parts]) for name in parts[0]}
    if parts[0] is None or np.ndim(parts[0]) < 2:  # what does not turn
        return parts[0]
    return array_module(*parts).stack(parts)
