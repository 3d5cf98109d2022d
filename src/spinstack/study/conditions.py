"""Conditions of a request as a sample file gives them: the same words for every observable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from spinstack.observables.registry import Named
from spinstack.stack import Element, Film, MagneticInsulator, ParameterError
from spinstack.stack.directions import ALONG_FIELD, AlongField, Direction, scalar, unit_vector
from spinstack.stack.film import magnet_labels
from spinstack.stack.laws import followed
from spinstack.study.arguments import Meaning, beside, convert, missing, plain, unknown
from spinstack.study.table import Table
from spinstack.text.units import In

Vector = tuple[float, float, float]
#: what arguments hold whose annotation lets them be anything
ANY_OF = {
    "m": Direction | AlongField | Mapping[str, Direction | AlongField],
    "B": Annotated[Vector, In("T")],
    "T": Annotated[float, In("K")],
    "E": Annotated[tuple[float, float], In("V/m")],
    "direction": Direction,
}
#: conditions that may be held while something is observed
HELD = ("m", "B", "E", "T", "field")
#: units in which a number alone may stand
_BARE = frozenset({"1", "T", "K", "V/m"})


def meaning(film: Film) -> Meaning:
    """What values mean in a request for `film`."""

    def part(value: Any, mark: Named) -> str:
        names = mark.names(film)
        if value not in names:
            raise ParameterError(got=value, allowed=_names(mark, names))
        return str(value)

    return Meaning(bare=_BARE, any_of=ANY_OF, beside={Named: part})


def _names(mark: Named, names: tuple[str, ...]) -> str:
    return f"the film's {mark.words}: {', '.join(names) or 'none'}"


def named(kinds: Mapping[str, Any]) -> dict[str, Named]:
    """Arguments that name a part of the film."""
    return {n: mark for n, hint in kinds.items() for mark in beside(hint) if isinstance(mark, Named)}


def fill_names(table: Table, film: Film, marks: Mapping[str, Named], arguments: dict[str, Any]) -> None:
    """Arguments that name a part of the film and are left out: the only one there is, else an error."""
    for name in {*marks} - {*table.data}:
        mark = marks[name]
        names = mark.names(film)
        if len(names) == 1:
            arguments[name] = names[0]
        elif not names:
            table.refuse(ParameterError(f"the film has no {mark.words}"))
        else:
            table.refuse(ParameterError("missing", allowed=_names(mark, names)), name)


def read_temperature(
    table: Table, beside: Table, film: Film, hint: Any, arguments: dict[str, Any], needed: bool
) -> None:
    """T, which may stand in a table or beside it; what is not allowed is noted, and where one is `needed`.

    Magnet models, and laws of the temperature, always need one.
    """
    at = table if "T" in table.data else beside
    kind = ANY_OF["T"] if plain(hint) is Any else hint
    if at is beside and beside is not table and "T" in beside.data:
        with beside.refusing("T"):
            arguments["T"] = convert(beside.data["T"], kind, "K", meaning(film))
    elif at is table and beside is not table and "T" in beside.data:
        beside.refuse(
            ParameterError("and another one for the observable", got=beside.data["T"], remedy="Give one."), "T"
        )
    models, laws = ", ".join(_thermal_models(film)), ", ".join(followed(film))
    if "T" in arguments:
        try:
            scalar(arguments["T"], "T", "from 0 K", low=0)
        except ParameterError as error:
            at.refuse(error.with_fields(got=at.data["T"]))
    elif "T" not in at.data and (needed or models or laws):
        said = [f"conductances of {models} follow from it"] if models else []
        said += [f"laws of {laws} depend on it"] if laws else []
        why = f", the temperature: {', and '.join(said)}" if said else ""
        also = dict.fromkeys(law.without_temperature for e in film for law in e.laws().values())
        at.refuse(missing("T", kind, meaning(film), why).with_fields(remedy=" ".join(filter(None, also))))


def directions(table: Table, film: Film, hint: Any, in_field: bool, turn: bool = False) -> Any:
    """``m``: a direction for all magnets, or for each by name; what is wrong is noted.

    A magnet with a model may be left out where it takes a direction by itself; every other needs one. `in_field`:
    whether there is a magnetic field. `turn`: whether magnets turn that have no direction here.
    """
    magnets = film.magnets
    given = "m" in table.data
    if not magnets:
        if given:
            table.refuse(ParameterError("given, but the film has no magnet", remedy="Leave it out."), "m")
        return None
    elements = [e for e in film if e.magnetic]
    labels = magnet_labels(film)
    held = [n for n, e in zip(labels, elements, strict=True) if not (turn or finds_direction(e, in_field))]
    if not given:
        if held:
            along = '"along B" (saturated in the field), or ' if in_field else ""
            remedy = f'Give m = {along}the direction that they keep, such as "y", or a table of these by name.'
            table.refuse(ParameterError(f"no direction for {', '.join(held)}", remedy=remedy), "m")
        return None
    with table.refusing("m"):
        m = convert(table.data["m"], ANY_OF["m"] if plain(hint) is Any else hint, "1", meaning(film))
        if not isinstance(m, dict):
            return _unit(m)
        known = tuple(dict.fromkeys((*magnets, *labels)))
        for name in m:
            if name not in known:
                raise unknown(name, m[name], known, "magnet")
        for label in held:
            if label not in m and label.partition("[")[0] not in m:
                raise ParameterError(f"no direction for the magnet {label!r}", remedy=f"Magnets: {', '.join(magnets)}.")
        return {name: _unit(one) for name, one in m.items()} or None
    return None


def _unit(m: Any) -> Any:
    """A direction as a tuple of length 1; words, and several named axes, as they are."""
    several = isinstance(m, tuple) and isinstance(m[0], str)
    return m if several or m == ALONG_FIELD else tuple(unit_vector(m, "").tolist())


def with_models(film: Film) -> dict[str, Any]:
    """The magnet model of every insulator that has one, by the insulator's name."""
    return {e.name: e.magnet for e in film if isinstance(e, MagneticInsulator) and e.magnet is not None}


