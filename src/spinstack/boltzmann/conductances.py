"""Interfaces known by their conductances: what they do to electrons of every direction alike.

Derived in docs/methods/boltzmann.md, "An interface given by conductances". What leaves is ``(1 - y)/(1 + y)`` of what
arrives, with y the corrected conductances over twice the Sharvin conductance; of bare ones it is 1 - 2 y.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spinstack.boltzmann.layer import cartesian, frame
from spinstack.stack.interface import UNCARRIED, Interface, uncarried
from spinstack.text.errors import ParameterError

#: imaginary step, relative: what is analytic has its derivative to rounding
_STEP = 1e-20
#: delta below which the functions of a slab are their power series
_THIN = 1e-3


class Conductances(NamedTuple):
    """Numbers of one interface [S/m^2] and the constant C of the film: G_up, G_down, mixing conductances by parts.

    lower, upper, through: of the lower face, of the upper face, transmitted; loss: delta of spin memory loss; bare,
    magnetic: as words of the interface say.
    """

    up: Any
    down: Any
    lower_real: Any
    lower_imag: Any
    upper_real: Any
    upper_imag: Any
    through_real: Any
    through_imag: Any
    loss: Any
    C: Any
    bare: bool
    magnetic: bool

    def turns(self) -> bool:
        """Whether what happens to an electron depends on the azimuth of its wave vector."""
        return False

    def six(self) -> np.ndarray:
        """(2, 2, 6): of what leaves on a side (first) of what arrives on a side, the six parts of a `Kernel`."""
        charge, along, half = self._along()
        across = self._across() if self.magnetic else np.stack([along, 0 * along], -1)
        return np.concatenate([np.stack([charge, half, half, along], -1), across], -1)

    def _along(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(2, 2) each: charge from charge, spin along m from spin along m, one from the other."""
        sharvin = self.C / 8
        a, b = self.up / sharvin, self.down / sharvin
        if self.bare:
            passed = np.array([[a, 0 * a], [0 * a, b]])
            even = 0 * a
        else:
            parallel = a * b / (a + b)
            slab, shunt = _slab(self.loss)
            q, e = parallel * slab, 4 * parallel * shunt
            det = (1 + a) * (1 + b) + q * (2 + a + b)
            passed = np.array([[a * (1 + b + q) + q * (1 + b), -q], [-q, b * (1 + a + q) + q * (1 + a)]]) / det
            even = e / (2 + e)  # half of the spin that both sides lose alike
        charge = (passed[0, 0] + passed[1, 1] + 2 * passed[0, 1]) / 2
        along = (passed[0, 0] + passed[1, 1] - 2 * passed[0, 1]) / 2
        half = (passed[0, 0] - passed[1, 1]) / 2
        sides = np.array([[-1.0, 1.0], [1.0, -1.0]])
        one = np.eye(2)
        return one + sides * charge, one + sides * along - even, sides * half

    def _across(self) -> np.ndarray:
        """(2, 2, 2): real and imaginary part of what remains of spin across m."""
        y = np.zeros((2, 2, 2, 2), np.result_type(*self[:10]))
        parts = {(0, 0): self[2:4], (1, 1): self[4:6], (0, 1): self[6:8], (1, 0): self[6:8]}
        for (i, j), (real, imag) in parts.items():
            sign = 1.0 if i == j else -1.0  # mu x m turns against m x mu
            y[i, :, j, :] = sign * np.array([[real, imag], [-imag, real]]) * 4 / self.C
        y, one = y.reshape(4, 4), np.eye(4)
        left = one - 2 * y if self.bare else np.linalg.solve(one + y, one - y)
        left = left.reshape(2, 2, 2, 2)
        return np.stack([left[:, 0, :, 0], left[:, 1, :, 0]], -1)

    def slopes(self) -> dict[str, np.ndarray]:
        """Derivatives (2, 2, 6) of :meth:`six` by the fields that are numbers."""
        out = {}
        for name in self._fields[:10]:
            value = getattr(self, name)
            step = _STEP * max(abs(value), _STEP)
            out[name] = self._replace(**{name: value + 1j * step}).six().imag / step
        return out


def _slab(delta: Any) -> tuple[Any, Any]:
    """``delta coth(delta/2)/2 - 1`` and ``delta tanh(delta/2)/2``."""
    if abs(delta) < _THIN:
        square = delta * delta
        return square / 12 * (1 - square / 60), square / 4 * (1 - square / 12)
    tanh = np.tanh(delta / 2)
    return delta / tanh / 2 - 1, delta * tanh / 2


def conductances(interface: Interface, where: str, path: int, C: float) -> Conductances:
    """Of an interface without a model; ParameterError where bare ones are more than electrons that arrive can carry."""
    p = interface.numbers("boltzmann")
    names = ("mixing_conductance", "mixing_conductance_upper", "transmitted_mixing_conductance")
    lower, upper, through = (complex(p[name]) for name in names)
    found = Conductances(
        float(p["conductance_up"]), float(p["conductance_down"]), lower.real, lower.imag, upper.real, upper.imag,
        through.real, through.imag, float(p["spin_memory_loss"]), C, interface.conductances == "bare",
        interface.mixing_conductance is not None,
    )  # fmt: skip
    for field, allowed in uncarried(interface, C / 8, p) if found.bare else ():
        raise ParameterError(UNCARRIED, where=where, field=field, unit="S/m^2", got=getattr(interface, field),
                             allowed=allowed, remedy='Is it "corrected"?', path=(path, field))  # fmt: skip
    return found


#: parameters of an interface by the fields that they are, and those that follow a parameter that is left out
_FIELDS = {
    "conductance_up": ("up",), "conductance_down": ("down",), "spin_memory_loss": ("loss",),
    "mixing_conductance": ("lower", "upper"), "mixing_conductance_upper": ("upper",),
    "transmitted_mixing_conductance": ("through",),
}  # fmt: skip


def by_parameter(interface: Interface, name: str, slopes: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Of :meth:`Conductances.slopes` that by a parameter, of a complex one with .real or .imag; None for others."""
    stem, _, part = name.partition(".")
    fields = _FIELDS.get(stem)
    if fields is None:
        return None
    if stem == "mixing_conductance" and interface.mixing_conductance_upper is not None:
        fields = fields[:1]
    return sum((slopes[f"{field}_{part}" if part else field] for field in fields), np.zeros((2, 2, 6)))


def in_space(six: np.ndarray, m: np.ndarray) -> np.ndarray:
    """(batch, 2, 4, 2, 4), leaving side and component, then arriving: of parts (batch or 1, 2, 2, 6), m (batch, 3)."""
    parts = six.reshape(len(six), 4, 6).swapaxes(1, 2)
    return cartesian(frame(m), parts).reshape(len(m), 4, 4, 2, 2).transpose(0, 3, 1, 4, 2)
