"""Text of users as what it is: nothing in it may command a terminal, a spreadsheet or a file system."""

from __future__ import annotations

import unicodedata

#: controls, formats such as marks of direction, halves of characters, separators of lines and paragraphs
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: names that Windows gives to devices
_PORTS = (f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$", *_PORTS}
#: first characters of what a spreadsheet takes for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def visible(text: str, lines: bool = False) -> str:
    r"""Text with everything that is not to be seen, or acts, as an escape such as ``\x1b``; line ends stay if asked."""
    if text.isprintable():
        return text
    return "".join(_escaped(c) if _unseen(c) and not (lines and c == "\n") else c for c in text)


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def is_device(name: str) -> bool:
    """Whether Windows takes a file of this name, with any ending, for a device."""
    return name.partition(".")[0].rstrip().casefold() in _DEVICES


def same_file(name: str) -> str:
    """The same for names that some file system takes for one: case and composed letters do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def cell(text: str) -> str:
    """Text for a table of a spreadsheet, where it is never a formula; visible, and behind an apostrophe if need be."""
    shown = visible(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown
