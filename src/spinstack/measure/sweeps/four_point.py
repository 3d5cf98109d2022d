"""Sheet resistance of a film of any outline from four contacts on its edge, and how well the contacts do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, positive
from spinstack.measure.four_contacts import Connection, connections, named_by_contacts, sheet_resistance
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import check_resistances
from spinstack.measure.settings import check_one_setting
from spinstack.measure.statistics.coverage import UNLIKELY, pooled_freedom, quantile
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.means import Mean, check_same_setting, mean_of
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In

#: resistances of the two pairs of sides that differ by more leave a result to the position of the contacts
ELONGATED = 10.0


@checked
def van_der_pauw(
    data: xr.Dataset,
    other: xr.Dataset | Mapping[str, xr.Dataset] | None = None,
    reading: str = "R_xx",
    *,
    contact_size: Annotated[float | None, In("m")] = None,
    sample_size: Annotated[float | None, In("m")] = None,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Sheet resistance from R_12_43, R_23_14, ... at one setting by exp(-pi R_A/R_s) + exp(-pi R_B/R_s) = 1.

    Columns are named by their contacts, numbered counter-clockwise: R_ij_kl [Ohm] is (V_k - V_l)/I for a current from i
    to j (V_l - V_k throughout is recognised). Any of the eight longitudinal ones: both current polarities and both
    reciprocal connections (R_12_43, R_43_12) are averaged and compared, rows are repetitions. Files with one `reading`
    each, or a column of their connection: `data` is R_12_43, `other` R_23_14, or files by connection such as {R_23_14 =
    "b", R_34_21 = "c"}. Errors are those of `<column>_error` or of the scatter of three rows and more, else of the
    disagreement of connections that should agree; where these differ by more than their errors (1 % of chance) the
    errors grow by it and `warnings` say so. Files that run over temperature or field are joined row by row with
    :func:`combine_contacts` instead.

    Parameters: sheet_resistance, R_A (current 1-2, 3-4), R_B (2-3, 4-1) [Ohm], ratio = R_A/R_B, and where measured
    polarity_A, reciprocity_A, ... (relative differences, zero in theory); with `film_thickness` (or the attribute)
    resistivity [Ohm m]. `contact_size` within which a contact reaches from the edge and `sample_size` (diameter) [m]
    give the attribute `contact_bound`, the part by which R_s may be too small: that of four point contacts a distance d
    inside a round sample of diameter D, 2 d^2/(D^2 ln 2) for small d; contacts that reach from the edge do less.

    Raises :class:`MeasurementError` for missing connections, readings of either sign and several settings. Source: L.
    J. van der Pauw, Philips Res. Rep. 13, 1 (1958), with the errors of contacts of finite size.
    """
    thickness = size_of(data, "film_thickness", film_thickness)
    bound = _bound(contact_size, sample_size)
    means: dict[str, Mean] = {}
    if other is not None:
        data, means = _joined(data, other, reading)
    used = [c for c in connections(data) if c.kind != "Hall"]
    groups = {kind: [c for c in used if c.kind == kind] for kind in ("A", "B")}
    if not all(groups.values()):
        has = ", ".join(c.name for c in used) or "no longitudinal reading"
        why = "both pairs of sides are needed"
        raise MeasurementError(why, field="data", got=has, allowed="R_12_43 or R_34_21, and R_23_14 or R_41_32")
    check_one_setting(data, ())
    every = {c.name: means.get(c.name) or mean_of(data, c.name) for c in used}
    alone = {c.name: every[c.name]._replace(value=c.sign * every[c.name].value) for c in used}
    each = _pooled(groups, alone)
    found: dict[str, Found] = {}
    both: dict[str, tuple[float, float, float]] = {}
    warnings: list[str] = []
    for kind, members in groups.items():
        value, variance, freedom, checks, said = _agreed(kind, members, each, each is not alone)
        both[kind] = (value, variance, freedom)
        found |= checks
        warnings += said
    (a, var_a, free_a), (b, var_b, free_b) = both["A"], both["B"]
    R, slope_a, slope_b = (float(v) for v in sheet_resistance(np.array(a), np.array(b)))
    parts = np.array([slope_a**2 * var_a, slope_b**2 * var_b])
    error = float(np.sqrt(parts.sum()))
    freedom = free_a if each is not alone else pooled_freedom(parts, [free_a, free_b])
    ratio = a / b
    relative = np.array([var_a / a**2, var_b / b**2])
    head = {
        "sheet_resistance": Found(R, error, "Ohm", "sheet resistance", freedom),
        "R_A": Found(a, float(np.sqrt(var_a)), "Ohm", "four-point resistance, current along 1-2 or 3-4", free_a),
        "R_B": Found(b, float(np.sqrt(var_b)), "Ohm", "four-point resistance, current along 2-3 or 4-1", free_b),
        "ratio": Found(
            ratio,
            float(ratio * np.sqrt(relative.sum())),
            "1",
            "R_A/R_B",
            free_a if each is not alone else pooled_freedom(relative, [free_a, free_b]),
        ),
    }
    if thickness is not None:
        head["resistivity"] = Found(R * thickness, error * thickness, "Ohm m", "resistivity", freedom)
    if not np.isfinite(error):
        warnings.append("no error can be told from one reading of each connection")
    if max(ratio, 1 / ratio) > ELONGATED:
        warnings.append(f"R_A/R_B is {ratio:.3g}: the sheet resistance hangs on the position of the contacts")
    attributes: dict[str, Any] = {"reading": ", ".join(c.name for c in used)}
    if bound is not None:
        attributes["contact_bound"] = bound
        if bound * R > error:
            warnings.append(f"contacts of finite size may make it too small by {100 * bound:.2g} %, its largest error")
    if warnings:
        attributes["warnings"] = json.dumps(warnings)
    unit = {"units": "Ohm"}
    curves = {
        "measured": ("connection", [each[c.name].value for c in used], unit | {"long_name": "four-point resistance"}),
        "measured_error": ("connection", [each[c.name].error for c in used], unit),
        "side": ("connection", [c.kind for c in used]),
        "fitted": ("connection", [both[c.kind][0] for c in used], unit | {"long_name": "mean of its pair of sides"}),
    }
    return report(data, {**head, **found}, None, curves, {"connection": [c.name for c in used]}, **attributes)


