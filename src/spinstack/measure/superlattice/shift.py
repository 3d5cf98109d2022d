"""How far an edge or a peak lies from that of a reference: chemical shifts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, number, positive, together
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.estimate import central_slopes, standard_errors
from spinstack.measure.statistics.linear import factored, least_squares, pseudo_inverse
from spinstack.measure.statistics.noise import lag_one, white_noise
from spinstack.measure.statistics.nonlinear import minimise
from spinstack.measure.superlattice.spectrum import Range
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In

_BACKGROUNDS = ("none", "constant", "linear")
#: fewest points of either spectrum
_FEWEST = 20
#: a second minimum counts as equally good below this difference of chi square (two standard errors)
_AS_GOOD = 4.0


@checked
def peak_shift(
    results: Mapping[str, xr.Dataset], *, reference: str, reproducibility: Annotated[float, In("eV")] = 0.0
) -> xr.Dataset:
    """Distances of fitted peaks and steps from those of a reference, from results of :func:`fit_edges`.

    Returns a result with ``shift_KIND_NAME`` [eV] for every result but the reference, where KIND is a, b, ... or step;
    positive towards higher energy. The error is that of both fits and twice that of the energy scale.
    Raises :class:`MeasurementError` where the reference is not among the results, or nothing was fitted in both.

    Parameters
    ----------
    reference
        Name of the result, or of the file, that the others are compared with.
    reproducibility
        Standard error in eV with which the energy scale of one spectrum comes back in the next one.
    """
    together(
        lambda: choice(reference, "reference", list(results)),
        lambda: number(reproducibility, "reproducibility", low=0, unit="eV"),
    )
    zero, table = _places(results[reference]), {}
    for name, found in results.items():
        for kind, (at, error) in _places(found).items() if name != reference else ():
            if kind in zero:
                spread = float(np.sqrt(error**2 + zero[kind][1] ** 2 + 2 * reproducibility**2))
                words = f"shift of {kind} in {name} from {reference}"
                table[f"shift_{kind}_{name}"] = Found(at - zero[kind][0], spread, "eV", words)
    if not table:
        why = "which has no peak or step in common with another result"
        raise MeasurementError(why, field="reference", got=reference, remedy="Fit all with fit_edges.")
    return report(results[reference], table, reference=reference)


def _places(found: xr.Dataset) -> dict[str, tuple[float, float]]:
    """Fitted energies by peak."""
    kinds = {f"centre_{k}": k for k in "abcdefgh"} | {"step_centre": "step"}
    rows = zip(*(found[n].values.tolist() for n in ("parameter", "value", "error")), strict=True)
    return {kinds[name]: (value, error) for name, value, error in rows if name in kinds}


@checked
def edge_shift(
    data: xr.Dataset,
    reference: xr.Dataset,
    *,
    window: Annotated[Range | None, In("eV")] = None,
    most: Annotated[float, In("eV")] = 1.0,
    background: Literal["none", "constant", "linear"] = "constant",
    reproducibility: Annotated[float, In("eV")] = 0.0,
    reading: str = "intensity",
) -> xr.Dataset:
    """Shift of a spectrum against a reference of the same shape: I(E) = scale I_ref(E - shift) + background.

    Returns a result with ``shift`` [eV], positive towards higher energy, and ``scale``. Both spectra are fitted at
    once with one spline, whose number of knots is that of the least Akaike information criterion, so that the noise
    of the reference counts and shifts are not drawn to its grid. Remarks tell where the shapes differ, and where
    another shift is as good.
    Raises :class:`MeasurementError` where the reference does not cover the window on both sides by `most`.

    Parameters
    ----------
    data, reference
        Absorption over `energy` [eV]; `intensity_error` is used as weight where both have it, else the scatter gives
        the errors.
    window
        Range of energies of `data` in eV; left out, all that the reference covers.
    most
        The largest shift to look for, in eV.
    background
        What is added to the scaled reference: "none", "constant" or "linear".
    reproducibility
        Standard error in eV with which the energy scale of one spectrum comes back in the next one.
    """
    together(
        lambda: positive(most, "most", unit="eV"),
        lambda: choice(background, "background", _BACKGROUNDS),
        lambda: number(reproducibility, "reproducibility", low=0, unit="eV"),
    )
    pair = _pair(data, reference, window, most, _BACKGROUNDS.index(background), reading)
    best, *others = _fits(pair, most)
    at = np.r_[pair.solve(best.values, best.knots)[0], best.values]
    count = at.size - 2
    bent = central_slopes(lambda p: pair.design(p, best.knots) @ at[:count], best.values, np.array([0.1, 0.1]))
    inverse = pseudo_inverse(factored(np.hstack([pair.design(best.values, best.knots), bent])))
    left = pair.target.size - at.size
    unit = 1.0 if pair.stated else best.square / left
    covariance = unit * (inverse @ inverse.T)[-2:, -2:] + np.diag([2 * reproducibility**2, 0.0])
    freedom = np.inf if pair.stated else left
    rest, fitted = pair.solve(best.values, best.knots)[1:]
    own = pair.energy.size
    lags = [lag_one(rest[:own]), lag_one(rest[own:])]
    (shift, scale), errors = best.values.tolist(), standard_errors(covariance).tolist()
    table = {
        "shift": Found(shift, errors[0], "eV", "shift from the reference", freedom),
        "scale": Found(scale, errors[1], "1", "factor on the reference", freedom),
    }
    return report(
        data,
        table,
        covariance,
        {
            "measured": ("point", pair.value),
            "fitted": ("point", (fitted * pair.error)[:own]),
            "residual": ("point", rest[:own], {"long_name": "measured minus fitted, over the error"}),
        },
        {"energy": ("point", pair.energy, {"units": "eV"})},
        reading=reading,
        errors_from="given errors" if pair.stated else "scatter",
        reduced_chi_square=best.square / left,
        residual_correlation=max(lags),
        knots=best.knots,
        remark=" ".join(_remarks(pair, best, others, unit, most, max(lags), left)),
    )


class _Fit(NamedTuple):
    values: np.ndarray  # shift and scale
    square: float
    knots: int


class _Pair(NamedTuple):
    """Points of a spectrum and, at energies `other`, of its reference; `error` and `target` are of both in a row."""

    energy: np.ndarray
    value: np.ndarray
    other: np.ndarray
    error: np.ndarray
    target: np.ndarray
    stated: bool
    terms: int

    def design(self, values: np.ndarray, knots: int) -> np.ndarray:
        """Columns of the common spline and of the background, over the errors of the points."""
        from scipy.interpolate import BSpline

        low, high = self.other[0], self.other[-1]
        t = np.r_[[low] * 3, np.linspace(low, high, knots), [high] * 3]
        shift, scale = values
        own = BSpline.design_matrix(np.clip(self.energy - shift, low, high), t, 3).toarray()
        ref = BSpline.design_matrix(self.other, t, 3).toarray()
        middle = (self.energy - self.energy.mean()) / np.ptp(self.energy)
        line = np.stack([np.ones(middle.size), middle], axis=1)[:, : self.terms]
        blocks = np.block([[scale * own, line], [ref, np.zeros((ref.shape[0], self.terms))]])
        return np.asarray(blocks / self.error[:, None])

    def solve(self, values: np.ndarray, knots: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coefficients of least squares, what is left over, and the fit, both over the errors."""
        from scipy.linalg import lstsq

        columns = self.design(values, knots)
        found = lstsq(columns, self.target, lapack_driver="gelsy")[0]
        return found, self.target - columns @ found, columns @ found


