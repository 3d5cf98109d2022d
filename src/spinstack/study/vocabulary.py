"""The keys of every table of a sample file that asks for results."""

from __future__ import annotations

from spinstack.study.entries import MAP_KEYS, Entry, entries
from spinstack.study.moving_entries import moving_entries


def requests() -> dict[str, Entry]:
    """Every entry, of films and of magnets that move, by the word of its table."""
    return {**entries(), **moving_entries()}


def vocabulary() -> dict[str, tuple[str, ...]]:
    """The keys of every table that asks for results."""
    return {word: entry.keys for word, entry in requests().items()} | {"map": MAP_KEYS}
