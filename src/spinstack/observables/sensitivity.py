"""Derivatives of observables by the parameters of a film."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.fingerprint import known
from spinstack.observables.registry import Labels, Observable, Output, arrays, dataset, observable_of
from spinstack.observables.rehearsal import refuse
from spinstack.observables.solvers import chosen
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import UntracedError, traced

if TYPE_CHECKING:
    import xarray

    from spinstack.observables.programs import Leaf, Numbers
    from spinstack.observables.sources import Source


def gradient(film: Film, observable: Callable[..., Any]) -> dict[str, Any]:
    """Exact derivative of `observable` by every parameter of the film, by path; what the observable itself gives.

    One reverse pass per component of the observable, whatever the number of parameters. The first call compiles a
    program, as :func:`spinstack.compile` does; later calls use it, for every film of the same structure. Complex
    parameters appear twice, as ``path.real`` and ``path.imag``; tensors give their own dimensions behind those of the
    observable. SI units: unit of the observable per unit of the parameter.

    :class:`spinstack.Boltzmann` has derivatives of what follows from the sheet conductance, for two to seven values and
    without a program.

    Args:
        film: the film.
        observable: any of this package's, usually with arguments fixed by functools.partial, or your own function of a
            film built from them and :func:`spinstack.observables.registry.arrays`, which returns an array or a mapping
            from name to array. Yours is recognised by its code and by the values that it reads; where these are objects
            that may change, it is differentiated without being compiled.

    Returns:
        path -> array of the observable's shape; of an observable that gives a Dataset, path -> Dataset with the same
        variables and dimensions, units such as "N/m / m"; of your own function, what it returns.

    Example: ``gradient(film, lambda f: sheet_resistance(f, m=(0, 1, 0))[0, 0])["Pt.thickness"]`` [Ohm/m].
    """
    film = Film.of(film)
    check_observable(observable)
    found = observable_of(observable)
    args, kwargs = (observable.args, observable.keywords) if found and isinstance(observable, partial) else ((), {})
    given = found.bound(film, *args, **kwargs) if found else {}
    inside, solver = traced(film), chosen(given.get("solver"))
    if found is not None and not inside:
        refuse(found, film, given)
    if not solver.traceable:
        # one solution has the derivatives by all parameters, and what follows from it is simple
        values, by_path = _directly(film, arrays(observable), forward=True)
    elif inside or film.batch_shape or (found is None and known(observable) is None):
        values, by_path = _directly(film, arrays(observable))
    else:
        values, by_path = _compiled(film, observable, found, given)
    if found is None or not found.labelled:
        return {path: part.get("", part) for path, part in by_path.items()}
    return _datasets(found.labels(film, **given), film, values, by_path)


Derivatives = tuple[dict[str, Any], dict[str, dict[str, np.ndarray]]]


def _directly(film: Film, function: Callable[..., Any], forward: bool = False) -> Derivatives:
    """Values by path, and derivatives by path and variable ("" of a single array), nothing compiled as a whole."""
    import jax

    from spinstack.numerics import compiler
    from spinstack.observables.programs import own_function

    compiler.check()

    values: dict[str, Any] = {}
    for path, value in film.parameters().items():
        if np.iscomplexobj(value):
            values |= {f"{path}.real": np.asarray(value).real, f"{path}.imag": np.asarray(value).imag}
        else:
            values[path] = np.asarray(value, dtype=float)

    def named(changed: dict[str, Any]) -> dict[str, Any]:
        given = function(film.replace(changed))
        return dict(given) if isinstance(given, Mapping) else {"": given}

    with own_function():
        derivative = (jax.jacfwd if forward else jax.jacrev)(named)(values)
    return values, {path: {name: np.asarray(part[path]) for name, part in derivative.items()} for path in values}


def weighted_gradient(
    film: Film, function: Callable[..., Any], key: Any, weights: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Exact derivative of a number by every parameter of one film, by path, in one reverse pass.

    `function` takes the film and the `weights` by keyword, which are no part of its program; `key` says what it is, as
    in :func:`spinstack.observables.programs.structure`. Complex parameters as in :func:`gradient`.
    """
    from spinstack.observables.programs import Flat, Numbers, Run, structure

    numbers = Numbers.of(film, named=True)
    declared = [element.declared() for element in film.elements]
    leaves = [leaf for leaf in numbers.leaves if leaf.field in declared[leaf.element]]
    slots = [slot for leaf in leaves for slot in leaf.slots]
    made = structure(numbers, [(slot,) for slot in slots], Flat(function, None), False, key)
    row = Run(made, numbers.values, weights, {}).both(numbers.values[slots][None])[1].reshape(-1)
    return {path: row[columns].reshape(value.shape) for path, value, columns in _places(film, numbers, leaves)}


