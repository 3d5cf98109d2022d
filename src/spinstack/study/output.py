"""``[output]`` of a file: where results go, and which figures are drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spinstack.study.arguments import Meaning
from spinstack.study.table import Table
from spinstack.text.errors import ParameterError


@dataclass(frozen=True)
class Output:
    """The folder, "" where the file does not say, and formats of figures."""

    directory: str = ""
    figures: Sequence[Literal["png", "pdf", "svg"]] = ("png", "pdf")

    @classmethod
    def read(cls, root: Table) -> Output:
        """``[output]`` of a document; what is wrong is noted there."""
        table = root.one("output")
        none = table.data.get("figures") == []
        given = (table.without("figures") if none else table).read(cls, Meaning()) | ({"figures": ()} if none else {})
        if "directory" in given and not given["directory"].strip():
            table.refuse(ParameterError(got=given["directory"], allowed="the path of a folder, as text"), "directory")
        return cls(**given)
