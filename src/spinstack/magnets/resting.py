"""Where the magnets of a film are: in a field, along a path of fields, and while a current flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.magnets.landscape import energy
from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import Mechanics, mechanics, path, rates
from spinstack.magnets.pulse import Constant, direction_of
from spinstack.magnets.settle import KICK, followed, frame, settled
from spinstack.magnets.steps import FINE, fastest
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.stack.batches import together
from spinstack.stack.directions import vector
from spinstack.text import arrays

if TYPE_CHECKING:
    import xarray

#: steps of Newton's method; farthest [rad] that a place at rest moves in one step of a path
_NEWTON, _NEAR = 30, 0.05
#: halvings of a step of a path; turns that a magnet is given to come to rest, and how often it is looked at meanwhile
_HALVINGS, _TURNS, _LOOKS = 12, 2000, 40


def start_of(model: MagneticModel, m: Any, B: np.ndarray) -> np.ndarray:
    """Directions (magnets, 3) from what the user gave, the model's own start, or of the lowest energy in B (3,).

    Raises ParameterError where two places are as low as each other.
    """
    return model.begin(B) if m is None else model.given(m)


def linear(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: Any) -> tuple[np.ndarray, np.ndarray]:
    """dm/dt across m (points, 2 magnets) [1/s] and its derivatives across m (points, 2 magnets, 2 magnets).

    m (points, magnets, 3); B (points, 3); exact, by complex steps.
    """
    points, n = m.shape[:2]
    across = frame(m)
    inside, field = np.moveaxis(m, 0, -1), B.T
    found = np.array(rates(on, degree, inside, field, K), float)
    value = np.einsum("icp,piac->pia", found, across).reshape(points, 2 * n)
    J = np.empty((points, 2 * n, 2 * n))
    for j in range(2 * n):
        moved = inside.astype(complex)
        moved[j // 2] += 1j * 1e-30 * across[:, j // 2, j % 2].T
        change = np.array(rates(on, degree, moved, field, K)).imag / 1e-30
        J[:, :, j] = np.einsum("icp,piac->pia", change, across).reshape(points, 2 * n)
    # the frame turns with m: what a table leaves along m comes to lie across it
    J -= np.repeat(np.einsum("icp,icp->pi", found, inside), 2, 1)[:, :, None] * np.eye(2 * n)
    return value, J


def at_rest(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: float) -> np.ndarray | None:
    """The stable place at rest (magnets, 3) near m (magnets, 3) in B (3,), by Newton's method; None where none is."""
    found = m
    for _ in range(_NEWTON):
        value, J = linear(on, degree, found[None], B[None], K)
        if np.linalg.eigvals(J[0]).real.max() >= 0:
            return None
        step = -np.linalg.solve(J[0], value[0])
        found = found + np.einsum("ia,iac->ic", step.reshape(len(m), 2), frame(found))
        found /= np.linalg.norm(found, axis=-1, keepdims=True)
        if np.arccos(np.clip(np.sum(found * m, -1).min(), -1, 1)) > _NEAR:
            return None
        if np.abs(step).max() < 1e-13:
            return found
    return None


