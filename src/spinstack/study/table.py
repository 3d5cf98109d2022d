"""One table of a file while it is read: what it holds, where it stands, and what was found wrong so far.

Nothing that is wrong ends the reading: complaints are collected, and :meth:`Table.finish` raises all of them as one
error, each with its file, line and field.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from spinstack.study.arguments import Meaning, read
from spinstack.text.document import Document, SampleError
from spinstack.text.errors import ParameterError, SpinstackError
from spinstack.text.toml_lines import Key


@dataclass(frozen=True)
class Table:
    """A table of a document, the document itself where `path` is empty; tables made from it share its `problems`."""

    document: Document
    path: tuple[Key, ...]
    data: Mapping[str, Any]
    problems: list[SampleError] = field(default_factory=list)

    @classmethod
    def of(cls, document: Document) -> Table:
        """The whole document."""
        return cls(document, (), document.data)

    def refuse(self, error: SpinstackError, *keys: Key) -> None:
        """Note that something is wrong with this table, or with what stands at `keys` in it."""
        self.problems.extend(self.document.located(one, (*self.path, *keys, *one.path)) for one in error.errors)

    def refuse_as_told(self, error: SpinstackError, *keys: Key, before: str = "") -> None:
        """Note a complaint about something else, such as a part of the film, with what it is about in its words."""
        for one in error.errors:
            self.refuse(one.inside(before), *keys)

    @contextmanager
    def refusing(self, *keys: Key) -> Iterator[None]:
        """Note what the block raises instead of raising it."""
        try:
            yield
        except SampleError as error:
            self.problems.extend(error.errors)  # type: ignore[arg-type]
        except SpinstackError as error:
            self.refuse(error, *keys)

    @contextmanager
    def refusing_all(self, *keys: Key) -> Iterator[None]:
        """The same for a value as a whole, whatever its part is called in the complaint."""
        try:
            yield
        except SpinstackError as error:
            for one in error.errors:
                self.refuse(one.with_fields(path=()), *keys)

    @contextmanager
    def telling(self, *keys: Key) -> Iterator[None]:
        """Note what the block raises about something else, such as a part of the film."""
        try:
            yield
        except SpinstackError as error:
            self.refuse_as_told(error, *keys)

    def finish(self) -> None:
        """Raise everything that is wrong."""
        if self.problems:
            raise SampleError.several(self.problems)

    def inside(self, *keys: Key, data: Mapping[str, Any] | None = None) -> Table:
        """The table that stands under `keys`, or `data` in its place."""
        value: Any = self.data
        for key in keys if data is None else ():
            value = value[key]
        return Table(self.document, (*self.path, *keys), value if data is None else data, self.problems)

    def without(self, *names: str) -> Table:
        """This table without some of its keys."""
        return self.inside(data={k: v for k, v in self.data.items() if k not in names})

    def entries(self, section: str) -> list[Table]:
        """The tables of a section: ``[[section]]`` several times, or ``[section]`` once."""
        found = self.data.get(section, [])
        tables = [found] if isinstance(found, dict) else found
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            self.refuse(
                ParameterError("which is not a table", got=found, remedy=f"Begin it with [[{section}]]."), section
            )
            return []
        return [self.inside(section, *(() if isinstance(found, dict) else (i,)), data=t) for i, t in enumerate(tables)]

    def one(self, section: str) -> Table:
        """A table that stands at most once, empty where it is left out."""
        found = self.entries(section)
        for more in found[1:]:
            more.refuse(ParameterError(f"the file has several [{section}] tables", allowed="one"))
        return found[0] if found else self.inside(section, data={})

    def read(
        self,
        function: Callable[..., Any],
        meaning: Meaning,
        *,
        given: int = 0,
        also: Iterable[str] = (),
        optional: Collection[str] = (),
    ) -> dict[str, Any]:
        """The arguments of `function` from this table, those that are right; what is not is noted."""
        found = read(function, self.data, meaning, given=given, also=also, optional=optional)
        for error in found.errors:
            self.refuse(error)
        return found.arguments
