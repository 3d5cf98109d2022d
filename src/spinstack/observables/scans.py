"""Scans of an angle as short Fourier series: a few directions say all that 361 do (docs/methods/compile.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.observables.angular import check_planes, scan_angles
from spinstack.observables.planes import Mounting, check_field, check_temperature, directions
from spinstack.observables.programs import Run, Structure
from spinstack.observables.solvers import Solver, chosen
from spinstack.observables.tensors import tensors
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions

#: equally spaced directions of a full turn to begin with; doubled until the series ends
NODES = 32
#: relative size of the highest coefficients of a series that has ended
_TAIL = 1e-14

#: what a program gives at every direction
VARIABLES = tuple(f"{kind}_{a}{b}" for kind in "RG" for a in "xy" for b in "xy")


def tensor_function(solver: Solver | None) -> Callable[..., Any]:
    """Function of films and conditions with the components of R and G as outputs (columns, 8)."""

    def function(film: Film, **conditions: Any) -> Any:
        at = Conditions(**conditions)
        found = tensors(chosen(solver).sheet_conductance(film, at))
        xp = array_module(*found.values())
        return xp.stack([found[name] for name in VARIABLES], -1)

    return function


class Scan:
    """Variables of an angular scan, (points, outputs); outputs are variable by variable (planes, angles).

    Args:
        run: makes the program for conditions (directions, ...) by name.
        mounting: the axes of the planes.
        given: arguments of the scan.
        variables: names of those that are asked.
        reversible: whether Onsager's relation gives the second half of a turn from the first.
    """

    def __init__(
        self, run: Callable[[dict[str, np.ndarray]], Run], given: Mapping[str, Any], mounting: Mounting,
        variables: tuple[str, ...], reversible: bool,
    ) -> None:  # fmt: skip
        self._reversible = reversible
        self._run, self._variables = run, variables
        self._planes, self._several = check_planes(given["plane"])
        self._degrees = scan_angles(given["angles"])
        self._mounting = mounting
        self._field, self._T = check_field(given["field"]), check_temperature(given["T"])
        self._nodes: int | None = NODES if len(self._degrees) > NODES else None
        #: what the variables follow from
        self._needed = tuple(dict.fromkeys("R_xx" if name == "MR_xx" else name for name in variables))
        self._runs: dict[int | None, Run] = {}
        self._weights: dict[int, np.ndarray] = {}

    @property
    def structure(self) -> Structure:
        return self._at(self._nodes).structure

    def variables(self, parameters: int) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
        shape = (len(self._planes), len(self._degrees)) if self._several else (len(self._degrees),)
        return (), dict.fromkeys(self._variables, shape)

    def value(self, x: Any) -> Any:
        found, nodes = self._solved(x)
        R_and_G = self._everywhere(found, nodes, self._needed)
        return self._assembled(dict(zip(self._needed, array_module(R_and_G).moveaxis(R_and_G, -1, 0), strict=True)))

    def both(self, x: Any) -> tuple[Any, Any]:
        found, nodes = self._solved(x)
        asked = self._needed if len(self._needed) <= 4 else VARIABLES[4:]
        pairs = tuple(dict.fromkeys((*asked, *map(_other_way, asked))))
        _, rows = self._at(nodes).both(x, tuple(VARIABLES.index(name) for name in pairs))
        rows = self._everywhere(rows.reshape(len(x), len(self._planes), -1, *rows.shape[-2:]), nodes, asked, pairs)
        values = self._everywhere(found, nodes, VARIABLES)
        xp = array_module(values)
        derivatives = {name: rows[..., i, :] for i, name in enumerate(asked)}
        if asked is not self._needed:  # d R = -R d G R; names have the current first, so these are transposed
            R = values[..., :4].reshape(*values.shape[:-1], 2, 2)
            turned = (-xp.einsum("...il,...kj->...ijkl", R, R)).reshape(*R.shape[:-2], 4, 4) @ rows
            derivatives |= {name: turned[..., i, :] for i, name in enumerate(VARIABLES[:4])}
        by_name = dict(zip(VARIABLES, xp.moveaxis(values, -1, 0), strict=True))
        parts = []
        for name in self._variables:
            one = derivatives["R_xx" if name == "MR_xx" else name]
            if name == "MR_xx":  # of R_xx/R_ref - 1
                at, reference = by_name["R_xx"][:, :, :-1, None], by_name["R_xx"][:, :, -1:, None]
                one = (one[:, :, :-1] - one[:, :, -1:] * at / reference) / reference
            else:
                one = one[:, :, :-1]
            parts.append(one.reshape(len(x), -1, one.shape[-1]))
        return self._assembled(by_name), xp.concatenate(parts, 1)

    def _assembled(self, found: dict[str, Any]) -> Any:
        """The variables (points, outputs) of R and G (points, planes, angles and reference)."""
        if "MR_xx" in self._variables:
            R = found["R_xx"]
            found["MR_xx"] = (R - R[:, :, -1:]) / R[:, :, -1:]
        parts = [found[name][:, :, :-1].reshape(len(found[name]), -1) for name in self._variables]
        return parts[0] if len(parts) == 1 else array_module(*parts).concatenate(parts, 1)

    def _at(self, nodes: int | None) -> Run:
        """The program at equally spaced directions, of which half a turn may be enough; at the angles of the scan, and
        0, where `nodes` is None."""
        if nodes not in self._runs:
            angles = (
                np.append(self._degrees, 0.0)
                if nodes is None
                else 360.0 * np.arange(nodes // (1 + self._reversible)) / nodes
            )
            m = np.concatenate([directions(plane, angles, self._mounting) for plane in self._planes])
            at = {"m": m, "B": self._field * m}
            self._runs[nodes] = self._run(at if self._T is None else at | {"T": np.full(len(m), self._T)})
        return self._runs[nodes]

    def _solved(self, x: Any) -> tuple[Any, int | None]:
        """R and G (points, planes, directions, 8), and at how many directions of a turn the films were solved."""
        nodes = self._nodes
        if is_traced(x) and nodes is not None:  # nothing can be looked at: twice what was enough before
            nodes = 2 * nodes
        while True:
            found = self._at(nodes).value(x).reshape(len(x), len(self._planes), -1, len(VARIABLES))
            if nodes is None or is_traced(x) or _ended(self._turn(found, VARIABLES, VARIABLES)):
                break
            nodes = 2 * nodes if 2 * nodes < len(self._degrees) else None
        if not is_traced(x):
            self._nodes = nodes
        return found, nodes

    def _everywhere(
        self, values: Any, nodes: int | None, asked: tuple[str, ...], given: tuple[str, ...] = VARIABLES
    ) -> Any:
        """The `asked` of the `given` values (points, planes, directions, variables, ...) at the angles and at 0."""
        if nodes is None:
            return values[:, :, :, [given.index(name) for name in asked]]
        if nodes not in self._weights:
            self._weights[nodes] = _weights(nodes, self._degrees)
        turn = self._turn(values, asked, given)
        found = self._weights[nodes] @ turn.reshape(*turn.shape[:3], -1)
        return found.reshape(*found.shape[:3], *turn.shape[3:])

    def _turn(self, values: Any, asked: tuple[str, ...], given: tuple[str, ...]) -> Any:
        """The `asked` of the `given` values at all directions of a turn."""
        here = values[:, :, :, [given.index(name) for name in asked]]
        if not self._reversible:
            return here
        there = values[:, :, :, [given.index(_other_way(name)) for name in asked]]
        return array_module(values).concatenate([here, there], 2)


def _other_way(name: str) -> str:
    """What a component becomes where magnetisation and field are reversed (Onsager)."""
    return name[:2] + name[:1:-1]


def _weights(nodes: int, degrees: np.ndarray) -> np.ndarray:
    """(angles and 0, nodes): the trigonometric polynomial through equally spaced nodes, at `degrees` and at 0."""
    turns = np.deg2rad(np.append(degrees, 0.0))[:, None] - 2 * np.pi * np.arange(nodes) / nodes
    orders = np.arange(1, nodes // 2)
    return (1 + 2 * np.cos(turns[..., None] * orders).sum(-1) + np.cos(turns * (nodes // 2))) / nodes


def _ended(values: np.ndarray) -> bool:
    """Whether the series of R and of G (points, planes, nodes, 8) have ended well below the highest harmonic."""
    nodes = values.shape[2]
    size = np.abs(np.fft.rfft(values, axis=2))
    size = size.reshape(*size.shape[:-1], 2, 4).max(-1)  # R and G, relative to the largest component
    return bool((size[:, :, 3 * nodes // 8 :].max(2) <= _TAIL * size.max(2)).all())
