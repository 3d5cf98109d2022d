"""What a sample file can ask of magnets that move, by the word of its table; signatures are the vocabulary.

Each function takes the model that the ``[[magnet]]`` tables of the file make of its film.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import numpy as np

from spinstack.magnets.pulse import Alternating, Pulse
from spinstack.observables.planes import Plane
from spinstack.observables.registry import Observable
from spinstack.stack import ParameterError
from spinstack.stack.directions import Direction, single_direction
from spinstack.study.entries import Entry
from spinstack.text.units import In

if TYPE_CHECKING:
    import xarray as xr

#: a :class:`spinstack.MagneticModel`, which is not loaded to read a signature
Model = Any
Along = Literal["x", "y"]
Vector = tuple[float, float, float]
Start = Direction | Mapping[str, Direction]
Tesla = Annotated[Vector, In("T")]
Fields = Annotated[Sequence[float], In("T")]
Degrees = Annotated[Sequence[float], In("deg")]
Seconds = Annotated[float, In("s")]
_NO_FIELD = (0.0, 0.0, 0.0)


def equilibrium(
    model: Model,
    field: Fields = (),
    direction: Direction = "z",
    back: bool = True,
    *,
    B: Tesla = _NO_FIELD,
    current: Annotated[float, In("A/m")] = 0.0,
    along: Along = "x",
    m: Start | None = None,
) -> xr.Dataset:
    """Where the magnets come to rest along a path of fields, there and `back`, beside a field B that stays."""
    from spinstack.magnets import equilibrium as function

    path, strength = _path(field, direction, B, back)
    return _of_field(function(model, B=path, current=current, along=along, m=m), strength)


def modes(
    model: Model,
    field: Fields = (),
    direction: Direction = "z",
    *,
    B: Tesla = _NO_FIELD,
    current: Annotated[float, In("A/m")] = 0.0,
    along: Along = "x",
    m: Start | None = None,
) -> xr.Dataset:
    """Frequencies and linewidths of small precessions along a path of fields, beside a field B that stays."""
    from spinstack.magnets import modes as function

    path, strength = _path(field, direction, B, False)
    return _of_field(function(model, B=path, current=current, along=along, m=m), strength)


def critical_current(
    model: Model,
    kind: Literal["fold", "instability", "switching"],
    field: Fields = (),
    direction: Direction = "x",
    *,
    B: Tesla = _NO_FIELD,
    along: Along = "x",
    sign: Literal[1, -1] = 1,
    m: Start | None = None,
    most: Annotated[float | None, In("A/m")] = None,
    pulse: Pulse | None = None,
    relax: Seconds = 5e-9,
    step: Annotated[float | None, In("s")] = None,
) -> xr.Dataset:
    """The current at which magnets leave their place, and its derivatives by all parameters, against a field."""
    import xarray

    from spinstack.magnets import critical_current as function
    from spinstack.numerics.progress import tell

    path, strength = _path(field, direction, B, False)
    points = path.reshape(-1, 3)
    found, kept, why = [], [], []
    for k, one in enumerate(points):
        tell(k, len(points))
        given: dict[str, Any] = {"B": one, "along": along, "sign": sign, "m": m, "most": most, "pulse": pulse}
        try:
            found.append(function(model, kind, relax=relax, step=step, **given))
            kept.append(k)
        except ParameterError as error:
            if strength is None or not error.why.startswith("none up to"):
                raise
            why.append(f"B = {strength[k]:g} T: {error.why}")
    if not found:
        raise ParameterError("; ".join(why))
    slopes = [{n: v for n, v in one.gradient().items() if np.ndim(v) == 0} for one in found]
    names = list(slopes[0])
    dims = () if strength is None else ("field",)
    shape = (len(found),) if dims else ()
    table = np.reshape([[one[name] for name in names] for one in slopes], (*shape, len(names)))
    words = {"units": "A/m", "long_name": f"{kind} current"}
    data: dict[str, Any] = {
        "critical_current": (dims, np.reshape([one.value for one in found], shape), words),
        "stable": (dims, np.reshape([one.stable for one in found], shape)),
        "slope": (
            (*dims, "parameter"), table, {"units": "A/m per SI unit", "long_name": "derivative by a parameter"}
        ),
    }  # fmt: skip
    if kind == "instability":
        words = {"units": "Hz", "long_name": "frequency of the precession that grows"}
        data["frequency"] = (dims, np.reshape([one.frequency for one in found], shape), words)
    coords: dict[str, Any] = {"parameter": names}
    if strength is not None:
        coords["field"] = ("field", strength[kept], {"units": "T", "long_name": "magnetic field along the direction"})
    said = {"kind": kind, "sign": sign} | ({"none": "; ".join(why)} if why else {})
    return xarray.Dataset(data, coords, model.attributes("critical_current") | said)


def oscillation(
    model: Model,
    current: Annotated[Sequence[float], In("A/m")],
    *,
    along: Along = "x",
    B: Tesla = _NO_FIELD,
    m: Start | None = None,
    settling: Seconds = 50e-9,
    duration: Seconds = 20e-9,
    step: Annotated[float | None, In("s")] = None,
) -> xr.Dataset:
    """Where magnets go under constant currents: to rest, or round on an orbit."""
    from spinstack.magnets import oscillation as function

    return function(model, current, along=along, B=B, m=m, settling=settling, duration=duration, step=step)


def trace(
    model: Model,
    duration: Seconds,
    current: Annotated[Sequence[float] | float | None, In("A/m")] = None,
    pulse: Pulse | None = None,
    alternating: Alternating | None = None,
    *,
    along: Along = "x",
    B: Tesla = _NO_FIELD,
    m: Start | None = None,
    T: Annotated[float | None, In("K")] = None,
    runs: int = 1,
    seed: int = 0,
    step: Annotated[float | None, In("s")] = None,
    samples: int = 1000,
) -> xr.Dataset:
    """Magnets in time, under one current or several, constant, in a pulse or alternating."""
    from spinstack.magnets import trace as function

    waves = [one for one in (pulse, alternating) if one is not None]
    if len(waves) > 1:
        raise ParameterError("beside a pulse", field="alternating", got=alternating, remedy="Give one.")
    several = isinstance(current, Sequence)
    amplitude = np.array(current) if several else current
    wave: Any = 0.0 if amplitude is None else amplitude
    if waves:
        wave = waves[0] if amplitude is None else waves[0].replace(current=amplitude)
    found = function(
        model, m, duration=duration, current=wave, along=along, B=B, T=T, runs=runs, seed=seed, step=step,
        samples=samples,
    )  # fmt: skip
    if not several:
        return found
    found = found.rename(batch_0="amplitude")
    return found.assign_coords(
        amplitude=("amplitude", amplitude, {"units": "A/m", "long_name": "amplitude of the sheet current density"})
    )


def spectrum(
    model: Model,
    duration: Seconds,
    current: Annotated[Sequence[float] | float | None, In("A/m")] = None,
    alternating: Alternating | None = None,
    *,
    after: Seconds = 0.0,
    segments: int = 8,
    along: Along = "x",
    B: Tesla = _NO_FIELD,
    m: Start | None = None,
    T: Annotated[float | None, In("K")] = None,
    runs: int = 1,
    seed: int = 0,
    step: Annotated[float | None, In("s")] = None,
    samples: int = 20_000,
) -> xr.Dataset:
    """Power spectra of magnets that heat or a current keeps moving, from a run in time."""
    from spinstack.magnets import spectrum as function

    run = trace(
        model, duration, current, None, alternating, along=along, B=B, m=m, T=T, runs=runs, seed=seed, step=step,
        samples=samples,
    )  # fmt: skip
    return function(run, after=after, segments=segments)


def switching_map(
    model: Model,
    pulse: Pulse,
    current: Annotated[Sequence[float], In("A/m")] = (),
    plateau: Annotated[Sequence[float], In("s")] = (),
    rise: Annotated[Sequence[float], In("s")] = (),
    Bx: Fields = (),
    By: Fields = (),
    Bz: Fields = (),
    *,
    along: Along = "x",
    B: Tesla = _NO_FIELD,
    m: Start | None = None,
    T: Annotated[float | None, In("K")] = None,
    runs: int = 1,
    seed: int = 0,
    relax: Seconds = 2e-9,
    step: Annotated[float | None, In("s")] = None,
) -> xr.Dataset:
    """Where magnets end after a pulse, over its current and times and over components of the field."""
    from spinstack.magnets import switching_map as function

    given = {"current": current, "plateau": plateau, "rise": rise, "Bx": Bx, "By": By, "Bz": Bz}
    over = {name: np.array(values) for name, values in given.items() if len(values)}
    if not 1 <= len(over) <= 2:
        what = f"over {', '.join(over)}" if over else "over nothing"
        raise ParameterError(what, remedy=f"Give several values of one or two of {', '.join(given)}.")
    return function(model, over, pulse, m, along=along, B=B, T=T, runs=runs, seed=seed, relax=relax, step=step)


def harmonic_hall(
    model: Model,
    field: Fields,
    angles: Degrees,
    current_rms: Annotated[float, In("A/m")],
    *,
    plane: Plane = "alpha",
    along: Along = "x",
    m: Start | None = None,
    thermal: Annotated[float, In("Ohm m/A")] = 0.0,
    nernst: Annotated[float, In("Ohm m/A/T")] = 0.0,
) -> xr.Dataset:
    """First and second harmonic of longitudinal and Hall voltage while a field turns or grows."""
    from spinstack.magnets import harmonic_hall as function

    return function(
        model, np.array(field), np.array(angles), current_rms, plane=plane, along=along, m=m, thermal=thermal,
        nernst=nernst,
    )  # fmt: skip


def loop_shift(
    model: Model,
    current: Annotated[Sequence[float], In("A/m")],
    most: Annotated[float, In("T")],
    *,
    B: Tesla = _NO_FIELD,
    along: Along = "x",
) -> xr.Dataset:
    """How a current shifts the loop of a perpendicular magnet, beside a field B that stays."""
    from spinstack.magnets import loop_shift as function

    return function(model, np.array(current), B=B, most=most, along=along)


def spin_torque_fmr(
    model: Model,
    frequency: Annotated[Sequence[float], In("Hz")],
    field: Fields,
    angle: Degrees,
    current: Annotated[float, In("A/m")],
    *,
    plane: Plane = "alpha",
    along: Along = "x",
    m: Start | None = None,
    bias: Annotated[float, In("A/m")] = 0.0,
) -> xr.Dataset:
    """The dc voltage of magnets that precess in an alternating current."""
    from spinstack.magnets import spin_torque_fmr as function

    given = (np.array(frequency), np.array(field), np.array(angle), current)
    return function(model, *given, plane=plane, along=along, m=m, bias=bias)


def _path(field: Sequence[float], direction: Any, B: Any, back: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Fields (points, 3) and their strengths along the direction; (3) and None where there is one."""
    stays = np.array(B, float)
    if not len(field):
        return stays, None
    strength = np.array(field, float)
    strength = np.concatenate([strength, strength[-2::-1]]) if back else strength
    return stays + strength[:, None] * single_direction(direction, "direction"), strength


