"""Panels: requests of the sample file, and those that are stopped."""

from __future__ import annotations

from spinstack.app import libraries, scene
from spinstack.app.connection import Connection, command
from spinstack.stack import ParameterError
from spinstack.text.errors import SpinstackError


@command
def ask(page: Connection, word: str, table: dict) -> None:  # type: ignore[type-arg]
    """One more request, as a sample file has it."""
    if word not in libraries.request_words():
        raise ParameterError("which a file cannot ask for", field="word", got=word)
    before, own = page.session.state.text, page.session.own
    text = scene.ask(before, word, table, own)
    if "m" not in table and (wrong := _wrong_with(page, text, word)) is not None and wrong.field == "m":
        # a direction that stands in the file, where it can be seen and changed
        text = scene.ask(before, word, {**table, "m": "along B" if word == "field_scan" else "y"}, own)
    if (wrong := _wrong_with(page, text, word)) is not None:
        raise wrong
    page.session.put(text, f"show {word}")


def _wrong_with(page: Connection, text: str, word: str) -> SpinstackError | None:
    """What is wrong with the last request of that word, which has just been added."""
    found = page.session.reading(text)
    last = len(found.document.data[word]) - 1 if found.document is not None else 0
    return next((e for e in found.problems if getattr(e, "key_path", ())[:2] == (word, last)), None)


@command
def unask(page: Connection, index: int) -> None:
    """Without the request of that number among those shown."""
    study = page.session.read().study
    if study is None or not 0 <= index < len(study.requests):
        raise ParameterError("which is not there", field="index", got=index)
    text = scene.explicit(page.session.state.text, page.session.own)
    found = page.session.reading(text).study
    assert found is not None
    page.session.put(scene.unask(text, found.requests[index].place), f"hide {found.requests[index].name}")


@command
async def stop(page: Connection, panel: str) -> None:
    """Leave a panel that takes long as it is, until something changes."""
    await page.computing.stop(panel)


@command
def go_on(page: Connection, panel: str) -> None:
    """Compute a panel that was stopped."""
    page.computing.go_on(panel)
