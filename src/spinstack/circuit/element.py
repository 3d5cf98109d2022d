"""The affine element: a layer, an interface or a closed face seen from outside (docs/methods/elements.md)."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.numerics.smallmatrix import apply, mul, transpose

#: columns of sources and of `direct`, rows of the responses
DRIVES = ("E_x", "E_y", "j_c")
RESPONSES = ("I_x", "I_y", "V")


class AffineElement(NamedTuple):
    """Spin currents Q at the two faces and responses r of one element, linear in psi = mu_s/2 and the drives d.

    ``Q_lower = lower_through (psi_L - psi_R) + lower_shunt psi_L + lower_source d``
    ``Q_upper = upper_through (psi_L - psi_R) - upper_shunt psi_R + upper_source d``
    ``r = across (psi_L - psi_R) + lower_response psi_L + upper_response psi_R + direct d``
    ``torque = lower_torque psi_L + upper_torque psi_R + torque_source d`` (spin current that ends in the magnetisation)
    and, where the magnetisation moves, `own_torque` psi_w (docs/methods/spin_pumping.md)

    Shapes (elements, 3, 3, batch), spin rows x, y, z; in films with orbital moments psi and Q have six rows, these last
    (docs/methods/orbital.md). d and r as in DRIVES and RESPONSES. SI units: S/m^2 between Q and
    psi, S/m for spin sources per field, S for `direct` between I and E, Ohm m^2 between V and j_c.
    """

    lower_through: Array
    upper_through: Array
    lower_shunt: Array
    upper_shunt: Array
    lower_source: Array
    upper_source: Array
    across: Array
    lower_response: Array
    upper_response: Array
    direct: Array
    lower_torque: Array
    upper_torque: Array
    torque_source: Array
    own_torque: Array

    def turned(self, R: Array) -> AffineElement:
        """The same element with spin seen from a frame R (3, 3, batch); the drives and responses stay."""
        R = R[None]
        back = transpose(R)

        def both(a: Array) -> Array:
            return mul(mul(R, a), back)

        def rows(a: Array) -> Array:
            return mul(R, a)

        def columns(a: Array) -> Array:
            return mul(a, back)

        def same(a: Array) -> Array:
            return a

        turns = {"source": rows, "response": columns, "across": columns, "direct": same}
        return AffineElement(*(turns.get(name.rpartition("_")[2], both)(a) for name, a in self._asdict().items()))

    def in_plane(self) -> AffineElement:
        """Without the j_c drive and the V response: all that an in-plane measurement needs."""
        return self._replace(
            lower_source=self.lower_source[..., :2, :],
            upper_source=self.upper_source[..., :2, :],
            across=self.across[..., :2, :, :],
            lower_response=self.lower_response[..., :2, :, :],
            upper_response=self.upper_response[..., :2, :, :],
            direct=self.direct[..., :2, :2, :],
        )

    def currents(self, lower: Array, upper: Array, drives: Array) -> tuple[Array, Array, Array]:
        """Q at the lower and upper face and the responses, for psi (..., 3, batch) and drives (..., k, batch)."""
        drop = lower - upper
        return (
            apply(self.lower_through, drop) + apply(self.lower_shunt, lower) + apply(self.lower_source, drives),
            apply(self.upper_through, drop) - apply(self.upper_shunt, upper) + apply(self.upper_source, drives),
            apply(self.across, drop)
            + apply(self.lower_response, lower)
            + apply(self.upper_response, upper)
            + apply(self.direct, drives),
        )


def broadcast(element: AffineElement, batch: int) -> AffineElement:
    """The same element with every array at full batch size."""
    return AffineElement(*(jnp.broadcast_to(a, (*a.shape[:-1], batch)) for a in element))


def concatenate(elements: list[AffineElement], order: Any) -> AffineElement:
    """Elements of several kinds as one stack, in the given order of rows."""
    if len(elements) == 1 and isinstance(order, np.ndarray):
        count = elements[0].lower_through.shape[0]
        if len(order) == count and (order == np.arange(count)).all():
            return elements[0]
    return AffineElement(*(jnp.concatenate(parts)[order] for parts in zip(*elements, strict=True)))


def matrix(element: AffineElement, conducts: bool) -> np.ndarray:
    """The 10x10 matrix M of ``(j_L, j_R, I) = M (mu_L, mu_R, E)`` of one element (no element or batch axis).

    Rows j_L (spin x, y, z, charge), j_R (the same, along +z), I_x, I_y; columns mu_L, mu_R (spin x, y, z, charge), E_x,
    E_y.
    Potentials are mu_s [V], not mu_s/2. The mixed form is solved for j_c; where no charge passes its rows are zero.
    """
    e: Any = AffineElement(*(np.asarray(a) for a in element))  # type: ignore[arg-type]
    rows = np.zeros((9, 9))  # Q_L, Q_R, r against psi_L, psi_R, d
    rows[0:3, 0:3], rows[0:3, 3:6], rows[0:3, 6:9] = e.lower_through + e.lower_shunt, -e.lower_through, e.lower_source
    rows[3:6, 0:3], rows[3:6, 3:6], rows[3:6, 6:9] = e.upper_through, -e.upper_through - e.upper_shunt, e.upper_source
    rows[6:9, 0:3], rows[6:9, 3:6], rows[6:9, 6:9] = e.across + e.lower_response, e.upper_response - e.across, e.direct
    M = np.zeros((10, 10))
    spin_out, spin_in = [0, 1, 2, 4, 5, 6], [0, 1, 2, 4, 5, 6]
    known = [*range(6), 6, 7]
    if conducts:
        # V = rows[8] . (psi, E) + rows[8, 8] j_c
        charge = np.zeros(10)
        charge[spin_in] = -rows[8, :6]
        charge[8:10] = -rows[8, 6:8]
        charge[3], charge[7] = 1.0, -1.0
        charge /= rows[8, 8]
    else:
        charge = np.zeros(10)
    columns = [*spin_in, 8, 9]
    for source, target in zip([*range(6), 6, 7], [*spin_out, 8, 9], strict=True):
        M[target, columns] = rows[source, known]
        M[target] += rows[source, 8] * charge
    M[3] = M[7] = charge
    M[:, spin_in] /= 2
    return M
