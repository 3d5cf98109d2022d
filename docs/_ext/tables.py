"""Tables of words are stacks on a phone: every cell then says of which column it is."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

#: a cell of more characters than this is text that wants the width of the page
LONG = 25


class Stacks(SphinxPostTransform):
    """Name the columns inside the cells of tables that hold text; the style sheet shows the names where it stacks."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for table in self.document.findall(nodes.table):
            head = next(iter(table.findall(nodes.thead)), None)
            if head is None or next(iter(table.findall(nodes.image)), None) is not None:
                continue
            names = [entry.astext() for entry in head.findall(nodes.entry)]
            rows = [list(row.findall(nodes.entry)) for row in next(iter(table.findall(nodes.tbody))).children]
            if all(len(entry.astext()) <= LONG for row in rows for entry in row[1:]):
                continue
            table["classes"].append("stacked")
            for row in rows:
                for name, entry in zip(names[1:], row[1:], strict=True):
                    if name and entry.astext():
                        entry.children[0].insert(0, nodes.inline("", name, classes=["column-name"]))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_post_transform(Stacks)
    return {"parallel_read_safe": True}
