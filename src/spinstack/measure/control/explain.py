"""What control films say of their layer: from results of analyses to the parameters that a layer declares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, number, positive, required, together
from spinstack.measure.control.closed_form import GROUPS, NM, Model
from spinstack.measure.control.fit import Fit
from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.settings import TOLERANCE
from spinstack.measure.statistics.coverage import UNLIKELY, pooled_freedom
from spinstack.measure.statistics.estimate import central_slopes, propagated
from spinstack.text.units import In

#: what a layer's parameters need
NEEDS = {
    "amr_ratio": "alpha, or beta and gamma",
    "size_effect_ratio": "beta, or alpha and gamma",
    "conductivity": "film_thickness and a sheet resistance, m along a known axis of which the planes tell the ratio",
    "anomalous_hall_angle": "an anomalous Hall resistance and a sheet resistance",
    "hall_coefficient": "an ordinary Hall slope and film_thickness",
}
#: unit, words; the order of a result
NUMBERS = {
    "conductivity": ("S/m", "conductivity for m in the plane and perpendicular to the current"),
    "resistivity": ("Ohm m", "its inverse"),
    "amr_ratio": ("1", "(rho_par - rho_perp)/rho_perp"),
    "size_effect_ratio": ("1", "(rho(m||z) - rho_perp)/rho_perp"),
    "anomalous_hall_angle": ("1", "rho_xy/rho_perp for m||z"),
    "hall_coefficient": ("m^3/C", "ordinary Hall coefficient"),
    "bulk_resistivity": ("Ohm m", "resistivity of a thick film"),
    "surface_resistivity": ("Ohm m^2", "resistivity in excess of that, times thickness"),
    "mean_free_path": ("m", "mean free path"),
    "fermi_wavevector": ("1/m", "k_F of free electrons with this path and the bulk resistivity"),
    "size_effect_bulk": ("1", "size_effect_ratio of a thick film (texture)"),
    "size_effect_surface": ("m", "size_effect_ratio in excess of that, times thickness"),
}


class Reading(NamedTuple):
    """One number of a result.

    Attributes:
        kind: what it is, as of GROUPS.
        source: of which result, counted from 0.
        parameter: its name there.
        divisor: what it is divided by.
    """

    kind: str
    source: int
    parameter: str
    divisor: float


@checked
def explain_control(
    results: Iterable[xr.Dataset],
    kind: Literal["ferromagnet", "metal"],
    *,
    thickness: Annotated[float | None, In("m")] = None,
    thickness_error: Annotated[float | None, In("m")] = None,
    temperature: Annotated[float | None, In("K")] = None,
    magnetization: Literal["x", "y", "z"] | None = None,
    resistivity: Literal["constant", "inverse_thickness", "fuchs_sondheimer"] = "constant",
    specularity: Sequence[float] | None = None,
    polarization: float | None = None,
    size_effect: Literal["constant", "inverse_thickness"] = "constant",
) -> xr.Dataset:
    """Parameters of the layer of which control films consist: resistivity, AMR, size effect, Hall effects.

    `results` are those of :func:`fit_planes` (amplitudes, R), :func:`hall_slope`, :func:`anomalous_hall_loop`, and of
    all that find a sheet_resistance (:func:`resistivity_at`, :func:`hall_bar`, :func:`van_der_pauw`), of one control
    film or of films of several thicknesses; each carries its film_thickness, that of planes bar_length and bar_width.
    `kind` of the layer: "ferromagnet" or "metal". A ferromagnet's film of thickness t shows R_x = rho (1 + amr)/t, R_y
    = rho/t, R_z = rho (1 + size)/t and R_xy = anomalous_hall_angle rho/t + hall_coefficient B/t, as the solvers have
    it, exactly.

    `thickness` [m] of the layer whose parameters are wanted (default: that of the control). `thickness_error` [m] is
    that of each control film. `temperature` [K]: results at others are left out; without it all results must be of one.
    `magnetization`: axis of m in a sheet_resistance, without which those of a ferromagnet are left out. `resistivity`
    over thickness: "constant"; "inverse_thickness", rho = bulk + surface/t; "fuchs_sondheimer", free electrons between
    surfaces that reflect the shares `specularity` (bottom, top) like mirrors, of a mean free path times 1 +-
    `polarization` for the spins of a ferromagnet. `size_effect`: "constant" or "inverse_thickness", texture +
    surface/t.

    Amplitudes alone tell amr_ratio and size_effect_ratio; resistances, which contacts can shift, tell nothing of them.
    The result has conductivity [S/m], resistivity [Ohm m], amr_ratio, size_effect_ratio, anomalous_hall_angle,
    hall_coefficient [m^3/C] and those of the laws, as far as the results determine them, with covariance;
    `undetermined` says what the others need (JSON). Errors are those of the results and of the thickness; where the
    results contradict each other with less than 1 % of chance, they grow by the root of chi^2 per degree of freedom
    (`chi2`, `p_value`, JSON by group). Over `reading`: what was measured, and what the parameters explain of it. Raises
    :class:`MeasurementError` for results that say nothing of a layer, of several temperatures, and laws that the
    thicknesses do not tell.
    """
    sources = _at(list(results), temperature)
    together(
        lambda: choice(kind, "kind", ("ferromagnet", "metal")),
        lambda: magnetization is None or choice(magnetization, "magnetization", ("x", "y", "z")),
        lambda: choice(resistivity, "resistivity", ("constant", "inverse_thickness", "fuchs_sondheimer")),
        lambda: choice(size_effect, "size_effect", ("constant", "inverse_thickness")),
        lambda: thickness is None or positive(thickness, "thickness", unit="m"),
        lambda: thickness_error is None or positive(thickness_error, "thickness_error", unit="m"),
        lambda: _check_surfaces(kind, resistivity, specularity, polarization),
    )
    readings = [r for i, one in enumerate(sources) for r in _readings(one, i, kind, magnetization)]
    readings.sort(key=lambda r: [r.kind in group for group in GROUPS].index(True))
    laws = {"resistivity": resistivity, "size_effect": size_effect}
    films, film_of = _films(sources, readings, laws, thickness)
    known_films = bool(films[0])
    films = films if known_films else np.ones(1)
    spread = np.full(films.size, (thickness_error or 0.0) if known_films else 0.0)
    y, C, freedom = _numbers(sources, readings)
    sheets = [v * films[f] for v, f, r in zip(y, film_of, readings, strict=True) if r.kind in GROUPS[1]]
    low, high = map(float, specularity or (0.0, 0.0))
    model = Model(resistivity, size_effect, (low, high), polarization or 0.0, float(np.median(sheets or [1.0])))
    fit = Fit(model, kind == "ferromagnet", [r.kind for r in readings], film_of, y, C, films, spread)
    at = (thickness or float(films[0])) if known_films else None
    values = model.layer(fit.p, fit.known, at)
    asked = [n for n in NEEDS if kind == "ferromagnet" or n in ("conductivity", "hall_coefficient")]
    lacking = {n: NEEDS[n] for n in asked if n not in values}
    if len(lacking) == len(asked):
        remedy = f"{'; '.join(f'{n} needs {words}' for n, words in lacking.items())}."
        raise MeasurementError("no parameter of the layer follows from them", field="results", remedy=remedy)
    names = [n for n in NUMBERS if n in values]

    def of(d: np.ndarray) -> np.ndarray:
        moved = model.layer(fit.moved(d[: y.size], d[y.size :]), fit.known, at)
        return np.array([moved[n] for n in names])

    errors = np.sqrt(np.diag(C))
    slopes = central_slopes(of, np.concatenate([y, films]), np.concatenate([errors, 1e-3 * films]))
    parts, freedoms = [propagated(slopes[:, y.size :], np.diag(spread**2))], [np.inf]
    for i in range(len(sources)):
        rows = [k for k, r in enumerate(readings) if r.source == i]
        if rows:
            parts.append(propagated(slopes[:, rows] * np.sqrt(fit.factor[rows]), C[np.ix_(rows, rows)]))
            freedoms.append(float(np.minimum(freedom[rows], fit.left[rows]).min()))
    covariance = np.sum(parts, axis=0)
    found = {n: (values[n], float(np.sqrt(covariance[k, k])), *NUMBERS[n]) for k, n in enumerate(names)}
    pooled = [pooled_freedom([part[k, k] for part in parts], freedoms) for k in range(len(names))]
    same = {n: sources[0].attrs.get(n) for n in ("sample", "temperature", "current_direction")}
    attributes = {n: v for n, v in same.items() if v is not None and all(s.attrs.get(n) == v for s in sources)}
    attributes |= {"temperature": temperature} if temperature is not None else {}
    attributes |= {"film_thickness": at} if at is not None else {}
    remarks = [
        f"The results contradict each other in {label} (chi^2 = {fit.chi2[label]:.3g}); the errors have grown by it."
        for label, p in fit.p_value.items()
        if p < UNLIKELY
    ]
    named: dict[int, set[str]] = {}
    for r, film in zip(readings, film_of, strict=True):
        named.setdefault(film, set()).add(str(sources[r.source].attrs.get("sample", "")))
    several = [" and ".join(sorted(words - {""})) for words in named.values() if len(words - {""}) > 1]
    remarks += [f"Samples {words} count as one film." for words in several]
    if lacking:
        remarks.append(f"Not determined: {'; '.join(f'{n} (needs {words})' for n, words in lacking.items())}.")
    return result(
        found,
        covariance,
        {"freedom": ("parameter", pooled), **_curves(fit, sources, readings, y, errors)},
        {"reading": _labels(sources, readings)},
        {
            **attributes, "analysis": "explain_control", "kind": kind, "laws": json.dumps(laws),
            "chi2": json.dumps(fit.chi2), "p_value": json.dumps(fit.p_value), "undetermined": json.dumps(lacking),
            "remark": " ".join(remarks),
        },
    )  # fmt: skip


def _films(
    sources: list[xr.Dataset], readings: list[Reading], laws: Mapping[str, str], thickness: float | None
) -> tuple[np.ndarray, list[int]]:
    """Thicknesses of the control films [m], 0 where one is not known, and the film of every reading."""
    given = [one.attrs.get("film_thickness") for one in sources]
    seen = sorted({float(t) for t in given if t is not None})
    problems: list[Any] = []
    if seen and None in given:
        remedy = "Give it to all control films, or to none where only ratios are wanted."
        problems.append(MeasurementError("some results have none", field="film_thickness", remedy=remedy))
    for name, law in laws.items():
        if law != "constant" and len(seen) < 2:
            words = ", ".join(f"{t / NM:.4g} nm" for t in seen) or "unknown thickness"
            remedy = "Give results of two thicknesses or more, each with film_thickness."
            problems.append(
                MeasurementError(f"but the control films are of {words}", field=name, got=law, remedy=remedy)
            )
    if problems:
        raise MeasurementError.several(problems)
    if len(seen) > 1 and set(laws.values()) != {"constant"}:
        required(thickness, "thickness", "The control films have several; give that of the layer [m].")
    if None in given:
        return np.zeros(1), [0] * len(readings)
    return np.array(seen), [seen.index(float(sources[r.source].attrs["film_thickness"])) for r in readings]


def _check_surfaces(kind: str, law: str, specularity: Any, polarization: Any) -> None:
    """What the law of Fuchs and Sondheimer needs, and no other has."""
    needed = {"specularity": law == "fuchs_sondheimer", "polarization": law == "fuchs_sondheimer" and kind != "metal"}
    for name, value in (("specularity", specularity), ("polarization", polarization)):
        if needed[name]:
            required(value, name, f"{law} needs it: resistivities over thickness do not tell it from the path.")
        elif value is not None:
            raise MeasurementError("which nothing here depends on", field=name, got=value, remedy="Leave it out.")
    if specularity is not None and np.shape(specularity) != (2,):
        raise MeasurementError(field="specularity", got=specularity, allowed="two numbers: bottom and top")
    together(*(lambda v=v: number(v, "specularity", low=0, high=1) for v in specularity or ()))
    if polarization is not None:
        number(polarization, "polarization", low=-1, high=1, open_low=True, open_high=True)


def _at(sources: list[xr.Dataset], temperature: float | None) -> list[xr.Dataset]:
    """The results at one temperature, and those that do not say theirs."""
    if not sources or not all(isinstance(one, xr.Dataset) and "parameter" in one.dims for one in sources):
        raise MeasurementError(field="results", got=sources, allowed="one or more results of analyses")
    stays = [float(one.attrs["temperature"]) for one in sources if "temperature" in one.attrs]
    if temperature is None and not all(_near(T, stays[0]) for T in stays):
        got = sorted({round(T, 3) for T in stays})
        raise MeasurementError("the results are of several", field="temperature", unit="K", got=got, remedy="Give one.")
    if temperature is None:
        return sources
    T = positive(temperature, "temperature", unit="K")
    kept = [one for one in sources if _near(float(one.attrs.get("temperature", T)), T)]
    if not kept:
        allowed = f"one of {', '.join(f'{v:.4g}' for v in stays)}"
        raise MeasurementError("no result is of it", field="temperature", unit="K", got=T, allowed=allowed)
    return kept


def _near(T: float, other: float) -> bool:
    absolute, relative = TOLERANCE["temperature"]
    return abs(T - other) <= 2 * max(absolute, relative * other)


def _readings(one: xr.Dataset, source: int, kind: str, magnetization: str | None) -> list[Reading]:
    """What a result says of a layer; what is left out has no size of the bar or no direction of m."""
    names = set(map(str, one["parameter"].values))
    length, width = (one.attrs.get(n) for n in ("bar_length", "bar_width"))
    squares = None if length is None or width is None else float(length / width)
    along = "R_m" if kind == "metal" else f"R_{magnetization}" if magnetization else None
    of = str(one.attrs.get("reading", ""))
    table: list[tuple[str, str | None, float | None]]
    if names & {"alpha.R", "beta.R", "gamma.R"} and of == "R_xx":
        table = []
        for plane, first in (("alpha", "R_x"), ("beta", "R_y"), ("gamma", "R_x")):
            table += [(plane, plane, 1.0), (f"{plane}.R", "R_m" if kind == "metal" else first, squares)]
    elif "sheet_density" in names and of == "R_xy":
        table = [("slope", "ordinary", 1.0), ("step", "anomalous", 1.0)]
    elif "coercive_field" in names and of == "R_xy":
        table = [("slope", "ordinary", 1.0), ("amplitude", "anomalous", 1.0)]
    elif "sheet_resistance" in names:
        table = [("sheet_resistance", along, 1.0)]
    else:
        what = one.attrs.get("analysis", f"result {source + 1}") + (f" of {of}" if of else "")
        allowed = "fit_planes of R_xx, hall_slope and anomalous_hall_loop of R_xy, or what has a sheet_resistance"
        raise MeasurementError("which says nothing of a layer", field="results", got=what, allowed=allowed)
    out = [Reading(what, source, name, size) for name, what, size in table if name in names and what and size]
    if kind == "ferromagnet":
        return out
    for r in out:
        row = one.sel(parameter=r.parameter)
        value, error = float(row["value"]), float(row["error"])
        if r.kind in (*GROUPS[0], *GROUPS[2]) and abs(value) > 5 * error:
            why = f"but its {r.parameter} is {value:.3g} +- {error:.2g}, which no layer of a metal has"
            raise MeasurementError(why, field="kind", got=kind, allowed="ferromagnet")
    return [r for r in out if r.kind not in (*GROUPS[0], *GROUPS[2])]


def _numbers(sources: list[xr.Dataset], readings: list[Reading]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, their covariance, degrees of freedom of their errors."""
    y, C, freedom = np.zeros(len(readings)), np.zeros((len(readings),) * 2), np.full(len(readings), np.inf)
    for k, r in enumerate(readings):
        one = sources[r.source]
        row, where = one.sel(parameter=r.parameter), str(one.attrs.get("analysis", f"result {r.source + 1}"))
        y[k] = float(row["value"]) / r.divisor
        if r.kind in GROUPS[1]:
            positive(y[k], r.parameter, unit="Ohm", where=where)
        remedy = "A number without an error cannot be weighed."
        C[k, k] = (positive(float(row["error"]), f"{r.parameter} error", remedy=remedy, where=where) / r.divisor) ** 2
        freedom[k] = float(row["freedom"]) if "freedom" in row else one.attrs.get("degrees_of_freedom", np.inf)
        for b, q in enumerate(readings[:k]):
            if q.source == r.source and "covariance" in one:
                both = float(one["covariance"].sel(parameter=r.parameter, parameter_other=q.parameter))
                C[k, b] = C[b, k] = both / (r.divisor * q.divisor)
    return y, C, freedom


