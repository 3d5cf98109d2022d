"""Errors with fields: where, which field, what arrived, what is allowed, what to do; the text is made on printing."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Self

from spinstack.text.plain import visible

_SHOWN = 12  # elements of an array
_TOLD = 50  # errors at once


class _Nothing:
    """Stands for "no value arrived"; None may itself be what arrived."""

    def __repr__(self) -> str:
        return "nothing"

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


class SpinstackError(ValueError):
    """Something that was given is not allowed. Everything this package refuses is one of these.

    Attributes:
        where: what has the field: an element such as ``Metal('Pt')``, a path ``Pt|Co``, a step; "" for an argument.
        field: the argument, parameter or key; "" where it is none.
        unit: unit of the field, shown in brackets; "" where it has none.
        got: what arrived; :data:`NOTHING` where nothing did.
        why: what is wrong, in words.
        allowed: what is allowed, in words.
        remedy: what to do, as whole sentences.
        path: the way to the value inside the object that was checked, such as ``(2, "thickness")`` for the third
            element of a film; a file finds its line by it. By default the field alone.
        source, line: file and line (from 1) of what is wrong; None where it came from no file.
        errors: everything that is wrong at once, this error alone in the usual case.
    """

    def __init__(
        self,
        why: str = "",
        *,
        where: str = "",
        field: str = "",
        unit: str = "",
        got: Any = NOTHING,
        allowed: str = "",
        remedy: str = "",
        path: tuple[str | int, ...] | None = None,
        source: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(why)
        self.path = path if path is not None else (field,) if field else ()
        self.why, self.where, self.field, self.unit = why, where, field, unit
        self.got, self.allowed, self.remedy = got, allowed, remedy
        self.source, self.line = source, line
        self._several: tuple[SpinstackError, ...] = ()

    @property
    def errors(self) -> tuple[SpinstackError, ...]:
        return self._several or (self,)

    @staticmethod
    def several(errors: Sequence[SpinstackError]) -> SpinstackError:
        """One error to raise for all of `errors`; it has the class and fields of the first and prints them all."""
        first = errors[0].with_fields()
        first._several = tuple(one for error in errors for one in error.errors) if len(errors) > 1 else ()
        return first

    def with_fields(self, **changes: Any) -> Self:
        """The same error with some fields changed."""
        changed = copy.copy(self)
        # programs that send exceptions about (tblib) have them copied with one __dict__ for both
        changed.__dict__ = dict(self.__dict__)
        changed._several = ()
        for name, value in changes.items():
            setattr(changed, name, value)
        return changed

    def inside(self, before: str = "") -> Self:
        """The same complaint about a part of something else: place and value are told, what is allowed stays fields."""
        told = str(self.with_fields(allowed="", remedy="", source=None, line=None))
        return self.with_fields(why=f"{before}{told}", where="", field="", unit="", got=NOTHING, path=())

    def fields(self) -> dict[str, Any]:
        """Every field by name, for programs that show errors in their own way."""
        names = ("where", "field", "unit", "got", "why", "allowed", "remedy", "source", "line")
        return {name: getattr(self, name) for name in names}

    def place(self) -> str:
        """Where it is, in words: ``Metal('Pt').thickness [m]``, or file, line and field."""
        owner = ".".join(part for part in (self.where, self.field) if part)
        unit = f" [{self.unit}]" if self.unit and self.unit != "1" else ""
        line = "" if self.line is None else f"line {self.line}"
        return ", ".join(part for part in (self.source, line, (owner + unit).strip()) if part)

    def complaint(self) -> str:
        """What is wrong and what to do, without the place."""
        got = "" if self.got is NOTHING else f"got {shown(self.got)}"
        text = ", ".join(part for part in (got, self.why) if part)
        # a clause that explains itself at length already ends like a sentence
        sentences = [text if text.endswith((".", "?", "!")) else f"{text}." if text else ""]
        if self.allowed:
            sentences.append(f"Allowed: {self.allowed}.")
        if self.remedy:
            sentences.append(self.remedy)
        return " ".join(sentence for sentence in sentences if sentence)

    def __str__(self) -> str:
        if self._several:
            more = len(self._several) - _TOLD
            rest = [f"... and {more} more."] if more > 0 else []
            return "\n".join([*map(str, self._several[:_TOLD]), *rest])
        return visible(": ".join(part for part in (self.place(), self.complaint()) if part))


class ParameterError(SpinstackError):
    """A parameter or an argument has a value that is not allowed."""


class Problems:
    """Everything that is wrong with one thing, to be reported at once.

    ``with problems:`` keeps an error for later and goes on behind the block; :meth:`end` raises what was kept.
    """

    def __init__(self) -> None:
        self.errors: list[SpinstackError] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        if not isinstance(error, SpinstackError):
            return False
        self.errors += error.errors
        return True

    def end(self) -> None:
        """Raise one error for all that were kept, of the class of the first; nothing where there are none."""
        if self.errors:
            raise SpinstackError.several(self.errors)


def shown(value: Any) -> str:
    """The value for a message, cut to a readable length; a large array by its shape."""
    size, shape = getattr(value, "size", None), getattr(value, "shape", None)
    if isinstance(size, int) and isinstance(shape, tuple) and size > _SHOWN:
        return f"an array of shape {shape}"
    try:
        text = repr(value)
    except Exception:  # of whole numbers Python writes out some thousand digits; objects of others may fail, too
        return "a whole number of thousands of digits" if isinstance(value, int) else f"a {type(value).__name__}"
    if type(value) is not str:  # numbers of arrays, alone or in a list, are read as numbers
        text = re.sub(r"\bnp\.(?:float|int|uint|complex|str_)\d*\(([^()]*)\)", r"\1", text)
        text = re.sub(r"\bnp\.(True|False)_", r"\1", text)
    if text.startswith("<") and "\n" in text:  # a dataset tells all that is in it
        return f"a {type(value).__name__}"
    text = re.sub(r"\s*\n\s*", " ", text)  # arrays are written over many lines
    return text if len(text) <= 120 else f"{text[:120]}..."


def near_names(wrong: str, names: Iterable[str]) -> str:
    """ "Did you mean 'thickness'? ", or nothing where no name is near."""
    known = list(names)
    near = [name for name in known if name.casefold() == wrong.casefold()]
    near = near or difflib.get_close_matches(wrong, known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
