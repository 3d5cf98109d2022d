"""The film's tensors along a scan, the same variables in every scan."""

from __future__ import annotations

from typing import Any

from spinstack.numerics.arrays import array_module
from spinstack.observables.registry import Output
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions

_KINDS = (("R", "Ohm", "sheet resistance"), ("G", "S", "sheet conductance"))
_COMPONENTS = {a + b: (i, k) for i, a in enumerate("xy") for k, b in enumerate("xy")}


def scanned(film: Film, at: Conditions, axes: int, solver: Solver | None) -> Any:
    """Sheet conductance (..., scan, 2, 2) [S] of every film of a batch at every point of a scan with so many axes."""
    rank = len(Film.of(film).batch_shape)
    G = chosen(solver).sheet_conductance(film, at.apart(rank))
    return array_module(G).moveaxis(G, range(axes), range(rank, rank + axes)) if rank else G


def tensors(G: Any) -> dict[str, Any]:
    """R_xx ... R_yy [Ohm] and G_xx ... G_yy [S] of sheet conductances (..., 2, 2)."""
    values = {"R": inverse2(G), "G": G}
    return {f"{s}_{ab}": values[s][..., i, k] for s, _, _ in _KINDS for ab, (i, k) in _COMPONENTS.items()}


def tensor_outputs(dims: tuple[str, ...], reference: str) -> tuple[Output, ...]:
    """Labels of :func:`tensors`, and of MR_xx = (R_xx - R_ref)/R_ref with the reference in words."""
    parts = [Output(f"{s}_{ab}", unit, f"{words} {s}_{ab}", dims) for s, unit, words in _KINDS for ab in _COMPONENTS]
    return (*parts, Output("MR_xx", "1", "(R_xx - R_ref)/R_ref", dims, {"reference": reference}))


def with_ratio(G: Any, reference: Any) -> dict[str, Any]:
    """:func:`tensors` and MR_xx relative to the resistances `reference`."""
    found = tensors(G)
    return found | {"MR_xx": (found["R_xx"] - reference) / reference}