def _of_field(found: xr.Dataset, strength: np.ndarray | None) -> xr.Dataset:
    if strength is None:
        return found
    words = {"units": "T", "long_name": "magnetic field along the direction"}
    return found.assign_coords(field=("point", strength, words))


@dataclass(frozen=True)
class Question:
    """What stands for an observable in an entry: its name, what it is in words, and where its figure is."""

    name: str
    words: str
    function: Callable[..., Any]
    module: str = "moving"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    why_not: Mapping[str, str] = field(default_factory=dict)


class MovingEntry(Entry):
    """A table that asks for something of magnets that move."""

    @property
    def takes_solver(self) -> bool:
        return True


_WORDS: dict[Callable[..., Any], str] = {
    equilibrium: "magnets at rest along a path of fields",
    modes: "frequency and linewidth of small precessions",
    critical_current: "current at which magnets leave their place",
    oscillation: "orbits under constant currents",
    trace: "magnets in time",
    spectrum: "power spectra of magnets in time",
    switching_map: "where magnets end after a pulse",
    harmonic_hall: "harmonic Hall voltages",
    loop_shift: "shift of the loop by a current",
    spin_torque_fmr: "dc voltage at resonance",
}
#: those in which a magnet moves, and those that heat may move
NEEDS_DAMPING = frozenset(
    {"modes", "critical_current", "oscillation", "trace", "spectrum", "switching_map", "spin_torque_fmr"}
)

#: arguments of which each value is a point of its own
SERIES = ("field", "angles", "angle", "frequency", "current", "plateau", "rise", "Bx", "By", "Bz")


def moving_entries() -> dict[str, MovingEntry]:
    """Every entry by the word of its table; neither film nor solver is loaded for it."""
    out = {}
    for function, words in _WORDS.items():
        name = function.__name__
        question = cast(Observable, Question(name, words, function))
        out[name] = MovingEntry(name, question, function, function, name)
    return out
