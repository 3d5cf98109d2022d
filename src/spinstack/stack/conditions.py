"""What a film is held in while it is observed: directions of its magnets, fields, temperature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.batches import together
from spinstack.stack.directions import ALONG_FIELD, direction, finds_its_place, in_plane_field, scalar, vector
from spinstack.stack.film import Film
from spinstack.text.errors import ParameterError


class UntracedError(ParameterError):
    """A theory has been asked for what it cannot compute of values inside a JAX transformation."""


_M = 'three components such as m=(0, 1, 0), an axis "x", "y" or "z", "along B", or a mapping from magnet name to these'


@dataclass(frozen=True, eq=False)
class Conditions:
    """The conditions of one observation, checked when made; values inside a JAX transformation pass.

    Args:
        m: direction of all magnets: a vector (..., 3) of any length, an axis "x", "y" or "z", several axes (an array of
            directions), "along B" (saturated in the field), or a mapping from magnet name to any of these; or a
            :class:`spinstack.MagneticModel`, whose magnets follow the path of fields that B is. None: every magnet
            finds its own in the field.
        B: magnetic field (..., 3) [T].
        T: temperature (...) [K], or None where nothing depends on it.
        E: in-plane electric field (2) [V/m]; where there is neither this nor a current, 1 V/m along x.
        current: charge current density along z [A/m^2] between two reservoirs, in the place of a field in the plane.

    m, B and T broadcast with each other and with the film's array-valued parameters. Names of magnets are checked where
    the film is known.

    Raises:
        ParameterError: a form, a shape or a value that is not allowed.
    """

    m: Any = None
    B: Any = (0.0, 0.0, 0.0)
    T: Any = None
    E: Any = None
    current: Any = None

    def __post_init__(self) -> None:
        checked = {
            "B": vector(self.B, "B", "three components in tesla, for example B=(0, 0, 1.5)"),
            "T": None if self.T is None else scalar(self.T, "T", "numbers in kelvin, at least 0", low=0),
            "E": in_plane_field(((1.0, 0.0) if self.current is None else (0.0, 0.0)) if self.E is None else self.E),
            "current": None if self.current is None else _current(self.current),
        }
        if self.current is not None and not is_traced(checked["E"]) and np.any(checked["E"]):
            why = "beside a field in the plane, in which the outer faces are closed"
            allowed = "one of the two: a current along z has reservoirs at the outer faces"
            raise ParameterError(why, field="current", unit="A/m^2", got=self.current, allowed=allowed)
        m = self.m
        if finds_its_place(m):
            if is_traced(checked["B"]):
                why = "along which no JAX transformation can follow a magnet"
                raise ParameterError(why, field="B", remedy="Give m its directions, or B as numbers.")
            m = m.directions_in(checked["B"])
        for name, value in (checked | {"m": _directions(m)}).items():
            object.__setattr__(self, name, value)

    @property
    def batch(self) -> tuple[int, ...]:
        """Shape of what m, B and T stand for together; () for one observation."""
        return together(batches(self.m, self.B, self.T))

    def apart(self, count: int) -> Conditions:
        """The same with `count` axes of length 1 behind those of the batch: every condition for every film of a batch.

        Without it the two batches run along each other.
        """
        if count == 0:
            return self

        def spread(value: Any, inner: int) -> Any:
            ahead = np.ndim(value) - inner
            shape = np.shape(value)
            return value.reshape(*shape[:ahead], *(1,) * count, *shape[ahead:]) if ahead > 0 else value

        m = {k: spread(v, 1) for k, v in self.m.items()} if isinstance(self.m, dict) else spread(self.m, 1)
        return self._with(m=m, B=spread(self.B, 1), T=spread(self.T, 0))

    def with_directions(self, m: dict[str, Any]) -> Conditions:
        """The same with directions (..., 3) of magnets by name that are checked."""
        return self._with(m=m)

    def _with(self, **changes: Any) -> Conditions:
        """A copy with values that are checked already."""
        made = object.__new__(Conditions)
        for name in ("m", "B", "T", "E", "current"):
            object.__setattr__(made, name, changes.get(name, getattr(self, name)))
        return made

    @property
    def drive(self) -> dict[str, Any]:
        """What drives the film, as an attribute of results."""
        if self.current is None:
            return {"E_V_per_m": [float(e) for e in self.E]}
        return {"current_A_per_m2": float(self.current)}


def batches(m: Any, B: Any, T: Any) -> dict[str, tuple[int, ...]]:
    """Shapes of the batches of conditions by name, of m by that of the magnet where it is a mapping."""
    vectors = {f"m[{name!r}]": v for name, v in m.items()} if isinstance(m, Mapping) else {"m": m}
    shapes = {name: np.shape(v)[:-1] for name, v in (*vectors.items(), ("B", B)) if np.ndim(v) > 0}
    return shapes | {"T": np.shape(T)}


def traced(film: Any, at: Conditions | None = None) -> bool:
    """Whether the film or its conditions hold values inside a JAX transformation."""
    values = [v for e in film.elements for v in e.parameters.values()] if isinstance(film, Film) else []
    if at is not None:
        values += [*(at.m.values() if isinstance(at.m, dict) else [at.m]), at.B, at.T, at.E, at.current]
    return any(map(is_traced, values))


def _directions(m: Any) -> Any:
    """m with axes as vectors; what is along the field stays a word, because magnets differ in what they do there."""
    if m is None:
        return None
    if isinstance(m, Mapping):
        return {name: _one(value, f"m[{name!r}]") for name, value in m.items()}
    return _one(m, "m")


def _one(m: Any, name: str) -> Any:
    return m if isinstance(m, str) and m == ALONG_FIELD else direction(m, name, _M)


def _current(value: Any) -> Any:
    wanted = "one number, the current density along z in A/m^2"
    current = scalar(value, "current", wanted)
    if np.ndim(current):
        raise ParameterError(f"of shape {np.shape(current)}", field="current", got=value, allowed=wanted)
    return current
