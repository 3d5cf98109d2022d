"""What a person says about a file: where the columns are, what they mean, in which units. Written and read as TOML."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers.options import NAMES as OPTION_NAMES
from spinstack.text import store
from spinstack.text.checks import choice, is_whole, number, switch, whole, words
from spinstack.text.document import Document
from spinstack.text.errors import Problems, near_names
from spinstack.text.toml_lines import key_lines

FORMATS = ("quantum_design", "delimited", "fixed_width")
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "space": " "}
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Column:
    """Where a quantity stands: in one column.

    Args:
        column: its head in the file, or its number from 1.
        unit: its unit, where the head has none; where the head states another the file is refused.
        override: take `unit` whatever the head states.
    """

    column: str | int
    unit: str | None = None
    override: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.column, str):
            words(self.column, "column", error=MeasurementError)
        else:
            whole(self.column, "column", low=1, remedy="Or give the head of the column.", error=MeasurementError)
        _check_text(self, "unit", 'text, such as "mV"')
        switch(self.override, "override", error=MeasurementError)


@dataclass(frozen=True)
class HeaderValue:
    """A value that stands once in the header of the file, such as the field of an angle scan.

    Args:
        key: what stands before the value.
        unit: its unit, where the header has none.
    """

    key: str
    unit: str | None = None

    def __post_init__(self) -> None:
        words(self.key, "key", error=MeasurementError)
        _check_text(self, "unit", 'text, such as "kOe"')


@dataclass(frozen=True)
class Angle:
    """The angle of a rotator that turns evenly; negative turns or rates go backwards.

    Args:
        turns: how many turns the run has; this or a rate.
        rate: the speed, such as "0.6 deg/s"; needs a column of time.
        zero: the angle of the first row, such as "90 deg".
    """

    turns: float | None = None
    rate: str | None = None
    zero: str = "0 deg"

    def __post_init__(self) -> None:
        if (self.turns is None) == (self.rate is None):
            raise _wrong("turns", self.turns, 'turns, or a rate such as "0.6 deg/s", one of them')
        if self.turns is not None and number(self.turns, "turns", error=MeasurementError) == 0:
            raise _wrong("turns", self.turns, "a number that is not zero, such as 1 or -0.5")
        _check_text(self, "rate", 'text with a unit, such as "0.6 deg/s"')
        _check_text(self, "zero", 'text with a unit, such as "90 deg"')


@dataclass(frozen=True)
class Description:
    """How to read a file; everything left out is found in the file itself, or the file is refused.

    Lines count from 1; quantities have names such as `time`, `field`, `R_xx`, or of your own. Raises
    :class:`MeasurementError` with all impossible values at once.

    Args:
        format: "quantum_design", "delimited" or "fixed_width".
        encoding: how bytes stand for letters, such as "utf-8" or "latin-1".
        separator: "tab", "comma", "semicolon", "bar" or "space", or the character itself.
        decimal: "." or ",".
        comment: what begins a line that is no data; "" where there is none.
        header_line: the line with the heads of the columns; 0 where there is none.
        first_line: the first line of numbers.
        skip_end: lines at the end that are no data.
        widths: cuts lines into columns of so many characters.
        missing: what stands for no value, such as ["NaN", "-"].
        columns: where each quantity stands, as :class:`Column`.
        from_header: quantities that stand once in the header, as :class:`HeaderValue`.
        constants: quantities that the file does not say, such as {"current": "0.1 mA"}.
        option: the instrument option that wrote a Quantum Design file, where the header does not name it.
        channels: what the channels of a Quantum Design file are, such as {"1": "R_xx"}.
        angle: the angle, where a rotator turned evenly and no column holds it, as :class:`Angle`.
        attributes: what else is known of the measurement, such as {"film_thickness": "3 nm"}.
    """

    format: str | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    comment: str = "#"
    header_line: int | None = None
    first_line: int | None = None
    skip_end: int = 0
    widths: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    columns: dict[str, Column] = field(default_factory=dict)
    from_header: dict[str, HeaderValue] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    option: str | None = None
    channels: dict[str, str] = field(default_factory=dict)
    angle: Angle | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = Problems()

        def check(kind: Callable[..., Any], name: str, *options: Any, **limits: Any) -> None:
            if getattr(self, name) is not None:
                with problems:
                    kind(getattr(self, name), name, *options, error=MeasurementError, **limits)

        marks = {mark: name for name, mark in SEPARATORS.items()}
        object.__setattr__(self, "separator", marks.get(str(self.separator), self.separator))
        after = self.header_line if is_whole(self.header_line) else 0
        check(choice, "format", FORMATS)
        check(choice, "separator", SEPARATORS)
        check(choice, "decimal", ["."] if self.separator == "comma" else [".", ","])
        check(choice, "option", OPTION_NAMES)
        check(words, "encoding")
        check(whole, "header_line", low=0)
        check(whole, "first_line", low=1 + (after or 0))
        check(whole, "skip_end", low=0)
        for place, width in enumerate(self.widths):
            with _at(problems, "widths"):
                whole(width, str(place), low=1, error=MeasurementError)
        with problems:
            if not isinstance(self.comment, str) or len(self.comment) > 4 or not self.comment.isprintable():
                raise _wrong("comment", self.comment, 'a mark such as "#", or "" for none')
        with problems:
            if not all(isinstance(m, str) for m in self.missing):
                raise _wrong("missing", list(self.missing), 'a list of text, such as ["NaN", "-"]')
        for group, such in (("constants", 'Write such as "0.1 mA".'), ("channels", 'Write such as "R_xx".')):
            for name, value in getattr(self, group).items():
                with _at(problems, group):
                    words(value, str(name), remedy=such, error=MeasurementError)
        seen: set[str] = set()
        for group in ("columns", "from_header", "constants"):
            for name in getattr(self, group):
                with _at(problems, group):
                    if not _NAME.fullmatch(str(name)):
                        raise _wrong(str(name), name, "names of letters, digits and _, such as R_xx")
                    if name in seen:
                        raise _wrong(name, name, "each quantity once, in columns, from_header or constants")
                seen.add(name)
        problems.end()

    @classmethod
    def of(cls, values: Description | Mapping[str, Any] | str | Path | None) -> Description:
        """A description from a mapping as in the TOML file, or from such a file."""
        if values is None:
            return cls()
        if isinstance(values, cls):
            return values
        if isinstance(values, Mapping):
            return _built(values)
        if isinstance(values, str | Path):
            return cls.load(values)
        allowed = "a Description, a mapping, or the path of a TOML file"
        raise _wrong("description", values, allowed)

    @classmethod
    def load(cls, path: str | Path) -> Description:
        """The description in a TOML file; an error names the line."""
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise MeasurementError(f"which cannot be read: {error}", field="description", got=str(path)) from None
        return cls.from_toml(text, str(path))

    @classmethod
    def from_toml(cls, text: str, source: str | None = None) -> Description:
        """The description in a TOML text; `source` is the name of its file."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise MeasurementError(f"the description is not TOML: {error}", source=source) from None
        try:
            return _built(values)
        except MeasurementError as error:
            lines = Document(values, "", key_lines(text))
            located = [e.with_fields(source=source, line=lines.line_of(e.path)) for e in error.errors]
            raise MeasurementError.several(sorted(located, key=lambda e: e.line or 0)) from None

    def to_dict(self) -> dict[str, Any]:
        """What is given, as plain values; ``Description.of`` reads it back."""
        default = _plain(Description())
        return {k: v for k, v in _plain(self).items() if v != default[k]}

    def to_toml(self, remarks: tuple[str, ...] = ()) -> str:
        """A TOML text, with remarks as comments above."""
        import tomlkit

        document = tomlkit.document()
        for remark in remarks:
            document.add(tomlkit.comment(remark))
        values = self.to_dict()
        for group in ("columns", "from_header"):
            table = tomlkit.table()
            for name, value in values.pop(group, {}).items():
                inline = tomlkit.inline_table()
                inline.update(value)
                table.add(name, inline)
            if table:
                values[group] = table
        for key, value in values.items():
            document.add(key, value)
        return tomlkit.dumps(document)

    def save(self, path: str | Path, remarks: tuple[str, ...] = ()) -> None:
        """Write the TOML file."""
        store.write_text(path, self.to_toml(remarks))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, Description):
            return inner
        return {k: v for k, v in inner.items() if v is not None and v is not False}
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _built(values: Mapping[str, Any]) -> Description:
    """The description, or one error for everything that is wrong in `values`."""
    problems = Problems()
    names = [f.name for f in dataclasses.fields(Description)]
    given: dict[str, Any] = {}
    for key, value in values.items():
        with problems:
            if key not in names:
                near = near_names(str(key), names).strip()
                raise MeasurementError("is no key of a description", field=key, allowed=", ".join(names), remedy=near)
            given[key] = _shaped(key, value)
    for group, kind in (("columns", Column), ("from_header", HeaderValue)):
        entries, given[group] = given.get(group, {}), {}
        for name, entry in entries.items():
            with _at(problems, group, str(name)):
                given[group][name] = _entry(entry, kind)
    if given.get("angle") is not None:
        entry, given["angle"] = given["angle"], None
        with _at(problems, "angle"):
            given["angle"] = _entry(entry, Angle)
    with problems:
        made = Description(**given)
    problems.end()
    return made


