"""Spin-torque ferromagnetic resonance: the dc voltage of magnets that an alternating current moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import Mechanics, mechanics, rates
from spinstack.magnets.pulse import sides
from spinstack.magnets.quasistatic import in_plane, under_current
from spinstack.magnets.resting import linear
from spinstack.magnets.settle import frame
from spinstack.observables.planes import Plane
from spinstack.observables.sheet import inverse2
from spinstack.text import arrays, checks

if TYPE_CHECKING:
    import xarray

#: how far [rad] magnets are taken from rest to find what is of second order, and phases of a period
SMALL, PHASES = 1e-3, 8


def spin_torque_fmr(
    model: MagneticModel,
    frequency: Any,
    field: Any,
    angle: Any,
    current: float,
    *,
    plane: Plane = "alpha",
    along: Any = "x",
    m: Any = None,
    bias: float = 0.0,
) -> xarray.Dataset:
    """The dc voltage of magnets that precess in an alternating current, by rectification and by spin pumping.

    To second order in the current ``K cos(wt)``: magnets answer as a linear system, with all torques of the film and
    the Oersted field; their resistance, that swings with the current, rectifies it, and their precession pumps a
    current. With the frequency as the axis it is a spin diode; with a bias the mean resistance moves, too.

    Args:
        model: the film and its magnets.
        frequency: (frequencies,) [Hz].
        field: strengths (fields,) [T], followed from the first.
        angle: of the field in the plane (angles,) [deg].
        current: amplitude (peak) of the total sheet current density [A/m].
        plane, along: as in :func:`harmonic_hall`.
        m: where the magnets are before; default: the place of lowest energy in the first field at each angle.
        bias: constant sheet current density beside it [A/m].

    Returns:
        Dataset over frequency, field, angle and channel ("along" the current, "across" it: z x current): rectified and
        pumped [V/m], the dc electric field of an open film; amplitude and phase [rad] (magnet, component) of the
        precession (``m = m0 + amplitude cos(wt + phase)``). Voltages follow with the length between the contacts.

    Raises:
        ParameterError: no damping, a bias under which the magnets leave their place.

    The line is a Lorentzian up to parts of the order of the damping: symmetric part from torques in the plane,
    antisymmetric from those along the normal. Heating is not in it.
    """
    import xarray

    require_model(model, field=field, current=current)
    f = np.atleast_1d(arrays.numbers(frequency, "frequency", (), (None,), low=0, unit="Hz"))
    K = checks.number(current, "current", low=0, open_low=True, unit="A/m")
    steady = checks.number(bias, "bias", unit="A/m")
    B, rest, axis, coords = in_plane(model, field, angle, plane, along, m)
    on, n, shape = mechanics(model, axis), len(model.names), (len(f), *B.shape[:2])
    fields, points = B.reshape(-1, 3), B.shape[0] * B.shape[1]
    rest = under_current(on, model.table.turning.degree, rest.reshape(-1, n, 3), fields, np.full(points, steady))
    small = _Small.about(model, on, rest, fields, steady, axis)
    rectified, pumped = np.empty((len(f), points, 2)), np.empty((len(f), points, 2))
    swing = np.empty((len(f), points, n, 3), complex)
    for k, one in enumerate(f):
        rectified[k], pumped[k], swing[k] = small.at(2 * np.pi * one)
    swing = swing.reshape(*shape, n, 3)
    each = ("frequency", "field", "angle", "magnet", "component")
    dims, last = ("frequency", "field", "angle", "channel"), {"units": "V/m"}
    values = {
        "rectified": (dims, K**2 * rectified.reshape(*shape, 2), last | {"long_name": "rectified electric field"}),
        "pumped": (dims, K**2 * pumped.reshape(*shape, 2), last | {"long_name": "pumped electric field"}),
        "amplitude": (each, K * np.abs(swing), {"units": "1", "long_name": "amplitude of the precession"}),
        "phase": (each, np.angle(swing), {"units": "rad", "long_name": "phase ahead of the current"}),
        "m": (
            ("field", "angle", "magnet", "component"), rest.reshape(*shape[1:], n, 3),
            {"units": "1", "long_name": "direction at rest"},
        ),
    }  # fmt: skip
    coords["frequency"] = ("frequency", f, {"units": "Hz", "long_name": "frequency"})
    said = {"current_A_per_m": K, "bias_A_per_m": steady, "along": along}
    return xarray.Dataset(values, coords, model.attributes("spin_torque_fmr") | said)


class _Small(NamedTuple):
    """Magnets that are moved a little from where they are at rest (points, magnets, 3)."""

    model: MagneticModel
    on: Mechanics
    rest: np.ndarray
    B: np.ndarray
    bias: float
    axis: np.ndarray
    #: across rest, derivatives of the flow by u and by K, and the resistance at rest
    across: np.ndarray
    J: np.ndarray
    push: np.ndarray
    R0: np.ndarray

    @classmethod
    def about(
        cls, model: MagneticModel, on: Mechanics, rest: np.ndarray, B: np.ndarray, bias: float, axis: np.ndarray
    ) -> _Small:
        """With what is the same at all frequencies."""
        nothing = np.zeros((0, 0))
        made = cls(model, on, rest, B, bias, axis, frame(rest), nothing, nothing, model.table.resistance(rest)[:, None])
        J = linear(on, model.table.turning.degree, rest, B, bias)[1]
        still = np.zeros((len(rest), 1, J.shape[-1]), complex)
        push = made._flow(made.across, still, np.full((len(rest), 1), 1e-30j))[:, 0].imag / 1e-30
        return made._replace(J=J, push=push)

    def at(self, w: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rectified and pumped fields (points, 2) [V/m per (A/m)^2] and the swing (points, magnets, 3) [per A/m].

        What is of second order is found from a cycle of a small amplitude: averages of it have no first order, and no
        third.
        """
        points, n = self.rest.shape[:2]
        across, J, push, R0 = self.across, self.J, self.push, self.R0
        swing = np.linalg.solve(1j * w * np.eye(2 * n) - J, push[..., None])[..., 0]  # of u, per A/m
        size = SMALL / np.abs(swing).max(axis=1)  # [A/m]
        turn = np.exp(1j * 2 * np.pi * np.arange(PHASES) / PHASES)
        u = (swing[:, None] * turn[None, :, None]).real * size[:, None, None]
        du = (1j * w * swing[:, None] * turn[None, :, None]).real * size[:, None, None]
        K = size[:, None] * turn.real
        # the middle of the cycle, at which the magnets are at rest on average
        drift = self._flow(across, u, K).mean(1)
        middle = -np.linalg.solve(J, drift[..., None])[..., 0]
        x = self._moved(across, u + middle[:, None])
        flat = x.reshape(-1, n, 3)
        R = self.model.table.resistance(flat).reshape(points, PHASES, 2, 2)
        mean = np.einsum("pjab,b,pj->pa", R - R0, self.axis, K + self.bias) / PHASES
        moving = self._velocity(across, u + middle[:, None], du)
        pumped = -np.einsum("pab,pb->pa", R0[:, 0], self._pumped(flat, x, moving))
        both = sides(self.axis)
        scale = size[:, None] ** 2
        swung = np.einsum("pia,piac->pic", swing.reshape(points, n, 2), across)
        return mean @ both / scale, pumped @ both / scale, swung

    def _moved(self, across: np.ndarray, u: np.ndarray) -> np.ndarray:
        """m (points, phases, magnets, 3) at u (points, phases, 2 magnets), in the plane that touches the sphere."""
        points, n = self.rest.shape[:2]
        x = self.rest[:, None] + np.einsum("pjia,piac->pjic", u.reshape(points, -1, n, 2), across)
        return np.asarray(x / np.sqrt((x * x).sum(-1, keepdims=True)))

    def _flow(self, across: np.ndarray, u: np.ndarray, K: np.ndarray) -> np.ndarray:
        """du/dt (points, phases, 2 magnets)."""
        m = self._moved(across, u)
        points, phases, n = m.shape[:3]
        inside = np.moveaxis(m.reshape(-1, n, 3), 0, -1)
        B = np.repeat(self.B, phases, 0).T
        found = np.array(rates(self.on, self.model.table.turning.degree, inside, B, (K + self.bias).reshape(-1)))
        v = np.moveaxis(found, -1, 0).reshape(points, phases, n, 3)
        up = np.einsum("pjic,pic->pji", m, self.rest)
        # u = across.m/(rest.m)
        ahead = np.einsum("pjic,piac->pjia", v, across) / up[..., None]
        turned = np.einsum("pjic,piac->pjia", m, across) * (np.einsum("pjic,pic->pji", v, self.rest) / up**2)[..., None]
        return np.asarray((ahead - turned).reshape(points, phases, 2 * n))

    def _velocity(self, across: np.ndarray, u: np.ndarray, du: np.ndarray) -> np.ndarray:
        """dm/dt (points, phases, magnets, 3) [1/s]."""
        points, n = self.rest.shape[:2]
        x = self.rest[:, None] + np.einsum("pjia,piac->pjic", u.reshape(points, -1, n, 2), across)
        v = np.einsum("pjia,piac->pjic", du.reshape(points, -1, n, 2), across)
        size = np.sqrt((x * x).sum(-1, keepdims=True))
        return np.asarray(v / size - x * (x * v).sum(-1, keepdims=True) / size**3)

    def _pumped(self, flat: np.ndarray, m: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Mean sheet current (points, 2) [A/m] that the precession pumps: minus what turns it at -m, by reciprocity.

        The Oersted field is no transfer of spin: its reciprocal is the voltage that is induced, without a mean.
        """
        table, (points, phases, n) = self.model.table, m.shape[:3]
        by_current = table.turning(-flat) - np.cross(table.oersted(-flat), -flat[..., None], axis=2)
        T = np.einsum("pick,pkE->picE", by_current, inverse2(table.resistance(-flat)))
        T = (T * self.model.moments[:, None, None]).reshape(points, phases, n, 3, 2)
        return np.asarray(-np.einsum("pjicE,pjic->pE", T, np.cross(m, v)) / phases)
