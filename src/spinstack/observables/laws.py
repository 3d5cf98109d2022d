"""What parameters that follow a law are, against temperature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.temperature import Temperatures, temperature_coordinate
from spinstack.stack import Film, ParameterError
from spinstack.stack.parameters import THEORIES
from spinstack.text.units import In


def _places(film: Film) -> Iterator[tuple[int, str, str]]:
    """Position, parameter and path of what follows a law, of elements that are equal once."""
    seen: list[Any] = []
    for i, (label, owner) in enumerate(zip(film.labels(), film.owners(), strict=True)):
        element = film.elements[i]
        if not element.laws() or any(label == other and element == one for other, one in seen):
            continue
        owner = label if all(label != other for other, _ in seen) else owner
        seen.append((label, element))
        yield from ((i, name, f"{owner}.{name}") for name in element.laws())


def _labels(film: Film, *, T: Any) -> Labels:
    outputs = []
    for i, name, path in _places(film):
        spec = film.elements[i].specifications()[name]
        law = film.elements[i].laws()[name].kind.replace("_", " ")
        for part in (".real", ".imag") if spec.kind == "complex" else ("",):
            outputs.append(Output(f"{path}{part}", spec.unit, f"{name}{part}", ("temperature",), {"law": law}))
    return Labels(tuple(outputs), temperature_coordinate(T))


@labelled_observable(
    "values of what follows a law, against temperature",
    _labels,
    one_film=True,
    why_not=dict.fromkeys(THEORIES, "numbers of the film, before any transport"),
)
def law_values(film: Film, T: Annotated[Temperatures, In("K")]) -> dict[str, Any]:
    """The numbers that the laws of a film give at temperatures T, before any transport.

    Args:
        film: one film (no batch) with at least one law, see docs/methods/temperature.md.
        T: temperatures (k,) [K].

    Returns:
        Dataset over `temperature` with a variable for every parameter that follows a law, named by its path and in its
        unit; of a spin Hall angle the number theta, of a complex parameter two.

    Raises:
        ParameterError: a film without a law, a temperature at which one has no value.
    """
    kelvin = temperature_coordinate(T)["temperature"][1]
    found = Film.of(film).at(kelvin)
    out: dict[str, Any] = {}
    for i, name, path in _places(film):
        value, spec = found.elements[i].value(name), film.elements[i].specifications()[name]
        value = value[..., 1, 0] if spec.kind == "angle" else value
        value = array_module(value).broadcast_to(value, np.shape(kelvin))
        out |= {f"{path}.real": value.real, f"{path}.imag": value.imag} if spec.kind == "complex" else {path: value}
    if not out:
        remedy = "Give a parameter one, such as spinstack.BlochGruneisen."
        raise ParameterError("in which nothing follows a law", where="law_values", field="film", remedy=remedy)
    return out
