"""Resistance of a film against the direction of its magnetisation, for a field that turns in a plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from spinstack.measure.angles.macrospin import magnetisation
from spinstack.measure.scan_columns import drift_columns

#: plane -> axes at 0 and at 90 degrees (docs/conventions.md)
PLANES = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}
AXES = "xyz"


class Turn(NamedTuple):
    """One scan of a joint fit."""

    plane: str
    angle: np.ndarray  # [deg]
    time: np.ndarray  # -1 to 1
    reading: np.ndarray
    scale: np.ndarray  # relative standard errors of the rows
    field: float | None  # [T]


class Model(NamedTuple):
    """What is fitted: unknown names in order, and the numbers that are given instead."""

    names: tuple[str, ...]
    given: Mapping[str, float]
    orders: tuple[int, ...]
    degree: int
    odd: str
    macrospin: bool
    imposed: bool

    def values(self, x: np.ndarray) -> dict[str, float]:
        """All parameters by name."""
        out = {**self.given, **dict(zip(self.names, map(float, x), strict=True))}
        if self.imposed:
            out["gamma"] = (1 + out["alpha"]) * (1 + out["beta"]) - 1
        if "shared.zero" in out:
            out.update({f"{plane}.zero": out["shared.zero"] for plane in PLANES})
        return out

    def state(self, turn: Turn, p: Mapping[str, float]) -> tuple[float, ...]:
        """What the direction of the magnetisation depends on."""
        own = tuple(p[f"{turn.plane}.{k}"] for k in ("zero", "rate", "tilt1", "tilt2"))
        return (*own, p["mu0_Meff"]) if self.macrospin else own

    def concerns(self, name: str, turn: Turn) -> bool:
        """Whether the reading of a scan depends on a parameter."""
        owner = name.rpartition(".")[0]
        return owner in ("", "shared", turn.plane)


def direction(turn: Turn, p: Mapping[str, float]) -> np.ndarray:
    """Unit vectors (rows, 3) of the field: turned from the first to the second axis of the plane, which may be tilted.

    `tilt1`, `tilt2` [deg]: how far the field rises out of the nominal plane, towards +z in alpha, +x in beta and +y in
    gamma, when it should be along the first and the second axis.
    """
    first, second = PLANES[turn.plane]
    third = 3 - first - second
    phi = np.deg2rad(p[f"{turn.plane}.rate"] * turn.angle - p[f"{turn.plane}.zero"])
    u = np.zeros((len(phi), 3))
    u[:, first], u[:, second] = np.cos(phi), np.sin(phi)
    tilts = (p[f"{turn.plane}.tilt1"], p[f"{turn.plane}.tilt2"])
    if any(tilts):
        rise = np.tan(np.deg2rad(tilts[0])) * np.cos(phi) + np.tan(np.deg2rad(tilts[1])) * np.sin(phi)
        u[:, third] = rise
        u /= np.linalg.norm(u, axis=1, keepdims=True)
    return u


def even_ratio(plane: str, m: np.ndarray, p: Mapping[str, float]) -> np.ndarray:
    """[R(m) - R(first axis)]/R(first axis), the part that is even in m and of second order."""
    a, b, c = p["alpha"], p["beta"], p["gamma"]
    squares = m**2
    if plane == "alpha":
        return a * squares[:, 1] + c * squares[:, 2]
    if plane == "gamma":
        return c * squares[:, 2] + a * squares[:, 1]
    return b * squares[:, 2] - a / (1 + a) * squares[:, 0]


def moment(turn: Turn, model: Model, p: Mapping[str, float]) -> np.ndarray:
    """Unit vectors (rows, 3) of the magnetisation in one scan."""
    u = direction(turn, p)
    return magnetisation(u, turn.field, p["mu0_Meff"]) if model.macrospin else u


def parts(turn: Turn, model: Model, p: Mapping[str, float], m: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Reading of one scan as even part, odd part and drift (each (rows,), unit of the reading)."""
    name = turn.plane
    m = moment(turn, model, p) if m is None else m
    R = p[f"{name}.R"]
    even = 1 + even_ratio(name, m, p)
    first, second = PLANES[name]
    if model.orders:
        phi = np.arctan2(m[:, second], m[:, first])
        for n in model.orders:  # of zero at angle 0, so that R stays the resistance there
            even = even + p[f"{name}.cos{n}"] * (np.cos(n * phi) - 1)
    odd = np.zeros(len(m))
    if model.odd == "each":
        odd = p[f"{name}.odd_{AXES[first]}"] * m[:, first] + p[f"{name}.odd_{AXES[second]}"] * m[:, second]
    elif model.odd == "hall":
        odd = p["hall"] * m[:, 2]
    drift = np.zeros(len(m))
    if model.degree:
        c = np.array([p[f"{name}.drift{k}"] for k in range(1, model.degree + 1)])
        drift = drift_columns(turn.time, model.degree) @ c
    return {"even": R * even, "odd": R * odd, "drift": R * drift}


def start(turns: Sequence[Turn], names: Sequence[str], zero: Mapping[str, float]) -> dict[str, float]:
    """First guess from the harmonics 1 and 2 about the given zeros; all that they do not tell is nothing."""
    out = dict.fromkeys(names, 0.0)
    normal = []
    for turn in turns:
        name = turn.plane
        phi = np.deg2rad(turn.angle - zero[name])
        A = np.column_stack([np.ones_like(phi), *(f(n * phi) for n in (1, 2) for f in (np.cos, np.sin)), turn.time])
        c0, cos1, sin1, cos2, sin2, _ = np.linalg.lstsq(A, turn.reading, rcond=None)[0]
        # about the zero that makes the sine of the second harmonic vanish, keeping the sign of the cosine
        sign = -1.0 if cos2 < 0 else 1.0
        shift = 0.5 * np.arctan2(sign * sin2, sign * cos2)
        second = sign * np.hypot(cos2, sin2)
        R = float(c0 + second)
        odd = (cos1 * np.cos(shift) + sin1 * np.sin(shift), sin1 * np.cos(shift) - cos1 * np.sin(shift))
        out |= {name: -2 * second / R, f"{name}.R": R, f"{name}.rate": 1.0}
        out[f"{name}.zero"] = zero[name] + float(np.rad2deg(shift))
        for axis, value in zip(PLANES[name], odd, strict=True):
            out[f"{name}.odd_{AXES[axis]}"] = float(value) / R
        if name != "alpha":
            normal.append(float(odd[1]) / R)
    out["hall"] = float(np.mean(normal)) if normal else 0.0
    return {k: float(v) for k, v in out.items() if k in names}
