"""Strain of a film from a reciprocal-space map about an asymmetric reflection, with the substrate as reference."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, number, positive, together
from spinstack.measure.measurement import MeasurementError, need
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.estimate import central_slopes, propagated, standard_errors
from spinstack.measure.statistics.nonlinear import minimise
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In

#: how far from where the substrate should be it is looked for: degrees of tilt, and share of the wave vector
_TILT, _SCALE = 2.0, 0.01
#: how far from where the film should be it is looked for, as shares of Q_z and Q_x
_NORMAL, _PLANE = 0.008, 0.03
#: full widths at half maximum from the middle of a peak within which it is fitted
_REACH = 1.3
#: fewest points of a peak
_FEWEST = 12
#: full widths from the substrate's peak from which on it does not count
_CLEAR = 2.0
#: standard errors by which a peak stands out
_CERTAIN = 5.0
#: lattice parameters and wavelengths that x-ray diffraction of crystals has, in m
_CELL, _WAVELENGTH = (1e-10, 3e-9), (1e-11, 1e-9)


@checked
def reciprocal_map(
    data: xr.Dataset,
    *,
    hkl: tuple[int, int, int],
    substrate: Annotated[tuple[float, float], In("m")],
    film: Annotated[float, In("m")],
    wavelength: Annotated[float | None, In("m")] = None,
    bulk: Annotated[float | None, In("m")] = None,
    bulk_error: Annotated[float, In("m")] = 0.0,
    poisson: float | None = None,
    reading: str = "intensity",
) -> xr.Dataset:
    """Lattice parameters of a film, relative to those of its substrate, from a map about the reflection (h k l).

    Returns a result with ``lattice_in_plane`` and ``lattice_normal`` [m], ``mismatch_in_plane`` and
    ``mismatch_normal`` (relative to the substrate), ``tilt`` [deg] and ``scale``, by which the substrate's peak is
    turned and stretched away from where it should be, ``film_q_x`` and ``film_q_z`` [1/m] and full widths at half
    maximum of both peaks. With `bulk`, or with `poisson` alone, ``relaxation``, 0 for a film strained to the substrate
    and 1 for a relaxed one, and the strains from bulk. ``strain_state`` says in words what the errors allow.

    Both peaks are fitted by elliptical Gaussians, with `intensity_error` as weights or, without, with those of
    counts times a factor from the scatter. Valid for a square net in the plane, along which h and k count, and where
    planes of the film lie parallel to those of the substrate; a tilt of the film looks like a strain. Errors are those
    of both peaks and of `bulk`. Derived in docs/methods.
    Raises :class:`MeasurementError` where a peak is not in the map, or `wavelength` is missing.

    Parameters
    ----------
    data
        Long table of `intensity` over `q_x` and `q_z` [1/m], or over `omega` (incidence) and `two_theta` [deg].
    hkl
        Of the reflection, in cells of substrate and film: (1, 0, 3). The side on which the map lies does not matter.
    substrate
        Lattice parameters of the substrate in the plane and along the normal, in m.
    film
        About the lattice parameter of the film along the normal, in m, to 0.8 %: says which peak is that of the film,
        for a superlattice its mean lattice and not a satellite.
    wavelength
        In m; needed for angles, never assumed.
    bulk, bulk_error
        Lattice parameter of the relaxed, cubic film and its standard error, in m.
    poisson
        Poisson ratio of the film; without `bulk` it gives the relaxed lattice parameter.
    """
    _check(hkl, substrate, film, wavelength, bulk, bulk_error, poisson)
    q, value, error = _points(data, reading, wavelength)
    across, along = 2 * np.pi * np.hypot(*hkl[:2]), 2 * np.pi * hkl[2]
    expected = across / substrate[0] + 1j * along / substrate[1]
    turn = np.abs(np.angle(q / expected, deg=True)) < _TILT
    found = _peak(q, value, error, turn & (np.abs(np.abs(q / expected) - 1) < _SCALE), "substrate", expected)
    # turned and stretched so that the substrate is where it should be
    back = expected / found.at
    moved = q * back
    near = (np.abs(moved.imag / (along / film) - 1) < _NORMAL) & (np.abs(moved.real / expected.real - 1) < _PLANE)
    clear = found.distance(q) > _CLEAR
    place = (expected.real + 1j * along / film) / back
    own = _peak(q[clear], value[clear], None if error is None else error[clear], near[clear], "film", place)
    at = np.array([found.at.real, found.at.imag, own.at.real, own.at.imag, bulk or 0.0])

    def numbers(p: np.ndarray) -> dict[str, float]:
        away = (p[0] + 1j * p[1]) / expected
        place = (p[2] + 1j * p[3]) / away
        a, c = across / place.real, along / place.imag
        out = {
            "lattice_in_plane": a, "lattice_normal": c,
            "mismatch_in_plane": a / substrate[0] - 1, "mismatch_normal": c / substrate[1] - 1,
            "tilt": np.angle(away, deg=True), "scale": np.abs(away), "film_q_x": place.real, "film_q_z": place.imag,
        }  # fmt: skip
        relaxed = p[4]
        if bulk is None and poisson is not None:
            stiffness = 2 * poisson / (1 - poisson)
            relaxed = out["relaxed_lattice"] = (c + stiffness * a) / (1 + stiffness)
        if bulk is not None or poisson is not None:
            out |= {"relaxation": (a - substrate[0]) / (relaxed - substrate[0]),
                    "strain_in_plane": a / relaxed - 1, "strain_normal": c / relaxed - 1}  # fmt: skip
        return out

    spread = np.zeros((5, 5))
    spread[:2, :2], spread[2:4, 2:4], spread[4, 4] = found.spread, own.spread, bulk_error**2
    slopes = central_slopes(lambda p: list(numbers(p).values()), at, standard_errors(spread))
    covariance = propagated(slopes, spread)
    table = {
        name: Found(float(v), float(e), *_WORDS[name])
        for (name, v), e in zip(numbers(at).items(), standard_errors(covariance), strict=True)
    }
    state, told = _state(table), "relaxation" if "relaxation" in table else "mismatch_in_plane"
    table[told] = table[told]._replace(words=f"{table[told].words}: {state}")
    for label, peak in (("substrate", found), ("film", own)):
        for axis, width in zip("xz", peak.widths(back), strict=True):
            words = f"full width at half maximum of the {label} along q_{axis}"
            table[f"{label}_width_{axis}"] = Found(float(width), np.nan, "1/m", words)
    whole_covariance = np.full((len(table),) * 2, np.nan)
    whole_covariance[: len(covariance), : len(covariance)] = covariance
    return report(
        data,
        table,
        whole_covariance,
        {"measured": ("point", value, {"long_name": str(data[reading].attrs.get("long_name", reading))})},
        {"q_x": ("point", moved.real, {"units": "1/m"}), "q_z": ("point", moved.imag, {"units": "1/m"})},
        reading=reading,
        hkl=list(hkl),
        substrate=list(substrate),
        **({} if bulk is None else {"bulk": bulk}),
        **({} if poisson is None else {"poisson": poisson}),
        reduced_chi_square=[found.reduced_chi_square, own.reduced_chi_square],
        strain_state=state,
        remark=_remark(table, found, own, error is not None),
    )


_WORDS = {
    "lattice_in_plane": ("m", "lattice parameter of the film in the plane"),
    "lattice_normal": ("m", "lattice parameter of the film along the normal"),
    "mismatch_in_plane": ("1", "relative to the substrate, in the plane"),
    "mismatch_normal": ("1", "relative to the substrate, along the normal"),
    "tilt": ("deg", "angle by which the substrate's peak is turned from q_x towards q_z"),
    "scale": ("1", "wave vector of the substrate's peak over that of its lattice"),
    "film_q_x": ("1/m", "wave vector of the film in the plane, substrate in its place"),
    "film_q_z": ("1/m", "wave vector of the film along the normal, substrate in its place"),
    "relaxed_lattice": ("m", "lattice parameter of the relaxed film by Poisson's ratio"),
    "relaxation": ("1", "degree of relaxation, 0 to 1"),
    "strain_in_plane": ("1", "strain of the film in the plane"),
    "strain_normal": ("1", "strain of the film along the normal"),
}


def _check(
    hkl: tuple[int, int, int],
    substrate: tuple[float, float],
    film: float,
    wavelength: float | None,
    bulk: float | None,
    bulk_error: float,
    poisson: float | None,
) -> None:
    cell = partial(number, low=_CELL[0], high=_CELL[1], unit="m")
    low, high = _WAVELENGTH
    together(
        lambda: _check_hkl(hkl),
        lambda: [cell(v, f"substrate[{i}]") for i, v in enumerate(substrate)],
        lambda: cell(film, "film"),
        lambda: wavelength is None or number(wavelength, "wavelength", low=low, high=high, unit="m"),
        lambda: bulk is None or cell(bulk, "bulk"),
        lambda: number(bulk_error, "bulk_error", low=0, unit="m"),
        lambda: poisson is None or positive(poisson, "poisson", high=0.5),
    )
    if bulk is not None and abs(bulk - substrate[0]) <= 2 * bulk_error + 1e-6 * bulk:
        why = "which is the substrate's lattice parameter within its error, so that nothing can relax"
        raise MeasurementError(why, field="bulk", unit="m", got=bulk, remedy="Leave it out.")


def _check_hkl(hkl: tuple[int, int, int]) -> None:
    if not any(hkl[:2]) or hkl[2] < 1 or max(map(abs, hkl)) > 20:
        allowed = "an asymmetric reflection such as (1, 0, 3), l above 0, up to 20"
        raise MeasurementError(field="hkl", got=hkl, allowed=allowed, remedy="A symmetric one knows no plane.")


def _points(
    data: xr.Dataset, reading: str, wavelength: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Wave vectors q_x + i q_z of a side on which q_x is positive, intensities and their errors."""
    angles = not {"q_x", "q_z"} <= set(map(str, data.variables))
    if angles:
        need(data, "omega", "two_theta")
    if angles != (wavelength is not None):
        remedy = "Give it in m: angles become wave vectors by it." if angles else "Leave it out."
        why = "missing" if angles else "given, but the map is over wave vectors"
        raise MeasurementError(why, field="wavelength", unit="m", remedy=remedy)
    (first, second, value), error, _ = finite_rows(data, *(("omega", "two_theta") if angles else ("q_x", "q_z")),
                                                   reading=reading)  # fmt: skip
    q = first + 1j * second
    if wavelength is not None:
        _check_angles(first, second)
        omega, leaving = np.radians(first), np.radians(second - first)
        q = 2 * np.pi / wavelength * (np.cos(leaving) - np.cos(omega) + 1j * (np.sin(leaving) + np.sin(omega)))
    side = np.sign(np.median(q.real)) or 1.0
    return side * q.real + 1j * q.imag, value, error


