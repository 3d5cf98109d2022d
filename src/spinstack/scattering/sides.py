"""Interfaces whose two sides differ: from averages over all electrons to currents and torques, batch last.

The equations of docs/methods/scattering.md, "Two sides that differ". Side 0 is below, side 1 above.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.scattering.integrals import Integrals

#: sign of what a side's arriving electrons add to a current along +z, and of what leaves to that side
_SIGN = (1.0, -1.0)


class SidedIntegrals(NamedTuple):
    """Averages ``<X> = (1/pi) int d^2k X`` over all in-plane k in units of k_F; moment labels, x, y, z, charge.

    Axes of length 3 before the batch hold the weights 1, k_x, k_y (of a lattice: the in-plane displacements of its
    modes over the mean free path).

    Attributes:
        flow: (out, in, 4, 4, 3, 3, batch): ``N - R`` of electrons that return to their side, T of those that pass;
            weights of the side where they leave, then of the side where they arrive.
        modes: (2, 4, 4, batch): N, how many arrive at all.
        density: (2, 4, 4, 3, batch): waves that arrive from one side, at the face where they leave, over the mean
            density of states of the two sides.
        torque: (2, 3, 4, 3, batch): spin of those that arrive from one side that ends in the magnetisation.
        lattice: the same of the lattice.
    """

    flow: Any
    modes: Any
    density: Any
    torque: Any
    lattice: Any

    def alike(self) -> Integrals:
        """The averages of an interface whose two sides scatter alike; of any, what is the same from both sides."""
        xp = array_module(self.flow)
        (back, down), (up, above) = self.flow[0], self.flow[1]
        T = (up + down) / 2
        return Integrals(
            T,
            ((back + above) / 2 - T)[:3, :3],
            xp.mean(self.density, 0),
            xp.mean(self.torque, 0),
            xp.mean(self.lattice, 0),
        )


#: of the integrals, without the batch
SHAPES = (2, 2, 4, 4, 3, 3), (2, 4, 4), (2, 4, 4, 3), (2, 3, 4, 3), (2, 3, 4, 3)


class SidedResponse(NamedTuple):
    """Currents j at 0- and 0+ and what goes with them, in g = (mu_s, 2 mu_c) [V] of either side, batch last.

    Attributes:
        flow: (out, 4, in, 4), ``j_out = sum over in of flow g_in``.
        field: (out, 4, 2), per in-plane field.
        inverse: (2, in, 4), in-plane sheet current.
        sheet: (2, 2).
        torque: (3, in, 4), into m.
        torque_field: (3, 2).
        lattice: (3, in, 4).
        lattice_field: (3, 2).
        accumulation: (4, in, 4).
        accumulation_field: (4, 2).
    """

    flow: Any
    field: Any
    inverse: Any
    sheet: Any
    torque: Any
    torque_field: Any
    lattice: Any
    lattice_field: Any
    accumulation: Any
    accumulation_field: Any


def sided_response(n: SidedIntegrals, bare: SidedIntegrals, drives: Any, G: Any, sharvin: bool) -> SidedResponse:
    """The response of an interface; `bare`: the integrals without spin-orbit coupling; drives: gamma (2, 4, batch)."""
    xp = array_module(*n, drives, G)
    signs = np.array(_SIGN)
    arriving = signs[None, :, None, None, None]  # (out, in, 4, 4, batch)

    def times(number: Any, X: Any) -> Any:
        """A number of every interface (batch) times an array with the batch last."""
        return number.reshape(*(1,) * (X.ndim - 1), -1) * X

    G = xp.asarray(G)
    flow = times(G, arriving * n.flow[:, :, :, :, 0, 0])
    field = times(G, xp.einsum("i,oiabwz,ibz->oawz", signs, n.flow[:, :, :, :, 0, 1:], drives))
    inverse = times(-G / 2, xp.einsum("o,i,oiabwz,oaz->wibz", signs, signs, n.flow[:, :, :, :, 1:, 0], drives))

    def form(X: Any) -> Any:
        return xp.einsum("o,i,oiabwvz,oaz,ibz->wvz", signs, signs, X.flow[:, :, :, :, 1:, 1:], drives, drives)

    sheet = times(-G / 2, form(n) - form(bare))

    def taken(X: Any, scale: Any) -> tuple[Any, Any]:
        at_rest = times(scale, xp.moveaxis(X[:, :, :, 0], 0, 1))
        return at_rest, times(scale, xp.einsum("iabwz,ibz->awz", X[:, :, :, 1:], drives))

    torque, torque_field = taken(n.torque, G)
    lattice, lattice_field = taken(n.lattice, G)
    accumulation, accumulation_field = taken(n.density, np.array(0.5))
    flow = xp.moveaxis(flow, 1, 2)
    if sharvin:
        # what arrives is ahead of the mean by what flows: g = mu + ahead j, N^-1/2G below, minus it above
        size = n.modes.shape[-1]
        per_mode = xp.linalg.inv(xp.moveaxis(n.modes, -1, 0))
        ahead = times(1 / (2 * G), xp.moveaxis(per_mode, 0, -1) * signs[:, None, None, None])

        def before(X: Any) -> Any:
            """What answers g, as what answers a current: X ahead; X (..., in, 4, batch)."""
            return xp.einsum("...iaz,iabz->...ibz", X, ahead)

        whole = flow.reshape(8, 8, size)
        back = np.eye(8)[:, :, None] - before(flow).reshape(8, 8, size)
        right = xp.concatenate([whole, field.reshape(8, 2, size)], 1)
        solved = xp.moveaxis(xp.linalg.solve(xp.moveaxis(back, -1, 0), xp.moveaxis(right, -1, 0)), 0, -1)
        solved = solved.reshape(2, 4, 10, size)

        def corrected(X: Any, X_field: Any) -> tuple[Any, Any]:
            more = xp.einsum("...iaz,iacz->...cz", before(X), solved)
            return X + more[..., :8, :].reshape(X.shape), X_field + more[..., 8:, :]

        inverse, sheet = corrected(inverse, sheet)
        torque, torque_field = corrected(torque, torque_field)
        lattice, lattice_field = corrected(lattice, lattice_field)
        accumulation, accumulation_field = corrected(accumulation, accumulation_field)
        flow, field = solved[:, :, :8].reshape(2, 4, 2, 4, size), solved[:, :, 8:]
    return SidedResponse(
        flow, field, inverse, sheet, torque, torque_field, lattice, lattice_field, accumulation, accumulation_field
    )
