"""Integrals of a spectrum over windows of energy, such as the parts of an O K edge, and their ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, positive, required, together
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import propagated, standard_errors
from spinstack.measure.superlattice.spectrum import Range, Spectrum
from spinstack.measure.sweeps.results import Found, fit_lines, report, unit_of
from spinstack.text.units import In


@checked
def window_integrals(
    data: xr.Dataset,
    windows: Annotated[Mapping[str, Range], In("eV")],
    *,
    pre_edge: Annotated[Range, In("eV")],
    post_edge: Annotated[Range | None, In("eV")] = None,
    steps: Mapping[Any, float] | None = None,
    step_width: Annotated[float, In("eV")] = 0.5,
    reference: xr.Dataset | None = None,
    reading: str = "intensity",
) -> xr.Dataset:
    """Integrals of a spectrum over named windows of energy above the line before the edge, and their ratios.

    Returns a result with ``integral_NAME`` of each window (eV, with `post_edge`, else eV times the intensity),
    ``ratio_NAME`` of each to the first one, and with a `reference` ``relative_NAME``, the integral over that of the
    reference. Errors hold the noise of the points, of the line before the edge and of the height behind it, and what
    windows have in common; not the choice of ranges. Integrals of an O K edge over the windows of hybridised d states
    count, up to matrix elements, the empty ones (Zheng et al., ACS Nano 2024, 10.1021/acsnano.4c01910).

    Parameters
    ----------
    data
        Absorption over `energy` [eV].
    windows
        Name -> range of energies in eV: ``{"t2g": (526.9, 528.7), "eg": (528.7, 533.1)}``.
    pre_edge
        Energies before the edge, whose straight line is subtracted (and, without `intensity_error`, gives the noise).
    post_edge
        Energies behind the edge, whose height above that line becomes one. Left out, the spectrum is taken as it is.
    steps, step_width
        Energy -> relative height of arctan steps of half width `step_width` [eV] to be subtracted; needs `post_edge`.
    reference
        A spectrum of another sample, such as a bare film, treated in the same way.
    """
    together(
        lambda: positive(step_width, "step_width", unit="eV"),
        lambda: steps is None or required(post_edge, "post_edge", "The height of the steps is read there."),
        lambda: _check_windows(windows),
    )
    named = {f"windows.{name}": (float(low), float(high)) for name, (low, high) in windows.items()}
    spectra = [Spectrum(data, reading, pre_edge, "data")]
    spectra += [] if reference is None else [Spectrum(reference, reading, pre_edge, "reference")]
    values, spreads = zip(*(s.integrals(named, post_edge, steps, step_width) for s in spectra), strict=True)
    n, names = len(named), list(windows)
    every, spread = np.concatenate(values), np.zeros((n * len(spectra),) * 2)
    for i, own in enumerate(spreads):
        spread[i * n : (i + 1) * n, i * n : (i + 1) * n] = own
    unit = "eV" if post_edge is not None else "eV times the intensity"
    table, slopes = {}, []
    parts = np.eye(every.size)
    for i, name in enumerate(names):
        table[f"integral_{name}"] = (every[i], unit, f"integral over {name}")
        slopes.append(parts[i])
    pairs = [(f"ratio_{name}", i, 0, f"integral over {name} by that over {names[0]}") for i, name in enumerate(names)]
    pairs = pairs[1:] + [(f"relative_{name}", i, n + i, f"integral over {name} by that of the reference")
                         for i, name in enumerate(names) if reference is not None]  # fmt: skip
    lost = [name for name, _, j, _ in pairs if abs(every[j]) < 3 * np.sqrt(spread[j, j])]
    for name, i, j, words in (p for p in pairs if p[0] not in lost):
        table[name] = (every[i] / every[j], "1", words)
        slopes.append(every[i] / every[j] * (parts[i] / every[i] - parts[j] / every[j]))
    covariance = propagated(np.array(slopes), spread)
    found = {
        name: Found(float(value), float(e), own, words)
        for (name, (value, own, words)), e in zip(table.items(), standard_errors(covariance), strict=True)
    }
    ends = [end for window in sorted(named.values()) for end in window]
    line = fit_lines("energy", {reading: unit_of(data, reading)}, [(spectra[0].energy, spectra[0].line)])
    said = f"Without {', '.join(lost)}: what it is divided by is zero within its error." if lost else ""
    return report(
        data, found, covariance, line, reading=reading, noise_from=spectra[0].noise_from, fit_windows=ends, remark=said
    )


def _check_windows(windows: Mapping[str, Range]) -> None:
    if not isinstance(windows, Mapping) or not windows or not all(np.shape(w) == (2,) for w in windows.values()):
        allowed = "one or more named ranges of energy, such as {'eg': (528.7, 533.1)}"
        raise MeasurementError(field="windows", unit="eV", got=windows, allowed=allowed)
