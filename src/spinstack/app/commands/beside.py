"""What stands beside the film in every panel: earlier films, those of other files and sessions, other theories."""

from __future__ import annotations

import contextlib
from typing import Any

from spinstack.app import scene
from spinstack.app.commands.session import kept_session, set_view
from spinstack.app.connection import Connection, command
from spinstack.app.session import MOST_BESIDE, states_of
from spinstack.stack import ParameterError
from spinstack.study.theory import solver_of
from spinstack.text.errors import SpinstackError


@command
def compare(page: Connection, what: str, label: str = "", text: str | None = None, solver: str = "boltzmann") -> None:
    """One more beside the film: the film as it is now, that of another `text` ("film"), or another theory ("theory").

    A film that is given may name no file of this machine.
    """
    beside = list(page.session.view.get("compare", []))
    if len(beside) >= MOST_BESIDE:
        why = "which would be one more than are shown beside the film"
        raise ParameterError(why, field="compare", allowed=f"{MOST_BESIDE}", remedy="Take one away first.")
    if what == "theory":
        if any(one.get("solver") == solver for one in beside):
            raise ParameterError("which is beside the film already", field="solver", got=solver)
        solver_of(solver)
        beside.append({"what": what, "solver": solver, "label": label or solver})
    elif what == "film":
        if text is not None:
            found = scene.read(text, label or "film")
            if found.study is None:
                raise found.problems[0] if found.problems else ParameterError("without a film", field="text", got=label)
        held = page.session.state.text if text is None else text
        beside.append({"what": what, "text": held, "label": label or page.session.state.words or "as it was"})
    else:
        raise ParameterError("which nothing can be compared with", field="what", got=what, allowed="film, theory")
    set_view(page, {"compare": _labelled(beside)})


@command
async def compare_earlier(page: Connection, name: str) -> None:
    """The film of a kept session beside the one that is shown."""
    text, found = kept_session(page, name), None
    with contextlib.suppress(SpinstackError):
        found = scene.read(states_of(text)[-1].text, "film").study
    if found is None:
        raise ParameterError("without a film that can be computed", field="session", got=name)
    compare(page, "film", found.title, states_of(text)[-1].text)


@command
def uncompare(page: Connection, index: int) -> None:
    """Without one of those beside the film."""
    beside = _beside(page, index)
    del beside[index]
    set_view(page, {"compare": beside or None})


@command
def relabel(page: Connection, index: int, label: str) -> None:
    """Another name for one of those beside the film."""
    beside = _beside(page, index)
    if not label.strip():
        raise ParameterError("which is empty", field="label", got=label)
    beside[index] = {**beside[index], "label": label.strip()[:60]}
    set_view(page, {"compare": _labelled(beside)})


def _beside(page: Connection, index: int) -> list[dict[str, Any]]:
    beside = list(page.session.view.get("compare", []))
    if not 0 <= index < len(beside):
        raise ParameterError("which is not beside the film", field="index", got=index)
    return beside


def _labelled(beside: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with labels that tell them apart."""
    out: list[dict[str, Any]] = []
    for one in beside:
        label, n = str(one["label"])[:60], 1
        while any(label == other["label"] for other in out):
            n += 1
            label = f"{str(one['label'])[:55]} ({n})"
        out.append({**one, "label": label})
    return out
