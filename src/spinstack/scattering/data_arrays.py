"""Scattering matrices from elsewhere: what arrays there are, and what is checked before anything is computed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from typing import Any, NoReturn

import numpy as np

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.scattering.electrons import PAULI, TO_MOMENT
from spinstack.text.errors import ParameterError

_WHERE = "ScatteringData"
#: relative deviation of a given Sharvin conductance that the sum over k may have
_SHARVIN = 1e-2
_SIDES = ("below", "above")


@dataclass(frozen=True, eq=False)
class Arrays:
    """The arrays of :class:`spinstack.ScatteringData`, checked; compared by what is in them."""

    k: np.ndarray  # (K, 2)
    weight: np.ndarray  # (K,)
    m: np.ndarray  # (D, 3), or (0, 3): nothing magnetic
    S: np.ndarray  # (max(D, 1), K, n, n)
    modes: tuple[int, int]
    open: np.ndarray  # (K, n) of 0 and 1
    split: tuple[bool, bool]
    spin: str
    velocity: np.ndarray | None  # (K, n, 3)
    lattice: np.ndarray | None  # (max(D, 1), K, modes, 3, 4)
    reference: np.ndarray | None  # (K, n, n)
    spin_orbit: bool
    tolerance: float
    key: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arrays) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def side(self, which: int) -> slice:
        """The channels of one side."""
        first = 2 * self.modes[0]
        return slice(0, first) if which == 0 else slice(first, first + 2 * self.modes[1])

    def directions(self) -> np.ndarray:
        """m (D, 3); z where nothing is magnetic."""
        return self.m if len(self.m) else np.array([[0.0, 0.0, 1.0]])

    def operators(self, m: np.ndarray, which: int) -> np.ndarray:
        """(4, 2, 2): spin x, y, z, charge of a mode of a side, moment labels, in the basis of its channels."""
        sign = 1.0 if self.spin == "moment" else -1.0
        if self.split[which]:
            return np.concatenate([m[:, None, None] * np.diag([1.0, -1.0]), np.eye(2)[None]])
        return PAULI * np.array([sign, sign, sign, 1.0])[:, None, None]


def _refuse(why: str, field: str, **more: Any) -> NoReturn:
    raise ParameterError(why, where=_WHERE, field=field, **more)


def _array(value: Any, field: str, shape: tuple[int | None, ...], kind: Any = float) -> np.ndarray:
    try:
        array = np.asarray(value, kind)
    except (TypeError, ValueError):
        _refuse("which is no array of numbers", field, got=value)
    fits = array.ndim == len(shape) and all(n in (None, own) for n, own in zip(shape, array.shape, strict=True))
    if not fits:
        words = ", ".join("n" if n is None else str(n) for n in shape)
        _refuse(f"of shape {array.shape}", field, allowed=f"an array of shape ({words})")
    if not np.isfinite(array).all():
        _refuse("with values that are not finite", field)
    array = array.copy()
    array.setflags(write=False)
    return array


def checked_arrays(given: dict[str, Any]) -> Arrays:
    """The arrays of :class:`spinstack.ScatteringData`; raises ParameterError for what no interface can do."""
    k = _array(given["k"], "k", (None, 2))
    weight = _array(given["weight"], "weight", (len(k),))
    if not (weight > 0).all():
        _refuse("of which some are not positive", "weight", unit="1/m^2", allowed="areas of the in-plane zone")
    if given["spin"] not in ("electron", "moment"):
        _refuse("", "spin", got=given["spin"], allowed='"electron" (sigma of the Hamiltonian) or "moment"')
    m = np.zeros((0, 3)) if given["m"] is None else _array(np.atleast_2d(np.asarray(given["m"], float)), "m", (None, 3))
    lengths = np.linalg.norm(m, axis=-1)
    if not (lengths > 0).all():
        _refuse("with one of length 0", "m", got=m, allowed="directions (D, 3)")
    m = m / lengths[:, None]
    modes = tuple(int(n) for n in _array(given["modes"], "modes", (2,)))
    if min(modes) < 1:
        _refuse("", "modes", got=modes, allowed="largest numbers of modes below and above, each at least 1")
    n, D = 2 * sum(modes), max(1, len(m))
    S = _array(given["S"], "S", (D, len(k), n, n), complex)
    open_ = np.ones((len(k), n)) if given["open"] is None else _array(given["open"], "open", (len(k), n))
    split = tuple(bool(s) for s in given["split"])
    if len(split) != 2 or (any(split) and not len(m)):
        _refuse("", "split", got=given["split"], allowed="two switches, below and above; with m")
    first = 2 * modes[0]
    for which, part in ((0, open_[:, :first]), (1, open_[:, first:])):
        pairs = part.reshape(len(k), -1, 2)
        if not split[which] and (pairs[..., 0] != pairs[..., 1]).any():
            why = f"of which {_SIDES[which]} a mode has one spin only, and the metal there is not split"
            _refuse(why, "open", allowed="both spins of a mode, or split with channels of spin along and against m")
    velocity = None if given["velocity"] is None else _array(given["velocity"], "velocity", (len(k), n, 3))
    if velocity is None and given["spin_orbit"]:
        _refuse("missing; with spin-orbit coupling in-plane fields drive spin", "velocity", remedy="Give it.")
    if velocity is not None and not (velocity[..., 2][open_ > 0] > 0).all():
        _refuse("of which some v_z of open channels are not positive", "velocity", allowed="sizes of v_z")
    lattice = None if given["lattice"] is None else _array(given["lattice"], "lattice", (D, len(k), n // 2, 3, 4))
    reference = None if given["reference"] is None else _array(given["reference"], "reference", (len(k), n, n), complex)
    held: dict[str, Any] = {
        "k": k, "weight": weight, "m": m, "S": S, "modes": modes, "open": open_, "split": split, "spin": given["spin"],
        "velocity": velocity, "lattice": lattice, "reference": reference, "spin_orbit": bool(given["spin_orbit"]),
        "tolerance": float(given["tolerance"]),
    }  # fmt: skip
    digest = hashlib.sha256()
    for name in sorted(held):
        value = held[name]
        digest.update(f"{name}{np.shape(value)}".encode())
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    arrays = Arrays(**held, key=digest.hexdigest())
    _check_unitary(arrays)
    if not arrays.spin_orbit:
        _check_rotates(arrays)
    _check_reciprocal(arrays)
    _check_sharvin(arrays, given["sharvin_conductance"])
    if (bare := without_spin_orbit(arrays)) is not None:
        _check_unitary(bare, "reference")
        _check_rotates(bare, "reference")
    return _with_reversed(arrays) if arrays.spin_orbit and len(arrays.m) else arrays


def _with_reversed(a: Arrays) -> Arrays:
    """The data at -m, too, by reciprocity where they are not given, so that what follows is reciprocal."""
    more = np.flatnonzero(partners(a.m, 1.0) < 0)
    if not more.size:
        return a
    if a.lattice is not None:
        _refuse("without -m, where what the lattice takes does not follow from m", "m", allowed="m and -m")
    back = partners(a.k, float(np.abs(a.k).max()))
    turns = [np.kron(np.eye(n), np.eye(2) if split else PAULI[1]) for n, split in zip(a.modes, a.split, strict=True)]
    size = len(turns[0])
    Y = np.zeros(a.S.shape[-2:], complex)
    Y[:size, :size], Y[size:, size:] = turns
    S = Y @ a.S[more][:, back].swapaxes(-1, -2) @ Y
    return replace(a, m=np.concatenate([a.m, -a.m[more]]), S=np.concatenate([a.S, S]))


def without_spin_orbit(a: Arrays) -> Arrays | None:
    """The arrays of the reference, None where there is none."""
    if a.reference is None:
        return None
    return replace(
        a, S=a.reference[None], m=a.m[:1], lattice=None, reference=None, spin_orbit=False, key=f"reference of {a.key}"
    )


def _worst(arrays: Arrays, off: np.ndarray, words: str, field: str = "S", remedy: str = "") -> None:
    """Refuse where the deviations (D, K) are larger than allowed, naming the worst k."""
    if (largest := float(off.max())) <= arrays.tolerance:
        return
    d, i = np.unravel_index(int(off.argmax()), off.shape)
    at = f"k = ({arrays.k[i, 0]:.6g}, {arrays.k[i, 1]:.6g}) 1/m"
    at += f", m = ({', '.join(f'{c:.4g}' for c in arrays.m[d])})" if len(arrays.m) else ""
    _refuse(
        f"which {words} by {largest:.2g} at {at}",
        field,
        allowed=f"deviations up to {arrays.tolerance:g}",
        remedy=remedy,
    )


def _check_unitary(a: Arrays, field: str = "S") -> None:
    shut = 1 - a.open
    closed = np.abs(a.S * (shut[:, :, None] + shut[:, None, :])).max((-2, -1))
    _worst(
        a, closed, "scatters into or out of channels that are not open", field, remedy="Give `open`, or zeros there."
    )
    passed = a.S.conj().swapaxes(-1, -2) @ a.S
    off = np.abs(passed - a.open[:, :, None] * np.eye(a.S.shape[-1])).max((-2, -1))
    _worst(a, off, "is not unitary", field, remedy="Amplitudes belong to waves of unit flux.")


def tensors_of(a: Arrays, d: int) -> np.ndarray:
    """(K, out, in, 4, 4): 1/2 tr[S+ sigma_a S sigma_b] of one direction, summed over the modes of the sides."""
    m = a.directions()[d]
    K = len(a.k)
    found = np.empty((K, 2, 2, 4, 4))
    for o in (0, 1):
        for i in (0, 1):
            s = a.S[d][:, a.side(o), a.side(i)].reshape(K, a.modes[o], 2, a.modes[i], 2)
            out, into = a.operators(m, o), a.operators(m, i)
            turned = np.einsum("auv,kpvqw->kapuqw", out, s)
            whole = np.einsum("kpuqx,kapuqw->kaxw", s.conj(), turned)
            found[:, o, i] = 0.5 * np.einsum("kaxw,bwx->kab", whole, into).real
    return found


def partners(points: np.ndarray, scale: float) -> np.ndarray:
    """The position of -p of every row p, -1 where there is none."""
    off = np.abs(points[:, None] + points[None]).max(-1) if len(points) < 4000 else None
    if off is None:
        found = np.full(len(points), -1)
        order = {tuple(np.round(p / (scale * 1e-7)).astype(int)): i for i, p in enumerate(points)}
        for i, p in enumerate(points):
            found[i] = order.get(tuple(np.round(-p / (scale * 1e-7)).astype(int)), -1)
        return found
    nearest = off.argmin(1)
    return np.where(off[np.arange(len(points)), nearest] <= 1e-7 * scale, nearest, -1)


def rotation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A rotation that takes a unit vector to another one: two mirrors."""

    def mirror(v: np.ndarray) -> np.ndarray:
        return np.eye(3) - 2 * np.outer(v, v) / (v @ v)

    if np.linalg.norm(a - b) < 1e-12:
        return np.eye(3)
    return mirror(a - b) @ mirror(np.cross(a, np.eye(3)[np.argmin(np.abs(a))]))


