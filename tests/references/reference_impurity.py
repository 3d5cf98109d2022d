"""One electron and one magnetic impurity in one dimension: where the spin goes that does not come out again.

Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Secs. III A, B and App. A. The electron meets
``(hbar^2 kF/m) delta(z) [u0 + sigma.(u_ex + u_so)]``. Everything here carries the source's labels: `sigma` is the spin
of the electron, *not* its moment, in whatever axes the vectors are given in. Spin currents and torques are in units of
hbar kF/m (Eqs. A28-A30), densities those of an incident wave of density 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from reference_scattering import PAULI

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


class Impurity(NamedTuple):
    """What one electron does; vectors of spin space (..., 3) in sigma labels.

    spinor (..., 2): wave function at z = 0, the transmitted one. density (..., 3): its spin, ``psi+ sigma psi``.
    incident, reflected, transmitted [hbar kF/m]: spin currents along +z, so that of the reflected wave is ``-kz``
    times its spin. absorbed [hbar kF/m] is ``incident + reflected - transmitted``, the drop at the impurity (Eq. A28).
    torque_magnet, torque_lattice [hbar kF/m]: on the exchange and the spin-orbit part of the field; sum `absorbed`.
    """

    spinor: Complexes
    density: Floats
    incident: Floats
    reflected: Floats
    transmitted: Floats
    absorbed: Floats
    torque_magnet: Floats
    torque_lattice: Floats


def scatter(
    kz: ArrayLike, spin: ArrayLike, barrier: ArrayLike, exchange: ArrayLike, spin_orbit: ArrayLike = (0.0, 0.0, 0.0)
) -> Impurity:
    """An electron meets an impurity of finite strength; torques ``2 s x u_ex``, ``2 s x u_so`` (Eqs. 13, A29).

    Without spin-orbit field all that is absorbed reaches the magnet. With one, the lattice takes or gives the rest.

    Args:
        kz: wave number in units of kF (...), positive.
        spin: direction of the incoming spin (..., 3), or its spinor (..., 2), basis sigma_z = +1, -1; any length.
        barrier: u0 (...).
        exchange: vector u_ex (..., 3), all of it the exchange field.
        spin_orbit: vector u_so (..., 3).
    """
    k, u0, u_ex, u_so = (np.asarray(v, dtype=float) for v in (kz, barrier, exchange, spin_orbit))
    psi = _spinor(spin)
    u = u_ex + u_so
    # t = i k [i k - u0 - sigma.u]^-1, r = t - 1 written out
    a = 1j * k - u0
    square = (u * u).sum(-1)
    D = (a * a - square)[..., None]
    turned = _sigma(u, psi)
    transmitted = 1j * k[..., None] * (a[..., None] * psi + turned) / D
    reflected = ((square + u0 * a)[..., None] * psi + 1j * k[..., None] * turned) / D
    s = spin_of(transmitted)
    return _impurity(k, psi, reflected, transmitted, 2 * np.cross(s, u_ex), 2 * np.cross(s, u_so))


def scatter_strong(
    kz: ArrayLike, spin: ArrayLike, up: ArrayLike = np.inf, down: ArrayLike = 0.0, axis: ArrayLike = (0.0, 0.0, 1.0)
) -> Impurity:
    """The same for barriers of spins along and against `axis`, which may be infinite (Eqs. 7-12, A18-A30).

    ``tan(chi) = kz/u``, ``r = -e^{i chi} cos(chi)``, ``t = -i e^{i chi} sin(chi)`` (Eqs. A21, A22). The field is all
    exchange: were an infinite one partly spin-orbit and askew, the torques on magnet and lattice would be infinite and
    opposite. The torque ``(u_up - u_down) s x axis`` stays finite because ``u t = i kz r``: the density across the axis
    vanishes as the strength diverges, their product does not.

    Args:
        kz, spin: as in :func:`scatter`.
        up, down: strengths (...), any number or infinity.
        axis: direction of the field (..., 3), any length.
    """
    k, psi, n = np.asarray(kz, dtype=float), _spinor(spin), np.asarray(axis, dtype=float)
    n = n / np.linalg.norm(n, axis=-1, keepdims=True)
    chi = [np.arctan2(k, u) for u in (up, down)]
    r_up, r_down = (-np.exp(1j * x) * np.cos(x) for x in chi)
    t_up, t_down = (-1j * np.exp(1j * x) * np.sin(x) for x in chi)
    turned = _sigma(n, psi)
    along, against = (psi + turned) / 2, (psi - turned) / 2
    reflected = r_up[..., None] * along + r_down[..., None] * against
    transmitted = t_up[..., None] * along + t_down[..., None] * against
    # (u_up - u_down) t_up^* t_down; across n the density is 2 Re[t_up^* t_down along+ sigma against]
    weight = -1j * k * (np.conj(r_up) * t_down + np.conj(t_up) * r_down)
    across = 2 * (weight[..., None] * _between(along, against)).real
    torque = np.cross(across, n)
    return _impurity(k, psi, reflected, transmitted, torque, np.zeros_like(torque))


def spin_of(spinor: ArrayLike) -> Floats:
    """``psi+ sigma psi`` (..., 3) of a spinor (..., 2), basis sigma_z = +1, -1 (Eq. 12)."""
    psi = np.asarray(spinor, dtype=complex)
    return _between(psi, psi).real


def _impurity(
    k: Floats, psi: Complexes, reflected: Complexes, transmitted: Complexes, magnet: Floats, lattice: Floats
) -> Impurity:
    s = spin_of(transmitted)
    currents = [k[..., None] * spin_of(psi), -k[..., None] * spin_of(reflected), k[..., None] * s]
    absorbed = currents[0] + currents[1] - currents[2]
    shape = np.broadcast_shapes(absorbed.shape, magnet.shape, lattice.shape)
    vectors = [np.broadcast_to(v, shape) for v in (s, *currents, absorbed, magnet, lattice)]
    return Impurity(np.broadcast_to(transmitted, (*shape[:-1], 2)), *vectors)


def _sigma(v: Floats, psi: Complexes) -> Complexes:
    """(v.sigma) psi."""
    return np.einsum("...i,iab,...b->...a", v, PAULI[:3], psi)


def _between(a: Complexes, b: Complexes) -> Complexes:
    """a+ sigma b (..., 3)."""
    return np.einsum("...a,iab,...b->...i", a.conj(), PAULI[:3], b)


def _spinor(spin: ArrayLike) -> Complexes:
    """Spinor of length 1 of a direction (..., 3) or of a spinor (..., 2)."""
    psi = np.asarray(spin, dtype=complex)
    if psi.shape[-1] == 3:
        x, y, z = np.moveaxis(psi.real / np.linalg.norm(psi.real, axis=-1, keepdims=True), -1, 0)
        # 1 + |z| never cancels: start from the pole that is nearer
        major, minor = (1 + np.abs(z)).astype(complex), x + 1j * np.where(z < 0, -y, y)
        psi = np.stack([np.where(z < 0, minor, major), np.where(z < 0, major, minor)], -1)
    return psi / np.sqrt((np.abs(psi) ** 2).sum(-1, keepdims=True))
