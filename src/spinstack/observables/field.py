"""Resistance against magnetic field, and what in it is spin Hall magnetoresistance and what Hanle precession."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.observables.paths import field_path, kept_directions, temperatures
from spinstack.observables.planes import temperature_attribute
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import scanned, tensor_outputs, with_ratio
from spinstack.observables.turning import magnets_in_words
from spinstack.stack import Film, MagneticInsulator, Metal, Vacuum
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import Axis, Direction, single_direction
from spinstack.stack.film import magnet_labels
from spinstack.text.units import In

#: strengths (n,), or a path (n, 3)
Fields = Sequence[float] | Sequence[tuple[float, float, float]] | np.ndarray


def _reference_words(reference: Any) -> str:
    return "R_xx at the first point of the scan" if reference is None else f"R_xx without field, m along {reference}"


def _scan_labels(film: Film, *, reference: Any, **path: Any) -> Labels:
    dims, coords, attrs = _along(film, **path)
    return Labels(tensor_outputs(dims, _reference_words(reference)), coords, attrs)


@labelled_observable("resistance against magnetic field", _scan_labels, one_film=True)
def field_scan(
    film: Film,
    field: Annotated[Fields, In("T")],
    direction: Direction | Sequence[Axis] | None = None,
    reference: Direction | None = None,
    *,
    m: Any = None,
    T: Annotated[float | Sequence[float] | np.ndarray | None, In("K")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Resistance along a path of magnetic fields, at one temperature or several.

    Args:
        film: one film (no batch).
        field: signed strengths (n,) [T] along `direction`; or, without a direction, a path (n, 3) [T].
        direction: "x", "y", "z", three numbers, or several of the names, which give a dimension `direction`.
        reference: the direction of every magnet ("x", "y", "z" or three numbers) in the resistance at zero field that
            ratios refer to; default: the first point of each path.
        m: as in :func:`sheet_conductance`: "along B", or a direction that is kept. Magnet models need none: they take
            their direction of lowest energy. What follows the field keeps its direction where the field vanishes.
        T: temperature [K], needed by magnet models and laws; several (k,) give a dimension `temperature`.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over (temperature, direction, field), the first two where there are several; a path has dimension
        `step` instead of `field`: R_xx, R_xy = E_y/j_x, R_yx, R_yy [Ohm], G_xx ... [S], MR_xx = (R_xx - R_ref)/R_ref,
        and the coordinate B [T]. The attribute `magnets` says what each magnet does.

    Raises:
        ParameterError: field, direction, T or m that are not allowed, a batched film.
    """
    along = None if reference is None else single_direction(reference, "reference")
    G = _conductance(film, field, direction, m, T, solver)
    if along is None:
        return with_ratio(G, G[..., :1, :, :])
    kelvin, several = temperatures(T)
    at = Conditions(m=along, T=kelvin if several or kelvin is None else kelvin[0])
    ref = scanned(film, at, int(several), solver)
    return with_ratio(G, ref.reshape(*ref.shape[:-2], *(1,) * (G.ndim - ref.ndim), 2, 2))


_PARTS = {
    "R_xx": "sheet resistance R_xx",
    "R_neither": "R_xx without the insulators' faces and without precession",
    "smr": "spin Hall magnetoresistance alone",
    "hanle": "Hanle magnetoresistance alone",
    "interference": "interference of the two",
}


def _contribution_labels(film: Film, **path: Any) -> Labels:
    dims, coords, attrs = _along(film, **path)
    return Labels(tuple(Output(name, "Ohm", words, dims) for name, words in _PARTS.items()), coords, attrs)


@labelled_observable("contributions to R_xx in a magnetic field", _contribution_labels, one_film=True)
def field_contributions(
    film: Film,
    field: Annotated[Fields, In("T")],
    direction: Direction | Sequence[Axis] | None = None,
    *,
    m: Any = None,
    T: Annotated[float | Sequence[float] | np.ndarray | None, In("K")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """R_xx along a path of fields, separated: the insulators alone, Hanle precession alone, and their interference.

    `smr` is the change of R_xx that the insulators' faces make without precession in the metals, `hanle` that of
    precession with closed faces, and `interference` what both together add to the sum, all against neither
    (`R_neither`). The ordinary Hall effect and metallic magnets stay as they are.

    Arguments and dimensions as in :func:`field_scan`. Variables R_xx, R_neither, smr, hanle, interference [Ohm].

    Args:
        field: signed strengths (n,) [T] along `direction`; or, without a direction, a path (n, 3) [T].
        direction: "x", "y", "z", three numbers, or several of the names.
    """
    still = film.replace({f"{label}.g_factor": 0.0 for label in _labels(film, Metal)})
    R = {}
    for name, one in (("both", film), ("smr", still), ("hanle", _closed(film)), ("neither", _closed(still))):
        known = {*one.magnets, *magnet_labels(one)}
        given = {k: v for k, v in m.items() if k in known} if isinstance(m, Mapping) else m
        given = m if one is film else given if one.magnets else None
        G = _conductance(one, field, direction, given, T, solver)
        R[name] = inverse2(G)[..., 0, 0]
    return {
        "R_xx": R["both"],
        "R_neither": R["neither"],
        "smr": R["smr"] - R["neither"],
        "hanle": R["hanle"] - R["neither"],
        "interference": R["both"] - R["smr"] - R["hanle"] + R["neither"],
    }


def _conductance(film: Film, field: Any, direction: Any, m: Any, T: Any, solver: Solver | None) -> Any:
    """Sheet conductance (..., [temperatures,] [directions,] points, 2, 2)."""
    B = field_path(field, direction).B
    kelvin, several = temperatures(T)
    if kelvin is not None:
        kelvin = kelvin.reshape(-1, *(1,) * (B.ndim - 1)) if several else kelvin[0]
    at = Conditions(m=kept_directions(Film.of(film), B, m), B=B, T=kelvin)
    return scanned(film, at, B.ndim - 1 + int(several), solver)


def _labels(film: Film, kind: type) -> list[str]:
    return [label for label, e in zip(film.labels(), film.elements, strict=True) if isinstance(e, kind)]


def _closed(film: Film) -> Film:
    """The film with closed faces in place of its insulators."""
    return Film(tuple(Vacuum() if isinstance(e, MagneticInsulator) else e for e in film.elements))


def _along(
    film: Film, *, field: Any, direction: Any, m: Any, T: Any, **_: Any
) -> tuple[tuple[str, ...], dict[str, Any], dict[str, Any]]:
    """Dimensions, coordinates and attributes of a path."""
    magnets = magnets_in_words(film, m)
    path = field_path(field, direction)
    kelvin, several = temperatures(T)
    along = ("step",) if path.strength is None else ("field",)
    inner = along if path.directions is None else ("direction", *along)
    coords: dict[str, Any] = {
        "axis": list("xyz"),
        "B": ((*inner, "axis"), path.B, {"units": "T", "long_name": "magnetic field"}),
    }
    if path.strength is not None:
        coords["field"] = ("field", path.strength, {"units": "T", "long_name": "magnetic field"})
    if path.directions is not None:
        coords["direction"] = list(path.directions)
    if several:
        coords["temperature"] = ("temperature", kelvin, {"units": "K", "long_name": "temperature"})
        return ("temperature", *inner), coords, magnets
    return inner, coords, magnets | temperature_attribute(None if kelvin is None else kelvin[0])
