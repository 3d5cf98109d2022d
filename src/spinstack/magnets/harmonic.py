"""Harmonic Hall voltages: what lock-ins show of a film whose magnets follow an alternating current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import mechanics
from spinstack.magnets.pulse import sides
from spinstack.magnets.quasistatic import in_plane, under_current
from spinstack.observables.planes import Plane
from spinstack.text import checks

if TYPE_CHECKING:
    import xarray

#: phases of a period at which the magnets are looked up: harmonics up to the seventh do not reach the second
PHASES = 16


def harmonic_hall(
    model: MagneticModel,
    field: Any,
    angles: Any,
    current_rms: float,
    *,
    plane: Plane = "alpha",
    along: Literal["x", "y"] = "x",
    m: Any = None,
    thermal: float | Mapping[str, float] = 0.0,
    nernst: float = 0.0,
) -> xarray.Dataset:
    """First and second harmonic of the longitudinal and the Hall voltage while a field turns or grows.

    The current is ``sqrt(2) current_rms sin(wt)``, slow beside the precession: at every phase the magnets are where
    field, anisotropy and the torque of the current of that moment are in balance. Nothing is expanded in the current.
    Damping has no part in that; where the magnets have one, places that it does not hold against the current are told.

    Args:
        model: the film and its magnets.
        field: strengths (fields,) [T]; each angle begins at the first and follows, with hysteresis.
        angles: of the field in the plane (angles,) [deg].
        current_rms: total sheet current density, rms [A/m].
        plane: in which the field is, as in :func:`angular_scan`: "alpha" (x to y), "beta" (y to z), "gamma" (x to z).
        along: direction of the current; the planes turn with it, as in :func:`angular_scan`.
        m: where the magnets are before, one direction for all or by name; default: the place of lowest energy in the
            first field at each angle.
        thermal: anomalous Nernst and spin Seebeck field, ``thermal K^2 z x m`` [Ohm/(A/m)], of all magnets or by name.
        nernst: ordinary Nernst field, ``nernst K^2 z x B`` [Ohm/(A/m) per T].

    Returns:
        Dataset over field, angle and channel ("along" the current, "across" it: z x current): first_harmonic [Ohm], the
        voltage in phase with the current over the current, and second_harmonic [Ohm], the rms voltage of cos 2wt over
        the rms current (a lock-in whose reference is the current shows it at -90 degrees, in Y; times 1 it is that of
        the peak current: ``-(1/2) I_peak dR/dI``). Voltages of a bar follow with ``I_rms = current_rms width``: across
        directly, along times length/width. Variables m (magnet, component) without the current, and B.

    Raises:
        ParameterError: a current under which the magnets leave their place.
    """
    import xarray

    require_model(model, field=field, current_rms=current_rms)
    rms = checks.number(current_rms, "current_rms", low=0, open_low=True, unit="A/m")
    heat = _by_name(model, thermal)
    ordinary = checks.number(nernst, "nernst")
    B, rest, axis, coords = in_plane(model, field, angles, plane, along, m)
    on, n = mechanics(model, axis, resting=True), len(model.names)
    phase = 2 * np.pi * np.arange(PHASES) / PHASES
    K = np.sqrt(2) * rms * np.sin(phase)
    shape = (*B.shape[:2], PHASES)
    many, fields = np.repeat(rest.reshape(-1, n, 3), PHASES, 0), np.repeat(B.reshape(-1, 3), PHASES, 0)
    currents = np.tile(K, B.shape[0] * B.shape[1])
    moved = under_current(on, model.table.turning.degree, many, fields, currents)
    E = (model.table.resistance(moved) @ axis) * currents[:, None]
    pull = np.einsum("i,pic->pc", heat, moved) + ordinary * fields
    E = E + np.square(currents)[:, None] * np.stack([-pull[:, 1], pull[:, 0]], -1)  # z x
    V = (E @ sides(axis)).reshape(*shape, 2)
    over = 2 / PHASES / (np.sqrt(2) * rms)
    first = over * np.einsum("fapc,p->fac", V, np.sin(phase))
    second = over * np.einsum("fapc,p->fac", V, np.cos(2 * phase))
    dims = ("field", "angle", "channel")
    values = {
        "first_harmonic": (dims, first, {"units": "Ohm", "long_name": "first harmonic over current"}),
        "second_harmonic": (dims, second, {"units": "Ohm", "long_name": "second harmonic (cos 2wt) over current"}),
        "m": (
            ("field", "angle", "magnet", "component"),
            rest,
            {"units": "1", "long_name": "direction without current"},
        ),
        "B": (("field", "angle", "component"), B, {"units": "T", "long_name": "magnetic field"}),
    }
    said = {"current_rms_A_per_m": rms, "along": along, "thermal_Ohm_per_A_per_m": heat.tolist(), "nernst": ordinary}
    return xarray.Dataset(values, coords, model.attributes("harmonic_hall") | said)


def _by_name(model: MagneticModel, thermal: Any) -> np.ndarray:
    """The thermal coefficient of each magnet that moves."""
    if not isinstance(thermal, Mapping):
        return np.full(len(model.names), checks.number(thermal, "thermal"))
    for name in thermal:
        checks.choice(name, "thermal", model.names)
    return np.array([checks.number(thermal.get(name, 0.0), f"thermal[{name!r}]") for name in model.names])
