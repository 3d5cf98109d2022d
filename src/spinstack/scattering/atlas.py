"""Which drive gives which current: the table behind Figs. 13 and 14 of the review, for any direction of m."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from spinstack.scattering.evaluate import flat
from spinstack.scattering.response import sharvin_conductance
from spinstack.scattering.sides import SidedIntegrals
from spinstack.stack import ParameterError
from spinstack.stack.directions import unit_vector

if TYPE_CHECKING:
    import xarray

    from spinstack.scattering.model import ScatteringModel

QUANTITIES = ("accumulation", "mean_current", "current_drop")
DRIVES = ("accumulation", "in_plane_current")
COMPONENTS = ("x", "y", "z", "c")
#: unit per quantity and drive: both are potentials [V], currents [A/m^2]
UNITS = (("1", "Ohm m^2"), ("S/m^2", "1"), ("S/m^2", "1"))
#: entries below this share of the largest of their block count as zero, ten times what the quadrature may be off
_NOISE = 1e-9
_TOLERANCE = 1e-11


def atlas(barrier: ScatteringModel, m: Any = (0.0, 0.0, 1.0), direction: Any = (1.0, 0.0)) -> xarray.Dataset:
    """Responses of one interface to accumulations and to in-plane currents with any spin, with the mechanism of each.

    Dimensions quantity (accumulation mu(0) at the interface, mean_current (j(0-) + j(0+))/2, current_drop j(0-) -
    j(0+)), row (x, y, z, c of the answer), drive (accumulation, in_plane_current), column (x, y, z, c of the drive).
    Variables:

    * `value`, with the unit in the coordinate `units`. The mean current answers the drop of the drive over the
      interface, drive(0-) - drive(0+); accumulation and current drop answer its mean over both sides. Accumulations
      are mu_s and mu_c [V]; an in-plane current is a charge or spin current density along `direction` [A/m^2], of
      electrons distributed as ``g = k.direction a``, which carry ``(4/3) G_S a``. Rounding noise is set to zero.
    * `mechanism`: words, empty where the value is zero.

    Mechanisms are named as in the source: in-plane currents give spin-orbit "filtering" (spin per charge and charge
    per spin), "precession" (spin per spin), "Rashba-Edelstein" (spin at the interface per charge current) and
    "generalized Rashba-Edelstein" (per spin current). Among accumulations, what is there without spin-orbit coupling
    is "charge conduction" or "circuit theory"; spin per spin that spin-orbit coupling changes evenly (its symmetric
    part) has "spin memory loss" as well, and the odd rest that it adds is "circuit theory", whose field is then
    tilted. The source names them for m along z; for other directions the same rules apply.

    The drives are what arrives from deep in the metals, so `sharvin` of the barrier has no say.

    Args:
        barrier: one barrier, plain numbers.
        m: direction of the magnetisation (3).
        direction: of the in-plane currents (2), any length.

    Raises :class:`ParameterError` for a batch or anything that is no direction. Source: Amin, Haney, Stiles, J. Appl.
    Phys. 128, 151101 (2020), Eqs. 28-30, 33, 38-41.
    """
    import xarray as xr

    if any(np.ndim(v) for v in jax.tree.leaves(barrier)):
        raise ParameterError("with arrays", field="barrier", got=barrier, allowed="one barrier with plain numbers")
    if np.shape(m) != (3,):
        raise ParameterError(field="m", got=m, allowed="one direction, three components")
    along = np.asarray(direction, dtype=float)
    if along.shape != (2,) or not np.isfinite(along).all() or not along.any():
        allowed = "two components in the plane, for example (1, 0)"
        raise ParameterError(field="direction", got=direction, allowed=allowed)
    along = along / np.hypot(*along)
    G = float(sharvin_conductance(barrier.fermi_wavevector))
    values, bare = (_values(one, unit_vector(m), along, G) for one in (barrier, barrier.without_spin_orbit()))
    largest = np.abs(values).max((1, 3), keepdims=True)
    # without spin-orbit coupling a whole block may be zero, rounding included
    scale = np.array([[1.0, 0.75 / G], [G, 1.0], [G, 1.0]])[:, None, :, None]
    present = np.abs(values) > _NOISE * np.maximum(largest, 1e-6 * scale)
    words = np.full(values.shape, "", dtype=object)
    for index in zip(*np.nonzero(present), strict=True):
        words[index] = _mechanism(index, values, bare)
    dims = ("quantity", "row", "drive", "column")
    out = xr.Dataset(
        {
            "value": (dims, np.where(present, values, 0.0), {"long_name": "response"}),
            "mechanism": (dims, words.astype(str), {"long_name": "mechanism"}),
        },
        {
            "quantity": list(QUANTITIES),
            "row": list(COMPONENTS),
            "drive": list(DRIVES),
            "column": list(COMPONENTS),
            "units": (("quantity", "drive"), np.array(UNITS)),
        },
        {"barrier": repr(barrier), "m": [float(v) for v in unit_vector(m)], "direction": [float(v) for v in along]},
    )
    return out


def _values(barrier: ScatteringModel, m: Any, along: Any, G: float) -> np.ndarray:
    """(quantity, row, drive, column)."""
    found, _ = flat(barrier, (1,)).integrals(m[:, None], _TOLERANCE)
    n = found.alike() if isinstance(found, SidedIntegrals) else found
    whole = n.T[:, :, 0, :, 0], np.pad(n.A[:, :, 0, :, 0], ((0, 1), (0, 1), (0, 0))), n.S[..., 0]
    (T, A, S), (T_k, A_k, S_k) = (X[..., 0] for X in whole), (X[..., 1:] @ along for X in whole)
    potential, answer = np.array([1.0, 1.0, 1.0, 2.0]), np.array([[1.0], [1.0], [1.0], [0.5]])
    per_mu = [answer * S * potential, G * (T + A / 2) * potential, 2 * G * A * potential]
    per_current = [0.75 / G * answer * S_k, 0.75 * (T_k + A_k / 2), 0.75 * 2 * A_k]
    return np.stack([np.stack(both, 1) for both in zip(per_mu, per_current, strict=True)])


def _mechanism(index: tuple[Any, ...], values: np.ndarray, bare: np.ndarray) -> str:
    quantity, row, drive, column = (int(i) for i in index)
    name, charges = QUANTITIES[quantity], (row == 3) + (column == 3)
    if DRIVES[drive] == "in_plane_current":
        if name == "accumulation":
            return "Rashba-Edelstein" if (row, column) in ((0, 3), (1, 3), (2, 3)) else "generalized Rashba-Edelstein"
        return "filtering" if charges == 1 else "precession"
    if charges:
        return "charge conduction" if charges == 2 else "circuit theory"
    block, without = values[quantity, :, drive], bare[quantity, :, drive]
    scale = np.abs(block).max()
    even = abs((block + block.T - without - without.T)[row, column]) / 2
    words = ["spin memory loss"] if even > _NOISE * scale else []
    if abs(without[row, column]) > _NOISE * scale or abs(block - block.T)[row, column] > _NOISE * scale or not words:
        words.insert(0, "circuit theory")
    return " + ".join(words)