def _curves(
    fit: Fit, sources: list[xr.Dataset], readings: list[Reading], y: np.ndarray, errors: np.ndarray
) -> dict[str, tuple[Any, ...]]:
    """Readings with errors, and what the fit says of them, a variable for each unit, over `reading`."""
    out: dict[str, tuple[Any, ...]] = {}
    titles = ("anisotropy", "sheet_resistance", "anomalous_hall_resistance", "hall_slope")
    for group, title, unit in zip(GROUPS, titles, ("1", "Ohm", "Ohm", "Ohm/T"), strict=True):
        own = np.array([r.kind in group for r in readings])
        if own.any():
            for suffix, values in (("", y), ("_error", errors), ("_explained", fit.shown)):
                words = {"units": unit, "long_name": f"{title}{suffix}".replace("_", " ")}
                out[title + suffix] = ("reading", np.where(own, values, np.nan), words)
    return out


def _labels(sources: list[xr.Dataset], readings: list[Reading]) -> list[str]:
    """What each reading is, with the thickness of its film where there are several."""
    films = [one.attrs.get("film_thickness") for one in sources]
    several = len(set(films)) > 1
    words = {"R_m": "R", "anomalous": "R_xy anomalous", "ordinary": "R_xy ordinary"}
    nm = ["" if not several or t is None else f", {t / NM:.4g} nm" for t in films]
    return [words.get(r.kind, r.kind) + nm[r.source] for r in readings]
