"""What a magnet in time looks like on a spectrum analyser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinstack.stack import ParameterError
from spinstack.text import checks

if TYPE_CHECKING:
    import xarray


def spectrum(run: xarray.Dataset, *, after: float = 0.0, segments: int = 8) -> xarray.Dataset:
    """Power spectral densities of magnets in time, by Welch's method: Hann windows that overlap by half, averaged.

    Args:
        run: result of :func:`trace`, sampled at more than twice the highest frequency; runs are averaged.
        after: time before which nothing counts [s].
        segments: how many windows the rest is taken apart into; more of them are less noisy and less fine.

    Returns:
        Dataset over frequency [Hz] (and the batch of the run): m (magnet, component) [1/Hz], R_along and R_across
        [Ohm^2/Hz], one-sided, their integrals the mean squares of what changes.

    Raises:
        ParameterError: no such run, too few samples for so many segments.
    """
    import xarray
    from scipy.signal import welch

    if not isinstance(run, xarray.Dataset) or "time" not in run.dims or "m" not in run:
        raise ParameterError(field="run", got=run, allowed="a result of trace")
    begin = checks.number(after, "after", low=0)
    count = checks.whole(segments, "segments", low=1)
    rest = run.isel(time=run["time"].values >= begin)
    times = rest["time"].values
    length = 2 * (len(times) // (count + 1))
    if length < 16:
        allowed = f"fewer, or more samples after {begin:g} s (there are {len(times)})"
        raise ParameterError(
            "each of which would be shorter than 16 samples", field="segments", got=count, allowed=allowed
        )
    rate = (len(times) - 1) / (times[-1] - times[0])
    out = {}
    for name, unit in (("m", "1/Hz"), ("R_along", "Ohm^2/Hz"), ("R_across", "Ohm^2/Hz")):
        values = rest[name].transpose(..., "time")
        f, density = welch(values.values, rate, nperseg=length, detrend="constant")
        found = xarray.DataArray(density, dims=(*values.dims[:-1], "frequency"))
        words = {"units": unit, "long_name": f"power spectral density of {name}"}
        out[name] = (found.mean("run") if "run" in found.dims else found).assign_attrs(words)
    coords = {name: run[name] for name in ("magnet", "component", "amplitude") if name in run.coords}
    frequency = ("frequency", f, {"units": "Hz", "long_name": "frequency"})
    return xarray.Dataset(out, {"frequency": frequency, **coords}, {**run.attrs, "observable": "spectrum"})
