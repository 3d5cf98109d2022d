"""What turns in a scan of an angle, and what every magnet does meanwhile (docs/methods/rotations.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from spinstack.insulator.magnet import Magnet, magnet_model
from spinstack.numerics.arrays import is_traced
from spinstack.observables.planes import Mounting, directions
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import ALONG_FIELD, AXES, finds_its_place
from spinstack.stack.film import magnet_labels
from spinstack.text.checks import choice

Turns = Literal["magnetisation", "field"]

#: what turns, in the words of labels
SYMBOLS: dict[str, str] = {"magnetisation": "m", "field": "B"}
#: angle [rad] by which the field is behind where a direction may be free: the order is where it was just before
_BEHIND = 1e-9
_REMEDY = 'Give turns="field" and the strength of a field: the magnet then finds its place in it.'


class Turning(NamedTuple):
    """What turns, and the direction of magnets that do not as the user gave it."""

    turns: Turns
    m: Any


def what_turns(film: Film, turns: Any, field: Any, m: Any) -> Turning:
    """What turns, the magnetisation where it can be and nothing else is said; raises ParameterError."""
    if turns is not None:
        choice(turns, "turns", SYMBOLS)
    models = _models(film)
    free = [label for label in models if not _given(m, label)]
    stuck = [label for label in free if (model := models[label]) is not None and not model.saturates]
    still = not is_traced(field) and field == 0
    if turns is None:
        turns = "field" if stuck or not models else "magnetisation"
        if stuck and still:
            why = f"in which nothing turns: {_named(stuck)} cannot be held in every direction"
            raise ParameterError(why, field="field", got=field, remedy=_REMEDY)
        return _checked(Turning(turns, m), film, free, field)
    if turns == "field" and still:
        why = 'in which nothing turns with turns="field"'
        raise ParameterError(why, field="field", got=field, remedy="Give its strength in tesla, for example 5.")
    if turns == "magnetisation" and stuck:
        why = f"but {_named(stuck)} cannot be held in every direction"
        raise ParameterError(why, field="turns", got=turns, remedy=_REMEDY)
    if turns == "magnetisation" and not models:
        raise ParameterError("but the film has no magnet", field="turns", got=turns, allowed="'field'")
    return _checked(Turning(turns, m), film, free, field)


def _checked(found: Turning, film: Film, free: list[str], field: Any) -> Turning:
    """The same, where every magnet has something to do."""
    if found.turns == "magnetisation" and found.m is not None and not (isinstance(found.m, Mapping) and free):
        why = "beside which no magnet is left that turns"
        remedy = 'Name the magnets that do not turn, such as m={"Co": "x"}, or give turns="field".'
        raise ParameterError(why, field="m", got=found.m, remedy=remedy)
    return found


def turned(film: Film, found: Turning, plane: Any, angles: Any, mounting: Mounting, field: Any) -> tuple[Any, Any]:
    """m, as observables take it, and B (angles, 3) [T] of a scan in one plane."""
    u = directions(plane, angles, mounting)
    models = _models(film)
    free = [label for label in models if not _given(found.m, label)]
    if found.turns == "field":
        if any(models[label] is not None and not models[label].follows_field for label in free):  # type: ignore[union-attr]
            u = np.cos(_BEHIND) * u - np.sin(_BEHIND) * directions(plane, angles + 90.0, mounting)
        return found.m, field * u
    B = field * u
    # a strength of anisotropy that nobody can look at: where there is a field, the magnet finds its place itself
    unsure = {label for label in free if (model := models[label]) is not None and model.held}
    alone = unsure if is_traced(field) or field != 0 else set()
    if found.m is None and not alone:
        return (u if models else None), B
    return {**(found.m or {}), **{label: u for label in free if label not in alone}}, B


def labels_of(found: Turning, film: Film, field: Any, mounting: Mounting | None = None) -> dict[str, str]:
    """Attributes of a result: what turns, what each magnet does, how the film is mounted."""
    models, turns = _models(film), found.turns == "magnetisation"
    words = [f"a field of {field:g} T turns"] if field and not turns else []
    for label, model in models.items():
        free = turns and not _given(found.m, label)
        words.append(f"{label} turns" if free else _does(label, model, found.m))
    words += [f"a field of {field:g} T turns with it"] if field and turns else []
    words += [] if models or field else ["nothing turns: no magnet and no field"]
    setup = mounting.words() if mounting is not None else ""
    return {"turns": found.turns, "magnets": ", ".join(words)} | ({"setup": setup} if setup else {})


def magnets_in_words(film: Film, m: Any) -> dict[str, str]:
    """The attribute that says what each magnet does in a field that changes."""
    words = [_does(label, model, m) for label, model in _models(film).items()]
    return {"magnets": ", ".join(words)} if words else {}


def require_held(film: Film, where: str, remedy: str) -> None:
    """Raise ParameterError where a magnet cannot be held in every direction."""
    stuck = [label for label, model in _models(film).items() if model is not None and not model.saturates]
    if stuck:
        raise ParameterError(f"{_named(stuck)} cannot be held in every direction", where=where, remedy=remedy)


def _does(label: str, model: Magnet | None, m: Any) -> str:
    """What a magnet does that does not turn with the scan."""
    if finds_its_place(m):
        return f"{label} follows B with hysteresis" if label in m.names else f"{label} stays where the model holds it"
    if _given(m, label):
        return f"{label} {_kept(m[_key(m, label)] if isinstance(m, Mapping) else m)}"
    if model is None or model.follows_field:
        return f"{label} along B"
    order = "" if model.order_name == "order" else f"{model.order_name} of "
    return f"{order}{label} finds its place in B"


def _kept(direction: Any) -> str:
    if isinstance(direction, str):
        return "along B" if direction == ALONG_FIELD else f"stays along {direction}"
    if np.ndim(direction) != 1 or isinstance(direction[0], str) or is_traced(direction):
        return "has the directions given"
    axes = [name for name, axis in AXES.items() if np.array_equal(direction, axis)]
    return f"stays along {axes[0] if axes else '(' + ', '.join(f'{c:.3g}' for c in direction) + ')'}"


def _models(film: Film) -> dict[str, Magnet | None]:
    """The model of every magnet by its label, None where it has none."""
    if not isinstance(film, Film):
        return {}
    magnets = (element for element in film.elements if element.magnetic)
    return dict(zip(magnet_labels(film), map(magnet_model, magnets), strict=True))


def _key(m: Mapping[str, Any], label: str) -> str | None:
    return next((name for name in (label, label.partition("[")[0]) if name in m), None)


def _given(m: Any, label: str) -> bool:
    return _key(m, label) is not None if isinstance(m, Mapping) else m is not None


def _named(labels: list[str]) -> str:
    return " and ".join(labels)
