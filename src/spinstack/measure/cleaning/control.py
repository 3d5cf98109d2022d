"""The layer of interest alone: a control sample subtracted through sheet conductance tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

import numpy as np
import xarray as xr

from spinstack.measure.bars import geometry
from spinstack.measure.checks import checked, choice, positive, required, together
from spinstack.measure.cleaning.columns import (
    check_together,
    column,
    error_columns,
    remark,
    with_columns,
)
from spinstack.measure.cleaning.matching import matched
from spinstack.measure.measurement import QUANTITIES, MeasurementError, need, step
from spinstack.measure.settings import TOLERANCE, conditions
from spinstack.text.units import In

#: what a longitudinal and a transverse resistance stand for in the tensor R_ij (field i, current j)
LONGITUDINAL = np.array([[1.0, 0.0], [0.0, 1.0]])
TRANSVERSE = {"antisymmetric": np.array([[0.0, -1.0], [1.0, 0.0]]), "symmetric": np.array([[0.0, 1.0], [1.0, 0.0]])}


@step
@checked
def subtract_control(
    data: xr.Dataset,
    control: xr.Dataset,
    thickness: Annotated[float | None, In("m")] = None,
    against: str | None = None,
    transverse: Literal["antisymmetric", "symmetric"] | None = None,
    remaining_thickness: Annotated[float | None, In("m")] = None,
    thickness_error: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Resistances of what conducts in parallel with a layer like the control sample: G = G_all - G_control, R = G^-1.

    Both tensors are inverses of sheet resistance tensors with R_xx w/L on the diagonal and R_xy off it, which needs
    bar_length L and bar_width w of both. `transverse`: the off-diagonal part changes sign on transposition (Hall
    effects) or not (planar Hall effect); by default it does not in scans of the plane alpha, and does in all others.
    Without R_xy in either sample it counts as zero, which changes the ratios by (R_xy/R_xx)^2.
    `thickness` [m] of the control's material in this sample scales its conductance by thickness/film_thickness of the
    control (a uniform film); without it the control's sheet conductance is taken as it is. `thickness_error` [m] is
    that of `thickness` where the control's is taken for exact; it moves all rows together, so that no average and no
    fit reduces its part of the errors. The control is told at these rows as in :func:`reverse_current` (row by row, one
    value for all, or interpolated in `against`); rows it does not cover are dropped. `remaining_thickness` [m] becomes
    the film_thickness; without it that attribute goes, since it was that of the whole. R_xx and R_xy come back for the
    same bar. Errors follow for independent readings.
    Valid for layers that exchange no spin and that are isotropic in the plane up to the ratio of magnetoresistance (the
    unmeasured R_yy counts as R_xx, an error of second order in that ratio); the sheet conductances then add exactly.
    What layers that exchange spin make together is left in what remains.
    Raises :class:`MeasurementError` where sizes are missing, the control conducts more than the whole, or was measured
    in another plane or at another temperature or field that stays.
    """
    if not isinstance(control, xr.Dataset):
        raise MeasurementError(field="control", got=control, allowed="a measurement of the control sample")
    together(
        lambda: transverse is None or choice(transverse, "transverse", TRANSVERSE),
        lambda: thickness is None or positive(thickness, "thickness", unit="m"),
        lambda: remaining_thickness is None or positive(remaining_thickness, "remaining_thickness", unit="m"),
        lambda: thickness_error is None or positive(thickness_error, "thickness_error", unit="m"),
        lambda: thickness_error is None or required(thickness, "thickness", "Its error is given."),
        *_alike(data, control),
    )
    scale = 1.0
    if thickness is not None:
        own = required(control.attrs.get("film_thickness"), "film_thickness", "It is scaled from it.", where="control")
        scale = thickness / positive(own, "film_thickness", unit="m", where="control")
    if ("R_xy" in data.variables) != ("R_xy" in control.variables):
        remedy = "Tensors need it of both, or of neither."
        raise MeasurementError("only one of the two samples has it", field="R_xy", remedy=remedy)
    parity = transverse or ("symmetric" if data.attrs.get("plane") == "alpha" else "antisymmetric")
    off = TRANSVERSE[parity]
    squares, squares_control = geometry(data), geometry(control, "control")
    where, words = matched(data, control, against)
    rows = np.flatnonzero(where.found)
    where = where.rows(where.found)
    whole, whole_errors = _sheet(data, squares)
    layer, layer_errors = _sheet(control, squares_control)
    r_all = _tensor([v[rows] for v in whole], off)
    r_control = _tensor([where.at(v) for v in layer], off)
    g_all, g_control = _inverse(r_all, "measurement"), scale * _inverse(r_control, "control")
    g = g_all - g_control
    short = int(np.sum((g[:, 0, 0] <= 0) | (np.linalg.det(g) <= 0)))
    if short:
        why = f"at {short} of {rows.size} rows it conducts as much as the whole sample or more"
        raise MeasurementError(why, field="control", remedy="Check the sizes of both bars and the thickness.")
    r = np.linalg.inv(g)
    out = data.isel(point=rows)
    columns: dict[str, np.ndarray | None] = {"R_xx": r[:, 0, 0] * squares}
    transversal = "R_xy" in data.variables
    if transversal:
        columns["R_xy"] = r[:, 1, 0]
    # dR = R (G_control ds/s) R
    shift = (r @ g_control @ r)[:, :, 0] * (0.0 if thickness is None else (thickness_error or 0.0) / thickness)
    if whole_errors is not None and layer_errors is not None:
        variance = shift**2
        bases = [LONGITUDINAL, off] if transversal else [LONGITUDINAL]
        for k, basis in enumerate(bases):
            # dR = R G_k dR_k G_k R for either part k; the scale of the control stands in both of its G
            for part, size, errors in (
                (g_all, 1.0, whole_errors[k][rows]),
                (g_control, scale, np.sqrt(where.variance(layer_errors[k] ** 2))),
            ):
                change = r @ part @ basis @ part @ r / size
                variance += (np.stack([change[:, 0, 0], change[:, 1, 0]], axis=1) * errors[:, None]) ** 2
        columns["R_xx_error"] = np.sqrt(variance[:, 0]) * squares
        if transversal:
            columns["R_xy_error"] = np.sqrt(variance[:, 1])
    check_together((whole_errors is None) == (layer_errors is None), "R_xx_error of the measurement", "of the control")
    share = float(np.mean(g_control[:, 0, 0] / g_all[:, 0, 0]))
    sentence = f"control carries {100 * share:.3g} % of the sheet conductance, {words}, scaled by {scale:.6g}; "
    sentence += f"{data.sizes['point'] - rows.size} rows dropped that it does not cover"
    if transversal:
        sentence += f"; R_xy taken as {parity}"
    if thickness_error is not None:
        common = float(np.mean(shift[:, 0])) * squares
        sentence += f"; the error of the thickness moves R_xx of all rows together by {common:.3g} Ohm"
    out = with_columns(out, columns)
    if remaining_thickness is not None:
        out.attrs["film_thickness"] = remaining_thickness
    elif out.attrs.pop("film_thickness", None) is not None:
        sentence += "; film_thickness removed, it was that of the whole"
    return remark(out, sentence)


