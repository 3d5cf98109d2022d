"""An interface given by a scattering model, as an affine element (docs/methods/scattering.md)."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.numerics.smallmatrix import mul


def scattering(p: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays of interfaces from their response (interfaces, ., ., batch).

    See :class:`spinstack.scattering.response.Response`.

    The charge current becomes the drive and the drop of the potential the answer; the torque of a uniform charge
    potential, a change of the interface's anisotropy and no transport, is left out.
    """
    Y, Z = p["mean"], p["lost"][:, :3, :3]
    per_charge = 1 / Y[:, 3:, 3:]
    passed, taken = Y[:, :3, 3:] * per_charge, Y[:, 3:, :3] * per_charge  # Q per j_c, drop of mu_c per 2 psi
    field, field_c = p["mean_field"][:, :3], p["mean_field"][:, 3:]
    through = 2 * (Y[:, :3, :3] - mul(passed, Y[:, 3:, :3])) - Z
    generated = field - mul(passed, field_c)
    split = p["lost_field"][:, :3] / 2
    weight = p["reciprocal"][:, None, None]
    back, back_c = weight * p["inverse_mean"][:, :, :3], weight * p["inverse_mean"][:, :, 3:]
    lost = 2 * weight * p["inverse_lost"][:, :, :3]
    none = jnp.zeros_like(taken)
    response = jnp.concatenate([lost, none], 1)
    across = jnp.concatenate([2 * (back - mul(back_c, taken)), -taken], 1)
    direct = jnp.concatenate(
        [
            jnp.concatenate([p["sheet"] - mul(back_c * per_charge, field_c), back_c * per_charge], 2),
            jnp.concatenate([-field_c * per_charge, per_charge], 2) / 2,
        ],
        1,
    )
    torque = 2 * p["torque"][:, :, :3]
    return dict(
        lower_through=through,
        lower_shunt=2 * Z,
        upper_shunt=2 * Z,
        lower_source=jnp.concatenate([generated + split, passed], 2),
        upper_source=jnp.concatenate([generated - split, passed], 2),
        across=across,
        lower_response=response,
        upper_response=response,
        direct=direct,
        lower_torque=torque,
        upper_torque=torque,
        torque_source=jnp.concatenate([p["torque_field"], jnp.zeros_like(torque[:, :, :1])], 2),
        **({"own_torque": p["own_torque"]} if "own_torque" in p else {}),
    )


def interfaces(given: Mapping[str, Array]) -> AffineElement:
    """What :func:`scattering` gives, as elements: what passes is the same at both faces."""
    own = given.get("own_torque", jnp.zeros_like(given["lower_torque"]))
    return AffineElement(**{**given, "upper_through": given["lower_through"], "own_torque": own})
