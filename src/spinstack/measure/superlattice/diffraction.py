"""X-ray diffraction of an epitaxial superlattice along its normal: simulated by xrayutilities, fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, whole
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.superlattice.xray_fit import Simulate, fit_scan
from spinstack.measure.superlattice.xray_model import CU_K_ALPHA1, XrayLayer, XraySuperlattice, check_angles, package
from spinstack.text.units import In

_NODES = 15  # of the quadrature over the resolution
_FWHM = 2 * np.sqrt(2 * np.log(2))  # full width at half maximum of a Gaussian over its standard deviation


def simulate_diffraction(
    model: XraySuperlattice,
    two_theta: Any,
    *,
    order: int = 1,
    wavelength: float = CU_K_ALPHA1,
    scale: float = 1.0,
    background: float = 0.0,
    offset: float = 0.0,
    resolution: float = 0.0,
) -> xr.Dataset:
    """Scan of (0 0 `order`) over `two_theta` [deg], a measurement with `intensity` (1: the direct beam).

    The waves of all layers add up with refraction and absorption; structure factors are those of xrayutilities. All
    layers need `cell`, with one length in the plane: coherent growth. `resolution` is a full width at half maximum and
    `offset` an error of the zero, both in deg of 2 theta; `wavelength` in m. Valid for films thin against the
    extinction length (micrometres), between the neighbouring orders, and not at the narrow peak of the substrate, where
    scattering is dynamical. Interfaces are sharp: roughness does not enter. Derived in docs/methods. Needs the extra
    [xray].
    """
    angles = np.asarray(two_theta, dtype=float)
    instrument = {"scale": scale, "background": background, "offset": offset, "resolution": resolution}
    intensity = _simulator(angles, order, wavelength)(model, instrument)
    return measurement({"intensity": intensity}, {"two_theta": angles}, {"wavelength": wavelength})


@checked
def fit_diffraction(
    data: xr.Dataset,
    model: XraySuperlattice,
    vary: Sequence[str] | None = None,
    *,
    order: int = 1,
    wavelength: Annotated[float, In("m")] = CU_K_ALPHA1,
    window: Annotated[tuple[float, float] | None, In("deg")] = None,
    background: float = 0.0,
    offset: Annotated[float, In("deg")] = 0.0,
    resolution: Annotated[float, In("deg")] = 0.0,
    search: float = 0.05,
) -> xr.Dataset:
    """Fit a measured scan of (0 0 `order`) over `two_theta` [deg] by that of `model`, starting from its values.

    Arguments as for :func:`fit_reflectivity`; `vary` may hold ``thickness_a``, ``lattice_a`` (along the normal),
    likewise for b and cap, ``lattice_substrate``, ``scale``, ``background``, ``offset``, ``resolution``, and is by
    default the thicknesses and lattices of a and b, scale and background.

    Leave the peak of the substrate out by `window` or cut it from the data: see :func:`simulate_diffraction`.

    The satellites fix the period, the main peak the mean lattice parameter, and only their intensities how both divide
    between a and b: see the covariance. Thickness is continuous here, so thickness over lattice need not be whole.
    Returns a result with the varied parameters and ``period`` [m]; raises :class:`MeasurementError` without the
    packages of the extra [xray], and for parameters that do not exist.
    """
    if vary is None:
        vary = ["thickness_a", "thickness_b", "lattice_a", "lattice_b", "scale", "background"]
    wrong = [name for name in vary if name.startswith(("roughness", "density", "surface"))]
    if wrong:
        raise MeasurementError("which does not enter here", field="vary", got=wrong[0], remedy="Use fit_reflectivity.")
    instrument = {"scale": 1.0, "background": background, "offset": offset, "resolution": resolution}
    return fit_scan(
        data, model, lambda angles: _simulator(angles, order, wavelength), vary, instrument, window, search,
        {"method": "diffraction", "wavelength": wavelength, "order": order},
    )  # fmt: skip


def _simulator(two_theta: np.ndarray, order: int, wavelength: float) -> Simulate:
    xu = package("xrayutilities", "diffraction")
    check_angles(two_theta)
    whole(order, "order", low=1, remedy="It is the l of (0 0 l).")
    experiment = xu.HXRD([1, 0, 0], [0, 0, 1], wl=wavelength * 1e10)

    def calculate(model: XraySuperlattice, instrument: Mapping[str, float]) -> np.ndarray:
        theta = np.radians((two_theta - instrument["offset"]) / 2)
        nodes, weights = np.zeros(1), np.ones(1)
        if instrument["resolution"]:
            nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        shifts = nodes * np.radians(abs(instrument["resolution"]) / 2) / _FWHM
        intensity = (
            sum(w * _waves(model, theta + shift, order, experiment) for w, shift in zip(weights, shifts, strict=True))
            / weights.sum()
        )
        return np.asarray(instrument["scale"] * intensity + instrument["background"])

    return calculate


def _waves(model: XraySuperlattice, theta: np.ndarray, order: int, experiment: Any) -> np.ndarray:
    """Waves of all layers, each a stretched piece of one lattice: the phase of a layer is what all above it add up to.

    In the lattice of one layer the wave runs out of step by (q - G) thickness, with its q inside and its own G.
    """
    k = 2 * np.pi / experiment.wavelength
    sine = np.sin(theta)
    unlike = {id(x): x for x in (model.substrate, model.a, model.b, model.cap) if x is not None}
    waves = {}
    for key, layer in unlike.items():
        density, chi, lattice = _optics(_crystal(layer), order, experiment.energy)
        mismatch = 2 * k * np.sqrt(sine**2 + chi) - lattice
        inside = 1.0 if np.isinf(layer.thickness) else np.exp(1j * mismatch * layer.thickness * 1e10)
        waves[key] = (inside, density * ((0.0 if np.isinf(layer.thickness) else inside) - 1) / (1j * mismatch))
    step_a, wave_a = waves[id(model.a)]
    step_b, wave_b = waves[id(model.b)]
    total = waves[id(model.substrate)][1]
    for _ in range(model.repeats):
        total = (total * step_a + wave_a) * step_b + wave_b
    if model.cap is not None:
        step, wave = waves[id(model.cap)]
        total = total * step + wave
    radius = 2.8179403e-5  # classical electron radius in angstrom
    return np.asarray(np.abs(radius * experiment.wavelength / sine * total) ** 2)


def _optics(crystal: Any, order: int, energy: float) -> tuple[complex, complex, float]:
    """Structure factor over the volume of the cell [1/A^3], chi_0, and G [1/A] along the normal."""
    key = (id(crystal), order, energy)
    if key not in _KNOWN:
        if len(_KNOWN) > 1000:
            _KNOWN.clear()
        vector = crystal.Q(0, 0, order)
        # with n = 1 - delta + i beta the scattering factors are f1 - i f2
        factor = np.conj(complex(crystal.StructureFactor(-vector, en=energy))) / crystal.lattice.UnitCellVolume()
        # the crystal is kept along, so that its id stays its own
        _KNOWN[key] = (crystal, (factor, complex(crystal.chi0(en=energy)), float(np.linalg.norm(vector))))
    found: tuple[complex, complex, float] = _KNOWN[key][1]
    return found


_KNOWN: dict[Any, Any] = {}


def _crystal(layer: XrayLayer) -> Any:
    if layer.crystal is not None:
        return layer.crystal
    if layer.cell is None:
        remedy = "Give (in-plane, normal) lattice parameters in m."
        raise MeasurementError("missing", where=layer.formula, field="cell", remedy=remedy)
    return _perovskite(layer.formula, layer.cell)


@cache
def _perovskite(formula: str, cell: tuple[float, float]) -> Any:
    xu = package("xrayutilities", "diffraction")
    sites = _sites(formula)
    # P4/mmm with A at the corners, B in the middle, X on the faces
    atoms, positions, occupations = [], [], []
    for wyckoffs, elements in zip((("1a",), ("1d",), ("1c", "2e")), sites, strict=True):
        for wyckoff in wyckoffs:
            for element, occupation in elements.items():
                atoms.append(element)
                positions.append(wyckoff)
                occupations.append(occupation)
    lattice = xu.materials.SGLattice(123, cell[0] * 1e10, cell[1] * 1e10, atoms=atoms, pos=positions, occ=occupations)
    return xu.materials.Crystal(formula, lattice)


def _sites(formula: str) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    table = package("periodictable", "diffraction")
    try:
        counts = {str(element): float(count) for element, count in table.formula(formula).atoms.items()}
    except Exception as error:
        raise MeasurementError(f"which is not one ({error})", field="formula", got=formula) from None
    sites: tuple[dict[str, float], dict[str, float], dict[str, float]] = ({}, {}, {})
    room, site = [1.0, 1.0, 3.0], 0
    for element, count in counts.items():
        if site < 3 and count <= room[site] + 1e-6:
            sites[site][element] = count / (3 if site == 2 else 1)
            room[site] -= count
            if room[site] < 1e-6:
                site += 1
        else:
            break
    if site != 3 or sum(map(len, sites)) != len(counts):
        why = "which is no perovskite ABX3 with its elements in this order"
        raise MeasurementError(why, field="formula", got=formula, remedy="Give the layer an xrayutilities `crystal`.")
    return sites
