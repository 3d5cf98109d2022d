"""Spin-torque ferromagnetic resonance: all spectra of all frequencies and angles in one fit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, positive, switch, together
from spinstack.measure.measurement import MeasurementError, warn
from spinstack.measure.spin_torque.both_harmonics import FIELDS
from spinstack.measure.spin_torque.layers import HBAR, MU0, Layers, Number, value_and_error, with_efficiencies
from spinstack.measure.spin_torque.lockin import beside, several
from spinstack.measure.spin_torque.ratio import Ratio, fields_of, frequencies, ratio_of, with_ratio
from spinstack.measure.spin_torque.spectra import Spectrum, check_spectra, spectra
from spinstack.measure.statistics.estimate import central_slopes, propagated
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.statistics.noise import correlated
from spinstack.measure.statistics.nonlinear import minimise
from spinstack.measure.sweeps.hall import CHARGE, size_of
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In

#: Bohr magneton [J/T], CODATA 2018
MAGNETON = 9.2740100783e-24
#: spectra that the start is looked for with
_LOOKED = 9
#: nonlinear parameters
NAMES = ("effective_magnetization", "damping", "inhomogeneous_linewidth")


def response(B: Any, frequency: float, Meff: float, damping: float, ratio: float) -> tuple[Any, Any]:
    """Re dm_phi per torque [1/T] along the azimuth and along the normal, of m in the plane along the field B [T].

    From L_phi = -(B + Meff) dm_z + t_phi, L_z = B dm_phi + t_z and dm/dt = g/(1 + a^2) (L + a m x L) at the frequency
    [Hz]; `ratio` g [rad/(s T)].
    """
    w, a = 2 * np.pi * frequency / ratio * (1 + damping**2), damping
    # -i w dm_phi = L_phi - a L_z, -i w dm_z = L_z + a L_phi
    k1, k2 = B, B + Meff
    M11, M12, M21, M22 = -1j * w + a * k1, k2, -k1, -1j * w + a * k2
    determinant = M11 * M22 - M12 * M21
    along = (M22 * 1.0 - M12 * a) / determinant
    normal = (M22 * -a - M12 * 1.0) / determinant
    return along.real, normal.real


def resonance_field(frequency: Any, Meff: float, ratio: float) -> Any:
    """B0 [T] with B0 (B0 + Meff) = (w/g)^2."""
    w = 2 * np.pi * np.asarray(frequency) / ratio
    return (-Meff + np.sqrt(Meff**2 + 4 * w**2)) / 2


@checked
def st_fmr(
    measurements: xr.Dataset | Iterable[xr.Dataset],
    reading: str = "V_X",
    *,
    g_factor: float = 2.0,
    magnetization: Annotated[Number | None, In("A/m")] = None,
    magnet_thickness: Annotated[Number | None, In("m")] = None,
    layer_thickness: Annotated[float | None, In("m")] = None,
    metal: Literal["below", "above"] = "below",
    magnetoresistance: Annotated[Number | None, In("Ohm")] = None,
    rf_current: Annotated[Number | None, In("A")] = None,
    layers: Layers | None = None,
    perpendicular: bool = False,
    offset: bool = True,
) -> xr.Dataset:
    """Resonance spectra driven by the torques of an alternating current: Kittel's law, damping and the torques.

    `measurements`: sweeps of the `field` [T] in the plane at a `frequency` [Hz] (that of the current in the film) and,
    where there are several or the torques along the normal are wanted, at the `angle` [deg] of the field from the
    current; at three frequencies or more, in one file or in many. `reading` is the rectified voltage [V] along the
    current; that of a lock-in after the step rotate_phase.

    One fit of all spectra, V = offset + slope B + s Re chi_phi(B) + a Re chi_z(B), with chi the response of a macrospin
    to torques along the azimuth and along the normal: S and A, symmetric and antisymmetric Lorentzians of B0 and
    linewidth D = D0 + alpha w/g with B0 (B0 + mu0 M_eff) = (w/g)^2, without the approximation of small damping.
    `offset`: False leaves offsets and slopes out. Spectra at negative fields have their angle turned by half a turn.

    S/A = (B_DL/B)/sqrt(1 + mu0 M_eff/B0), B the field-like and Oersted field together, is one ratio for all spectra:
    `ratio` B_DL/B, from S and A with their covariance; attributes ratio_low and ratio_high are where chi-square rises
    by 1, since a ratio is not normal. With `magnetization` M_s, `magnet_thickness` t and `layer_thickness` d (that of
    the metal, `metal` says on which side of the magnet) xi_fmr = +-ratio e mu0 M_s t d/hbar (plus with the metal
    below), Liu's efficiency: it takes B for the Oersted field of all current in that metal. See :func:`st_fmr_series`
    for the field-like part.

    Where the signal is known in volts, by `magnetoresistance` R_x - R_y [Ohm] of the bar along the current and the peak
    `rf_current` [A] in the film (that at all frequencies), damping_like and field_like_total [T] at it follow, and with
    `layers` all as of :func:`harmonic_hall_rotation`; angles are needed.

    `perpendicular`: fit torques of spins along z, too, which need four angles or more; ratio_z_damping and
    ratio_z_field are then those fields over B.

    Parameters: effective_magnetization mu0 M_eff [T], damping alpha, inhomogeneous_linewidth D0 [T] (half width at half
    maximum), ratio, xi_fmr. Over `spectrum`: frequency, angle, resonance_field, linewidth [T], symmetric and
    antisymmetric [V] with errors. Rectified voltages along the current hold spin pumping, too, which is symmetric and
    cannot be told apart there. `g_factor` is held.

    Raises :class:`MeasurementError` for fewer than three frequencies, few rows, resonances outside of the fields, and
    signals without an antisymmetric part. Source: L. Liu et al., Phys. Rev. Lett. 106, 036601 (2011);
    docs/methods/harmonic_hall.md.
    """
    together(
        lambda: positive(g_factor, "g_factor"),
        lambda: choice(metal, "metal", ("below", "above")),
        lambda: switch(perpendicular, "perpendicular"),
        lambda: switch(offset, "offset"),
    )
    geometry = _geometry(magnetization, magnet_thickness, layer_thickness)
    volts = _volts(magnetoresistance, rf_current, layers)
    every = several(measurements)
    found = spectra(every, reading)
    check_spectra(found, perpendicular, bool(volts))
    gyro = g_factor * MAGNETON / HBAR
    x, C, parts = _fitted(found, gyro, offset)
    return _result(every, found, x, C, parts, gyro, reading, geometry, metal, perpendicular, volts, layers)


def _geometry(*sizes: Any) -> list[tuple[float, float]]:
    names, units = ("magnetization", "magnet_thickness", "layer_thickness"), ("A/m", "m", "m")
    out = []
    if any(size is not None for size in sizes):
        for name, unit, size in zip(names, units, sizes, strict=True):
            if size is None:
                remedy = "xi_fmr needs all three: magnetization, magnet_thickness and layer_thickness."
                raise MeasurementError("missing", field=name, unit=unit, remedy=remedy)
            out.append(value_and_error(size, name, unit, low=0.0, open_low=True))
    return out


def _volts(magnetoresistance: Any, rf_current: Any, layers: Layers | None) -> list[tuple[float, float]]:
    """R_x - R_y [Ohm] and peak current [A], each with its error, where they are given."""
    given = {"magnetoresistance": (magnetoresistance, "Ohm"), "rf_current": (rf_current, "A")}
    wanted = layers is not None or any(value is not None for value, _ in given.values())
    out = []
    for name, (value, unit) in given.items() if wanted else ():
        if value is None:
            remedy = "Effective fields need both: magnetoresistance and rf_current."
            raise MeasurementError("missing", field=name, unit=unit, remedy=remedy)
        limits: dict[str, Any] = {"low": 0.0, "open_low": True} if name == "rf_current" else {}
        out.append(value_and_error(value, name, unit, **limits))
    if out and out[0][0] == 0:
        why = "without which nothing is rectified"
        raise MeasurementError(
            why, field="magnetoresistance", unit="Ohm", got=magnetoresistance, allowed="other than 0"
        )
    if layers is not None:
        layers.numbers()
    return out


def _columns(one: Spectrum, x: np.ndarray, gyro: float, offset: bool) -> np.ndarray:
    """Columns (rows, 2 or 4) of one spectrum: both responses over their size at resonance, constant, slope."""
    Meff, damping, D0 = x
    width = damping + D0 * gyro / (2 * np.pi * one.frequency)
    both = response(one.field, one.frequency, Meff, width, gyro)
    B0 = float(resonance_field(one.frequency, Meff, gyro))
    S, A = _peaks(B0, Meff, width)
    shapes = [both[0] / S, both[1] / A]
    if offset:
        shapes += [np.ones(one.field.size), (one.field - one.field.mean()) / max(float(np.ptp(one.field)), 1e-300)]
    return np.stack(shapes, axis=1)


def _peaks(B0: Any, Meff: float, width: Any) -> tuple[Any, Any]:
    """Symmetric and antisymmetric part of Re dm_phi per torque [1/T] along the azimuth and along the normal."""
    return 1 / (width * (2 * B0 + Meff)), -np.sqrt(1 + Meff / B0) / (width * (2 * B0 + Meff))


def _at(one: Spectrum, values: np.ndarray, gyro: float, offset: bool, x: np.ndarray) -> np.ndarray:
    return np.asarray(_columns(one, x, gyro, offset) @ values)


def _lines(found: list[Spectrum], parts: list[Parts], x: np.ndarray, gyro: float, offset: bool) -> dict[str, Any]:
    """The fit of every spectrum at fields that are dense about its resonance, to be drawn."""
    columns: list[list[np.ndarray]] = [[], [], []]
    for k, (one, part) in enumerate(zip(found, parts, strict=True)):
        B0 = float(resonance_field(one.frequency, x[0], gyro))
        width = x[1] * 2 * np.pi * one.frequency / gyro + x[2]
        low, high = float(one.field.min()), float(one.field.max())
        near = np.clip(B0 + width * np.tan(np.linspace(-1.45, 1.45, 81)), low, high)
        B = np.unique(np.concatenate([np.linspace(low, high, 41), near]))
        # columns of slopes are about the middle of the fields that were measured
        dense = _columns(one._replace(field=B), x, gyro, offset)
        if offset:
            dense[:, 3] = (B - one.field.mean()) / max(float(np.ptp(one.field)), 1e-300)
        for column, values in zip(columns, (B, dense @ part.values, np.full(B.size, k)), strict=True):
            column.append(values)
    B, fitted, of = (np.concatenate(column) for column in columns)
    return {
        "line_field": ("line", B, {"units": "T", "long_name": "magnetic field"}),
        "line_fitted": ("line", fitted, {"units": "V", "long_name": "fit"}),
        "line_spectrum": ("line", of),
    }


class Parts(NamedTuple):
    """What the fit leaves of each spectrum.

    Values (p,) of its columns, how they follow the nonlinear parameters (p, 3), covariance of their own (p, p), what is
    fitted (rows,).
    """

    values: np.ndarray
    follow: np.ndarray
    own: np.ndarray
    fitted: np.ndarray


def _fitted(found: list[Spectrum], gyro: float, offset: bool) -> tuple[np.ndarray, np.ndarray, list[Parts]]:
    """Values and covariance of the nonlinear parameters, and what is left of each spectrum."""
    sigma = np.array([max(float(np.std(s.reading)), 1e-300) for s in found])
    if not sigma.max() > 1e-300:
        raise MeasurementError("which is the same in all rows", field="reading")

    def rest(x: np.ndarray, which: list[int], noise: np.ndarray) -> np.ndarray:
        out = []
        for k in which:
            one = found[k]
            Q = np.linalg.qr(_columns(one, x, gyro, offset))[0]
            out.append((one.reading - Q @ (Q.T @ one.reading)) / noise[k])
        return np.concatenate(out)

    x = _start(found, rest, sigma)
    scale = np.array([0.1, 0.01, 1e-3])
    every = list(range(len(found)))
    for _ in range(3):
        noise = np.array([
            max(float(np.linalg.norm(rest(x, [k], np.ones(len(found))))) / np.sqrt(s.field.size - (4 if offset else 2)),
                1e-9 * sigma[k])
            for k, s in enumerate(found)
        ])  # fmt: skip

        def miss(z: np.ndarray, noise: np.ndarray = noise) -> np.ndarray:
            return rest(z * scale, every, noise)

        done = minimise(miss, x / scale)
        if not done.converged:
            raise MeasurementError(f"it did not converge. {done.message}", field="fit")
        x = done.values * scale
    _check_found(found, x, gyro)
    M, parts = np.zeros((3, 3)), []
    for k, one in enumerate(found):
        C = _columns(one, x, gyro, offset)
        factors = factored(C)
        K = pseudo_inverse(factors)
        values = K @ one.reading
        D = central_slopes(partial(_at, one, values, gyro, offset), x, scale / 100)
        fitted = C @ values
        white = (one.reading - fitted) / noise[k]
        # neighbours in the order of the field
        order = np.argsort(one.rows, kind="stable")
        factor = correlated(white[order], 4)[1]
        D = D / (noise[k] * factor)
        M += D.T @ (D - C @ (K @ D))
        parts.append(Parts(values, -(K @ D) * noise[k] * factor, K @ K.T * (noise[k] * factor) ** 2, fitted))
    return x, np.linalg.inv(M), parts


def _start(found: list[Spectrum], rest: Any, sigma: np.ndarray) -> np.ndarray:
    """Where the fit begins: the best of a grid, by the strongest spectra of every third frequency or so."""
    strong: dict[float, int] = {}
    for f in frequencies(s.frequency for s in found):
        same = [k for k, s in enumerate(found) if abs(s.frequency / f - 1) < 3e-3]
        strong[f] = max(same, key=lambda k: float(np.ptp(found[k].reading)))
    kept = list(strong.values())
    which = [kept[i] for i in np.unique(np.linspace(0, len(kept) - 1, min(_LOOKED, len(kept))).astype(int))]
    best, least = np.zeros(3), np.inf
    for damping in (0.004, 0.01, 0.025, 0.06):
        for Meff in np.concatenate([np.geomspace(0.03, 3.0, 120 if damping < 0.008 else 60), [0.01, -0.05, -0.1]]):
            x = np.array([Meff, damping, 0.0])
            square = float(np.sum(rest(x, which, sigma) ** 2))
            if square < least:
                best, least = x, square
    return best


def _check_found(found: list[Spectrum], x: np.ndarray, gyro: float) -> None:
    Meff, damping, D0 = x
    widths = [damping * 2 * np.pi * s.frequency / gyro + D0 for s in found]
    if min(widths) <= 0:
        why = f"damping {damping:.3g}, inhomogeneous linewidth {D0:.3g} T"
        raise MeasurementError(f"whose linewidth is not positive: {why}", field="fit", remedy="Look at the spectra.")
    for one in found:
        B0 = float(resonance_field(one.frequency, Meff, gyro))
        if not one.field.min() <= B0 <= one.field.max():
            why = f"{one.frequency / 1e9:.4g} GHz at {B0:.4g} T, outside of its {one.field.min():.4g} to "
            why += f"{one.field.max():.4g} T"
            remedy = "Leave that spectrum out, or look whether the frequency is that of the current in the film."
            raise MeasurementError(f"of the fit at {why}", field="resonance", remedy=remedy)


def _result(
    every: list[xr.Dataset], found: list[Spectrum], x: np.ndarray, C: np.ndarray, parts: list[Parts], gyro: float,
    reading: str, geometry: list[tuple[float, float]], metal: str, perpendicular: bool,
    volts: list[tuple[float, float]], layers: Layers | None,
) -> xr.Dataset:  # fmt: skip
    f = np.array([s.frequency for s in found])
    B0 = resonance_field(f, x[0], gyro)
    follow = np.concatenate([p.follow[:2] for p in parts])
    both = propagated(follow, C)
    for k, p in enumerate(parts):
        both[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] += p.own[:2, :2]
    SA = np.concatenate([p.values[:2] for p in parts])
    errors = np.sqrt(np.diag(both))
    angle = np.array([s.angle for s in found])

    def again(parts: np.ndarray, Meff: float) -> Ratio:
        return ratio_of(angle, f, parts, both, Meff, resonance_field(f, Meff, gyro), perpendicular)

    ratio = again(SA, float(x[0]))
    freedom = float(sum(s.field.size - p.values.size for s, p in zip(found, parts, strict=True)) - 3)
    words = (("T", "effective magnetisation by Kittel's law"), ("1", "Gilbert damping"),
             ("T", "inhomogeneous linewidth (half width at half maximum)"))  # fmt: skip
    numbers = {
        name: Found(float(v), float(e), *w, freedom)
        for name, v, e, w in zip(NAMES, x, np.sqrt(np.diag(C)), words, strict=True)
    }
    names = ("ratio", *(("ratio_z_field", "ratio_z_damping") if perpendicular else ()))
    texts = (
        "damping-like field over field-like and Oersted field together",
        "field-like field of spins along z over that",
        "damping-like field of spins along z over that",
    )
    spread = np.sqrt(np.diag(ratio.covariance))
    for name, v, e, text in zip(names, ratio.values, spread, texts, strict=False):
        numbers[name] = Found(float(v), float(e), "1", text, freedom)
    attributes: dict[str, Any] = {
        "reading": reading, "ratio_low": ratio.low, "ratio_high": ratio.high, "ratio_chi2": ratio.chi2,
        "ratio_freedom": ratio.freedom, "spectra": len(found), "g_factor": gyro * HBAR / MAGNETON,
    }  # fmt: skip
    covariance = with_ratio(ratio, again, SA, follow, x, C)
    if geometry:
        (Ms, dMs), (t, dt), (d, _) = geometry
        factor = (1 if metal == "below" else -1) * CHARGE * MU0 * Ms * t * d / HBAR
        value = factor * ratio.values[0]
        own = covariance[3]  # of the ratio, with all
        relative = value * np.hypot(dMs / Ms, dt / t)
        error = float(np.hypot(factor * spread[0], relative))
        covariance = np.block([[covariance, factor * own[:, None]], [factor * own[None], np.array([[error**2]])]])
        numbers["xi_fmr"] = Found(float(value), error, "1", "efficiency if all of that were the Oersted field", freedom)
        attributes |= {"magnetization": Ms, "magnet_thickness": t, "layer_thickness": d, "metal": metal}
    width = x[1] * 2 * np.pi * f / gyro + x[2]
    if volts:
        (R, dR), (peak, dpeak) = volts
        S, A = _peaks(B0, x[0], width * gyro / (2 * np.pi * f))
        fields, own = fields_of(angle, (S, A), peak * R / 2, SA, both, perpendicular)
        # the signal goes with the square of the current, one power of which is in the fields
        own = own + np.outer(fields, fields) * (dR**2 / R**2 + dpeak**2 / peak**2)
        named = dict(zip(FIELDS, zip(fields.tolist(), FIELDS.values(), strict=True), strict=True))
        more, block = with_efficiencies(named, own, layers, peak, size_of(every[0], "bar_width"), freedom)[:2]
        covariance = np.block([
            [covariance, np.zeros((len(covariance), len(block)))], [np.zeros((len(block), len(covariance))), block]
        ])  # fmt: skip
        numbers |= more
        attributes["peak_current"] = peak
    if ratio.freedom > 0 and ratio.chi2 > ratio.freedom + 4 * np.sqrt(2 * ratio.freedom):
        warn(
            f"the ratios of S and A scatter by more than their errors (chi-square {ratio.chi2:.3g} of "
            f"{ratio.freedom:.0f}): a field offset, another angle, or a signal that is no rectification"
        )
    V = {"units": "V"}
    curves: dict[str, Any] = {
        "frequency": ("spectrum", f, {"units": "Hz", "long_name": "frequency"}),
        "angle": ("spectrum", angle, {"units": "deg"}),
        "resonance_field": ("spectrum", B0, {"units": "T", "long_name": "resonance field"}),
        "linewidth": ("spectrum", width, {"units": "T", "long_name": "half width at half maximum"}),
        "symmetric": ("spectrum", SA[::2], {**V, "long_name": "symmetric part at resonance"}),
        "symmetric_error": ("spectrum", errors[::2], V),
        "antisymmetric": ("spectrum", SA[1::2], {**V, "long_name": "antisymmetric part"}),
        "antisymmetric_error": ("spectrum", errors[1::2], V),
        "row_spectrum": ("row", np.concatenate([np.full(s.field.size, k) for k, s in enumerate(found)])),
        "field": ("row", np.concatenate([s.field for s in found]), {"units": "T", "long_name": "magnetic field"}),
        "measured": ("row", np.concatenate([s.reading for s in found]), {**V, "long_name": "rectified voltage"}),
        "row_fitted": ("row", np.concatenate([p.fitted for p in parts]), {**V, "long_name": "fit"}),
        **_lines(found, parts, x, gyro, parts[0].values.size > 2),
    }
    return report(beside(every[0], "field", "frequency", "angle"), numbers, covariance, curves=curves, **attributes)
