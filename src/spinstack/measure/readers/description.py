"""What a person says about a file: where the columns are, what they mean, in which units. Written and read as TOML."""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spinstack.measure.measurement import MeasurementError
from spinstack.text import store

FORMATS = ("quantum_design", "delimited", "fixed_width")
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "space": " "}
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Column:
    """A column: its head in the file or its number from 1, and its unit, where the head has none.

    Where head and description state different units the file is refused, unless `override` is true.
    """

    column: str | int
    unit: str | None = None
    override: bool = False


@dataclass(frozen=True)
class HeaderValue:
    """A value that stands once in the header of the file, such as the field of an angle scan."""

    key: str
    unit: str | None = None


@dataclass(frozen=True)
class Angle:
    """The angle of a rotator that turns evenly: `turns` in the run, or `rate` such as "0.6 deg/s", from `zero` on.

    Negative turns or rates go backwards.
    """

    turns: float | None = None
    rate: str | None = None
    zero: str = "0 deg"


@dataclass(frozen=True)
class Description:
    """How to read a file; everything left out is found in the file itself, or the file is refused.

    Lines count from 1. `columns`, `from_header` and `constants` give quantities by name (`time`, `field`, `R_xx`, ...,
    or names of your own); `channels` names the channels of Quantum Design files ({"1": "R_xx"}); `missing` lists what
    stands for no value; `widths` cuts lines into columns of so many characters; `attributes` are those of a
    measurement ("film_thickness" = "3 nm"). Raises :class:`MeasurementError` for impossible values.
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
    channels: dict[str, str] = field(default_factory=dict)
    angle: Angle | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _choice("format", self.format, FORMATS)
        _choice("decimal", self.decimal, (".", ","))
        if self.separator is not None and self.separator not in SEPARATORS:
            known = {v: k for k, v in SEPARATORS.items()}
            _choice("separator", known.get(self.separator, self.separator), tuple(SEPARATORS))
            object.__setattr__(self, "separator", known[self.separator])
        if not isinstance(self.comment, str) or len(self.comment) > 4 or not self.comment.isprintable():
            raise _wrong("comment", self.comment, 'a mark such as "#", or "" for none')
        if self.separator is not None and self.decimal == SEPARATORS[self.separator]:
            raise _wrong("decimal", self.decimal, "a decimal mark that is not the separator")
        _whole("header_line", self.header_line, 0)
        _whole("first_line", self.first_line, 1)
        _whole("skip_end", self.skip_end, 0)
        if self.header_line and self.first_line and self.first_line <= self.header_line:
            raise _wrong("first_line", self.first_line, "a line after header_line")
        for width in self.widths:
            _whole("widths", width, 1)
        if not all(isinstance(m, str) for m in self.missing):
            raise _wrong("missing", list(self.missing), 'a list of text, such as ["NaN", "-"]')
        for group in ("columns", "from_header", "constants"):
            for name in getattr(self, group):
                if not isinstance(name, str) or not _NAME.fullmatch(name):
                    raise _wrong(group, name, "names of letters, digits and _, such as R_xx")
        twice = [n for n in self.columns if n in self.from_header or n in self.constants]
        twice += [n for n in self.from_header if n in self.constants]
        if twice:
            raise _wrong("columns", twice[0], "each quantity once, in columns, from_header or constants")

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
        raise _wrong("description", values, "a Description, a mapping, or the path of a TOML file")

    @classmethod
    def load(cls, path: str | Path) -> Description:
        """The description in a TOML file."""
        try:
            return cls.from_toml(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise MeasurementError(f"description: {str(path)!r} cannot be read: {error}.") from None

    @classmethod
    def from_toml(cls, text: str) -> Description:
        """The description in a TOML text."""
        try:
            return _built(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise MeasurementError(f"description: the text is not TOML: {error}.") from None

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
    known = {f.name for f in dataclasses.fields(Description)}
    for key in values:
        if key not in known:
            raise _wrong("description", key, f"the keys {', '.join(sorted(known))}")
    given: dict[str, Any] = dict(values)
    for key in ("missing", "widths"):
        if key in given:
            if not isinstance(given[key], list | tuple):
                raise _wrong(key, given[key], "a list")
            given[key] = tuple(given[key])
    for key in ("columns", "from_header", "constants", "channels", "attributes"):
        if key in given and not isinstance(given[key], Mapping):
            raise _wrong(key, given[key], "a table")
    for key, kind in (("columns", Column), ("from_header", HeaderValue)):
        if key in given:
            given[key] = {n: _entry(f"{key}.{n}", v, kind) for n, v in given[key].items()}
    if "channels" in given:
        given["channels"] = {str(k): v for k, v in given["channels"].items()}
    for group in ("constants", "channels"):
        for name, value in given.get(group, {}).items():
            if not isinstance(value, str):
                raise _wrong(f"{group}.{name}", value, 'text, such as "0.1 mA"' if group == "constants" else "a name")
    if "constants" in given or "channels" in given or "attributes" in given:
        given |= {k: dict(given[k]) for k in ("constants", "channels", "attributes") if k in given}
    if given.get("angle") is not None:
        given["angle"] = _angle(given["angle"])
    for key in ("encoding", "format", "separator", "decimal"):
        if given.get(key) is not None and not isinstance(given[key], str):
            raise _wrong(key, given[key], "text")
    return Description(**given)


def _entry(where: str, value: Any, kind: type) -> Any:
    names = [f.name for f in dataclasses.fields(kind)]
    if isinstance(value, kind):
        return value
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = {names[0]: value}
    if not isinstance(value, Mapping) or names[0] not in value or set(value) - set(names):
        raise _wrong(where, value, f"a table with {', '.join(names)}")
    first, unit = value[names[0]], value.get("unit")
    if kind is Column and isinstance(first, int):
        _whole(where, first, 1)
    elif not isinstance(first, str) or not first.strip():
        raise _wrong(where, first, "the name that stands in the file" + (", or a number" if kind is Column else ""))
    if unit is not None and not isinstance(unit, str):
        raise _wrong(f"{where}.unit", unit, 'text, such as "mV"')
    if not isinstance(value.get("override", False), bool):
        raise _wrong(f"{where}.override", value["override"], "true or false")
    return kind(**value)


def _angle(value: Any) -> Angle:
    if isinstance(value, Mapping) and not set(value) - {"turns", "rate", "zero"}:
        value = Angle(**value)
    if not isinstance(value, Angle) or (value.turns is None) == (value.rate is None):
        raise _wrong("angle", value, 'a table with turns (or rate, such as "0.6 deg/s") and zero')
    number = isinstance(value.turns, int | float) and not isinstance(value.turns, bool)
    if value.turns is not None and not (number and math.isfinite(value.turns) and value.turns):
        raise _wrong("angle.turns", value.turns, "a number that is not zero, such as 1 or -0.5")
    for key in ("rate", "zero"):
        if not isinstance(getattr(value, key), str | None):
            raise _wrong(f"angle.{key}", getattr(value, key), 'text with a unit, such as "90 deg"')
    return value


def _choice(key: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise _wrong(key, value, ", ".join(map(repr, allowed)))


def _whole(key: str, value: Any, least: int) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise _wrong(key, value, f"a whole number from {least} on")


def _wrong(key: str, value: Any, allowed: str) -> MeasurementError:
    return MeasurementError(f"{key}: got {value!r}. Allowed: {allowed}.")
