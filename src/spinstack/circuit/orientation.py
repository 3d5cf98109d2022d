"""The direction of every magnet: given, or for magnets with a model that of lowest energy in the field."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.insulator.magnet import Magnet, magnet_model
from spinstack.stack import Film, ParameterError
from spinstack.stack.orientation import given_directions

#: m as it arrives: one vector (..., 3), or one per magnet name; None where every magnet finds its own
Directions = Any


def magnet_directions(film: Film, m: Directions, B: Any, T: Any, find: bool = True) -> list[Any]:
    """m (..., 3) of every magnetic element, bottom first; raises ParameterError where one is missing or unknown.

    Without `find`, z stands for the directions that the field decides.
    """
    models = {i: model for i, e in enumerate(film.elements) if (model := magnet_model(e)) is not None}
    magnets = [i for i, e in enumerate(film.elements) if e.magnetic]
    return [
        _in_field(film.elements[i].name, models[i], B, T, find) if given is None else given
        for i, given in zip(magnets, given_directions(film, m, models, B), strict=True)
    ]


def _in_field(name: str, model: Magnet, B: Any, T: Any, find: bool) -> Any:
    try:
        if find:
            return model.equilibrium(B, T)
        model.check_direction(B, T)
    except ParameterError as error:
        raise ParameterError(f"none given for {name!r}", field="m", remedy=str(error)) from None
    return np.array([0.0, 0.0, 1.0])
