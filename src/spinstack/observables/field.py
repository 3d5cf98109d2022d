"""Resistance against magnetic field, and what in it is spin Hall magnetoresistance and what Hanle precession."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.paths import FieldPath, field_path, kept_directions, temperatures
from spinstack.observables.provenance import attributes
from spinstack.observables.sheet import inverse2, sheet_conductance
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import ratio_variable, tensor_variables
from spinstack.stack import Film, MagneticInsulator, Metal, Vacuum
from spinstack.stack.directions import direction as direction_of

if TYPE_CHECKING:
    import xarray


def field_scan(
    film: Film,
    field: Any,
    direction: Any = None,
    reference: Any = None,
    *,
    m: Any = None,
    T: Any = None,
    solver: Solver | None = None,
) -> xarray.Dataset:
    """Resistance along a path of magnetic fields, at one temperature or several.

    Args:
        film: one film (no batch).
        field: signed strengths (n,) [T] along `direction`; or, without a direction, a path (n, 3) [T].
        direction: "x", "y", "z", three numbers, or several of the names, which give a dimension `direction`.
        T: temperature [K], needed by magnet models; several (k,) give a dimension `temperature`.
        m: as in :func:`sheet_conductance`. Left out, magnet models follow the field; where it vanishes they keep the
            direction that they had before on the path.
        reference: the direction of every magnet ("x", "y", "z" or three numbers) in the resistance at zero field that
            ratios refer to; default: the first point of each path.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over (temperature, direction, field), the first two where there are several; a path has dimension
        `step` instead of `field`: R_xx, R_xy, R_yx, R_yy [Ohm], G_xx ... [S], MR_xx = (R_xx - R_ref)/R_ref, and the
        coordinate B [T].

    Raises:
        ParameterError: field, direction, T or m that are not allowed, a batched film.
    """
    path, T, several = _prepared("field_scan", film, field, direction, T)
    G = _conductance(film, path, T, m, solver)
    R = inverse2(G)[..., 0, 0]
    if reference is None:
        reference_R, words = R[..., :1], "R_xx at the first point of the scan"
    else:
        at = sheet_conductance(film, m=direction_of(reference, "reference"), T=T, solver=solver)
        reference_R = inverse2(at)[..., 0, 0].reshape(-1, 1, 1)
        words = f"R_xx without field, m along {reference}"
    dims = ("temperature", "direction", "point")
    variables = tensor_variables(G, dims) | ratio_variable(R, reference_R, dims, words)
    return _labelled(film, path, T, several, variables, solver)


def field_contributions(
    film: Film, field: Any, direction: Any = None, *, m: Any = None, T: Any = None, solver: Solver | None = None
) -> xarray.Dataset:
    """R_xx along a path of fields, separated: the insulators alone, Hanle precession alone, and their interference.

    `smr` is the change of R_xx that the insulators' faces make without precession in the metals, `hanle` that of
    precession with closed faces, and `interference` what both together add to the sum, all against neither
    (`R_neither`). The ordinary Hall effect and metallic magnets stay as they are.

    Arguments and dimensions as in :func:`field_scan`. Variables R_xx, R_neither, smr, hanle, interference [Ohm].
    """
    path, T, several = _prepared("field_contributions", film, field, direction, T)
    still = film.replace({f"{label}.g_factor": 0.0 for label in _labels(film, Metal)})
    R = {}
    for name, one in (("both", film), ("smr", still), ("hanle", _closed(film)), ("neither", _closed(still))):
        given = {k: v for k, v in m.items() if k in one.magnets} if isinstance(m, dict) else m
        R[name] = inverse2(_conductance(one, path, T, given if one.magnets else None, solver))[..., 0, 0]
    parts = {
        "R_xx": (R["both"], "sheet resistance R_xx"),
        "R_neither": (R["neither"], "R_xx without the insulators' faces and without precession"),
        "smr": (R["smr"] - R["neither"], "spin Hall magnetoresistance alone"),
        "hanle": (R["hanle"] - R["neither"], "Hanle magnetoresistance alone"),
        "interference": (R["both"] - R["smr"] - R["hanle"] + R["neither"], "interference of the two"),
    }
    dims = ("temperature", "direction", "point")
    variables = {name: (dims, values, {"units": "Ohm", "long_name": words}) for name, (values, words) in parts.items()}
    return _labelled(film, path, T, several, variables, solver)


def _prepared(name: str, film: Film, field: Any, direction: Any, T: Any) -> tuple[FieldPath, Any, bool]:
    if isinstance(film, Film):
        film.require_single(name)
    path = field_path(field, direction)
    T, several = temperatures(T)
    return path, T, several


def _conductance(film: Film, path: FieldPath, T: Any, m: Any, solver: Solver | None) -> Any:
    """Sheet conductance (temperatures or 1, directions, points, 2, 2)."""
    m = kept_directions(film, path.B, m) if isinstance(film, Film) else m
    G = sheet_conductance(film, m=m, B=path.B, T=None if T is None else T[:, None, None], solver=solver)
    shape = (1 if T is None else len(T), *path.B.shape[:2])
    return np.broadcast_to(G, (*shape, 2, 2))


def _labels(film: Film, kind: type) -> list[str]:
    return [label for label, e in zip(film.labels(), film.elements, strict=True) if isinstance(e, kind)]


def _closed(film: Film) -> Film:
    """The film with closed faces in place of its insulators."""
    return Film(tuple(Vacuum() if isinstance(e, MagneticInsulator) else e for e in film.elements))


def _labelled(
    film: Film, path: FieldPath, T: Any, several: bool, variables: dict[str, Any], solver: Solver | None
) -> xarray.Dataset:
    import xarray

    coords: dict[str, Any] = {"axis": list("xyz")}
    along = "step" if path.strength is None else "field"
    coords["B"] = (("direction", "point", "axis"), path.B, {"units": "T", "long_name": "magnetic field"})
    if path.strength is not None:
        coords["field"] = ("point", path.strength, {"units": "T", "long_name": "magnetic field"})
    if path.directions is not None:
        coords["direction"] = list(path.directions)
    if several:
        coords["temperature"] = ("temperature", T, {"units": "K", "long_name": "temperature"})
    result = xarray.Dataset(variables, coords=coords, attrs=attributes(film, solver))
    if T is not None and not several:
        result.attrs["temperature_K"] = float(T[0])
    if not several:
        result = result.isel(temperature=0)
    if path.directions is None:
        result = result.isel(direction=0)
    return result.swap_dims(point="field") if along == "field" else result.rename_dims(point="step")
