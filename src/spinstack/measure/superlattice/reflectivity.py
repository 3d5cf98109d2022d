"""X-ray reflectivity of a superlattice: simulated by refnx, fitted for thickness and roughness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.superlattice.xray_fit import Simulate, fit_scan
from spinstack.measure.superlattice.xray_model import (
    CU_K_ALPHA1,
    XrayLayer,
    XraySuperlattice,
    check_angles,
    package,
    scattering_length_density,
)
from spinstack.text.units import In


def simulate_reflectivity(
    model: XraySuperlattice,
    two_theta: Any,
    *,
    wavelength: float = CU_K_ALPHA1,
    scale: float = 1.0,
    background: float = 0.0,
    offset: float = 0.0,
    resolution: float = 0.0,
) -> xr.Dataset:
    """Specular reflectivity over `two_theta` [deg], a measurement with `intensity`.

    Parratt's recursion with Nevot-Croce roughness (refnx); `resolution` is a full width at half maximum and `offset`
    an error of the zero, both in deg of 2 theta; `wavelength` in m. Valid for roughness below the thickness of the
    layers, and above the angle at which the beam spills over the sample. Needs the extra [xray].
    """
    angles = np.asarray(two_theta, dtype=float)
    instrument = {"scale": scale, "background": background, "offset": offset, "resolution": resolution}
    intensity = _simulator(angles, wavelength)(model, instrument)
    return measurement({"intensity": intensity}, {"two_theta": angles}, {"wavelength": wavelength})


@checked
def fit_reflectivity(
    data: xr.Dataset,
    model: XraySuperlattice,
    vary: Sequence[str] | None = None,
    *,
    wavelength: Annotated[float, In("m")] = CU_K_ALPHA1,
    window: Annotated[tuple[float, float] | None, In("deg")] = None,
    background: float = 0.0,
    offset: Annotated[float, In("deg")] = 0.0,
    resolution: Annotated[float, In("deg")] = 0.0,
    search: float = 0.1,
) -> xr.Dataset:
    """Fit a measured reflectivity over `two_theta` [deg] by that of `model`, starting from its values.

    Returns a result with the varied parameters, ``period`` [m], their covariance, and measured, fitted and residual
    over `point`. Errors hold for the model as it stands; correlated residuals are reported. Raises
    :class:`MeasurementError` without the packages of the extra [xray], and for parameters that do not exist.

    Parameters
    ----------
    data
        Measurement with `two_theta` and `intensity`; `intensity_error` is used as weight where present (counts: the
        square root of the counts), else the logarithms of the intensities are fitted with equal weights.
    model
        Where to start and what is not varied.
    vary
        ``thickness_a``, ``roughness_a``, ``density_a``, likewise for b, substrate and cap, ``surface_roughness``,
        ``scale``, ``background``, ``offset``, ``resolution``. Default: thicknesses and roughnesses, scale, background.
    wavelength, background, offset, resolution
        As for :func:`simulate_reflectivity`; start values where varied.
    window
        Range of 2 theta in deg, best above the critical angle and the spill-over of the beam.
    search
        Relative range of periods that is searched before the fit (0: none).
    """
    if vary is None:
        vary = ["thickness_a", "thickness_b", "roughness_substrate", "roughness_a", "roughness_b"]
        vary += ["thickness_cap", "roughness_cap"] if model.cap else ["surface_roughness"]
        vary += ["scale", "background"]
    wrong = [name for name in vary if name.startswith("lattice")]
    if wrong:
        raise MeasurementError(
            "which reflectivity does not see", field="vary", got=wrong[0], remedy="Use fit_diffraction."
        )
    instrument = {"scale": 1.0, "background": background, "offset": offset, "resolution": resolution}
    return fit_scan(
        data, model, lambda angles: _simulator(angles, wavelength), vary, instrument, window, search,
        {"method": "reflectivity", "wavelength": wavelength},
    )  # fmt: skip


def _simulator(two_theta: np.ndarray, wavelength: float) -> Simulate:
    reflect = package("refnx.reflect", "reflectivity")
    check_angles(two_theta)

    def row(layer: XrayLayer, above: float, wavelength: float) -> list[float]:
        # at a fixed density the cache holds the value; a varied density only scales it
        reference = layer.density if layer.density is not None else layer.mass_density()
        sld = scattering_length_density(layer.formula, 1000.0, wavelength) * reference / 1000.0 * 1e-14
        thickness = 0.0 if np.isinf(layer.thickness) else layer.thickness * 1e10
        return [thickness, sld.real, sld.imag, above]

    def calculate(model: XraySuperlattice, instrument: Mapping[str, float]) -> np.ndarray:
        theta = np.radians((two_theta - instrument["offset"]) / 2)
        q = 4 * np.pi / (wavelength * 1e10) * np.sin(theta)
        # refnx counts from the air down and gives each layer the roughness of the face above it: here its own top
        slabs = [[0.0, 0.0, 0.0, 0.0]]
        slabs += [row(layer, layer.roughness * 1e10, wavelength) for layer in reversed(model.layers())]
        width: Any = 0.0
        if instrument["resolution"]:
            width = 2 * np.pi / (wavelength * 1e10) * np.cos(theta) * np.radians(abs(instrument["resolution"]))
        return np.asarray(
            reflect.reflectivity(
                q, np.array(slabs), scale=instrument["scale"], bkg=instrument["background"], dq=width, threads=1
            )
        )

    return calculate
