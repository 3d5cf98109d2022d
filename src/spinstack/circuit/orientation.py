"""The direction of every magnet: given, or for magnets with a model that of lowest energy in the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spinstack.insulator import Magnet
from spinstack.stack import Element, Film, MagneticInsulator, ParameterError
from spinstack.stack.directions import unit_vector

#: m as it arrives: one vector (..., 3), or one per magnet name; None where every magnet finds its own
Directions = Any


def magnet_model(element: Element | None) -> Magnet | None:
    """The model that an insulator takes its conductances from."""
    model = element.magnet if isinstance(element, MagneticInsulator) else None
    assert model is None or isinstance(model, Magnet)
    return model


def magnet_directions(film: Film, m: Directions, B: Any, T: Any) -> list[Any]:
    """m (..., 3) of every magnetic element, bottom first; raises ParameterError where one is missing or unknown."""
    _check(film, m)
    labels = film.labels()
    return [_direction(film, i, labels, m, B, T) for i, e in enumerate(film.elements) if e.magnetic]


def _direction(film: Film, index: int, labels: Sequence[str], m: Directions, B: Any, T: Any) -> Any:
    name = film.elements[index].name
    model = magnet_model(film.elements[index])
    if m is None and model is not None:
        return _in_field(name, model, B, T)
    if m is None:
        raise ParameterError(
            f"m: missing, but the film has magnets ({', '.join(film.magnets)}). Give m=(0, 1, 0) for all of them, "
            "or a mapping from magnet name to vector."
        )
    if not isinstance(m, Mapping):
        return unit_vector(m)
    same = [i for i, label in enumerate(labels) if label == labels[index] and film.elements[i].magnetic]
    numbered = f"{name}[{same.index(index)}]"
    for key in (numbered, name):
        if key in m:
            return unit_vector(m[key], f"m[{key!r}]")
    if model is not None:
        return _in_field(name, model, B, T)
    raise ParameterError(f"m: no direction for the magnet {name!r}. Magnets of the film: {', '.join(film.magnets)}.")


def _in_field(name: str, model: Magnet, B: Any, T: Any) -> Any:
    try:
        return model.equilibrium(B, T)
    except ParameterError as error:
        raise ParameterError(f"m: none given for {name!r}. {error}") from None


def _check(film: Film, m: Directions) -> None:
    if m is None:
        return
    if not isinstance(m, Mapping):
        unit_vector(m)
        return
    for key in m:
        if not any(key == n or (isinstance(key, str) and key.startswith(f"{n}[")) for n in film.magnets):
            raise ParameterError(
                f"m: {key!r} is not a magnet of the film. Its magnets: {', '.join(film.magnets) or 'none'}."
            )
