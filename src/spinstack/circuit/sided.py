"""An interface whose two sides differ, as an affine element (docs/methods/scattering.md, "Two sides that differ")."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.numerics.smallmatrix import mul


def sided(p: Mapping[str, Array]) -> AffineElement:
    """Interfaces from their response (interfaces, ..., batch), :class:`spinstack.scattering.sides.SidedResponse`.

    The charge current becomes the drive and the drop of the potential the answer, V: of every row X that answers
    potentials and fields, ``X - X_c V``. The torque of a uniform charge potential, a change of the interface's
    anisotropy and no transport, is left out.
    """
    flow, field = p["flow"], p["field"]
    spin = slice(3)
    # what answers g below and above, and the field: rows Q_lower, Q_upper, torque, I_x, I_y
    weight = p["reciprocal"][:, None, None]
    below, above = (
        jnp.concatenate(
            [flow[:, 0, spin, i], flow[:, 1, spin, i], p["torque"][:, :, i], weight * p["inverse"][:, :, i]], 1
        )
        for i in (0, 1)
    )
    by_field = jnp.concatenate([field[:, 0, spin], field[:, 1, spin], p["torque_field"], p["sheet"]], 1)
    # psi = mu_s/2 and mu_c are g/2; a drop V is half of it on either side
    lower, upper = 2 * below[:, :, spin], 2 * above[:, :, spin]
    drop = below[:, :, 3:] - above[:, :, 3:]
    charge = flow[:, :, 3].mean(1)  # both faces: charge is conserved
    charge_field = field[:, :, 3:].mean(1)
    per_charge = 1 / (charge[:, :1, 3:] - charge[:, 1:, 3:])
    # V = per_charge (j_c - taken psi - charge_field E)
    taken_lower, taken_upper = 2 * charge[:, :1, spin], 2 * charge[:, 1:, spin]
    by_current = mul(drop, per_charge)
    lower, upper = lower - mul(by_current, taken_lower), upper - mul(by_current, taken_upper)
    drives = jnp.concatenate([by_field - mul(by_current, charge_field), by_current], 2)
    V = [-mul(per_charge, a) for a in (taken_lower, taken_upper)]
    V_drives = jnp.concatenate([-mul(per_charge, charge_field), per_charge], 2)
    Q0, Q1, torque, plane = slice(3), slice(3, 6), slice(6, 9), slice(9, 11)
    responses = [jnp.concatenate([a[:, plane], v], 1) for a, v in zip((lower, upper), V, strict=True)]
    own = p.get("own_torque")
    return AffineElement(
        lower_through=-upper[:, Q0],
        upper_through=lower[:, Q1],
        lower_shunt=lower[:, Q0] + upper[:, Q0],
        upper_shunt=-upper[:, Q1] - lower[:, Q1],
        lower_source=drives[:, Q0],
        upper_source=drives[:, Q1],
        across=-responses[1],
        lower_response=responses[0] + responses[1],
        upper_response=jnp.zeros_like(responses[0]),
        direct=jnp.concatenate([drives[:, plane], V_drives], 1),
        lower_torque=lower[:, torque],
        upper_torque=upper[:, torque],
        torque_source=drives[:, torque],
        own_torque=jnp.zeros_like(lower[:, torque]) if own is None else own,
    )