def _compiled(
    film: Film, observable: Callable[..., Any], found: Observable | None, given: Mapping[str, Any]
) -> Derivatives:
    """The same for one film, by a program for films of its structure."""

    from spinstack.observables.curves import curve_derivatives
    from spinstack.observables.programs import LOOKED, Numbers
    from spinstack.observables.sources import names_matter, of_function, of_observable

    numbers = Numbers.of(film, named=found is None or names_matter(film, found, given))
    declared = [element.declared() for element in film.elements]
    leaves = [leaf for leaf in numbers.leaves if leaf.field in declared[leaf.element]]
    slots = [slot for leaf in leaves for slot in leaf.slots]
    free = [(slot,) for slot in slots]
    if found is None:
        source: Source = of_function(numbers, free, observable)
    else:
        labels = found.labels(film, **given)
        source = of_observable(numbers, free, film, found, given, labels, labels.outputs)
    try:
        batch, shapes = source.variables(len(slots))
        x, rows = numbers.values[slots], None
        if found is None:
            rows = curve_derivatives(source.structure, x, numbers.values, shapes)
        if rows is None:
            rows = source.both(x[None])[1][0]
    except (*LOOKED, UntracedError):
        if found is not None:
            raise
        return _directly(film, observable)  # it looks at values, which a compiled function cannot
    ends = np.cumsum([int(np.prod((*batch, *shape), dtype=int)) for shape in shapes.values()])
    parts = np.split(rows, ends[:-1])
    values: dict[str, Any] = {}
    by_path: dict[str, dict[str, np.ndarray]] = {}
    for path, value, columns in _places(film, numbers, leaves):
        values[path] = value
        by_path[path] = {
            name if found is None or found.labelled else "": part[:, columns].reshape((*batch, *shape, *value.shape))
            for (name, shape), part in zip(shapes.items(), parts, strict=True)
        }
    return values, by_path


def _places(film: Film, numbers: Numbers, leaves: list[Leaf]) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Path, value and columns among the free numbers of each leaf; of a complex one of each part."""
    owners, out, start = film.owners(), [], 0
    for leaf in leaves:
        path = f"{owners[leaf.element]}.{leaf.field}"
        columns = np.arange(start, start + len(leaf.slots))
        start += len(leaf.slots)
        values = numbers.values[leaf.slots.start : leaf.slots.stop]
        if leaf.is_complex:
            out += [(f"{path}.{part}", values[i], columns[i : i + 1]) for i, part in enumerate(("real", "imag"))]
        else:
            out.append((path, values.reshape(leaf.shape), columns))
    return out


def check_observable(observable: Any) -> None:
    """Raise ParameterError for what cannot be an observable."""
    if not callable(observable):
        raise ParameterError(
            field="observable",
            got=observable,
            allowed="a function of a film, for example functools.partial(spinstack.magnetoresistance, plane='beta')",
        )


def _datasets(
    labels: Labels, film: Film, values: Mapping[str, Any], by_path: Mapping[str, Mapping[str, Any]]
) -> dict[str, xarray.Dataset]:
    """A Dataset for every path; those of the same dimensions are copies of the first with their own numbers."""
    first: dict[int, xarray.Dataset] = {}
    out = {}
    for path, part in by_path.items():
        ndim = np.ndim(values[path])
        own = _per(labels, film, path, ndim)
        if ndim not in first:
            first[ndim] = dataset(own, part)
        out[path] = first[ndim].copy(data=part)
        out[path].attrs = dict(own.attrs)
        for output in own.outputs:
            out[path].variables[output.name].attrs = output.words()
    return out


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