def _pair(
    data: xr.Dataset, reference: xr.Dataset, window: Range | None, most: float, terms: int, reading: str
) -> _Pair:
    sides = []
    for label, one in (("data", data), ("reference", reference)):
        (energy, value), error, _ = finite_rows(one, "energy", reading=reading)
        order = np.argsort(energy, kind="stable")
        if np.unique(energy).size < _FEWEST:
            allowed = f"at least {_FEWEST} different energies"
            raise MeasurementError(where=label, field="energy", got=np.unique(energy).size, allowed=allowed)
        sides.append((energy[order], value[order], None if error is None else error[order]))
    (energy, value, error), (other, known, its) = sides
    low, high = (other[0] + most, other[-1] - most) if window is None else window
    keep = (energy >= low) & (energy <= high)
    if not low < high or low - most < other[0] or high + most > other[-1] or keep.sum() < _FEWEST:
        allowed = (
            f"a range with {_FEWEST} points or more, within {other[0] + most:.6g} to {other[-1] - most:.6g} eV, where "
            f"the reference reaches over it by {most:g} eV"
        )
        why = f"which holds {int(keep.sum())} points"
        raise MeasurementError(why, field="window", unit="eV", got=(float(low), float(high)), allowed=allowed)
    near = (other >= low - most) & (other <= high + most)
    stated = error is not None and its is not None
    if error is None or its is None:
        # noise on a curve that is smooth between points, to weigh the two spectra with
        errors = np.concatenate([np.full(v.size, white_noise(v) or 1.0) for v in (value[keep], known[near])])
    else:
        errors = np.concatenate([error[keep], its[near]])
    target = np.concatenate([value[keep], known[near]]) / errors
    return _Pair(energy[keep], value[keep], other[near], errors, target, stated, terms)