def thermal(film: Film) -> list[str]:
    """What in a film depends on temperature: insulators with a magnet model, and paths of what follows a law of it."""
    return [*_thermal_models(film), *followed(film)]


def _thermal_models(film: Film) -> list[str]:
    """The insulators whose conductances follow from the temperature."""
    return [name for name, model in with_models(film).items() if model.thermal]


def finds_direction(element: Element, in_field: bool) -> bool:
    """Whether a magnet's model says where it points: along the field, or where its anisotropy wants it."""
    model: Any = element.magnet if isinstance(element, MagneticInsulator) else None
    return model is not None and (in_field or not bool(np.any(model.undecided(np.zeros(3)))))


def applied(arguments: Mapping[str, Any]) -> bool:
    """Whether there is a magnetic field anywhere in a request."""
    return any(np.any(np.asarray(arguments.get(name, 0.0), dtype=float)) for name in ("B", "field"))


def in_words(arguments: Mapping[str, Any]) -> list[str]:
    """Arguments in words: conditions first, what is left out or zero not at all."""
    m = arguments.get("m")
    each = {f"m({name})": v for name, v in m.items()} if isinstance(m, dict) else {"m": m}
    each = {name: v for name, v in each.items() if _one(v)}
    words = [f"{name} {v}" if v == ALONG_FIELD else f"{name} = {vector_words(v)}" for name, v in each.items()]
    E, B, T, along = (arguments.get(name) for name in ("E", "B", "T", "field"))
    words += [f"E = {vector_words(E)} V/m"] if E is not None else []
    words += [f"B = {vector_words(B)} T"] if isinstance(B, tuple) and any(B) else []
    words += [f"B = {along:g} T along the direction that turns"] if isinstance(along, float) and along else []
    words += [f"T = {T:.4g} K"] if isinstance(T, float) else []
    others = {n: v for n, v in arguments.items() if n not in HELD and v is not None}
    return words + [f"{n} {_word(v)}" for n, v in others.items()]


def _word(v: Any) -> str:
    return vector_words(v) if isinstance(v, tuple) else f"{v:.6g}" if isinstance(v, float) else str(v)


def _one(m: Any) -> bool:
    """Whether it is one direction, not none or several axes by name, which are a dimension of the result."""
    return m == ALONG_FIELD or (isinstance(m, tuple) and not isinstance(m[0], str))


def vector_words(v: Any) -> str:
    """A vector, or several names, as text."""
    return f"({', '.join(c if isinstance(c, str) else f'{c:.4g}' for c in v)})"
