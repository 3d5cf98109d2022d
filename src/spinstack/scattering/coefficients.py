"""The numbers people quote about an interface, as projections of its tensors that hold for every direction of m."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spinstack.numerics.arrays import array_module
from spinstack.stack.directions import unit_vector

if TYPE_CHECKING:
    from spinstack.scattering.evaluate import Tensors

#: a share of a current that is rounding
_ROUNDING = 1e-14
#: unit and meaning of every coefficient, in the order in which tables show them
MEANING: dict[str, tuple[str, str]] = {
    "conductance_up": ("S/m^2", "majority conductance G_up: half of j_c + Q.m per drop of mu_c"),
    "conductance_down": ("S/m^2", "minority conductance G_down: half of j_c - Q.m per drop of mu_c"),
    "area_resistance": ("Ohm m^2", "interface resistance 1/(G_up + G_down)"),
    "mixing_conductance": ("S/m^2", "G = Gr + i Gi: transverse Q that arrives = Gr mu + Gi mu x m"),
    "transmitted_mixing_conductance": ("S/m^2", "the part of it that leaves on the other side"),
    "mixing_anisotropy": ("1", "size of what both mixing conductances leave out, relative to the transverse blocks"),
    "spin_memory_loss_parallel": ("1", "share of a spin current along m that the lattice takes, into a perfect sink"),
    "spin_memory_loss": ("1", "delta of the slab with the same share 1 - 1/cosh(delta)"),
    "spin_memory_loss_transverse": ("1", "share of the lattice in the absorption of transverse spin"),
    "filtering_lower": ("S/m", "spin current at 0- along z x E"),
    "filtering_upper": ("S/m", "spin current at 0+ along z x E"),
    "precession_lower": ("S/m", "spin current at 0- along m x (z x E)"),
    "precession_upper": ("S/m", "spin current at 0+ along m x (z x E)"),
    "generated_remainder": ("1", "size of the generated spin currents along other directions, relative to all of it"),
    "rashba_edelstein_accumulation": ("m", "mu_s at z = 0 along z x E, per field"),
    "rashba_edelstein_turned": ("m", "mu_s at z = 0 along m x (z x E), per field"),
    "torkivity_damping_like": ("S/m", "torque on m, as spin current, along m x (p x m), p = z x E"),
    "torkivity_field_like": ("S/m", "torque on m, as spin current, along p x m"),
    "torkivity_remainder": ("1", "size of the torque along other directions, relative to all of it"),
    "lattice_torkivity_damping_like": ("S/m", "spin current into the lattice along m x (p x m)"),
    "lattice_torkivity_field_like": ("S/m", "spin current into the lattice along p x m"),
}


def coefficients(t: Tensors, m: Any) -> dict[str, Any]:
    """Conductances, spin memory loss, interface-generated spin currents and torques by name (see :data:`MEANING`).

    Each value is an array (...) over the batch of `m` (..., 3) and the parameters; mixing conductances are complex.

    * ``G_up +- G_down`` are the mean j_c and the mean Q.m per drop of mu_c, other drops zero. This model has the
      exact identity that mean Q is (G_up + G_down)/2 times the drop of mu_s, so the two numbers are the whole
      longitudinal block.
    * ``Gr`` is half the trace of the transverse 2x2 block of Q(0-) per mu_s(0-), ``Gi`` its antisymmetric part; the
      rest, an anisotropy that in-plane m has, is `mixing_anisotropy` in the Frobenius norm. The transmitted one:
      Q(0+) per mu_s(0-).
    * `spin_memory_loss_parallel` is 1 - Q(0+).m/Q(0-).m for mu_s along m at 0-, none at 0+ and no charge current. It
      is due to the lattice alone: the torque on m has no component along m. Above 1 the current comes out reversed;
      delta is then infinite.
    * `spin_memory_loss_transverse` is the trace of the lattice's part of Q(0-) - Q(0+) per transverse mu_s(0-), over
      the trace of the whole; 0 where nothing is absorbed, outside 0..1 where lattice and magnetisation pull in
      opposite directions.
    * A generated spin current Q E, with the 3x2 tensor Q, is split by orthogonal projection into z x E and m x (z x
      E), which are orthogonal for every m: their least-squares coefficients. Remainders are relative Frobenius norms.
      Likewise the torque, with ``m x (p x m)`` and ``p x m``. All fields act at zero potentials mu on both sides.

    ``ss.Interface`` takes the conductances, both mixing conductances, the filtering and precession of both faces as
    they are (its `rashba_edelstein` then stays 0, being the difference of the two filterings); without spin-orbit
    coupling the two agree exactly. Its `spin_memory_loss` slab also multiplies the mean conductance of spin
    along m without charge current by delta/2 coth(delta/2).

    Args:
        t: the responses of the interface (:meth:`ScatteringModel.tensors`, whose `coefficients` calls this).
        m: direction of the magnetisation (..., 3) that they belong to.

    Terms: Amin, Stiles, Phys. Rev. B 94, 104420 (2016), Sec. III; Amin, Haney, Stiles, J. Appl. Phys. 128, 151101
    (2020), Sec. III C.
    """
    xp = array_module(t.conductance)
    m = xp.broadcast_to(xp.asarray(unit_vector(m)), (*t.conductance.shape[:-2], 3))
    C = t.conductance.reshape(*t.conductance.shape[:-2], 2, 4, 2, 4).swapaxes(-3, -2)
    arriving, leaving = C[..., 0, 0, :, :], C[..., 1, 0, :, :]  # at 0- and at 0+, per potential at 0-
    mean = (arriving - C[..., 0, 1, :, :] + leaving - C[..., 1, 1, :, :]) / 4
    lost = (arriving + C[..., 0, 1, :, :] - leaving - C[..., 1, 1, :, :]) / 2

    def along(v: Any) -> Any:
        return (v * m).sum(-1)

    charge, polarized = mean[..., 3, 3], along(mean[..., :3, 3])
    passed = _along_both(mean[..., :3, :3], m) - polarized * along(mean[..., 3, :3]) / charge
    flipped = _along_both(lost[..., :3, :3], m)
    share = _ratio(xp, flipped, passed + flipped / 2)
    share = xp.where(abs(share) < _ROUNDING, 0.0, share)
    slab = share < 1
    delta = xp.where(slab, xp.arccosh(1 / xp.where(slab, 1 - xp.maximum(share, 0.0), 1.0)), xp.inf)

    mixing, transmitted = _mixing(arriving[..., :3, :3], m), _mixing(leaving[..., :3, :3], m)
    blocks = [(xp, B[..., :3, :3], G, m) for B, G in ((arriving, mixing), (leaving, transmitted))]
    left_out, all_of_it = (sum(x) for x in zip(*(_transverse_norms(*b) for b in blocks), strict=True))
    taken, into_m = (_mixing(x[..., :3], m).real for x in (t.lattice_torkance, t.torkance))

    Z = xp.broadcast_to(xp.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]]), (*m.shape, 2))
    mZ = xp.cross(m[..., None], Z, axis=-2)
    damping = Z - m[..., None] * (m[..., None] * Z).sum(-2, keepdims=True)
    lower, upper = t.conductivity[..., :3, :], t.conductivity[..., 4:7, :]
    (f_lower, p_lower), (f_upper, p_upper) = ((_part(Q, Z), _part(Q, mZ)) for Q in (lower, upper))
    rest = [Q - _times(f, Z) - _times(p, mZ) for Q, f, p in ((lower, f_lower, p_lower), (upper, f_upper, p_upper))]
    damping_like, field_like = _part(t.torkivity, damping), _part(t.torkivity, -mZ)
    torque_rest = t.torkivity - _times(damping_like, damping) + _times(field_like, mZ)
    out = {
        "conductance_up": (charge + polarized) / 2,
        "conductance_down": (charge - polarized) / 2,
        "area_resistance": 1 / charge,
        "mixing_conductance": mixing,
        "transmitted_mixing_conductance": transmitted,
        "mixing_anisotropy": _root(xp, left_out, all_of_it),
        "spin_memory_loss_parallel": share,
        "spin_memory_loss": delta,
        "spin_memory_loss_transverse": _ratio(xp, taken, taken + into_m),
        "filtering_lower": f_lower,
        "filtering_upper": f_upper,
        "precession_lower": p_lower,
        "precession_upper": p_upper,
        "generated_remainder": _root(xp, sum(map(_square, rest)), _square(lower) + _square(upper)),
        "rashba_edelstein_accumulation": _part(t.field_accumulation[..., :3, :], Z),
        "rashba_edelstein_turned": _part(t.field_accumulation[..., :3, :], mZ),
        "torkivity_damping_like": damping_like,
        "torkivity_field_like": field_like,
        "torkivity_remainder": _root(xp, _square(torque_rest), _square(t.torkivity)),
        "lattice_torkivity_damping_like": _part(t.lattice_torkivity, damping),
        "lattice_torkivity_field_like": _part(t.lattice_torkivity, -mZ),
    }
    return {name: out[name][()] for name in MEANING}


def _along_both(block: Any, m: Any) -> Any:
    return (m[..., :, None] * block * m[..., None, :]).sum((-2, -1))


def _mixing(block: Any, m: Any) -> Any:
    """Gr + i Gi of ``Q = Gr mu + Gi mu x m`` nearest to a 3x3 block, transverse to m."""
    real = (block[..., 0, 0] + block[..., 1, 1] + block[..., 2, 2] - _along_both(block, m)) / 2
    turned = sum((block[..., i, j] - block[..., j, i]) * m[..., k] for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)))
    return real + 0.5j * turned


def _transverse_norms(xp: Any, block: Any, G: Any, m: Any) -> tuple[Any, Any]:
    """Squared norm of the transverse block less its two mixing terms, and of the transverse block."""
    across = xp.eye(3) - m[..., :, None] * m[..., None, :]
    inside = across @ block @ across
    turn = -xp.cross(m[..., None], xp.broadcast_to(xp.eye(3), (*m.shape, 3)), axis=-2)
    rest = inside - _times(G.real, across) - _times(G.imag, turn)
    return _square(rest), _square(inside)


def _times(number: Any, tensor: Any) -> Any:
    return number[..., None, None] * tensor


def _square(tensor: Any) -> Any:
    return (tensor**2).sum((-2, -1))


def _part(tensor: Any, basis: Any) -> Any:
    """Least-squares coefficient of `basis` in `tensor`; the bases used together are orthogonal."""
    return (tensor * basis).sum((-2, -1)) / _square(basis)


def _ratio(xp: Any, top: Any, bottom: Any) -> Any:
    """top/bottom, 0 where nothing is shared out."""
    some = bottom != 0
    return xp.where(some, top / xp.where(some, bottom, 1.0), 0.0)


def _root(xp: Any, rest: Any, whole: Any) -> Any:
    """Relative size of a rest, 0 below the accuracy of the tensors."""
    ratio = _ratio(xp, rest, whole)
    return xp.where(ratio > 1e-20, xp.sqrt(xp.where(ratio > 1e-20, ratio, 1.0)), 0.0)
