"""``[output]`` of a file: where results go, and which figures are drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spinstack.study.arguments import Meaning
from spinstack.study.table import Table
from spinstack.text.errors import ParameterError
from spinstack.text.plain import visible


@dataclass(frozen=True)
class Output:
    """The folder, "" where the file does not say, and formats of figures."""

    directory: str = ""
    figures: Sequence[Literal["png", "pdf", "svg"]] = ("png", "pdf")

    def folder(self, asked: Path | None, file: Path) -> Path:
        """Where the results of a file go: where it was asked for, where the file says, or results/NAME."""
        return expanded(asked or self.directory or Path("results") / file.stem)

    @classmethod
    def read(cls, root: Table) -> Output:
        """``[output]`` of a document; what is wrong is noted there."""
        table = root.one("output")
        none = table.data.get("figures") == []
        given = (table.without("figures") if none else table).read(cls, Meaning()) | ({"figures": ()} if none else {})
        if "directory" in given:
            with table.refusing("directory"):
                _check_directory(given["directory"])
        return cls(**given)


def _check_directory(path: str) -> None:
    if not path.strip() or path != visible(path):
        raise ParameterError(got=path, allowed="the path of a folder, as text that can be read")
    depth = 0
    for part in Path(path).parts[Path(path).is_absolute() or path.startswith("~") :]:
        depth += -1 if part == ".." else 1
        if depth < 0:
            raise ParameterError("which leads out of its folder", got=path, remedy="Ask for it with -o if it is meant.")
    expanded(path)


def expanded(path: str | Path) -> Path:
    """A path whose ``~`` or ``~user`` is the home folder, as in a shell."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ParameterError("whose home folder is not known", got=str(path), remedy="Write the whole path.") from None
