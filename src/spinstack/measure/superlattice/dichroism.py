"""Occupation of the two e_g orbitals from the linear dichroism of an L edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, number, positive, required, together
from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.statistics.estimate import propagated, standard_errors
from spinstack.measure.superlattice.spectrum import Range, Spectrum
from spinstack.text.units import In


@checked
def orbital_polarization(
    in_plane: xr.Dataset,
    out_of_plane: xr.Dataset,
    *,
    window: Annotated[Range, In("eV")],
    pre_edge: Annotated[Range, In("eV")],
    post_edge: Annotated[Range | None, In("eV")] = None,
    steps: Mapping[Any, float] | None = None,
    step_width: Annotated[float, In("eV")] = 0.5,
    electrons: float = 1.0,
    electrons_error: float = 0.0,
    incidence: Annotated[float, In("deg")] = 0.0,
    reading: str = "intensity",
) -> xr.Dataset:
    """Orbital polarisation of e_g electrons by the sum rule for the polarisation-resolved white lines.

    Returns a result: ``intensity_x``, ``intensity_z``, ``hole_ratio`` X = h(3z2-r2)/h(x2-y2) = 3 I_z/(4 I_x - I_z),
    ``orbital_polarization`` P = (n(x2-y2) - n(3z2-r2))/n = (4/n - 1)(X - 1)/(X + 1), positive where x2-y2 is preferred,
    and ``linear_dichroism`` (I_x - I_z) over (2 I_x + I_z)/3.

    Valid for full t2g shells (all holes in e_g), for tetragonal symmetry (I_x = I_y), and where the window holds the
    whole spin-orbit-split edge: for L2 alone spin-orbit coupling of the final state is neglected. The error holds
    the noise and `electrons_error`, not the choice of ranges.
    Sources: Benckiser et al., Nat. Mater. 10, 189 (2011); Wu et al., Phys. Rev. B 88, 125124 (2013); the weights of
    the orbitals are derived in docs/methods.

    Parameters
    ----------
    in_plane, out_of_plane
        Absorption over `energy` [eV] for the electric field of the x rays in the plane (x), and along the normal (z)
        or at grazing `incidence`.
    window
        Energies in eV over which the white lines are integrated: both L3 and L2, or L2 alone.
    pre_edge
        Energies before the edge, whose straight line is subtracted (and, without `intensity_error`, gives the noise).
    post_edge
        Energies behind the edge, where the two spectra are made equal (the edge jump is isotropic). Left out, they are
        taken to be normalised.
    steps
        Energy -> relative height of arctan steps of half width `step_width` [eV], the edge jump into the continuum, to
        be subtracted; needs `post_edge`. For example ``{855.0: 2, 872.5: 1}``.
    electrons, electrons_error
        Number of e_g electrons n per ion (1 for Ni3+) and its standard error.
    incidence
        Angle in deg between the beam and the surface in `out_of_plane`: the field then has cos^2 along the normal.
    """
    flat = "Zero is a field along the normal; steeper spectra than 60 deg hold too little of it."
    together(
        lambda: positive(electrons, "electrons", high=4, open_high=True),
        lambda: number(electrons_error, "electrons_error", low=0),
        lambda: number(incidence, "incidence", low=0, high=60, unit="deg", remedy=flat),
        lambda: steps is None or required(post_edge, "post_edge", "The height of the steps is read there."),
    )
    x, x_spread, x_noise = _integral(in_plane, "in_plane", reading, window, pre_edge, post_edge, steps, step_width)
    g, g_spread, g_noise = _integral(
        out_of_plane, "out_of_plane", reading, window, pre_edge, post_edge, steps, step_width
    )
    # at grazing incidence the field has sin^2 in the plane
    along = np.cos(np.radians(incidence)) ** 2
    z = (g - (1 - along) * x) / along
    mix = np.array([[1.0, 0.0], [-(1 - along) / along, 1 / along]])
    spread = np.zeros((3, 3))
    spread[:2, :2] = mix @ np.diag([x_spread, g_spread]) @ mix.T
    spread[2, 2] = electrons_error**2
    if x <= 0 or z <= 0 or 4 * x <= z:
        why = f"the white lines come out as I_x = {x:.4g}, I_z = {z:.4g}"
        allowed = "both positive and I_z below 4 I_x, for the sum rule"
        raise MeasurementError(why, field="window", allowed=allowed, remedy="Check the ranges and the steps.")
    total = z + 2 * x
    holes = 4 / electrons - 1
    polarization = holes * 2 * (z - x) / total
    names = ["intensity_x", "intensity_z", "hole_ratio", "orbital_polarization", "linear_dichroism"]
    values = [x, z, 3 * z / (4 * x - z), polarization, 3 * (x - z) / total]
    slopes = np.array(
        [
            [1, 0, 0],
            [0, 1, 0],
            [-12 * z / (4 * x - z) ** 2, 12 * x / (4 * x - z) ** 2, 0],
            [-6 * holes * z / total**2, 6 * holes * x / total**2, -8 * (z - x) / total / electrons**2],
            [9 * z / total**2, -9 * x / total**2, 0],
        ]
    )
    covariance = propagated(slopes, spread)
    unit = "eV" if post_edge is not None else "eV times the intensity"
    words = [
        "white line, field in the plane",
        "white line, field along the normal",
        "holes in 3z2-r2 over holes in x2-y2",
        "orbital polarisation, positive for x2-y2",
        "dichroism of the white lines, in the plane minus normal, over their mean",
    ]
    error = standard_errors(covariance)
    table = {
        name: (float(value), float(e), u, w)
        for name, value, e, u, w in zip(names, values, error, [unit, unit, "1", "1", "1"], words, strict=True)
    }
    attributes = {"noise_in_plane": x_noise, "noise_out_of_plane": g_noise, "electrons": electrons}
    return result(table, covariance, attributes=attributes)


def _integral(
    data: xr.Dataset,
    label: str,
    reading: str,
    window: Range,
    pre_edge: Range,
    post_edge: Range | None,
    steps: Mapping[Any, float] | None,
    step_width: float,
) -> tuple[float, float, str]:
    """Integral of the white line, its variance, and where the noise was taken from."""
    spectrum = Spectrum(data, reading, pre_edge, label)
    (value,), ((variance,),) = spectrum.integrals({"window": window}, post_edge, steps, step_width)
    return float(value), float(variance), spectrum.noise_from