def _check_reciprocal(a: Arrays) -> None:
    back = partners(a.k, float(np.abs(a.k).max()) or 1.0)
    if (back < 0).any():
        i = int(np.argmin(back))
        _refuse(f"without -k of ({a.k[i, 0]:.6g}, {a.k[i, 1]:.6g}) 1/m", "k", allowed="k and -k, for reciprocity")
    against = partners(a.m, 1.0) if len(a.m) else np.array([0])
    parity = np.outer(*2 * [TO_MOMENT])
    found = [tensors_of(a, d) for d in range(len(against))]
    off = np.zeros((len(against), len(a.k)))
    for d, other in enumerate(against):
        if other >= 0:
            there = found[other]
        elif not a.spin_orbit:  # spin turns with m and nothing else does
            turn = np.eye(4)
            turn[:3, :3] = rotation(a.m[d], -a.m[d])
            there = turn @ found[d] @ turn.T
        else:
            continue
        mirrored = there[back].swapaxes(1, 2).swapaxes(-1, -2) * parity
        off[d] = np.abs(found[d] - mirrored).max((1, 2, 3, 4))
    _worst(a, off, "does not obey S(k, m) = sigma_y S(-k, -m)^T sigma_y",
           remedy="Look for sides that are exchanged, a wrong order of spins, or m of another sign.")  # fmt: skip