def _with_current(
    model: MagneticModel, m: np.ndarray, B: np.ndarray, K: np.ndarray, along: np.ndarray, said: Callable[[int], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Directions (points, magnets, 3) along a path whose first step switches the current on; whether at rest."""
    on, degree = mechanics(model, along), model.table.turning.degree
    m = settled(model.landscape, m[None], B[:1], model.held)[0]
    field, current = B[0], 0.0
    out, rests, rest = np.empty((len(B), *m.shape)), np.zeros(len(B), bool), True
    for k, (next_field, next_current) in enumerate(zip(B, K, strict=True)):
        part, step = 0.0, 1.0
        while part < 1.0:
            said(k)
            step = min(step, 1.0 - part)
            here = field + (part + step) * (next_field - field)
            flows = current + (part + step) * (next_current - current)
            # without a current the energy tells, also where it is level
            if flows == 0 and (current == 0 or not rest or step <= 2.0**-_HALVINGS):
                near = settled(model.landscape, m[None], here[None], model.held)[0]
            else:
                near = at_rest(on, degree, m, here, flows)
            if near is not None:
                m, part, step, rest = near, part + step, 2 * step, True
            elif rest and step > 2.0**-_HALVINGS:
                step /= 2
            else:
                # what goes round has no place to follow in small steps
                m, rest = _turned(model, on, m, here, flows, lambda k=k: said(k))  # type: ignore[misc]
                part, step = part + step, step if rest else 1.0
        out[k], rests[k], field, current = m, rest, next_field, float(next_current)
    return out, rests


def _turned(
    model: MagneticModel, on: Mechanics, m: np.ndarray, B: np.ndarray, K: float, said: Callable[[], None]
) -> tuple[np.ndarray, bool]:
    """Where magnets turn to by themselves from m (magnets, 3), and whether they come to rest there."""
    degree = model.table.turning.degree
    rate = fastest(model, B[:, None], np.array([K]))
    # off a place that is at rest, but falls to both sides
    m = m + KICK * frame(m)[:, 0]
    m /= np.linalg.norm(m, axis=-1, keepdims=True)
    every = int(np.ceil(_TURNS / _LOOKS / FINE))
    for _ in range(_LOOKS):
        m = path("runge_kutta", degree, Constant.shape, on, m[..., None], B[:, None], np.array([K]), [],
                 dt=FINE / rate, every=every, records=1, said=lambda *_: said())[-1, ..., 0]  # fmt: skip
        near = at_rest(on, degree, m, B, K)
        if near is not None:
            return near, True
    return m, False


def equilibrium(
    model: MagneticModel, *, B: Any = (0.0, 0.0, 0.0), current: Any = 0.0, along: Any = "x", m: Any = None
) -> xarray.Dataset:
    """Where the magnets of a film come to rest, along a path of fields and currents.

    Every point is downhill of the one before, so that a loop has its hysteresis: without a current the place of lowest
    energy that lies downhill; with a current the place at rest that the one before becomes, followed in small steps of
    field and current, and where that ends (a fold, an instability) what the magnets turn to by themselves.

    Args:
        model: the film and its magnets.
        B: field (3) or path of fields (points, 3) [T].
        current: total sheet current density [A/m], a number or one a point.
        along: direction of the current in the plane: "x", "y" or two components.
        m: where they are before; default: the place of lowest energy in the first field.

    Returns:
        Dataset over `point` (none for a single field) and magnet: m (component), energy [J/m^2] and rests, whether they
        come to rest at all, R_along and R_across [Ohm], the sheet resistance along the current and across it (z x
        current; of Neel vectors ask field_scan), and the path itself, B and current.

    Raises:
        ParameterError: two places that are as low as each other at the start, shapes that do not fit.
    """
    import xarray

    require_model(model, B=B, current=current)
    field = vector(B, "B", "three components in tesla, or a path of them (points, 3)")
    if field.ndim > 2:
        raise ParameterError(f"of shape {field.shape}", field="B", got=B, allowed="(3) or (points, 3)")
    K = arrays.numbers(current, "current", (), (None,), unit="A/m")
    points = together({"B": field.shape[:-1], "current": K.shape})
    fields, currents = np.broadcast_to(field, (*points, 3)).reshape(-1, 3), np.broadcast_to(K, points).reshape(-1)
    place, axis = start_of(model, m, fields[0]), direction_of(along)
    resistance = None if model.landscape.neel is not None else model.table.resistance

    def said(done: int) -> None:
        tell(done, len(fields), "places at rest")

    if currents.any():
        found, rests = _with_current(model, place, fields, currents, axis, said)
    else:
        found = followed(model.landscape, place[None], fields[:, None], model.held, said)[:, 0]
        rests = np.ones(len(found), bool)
    height = energy(model.landscape, np.moveaxis(found, 0, -1), fields.T, model.held)
    names, n = list(model.names), len(model.names)
    dims = ("point",) * len(points)
    values = {
        "m": ((*dims, "magnet", "component"), found.reshape(*points, n, 3), {"units": "1", "long_name": "direction"}),
        "energy": (dims, np.reshape(height, points), {"units": "J/m^2", "long_name": "energy per area"}),
        "rests": (dims, rests.reshape(points)),
        "B": ((*dims, "component"), fields.reshape(*points, 3), {"units": "T"}),
        "current": (dims, currents.reshape(points), {"units": "A/m", "long_name": "total sheet current density"}),
    }
    if resistance is not None:
        R = model.resistances(found, axis)
        values["R_along"] = (dims, R[0].reshape(points), {"units": "Ohm", "long_name": "sheet resistance"})
        values["R_across"] = (dims, R[1].reshape(points), {"units": "Ohm", "long_name": "transverse resistance"})
    return xarray.Dataset(values, {"magnet": names, "component": list("xyz")}, model.attributes("equilibrium"))
