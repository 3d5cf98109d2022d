"""One electron at an interface: from amplitudes to probabilities, and to where the spin goes that does not come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.stack.directions import unit_vector
from spinstack.text.arrays import floats
from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from spinstack.scattering.model import ScatteringModel

#: sigma_x, sigma_y, sigma_z, 1
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]]])
#: the moment is opposite to the electron's spin
TO_MOMENT = np.array([-1.0, -1.0, -1.0, 1.0])


class Incidence(NamedTuple):
    """Per direction of arrival, moment labels, spin x, y, z then charge.

    R, T (..., 4, 4): ``g_out = R g_in`` on the same side, T on the other; torque, lattice (..., 3, 4): the spin that
    ends in the magnetisation and in the lattice per sum of the g that arrive from both sides, in the same units.
    """

    R: Any
    T: Any
    torque: Any
    lattice: Any


def in_plane(k: Any) -> np.ndarray:
    """In-plane wave vectors (..., 2) in units of kF, checked: electrons that arrive."""
    array = floats(k)
    if array is None or array.shape[-1:] != (2,) or not ((array**2).sum(-1) < 1).all():
        raise ParameterError(field="k", got=k, allowed="in-plane wave vectors (..., 2) in units of kF, shorter than 1")
    return array


def spin_matrix(scalar: Any, vector: Any) -> Any:
    """``scalar + vector.sigma`` (..., 2, 2) of (...) and (..., 3)."""
    xp, (x, y, z) = array_module(scalar, vector), (vector[..., i] for i in range(3))
    rows = (scalar + z, x - 1j * y), (x + 1j * y, scalar - z)
    return xp.stack([xp.stack(xp.broadcast_arrays(*row), -1) for row in rows], -2)


def traces(s: Any) -> Any:
    """1/2 tr[s+ sigma_a s sigma_b] (..., 4, 4), moment labels (review, Eqs. B12, B13)."""
    xp = array_module(s)
    P = 0.5 * xp.einsum("...ji,ajk,...kl,bli->...ab", s.conj(), PAULI, s, PAULI, optimize=True).real
    return P * (TO_MOMENT * TO_MOMENT[:, None]).reshape((1,) * (P.ndim - 2) + (4, 4))


def of_amplitudes(r: Any, t: Any, m: Any) -> Incidence:
    """R, T and torques of amplitudes r, t (..., 2, 2), for m (..., 3).

    Amplitudes do not say who takes the spin that is lost. The magnetisation can only take spin across m; here it takes
    all of that, and the lattice what is lost along m: exact without spin-orbit coupling, a convention with it.
    """
    R, T = traces(r), traces(t)
    xp = array_module(R)
    one = np.eye(4).reshape((1,) * (R.ndim - 2) + (4, 4))
    lost = (one - R - T)[..., :3, :]
    axis = xp.broadcast_to(m, lost.shape[:-1])[..., None]
    along = axis * (axis * lost).sum(-2, keepdims=True)
    return Incidence(R, T, lost - along, along)


def field_of_amplitudes(model: ScatteringModel, k: Any, m: Any) -> tuple[np.ndarray, np.ndarray]:
    """Exchange and spin-orbit part (..., 3) of the field at in-plane k (..., 2), m (..., 3); sigma labels.

    The field u of the delta barrier with the same transmission, ``i c (1 - 1/t) = u0 + sigma.u``: its part that is even
    in k, and the odd one.
    """
    k, m = in_plane(k), np.asarray(unit_vector(m))
    c = np.sqrt(1 - (k**2).sum(-1))[..., None, None]

    def field(k: np.ndarray) -> np.ndarray:
        V = 1j * c * (PAULI[3] - np.linalg.inv(model.amplitudes(k, m)[1]))
        return 0.5 * np.einsum("...ij,aji->...a", V, PAULI[:3]).real

    forward, backward = field(k), field(-k)
    return (forward + backward) / 2, (forward - backward) / 2
