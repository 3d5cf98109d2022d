"""A file of this package as text: reading it, checking that it is TOML, and saying where something in it is wrong."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spinstack.text.errors import NOTHING, ParameterError, SpinstackError, near_names
from spinstack.text.toml_lines import Key, key_lines

#: version of the file format that this package reads and writes
VERSION = 1
_LARGEST = 10_000_000  # bytes; a sample file has some thousand


class SampleError(ParameterError):
    """A sample or analysis file cannot be used; `key_path` is the path of the key in it, `words` the same in words."""

    key_path: tuple[Key, ...] = ()
    words: str = ""

    def place(self) -> str:
        """File, line and key."""
        if self.source is None:
            return super().place()
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.source}{line}" + (f", {self.words}" if self.words else "")


@dataclass(frozen=True)
class Document:
    """A parsed file: its plain `data`, the name of its `source`, the line of every key, and its text."""

    data: dict[str, Any]
    source: str
    lines: Mapping[tuple[Key, ...], int] = field(default_factory=dict, repr=False)
    error_type: type[SampleError] = SampleError
    text: str = field(default="", repr=False)

    def value(self, key_path: tuple[Key, ...]) -> Any:
        """What stands at a key; None where it is not there."""
        value: Any = self.data
        for key in key_path:
            value = _inside(value, key)
        return value

    def line_of(self, key_path: tuple[Key, ...]) -> int:
        """The line (from 1) of a key such as ``("film", 2, "thickness")``; of what holds it where it is not there."""
        for end in range(len(key_path), 0, -1):
            if key_path[:end] in self.lines:
                return self.lines[key_path[:end]]
        return 1

    def field_of(self, key_path: tuple[Key, ...]) -> str:
        """A key path in words, ``film[2] (interface).mixing_conductance``; entries are counted from 0."""
        words = ""
        value: Any = self.data
        for key in key_path:
            words += f"[{key}]" if isinstance(key, int) else f"{'.' if words else ''}{key}"
            value = _inside(value, key)
            kind = value.get("kind") if isinstance(key, int) and isinstance(value, dict) else None
            if isinstance(kind, str) and re.fullmatch(r"\w{1,30}", kind):
                words += f" ({kind})"
        return words

    def error(
        self, key_path: tuple[Key, ...], why: str = "", *, got: Any = NOTHING, allowed: str = "", remedy: str = ""
    ) -> SampleError:
        """The error to raise for a key, with its source, line and field."""
        return self.located(ParameterError(why, got=got, allowed=allowed, remedy=remedy), key_path)

    def located(self, error: SpinstackError, key_path: tuple[Key, ...]) -> SampleError:
        """The same complaint as one about the key at `key_path`, whatever the field was called before."""
        made = self.error_type(error.why, unit=error.unit, got=error.got, allowed=error.allowed, remedy=error.remedy)
        made.source, made.line, made.key_path = self.source, self.line_of(key_path), key_path
        made.words = self.field_of(key_path)
        names = [key for key in key_path if isinstance(key, str)]
        made.where, made.field = self.field_of(key_path[:-1]), names[-1] if names else ""
        return made

    def unknown_key(self, key_path: tuple[Key, ...], allowed: Iterable[str]) -> SampleError:
        """The error to raise for a key that is not among `allowed`, with the nearest names."""
        names = tuple(allowed)
        near = near_names(str(key_path[-1]), names)
        return self.error(
            key_path, "for an unknown field", got=self.value(key_path), allowed=", ".join(names), remedy=near.strip()
        )


def read_document(
    path: str | os.PathLike[str], *, allowed: Iterable[str] | None = None, what: str = "sample file"
) -> Document:
    """Read a file (TOML 1.0 in UTF-8); raises :class:`SampleError` with file and line where it cannot be used.

    `allowed` are the tables that it may have (None: any), `what` is how people call such a file.
    """
    article = "an" if what.startswith("a") else "a"
    if not isinstance(path, str | os.PathLike):
        raise SampleError(
            f"which is not the path of {article} {what}", got=path, remedy="Give text such as 'sample.toml'."
        )
    source = os.fsdecode(os.fspath(path))
    file = Path(source)
    try:
        if file.is_dir():
            raise _unusable(source, "is a folder", f"Give the {what} in it.")
        if not file.exists():
            near = near_names(file.name, (p.name for p in file.parent.glob("*.toml"))) if file.parent.is_dir() else ""
            raise _unusable(source, "there is no such file", f"{near}Give the path of {article} {what} (.toml).")
        if not file.is_file() or file.stat().st_size > _LARGEST:
            raise _unusable(source, f"is not {article} {what} but a device or larger than 10 MB", "Give a text file.")
        raw = file.read_bytes()
    except SampleError:
        raise
    except (OSError, ValueError) as error:
        raise _unusable(source, f"cannot be read ({error})", "Check the path and its permissions.") from error
    return parse_document(_decoded(raw, source), source, allowed=allowed)


def parse_document(text: str, source: str = "sample", *, allowed: Iterable[str] | None = None) -> Document:
    """Parse the text of a sample file and check its format version and the names of its tables."""
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text)
        document = Document(data, source, key_lines(text), text=text)
    except RecursionError:
        raise _unusable(source, "brackets are nested too deeply", "Write the film as [[film]] tables.") from None
    except ValueError as error:
        raise _not_toml(error, text, source) from None
    if allowed is not None:
        check_tables(document, allowed)
    _check_version(document)
    for key in ("title", "description"):
        if not isinstance(data.get(key, ""), str):
            raise document.error((key,), "which is not text", got=data[key], remedy="Put it in quotes.")
    return document


def check_tables(document: Document, allowed: Iterable[str]) -> None:
    """Refuse a table that is not among `allowed`."""
    names = tuple(allowed)
    unknown = [document.unknown_key((key,), names) for key in document.data if key not in names]
    if unknown:
        raise SampleError.several(unknown)


def _inside(value: Any, key: Key) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return None


def _unusable(source: str, why: str, remedy: str = "", line: int | None = None, got: Any = NOTHING) -> SampleError:
    """The error about a file as a whole, or about a line of it that is not TOML."""
    return SampleError(why, got=got, remedy=remedy, source=source, line=line)


def _decoded(raw: bytes, source: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unusable(source, "is UTF-16 text", "Save it as UTF-8.")
    if b"\0" in raw:
        raise _unusable(source, "is a binary file", "Give TOML text in UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"got the byte 0x{raw[error.start]:02x}, which is not UTF-8 (Latin-1, perhaps)"
        remedy = "Save the file as UTF-8, or write 'u' for micro and 'Ohm' for the unit."
        raise _unusable(source, why, remedy, raw.count(b"\n", 0, error.start) + 1) from None


def _not_toml(error: ValueError, text: str, source: str) -> SampleError:
    message = str(error)
    place = re.search(r" \(at line (\d+), column \d+\)$| \(at end of document\)$", message)
    line = text.count("\n") + 1
    got: Any = NOTHING
    if place:
        message = message[: place.start()]
        if place[1]:
            line = int(place[1])
            got = text.split("\n")[line - 1].strip()
        else:
            message += " at the end of the file, which may be cut off"
    remedy = 'Values with units are text in quotes: thickness = "5 nm".'
    if "overwrite" in message or "twice" in message or "mutate" in message:
        heads = re.findall(r"(?m)^\s*\[+\s*(\w+)\s*\]", "\n".join(text.split("\n")[:line])) or ["film"]
        remedy = f"A name may stand only once in a table; each {heads[-1]} begins with its own [[{heads[-1]}]]."
    return _unusable(source, f"not valid TOML: {message}", remedy, line, got)


def _check_version(document: Document) -> None:
    version = document.data.get("spinstack")
    first = f"Begin the file with spinstack = {VERSION}."
    if version is None:
        raise document.error(("spinstack",), "missing, the version of the file format", remedy=first)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise document.error(("spinstack",), "which is not a version of the file format", got=version, remedy=first)
    if version > VERSION:
        raise document.error(
            ("spinstack",),
            f"a file format newer than this program, which knows versions up to {VERSION}",
            got=version,
            remedy="Install a newer spinstack.",
        )
