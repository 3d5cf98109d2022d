"""The current at which a place at rest is no more, or no longer stable, or left for another in a pulse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.optimize import brentq

from spinstack.magnets.branch import Branch, Ramp, corrected, follow, null_vector, rate_of, stepped, torque_balance
from spinstack.magnets.heat import heat_of
from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import Mechanics, mechanics, path
from spinstack.magnets.pulse import Pulse, direction_of
from spinstack.magnets.resting import start_of
from spinstack.magnets.sensitivity import Reached, gradient_of
from spinstack.magnets.settle import settled
from spinstack.magnets.steps import checked_count, checked_step, fastest
from spinstack.stack import ParameterError
from spinstack.stack.directions import vector
from spinstack.text import checks

Kind = Literal["fold", "instability", "switching"]
KINDS: tuple[Kind, ...] = ("fold", "instability", "switching")
#: searched up to so many times the current whose torque is as strong as what holds the magnets
FAR = 10.0
#: below this part of a step s does not change along a branch: it turns
_FOLDED = 1e-3
#: below this part of what holds the magnets, s does not act along the direction that nothing holds: branches cross
_CROSSED = 1e-5
#: currents that are tried side by side, and how well one is known in the end
TRIED, FINE = 64, 1e-13


class Place(NamedTuple):
    """Directions (magnets, 3) at rest, and s of the ramp."""

    m: np.ndarray
    s: float


class _Stretch:
    """A short part of a branch, by the distance from its first point."""

    def __init__(self, on: Mechanics, degree: int, branch: Branch, first: int, last: int, ramp: Ramp) -> None:
        self._on, self._degree, self._ramp = on, degree, ramp
        self._m, self._s = branch.m[first], float(branch.s[first])
        _, J, by_s, self._across = torque_balance(on, degree, self._m, ramp, self._s)
        away = np.einsum("iac,ic->ia", self._across, branch.m[last] - self._m)
        chord = np.append(away, (branch.s[last] - self._s) / ramp.scale)
        null = null_vector(J, by_s)
        self._null = null if null @ chord > 0 else -null
        self._ahead = self._moved(self._null, self._across)
        self.length = float(np.linalg.norm(chord))

    def _moved(self, null: np.ndarray, across: np.ndarray) -> np.ndarray:
        return np.einsum("ia,iac->ic", null[:-1].reshape(len(self._m), 2), across)

    def point(self, length: float) -> Place:
        m = stepped(self._m, self._across, length * self._null[:-1])
        s = self._s + length * self._null[-1] * self._ramp.scale
        found = corrected(self._on, self._degree, m, self._ramp, s, self._null[-1], self._ahead)
        if found is None:
            raise ArithmeticError("Newton's method left the branch")
        return Place(*found)

    def climb(self, length: float) -> float:
        """How s changes along the branch."""
        m, s = self.point(length)
        _, J, by_s, across = torque_balance(self._on, self._degree, m, self._ramp, s)
        own = null_vector(J, by_s)
        return float(own[-1] * np.sign(np.sum(self._moved(own, across) * self._ahead) + own[-1] * self._null[-1]))

    def growth(self, length: float) -> float:
        """The largest rate [1/s]."""
        m, s = self.point(length)
        return rate_of(self._on, self._degree, m, self._ramp, s).real

    def zero(self, of: Callable[[float], float]) -> float:
        """The distance at which a function of it changes its sign."""
        top, first = self.length, of(0.0)
        while (alike := of(top) * first > 0) and top < 4 * self.length:
            top *= 1.2
        if alike:
            raise ArithmeticError("no change of sign")
        return float(brentq(of, 0.0, top, xtol=1e-15, rtol=1e-15))


def fold(on: Mechanics, degree: int, branch: Branch, ramp: Ramp) -> Place:
    """The turning point between the last points of a branch, to rounding."""
    stretch = _Stretch(on, degree, branch, max(len(branch.s) - 3, 0), len(branch.s) - 1, ramp)
    place = stretch.point(stretch.zero(stretch.climb))
    _, J, by_s, _ = torque_balance(on, degree, place.m, ramp, place.s)
    unheld, sizes, _ = np.linalg.svd(J)
    # where branches cross, s does not enter what nothing holds; there the turning point is one out of rounding
    if abs(unheld[:, -1] @ by_s) < _CROSSED * sizes[0]:
        raise ArithmeticError("branches cross")
    return place


def instability(on: Mechanics, degree: int, branch: Branch, ramp: Ramp) -> tuple[Place, float]:
    """Where the largest rate first comes to zero on a branch, to rounding, and how much s changes along it there."""
    k = int(np.argmax(branch.rates.real > 0))
    stretch = _Stretch(on, degree, branch, k - 1, k, ramp)
    length = stretch.zero(stretch.growth)
    return stretch.point(length), stretch.climb(length)


class CriticalCurrent:
    """A critical current; made by :func:`critical_current`.

    Attributes:
        value: total sheet current density [A/m], with its sign.
        kind: "fold", "instability" or "switching".
        m: directions (magnets, 3) where it is reached; of "switching", before the pulse.
        frequency: of the precession that begins to grow [Hz], 0 where what grows does not turn; NaN unless an
            instability.
        stable: whether the place is stable up to there: a fold that comes after an instability is not reached at rest.
        heat: Joule heat per area of each element at this current, xarray.DataArray [W/m^2].
    """

    def __init__(
        self, model: MagneticModel, kind: Kind, place: Place, rate: complex, stable: bool, B: np.ndarray,
        along: np.ndarray, pulse: Pulse | None, duration: float, step: float | None,
    ) -> None:  # fmt: skip
        self.value, self.kind, self.m, self.stable = float(place.s), kind, place.m, stable
        self.frequency = abs(rate.imag) / (2 * np.pi) if kind == "instability" else np.nan
        self.heat = heat_of(model, place.m[None], np.array([place.s]), along).isel(point=0)
        self._reached = Reached(model, kind, self.value, place.m, B, along, pulse, duration, step)

    def __repr__(self) -> str:
        unstable = "" if self.stable else ", after an instability"
        return f"CriticalCurrent({self.kind} at {self.value:.6g} A/m{unstable})"

    def gradient(self, *paths: str) -> dict[str, Any]:
        """Exact derivatives [A/m per unit] by every parameter of the film and of its magnets, by path; or by `paths`.

        The film is asked once, for one reverse pass, whatever the number of parameters: what happens at the critical
        place depends on the film through its table only, and on that through the conditions that define the place.
        Magnets that move have paths such as "Co.damping" beside those of the film, tensors arrays; where only such are
        asked, the film is not.

        Raises ParameterError for a path that there is not.
        """
        return gradient_of(self._reached, paths)


def critical_current(
    model: MagneticModel,
    kind: Kind,
    *,
    B: Any = (0.0, 0.0, 0.0),
    along: Any = "x",
    sign: Literal[1, -1] = 1,
    m: Any = None,
    most: float | None = None,
    pulse: Pulse | None = None,
    relax: float = 5e-9,
    step: float | None = None,
) -> CriticalCurrent:
    """The sheet current at which magnets leave the place where they are.

    Three different currents have this name. "fold": the place at rest ends; whatever the damping, a current that grows
    slowly takes the magnet away there at the latest. "instability": the place is still there, but a precession about it
    grows; where that comes to, an orbit or another place, it does not say. "switching": the smallest current of a
    pulse after which the magnets are at rest in another valley; rise, length and damping belong to it. Of weakly
    damped magnets the valleys may alternate with the current; what is found then is the edge of one such stripe, and
    below it there may be narrower ones.

    Args:
        model: the film and its magnets.
        kind: which of the three.
        B: field (3) [T].
        along: direction of the current in the plane: "x", "y" or two components.
        sign: of the current.
        m: where the magnets are before, one direction for all or by name; they settle from there. Default: the place of
            lowest energy.
        most: largest current that is tried [A/m]; default: ten times the one whose torque is as strong as what holds
            the magnets.
        pulse: of "switching"; its current is replaced.
        relax: time after the pulse [s], of "switching".
        step: its time step [s].

    Returns:
        The current, as :class:`CriticalCurrent`; its method `gradient` has the derivatives.

    Raises:
        ParameterError: none up to `most`, an instability that the end of the place comes before, no damping, no pulse.

    A macrospin is not a film of micrometres: that switches by nucleation and domain walls, at smaller currents.
    """
    require_model(model, B=B)
    checks.choice(kind, "kind", KINDS)
    if sign not in (1, -1):
        raise ParameterError(field="sign", got=sign, allowed="1 or -1")
    field = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
    if field.ndim != 1:
        raise ParameterError(f"of shape {field.shape}", field="B", got=B, allowed="three components")
    if (pulse is None) == (kind == "switching"):
        why = "which a switching current belongs to" if pulse is None else f"which a {kind} does not depend on"
        raise ParameterError(
            why, field="pulse", got=pulse, remedy="Give a Pulse." if pulse is None else "Leave it out."
        )
    axis = direction_of(along)
    on = mechanics(model, axis)
    begin = settled(model.landscape, start_of(model, m, field)[None], field[None], model.held)[0]
    scale = _scale(model, field, axis)
    far = FAR * scale if most is None else checks.number(most, "most", low=0, open_low=True)
    if kind == "switching" and pulse is not None:
        if not isinstance(pulse, Pulse):
            raise ParameterError(field="pulse", got=pulse, allowed="a Pulse, which ends")
        pulse.check_single(but=("current",))
        given = (pulse, checks.number(relax, "relax", low=0), step)
        return _switching(model, on, begin, field, axis, sign * far, *given)
    ramp = Ramp(field, 0.0, np.zeros(3), 1.0, scale)
    degree = model.table.turning.degree
    grows = (lambda rate: rate.real > 0) if kind == "instability" else None
    branch = follow(on, degree, begin, ramp, sign * far, grows)
    growing = branch.rates.real > 0
    if kind == "fold":
        if not branch.turns:
            raise _none(kind, sign * far, "the place at rest goes on")
        try:
            place = fold(on, degree, branch, ramp)
        except ArithmeticError:
            why = "there it meets its mirror image, and no fold can be told. A small field along the current parts them"
            raise _none(kind, float(branch.s[-1]), why) from None
        # at the turning point one rate comes to zero, and beyond it grows: without turning
        before = np.arange(len(branch.s)) < len(branch.s) - 3
        stable = not (growing & (before | (branch.rates.imag > 0))).any()
        return CriticalCurrent(model, kind, place, 0j, stable, field, axis, None, 0.0, None)
    if not model.dampings.all():
        one = model.moving[int(np.argmin(model.dampings))]
        raise one.refused("damping", "which no current has to overcome", remedy="Give it, or ask for a fold.")
    if growing[0]:
        raise ParameterError("which is not stable without a current", field="m", got=m)
    if not growing.any():
        raise _none(kind, sign * far, "the place at rest stays stable")
    place, climb = instability(on, degree, branch, ramp)
    if abs(climb) < _FOLDED:
        raise _none(kind, place.s, "where the place at rest ends (a fold)")
    rate = rate_of(on, degree, place.m, ramp, place.s)
    return CriticalCurrent(model, kind, place, rate, True, field, axis, None, 0.0, None)


def _none(kind: Kind, reached: float, why: str) -> ParameterError:
    remedy = "Try the other sign, more with most=, or another kind."
    return ParameterError(f"none up to {reached:.4g} A/m: {why}", field="kind", got=kind, remedy=remedy)


def _scale(model: MagneticModel, field: np.ndarray, along: np.ndarray) -> float:
    """The current [A/m] whose torque is as strong as what holds the magnets."""
    holds = fastest(model, field[:, None], np.zeros(1))
    drive = fastest(model, field[:, None], np.ones(1)) - holds
    if not drive > 0:
        raise ParameterError("under which no torque acts on the magnets that move", field="along", got=along.tolist())
    return (holds if holds > 0 else float(model.gyromagnetic_ratios.max())) / drive


def _switching(
    model: MagneticModel, on: Mechanics, m: np.ndarray, B: np.ndarray, along: np.ndarray, most: float, pulse: Pulse,
    relax: float, step: float | None,
) -> CriticalCurrent:  # fmt: skip
    """The smallest current after whose pulse the magnets settle elsewhere, by sections side by side."""
    duration = pulse.quiet + relax
    dt = checked_step(model, step, B[:, None], np.array([most]))
    checked_count(duration, dt, TRIED, "pulse")
    low, high = 0.0, None
    grid = np.linspace(0.0, most, TRIED + 1)[1:]
    while high is None or abs(high - low) > FINE * abs(high):
        ends = _ends(model, on, m, B, grid, pulse, duration, dt)
        rest = settled(model.landscape, ends, np.broadcast_to(B, (len(grid), 3)), model.held)
        left = np.abs(rest - m).max((1, 2)) > 1e-3
        if not left.any():
            if high is None:
                raise _none("switching", most, "after the pulse the magnets are where they were")
            low = grid[-1]
        else:
            k = int(np.argmax(left))
            low, high = grid[k - 1] if k else low, grid[k]
        new = np.linspace(low, high, TRIED + 2)[1:-1]
        if new[0] == low or new[-1] == high:
            break
        grid = new
    return CriticalCurrent(model, "switching", Place(m, float(high)), 0j, True, B, along, pulse, duration, dt)


def _ends(
    model: MagneticModel, on: Mechanics, m: np.ndarray, B: np.ndarray, K: np.ndarray, pulse: Pulse, duration: float,
    dt: float,
) -> np.ndarray:  # fmt: skip
    """Directions (currents, magnets, 3) after the pulse."""
    start = np.repeat(m[:, :, None], len(K), 2)
    found = path(
        "runge_kutta", model.table.turning.degree, Pulse.shape, on, start, np.repeat(B[:, None], len(K), 1), K,
        pulse.timing, dt=dt, every=int(np.ceil(duration / dt)), records=1,
    )  # fmt: skip
    return np.moveaxis(found[0], -1, 0)
