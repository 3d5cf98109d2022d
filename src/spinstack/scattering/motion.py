"""What an interface does to a magnetisation that moves (docs/methods/spin_pumping.md, "A barrier")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from spinstack.numerics import compiler
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.evaluate import Side, interface_response
from spinstack.scattering.integrals import Integrals
from spinstack.scattering.response import sharvin_conductance
from spinstack.scattering.sides import SidedResponse

if TYPE_CHECKING:
    from spinstack.scattering.model import ScatteringModel


def own_torque(model: ScatteringModel, m: Any, tolerance: float) -> Any:
    """Torque per psi_w of a model with parameters (batch) for directions m (3, batch): (3, 3, batch) [S/m^2].

    The part that dissipates is that of the scattering matrix; without spin-orbit coupling it is the torque of both
    faces. The part that does not, a change of g, is that of the torque which is odd in m.
    """
    if model.differs():
        return _of_faces(model, m, tolerance)
    xp = array_module(m, *jax.tree.leaves(model))
    n, _ = jax.tree.map(lambda v: xp.concatenate([v, v], -1), model).integrals(xp.concatenate([m, -m], -1), tolerance)
    assert isinstance(n, Integrals)
    friction = model.friction(m, tolerance) if model.turns() else None
    given = (n, friction, model.fermi_wavevector)
    answer = _compiled if any(map(is_traced, jax.tree.leaves(given))) else _own_torque
    return answer(*given, bool(model.sharvin))


def _of_faces(model: ScatteringModel, m: Any, tolerance: float) -> Any:
    """The same of an interface whose sides differ and that has no spin-orbit coupling: the torque of both faces."""
    if model.turns():
        model.friction(m, tolerance)
    none = np.zeros(m.shape[1:])
    nothing = Side(none, none, m)
    response, _ = interface_response(model, m, nothing, nothing, tolerance)
    assert isinstance(response, SidedResponse)
    return 2 * (response.torque[:, 0, :3] + response.torque[:, 1, :3])


def _own_torque(n: Integrals, friction: Any, fermi_wavevector: Any, sharvin: bool) -> Any:
    xp, size = array_module(n.A, fermi_wavevector), n.A.shape[-1] // 2
    torque, back = n.torque[:, :3, 0, :size], n.torque[:, :3, 0, size:]
    found = 4 * torque
    if friction is not None:
        turning = (torque - torque.swapaxes(0, 1)) - (back - back.swapaxes(0, 1))
        found = friction + turning
    if sharvin:
        # what is sent out changes what arrives, and so the torque
        kept = xp.moveaxis(np.eye(3)[:, :, None] - n.A[:, :, 0, 0, :size] / 2, -1, 0)
        arrives = xp.moveaxis(xp.linalg.solve(kept, xp.moveaxis(back.swapaxes(0, 1), -1, 0)), 0, -1)
        found = found + 2 * (torque[:, :, None] * arrives[None]).sum(1)
    return sharvin_conductance(fermi_wavevector)[None, None] * found


_compiled = compiler.jit(_own_torque, static_argnums=3)