def _alike(data: xr.Dataset, control: xr.Dataset) -> list[Callable[[], None]]:
    """Checks that both were measured in one plane, and at the temperature and field that do not change in either."""
    here, there = conditions(data), conditions(control)

    def check(name: str) -> None:
        this, that = here[name], there[name]
        if isinstance(this, str):
            apart, unit = this != that, ""
        else:
            within = max(TOLERANCE[name][0], TOLERANCE[name][1] * abs(this))
            stays = max(here[f"{name}_spread"], there[f"{name}_spread"]) <= within
            apart, unit = stays and abs(this - that) > 2 * within, QUANTITIES[name].unit
        if apart:
            why = f"but the measurement {'is in the plane' if not unit else 'is at'} {this} {unit}".rstrip()
            remedy = "A control says nothing of another setting; measure it there, or sweep it."
            raise MeasurementError(why, where="control", field=name, unit=unit, got=that, remedy=remedy)

    shared = [n for n in ("plane", "temperature", "field") if n in here and n in there]
    return [partial(check, name) for name in shared]


def _sheet(data: xr.Dataset, squares: float) -> tuple[list[np.ndarray], list[np.ndarray] | None]:
    """Sheet resistance and transverse resistance (zero where not measured), and their errors."""
    need(data, "R_xx")
    names = [n for n in ("R_xx", "R_xy") if n in data.variables]
    sizes = (squares, 1.0)
    values = [column(data, n) / size for n, size in zip(names, sizes, strict=False)]
    if np.any(values[0] <= 0):
        least, allowed = float(values[0].min() * squares), "positive resistances (mind the sign of V and I)"
        raise MeasurementError(field="R_xx", got=least, unit="Ohm", allowed=allowed)
    errors = error_columns(data, *names)
    return values, None if errors is None else [e / size for e, size in zip(errors, sizes, strict=False)]


def _tensor(parts: list[np.ndarray], off: np.ndarray) -> np.ndarray:
    """(rows, 2, 2) from longitudinal and transverse parts."""
    out = parts[0][:, None, None] * LONGITUDINAL
    return out + parts[1][:, None, None] * off if len(parts) > 1 else out


def _inverse(tensors: np.ndarray, what: str) -> np.ndarray:
    if np.any(np.linalg.det(tensors) <= 0):
        why = "it exceeds R_xx w/L with transverse='symmetric', which no film allows"
        raise MeasurementError(why, where=what, field="R_xy")
    return np.linalg.inv(tensors)
