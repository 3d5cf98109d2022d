"""Anomalous Hall conductivities of the two sublayers from several superlattices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, required, together
from spinstack.measure.measurement import result
from spinstack.measure.statistics.estimate import propagated
from spinstack.measure.superlattice.parallel import fit_attributes, resistivities, sheet_resistances
from spinstack.measure.superlattice.samples import Superlattice, as_samples
from spinstack.measure.superlattice.sheet_sum import design, fit_sheets


@checked
def layer_anomalous_hall(
    samples: Iterable[Superlattice | Mapping[str, Any]],
    *,
    layers: tuple[str, str] = ("A", "B"),
    interface: bool = False,
) -> xr.Dataset:
    """Layer conductivities sigma_xx and sigma_xy: the sheet conductance tensors of the layers add to that of the film.

    Returns a result with ``anomalous_hall_conductivity_a``, ``..._b``, ``conductivity_a``, ``..._b`` [S/m],
    ``resistivity_a``, ``..._b`` [Ohm m] and, with `interface`, ``interface_conductance`` and
    ``anomalous_hall_interface_conductance`` [S], with their covariance. sigma_xy has the sign of the Hall resistivity
    (j_x = sigma_xy E_y), so that for one layer sigma_xy = rho/(rho_xx^2 + rho^2). Errors follow from those given.

    Valid for uniformly and equally saturated layers in parallel, each an isotropic conductor in the plane. Raises
    :class:`MeasurementError` where the samples do not tell the layers apart. Derived in docs/methods.

    Parameters
    ----------
    samples
        Superlattices with `resistivity`, `hall_resistivity` (the saturated anomalous part, E_y/j_x) and the errors of
        both, in Ohm m; or tables of their fields.
    layers
        Names of A and B.
    interface
        Whether each interface adds a sheet conductance tensor of its own.
    """
    films = as_samples(samples)
    sheet, errors = sheet_resistances(films)
    remedy = "Give it in Ohm m: without errors the two readings cannot be weighed."
    together(
        *(lambda f=f, n=n: required(getattr(f, n), n, remedy, where=f.label)
          for f in films for n in ("hall_resistivity", "hall_resistivity_error", "resistivity_error"))
    )  # fmt: skip
    assert errors is not None
    thickness = np.array([s.thickness for s in films])
    hall = np.array([[s.hall_resistivity, s.hall_resistivity_error] for s in films], dtype=float) / thickness[:, None]
    both, spread = np.stack([sheet, hall[:, 0]], axis=1), np.stack([errors, hall[:, 1]], axis=1)
    found = fit_sheets(design(films, interface), both, spread, layers)

    names = ["conductivity_a", "conductivity_b", *(["interface_conductance"] if interface else [])]
    words = [*(f"conductivity of {x}" for x in layers), *(["conductance of one interface"] if interface else [])]
    units = ["S/m", "S/m", *(["S"] if interface else [])]
    names += [f"anomalous_hall_{n}" for n in names]
    words += [f"anomalous Hall {w}" for w in words]
    values = {
        n: (v, e, u, w) for n, v, e, u, w in zip(names, found.values, found.errors, units * 2, words, strict=True)
    }
    resistivity, slopes = resistivities(found.values, found.covariance, layers)
    transform = np.vstack([np.eye(len(names)), slopes])
    fitted = thickness / (found.fitted[:, 0] - 1j * found.fitted[:, 1])
    curves = {
        "measured": ("sample", both[:, 1] * thickness, {"units": "Ohm m", "long_name": "measured Hall resistivity"}),
        "fitted": ("sample", fitted.imag, {"units": "Ohm m", "long_name": "fitted Hall resistivity"}),
        "fitted_resistivity": ("sample", fitted.real, {"units": "Ohm m", "long_name": "fitted resistivity"}),
        "standardized_residual": (("sample", "part"), found.standardized, {"long_name": "residual over its error"}),
    }
    return result(
        {**values, **resistivity},
        propagated(transform, found.covariance),
        curves,
        {"sample": [s.name or str(i + 1) for i, s in enumerate(films)], "part": ["longitudinal", "Hall"]},
        fit_attributes(found, False, layers),
    )