def _check_angles(omega: np.ndarray, two_theta: np.ndarray) -> None:
    if (two_theta <= 0).any() or (two_theta >= 180).any() or (omega <= 0).any() or (omega >= two_theta).any():
        got = f"omega {omega.min():.6g} to {omega.max():.6g}, two_theta {two_theta.min():.6g} to {two_theta.max():.6g}"
        allowed = "0 < omega < two_theta < 180: the beam comes and leaves above the surface"
        raise MeasurementError(field="omega, two_theta", unit="deg", got=got, allowed=allowed)


class _Peak(NamedTuple):
    """An elliptical Gaussian, background + height exp(-4 ln 2 |L^T d|^2), d the way from its middle."""

    background: float
    height: float
    at: complex
    shape: np.ndarray  # L, lower triangular, in 1 over full widths
    spread: np.ndarray = np.full((2, 2), np.nan)  # covariance of q_x and q_z
    height_error: float = np.nan
    reduced_chi_square: float = np.nan

    def distance(self, q: np.ndarray) -> np.ndarray:
        """How far points lie from its middle, in full widths at half maximum: 0.5 on the contour of half height."""
        away = q - self.at
        return np.linalg.norm(self.shape.T @ np.stack([away.real, away.imag]), axis=0)

    def model(self, q: np.ndarray) -> np.ndarray:
        """The peak without its background."""
        return np.asarray(self.height * np.exp(-4 * np.log(2) * self.distance(q) ** 2))

    def widths(self, turned: complex) -> np.ndarray:
        """Full widths along q_x and q_z of its projection, after multiplication of wave vectors by `turned`."""
        turn = np.array([[turned.real, -turned.imag], [turned.imag, turned.real]])
        return np.sqrt(np.diag(turn @ np.linalg.inv(self.shape @ self.shape.T) @ turn.T))


