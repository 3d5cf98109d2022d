"""Derivatives of observables by the parameters of a film."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from spinstack.observables.registry import Labels, Output, arrays, dataset, observable_of
from spinstack.stack import Film, ParameterError


def gradient(film: Film, observable: Callable[..., Any]) -> dict[str, Any]:
    """Exact derivative of `observable` by every parameter of the film, by path; what the observable itself gives.

    One reverse pass per component of the observable, whatever the number of parameters. Complex parameters appear
    twice, as ``path.real`` and ``path.imag``; tensors give their own dimensions behind those of the observable. SI
    units: unit of the observable per unit of the parameter.

    Args:
        film: the film.
        observable: any of this package's, usually with arguments fixed by functools.partial, or your own function of a
            film built from them and :func:`spinstack.observables.registry.arrays`, which returns an array or a mapping
            from name to array.

    Returns:
        path -> array of the observable's shape; of an observable that gives a Dataset, path -> Dataset with the same
        variables and dimensions, units such as "N/m / m"; of your own function, what it returns.

    Example: ``gradient(film, lambda f: sheet_resistance(f, m=(0, 1, 0))[0, 0])["Pt.thickness"]`` [Ohm/m].
    """
    import jax

    import spinstack.numerics.precision  # noqa: F401  (switches JAX to 64 bits)

    check_observable(observable)
    values: dict[str, Any] = {}
    for path, value in film.parameters().items():
        if np.iscomplexobj(value):
            values |= {f"{path}.real": np.asarray(value).real, f"{path}.imag": np.asarray(value).imag}
        else:
            values[path] = np.asarray(value, dtype=float)
    function = arrays(observable)
    derivative = jax.jacrev(lambda v: function(film.replace(v)))(values)
    if not any(isinstance(part, Mapping) for part in derivative.values()):
        return {path: np.asarray(d) for path, d in derivative.items()}
    by_path = {path: {name: np.asarray(part[path]) for name, part in derivative.items()} for path in values}
    found = observable_of(observable)
    if found is None:
        return by_path
    arguments = (observable.args, observable.keywords) if isinstance(observable, partial) else ((), {})
    labels = found.labels(film, *arguments[0], **arguments[1])
    return {
        path: dataset(_per(labels, film, path, np.ndim(values[path])), by_name) for path, by_name in by_path.items()
    }


def check_observable(observable: Any) -> None:
    """Raise ParameterError for what cannot be an observable."""
    if not callable(observable):
        raise ParameterError(
            field="observable",
            got=observable,
            allowed="a function of a film, for example functools.partial(spinstack.magnetoresistance, plane='beta')",
        )


def _per(labels: Labels, film: Film, path: str, ndim: int) -> Labels:
    """Labels of the derivative by one parameter with so many dimensions of its own."""
    unit = film.specification(path).unit
    inner = ("parameter_spin", "parameter_field") if ndim == 2 else tuple(f"parameter_{i}" for i in range(ndim))
    outputs = [
        Output(
            one.name,
            one.units if unit == "1" else f"{one.units} / {unit}",
            f"derivative by {path} of {one.long_name}",
            (*one.dims, *inner),
            one.attrs,
        )
        for one in labels.outputs
    ]
    return labels._replace(outputs=tuple(outputs), attrs={**labels.attrs, "by": path})
