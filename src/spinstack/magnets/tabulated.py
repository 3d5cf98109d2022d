"""The table of a film for other people's programs: monomials, and the terms that its symmetry asks for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.magnets.handover import projected
from spinstack.magnets.model import MagneticModel
from spinstack.magnets.polynomial import exponents, quadrature
from spinstack.magnets.pulse import direction_of
from spinstack.observables.provenance import attributes
from spinstack.stack import ParameterError
from spinstack.text import checks, store

if TYPE_CHECKING:
    import xarray

#: terms of an isotropic film with p = z x e, e along the current, each times powers of m_z^2
TERMS = ("p x m", "m x (p x m)", "(m.e) z x m", "(m.e) m x (z x m)")
_LARGEST = 6


def torque_table(
    model: MagneticModel, *, along: Any = "x", order: int = 1, path: str | os.PathLike[str] | None = None
) -> xarray.Dataset:
    """What a sheet current does to the magnets of a film, as a table that any program can read.

    ``dm_i/dt = g/(1 + alpha^2) (L + alpha m x L)``, ``L = B x m + K l(m)``, l the sum of coefficients times monomials
    ``x^a y^b z^c`` of the components of all magnets; the Oersted field of the other layers is in it.

    Args:
        model: the film and its magnets.
        along: direction of the current in the plane.
        order: highest power of m_z^2 in the expansion of an isotropic film (Amin, Haney, Stiles, J. Appl. Phys. 128,
            151101 (2020), Eq. 6), which is there where one magnet moves.
        path: of a file to write, .csv or .nc.

    Returns:
        Dataset over monomial (power: magnet, component) and magnet: turning (component) [T per A/m], resistance [Ohm]
        along and to the left of the current; expansion (term) [T per A/m] with `expansion_residual`, the largest
        deviation from the table over its largest value; M_s [A/m], thickness [m], gyromagnetic_ratio [rad/(s T)] and
        damping of the magnets.

    Raises:
        ParameterError: what the model refuses, the name of a file that is neither.
    """
    import xarray

    if not isinstance(model, MagneticModel):
        raise ParameterError(field="model", got=model, allowed="a MagneticModel")
    suffix = None if path is None else Path(path).suffix
    if suffix not in (None, ".csv", ".nc"):
        raise ParameterError(field="path", got=str(path), allowed="a name that ends in .csv or .nc")
    order = checks.whole(order, "order", low=0, high=_LARGEST)
    axis, n, table = direction_of(along), len(model.names), model.table
    degree = max(table.turning.degree, table.resistance.degree)
    powers = np.array(exponents(n, degree))
    turning, R = np.zeros((len(powers), n, 3)), np.zeros((len(powers), 2, 2))
    place = {one: k for k, one in enumerate(exponents(n, degree))}
    turning[[place[one] for one in exponents(n, table.turning.degree)]] = table.turning.coefficients @ axis
    R[[place[one] for one in exponents(n, table.resistance.degree)]] = table.resistance.coefficients
    E = R @ axis
    sides = np.stack([E @ axis, E @ np.array([-axis[1], axis[0]])], -1)
    unit = "T per A/m"
    values: dict[str, Any] = {
        "power": (("monomial", "magnet", "component"), powers, {"long_name": "power of a component of m"}),
        "turning": (("monomial", "to", "component"), turning, {"units": unit, "long_name": "L over the current"}),
        "resistance": (("monomial", "side"), sides, {"units": "Ohm"}),
        "magnetization": ("magnet", [one.magnetization for one in model.moving], {"units": "A/m"}),
        "thickness": ("magnet", model.thicknesses, {"units": "m"}),
        "gyromagnetic_ratio": ("magnet", model.gyromagnetic_ratios, {"units": "rad/(s T)"}),
        "damping": (
            "magnet", [np.nan if one.damping is None else one.damping for one in model.moving], {"units": "1"},
        ),
    }  # fmt: skip
    more = {"along": axis.tolist(), "residual": model.residual}
    if n == 1:
        found, left = _expanded(model, axis, order)
        words = {"units": unit, "long_name": "coefficients of the expansion in powers of m_z^2"}
        values["expansion"] = (("term", "order"), found, words)
        more["expansion_residual"] = left
    made = xarray.Dataset(
        values,
        {"magnet": list(model.names), "to": list(model.names), "component": list("xyz"), "side": ["along", "left"],
         **({"term": list(TERMS)} if n == 1 else {})},
        attributes(model.film, model.solver) | more,
    )  # fmt: skip
    if suffix == ".nc":
        store.write_dataset(path, made)  # type: ignore[arg-type]
    elif suffix == ".csv":
        store.write_text(path, _csv(made))  # type: ignore[arg-type]
    return made


def _expanded(model: MagneticModel, axis: np.ndarray, order: int) -> tuple[np.ndarray, float]:
    """Coefficients (4, order + 1) [T per A/m] and what they leave out."""
    m, weights = quadrature(2 * order + 12)
    L = model.table.turning(m[:, None])[:, 0] @ axis
    z, e = np.eye(3)[2], np.append(axis, 0.0)
    ours, theirs = np.cross(np.cross(z, e), m), (m @ e)[:, None] * np.cross(z, m)
    vectors = np.stack([ours, np.cross(m, ours), theirs, np.cross(m, theirs)], 1)
    basis = vectors[:, :, None] * (m[:, 2, None] ** (2 * np.arange(order + 1)))[:, None, :, None]
    flat = basis.reshape(len(m), -1, 3)
    found = projected(flat, L, weights)
    scale = float(np.abs(L).max())
    left = float(np.abs(np.einsum("b,pbc->pc", found, flat) - L).max()) / scale if scale else 0.0
    return found.reshape(4, -1), left


def _csv(made: xarray.Dataset) -> str:
    """One line a monomial; what is not a monomial stands above it, behind a #."""
    lines = [f"# {name}: {' '.join(str(value).split())}" for name, value in made.attrs.items()]
    lines += ["# dm/dt = g/(1 + alpha^2) (L + alpha m x L), L = B x m + K * sum(coefficient * monomial)"]
    for name in ("magnetization", "thickness", "gyromagnetic_ratio", "damping"):
        shown = ", ".join(
            f"{magnet} {value:.12g}"
            for magnet, value in zip(made["magnet"].values, made[name].values.tolist(), strict=True)
        )
        lines.append(f"# {name} [{made[name].attrs['units']}]: {shown}")
    if "expansion" in made:
        for term, several in zip(made["term"].values, made["expansion"].values.tolist(), strict=True):
            lines.append(f"# {term} [T per A/m], by powers of m_z^2: {', '.join(f'{v:.12g}' for v in several)}")
    names = made["magnet"].values.tolist()
    heads = [f"power of {c} of {name}" for name in names for c in "xyz"]
    heads += [f"L_{c} of {name} [T per A/m]" for name in names for c in "xyz"]
    lines.append(",".join(f'"{head}"' for head in [*heads, "R along [Ohm]", "R left [Ohm]"]))
    for k in range(made.sizes["monomial"]):
        powers = map(str, made["power"].values[k].reshape(-1).tolist())
        numbers = [*made["turning"].values[k].reshape(-1).tolist(), *made["resistance"].values[k].tolist()]
        lines.append(",".join([*powers, *(f"{v:.15g}" for v in numbers)]))
    return "\n".join(lines) + "\n"
