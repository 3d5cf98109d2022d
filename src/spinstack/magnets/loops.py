"""Loops of perpendicular magnets that a current shifts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.magnets.branch import Ramp, follow
from spinstack.magnets.critical import instability
from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import mechanics
from spinstack.magnets.pulse import direction_of
from spinstack.magnets.quasistatic import under_current
from spinstack.magnets.resting import start_of
from spinstack.magnets.settle import followed
from spinstack.stack import ParameterError
from spinstack.stack.directions import vector
from spinstack.text import arrays, checks

if TYPE_CHECKING:
    import xarray


def loop_shift(
    model: MagneticModel,
    current: Any,
    *,
    B: Sequence[float] | np.ndarray = (0.0, 0.0, 0.0),
    most: float,
    along: Any = "x",
) -> xarray.Dataset:
    """Hall loops along z while a current flows: at which field the magnets leave up and down, and the loop's centre.

    Args:
        model: the film and its magnets, held along z by their anisotropy.
        current: total sheet current densities (n,) [A/m].
        B: field [T] that stays, usually in the plane; its z component is added to that of the loop.
        most: largest field of the loop [T], at which it is closed.
        along: direction of the current in the plane: "x", "y" or two components.

    Returns:
        Dataset over current: leaves_up, leaves_down, the fields along z at which the place that was reached from +most
        and from -most ends or becomes unstable; shift, their mean; and coercive_field, half of their difference [T],
        negative where a strong current leaves no hysteresis.

    Raises:
        ParameterError: magnets that do not stay where they are at `most`, a loop without hysteresis up to -most.

    A macrospin is not a film of micrometres: that switches by domain walls, whose loop shifts at smaller currents.
    """
    import xarray

    require_model(model, B=B, current=current)
    K = np.atleast_1d(arrays.numbers(current, "current", (), (None,), unit="A/m"))
    field, top = (
        vector(B, "B", "three components in tesla"),
        checks.number(most, "most", low=0, open_low=True, unit="T"),
    )
    axis, z = direction_of(along), np.eye(3)[2]
    on, degree = mechanics(model, axis), model.table.turning.degree
    leaves = np.empty((2, len(K)))
    for side, sign in enumerate((1, -1)):
        begin = field + sign * top * z
        start = followed(model.landscape, start_of(model, None, begin)[None], begin[None, None], model.held)[0]
        for k, one in enumerate(K):
            at = under_current(on, degree, start, begin[None], np.array([one]))[0]
            ramp = Ramp(begin, float(one), -sign * z, 0.0, top)
            branch = follow(on, degree, at, ramp, 2 * top, lambda rate: rate.real > 0)
            if branch.rates[-1].real <= 0:
                why = f"at which the loop is not closed by -{top:g} T under {one:.4g} A/m: no place ends"
                raise ParameterError(why, field="most", unit="T", got=top, remedy="Give more, or less current.")
            leaves[side, k] = begin[2] - sign * instability(on, degree, branch, ramp)[0].s
    values = {
        "leaves_up": ("current", leaves[0], {"units": "T", "long_name": "field at which it leaves up"}),
        "leaves_down": ("current", leaves[1], {"units": "T", "long_name": "field at which it leaves down"}),
        "shift": ("current", leaves.mean(0), {"units": "T", "long_name": "centre of the loop"}),
        "coercive_field": (
            "current",
            (leaves[1] - leaves[0]) / 2,
            {"units": "T", "long_name": "half width of the loop"},
        ),
    }
    coords = {"current": ("current", K, {"units": "A/m", "long_name": "total sheet current density"})}
    made = xarray.Dataset(values, coords, model.attributes("loop_shift") | {"B_T": field.tolist()})
    return made if np.ndim(current) else made.isel(current=0)