def _peak(
    q: np.ndarray,
    value: np.ndarray,
    error: np.ndarray | None,
    near: np.ndarray,
    label: str,
    expected: complex,
) -> _Peak:
    """The peak whose highest point is the highest of those `near`."""
    where = (
        f"where it is expected, about q_x = {expected.real * 1e-10:.4f}, q_z = {expected.imag * 1e-10:.4f} 1/angstrom"
    )
    reach = (
        f"the map reaches over q_x = {q.real.min() * 1e-10:.4f} to {q.real.max() * 1e-10:.4f}, "
        f"q_z = {q.imag.min() * 1e-10:.4f} to {q.imag.max() * 1e-10:.4f} 1/angstrom"
    )
    remedy = "Check hkl, the lattice parameters, the wavelength and all units."
    if near.sum() < _FEWEST:
        why = f"of the {label} has {int(near.sum())} points {where}; {reach}"
        raise MeasurementError(why, field="the peak", remedy=remedy)
    seen = np.where(near, value, -np.inf)
    top = int(np.argmax(seen))
    base = float(np.median(value[near]))
    high = near & (seen > base + 0.5 * (seen[top] - base))
    away = q[high] - q[top]
    # a start that is round in units of the spacing, from the area above half height
    size = 2 * np.sqrt(max(high.sum(), 4) * _area(q) / np.pi)
    spans = [min(max(4 * float(np.std(part)), 0.3 * size), 3 * size) for part in (away.real, away.imag)]
    peak = _Peak(base, float(seen[top]) - base, complex(q[top]), np.diag(1 / np.array(spans)))
    for _ in range(4):
        order = np.argsort(peak.distance(q))
        inside = order[: max(int(np.sum(peak.distance(q) < _REACH)), _FEWEST + 4)]
        peak = _fitted(peak, q[inside], value[inside], None if error is None else error[inside])
        beyond = not near[np.argmin(np.abs(q - peak.at))] or not np.isfinite(peak.spread).all()
        if beyond or peak.height < _CERTAIN * peak.height_error:
            why = f"of the {label} does not stand out {where}; {reach}"
            raise MeasurementError(why, field="the peak", remedy=remedy)
    return peak


