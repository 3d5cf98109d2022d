"""Derivatives of observables by the parameters of a film."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spinstack.stack import Film, ParameterError


def gradient(film: Film, observable: Callable[[Film], Any]) -> dict[str, np.ndarray]:
    """Exact derivative of `observable` by every parameter of the film, as path -> array of the observable's shape.

    One reverse pass per component of the observable, whatever the number of parameters. Complex parameters appear
    twice, as ``path.real`` and ``path.imag``; tensors give an array with the tensor's shape
    appended. SI units: unit of the observable per unit of the parameter.

    Example: ``gradient(film, lambda f: sheet_resistance(f, m=(0, 1, 0))[0, 0])["Pt.thickness"]`` [Ohm/m].
    """
    import jax

    import spinstack.numerics.precision  # noqa: F401  (switches JAX to 64 bits)
    from spinstack.observables.registry import arrays

    if not callable(observable):
        raise ParameterError(
            f"observable: got {observable!r}. Allowed: a function of a film, for example "
            "functools.partial(spinstack.magnetoresistance, plane='beta')."
        )
    values: dict[str, Any] = {}
    for path, value in film.parameters().items():
        if np.iscomplexobj(value):
            values |= {f"{path}.real": np.asarray(value).real, f"{path}.imag": np.asarray(value).imag}
        else:
            values[path] = np.asarray(value, dtype=float)
    function = arrays(observable)
    derivative = jax.jacrev(lambda v: function(film.replace(v)))(values)
    return {path: np.asarray(d) for path, d in derivative.items()}
