"""``spinstack help``: what files may say."""

from __future__ import annotations

from spinstack.cli import console


def explain(word: str | None) -> int:
    """Print everything that is called `word`, or lists of all there is; returns the exit code."""
    from spinstack.report import reference

    if word is None:
        for table in (
            reference.kinds(), reference.requests(), reference.steps(), reference.analyses(), reference.fits(),
            reference.priors(),
        ):  # fmt: skip
            console.show(table)
        return 0
    tables, text = reference.about(word)
    if text:
        console.say(text)
    for table in tables:
        console.show(table)
    return 0