def _fits(pair: _Pair, most: float) -> list[_Fit]:
    """Minima of the sum of squares by size: starts from all shifts at which a spline of the reference fits best."""
    own = pair.energy.size
    room = int(min(own, pair.other.size) * 0.6)
    counts = sorted({int(n) for n in np.geomspace(5, max(room, 6), 12)})
    step = 0.5 * min(np.ptp(pair.energy) / own, np.ptp(pair.other) / pair.other.size, most / 5)
    shifts = np.linspace(-most, most, 2 * int(np.ceil(most / step)) + 1)

    def criterion(shift: float, scale: float, knots: int) -> float:
        rest = pair.solve(np.array([shift, scale]), knots)[1]
        return float(rest.size * np.log(rest @ rest) + 2 * knots)

    found: list[_Fit] = []
    knots = counts[-1]
    for _ in range(2):  # the number of knots at the best shift, then all shifts with it
        squares, scales = _scan(pair, shifts, knots)
        inner = (squares[1:-1] <= squares[:-2]) & (squares[1:-1] <= squares[2:])
        lows = sorted(np.flatnonzero(np.r_[squares[0] < squares[1], inner, squares[-1] < squares[-2]]),
                      key=lambda i: squares[i])[:3]  # fmt: skip
        knots = min(counts, key=lambda n: criterion(shifts[lows[0]], scales[lows[0]], n))
    for i in lows:
        start = np.array([shifts[i], scales[i]])
        end = minimise(lambda p: pair.solve(np.r_[np.clip(p[0], -most, most), p[1]], knots)[1], start)
        values = np.array([np.clip(end.values[0], -most, most), end.values[1]])
        if all(abs(values[0] - other.values[0]) > 0.1 * step for other in found):
            found.append(_Fit(values, float(end.residual @ end.residual), knots))
    return sorted(found, key=lambda fit: fit.square)


def _scan(pair: _Pair, shifts: np.ndarray, knots: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum of squares and scale at every shift of a spline that was fitted to the reference alone."""
    own = pair.energy.size
    ref = pair.design(np.array([0.0, 1.0]), knots)[own:, : knots + 2]
    coefficients = least_squares(ref, pair.target[own:])
    squares, scales = np.empty(shifts.size), np.empty(shifts.size)
    for i, shift in enumerate(shifts):
        rows = pair.design(np.array([shift, 1.0]), knots)[:own]
        columns = np.column_stack([rows[:, : knots + 2] @ coefficients, rows[:, knots + 2 :]])
        values = least_squares(columns, pair.target[:own])
        rest = pair.target[:own] - columns @ values
        squares[i], scales[i] = rest @ rest, values[0]
    return squares, scales


def _remarks(
    pair: _Pair, best: _Fit, others: list[_Fit], unit: float, most: float, lag: float, left: int
) -> Iterator[str]:
    if lag > 4 / np.sqrt(min(pair.energy.size, pair.other.size)):
        yield (
            f"Neighbouring residuals are correlated ({lag:.2f}): the shapes differ by more than a shift, a scale and "
            "the background, or the noise is not white, and the stated errors are too small."
        )
    if pair.stated and best.square > left + 5 * np.sqrt(2 * left):
        yield f"Chi square is {best.square:.4g} for {left} degrees of freedom: the shapes differ."
    if abs(best.values[0]) > 0.999 * most:
        yield f"The shift stands at the end of the range, {most:g} eV: widen `most`."
    for other in others:
        if (worse := (other.square - best.square) / unit) < _AS_GOOD:
            yield f"A shift of {other.values[0]:.3g} eV is about as good (chi square larger by {worse:.1f})."