def _shaped(key: str, value: Any) -> Any:
    """Lists as tuples, tables as dictionaries."""
    if key in ("missing", "widths"):
        if not isinstance(value, list | tuple):
            raise _wrong(key, value, "a list")
        return tuple(value)
    if key in ("columns", "from_header", "constants", "channels", "attributes"):
        if not isinstance(value, Mapping):
            raise _wrong(key, value, "a table")
        return {str(k) if key == "channels" else k: v for k, v in value.items()}
    return value


def _entry(value: Any, kind: type) -> Any:
    """A column, a value of the header or an angle, from a table or from its first value alone."""
    names = [f.name for f in dataclasses.fields(kind)]
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = {names[0]: value}
    if not isinstance(value, kind | Mapping):
        raise MeasurementError(got=value, allowed=f"a table with {', '.join(names)}")
    if not isinstance(value, Mapping):
        return value
    unknown = [key for key in value if key not in names]
    needed = [f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING and f.name not in value]
    if unknown or needed:
        why = "is no key here" if unknown else "is missing"
        raise MeasurementError(why, field=(unknown + needed)[0], allowed=f"a table with {', '.join(names)}")
    return kind(**value)


@contextmanager
def _at(problems: Problems, *parents: str) -> Iterator[None]:
    """Keeps an error of the block as one about what stands below `parents`."""
    with problems:
        try:
            yield
        except MeasurementError as error:
            raise error.with_fields(where=".".join(parents), path=(*parents, *error.path)) from None


def entry_error(group: str, name: str, why: str = "", **fields: Any) -> MeasurementError:
    """The error about an entry of a table of the description, such as a column."""
    return MeasurementError(why, where=group, field=name, path=(group, name), **fields)


def _check_text(owner: Any, name: str, allowed: str) -> None:
    if not isinstance(getattr(owner, name), str | None):
        raise _wrong(name, getattr(owner, name), allowed)


def _wrong(key: str, value: Any, allowed: str) -> MeasurementError:
    return MeasurementError(field=key, got=value, allowed=allowed)
