"""Where each key of a TOML text stands, so that an error can name the line.

:mod:`tomllib` gives values without positions. This is a second, tolerant pass over text that tomllib has accepted:
it follows headers, keys and brackets, and reads no values.
"""

from __future__ import annotations

import re
import tomllib

Key = str | int

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}' r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}" r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> dict[tuple[Key, ...], int]:
    """The line (from 1) of every key, table and array entry of a valid TOML text, by its path of keys and positions."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[tuple[Key, ...], int] = {}
        self.tables: dict[tuple[Key, ...], int] = {}  # how many tables each [[array]] has so far
        self._line, self._counted = 1, 0

    def run(self) -> dict[tuple[Key, ...], int]:
        table: tuple[Key, ...] = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.assignment(table)
            self.skip(_BLANK)
        return self.lines

    def skip(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self.text, self.at):
            self.at = match.end()

    def here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def note(self, path: tuple[Key, ...], line: int) -> None:
        # the tables that a dotted key or header opens on its way start there, too
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def keys(self) -> list[str]:
        parts = []
        while match := _KEY.match(self.text, self.at):
            raw = match[1]
            parts.append(next(iter(tomllib.loads(f"{raw} = 0"))) if raw[0] == '"' else raw.strip("'"))
            self.at = match.end()
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return parts

    def header(self) -> tuple[Key, ...]:
        line = self.here()
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        path: tuple[Key, ...] = ()
        *parents, last = self.keys()
        for key in parents:
            path = (*path, key)
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
        path = (*path, last)
        if many:
            count = self.tables[path] = self.tables.get(path, 0) + 1
            path = (*path, count - 1)
        self.note(path, line)
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        return path

    def assignment(self, table: tuple[Key, ...]) -> None:
        line = self.here()
        path = (*table, *self.keys())
        self.note(path, line)
        self.at = self.text.index("=", self.at) + 1
        self.skip(_BLANK)
        self.value(path)

    def value(self, path: tuple[Key, ...]) -> None:
        opening = self.text[self.at]
        if opening not in "[{":
            self.skip(_STRING if opening in "\"'" else _SCALAR)
            return
        self.at += 1
        self.skip(_BLANK)
        position = 0
        while self.text[self.at] not in "]}":
            if opening == "{":
                self.assignment(path)
            else:
                self.note((*path, position), self.here())
                self.value((*path, position))
                position += 1
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1
