"""Peaks of an absorption edge on an arctan step and a straight background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, number, positive, together
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.estimate import central_slopes, propagated, standard_errors
from spinstack.measure.statistics.linear import factored, least_squares, pseudo_inverse
from spinstack.measure.statistics.noise import lag_one
from spinstack.measure.statistics.nonlinear import minimise_within
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In

_SHAPES = ("gaussian", "lorentzian", "voigt")
_BACKGROUNDS = ("none", "constant", "linear")
_LETTERS = "abcdefgh"
#: full width at half maximum over the standard deviation of a Gaussian
_FULL = 2 * np.sqrt(2 * np.log(2))
#: fewest points of a fit
_FEWEST = 15
#: half widths of the step over that of the peaks, between which it is fitted
_STEP_WIDTHS = (0.2, 0.4, 0.7, 1.0, 1.4, 2.0)
#: starts that are followed to their minimum
_FOLLOWED = 6
#: a minimum with peaks or a step downwards has to be better by this chi square (three standard errors)
_UPWARDS = 9.0
#: a second minimum counts as equally good below this difference of chi square (two standard errors)
_AS_GOOD = 4.0
#: a larger error of a share says that the peaks are not told apart
_UNSURE = 0.2


@checked
def fit_edges(
    data: xr.Dataset,
    peaks: Annotated[Sequence[float], In("eV")] = (870.2, 871.2),
    *,
    shape: Literal["gaussian", "lorentzian", "voigt"] = "gaussian",
    window: Annotated[tuple[float, float] | None, In("eV")] = None,
    width: Annotated[float, In("eV")] = 0.5,
    step: Annotated[Literal["fit", "none"] | float, In("eV")] = "fit",
    step_width: Annotated[Literal["fit"] | float, In("eV")] = "fit",
    background: Literal["none", "constant", "linear"] = "linear",
    reading: str = "intensity",
) -> xr.Dataset:
    """Fit two or more peaks a, b, ... on a step, and give the share of each in their area, I_a/(I_a + I_b).

    Returns a result with ``area_a``, ``centre_a``, ``width_a`` (full width at half maximum, eV), ``share_a``, likewise
    for the others, ``step_height``, ``step_centre`` where it is fitted, their covariance, and over `point` measured,
    fitted, residual and each component. The fit begins from many places and widths of peaks and step and keeps the
    least chi square with areas above zero; another minimum that is as good is told with its shares.
    The default peaks are those of Ni2+ at the L2 edge (Zheng et al., ACS Nano 2024, 10.1021/acsnano.4c01910).
    Raises :class:`MeasurementError` where the data do not determine the peaks. Correlated residuals are reported.

    Parameters
    ----------
    data
        Absorption over `energy` [eV]; `intensity_error` is used as weight where present, else the scatter about the
        fit gives the errors.
    peaks
        About where the peaks are, in eV and rising. A centre may move as far as the start of the next peak.
    shape
        "gaussian", "lorentzian" or "voigt" (one Lorentzian width, the lifetime, for all peaks).
    window
        Range of energies in eV.
    width
        Half width at half maximum in eV about which the peaks start.
    step
        Arctan step, whose height is fitted: "fit" finds its energy, too; an energy in eV holds it there; "none" is for
        spectra whose step was subtracted.
    step_width
        Half width of the step in eV.
    background
        "none", "constant" or "linear".
    """
    energy, value, error = _points(data, reading, window)
    _check(peaks, shape, background, width, step, step_width, energy)
    model = _Model(energy, value, error, shape, len(peaks), step, step_width, background)
    minima, spanned = _minima(model, np.asarray(peaks, dtype=float), width)
    best = minima[0]
    at = np.r_[model.linear(best.values), best.values]
    numbers, spread = _mixed(model, best, spanned)
    left = energy.size - at.size
    table = {
        name: Found(float(v), float(e), *_words(name), left if error is None else np.inf)
        for (name, v), e in zip(numbers.items(), standard_errors(spread), strict=True)
    }
    columns = model.columns(best.values)
    parts = columns * at[: columns.shape[1]]
    residual = (value - parts.sum(axis=1)) / (1 if error is None else error)
    curves: dict[str, Any] = {
        "measured": ("point", value),
        "fitted": ("point", parts.sum(axis=1)),
        "residual": ("point", residual, {"long_name": "measured minus fitted, over the error where given"}),
    } | {f"component_{name}": ("point", part) for name, part in zip(model.parts(), parts.T, strict=True)}
    lag = lag_one(residual)
    return report(
        data,
        table,
        spread,
        curves,
        {"energy": ("point", energy, {"units": "eV"})},
        shape=shape,
        reading=reading,
        errors_from="scatter" if error is None else "given errors",
        degrees_of_freedom=left,
        reduced_chi_square=best.square / left,
        residual_correlation=lag,
        remark=" ".join(_remarks(model, table, spread, minima, lag)),
    )


def _points(
    data: xr.Dataset, reading: str, window: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    (energy, value), error, _ = finite_rows(data, "energy", reading=reading)
    low, high = window or (-np.inf, np.inf)
    keep = (energy >= low) & (energy <= high)
    if keep.sum() < _FEWEST:
        why = f"which holds {int(keep.sum())} points"
        raise MeasurementError(why, field="window", unit="eV", got=window, allowed=f"at least {_FEWEST}")
    return energy[keep], value[keep], None if error is None else error[keep]


def _check(
    peaks: Sequence[float],
    shape: str,
    background: str,
    width: float,
    step: str | float,
    step_width: str | float,
    energy: np.ndarray,
) -> None:
    low, high = float(energy.min()), float(energy.max())
    words = 'Or "fit", which finds it, or "none" for spectra without a step.'
    together(
        lambda: choice(shape, "shape", _SHAPES),
        lambda: choice(background, "background", _BACKGROUNDS),
        lambda: positive(width, "width", high=high - low, unit="eV"),
        lambda: (
            (isinstance(step, str) and step in ("fit", "none"))
            or number(step, "step", low=low, high=high, unit="eV", remedy=words)
        ),
        lambda: (
            (isinstance(step_width, str) and step_width == "fit")
            or positive(step_width, "step_width", unit="eV", remedy='Or "fit".')
        ),
        lambda: _check_peaks(peaks, energy),
    )


def _check_peaks(peaks: Sequence[float], energy: np.ndarray) -> None:
    rising = 2 <= len(peaks) <= 8 and (np.diff(peaks) > 0).all()
    if not rising or min(peaks) < energy.min() or max(peaks) > energy.max():
        allowed = f"two to eight rising energies from {energy.min():.6g} to {energy.max():.6g} eV"
        raise MeasurementError(field="peaks", unit="eV", got=tuple(peaks), allowed=allowed)


@dataclass(frozen=True)
class _Model:
    """A spectrum as columns for linear least squares, made by the few values that do not enter linearly.

    These are the centres, the full widths (Voigt: of the Gaussian part), for Voigt the Lorentzian full width, and
    centre and half width of the step where they are fitted.
    """

    energy: np.ndarray
    value: np.ndarray
    error: np.ndarray | None
    shape: str
    peaks: int
    step: str | float
    step_width: str | float
    background: str

    @cached_property
    def letters(self) -> str:
        """Names of the peaks."""
        return _LETTERS[: self.peaks]

    @cached_property
    def names(self) -> list[str]:
        """Names of the values that do not enter linearly."""
        free = {
            "lifetime": self.shape == "voigt",
            "step_centre": self.step == "fit",
            "step_width": self.step != "none" and self.step_width == "fit",
        }
        widths = [f"width_{k}" for k in self.letters]
        return [*(f"centre_{k}" for k in self.letters), *widths, *(n for n, f in free.items() if f)]

    def parts(self) -> list[str]:
        """Names of the columns."""
        line = ["offset", "slope"][: _BACKGROUNDS.index(self.background)]
        return [*self.letters, *(["step"] if self.step != "none" else []), *line]

    def columns(self, values: np.ndarray) -> np.ndarray:
        """Peaks of unit area, a step of unit height, the background: (rows, columns)."""
        from scipy.special import voigt_profile

        n = self.peaks
        more = dict(zip(self.names[2 * n :], values[2 * n :], strict=True))
        sigma = values[n : 2 * n] / _FULL * (self.shape != "lorentzian")
        gamma = values[n : 2 * n] / 2 * (self.shape == "lorentzian") + more.get("lifetime", 0.0) / 2
        parts = [voigt_profile(self.energy - values[i], sigma[i], gamma[i]) for i in range(n)]
        if self.step != "none":
            at, wide = (more.get(f"step_{k}", own) for k, own in (("centre", self.step), ("width", self.step_width)))
            parts.append(0.5 + np.arctan((self.energy - at) / wide) / np.pi)
        middle = (self.energy - self.energy.mean()) / np.ptp(self.energy)
        return np.stack([*parts, np.ones(middle.size), middle][: len(self.parts())], axis=1)

    def weighted(self, rows: np.ndarray) -> np.ndarray:
        """Rows over their errors, where these are given."""
        return rows if self.error is None else rows / self.error.reshape(-1, *[1] * (rows.ndim - 1))

    def linear(self, values: np.ndarray) -> np.ndarray:
        """Areas, height of the step and background of least chi square."""
        return least_squares(self.weighted(self.columns(values)), self.weighted(self.value))

    def residual(self, values: np.ndarray) -> np.ndarray:
        """Measured less the best that the columns can do, over the errors where given."""
        columns, value = self.weighted(self.columns(values)), self.weighted(self.value)
        return value - columns @ least_squares(columns, value)

    def upwards(self, values: np.ndarray) -> float:
        """Least chi square with no area and no step below zero."""
        from scipy.optimize import nnls

        columns, count = self.weighted(self.columns(values)), self.peaks + (self.step != "none")
        return float(nnls(np.hstack([columns, -columns[:, count:]]), self.weighted(self.value))[1])


class _Minimum(NamedTuple):
    values: np.ndarray
    square: float
    #: which values stand at the end of their range
    held: np.ndarray


def _minima(model: _Model, peaks: np.ndarray, width: float) -> tuple[list[_Minimum], list[_Minimum]]:
    """What different starts lead to, by chi square with peaks and step upwards, and what errors are to span.

    The second are the minima themselves, or, where the width of the step is fitted, those at widths in its range.
    """
    names, n = model.names, model.peaks
    low, high = float(model.energy.min()), float(model.energy.max())
    span, spacing = high - low, (high - low) / (model.energy.size - 1)
    gaps = np.maximum(np.diff(peaks), 2 * width)
    reach = zip([peaks[0] - gaps[0], *peaks[:-1]], [*peaks[1:], peaks[-1] + gaps[-1]], strict=True)
    edge = max(peaks[0] - 2 * width, low), min(peaks[-1] + 4 * width, high)
    bounds = {f"centre_{k}": ends for k, ends in zip(model.letters, reach, strict=True)}
    bounds |= {f"width_{k}": (spacing, span) for k in model.letters}
    bounds |= {
        "lifetime": (0.0, span),
        "step_centre": edge,
        "step_width": (_STEP_WIDTHS[0] * width, _STEP_WIDTHS[-1] * width),
    }
    lowest, highest = np.array([bounds[name] for name in names]).T
    inset = 1e-3 * (highest - lowest)
    steps = np.linspace(*edge, 11)[1:-1] if "step_centre" in names else [0.0]
    found: list[_Minimum] = []

    def follow(start: np.ndarray, into: list[_Minimum], **fixed: float) -> None:
        limits = bounds | {name: (v * (1 - 1e-5), v * (1 + 1e-5)) for name, v in fixed.items()}
        end = minimise_within(
            model.residual, dict(zip(names, start.tolist(), strict=True)) | fixed, limits, evaluations=400
        )
        order = np.argsort(end.values[:n])
        order = np.r_[order, n + order, 2 * n : len(names)]
        held = np.minimum(end.values - lowest, highest - end.values) < 1e-3 * (highest - lowest)
        held |= [name in fixed for name in names]
        minimum = _Minimum(end.values[order], float(end.residual @ end.residual), held[order])
        if all(np.abs(minimum.values - other.values).max() > 1e-3 * width for other in into):
            into.append(minimum)

    def rank(minimum: _Minimum) -> float:
        upwards = model.linear(minimum.values)[: n + (model.step != "none")]
        least = min(found, key=lambda m: m.square)
        return minimum.square + _UPWARDS * _unit(model, least) * bool((upwards <= 0).any())

    starts: dict[tuple[float, ...], list[np.ndarray]] = {}
    for *kind, step in product((-0.4, 0.0, 0.4), (0.6, 1.0, 1.5), (0.4, 0.8, 1.6), steps):
        shift, stretch, factor = kind
        places = peaks.mean() + stretch * (peaks - peaks.mean()) + shift * gaps.min()
        more = {"lifetime": factor * width, "step_centre": step, "step_width": width}
        trial = [*places, *([2 * factor * width] * n), *(more[name] for name in names[2 * n :])]
        starts.setdefault(tuple(kind), []).append(np.clip(trial, lowest + inset, highest - inset))
    likely = [min(group, key=model.upwards) for group in starts.values()]
    for start in sorted(likely, key=model.upwards)[:_FOLLOWED]:
        follow(start, found)
    if "step_centre" in names:
        # the peaks found so far, with the step at other places
        moved = np.tile(min(found, key=rank).values, (len(steps), 1))
        moved[:, names.index("step_centre")] = steps
        for start in np.clip(moved, lowest + inset, highest - inset):
            follow(start, found)
    found[:] = sorted(found, key=rank)
    if "step_width" not in names:
        return found, found
    along: list[_Minimum] = []
    for minimum in (m for m in found if rank(m) < rank(found[0]) + _UPWARDS * _unit(model, found[0])):
        for factor in _STEP_WIDTHS:
            follow(minimum.values, along, step_width=factor * width)
    return found, along


def _mixed(model: _Model, best: _Minimum, spanned: list[_Minimum]) -> tuple[dict[str, float], np.ndarray]:
    """What is told of the best minimum, with a covariance about it that spans several, each by its likelihood."""
    told = _numbers(model, np.r_[model.linear(best.values), best.values])
    unit, least = _unit(model, best), min(m.square for m in spanned)
    weights, parts = [], []
    for minimum in spanned:
        at = np.r_[model.linear(minimum.values), minimum.values]
        covariance = unit * _covariance(model, at, minimum)
        slopes = central_slopes(lambda q: list(_numbers(model, q).values()), at, standard_errors(covariance))
        away = np.subtract(list(_numbers(model, at).values()), list(told.values()))
        parts.append(propagated(slopes, covariance) + np.outer(away, away))
        weights.append(np.exp((least - minimum.square) / (2 * unit)))
    return told, np.average(parts, axis=0, weights=weights)


def _unit(model: _Model, best: _Minimum) -> float:
    """Chi square of one degree of freedom."""
    left = model.energy.size - len(model.parts()) - best.values.size
    return 1.0 if model.error is not None else best.square / left


def _covariance(model: _Model, at: np.ndarray, best: _Minimum) -> np.ndarray:
    """Covariance of areas, step, background and values at the minimum, those at the end of their range held."""
    columns = model.columns(best.values)
    count = columns.shape[1]
    bent = central_slopes(lambda p: model.columns(p) @ at[:count], best.values, np.full(best.values.size, 0.02))
    free = np.r_[np.ones(count, bool), ~best.held]
    inverse = pseudo_inverse(factored(model.weighted(np.hstack([columns, bent])[:, free])))
    out = np.zeros((at.size, at.size))
    out[np.ix_(free, free)] = inverse @ inverse.T
    return out


def _numbers(model: _Model, at: np.ndarray) -> dict[str, float]:
    """What is told of the fit, from all its values."""
    n, count = model.peaks, len(model.parts())
    areas, more = at[:n], dict(zip(model.names, at[count:], strict=True))
    out: dict[str, float] = {}
    for i, k in enumerate(model.letters):
        full = more[f"width_{k}"]
        if model.shape == "voigt":
            # Olivero and Longbothum, J. Quant. Spectrosc. Radiat. Transf. 17, 233 (1977), to 0.02 %
            full = 0.5346 * more["lifetime"] + np.sqrt(0.2166 * more["lifetime"] ** 2 + full**2)
        out |= {f"share_{k}": areas[i] / areas.sum(), f"area_{k}": areas[i], f"centre_{k}": more[f"centre_{k}"]}
        out[f"width_{k}"] = full
    if model.step != "none":
        out |= {"step_height": at[n]} | {name: more[name] for name in ("step_centre", "step_width") if name in more}
    return out


def _words(name: str) -> tuple[str, str]:
    """Unit and meaning of a number."""
    kind, _, k = name.partition("_")
    if kind == "step":
        whats = {"height": "height", "centre": "energy", "width": "half width"}
        return "1" if k == "height" else "eV", f"{whats[k]} of the step"
    words = {"share": "share of", "area": "area of", "centre": "centre of", "width": "full width at half maximum of"}
    return {"share": "1", "area": "eV times the intensity"}.get(kind, "eV"), f"{words[kind]} peak {k}"


def _remarks(
    model: _Model, table: dict[str, Found], spread: np.ndarray, minima: list[_Minimum], lag: float
) -> Iterator[str]:
    best, *others = minima
    names = list(table)
    if lag > 4 / np.sqrt(model.energy.size):
        yield (
            f"Neighbouring residuals are correlated ({lag:.2f}): the shape misses structure or the noise is not white, "
            "and the stated errors are too small."
        )
    held = [name.replace("_", " ") for name, at_end in zip(model.names, best.held, strict=True) if at_end]
    if held:
        yield f"Held at the end of the range, so that errors do not hold it: {', '.join(held)}."
    for k in model.letters:
        if table[f"area_{k}"].value <= 0:
            yield f"Peak {k} came out with a negative area."
    for a, b in pairwise(model.letters):
        pair = [names.index(f"centre_{k}") for k in (a, b)]
        error = float(np.sqrt(np.array([-1, 1]) @ spread[np.ix_(pair, pair)] @ np.array([-1, 1])))
        between = table[f"centre_{b}"].value - table[f"centre_{a}"].value
        if between < 3 * error or table[f"share_{a}"].error > _UNSURE:
            yield (
                f"Peaks {a} and {b} cannot be told apart: their distance is {between:.2g} +- {error:.2g} eV, share_{a} "
                f"{table[f'share_{a}'].value:.2f} +- {table[f'share_{a}'].error:.2g}; errors of this size are no "
                "intervals. A wider window, or a step or a background that is known, may help."
            )
    shares = {k: table[f"share_{k}"] for k in model.letters}
    for other in others:
        worse = (other.square - best.square) / _unit(model, best)
        there = _numbers(model, np.r_[model.linear(other.values), other.values])
        if worse < _AS_GOOD and any(abs(there[f"share_{k}"] - v.value) > v.error for k, v in shares.items()):
            words = ", ".join(f"share_{k} {there[f'share_{k}']:.2f}" for k in shares)
            how = (
                f"larger by {worse:.1f}" if worse >= 0 else f"smaller by {-worse:.1f}, but a peak or the step downwards"
            )
            yield f"Another minimum is about as good (chi square {how}): {words}. Errors span both."
