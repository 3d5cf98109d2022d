"""The film's tensors along a scan, the same variables in every scan.

In a name the first letter is the direction of the current and the second that of the field: R_xy = E_y/j_x, the element
[1, 0] of R in E = R j, and G_xy = j_x/E_y, the element [0, 1] of G in j = G E.
"""

from __future__ import annotations

from typing import Any

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.observables.registry import Output
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions

_PAIRS = {a + b: (i, k) for i, a in enumerate("xy") for k, b in enumerate("xy")}


def scanned(film: Film, at: Conditions, axes: int, solver: Solver | None) -> Any:
    """Sheet conductance (..., scan, 2, 2) [S] of every film of a batch at every point of a scan with so many axes."""
    rank = len(Film.of(film).batch_shape)
    G = chosen(solver).sheet_conductance(film, at.apart(rank))
    return array_module(G).moveaxis(G, range(axes), range(rank, rank + axes)) if rank else G


def tensors(G: Any, contact_angle: Any = 0.0) -> dict[str, Any]:
    """R_xx ... R_yy [Ohm] and G_xx ... G_yy [S] of sheet conductances (..., 2, 2).

    R is what voltage contacts read that are turned about z by `contact_angle` [deg].
    """
    R = inverse2(G)
    if is_traced(contact_angle) or contact_angle:
        xp = array_module(G, contact_angle)
        c, s = xp.cos(xp.deg2rad(contact_angle)), xp.sin(xp.deg2rad(contact_angle))
        R = xp.stack([xp.stack([c, s]), xp.stack([-s, c])]) @ R
    found = {f"R_{ab}": R[..., k, i] for ab, (i, k) in _PAIRS.items()}
    return found | {f"G_{ab}": G[..., i, k] for ab, (i, k) in _PAIRS.items()}


def tensor_outputs(dims: tuple[str, ...], reference: str, current: str = "x") -> tuple[Output, ...]:
    """Labels of :func:`tensors`, and of MR_xx = (R_xx - R_ref)/R_ref with the reference in words.

    For a current along y the ratio is MR_yy, of R_yy.
    """
    pairs = [(ab[0], ab[1]) for ab in _PAIRS]
    R = [Output(f"R_{a}{b}", "Ohm", f"sheet resistance R_{a}{b} = E_{b}/j_{a}", dims) for a, b in pairs]
    G = [Output(f"G_{a}{b}", "S", f"sheet conductance G_{a}{b} = j_{a}/E_{b}", dims) for a, b in pairs]
    along = 2 * current
    ratio = Output(f"MR_{along}", "1", f"(R_{along} - R_ref)/R_ref", dims, {"reference": reference})
    return (*R, *G, ratio)


def with_ratio(G: Any, reference: Any, current: str = "x", contact_angle: Any = 0.0) -> dict[str, Any]:
    """:func:`tensors` and MR_xx, relative to the resistance of sheet conductances `reference`."""
    along = 2 * current
    found = tensors(G, contact_angle)
    R, R_ref = found[f"R_{along}"], tensors(reference, contact_angle)[f"R_{along}"]
    return found | {f"MR_{along}": (R - R_ref) / R_ref}