def _bound(contact: float | None, sample: float | None) -> float | None:
    if contact is None and sample is None:
        return None
    if contact is None or sample is None:
        raise MeasurementError("only one is given", field="contact_size, sample_size", remedy="Give both or none.")
    d, D = positive(contact, "contact_size", unit="m"), positive(sample, "sample_size", unit="m")
    if d > D / 6:
        allowed = f"at most {D / 6:g}, a sixth of the sample"
        raise MeasurementError(field="contact_size", unit="m", got=d, allowed=allowed)
    r = 1 - 2 * d / D
    return float(1 - np.log(2 * (1 + r**2) ** 2 / (1 + r**4)) / (2 * np.log(2)))


def _joined(
    data: xr.Dataset, other: xr.Dataset | Mapping[str, xr.Dataset], reading: str
) -> tuple[xr.Dataset, dict[str, Mean]]:
    """The means of one connection each in one row, with the attributes of the first file, and their errors."""
    files = {"R_12_43": data, **named_by_contacts({"R_23_14": other} if isinstance(other, xr.Dataset) else other)}
    check_same_setting(files.values())
    readings = {name: name if name in one.variables else reading for name, one in files.items()}
    for name, one in files.items():
        check_resistances(one, readings[name])
    means = {name: mean_of(one, readings[name]) for name, one in files.items()}
    columns = {name: ("point", [mean.value], {"units": "Ohm"}) for name, mean in means.items()}
    conditions = {n: ("point", [float(v.mean())], v.attrs) for n, v in data.coords.items() if v.dims == ("point",)}
    return xr.Dataset(columns, conditions, data.attrs), means


def _pooled(groups: dict[str, list[Connection]], each: dict[str, Mean]) -> dict[str, Mean]:
    """Where the readings tell no error, that of the scatter of connections that should agree."""
    if all(np.isfinite(error) for _, error, _ in each.values()):
        return each
    freedom = sum(len(members) - 1 for members in groups.values())
    if not freedom:
        return each
    squares = sum(np.var([each[c.name][0] for c in m]) * len(m) for m in groups.values())
    error = float(np.sqrt(squares / freedom))
    return {name: Mean(value, error, float(freedom)) for name, (value, _, _) in each.items()}


def _agreed(
    kind: str, members: list[Connection], each: dict[str, Mean], pooled: bool
) -> tuple[float, float, float, dict[str, Found], list[str]]:
    """Mean of connections that should agree, its variance and freedom, their differences, and which are too large."""
    values, errors, frees = (np.array(v) for v in zip(*(each[c.name] for c in members), strict=True))
    value, count = float(values.mean()), len(members)
    variance = float(np.sum(errors**2)) / count**2
    # an error from one scatter of all is one with its freedom, not several
    freedom = float(frees[0]) if pooled else pooled_freedom(errors**2, frees)
    found, said = {}, []
    pairs = np.array([c.pair == members[0].pair for c in members])
    forward = np.array([(c.current[1] - c.current[0]) % 4 == 1 for c in members])
    turned = np.array([any(o.pair == c.pair and o.current != c.current for o in members) for c in members])
    checks = {
        "polarity": ("the two signs of the current", forward & turned, ~forward & turned),
        "reciprocity": ("the two reciprocal connections", pairs, ~pairs),
    }
    for name, (words, one, two) in checks.items():
        if not one.any() or not two.any():
            continue
        difference = float(values[one].mean() - values[two].mean()) / value
        spread = float(np.sqrt(sum(np.sum(errors[s] ** 2) / s.sum() ** 2 for s in (one, two)))) / abs(value)
        found[f"{name}_{kind}"] = Found(difference, spread, "1", f"difference of {words} over R_{kind}", freedom)
        if abs(difference) > quantile(1 - UNLIKELY, freedom) * spread:
            said.append(
                f"R_{kind} differs by {100 * difference:.2g} % between {words}, its error is {100 * spread:.1g} %"
            )
            variance += (difference * value / 2) ** 2
    return value, variance, freedom, found, said