def _area(q: np.ndarray) -> float:
    """Area of the plane that one point of a map stands for."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return float(ConvexHull(np.stack([q.real, q.imag], axis=1)).volume) / q.size
    except (QhullError, ValueError):
        why = "which lie on one line"
        raise MeasurementError(why, field="points of the map", got=q.size, allowed="a map in two directions") from None


def _fitted(start: _Peak, q: np.ndarray, value: np.ndarray, error: np.ndarray | None) -> _Peak:
    scale = abs(start.height) or 1.0
    size = 1 / np.diag(start.shape)

    def peak(p: np.ndarray, *more: Any) -> _Peak:
        L = np.array([[np.exp(p[4]), 0.0], [p[5], np.exp(p[6])]]) / size[:, None]
        at = start.at + p[2] * size[0] + 1j * p[3] * size[1]
        return _Peak(scale * p[0], scale * p[1], at, L, *more)

    def theory(p: np.ndarray) -> np.ndarray:
        one = peak(p)
        return np.asarray(one.background + one.model(q))

    p = np.array([start.background / scale, start.height / scale, 0.0, 0.0, 0.0, start.shape[1, 0] * size[1], 0.0])
    sigma = error
    for _ in range(1 if error is not None else 3):
        if error is None:
            # of counts, by the fit and not by the counts themselves, which would favour those that came out low
            sigma = np.sqrt(np.maximum(theory(p), 0.005 * scale))
        found = minimise(partial(_misfit, theory, value, sigma), p)
        p = found.values
    square = float(found.residual @ found.residual) / (value.size - p.size)
    covariance = np.asarray(found.covariance) * (1.0 if error is not None else square)
    spread = covariance[2:4, 2:4] * np.outer(size, size)
    return peak(p, spread, scale * float(np.sqrt(covariance[1, 1])), square)


def _misfit(theory: Callable[[np.ndarray], np.ndarray], value: np.ndarray, sigma: Any, p: np.ndarray) -> np.ndarray:
    return np.asarray((theory(p) - value) / sigma)


def _state(table: dict[str, Found]) -> str:
    """What the errors allow to say, at two standard errors."""
    mismatch = table["mismatch_in_plane"]
    strained = abs(mismatch.value) <= 2 * mismatch.error
    if "relaxation" not in table:
        return "fully strained within the error" if strained else "not fully strained"
    relaxation = table["relaxation"]
    relaxed = abs(relaxation.value - 1) <= 2 * relaxation.error
    if strained and relaxed:
        return "not told: strained and relaxed lie within the error"
    if strained or relaxed:
        return f"fully {'strained' if strained else 'relaxed'} within the error"
    return "partially relaxed" if 0 < relaxation.value < 1 else "beyond the range from strained to relaxed"


def _remark(table: dict[str, Found], substrate: _Peak, film: _Peak, stated: bool) -> str:
    remarks = []
    if abs(table["scale"].value - 1) > 0.002:
        remarks.append(
            f"The substrate's wave vector is {100 * (table['scale'].value - 1):+.2f} % off its lattice: check the "
            "wavelength, the lattice parameters and the zero of two_theta."
        )
    for label, peak in (("substrate", substrate), ("film", film)):
        if stated and peak.reduced_chi_square > 2:
            remarks.append(
                f"The {label}'s peak is no Gaussian within the errors (reduced chi square "
                f"{peak.reduced_chi_square:.2g}): its error is too small."
            )
    return " ".join(remarks)
