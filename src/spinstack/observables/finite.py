"""Results that are no numbers although everything that went in is allowed: told, with what is to blame."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.stack import Film
from spinstack.stack.ranges import culprit

if TYPE_CHECKING:
    import xarray

#: attribute of a variable whose NaN has a meaning, which it says
ABSENT = "absent"


class NotFiniteWarning(UserWarning):
    """A result is NaN or infinite; the warning names the value that is the most likely reason."""


def warn(why: str, level: int) -> None:
    """Warn so many calls up, where there is something to say."""
    if why:
        warnings.warn(why, NotFiniteWarning, stacklevel=level)


def all_numbers(found: xarray.Dataset) -> bool:
    """Whether every value that can be one is a number."""
    return not any(map(_spoiled, found.data_vars.values()))


def complaint(film: Any, given: Mapping[str, Any], found: xarray.Dataset, over: Collection[str] = ()) -> str:
    """What of a result is no number, where first, and what is to blame; "" where all are numbers.

    `given` are the arguments of the observable by name, `over` the dimensions that are parameters of the film.
    """
    for name, variable in found.data_vars.items():
        if not _spoiled(variable):
            continue
        wrong = ~np.isfinite(variable.values)
        index = zip(map(str, variable.dims), np.unravel_index(wrong.argmax(), wrong.shape), strict=True)
        at = {d: found[d].values[i] for d, i in index if d in found.coords}
        one = film.replace({p: v for p, v in at.items() if p in over}) if over else film
        words = ", ".join(f"{d} {v:.4g}" if isinstance(v, float) else f"{d} {v}" for d, v in at.items())
        return sentence(str(name), variable.values, to_blame(one, given), words)
    return ""


def sentence(name: str, values: Any, why: str, at: str = "") -> str:
    """How many of the values are no numbers, where first, and why."""
    wrong = ~np.isfinite(values)
    count = f"{wrong.sum()} of {wrong.size} values" if wrong.size > 1 else "the value"
    return f"{name} is not a finite number ({count}{f', first at {at}' if at else ''}). {why}".strip()


def to_blame(film: Any, given: Mapping[str, Any]) -> str:
    """The most likely reason, in a sentence."""
    return culprit(film, given) if isinstance(film, Film) else ""


def _spoiled(variable: xarray.DataArray) -> bool:
    """Whether values are missing that should be there."""
    if variable.dtype.kind not in "fc" or ABSENT in variable.attrs:
        return False
    return not np.isfinite(variable.values).all()
