"""The session: undo and redo, settings, files, sessions that were kept."""

from __future__ import annotations

from typing import Any

from spinstack.app import libraries, scene
from spinstack.app.connection import Connection, command
from spinstack.samples.starter import starter
from spinstack.stack import ParameterError
from spinstack.text.document import parse_document


@command
async def hello(page: Connection, session: str = "") -> dict[str, Any]:
    """The tab is there, and which session it had."""
    page.show(page.sessions.of(page.token, session))
    await page.tell(page.described())
    page.computing.want()
    return {"session": page.session.name, "owner": page.owner, **libraries.vocabulary()}


@command
def undo(page: Connection, steps: int = 1) -> None:
    """Back by some states."""
    page.session.go(-abs(steps))


@command
def redo(page: Connection, steps: int = 1) -> None:
    """On by some states."""
    page.session.go(abs(steps))


@command
def view(page: Connection, changes: dict) -> None:  # type: ignore[type-arg]
    """Settings of the page; None takes one away. They are undone like everything else."""
    if "compare" in changes:
        raise ParameterError(
            "which has commands of its own", field="view", got="compare", allowed="facts, sphere, ties"
        )
    set_view(page, changes)


def set_view(page: Connection, changes: dict[str, Any]) -> None:
    new = {name: v for name, v in {**page.session.view, **changes}.items() if v is not None}
    page.session.put(page.session.state.text, f"view: {', '.join(changes)}", new)


@command
async def save(page: Connection) -> str:
    """Write the file that was opened."""
    name = page.session.save().name
    for tab in list(page.session.tabs):
        await tab.heard(True)
    return name


@command
def earlier(page: Connection) -> list[dict[str, Any]]:
    """Sessions that were kept."""
    return list(page.sessions.earlier()) if page.owner else []


@command
async def resume(page: Connection, name: str) -> None:
    """Take the states of a kept session."""
    page.session.opened(kept_session(page, name))


def kept_session(page: Connection, name: str) -> str:
    """The file of a kept session."""
    kept = page.sessions.kept
    if not page.owner or kept is None or not name.replace("-", "").replace("_", "").isalnum():
        raise ParameterError("which is not there", field="session", got=name)
    try:
        return (kept / f"{name}.json").read_text(encoding="utf-8")
    except OSError:
        raise ParameterError("which is not there", field="session", got=name) from None


@command
def open_(page: Connection, text: str, name: str = "") -> None:
    """A sample file, or a session file, in the place of what is there, which is one step of undo away.

    It is not the file that was opened: "save" would write it there, and so there is none any more.
    """
    if name.lower().endswith(".json"):
        page.session.opened(text)
        return
    parse_document(text, name or "film")
    page.session.take(text, f"open {name}".strip())


@command
def new(page: Connection, template: str = "") -> None:
    """An empty page, or one of the files to start from."""
    if template and template not in ("bilayer", "insulator", "torque"):
        raise ParameterError("which there is not", field="template", got=template, allowed="bilayer, insulator, torque")
    text = starter(template, "film") if template else scene.EMPTY  # type: ignore[arg-type]
    page.session.put(text, f"new {template}".strip())


@command
def title(page: Connection, text: str) -> None:
    """What results and figures call the film."""
    if len(text) > 1000:
        raise ParameterError(f"of {len(text)} characters", field="title", allowed="at most 1000")
    page.session.put(scene.set_value(page.session.state.text, ("title",), text or None), "title")