def _check_rotates(a: Arrays, field: str = "spin_orbit") -> None:
    """Without spin-orbit coupling spin along m is conserved, and nothing else is there in the absence of m."""
    off = np.zeros((max(1, len(a.m)), len(a.k)))
    for d, m in enumerate(a.directions()):
        sides = []
        for which in (0, 1):
            along = np.einsum("i,ijk->jk", m, a.operators(m, which)[:3])
            sides.append(np.kron(np.eye(a.modes[which]), along))
        J = np.block([[sides[0], np.zeros((len(sides[0]), len(sides[1])))],
                      [np.zeros((len(sides[1]), len(sides[0]))), sides[1]]])  # fmt: skip
        off[d] = np.abs(a.S[d] @ J - J @ a.S[d]).max((-2, -1))
    _worst(a, off, "does not conserve spin along m", field, remedy="With spin-orbit coupling say spin_orbit=True.")


def _check_sharvin(a: Arrays, given: Any) -> None:
    if given is None:
        return
    told = _array(given, "sharvin_conductance", (2,))
    for which, value in enumerate(told):
        summed = sharvin_of(a, which)
        if abs(summed - value) > _SHARVIN * value:
            why = f"while the modes {_SIDES[which]} add up to {summed:.6g} S/m^2"
            _refuse(why, "sharvin_conductance", unit="S/m^2", got=value,
                    remedy="Look at weights, units of k and the numbers of modes.")  # fmt: skip


def sharvin_of(a: Arrays, which: int) -> float:
    """What one side can carry, both spins [S/m^2]: e^2/h times the number of channels per area."""
    channels = float((a.weight @ a.open[:, a.side(which)]).sum())
    return ELEMENTARY_CHARGE**2 / (2 * np.pi * PLANCK_REDUCED) * channels / (4 * np.pi**2)


def stored(a: Arrays) -> dict[str, np.ndarray]:
    """The arrays by name, for a file."""
    out = {f.name: getattr(a, f.name) for f in fields(a) if f.name != "key"}
    return {name: np.asarray(value) for name, value in out.items() if value is not None}
