"""Films whose antiferromagnets have domains: the mean of their answers over the populations of these.

Domains are wide beside all that spin does in a film, and the field in its plane is the same in all of them, so that
what is linear in the field is the mean over them by area.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from spinstack.insulator.magnet import Magnet, magnet_model
from spinstack.numerics.arrays import array_module
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions
from spinstack.stack.film import magnet_labels
from spinstack.stack.orientation import given_directions

#: what is no answer of the electrons and the same in every domain
_SAME = ("z",)


def over_domains(answer: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a solver (film, conditions, ...) that answers linearly in the field, as the mean over domains."""

    @functools.wraps(answer)
    def mean(self: Any, film: Film, at: Conditions, *args: Any) -> Any:
        models = _models(film)
        if not models:
            return answer(self, film, at, *args)
        total: Any = None
        for share, held in _populations(film, at, models):
            rank = len(np.broadcast_shapes(film.batch_shape, held.batch))
            total = _added(total, share, answer(self, film, held, *args), rank)
        return total

    return mean


def has_domains(film: Film, at: Conditions) -> bool:
    """Whether a magnet that finds its own direction has several."""
    models = _models(film)
    return bool(models) and len(list(_populations(film, at, models))) > 1


def _models(film: Film) -> dict[int, Magnet]:
    """Magnets that may have domains, by the position of their element."""
    return film.kept(_found) if isinstance(film, Film) else {}


def _found(film: Film) -> dict[int, Magnet]:
    models = ((i, magnet_model(e)) for i, e in enumerate(film.elements))
    return {i: model for i, model in models if model is not None and model.has_domains}


def _populations(film: Film, at: Conditions, models: dict[int, Magnet]) -> Iterator[tuple[Any, Conditions]]:
    """Share and conditions of every population, those of several magnets independent of each other."""
    labels = magnet_labels(film)
    places = [i for i, e in enumerate(film.elements) if e.magnetic]
    free = [i for i in places if magnet_model(film.elements[i]) is not None]
    given = given_directions(film, at.m, free, at.B)
    known = {label: m for label, m in zip(labels, given, strict=True) if m is not None}
    several = [
        (label, models[i].domains(at.B))
        for label, i, m in zip(labels, places, given, strict=True)
        if m is None and i in models
    ]
    if not several:
        yield 1.0, at
        return
    for each in product(*(populations for _, populations in several)):
        share, m = 1.0, dict(known)
        for (label, _), (part, n) in zip(several, each, strict=True):
            share, m[label] = share * part, n
        yield share, at.with_directions(m)


def _added(total: Any, share: Any, found: Any, rank: int) -> Any:
    """`total` with the share (...) of what was found; the first `rank` axes of that are the batch."""
    if isinstance(found, dict):
        return {
            name: value if name in _SAME else _added(total and total[name], share, value, rank)
            for name, value in found.items()
        }
    share = array_module(share, found).asarray(share)
    ahead, behind = (1,) * (rank - share.ndim), (1,) * (found.ndim - rank)
    part = share.reshape(*ahead, *share.shape, *behind) * found
    return part if total is None else total + part
