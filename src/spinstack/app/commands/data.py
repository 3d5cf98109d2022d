"""Libraries, measured files, fits, and what leaves the page."""

from __future__ import annotations

import asyncio
from typing import Any

from spinstack.app import export, fits, libraries, measured, scene
from spinstack.app.connection import Connection, command
from spinstack.stack import ParameterError


@command
def material(page: Connection, name: str, kind: str) -> dict[str, Any]:
    """What the library knows of a material or an interface, with sources."""
    return libraries.told(name, kind)


@command
def upload(page: Connection, name: str, part: int, parts: int, body: bytes) -> dict[str, Any] | None:
    """A part of a file that was dropped on the page; behind the last what was seen in it."""
    path = page.files.take(name, part, parts, body)
    return None if path is None else measured.seen(path)


@command
async def overlay(page: Connection, name: str, options: dict) -> dict[str, Any]:  # type: ignore[type-arg]
    """Read a file that was dropped, as the dialogue said, and lay it over the panels that show the same."""
    made = await asyncio.to_thread(page.files.read, name, options)
    await page.tell(page.described())
    for one in made:
        head, arrays = one.message()
        await page.tell(head, arrays)
    await page.computing.laid_over()
    return {"overlays": [one.name for one in made]}


@command
async def forget(page: Connection, name: str) -> None:
    """Without what was laid over."""
    page.files.forget(name)
    await page.tell(page.described())
    await page.computing.laid_over()


@command
async def fit_start(
    page: Connection,
    parameters: list,  # type: ignore[type-arg]
    overlays: list,  # type: ignore[type-arg]
    mechanisms: bool = False,
    metal: str = "",
    magnet: str = "",
    candidates: list | None = None,  # type: ignore[type-arg]
    of: str = "parameters",
) -> None:
    """Fit parameters of the film to what is laid over it; weigh mechanisms, and say what to measure next."""
    if page.fit is not None and page.fit.runs:
        raise ParameterError("another one is under way", field="fit", remedy="Stop it first.")
    question = fits.Question(mechanisms, metal, magnet, (candidates or [])[:20], of)
    text = fits.fit_text(page.session, page.files, parameters, overlays, question)
    page.fit = fits.Fitting(text, page.session, page.files.folder, question)
    page.fit.start(asyncio.get_running_loop(), page.tell)


@command
def measurable(page: Connection, candidate: dict) -> list[dict[str, Any]]:  # type: ignore[type-arg]
    """What a measurement would tell that could be made: variables with their units."""
    film = page.session.read().film
    if film is None:
        raise ParameterError("without a film that can be computed", field="fit")
    return fits.outputs(film, candidate)


@command
def fit_stop(page: Connection) -> None:
    """Stop the fit that is under way; what is complete stays."""
    if page.fit is not None:
        page.fit.stop()


@command
def fit_take(page: Connection) -> None:
    """The film with the values that the fit found."""
    if page.fit is None or not page.fit.values:
        raise ParameterError("none has been found", field="fit")
    text = page.session.state.text
    for place, written in page.fit.written():
        text = scene.set_value(text, place, written)
    page.session.put(text, "values of the fit")


@command
async def export_(page: Connection, what: str, panel: str = "", form: str = "png", variable: str = "") -> None:
    """A figure of a panel, its numbers, the sample file, the session, a script."""
    shown = export.Shown.of(page.session)
    async with page.exporting:
        name, content, kind = await asyncio.to_thread(export.made, shown, what, panel, form, variable)
    await page.tell({"do": "file", "name": name, "type": kind, "bytes": len(content)}, _bytes(content))


def _bytes(content: bytes) -> dict[str, Any]:
    """Bytes as numbers of eight, padded: the message says how many there are."""
    import numpy as np

    padded = content + b"\0" * (-len(content) % 8)
    return {"content": np.frombuffer(padded, dtype="<f8")}
