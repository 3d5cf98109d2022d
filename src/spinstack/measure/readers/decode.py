"""Bytes of a file to text: byte order marks, encodings, line ends; what is no text is refused."""

from __future__ import annotations

import codecs
import re
import stat
from pathlib import Path
from typing import NamedTuple

from spinstack.measure.measurement import MeasurementError

#: a file is read into memory once; a measurement larger than this is not one file of a meter
LARGEST = 2**31
_PRINTABLE = bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100)) + b"\t\n\r\f"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: how zip (.xlsx, .ods), gzip and old workbooks (.xls) begin
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_C1_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")


class Text(NamedTuple):
    """A text as UTF-8 with lines that end in a line feed, and how it was written in the file."""

    data: bytes
    encoding: str
    line_end: str

    def head(self, lines: int) -> str:
        """The first lines, at most 4 MiB of them."""
        return b"\n".join(self.data[: 1 << 22].split(b"\n", lines)[:lines]).decode("utf-8", "ignore")


def load(path: Path, encoding: str | None = None) -> Text:
    """The text of a file. Raises :class:`MeasurementError` for what is not a file, too large, or no text."""
    why, allowed, raw = "", "", b""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            why = "which is not a file"
        elif status.st_size > LARGEST:
            why, allowed = f"which has {status.st_size} bytes", f"at most {LARGEST} bytes"
        else:
            raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = f"which cannot be read: {error}"
    if why:
        raise MeasurementError(why, field="path", got=str(path), allowed=allowed)
    try:
        return decode(raw, encoding)
    except MeasurementError as error:
        raise error.with_fields(source=str(path)) from None


def decode(raw: bytes, encoding: str | None = None) -> Text:
    """Text of bytes: by its byte order mark, as UTF-8, or else as Windows-1252, unless `encoding` says which.

    Raises :class:`MeasurementError` for binary content (control characters), bytes that do not fit the encoding, and
    files that are empty or blank.
    """
    if not raw.strip():
        raise MeasurementError(f"is {'blank' if raw else 'empty'}: it has no text at all")
    if raw.startswith(_PACKED):
        raise MeasurementError("is binary: a packed file or a workbook", remedy="Unpack it, or save it as text (CSV).")
    data, found = _utf8(raw, encoding)
    data = data.rstrip(b"\x1a")  # the end-of-file mark of old systems
    strange = data.translate(None, _PRINTABLE) or (not data.isascii() and _C1_CONTROLS.search(data))
    if strange:
        code = strange[0] if isinstance(strange, bytes) else strange[0][1]
        hint = "If it is text in UTF-16, state the encoding in a description." if b"\0" in raw[:200] else ""
        raise MeasurementError(f"is binary: it holds control characters, such as {code:#04x}", remedy=hint)
    if not data.strip():
        raise MeasurementError("is blank: it has no text at all")
    crlf, lf, cr = data.count(b"\r\n"), data.count(b"\n"), data.count(b"\r")
    if cr:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    kinds = {"CRLF": crlf, "LF": lf - crlf, "CR": cr - crlf}
    present = [name for name, count in kinds.items() if count]
    return Text(data, found, present[0] if len(present) == 1 else "mixed" if present else "none")


def _utf8(raw: bytes, encoding: str | None) -> tuple[bytes, str]:
    if encoding is not None:
        return _converted(raw, _known(encoding)), encoding
    for mark, name in _MARKS:
        if raw.startswith(mark):
            rest = raw[len(mark) :]
            return _converted(rest, name), f"{name} with byte order mark"
    if raw.isascii():
        return raw, "ascii"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return _converted(raw, "windows-1252"), "windows-1252"
    return raw, "utf-8"


def _converted(raw: bytes, encoding: str) -> bytes:
    try:
        text = raw.decode(encoding)
    except UnicodeError as error:
        raise MeasurementError(f"is binary, or cut off: it is not text in {encoding} ({error})") from None
    return text.removeprefix("\ufeff").encode("utf-8", "replace")


def _known(encoding: str) -> str:
    try:
        if "a".encode(encoding).decode(encoding) == "a":
            return encoding
    except (LookupError, TypeError, ValueError):
        pass
    allowed = "names such as 'utf-8', 'utf-16', 'windows-1252'"
    raise MeasurementError("which is not known", field="encoding", got=encoding, allowed=allowed)
