"""Hall and sheet resistance of every row from four contacts on the edge of a film."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from spinstack.measure.cleaning.columns import check_together, column, error_column, error_columns, remark, with_columns
from spinstack.measure.cleaning.matching import matched
from spinstack.measure.four_contacts import connections, named_by_contacts, sheet_resistance
from spinstack.measure.measurement import MeasurementError, step


@step
def combine_contacts(
    data: xr.Dataset,
    other: Mapping[str, xr.Dataset] | None = None,
    reading: str = "R_xx",
    against: str | None = None,
) -> xr.Dataset:
    """R_xy and the sheet resistance R_xx of every row from columns R_ij_kl of four contacts on the edge.

    Contacts are numbered counter-clockwise, R_ij_kl is (V_k - V_l)/I for a current from i to j. R_xy [Ohm] is half of
    R_13_24 - R_24_13, each the mean of both current polarities where measured: by Onsager, R_24_13(B) = R_13_24(-B), so
    what the contacts are misaligned by goes, whatever its magnetoresistance. From one diagonal alone it stays, to be
    taken off by its parity in field. R_xx is the sheet resistance by van der Pauw's equation (bar_length/bar_width =
    1) where both pairs of sides were measured. Errors follow for independent columns. The other columns stay.
    Where every connection has a file of its own, the `reading` of this one is R_12_43 and `other` names those of the
    rest, {R_23_14 = "b", R_13_24 = "c"}: they become columns, told at these rows as in :func:`reverse_current`, and
    rows that one of them does not cover are dropped.
    Raises :class:`MeasurementError` without such columns, and for longitudinal ones of either sign.
    """
    words = []
    if other is not None:
        data, said = _joined(data, other, reading, against)
        words.append(said)
    found = connections(data)
    means: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
    diagonals = sorted({c.pair for c in found if c.kind == "Hall"})
    for pair in [*diagonals, "A", "B"]:
        members = [c for c in found if pair in (c.pair, c.kind)]
        if not members:
            continue
        names = [c.name for c in members]
        value = np.mean([c.sign * column(data, c.name) for c in members], axis=0)
        errors = error_columns(data, *names)
        means[str(pair)] = value, None if errors is None else np.sqrt(np.sum(np.square(errors), axis=0)) / len(errors)
    columns: dict[str, np.ndarray | None] = {}
    if diagonals:
        values, errors_of = zip(*(means[str(p)] for p in diagonals), strict=True)
        columns["R_xy"] = np.mean(values, axis=0)
        if all(e is not None for e in errors_of):
            columns["R_xy_error"] = np.sqrt(np.sum(np.square(errors_of), axis=0)) / len(errors_of)
        if len(diagonals) == 2:
            rest = 0.5 * float(np.mean(values[0] - values[1]))
            words.append(f"R_xy of both diagonals; misalignment {rest:.4g} Ohm")
        else:
            words.append("R_xy of one diagonal, with its misalignment")
    if {"A", "B"} <= set(means):
        (a, ea), (b, eb) = means["A"], means["B"]
        if not (np.all(a > 0) and np.all(b > 0)):
            low = float(min(a.min(), b.min()))
            raise MeasurementError(
                field="longitudinal resistance", unit="Ohm", got=low, allowed="positive in every row"
            )
        columns["R_xx"], slope_a, slope_b = sheet_resistance(a, b)
        if ea is not None and eb is not None:
            columns["R_xx_error"] = np.hypot(slope_a * ea, slope_b * eb)
        words.append("R_xx is the sheet resistance")
    if not columns:
        has = ", ".join(c.name for c in found)
        raise MeasurementError(field="data", got=has, allowed="a diagonal connection, or both pairs of sides")
    return remark(with_columns(data, columns), "; ".join(words))


def _reading(data: xr.Dataset, connection: str, reading: str) -> str:
    """The column of a file of one connection: called by it, or the `reading`."""
    return connection if connection in data.variables else reading


def _joined(
    data: xr.Dataset, other: Mapping[str, xr.Dataset], reading: str, against: str | None
) -> tuple[xr.Dataset, str]:
    """The connections of several files as columns of one, at the rows of the first that all cover, and how."""
    files = {name: (one, *matched(data, one, against)) for name, one in named_by_contacts(other).items()}
    rows = np.flatnonzero(np.logical_and.reduce([where.found for _, where, _ in files.values()]))
    if not rows.size:
        raise MeasurementError("cover no row of this one together", field="other", got=", ".join(files))
    first = _reading(data, "R_12_43", reading)
    own = error_column(data, first)
    readings = {"R_12_43": column(data, first)[rows]}
    errors = {"R_12_43_error": None if own is None else own[rows]}
    for name, (one, where, _) in files.items():
        called = _reading(one, name, reading)
        here, error = where.rows(rows), error_column(one, called)
        check_together((error is None) == (own is None), f"{first}_error of the measurement", f"of {name}")
        readings[name] = here.at(column(one, called))
        errors[f"{name}_error"] = None if error is None else np.sqrt(here.variance(error**2))
    # what was one connection must not stand beside them as the resistance of the film
    out = data.isel(point=rows).drop_vars([n for n in (reading, f"{reading}_error") if n in data.variables])
    out = out.assign({name: ("point", values, {"units": "Ohm"}) for name, values in readings.items()})
    how = ", ".join(f"{name} {words}" for name, (_, _, words) in files.items())
    dropped = data.sizes["point"] - rows.size
    return with_columns(out, errors), f"{how}; {dropped} rows dropped that they do not cover"
